"""Files of many articles → their records, one after the other.

A line of JSON Lines or an element of a JSON array stays as it stands, a row of CSV or Parquet
becomes a JSON object.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, dropwhile, zip_longest
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

import pyarrow as pa

from newslake.acquire import json_arrays, streams
from newslake.acquire.streams import Fault

IN_MEMORY_BYTES = 16 * 2**20
"""What is larger waits in a temporary file until all its rows are read."""
DELIMITERS = ",;\t|"
_ENCODINGS = ("utf-8-sig", "gb18030")
_HEADER_CHARACTERS = 2**20
_LINE_ENDS = "\r\n"
_DELIMITER_LINE = re.compile(r"\"?sep=(.)\"?\r?\n", re.IGNORECASE)
"""Excel's own first line."""


class Record(NamedTuple):
    """One article of a file: its place there, JSON, and what is wrong with it."""

    place: str
    content: bytes
    error: str | None = None


def _json_lines(parts: Iterator[bytes]) -> Iterator[Record]:
    for number, line in enumerate(streams.lines(parts), start=1):
        if line.strip():
            yield Record(f"#line={number}", line)


def _json(parts: Iterator[bytes]) -> Iterator[Record]:
    """The elements of an array; anything else, JSON or not, is one record."""
    beginning = bytearray()
    for part in parts:
        beginning += part
        if len(beginning) > streams.DOCUMENT_BYTES:
            if not beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
                raise Fault("too_large", f"over {streams.DOCUMENT_BYTES} bytes")
            for number, large in enumerate(json_arrays.elements(chain([bytes(beginning)], parts))):
                yield Record(f"#item={number}", large)
            return
    content = bytes(beginning)
    elements = _json_elements(content.removeprefix(b"\xef\xbb\xbf"))
    if elements is not None:
        for number, element in enumerate(elements):
            yield Record(f"#item={number}", element)
    elif content.strip():
        yield Record("", content)


def _json_elements(content: bytes) -> list[bytes] | None:
    """The elements of a JSON array as they are written in it; None for anything else.

    >>> _json_elements(b'[{"id": 1.10}, "a" ]')
    [b'{"id": 1.10}', b'"a"']
    """
    try:
        return list(json_arrays.elements([content])) if _is_array(content) else None
    except (ValueError, RecursionError, Fault):
        return None


def _is_array(content: bytes) -> bool:
    import orjson

    try:
        return isinstance(orjson.loads(content), list)
    except orjson.JSONDecodeError:
        # Python writes NaN, and halves of characters, which are no JSON for others.
        return isinstance(json.loads(content.decode()), list)


def _csv(parts: Iterator[bytes]) -> Iterator[Record]:
    import orjson

    csv.field_size_limit(streams.DOCUMENT_BYTES)
    with _stored(parts) as content, io.TextIOWrapper(content, _encoding(content), newline="") as text:
        beginning = text.read(_HEADER_CHARACTERS)
        text.seek(0)
        lines = dropwhile(lambda line: not line.strip(_LINE_ENDS), _text_lines(text))
        if stated := _DELIMITER_LINE.match(beginning):
            next(lines)
        rows = csv.reader(lines, delimiter=stated[1] if stated else _delimiter(beginning), strict=True)
        try:
            names = _distinct(next(rows, []))
            for number, row in enumerate(filter(None, rows), start=1):
                record: dict[str, object] = dict(zip_longest(names, row[: len(names)]))
                extra = row[len(names) :]
                if extra:
                    record["(fields too many)"] = extra
                error = f"malformed_csv: row {number} has {len(extra)} fields too many" if extra else None
                yield Record(f"#row={number}", orjson.dumps(record), error)
        except csv.Error as error:
            raise Fault("malformed_csv", f"near line {rows.line_num}: {error}") from None


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


@contextmanager
def _stored(parts: Iterable[bytes]) -> Iterator[IO[bytes]]:
    """A file of all parts, which can be read again and from its end, however large it is."""
    with SpooledTemporaryFile(IN_MEMORY_BYTES) as content:
        content.writelines(parts)
        content.seek(0)
        yield content


def _encoding(content: IO[bytes]) -> str:
    mark = content.read(2)
    content.seek(0)
    for encoding in ("utf-16",) if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while part := content.read(streams.PART_BYTES):
                decoder.decode(part)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        finally:
            content.seek(0)
        return encoding
    raise Fault("undecodable", "the CSV file is neither UTF-8 nor GB18030, nor UTF-16 with its mark")


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


def _text_lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(streams.DOCUMENT_BYTES):
        if len(line) == streams.DOCUMENT_BYTES:
            raise Fault("too_large", f"a line of {len(line)} characters or more")
        yield line


def _parquet(parts: Iterator[bytes]) -> Iterator[Record]:
    import orjson
    import pyarrow.parquet as pq

    with _stored(parts) as content:
        if not content.read(1):
            return
        number = 0
        try:
            for batch in pq.ParquetFile(content).iter_batches(batch_size=1_000):
                for values in zip(*batch.columns, strict=True):
                    number += 1
                    row = {name: value.as_py() for name, value in zip(batch.schema.names, values, strict=True)}
                    error = None
                    try:
                        record = orjson.dumps(row, default=_text)
                    except orjson.JSONEncodeError as fault:
                        record = orjson.dumps(row, default=str)
                        error = f"malformed_parquet: row {number}: {fault.__cause__ or fault}"
                    yield Record(f"#row={number}", record, error)
        # A damaged file may hold anything: text that is no UTF-8, dates of the year 3,000,000, types that do not exist.
        except (pa.ArrowException, OSError, ValueError, OverflowError, orjson.JSONEncodeError) as broken:
            raise Fault("malformed_parquet", (str(broken) or type(broken).__name__).splitlines()[0]) from None


def _text(value: object) -> str:
    """What JSON has no form for; crawls keep pages as binary columns.

    Raises:
        UnicodeDecodeError: bytes that are neither UTF-8 nor GB18030.
    """
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("gb18030")


READERS: dict[str, Callable[[Iterator[bytes]], Iterator[Record]]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": _parquet,
}
"""Suffix → its records. Raises `Fault` where the rest cannot be read."""
