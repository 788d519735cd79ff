"""Looking for words in every byte of a home: the proof that what was taken down is nowhere.

Of every file all bytes are searched; of Parquet files and DuckDB files also the values of all columns, which are packed
in them, and of .gz, .zst and .zip what is packed in those. Words are searched in the encodings that pages come in.
"""

from __future__ import annotations

import gzip
import html
import json
import os
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from newslake.config import Home

if TYPE_CHECKING:
    from ahocorasick_rs import BytesAhoCorasick

CHUNK_BYTES = 8 * 2**20
ENCODINGS = ("utf-8", "gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
LEAST_BYTES = 12
"""In UTF-8: four Chinese characters. What is shorter stands in any text by chance."""
ROWS_AT_ONCE = 500


@dataclass
class Found:
    """What a scan found.

    Attributes:
        files: how many were searched, each once however many names it has.
        bytes: how many, as stored.
        objects: how many objects of the store were searched as well.
        leaks: files in which it is, and must not be.
        elsewhere: ids of other articles and documents of the lake that hold some of the same words.
    """

    files: int = 0
    bytes: int = 0
    objects: int = 0
    leaks: set[Path] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)


class Needles:
    """What is looked for.

    Args:
        ids: must be nowhere.
        words: titles and paragraphs; other articles of the lake may hold them as well, since they copy or quote.
        addresses: other articles of the lake may link to them, so they are looked for beside its tables only.
    """

    def __init__(self, ids: Iterable[str], words: Iterable[str], addresses: Iterable[str] = ()) -> None:
        from ahocorasick_rs import BytesAhoCorasick

        forms: dict[bytes, str] = {
            form: "address" for one in addresses if len(one) >= LEAST_BYTES for form in _forms(one)
        }
        forms |= {form: "words" for one in words if len(one.encode()) >= LEAST_BYTES for form in _forms(one)}
        forms |= {one.encode(): "id" for one in ids}
        self._kinds = list(forms.values())
        self.longest = max(map(len, forms), default=0)
        self._all: BytesAhoCorasick | None = BytesAhoCorasick(list(forms)) if forms else None

    def hits(self, content: bytes | memoryview, *, is_of_lake: bool = False) -> tuple[bool, bool]:
        """Whether any id, or, beside the tables, any address, and whether any words are in these bytes."""
        if self._all is None or not len(content):
            return False, False
        firm = loose = False
        for number, _, end in self._all.find_matches_as_indexes(content, overlapping=True):
            kind = self._kinds[number]
            # The address of another page may begin with this one.
            is_whole = kind != "address" or not bytes(content[end : end + 1]).isalnum()
            firm = firm or kind == "id" or (kind == "address" and is_whole and not is_of_lake)
            loose = loose or kind == "words"
        return firm, loose


def _forms(word: str) -> Iterator[bytes]:
    for spelling in (word, html.escape(word), json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1]):
        for encoding in ENCODINGS:
            try:
                yield spelling.encode(encoding)
            except UnicodeEncodeError:
                continue


def files(home: Home, skip: Collection[Path] = ()) -> Iterator[Path]:
    """Every file of a home once, however many names it has; without links."""
    seen: set[tuple[int, int]] = set()
    for folder, _, names in os.walk(home.root):
        for name in sorted(names):
            path = Path(folder, name)
            facts = path.lstat()
            identity = (facts.st_dev, facts.st_ino)
            if path.is_symlink() or not path.is_file() or path in skip or identity in seen:
                continue
            seen.add(identity)
            yield path


def scan(home: Home, needles: Needles, skip: Collection[Path] = ()) -> Found:
    """Searches every file of a home.

    Args:
        home: where the lake is.
        needles: what for.
        skip: files that are left out.
    """
    found = Found()
    for path in files(home, skip):
        found.files += 1
        found.bytes += path.stat().st_size
        owners = search(path, needles, is_of_lake=_is_of_lake(home, path))
        if owners is None:
            found.leaks.add(path)
        else:
            found.elsewhere |= owners
    return found


def _is_of_lake(home: Home, path: Path) -> bool:
    return path.suffix == ".parquet" and any(path.is_relative_to(one) for one in (home.raw, home.delta, home.snapshots))


def search(path: Path, needles: Needles, *, is_of_lake: bool = False) -> set[str] | None:
    """Searches one file.

    Args:
        path: any file.
        needles: what for.
        is_of_lake: a Parquet file of a table, whose other rows may hold the same words.

    Returns:
        Who else has some of the words; None where the file has what it must not have.
    """
    with path.open("rb") as handle:
        firm, loose = _search_stream(handle, needles, is_of_lake=is_of_lake)
    if firm or (loose and not is_of_lake):
        return None
    try:
        for stream in _unpacked(path):
            if any(_search_stream(stream, needles)):
                return None
        if path.suffix == ".parquet":
            return _search_parquet(path, needles, is_of_lake)
        if path.suffix in (".duckdb", ".db"):
            return None if _is_in_database(path, needles) else set()
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, pa.ArrowException):
        # A file that cannot be unpacked has no words but its bytes.
        return set()
    return set()


def _search_stream(stream: IO[bytes], needles: Needles, *, is_of_lake: bool = False) -> tuple[bool, bool]:
    firm = loose = False
    rest = b""
    while chunk := stream.read(CHUNK_BYTES):
        one, other = needles.hits(rest + chunk, is_of_lake=is_of_lake)
        firm, loose = firm or one, loose or other
        rest = chunk[-needles.longest :] if needles.longest else b""
    return firm, loose


def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix == ".gz":
        with gzip.open(path) as stream:
            yield stream  # type: ignore[misc]
    elif path.suffix == ".zst":
        import zstandard

        with path.open("rb") as handle, zstandard.ZstdDecompressor().stream_reader(handle) as stream:
            yield stream
    elif path.suffix in (".zip", ".xlsx") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    yield member


def _search_parquet(path: Path, needles: Needles, is_of_lake: bool) -> set[str] | None:
    owners: set[str] = set()
    with pq.ParquetFile(path) as parquet:
        for batch in parquet.iter_batches(batch_size=ROWS_AT_ONCE):
            firm = loose = False
            for column in batch.columns:
                one, other = _search_array(column, needles, is_of_lake)
                firm, loose = firm or one, loose or other
            if firm or (loose and not is_of_lake):
                return None
            if loose:
                owners |= set(_owners(batch, needles))
    return owners


def _search_array(column: pa.Array, needles: Needles, is_of_lake: bool = False) -> tuple[bool, bool]:
    """Searches the values of a column, packed side by side; those of lists and structs below it as well."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _search_array(column.dictionary, needles, is_of_lake)
    if pa.types.is_struct(kind):
        found = [_search_array(column.field(number), needles, is_of_lake) for number in range(kind.num_fields)]
    elif pa.types.is_map(kind):
        found = [_search_array(column.keys, needles, is_of_lake), _search_array(column.items, needles, is_of_lake)]
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        found = [_search_array(column.flatten(), needles, is_of_lake)]
    elif any(is_kind(kind) for is_kind in _BYTES):
        buffer = column.cast(pa.large_binary()).buffers()[2]
        return needles.hits(memoryview(buffer).cast("B"), is_of_lake=is_of_lake) if buffer else (False, False)
    else:
        return False, False
    return any(firm for firm, _ in found), any(loose for _, loose in found)


_BYTES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)


def _owners(batch: pa.RecordBatch, needles: Needles) -> Iterator[str]:
    key = next((name for name in ("article_id", "raw_id") if name in batch.schema.names), None)
    for row in range(batch.num_rows):
        part = batch.slice(row, 1)
        # A slice shares the buffers of the whole.
        values = pa.RecordBatch.from_pylist(part.to_pylist(), schema=batch.schema)
        if any(any(_search_array(column, needles, True)) for column in values.columns):
            yield str(values[key][0].as_py()) if key else "?"


def _is_in_database(path: Path, needles: Needles) -> bool:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET python_enable_replacements = false; SET memory_limit = '512MB'")
        try:
            connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS searched (READ_ONLY)")
        except duckdb.Error:
            return False
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'searched' AND NOT internal"
        ).fetchall()
        for schema, table in names:
            place = ".".join('"' + name.replace('"', '""') + '"' for name in ("searched", schema, table))
            reader: Any = connection.sql(f"FROM {place}").to_arrow_reader(ROWS_AT_ONCE)
            for batch in reader:
                if any(any(_search_array(column, needles)) for column in batch.columns):
                    return True
    return False
