"""Files and folders: .html .htm .txt .json .jsonl .csv .parquet, also as .gz or .zst.

A page or text file is one document, a file of records one document a record. What cannot be read
to its end gives the documents before the fault, and the fault as a document of its own; so does a
file without any record. Nothing disappears.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from newslake.acquire import streams
from newslake.acquire.records import READERS
from newslake.acquire.streams import COMPRESSIONS, Fault
from newslake.config import Source
from newslake.errors import SourceError
from newslake.tables import RAW_DOCUMENTS

__all__ = ["COMPRESSIONS", "TYPES", "Document", "content_type", "find", "read", "readable", "table"]

CHUNK_DOCUMENTS = 5_000
CHUNK_BYTES = 16 * 2**20
"""A chunk is landed in one commit and held in memory whole."""

TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".txt": "text/plain",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes with what is known of them: place within the source, media type, fault."""

    place: str
    content_type: str
    content: bytes
    modified_at: datetime
    error: str | None = None


def read(source: Source, unreadable: list[str]) -> Iterator[pa.Table]:
    """Reads every file of a source, in the order of names, as chunks of RAW_DOCUMENTS.

    Args:
        source: what to read.
        unreadable: gets a line for each file that the system would not let us read. Such a file is
            no document yet; the next run tries again.

    Raises:
        SourceError: the path does not exist, or holds no file of a known type.
    """
    paths = list(find(source.path, unreadable))
    if not paths:
        raise SourceError(
            f"source {source.name}: {readable(source.path)}: no files with one of {' '.join(TYPES)} (also .gz, .zst)"
        )
    root = source.path.parent
    documents = (document for path in paths for document in _read_file(path, root, unreadable))
    yield from _chunks(documents, source.name)


def find(path: Path, unreadable: list[str] | None = None) -> Iterator[Path]:
    """Files of a known type at or below a path, in the order of names; hidden ones and links to folders are left alone.

    Args:
        path: a file or a folder.
        unreadable: gets a line for each folder that the system would not let us read.

    Raises:
        SourceError: there is nothing at the path, or it is a file of another type.
    """
    if path.is_file():
        if content_type(path) is None:
            raise SourceError(f"{readable(path)}: not one of {' '.join(TYPES)} (also .gz, .zst)")
        yield path
    elif path.is_dir():
        for child in sorted(_below(path, [] if unreadable is None else unreadable)):
            is_hidden = any(part.startswith(".") for part in child.relative_to(path).parts)
            if not is_hidden and child.is_file() and content_type(child):
                yield child
    else:
        raise SourceError(f"{readable(path)}: no such file or folder")


def _below(folder: Path, unreadable: list[str]) -> Iterator[Path]:
    def tell(error: OSError) -> None:
        unreadable.append(f"{readable(Path(error.filename))}: {error.strerror}")

    for place, _, names in os.walk(folder, onerror=tell):
        yield from (Path(place, name) for name in names)


def content_type(path: Path) -> str | None:
    """Media type by suffix, a compression suffix left out.

    >>> content_type(Path("a/B.HTML.gz")), content_type(Path("notes.md"))
    ('text/html', None)
    """
    return TYPES.get(_suffixes(path)[0])


def _suffixes(path: Path) -> tuple[str, str]:
    """The suffix that tells the kind and the one that tells the compression, "" where there is none."""
    suffixes = ["", *(suffix.lower() for suffix in path.suffixes)]
    compression = suffixes.pop() if suffixes[-1] in COMPRESSIONS else ""
    return suffixes[-1], compression


def readable(path: Path) -> str:
    r"""A path as text that can be stored and printed; bytes of its names that are not UTF-8 as \xNN.

    >>> print(readable(Path("新闻/b\udcff.txt")))
    新闻/b\xff.txt
    """
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _read_file(path: Path, root: Path, unreadable: list[str]) -> Iterator[Document]:
    place = readable(path.relative_to(root))
    suffix, compression = _suffixes(path)
    try:
        modified_at = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
        with path.open("rb") as raw:
            try:
                yield from _documents(raw, suffix, compression, place, modified_at)
            except Fault as fault:
                raw.seek(0)
                kind = "application/octet-stream" if compression else TYPES[suffix]
                yield Document(place, kind, raw.read(streams.DOCUMENT_BYTES), modified_at, str(fault))
    except OSError as error:
        unreadable.append(f"{readable(path)}: {error.strerror or error}")


def _documents(raw: BinaryIO, suffix: str, compression: str, place: str, modified_at: datetime) -> Iterator[Document]:
    parts = streams.parts(raw, compression)
    if suffix not in READERS:
        yield Document(place, TYPES[suffix], streams.whole(parts), modified_at)
        return
    is_empty = True
    for record in READERS[suffix](parts):
        is_empty = False
        yield Document(f"{place}{record.place}", TYPES[".json"], record.content, modified_at, record.error)
    if is_empty:
        raise Fault("empty", "the file holds no record")


def _chunks(documents: Iterable[Document], source: str) -> Iterator[pa.Table]:
    chunk: list[Document] = []
    size = 0
    for document in documents:
        chunk.append(document)
        size += len(document.content)
        if len(chunk) >= CHUNK_DOCUMENTS or size >= CHUNK_BYTES:
            yield table(chunk, source)
            chunk, size = [], 0
    if chunk:
        yield table(chunk, source)


def table(documents: list[Document], source: str) -> pa.Table:
    """RAW_DOCUMENTS, a row a document."""
    contents = [document.content for document in documents]
    unknown = [None] * len(documents)
    columns = {
        "raw_id": [hashlib.sha256(content).hexdigest() for content in contents],
        "source": [source] * len(documents),
        "url": [f"file:{document.place}" for document in documents],
        "fetched_at": [document.modified_at for document in documents],
        "content_type": [document.content_type for document in documents],
        "charset": unknown,
        "http_status": unknown,
        "etag": unknown,
        "error": [document.error for document in documents],
        "bytes": _binary(contents),
        "byte_count": [len(content) for content in contents],
        "fetched_date": [document.modified_at.date().isoformat() for document in documents],
    }
    return pa.table(columns, schema=RAW_DOCUMENTS.schema)


def _binary(values: list[bytes]) -> pa.BinaryArray:
    """An array of bytes, copied once: pyarrow makes its buffer anew each time it grows."""
    ends = np.fromiter(accumulate(map(len, values), initial=0), np.int32, len(values) + 1)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(values))]
    return pa.BinaryArray.from_buffers(pa.binary(), len(values), buffers)
