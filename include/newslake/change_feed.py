"""The changes between two snapshots for the eyes, or as JSON, CSV or Parquet; rows are written as they are found."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from newslake.config import Home
from newslake.errors import UsageError
from newslake.lake import changes
from newslake.lake.changes import AFTER, BEFORE, Changes
from newslake.lake.durable import replace
from newslake.lake.snapshots import Snapshot
from newslake.query import FORMULA_STARTS
from newslake.tables import PUBLISHED, TABLES, Table
from newslake.terminal import plain, table

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN_ROWS = 200
SHOWN_CHARACTERS = 60
"""Of a value, on either side of an arrow."""
ROW_GROUP_BATCHES = 5
"""Batches of changes that make a row group of a Parquet file."""


def write(home: Home, since: Snapshot, until: Snapshot, name: str | None, form: str, output: Path | None) -> None:
    """Writes what leads from one snapshot to another.

    Args:
        home: where they are.
        since: the snapshot that a reader has.
        until: the one that is wanted.
        name: a table; all where there is none.
        form: table, json, csv or parquet.
        output: a file; a folder for parquet of all tables; None for standard output.

    Raises:
        UsageError: the form cannot hold that, or the output cannot be written.
        LakeError: a file of the lake is missing or changed.
    """
    if form == "csv" and name is None:
        raise UsageError("csv holds one table: add --table NAME, or take --format json or parquet")
    if form == "parquet" and output is None:
        raise UsageError("parquet goes to files: add --output FILE.parquet, or a folder where no --table is named")
    wanted = [TABLES[name]] if name else list(PUBLISHED)
    with changes.between(home, since, until) as feed:
        if form == "parquet" and output:
            _write_parquet(feed, wanted, output, is_folder=name is None)
            return
        with _opened(output) as stream:
            if form == "json":
                _write_json(feed, wanted, stream)
            elif form == "csv":
                _write_csv(feed, wanted[0], stream)
            else:
                stream.write(_rows(feed, wanted[0]) if name else _counts(feed, since, until))


def _counts(feed: Changes, since: Snapshot, until: Snapshot) -> str:
    rows = []
    for one in PUBLISHED:
        found = feed.counts(one)
        rows.append((one.name, found.inserts, found.updates, found.deletes, found.files_read, found.files_same))
    title = f"from snapshot {since.name} to {until.name}\n"
    return title + table(("table", "inserts", "updates", "deletes", "files_read", "files_same"), rows)


def _rows(feed: Changes, one: Table) -> str:
    """A line a change: its key, and of an update which columns have other values."""
    lines: list[tuple[object, ...]] = []
    before: dict[str, Any] = {}
    for row in _records(feed, one):
        change = row.pop("change")
        if change == BEFORE:
            before = row
            continue
        if len(lines) == SHOWN_ROWS:
            break
        said = _differences(before, row) if change == AFTER else ""
        lines.append(("update" if change == AFTER else change, *(row[name] for name in one.key), said))
    text = table(("change", *one.key, "columns"), lines)
    found = feed.counts(one)
    if found.rows > SHOWN_ROWS:
        text += f"… of {found.inserts} inserts, {found.updates} updates, {found.deletes} deletes; --format csv, json or parquet hold all of them\n"
    return text


def _differences(before: dict[str, Any], after: dict[str, Any]) -> str:
    return "; ".join(
        f"{name}: {_short(before[name])} → {_short(after[name])}" for name in after if before[name] != after[name]
    )


def _short(value: object) -> str:
    text = plain(value).replace("\n", " ")
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _records(feed: Changes, one: Table) -> Iterator[dict[str, Any]]:
    for batch in feed.batches(one):
        yield from batch.to_pylist(maps_as_pydicts="strict")


def _write_json(feed: Changes, wanted: list[Table], stream: TextIO) -> None:
    """An array with an object a line, so that it can be read whole or line by line."""
    import orjson

    mark = "["
    for one in wanted:
        for row in _records(feed, one):
            line = orjson.dumps({"table": one.name, **row}, default=_value, option=orjson.OPT_NON_STR_KEYS)
            stream.write(f"{mark}\n{line.decode()}")
            mark = ","
    stream.write("[]\n" if mark == "[" else "\n]\n")


def _write_csv(feed: Changes, one: Table, stream: TextIO) -> None:
    import csv

    import orjson

    def cell(value: object) -> object:
        if isinstance(value, list | dict | bytes):
            value = orjson.dumps(value, default=_value, option=orjson.OPT_NON_STR_KEYS).decode()
        return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value

    # Python 3.11 quotes a carriage return only where it is part of the line's end.
    writer = csv.writer(_Lines(stream), lineterminator="\r\n")
    writer.writerow(("change", *one.column_names))
    for row in _records(feed, one):
        writer.writerow([cell(value) for value in row.values()])


class _Lines:
    """Writes lines that end with a line feed alone."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> int:
        """Takes a line as the csv module ends it."""
        return self._stream.write(f"{line[:-2]}\n")


def _value(value: object) -> object:
    """Bytes as base64, as JSON has none."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value))


def _write_parquet(feed: Changes, wanted: list[Table], output: Path, is_folder: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if is_folder:
        _make_folder(output)
    for one in wanted:
        if is_folder and not feed.counts(one).rows:
            continue
        path = output / f"{one.name}.parquet" if is_folder else output
        schema = changes.schema_of(one)
        with (
            _temporary(path) as temporary,
            pq.ParquetWriter(temporary, schema, compression="zstd", write_page_checksum=True) as writer,
        ):
            for batches in _groups(feed.batches(one)):
                writer.write_table(pa.Table.from_batches(batches, schema))


def _groups(batches: pa.RecordBatchReader) -> Iterator[list[pa.RecordBatch]]:
    group: list[pa.RecordBatch] = []
    for batch in batches:
        group.append(batch)
        if len(group) == ROW_GROUP_BATCHES:
            yield group
            group = []
    if group:
        yield group


def _make_folder(folder: Path) -> None:
    """A new or an empty one: a file that an earlier feed left would be taken for a part of this one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_used = any(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{folder}: cannot be a folder for the changes: {error.strerror or error}") from None
    if is_used:
        raise UsageError(f"{folder}: holds files already; name a new folder with --output")


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    with _temporary(output) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A file that gets its name when it is whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        replace(temporary, path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)
