"""Files and folders: .html .htm .txt .json .jsonl .csv .parquet, also as .gz or .zst.

A page or text file is one document. A file of records is one document a record: a line of
JSON Lines or an element of a JSON array as it stands, a row of CSV or Parquet as a JSON object.
What cannot be read to its end gives the documents before the fault, and the fault as a document
of its own, so that nothing disappears.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from newslake.config import Source
from newslake.errors import SourceError
from newslake.tables import RAW_DOCUMENTS

CHUNK_DOCUMENTS = 5_000
CHUNK_BYTES = 16 * 2**20
"""A chunk is landed in one commit and held in memory whole."""
DOCUMENT_BYTES = 64 * 2**20
"""A larger document is no article; it is cut here and refused with this as its reason."""
COMPRESSED_PART_BYTES = 16 * 2**10
"""Small, since 16 kB of a hostile zstd frame may already give hundreds of megabytes."""
DECOMPRESSED_BYTES = 8 * 2**30
"""A compressed file that grows beyond this is taken for a bomb."""

TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".txt": "text/plain",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
}
COMPRESSIONS = (".gz", ".zst")


@dataclass(frozen=True)
class Document:
    """Bytes with what is known of them: place within the source, media type, fault."""

    place: str
    content_type: str
    content: bytes
    modified_at: datetime
    error: str | None = None


_BETWEEN = re.compile(r"[\s,]*")
_ELEMENTS = json.JSONDecoder(parse_int=str, parse_float=str)
"""Tells only where an element ends: numbers are not worked out."""


class _Fault(Exception):
    """A file that ends or breaks off where it should not; caught in this module."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")


def read(source: Source, unreadable: list[str]) -> Iterator[pa.Table]:
    """Reads every file of a source, in the order of names, as chunks of RAW_DOCUMENTS.

    Args:
        source: what to read.
        unreadable: gets a line for each file that the system would not let us read. Such a file is
            no document yet; the next run tries again.

    Raises:
        SourceError: the path does not exist, or holds no file of a known type.
    """
    paths = list(find(source.path))
    if not paths:
        raise SourceError(
            f"source {source.name}: {readable(source.path)}: no files with one of {' '.join(TYPES)} (also .gz, .zst)"
        )
    root = source.path.parent
    documents = (document for path in paths for document in _read_file(path, root, unreadable))
    yield from _chunks(documents, source.name)


def find(path: Path) -> Iterator[Path]:
    """Files of a known type at or below a path, in the order of names; hidden ones are left alone.

    Raises:
        SourceError: there is nothing at the path, or it is a file of another type.
    """
    if path.is_file():
        if content_type(path) is None:
            raise SourceError(f"{readable(path)}: not one of {' '.join(TYPES)} (also .gz, .zst)")
        yield path
    elif path.is_dir():
        for child in sorted(path.rglob("*")):
            is_hidden = any(part.startswith(".") for part in child.relative_to(path).parts)
            if not is_hidden and child.is_file() and content_type(child):
                yield child
    else:
        raise SourceError(f"{readable(path)}: no such file or folder")


def content_type(path: Path) -> str | None:
    """Media type by suffix, a compression suffix left out.

    >>> content_type(Path("a/B.HTML.gz")), content_type(Path("notes.md"))
    ('text/html', None)
    """
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
    return TYPES.get(suffixes[-1]) if suffixes else None


def readable(path: Path) -> str:
    r"""A path as text that can be stored and printed; bytes of its names that are not UTF-8 as \xNN.

    >>> print(readable(Path("新闻/b\udcff.txt")))
    新闻/b\xff.txt
    """
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _read_file(path: Path, root: Path, unreadable: list[str]) -> Iterator[Document]:
    place = readable(path.relative_to(root))
    try:
        modified_at = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
        with path.open("rb") as raw:
            try:
                yield from _documents(_parts(raw, path.suffix.lower()), content_type(path) or "", place, modified_at)
            except _Fault as fault:
                raw.seek(0)
                kind = "application/octet-stream" if path.suffix.lower() in COMPRESSIONS else content_type(path) or ""
                yield Document(place, kind, raw.read(DOCUMENT_BYTES), modified_at, str(fault))
    except OSError as error:
        unreadable.append(f"{readable(path)}: {error.strerror or error}")


def _documents(parts: Iterator[bytes], kind: str, place: str, modified_at: datetime) -> Iterator[Document]:
    if kind == TYPES[".jsonl"]:
        for number, line in enumerate(_lines(parts), start=1):
            if line.strip():
                yield Document(f"{place}#line={number}", TYPES[".json"], line, modified_at)
        return
    content = _read_whole(parts)
    if kind == TYPES[".json"]:
        yield from _json_records(content, place, modified_at)
    elif kind == TYPES[".csv"]:
        yield from _csv_records(content, place, modified_at)
    elif kind == TYPES[".parquet"]:
        yield from _parquet_records(content, place, modified_at)
    else:
        yield Document(place, kind, content, modified_at)


def _parts(raw: BinaryIO, suffix: str) -> Iterator[bytes]:
    """What can be read, decompressed; then a fault if the data did not come to its proper end."""
    total = 0
    for part in _decompressed(raw, suffix) if suffix in COMPRESSIONS else iter(lambda: raw.read(2**20), b""):
        total += len(part)
        if total > DECOMPRESSED_BYTES:
            raise _Fault("too_large", f"over {DECOMPRESSED_BYTES} bytes when decompressed")
        yield part


def _decompressed(raw: BinaryIO, suffix: str) -> Iterator[bytes]:
    """Frame by frame, so that all that stands before a fault is given, and a missing end mark is seen."""
    import zlib

    import zstandard

    name = {".gz": "gzip", ".zst": "zstd"}[suffix]
    frame = None
    data = raw.read(COMPRESSED_PART_BYTES)
    while data:
        if frame is None:
            frame = zlib.decompressobj(31) if suffix == ".gz" else zstandard.ZstdDecompressor().decompressobj()
        try:
            yield frame.decompress(data)
        except (zlib.error, zstandard.ZstdError) as error:
            raise _Fault(f"corrupt_{name}", str(error)) from None
        data = b""
        if frame.eof:
            data, frame = frame.unused_data.lstrip(b"\0"), None
        while not data and (part := raw.read(COMPRESSED_PART_BYTES)):
            data = part if frame else part.lstrip(b"\0")
    if frame is not None:
        raise _Fault(f"truncated_{name}", "the file ends within its compressed data")


def _read_whole(parts: Iterable[bytes]) -> bytes:
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > DOCUMENT_BYTES:
            raise _Fault("too_large", f"over {DOCUMENT_BYTES} bytes")
    return bytes(content)


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """All lines, ended or not; the caller leaves empty ones out."""
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
        if len(rest) > DOCUMENT_BYTES:
            raise _Fault("too_large", f"a line of over {DOCUMENT_BYTES} bytes")
    yield rest


def _json_records(content: bytes, place: str, modified_at: datetime) -> Iterator[Document]:
    elements = _json_elements(content.removeprefix(b"\xef\xbb\xbf"))
    if elements is None:
        yield Document(place, TYPES[".json"], content, modified_at)
        return
    for number, element in enumerate(elements):
        yield Document(f"{place}#item={number}", TYPES[".json"], element.encode(), modified_at)


def _json_elements(content: bytes) -> list[str] | None:
    """The elements of a JSON array as they are written in it; None for anything else.

    >>> _json_elements(b'[{"id": 1.10}, "a" ]')
    ['{"id": 1.10}', '"a"']
    """
    import orjson

    try:
        if not isinstance(orjson.loads(content), list):
            return None
        text = content.decode()
        elements = []
        place = _end(text, text.index("[") + 1)
        while text[place] != "]":
            end = _ELEMENTS.raw_decode(text, place)[1]
            elements.append(text[place:end])
            place = _end(text, end)
    except (orjson.JSONDecodeError, RecursionError):
        return None
    return elements


def _end(text: str, place: int) -> int:
    """Where what stands between two elements ends."""
    between = _BETWEEN.match(text, place)
    return between.end() if between else place


def _csv_records(content: bytes, place: str, modified_at: datetime) -> Iterator[Document]:
    import orjson

    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _Fault("undecodable", "the CSV file is neither UTF-8 nor GB18030")
    csv.field_size_limit(DOCUMENT_BYTES)
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, row in enumerate(rows, start=1):
            extra = row.pop(None, None)
            error = f"malformed_csv: row {number} has {len(extra)} fields too many" if extra else None
            record = {**row, "(fields too many)": extra} if extra else row
            yield Document(f"{place}#row={number}", TYPES[".json"], orjson.dumps(record), modified_at, error)
    except csv.Error as error:
        raise _Fault("malformed_csv", f"near line {rows.line_num}: {error}") from None


def _parquet_records(content: bytes, place: str, modified_at: datetime) -> Iterator[Document]:
    import orjson
    import pyarrow.parquet as pq

    number = 0
    try:
        for batch in pq.ParquetFile(io.BytesIO(content)).iter_batches(batch_size=1_000):
            for values in zip(*batch.columns, strict=True):
                number += 1
                row = {name: value.as_py() for name, value in zip(batch.schema.names, values, strict=True)}
                error = None
                try:
                    record = orjson.dumps(row, default=_text)
                except orjson.JSONEncodeError as fault:
                    record = orjson.dumps(row, default=str)
                    error = f"malformed_parquet: row {number}: {fault.__cause__ or fault}"
                yield Document(f"{place}#row={number}", TYPES[".json"], record, modified_at, error)
    # A damaged file may hold anything: text that is no UTF-8, dates of the year 3,000,000, types that do not exist.
    except (pa.ArrowException, OSError, ValueError, OverflowError, orjson.JSONEncodeError) as broken:
        raise _Fault("malformed_parquet", (str(broken) or type(broken).__name__).splitlines()[0]) from None


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


def _chunks(documents: Iterable[Document], source: str) -> Iterator[pa.Table]:
    rows: list[dict[str, object]] = []
    size = 0
    for document in documents:
        rows.append(row(document, source))
        size += len(document.content)
        if len(rows) >= CHUNK_DOCUMENTS or size >= CHUNK_BYTES:
            yield RAW_DOCUMENTS.from_rows(rows)
            rows, size = [], 0
    if rows:
        yield RAW_DOCUMENTS.from_rows(rows)


def row(document: Document, source: str) -> dict[str, object]:
    """A row of RAW_DOCUMENTS."""
    return {
        "raw_id": hashlib.sha256(document.content).hexdigest(),
        "source": source,
        "url": f"file:{document.place}",
        "fetched_at": document.modified_at,
        "content_type": document.content_type,
        "error": document.error,
        "bytes": document.content,
        "byte_count": len(document.content),
        "fetched_date": document.modified_at.date().isoformat(),
    }
