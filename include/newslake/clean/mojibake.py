"""Text that was once decoded with a wrong charset, taken back where that is exact."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from newslake.clean.plausibility import CLEARLY, COMMON_CHINESE, LEAST_MEAN, score, weakest

LEAST_GAIN: Final = 2.5
"""Nats a repaired character by which the repaired text must be more plausible than the text as found."""

LEAST_TOTAL: Final = {True: 8.0, False: 20.0}
"""Nats by which it must be in all, by whether it is valid UTF-8, which is evidence by itself."""

LEAST_WEAKEST: Final = -11.0
"""Mean that every stretch of a text repaired to another charset than UTF-8 must reach: it may hold a rare name."""

MOST_ROUNDS: Final = 2
"""Mojibake of mojibake is taken back, a third layer is not believed."""

_SLOPPY: Final = {
    ord(bytes((byte,)).decode("cp1252")): byte for byte in range(0x80, 0xA0) if byte not in b"\x81\x8d\x8f\x90\x9d"
}
_ANY: Final = ("hans", "hant", "ja", "ko", "latin", "other")
_LATIN_RUN: Final = re.compile(f"[\x80-\xff{''.join(map(chr, _SLOPPY))}]{{2,}}")
_MARKERS: Final = ("锛", "銆", "紝", "ㄛ")
"""What ， and 。 become when UTF-8 is read as GBK, or GBK as Big5."""

_BORDER: Final = re.compile("([\n<>])")
_MARKED: Final = re.compile(f"[{''.join(_MARKERS)}]")
MOST_LINES: Final = 2_000
"""Lines that are repaired one by one; a page of more has not been seen, and a second is a limit."""

LEAST_MARKS: Final = 3
"""Marks of misreading from which an implausible text is taken for mojibake; rare characters alone are none."""

LEAST_RUNS: Final = 4
"""Characters of misread letters in all; a single pair may be what the author wrote."""

_QUOTES: Final = frozenset("‘’“”–—…")
"""What three characters such as â€™ were: nobody writes those."""

COMMON_SHARE: Final = 0.4
"""Share of common Chinese characters from which a short text is as it was written; mojibake has a tenth at most."""

_COMMON: Final = frozenset(COMMON_CHINESE + "，。、：；！？（）“”《》　會議時國來說這個們為後發開業務區產經與報導")

SAMPLE: Final = 500
"""Characters on either side of the middle on which a long text is judged."""

LEAST_SAMPLED: Final = 20
"""Characters beyond ASCII that such a sample has to hold."""

PLAIN: Final = -6.4
"""Mean cost from which a sample is text as it was written; ours lies above -6.1, mojibake of it below -6.8."""

_SHORT: Final = 300
"""Up to so many characters a text may lack 的 and ，, and its common characters are counted."""

_WRONG: Final = ("gb18030", "big5hkscs", "cp932", "cp949", "iso8859-15")
_RIGHT: Final = {
    "utf-8": _ANY,
    "gb18030": ("hans", "hant"),
    "big5hkscs": ("hant",),
    "cp932": ("ja",),
    "cp949": ("ko",),
}


class Misreading(NamedTuple):
    """Bytes written in one charset and read in another.

    Attributes:
        right: the charset in which they were written.
        wrong: the one in which they were read.
        repaired: what was taken back, in pieces joined by line feeds.
        untouched: what was not, of a text of which only pieces were misread.
    """

    right: str
    wrong: str
    repaired: str
    untouched: str = ""

    @property
    def name(self) -> str:
        """Such as "utf-8 as cp1252"; Latin-1 is what browsers read as cp1252."""
        right, wrong = (
            {"big5hkscs": "big5", "latin-1": "cp1252"}.get(charset, charset) for charset in (self.right, self.wrong)
        )
        return f"{right} as {wrong}"


def repair_mojibake(text: str) -> tuple[str, str | None]:
    r"""Takes text back that was decoded wrongly, once or twice.

    Covered are UTF-8 read as Latin-1, cp1252, GBK, Big5, Shift_JIS or EUC-KR, and GBK, Big5,
    Shift_JIS or EUC-KR read as Latin-1 or as each other. Text is changed only where the wrong
    reading can be undone exactly and the result is clearly more plausible.

    Returns:
        the text, and how it had been read, the last reading first ("utf-8 as cp1252", two of them
        joined by a comma); None where nothing was changed.

    >>> repair_mojibake("ä¼šè®®å\x8f¬å¼€")
    ('会议召开', 'utf-8 as cp1252')
    >>> repair_mojibake("NÃO")
    ('NÃO', None)
    """
    text, misreadings = take_back(text)
    return text, ", ".join(one.name for one in misreadings) or None


def take_back(text: str) -> tuple[str, tuple[Misreading, ...]]:
    """The same, with all that `misread` needs to lead back: the misreadings, the last first."""
    taken: list[Misreading] = []
    for _ in range(MOST_ROUNDS):
        found = _taken_back(text) if is_suspicious(text) else None
        if found is None:
            break
        text = found[0]
        taken += found[1]
    return text, tuple(taken)


def is_suspicious(text: str) -> bool:
    """A quick look that lets ordinary text pass: mojibake lacks 的 and ，, or shows its marks.

    >>> is_suspicious("ä¼šè®®"), is_suspicious("plain text")
    (True, False)
    """
    if text.isascii():
        return False
    if "Ã" in text or "\xc2" in text:
        return True
    if len(text) <= _SHORT:
        if _MARKED.search(text):
            return True
        beyond_ascii = sum(character > "\x7f" for character in text)
        return sum(map(_COMMON.__contains__, text)) < COMMON_SHARE * beyond_ascii
    # The commonest marks alone, and spelled out: every decoded text comes this way.
    if "锛" in text or "銆" in text:
        return True
    return "的" not in text and "，" not in text and not _is_plain(text)


def _is_plain(text: str) -> bool:
    """Whether the middle of a text is clearly text of some language."""
    middle = len(text) // 2
    reading = score(text[max(0, middle - SAMPLE) : middle + SAMPLE], _ANY)
    return reading.characters >= LEAST_SAMPLED and reading.mean >= PLAIN


def _taken_back(text: str) -> tuple[str, list[Misreading]] | None:
    before = score(text, _ANY)
    best: tuple[float, str, Misreading] | None = None
    for wrong, data in _encodings(text):
        for right, families in _RIGHT.items():
            if right == wrong:
                continue
            after = strictly(data, right)
            if after is None or not _undoes(after, right, data):
                continue
            reading = score(after, families)
            gain = reading.total - before.total
            needed = max(LEAST_TOTAL[right == "utf-8"], LEAST_GAIN * reading.characters)
            is_better = reading.mean >= CLEARLY and gain >= needed and (best is None or reading.total > best[0])
            if is_better and (right == "utf-8" or weakest(after, families) >= LEAST_WEAKEST):
                best = (reading.total, after, Misreading(right, wrong, after))
    if best is not None:
        return best[1], [best[2]]
    return _runs_taken_back(text) or _lines_taken_back(text)


def _encodings(text: str) -> list[tuple[str, bytes]]:
    found = []
    latin = _latin_bytes(text)
    if latin is not None:
        found.append((_latin_name(text), latin))
    for wrong in _WRONG:
        try:
            found.append((wrong, text.encode(wrong)))
        except UnicodeEncodeError:
            continue
    return found


def _runs_taken_back(text: str) -> tuple[str, list[Misreading]] | None:
    """UTF-8 read as cp1252 within other text: every run that could be it has to be it."""
    runs = _LATIN_RUN.findall(text)
    if not runs:
        return None
    repaired = [_run(run) for run in runs]
    changed = [new for run, new in zip(runs, repaired, strict=True) if new != run]
    whole = sum(len(run) for run, new in zip(runs, repaired, strict=True) if new != run)
    are_quotes = bool(changed) and all(new in _QUOTES for new in changed)
    are_letters = whole >= LEAST_RUNS and any(map(str.isalpha, "".join(changed)))
    if whole < 0.9 * sum(map(len, runs)) or not (are_quotes or are_letters):
        return None
    new, again = iter(repaired), iter(repaired)
    untouched = _LATIN_RUN.sub(lambda run: run[0] if next(again) == run[0] else "\n", text)
    misread = "".join(run for run, new in zip(runs, repaired, strict=True) if new != run)
    misreading = Misreading("utf-8", _latin_name(misread), "\n".join(changed), untouched)
    return _LATIN_RUN.sub(lambda _: next(new), text), [misreading]


def _lines_taken_back(text: str) -> tuple[str, list[Misreading]] | None:
    """Line by line and element by element, where not all of a page was misread or some of it was lost."""
    pieces = _BORDER.split(text)
    marked = [number for number, piece in enumerate(pieces) if _MARKED.search(piece)]
    if len(pieces) == 1 or len(marked) > MOST_LINES:
        return None
    taken: dict[int, Misreading] = {}
    for number in marked:
        found = _taken_back(pieces[number])
        if found is not None:
            pieces[number] = found[0]
            taken[number] = found[1][0]
    misreadings = []
    for right, wrong in dict.fromkeys(one[:2] for one in taken.values()):
        alike = {number: one for number, one in taken.items() if one[:2] == (right, wrong)}
        others = [piece for number, piece in enumerate(pieces) if number not in alike]
        others += [one.untouched for one in alike.values()]
        misreadings.append(
            Misreading(right, wrong, "\n".join(one.repaired for one in alike.values()), "\n".join(others))
        )
    return ("".join(pieces), misreadings) if misreadings else None


def is_mojibake(text: str) -> bool:
    """Whether lines of a text are UTF-8 read as GBK, part of which was lost, so that nothing takes them back.

    >>> is_mojibake("鏄ㄥぉ涓嬪崍锛屽競閲屽彫寮?浼氳?锛岃?璁烘槑骞寸殑宸ヤ綔瀹夋帓锛屽悇閮ㄩ棬")
    True
    >>> is_mojibake("昨天下午，市里召开会议，讨论了锛的用途。")
    False
    """
    marked = "\n".join(piece for piece in _BORDER.split(text) if _MARKED.search(piece))
    marks = len(_MARKED.findall(marked))
    reading = score(marked, _ANY)
    if marks < LEAST_MARKS or marks < 0.02 * reading.characters:
        return False
    return reading.mean < LEAST_MEAN or weakest(marked, _ANY) < LEAST_WEAKEST


def _run(run: str) -> str:
    data = _latin_bytes(run)
    text = None if data is None else strictly(data, "utf-8")
    return run if text is None else text


def _latin_bytes(text: str) -> bytes | None:
    """The bytes that Latin-1 or cp1252, whose gaps browsers fill with controls, had read as the text."""
    try:
        return text.translate(_SLOPPY).encode("latin-1")
    except UnicodeEncodeError:
        return None


def _undoes(text: str, right: str, data: bytes) -> bool:
    try:
        return text.encode(right) == data
    except UnicodeEncodeError:
        return False


def strictly(data: bytes, charset: str) -> str | None:
    """The text, where the charset decodes every byte."""
    try:
        return data.decode(charset)
    except UnicodeError:
        return None


def _latin_name(text: str) -> str:
    """Which of both had read the text: Latin-1 makes controls of what cp1252 makes quotes and dashes of."""
    return "cp1252" if text.isascii() or any(map(text.__contains__, map(chr, _SLOPPY))) else "latin-1"
