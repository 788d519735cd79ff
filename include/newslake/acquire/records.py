"""Files of many articles → their records, one after the other.

A line of JSON Lines or an element of a JSON array stays as it stands, a row of CSV or Parquet
becomes a JSON object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

import pyarrow as pa

from newslake.acquire import csv_rows, json_arrays, streams
from newslake.acquire.streams import Fault

IN_MEMORY_BYTES = 16 * 2**20
"""What is larger waits in a temporary file until all its rows are read."""


class Record(NamedTuple):
    """One article of a file: its place there, JSON, and what is wrong with it."""

    place: str
    content: bytes
    error: str | None = None


def _json_lines(parts: Iterator[bytes]) -> Iterator[Record]:
    for number, (line, size) in enumerate(streams.lines(parts), start=1):
        if size > streams.DOCUMENT_BYTES:
            error = f"too_large: line {number} has {size} bytes"
            yield Record(f"#line={number}", line[: streams.PART_BYTES], error)
        elif line.strip():
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
    with _stored(parts) as content:
        for number, row in enumerate(csv_rows.rows(content), start=1):
            yield Record(f"#row={number}", row.content, row.error)


@contextmanager
def _stored(parts: Iterable[bytes]) -> Iterator[IO[bytes]]:
    """A file of all parts, which can be read again and from its end, however large it is."""
    with SpooledTemporaryFile(IN_MEMORY_BYTES) as content:
        content.writelines(parts)
        content.seek(0)
        yield content


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
