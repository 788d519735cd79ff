"""Files and folders: .html .htm .txt .json .jsonl .csv .tsv .parquet, also as .gz or .zst.

A page or text file is one document, a file of records one document a record. What cannot be read
to its end gives the documents before the fault, and the fault as a document of its own; so does a
file without any record. Nothing disappears.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from newslake.acquire import streams
from newslake.acquire.documents import Document
from newslake.acquire.records import READERS
from newslake.acquire.streams import COMPRESSIONS, Fault
from newslake.acquire.visit import Visit
from newslake.errors import SourceError
from newslake.sources import FilesSource

__all__ = ["COMPRESSIONS", "TYPES", "content_type", "contents", "find", "read", "readable"]

TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".txt": "text/plain",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".parquet": "application/vnd.apache.parquet",
}
MOST_TOLD = 5
"""Suffixes that a note names."""


def read(visit: Visit) -> Iterator[Document]:
    """Reads every file of a source, in the order of names.

    Args:
        visit: its problems get a line for each file that the system would not let us read. Such a file is
            no document yet; the next run tries again. Its notes get a line on files of types that are not read.

    Raises:
        SourceError: the path does not exist, or holds no file of a known type.
    """
    source = visit.source
    assert isinstance(source, FilesSource)
    path = source.path
    others: Counter[str] = Counter()
    paths = list(find(path, visit.problems, others))
    if not paths:
        raise SourceError(
            f"source {visit.source.name}: {readable(path)}: no files with one of {' '.join(TYPES)} (also .gz, .zst)"
        )
    tell_of(others, visit)
    for file in paths:
        yield from _read_file(file, path.parent, visit.problems)


def find(path: Path, unreadable: list[str] | None = None, others: Counter[str] | None = None) -> Iterator[Path]:
    """Files of a known type at or below a path, in the order of names; hidden ones and links to folders are left alone.

    Args:
        path: a file or a folder.
        unreadable: gets a line for each folder that the system would not let us read.
        others: counts files of other types by suffix.

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
            if is_hidden or not child.is_file():
                continue
            if content_type(child):
                yield child
            elif others is not None:
                others[suffix(child)] += 1
    else:
        raise SourceError(f"{readable(path)}: no such file or folder")


def _below(folder: Path, unreadable: list[str]) -> Iterator[Path]:
    def tell(error: OSError) -> None:
        unreadable.append(f"{readable(Path(error.filename))}: {error.strerror}")

    for place, _, names in os.walk(folder, onerror=tell):
        yield from (Path(place, name) for name in names)


def tell_of(others: Counter[str], visit: Visit) -> None:
    """A note on files of types that are not read, by suffix; none where there are none."""
    if others:
        kinds = ", ".join(f"{count:,} {one}" for one, count in others.most_common(MOST_TOLD))
        known = " ".join(TYPES)
        visit.notes.append(
            f"source {visit.source.name}: {others.total():,} files of other types than {known} were left alone: {kinds}"
        )


def suffix(path: Path) -> str:
    """What a note calls files of this type.

    >>> suffix(Path("a/B.PDF")), suffix(Path("README"))
    ('.pdf', 'without a suffix')
    """
    return readable(Path(path.suffix.lower())) if path.suffix else "without a suffix"


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
    place = f"file:{readable(path.relative_to(root))}"
    try:
        modified_at = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
        with path.open("rb") as raw:
            yield from contents(raw, path.name, place, modified_at)
    except OSError as error:
        unreadable.append(f"{readable(path)}: {error.strerror or error}")


def contents(raw: BinaryIO, name: str, place: str, modified_at: datetime) -> Iterator[Document]:
    """The documents of one file.

    Args:
        raw: the file; it can seek.
        name: its name, with one of the known suffixes.
        place: address of the file; a record's has its number behind it.
        modified_at: when the file was changed.

    Raises:
        OSError: it cannot be read to its end now.
    """
    suffix, compression = _suffixes(Path(name))
    try:
        yield from _documents(raw, suffix, compression, place, modified_at)
    except Fault as fault:
        raw.seek(0)
        kind = "application/octet-stream" if compression else TYPES[suffix]
        yield Document(place, kind, raw.read(streams.DOCUMENT_BYTES), modified_at, str(fault))


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
