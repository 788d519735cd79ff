"""The way back from text that was taken back from mojibake: what it had been, and which character was which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

from newslake.clean.edits import Edits, Repaired, followed, joined, spans
from newslake.clean.mojibake import Misreading

_STRETCH: Final = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
_ONE_BYTE: Final = ("cp1252", "latin-1", "iso8859-15")


def misread(lines: Sequence[str], misreadings: Sequence[Misreading]) -> tuple[list[str], Edits]:
    r"""Lines as they stood there before they were taken back; others as they are.

    Args:
        lines: of a text that `mojibake.take_back` repaired, whatever was done to it since.
        misreadings: as it gave them.

    Returns:
        as many lines; the edits that lead from them, joined by line feeds, to the repaired ones.

    >>> lines, edits = misread(["会议 1"], [Misreading("utf-8", "latin-1", "会议")])
    >>> lines, edits.rows()
    (['ä¼\x9aè®® 1'], [(0, 3, 1), (3, 6, 1)])
    >>> lines, edits = misread(["会议"], [Misreading("utf-8", "gb18030", "会议")])
    >>> lines, edits.rows()
    (['浼氳\ue185'], [(0, 3, 2)])
    """
    current, edits = list(lines), spans([], [])
    for misreading in reversed(misreadings):
        table = _table(misreading)
        read = [_line(line, misreading, table) for line in current]
        edits = followed(joined((len(one.text), one.edits) for one in read), edits)
        current = [one.text for one in read]
    return current, edits


def _table(misreading: Misreading) -> dict[str, str]:
    """Repaired character → what it had been, where every byte had been read alone."""
    if misreading.wrong not in _ONE_BYTE:
        return {}
    characters = {character for character in misreading.repaired if character > "\x7f"}
    return {one: read for one in characters if (read := _read(one, misreading)) is not None}


def _line(line: str, misreading: Misreading, table: dict[str, str]) -> Repaired:
    """The line as it was, with the edits that repair it."""
    if line.isascii():
        return Repaired(line, spans([], []))
    if misreading.wrong in _ONE_BYTE:
        return _aligned([pair for stretch in _misread(line, misreading) for pair in _read_alone(*stretch, table)])
    known = frozenset(misreading.repaired)
    if not _stands_in(line, misreading):
        return Repaired(line, spans([], []))
    groups: list[tuple[str, str]] = []
    for piece in _pieces(line, known):
        groups += _groups(piece, misreading)
    return _aligned(groups)


def _read_alone(stretch: str, was_misread: bool, table: dict[str, str]) -> list[tuple[str, str]]:
    return [(table.get(one, one), one) for one in stretch] if was_misread else [(stretch, stretch)]


def _misread(line: str, misreading: Misreading) -> list[tuple[str, bool]]:
    """The stretches of a line, and whether each was repaired."""
    if not misreading.untouched:
        return [(line, True)]
    repaired, untouched = misreading.repaired, misreading.untouched
    stretches = _STRETCH.findall(line)
    # What stands elsewhere untouched was misread here only if its neighbours were.
    is_sure = any(one in repaired and one not in untouched for one in stretches if not one.isascii())
    return [(one, not one.isascii() and one in repaired and (is_sure or one not in untouched)) for one in stretches]


def _stands_in(line: str, misreading: Misreading) -> bool:
    """Whether a line holds something that was repaired, and that stands nowhere untouched."""
    runs = [*re.findall(r"[^\x00-\x7f]{2,}", line), line]
    return any(run in misreading.repaired and run not in misreading.untouched for run in runs)


def _pieces(line: str, known: frozenset[str]) -> list[str]:
    """A line, divided where a character stands that was not repaired, such as one that was written as an entity."""
    pieces = [""]
    was_known = True
    for character in line:
        is_known = character in known or character.isascii()
        if is_known != was_known:
            pieces.append("")
        pieces[-1] += character
        was_known = is_known
    return [piece for piece in pieces if piece]


def _groups(piece: str, misreading: Misreading) -> list[tuple[str, str]]:
    """What had been read and what it is, as short as the bytes of both allow."""
    read = _read(piece, misreading)
    if read is None:
        return [(piece, piece)]
    here = _borders(piece, misreading.right)
    there = _borders(read, misreading.wrong)
    if here is None or there is None:
        return [(read, piece)]
    common = sorted(here.keys() & there.keys())
    return [(read[there[start] : there[end]], piece[here[start] : here[end]]) for start, end in pairwise(common)]


def _borders(text: str, charset: str) -> dict[int, int] | None:
    """Byte offset of each border between characters → its code point offset."""
    try:
        lengths = [len(character.encode(charset)) for character in text]
    except UnicodeEncodeError:
        return None
    return {place: number for number, place in enumerate(accumulate(lengths, initial=0))}


def _aligned(groups: Sequence[tuple[str, str]]) -> Repaired:
    starts, ends, lengths = [], [], []
    place = 0
    for read, repaired in groups:
        if read != repaired:
            starts.append(place)
            ends.append(place + len(read))
            lengths.append(len(repaired))
        place += len(read)
    return Repaired("".join(read for read, _ in groups), spans(starts, ends, lengths))


def _read(text: str, misreading: Misreading) -> str | None:
    """What the wrong charset makes of it; None where it makes nothing, or something that no line can hold."""
    try:
        data = text.encode(misreading.right)
    except UnicodeEncodeError:
        return None
    if misreading.wrong == "cp1252":  # Browsers fill its gaps with controls.
        read = "".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in data)
    else:
        try:
            read = data.decode(misreading.wrong)
        except UnicodeDecodeError:
            return None
    return None if "\n" in read else read
