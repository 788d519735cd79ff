"""CSV → JSON objects, a row each. A row that is damaged is told and left; reading goes on at the next line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from itertools import zip_longest
from typing import IO, NamedTuple

from newslake.acquire import streams
from newslake.acquire.streams import Fault

DELIMITERS = ",;\t|"
MOST_DAMAGE = 0.1
"""Share of characters that cannot be decoded, from which on a file is in another charset altogether."""
MOST_DAMAGE_GB18030 = 0.01
"""The same of those beyond ASCII: nearly any two bytes are a character of GB18030, so few faults say it is another."""
MOST_REPEATED = 16
"""Times DOCUMENT_BYTES that are read again because quotes do not end; then the file is given up."""
MOST_ROW_LINES = 100_000
"""Lines that one row may take: a quote that does not end takes all that follow, and each is kept to be read again."""
MOST_DAMAGED_ROWS = 1_000
"""One after the other; then the file is given up."""
LEAST_CUT_COLUMNS = 3
"""A row of one field under so many columns is a piece of text that a line break without quotes cut off. Rows that are
short otherwise leave off columns that are empty."""
_ENCODINGS = ("utf-8-sig", "gb18030")
_HEADER_CHARACTERS = 2**20
_LINE_ENDS = "\r\n"
_DELIMITER_LINE = re.compile(r"\"?sep=(.)\"?\r?\n", re.IGNORECASE)
"""Excel's own first line."""


class Row(NamedTuple):
    """A row as a JSON object; as it stands in the file where it cannot be read as one."""

    content: bytes
    error: str | None = None


class _TooLong(csv.Error):
    """A line, or a row of many, that is larger than a document may be."""


class _Lines:
    """A file's lines, of which those of the row at hand can be had once more."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[tuple[str, int]] = deque()
        self._row: list[tuple[str, int]] = []
        self._size = 0
        self._repeated = 0
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        found = self._again.popleft() if self._again else self._read()
        if found is None:
            raise StopIteration
        line, size = found
        self._row.append((line, size))
        self._size += size
        self.number += 1
        if size > streams.DOCUMENT_BYTES:
            raise _TooLong(f"line {self.number} has {size} characters")
        if self._size > streams.DOCUMENT_BYTES or len(self._row) > MOST_ROW_LINES:
            raise _TooLong(f"{len(self._row)} lines belong to it, since a quote does not end")
        return line

    def begin_row(self) -> None:
        self._row, self._size = [], 0

    def give_up_row(self) -> str:
        """The first line of the row at hand; those behind it come once more.

        Raises:
            Fault: this happened for too much of the file.
        """
        (first, size), *others = self._row
        self._repeated += self._size - size
        if self._repeated > MOST_REPEATED * streams.DOCUMENT_BYTES:
            raise Fault("malformed_csv", f"near line {self.number}: too many quotes that do not end")
        self._again.extendleft(reversed(others))
        self.number -= len(others)
        return first

    def count_rest(self) -> int:
        """How many lines are left; they are read for it."""
        waiting = len(self._again)
        self._again.clear()
        return waiting + sum(1 for _ in iter(self._read, None))

    def _read(self) -> tuple[str, int] | None:
        most = streams.DOCUMENT_BYTES
        line = self._text.readline(most + 1)
        if not line:
            return None
        if len(line) <= most:
            return line, len(line)
        size, part = len(line), line
        while not part.endswith("\n") and (part := self._text.readline(most)):
            size += len(part)
        return line[: streams.PART_BYTES], size


def rows(content: IO[bytes]) -> Iterator[Row]:
    """All rows behind the first, which names the columns; those without any text are left out.

    Columns that a row leaves off at its end are null.

    Args:
        content: the file; it can seek.

    Raises:
        Fault: nothing, or nothing more, can be read of it.
    """
    csv.field_size_limit(streams.DOCUMENT_BYTES)
    encoding, is_whole = _encoding(content)
    with io.TextIOWrapper(content, encoding, "strict" if is_whole else "replace", newline="") as text:
        beginning = text.read(_HEADER_CHARACTERS)
        text.seek(0)
        stated = _DELIMITER_LINE.match(beginning.lstrip(_LINE_ENDS))
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=stated[1] if stated else _delimiter(beginning), strict=True)
        if stated:
            next(line for line in lines if line.strip(_LINE_ENDS))
        names = _distinct(_header(lines, reader))
        number = damaged = 0
        while (row := _next(lines, reader)) is not None:
            if isinstance(row, list) and not any(field.strip() for field in row):
                continue
            number += 1
            read = _read(names, row, number, lines.number, None if is_whole else encoding)
            damaged = damaged + 1 if (read.error or "").startswith(("malformed_csv", "too_large")) else 0
            yield read
            if damaged == MOST_DAMAGED_ROWS:
                raise _given_up(number, lines)


def _given_up(number: int, lines: _Lines) -> Fault:
    where = f"rows {number - MOST_DAMAGED_ROWS + 1} to {number}, up to line {lines.number}"
    return Fault("malformed_csv", f"{where}, are all damaged; {lines.count_rest()} lines behind them were not read")


def _header(lines: _Lines, reader: Iterator[list[str]]) -> list[str]:
    lines.begin_row()
    try:
        return next((row for row in reader if row), [])
    except _TooLong as error:
        raise Fault("too_large", f"the first row: {error}") from None
    except csv.Error as error:
        raise Fault("malformed_csv", f"near line {lines.number}: {error}") from None


def _next(lines: _Lines, reader: Iterator[list[str]]) -> list[str] | tuple[str, csv.Error] | None:
    """The next row, or the line that cannot be read as one, and why; None at the end."""
    lines.begin_row()
    try:
        return next(reader, None)
    except csv.Error as error:
        return lines.give_up_row(), error


def _read(names: list[str], row: list[str] | tuple[str, csv.Error], number: int, line: int, damaged: str | None) -> Row:
    import orjson

    if isinstance(row, tuple):
        text, fault = row
        reason = "too_large" if isinstance(fault, _TooLong) else "malformed_csv"
        return Row(text.encode(), f"{reason}: row {number}, line {line}: {fault}")
    record: dict[str, object] = dict(zip_longest(names, row[: len(names)]))
    extra = row[len(names) :]
    if extra:
        record["(fields too many)"] = extra
    error = None
    if extra:
        error = f"malformed_csv: row {number} has {len(extra)} fields too many"
    elif len(row) == 1 and len(names) >= LEAST_CUT_COLUMNS:
        error = f"malformed_csv: row {number} has one field of {len(names)}: a line break without quotes?"
    elif damaged and any("\ufffd" in field for field in row):
        error = f"undecodable: row {number}, up to line {line}, holds bytes that are no {damaged.removesuffix('-sig')}"
    return Row(orjson.dumps(record), error)


def _distinct(names: list[str]) -> list[str]:
    """Names of columns, each once: the first of several keeps it.

    >>> _distinct(["title", "text", "title", "title (2)", "title"])
    ['title', 'text', 'title (2)', 'title (2) (2)', 'title (3)']
    """
    found: dict[str, None] = {}
    for name in names:
        number, distinct = 1, name
        while distinct in found:
            number += 1
            distinct = f"{name} ({number})"
        found[distinct] = None
    return list(found)


def _encoding(content: IO[bytes]) -> tuple[str, bool]:
    """The charset, and whether all of the file is in it.

    Raises:
        Fault: hardly any of it is in one of those known.
    """
    mark = content.read(2)
    content.seek(0)
    known = ("utf-16",) if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _ENCODINGS
    for encoding in known:
        if _is_whole(content, encoding):
            return encoding, True
    shares = {encoding: _damage(content, encoding) for encoding in known}
    if "gb18030" in shares and shares["gb18030"][1] <= MOST_DAMAGE_GB18030 < shares["utf-8-sig"][1]:
        return "gb18030", False
    if shares[known[0]][0] <= MOST_DAMAGE:
        return known[0], False
    raise Fault("undecodable", "the CSV file is neither UTF-8 nor GB18030, nor UTF-16 with its mark")


def _is_whole(content: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while part := content.read(streams.PART_BYTES):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        content.seek(0)
    return True


def _damage(content: IO[bytes], encoding: str) -> tuple[float, float]:
    """Share of U+FFFD in all characters, and in those beyond ASCII."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    characters = ascii_ones = lost = 0
    while part := content.read(streams.PART_BYTES):
        text = decoder.decode(part)
        characters += len(text)
        ascii_ones += len(text.encode("ascii", "ignore"))
        lost += text.count("\ufffd")
    lost += decoder.decode(b"", final=True).count("\ufffd")
    content.seek(0)
    return lost / max(characters, 1), lost / max(characters - ascii_ones, 1)


def _delimiter(beginning: str) -> str:
    r"""What divides the first row into the most fields; a comma where that leaves it open.

    csv.Sniffer guesses quotes and escapes as well, and wrongly where texts are long.

    >>> _delimiter('"title;\n deck";"a, b";text\r\n'), _delimiter("title\n")
    (';', ',')
    """
    return max(DELIMITERS, key=lambda delimiter: _fields(beginning.lstrip(_LINE_ENDS), delimiter))


def _fields(text: str, delimiter: str) -> int:
    """How many fields the first row has; none where it is no row with this delimiter, or does not end."""
    try:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), []))
    except csv.Error:
        return 0
