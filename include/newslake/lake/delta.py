"""One Delta Lake table: Parquet files named by their content, and a log that says which are live.

Files are written by pyarrow (sorted, zstd, page checksums, the same bytes for the same rows) and
registered in one Delta commit, so a table changes all at once whatever the number of files.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake.durable import sync, unwritten
from newslake.tables import RAW_DOCUMENTS, Table

if TYPE_CHECKING:
    from deltalake import DeltaTable


@dataclass(frozen=True)
class DataFile:
    """A live Parquet file.

    Attributes:
        path: relative to the table's folder, with its partition folder.
        rows: number of rows.
        bytes: size on disk.
        sha256: of the file's bytes.
    """

    path: str
    rows: int
    bytes: int
    sha256: str


class DeltaFolder:
    """A table's folder. It is created, empty, at version 0, on first use.

    Attributes:
        created: files that this object has written and that were not there before.
        expected: the version that this object's next commit follows, once it has taken something back: who was
            overtaken meanwhile, because it was stopped, fails. None where commits may follow any version.
    """

    def __init__(self, path: Path, table: Table) -> None:
        self.path = path
        self.table = table
        self.created: set[str] = set()
        self.expected: int | None = None

    def open(self, version: int | None = None, is_made: bool = True) -> DeltaTable:
        """The table at its newest, or a given, version; one that is not there is made, or else an error."""
        from deltalake import DeltaTable

        if is_made and not (self.path / "_delta_log").is_dir():
            DeltaTable.create(
                str(self.path),
                schema=self.table.schema,
                partition_by=[self.table.partition] if self.table.partition else None,
                name=self.table.name,
                description=self.table.description,
                mode="ignore",
                configuration={"delta.enableExpiredLogCleanup": "false"},
            )
        return DeltaTable(str(self.path), version=version)

    def check_live(self, version: int, paths: set[str]) -> str | None:
        """Says what is wrong when the table at a version cannot be read, or has other live files than these."""
        from deltalake.exceptions import DeltaError

        try:
            table = self.open(version, is_made=False)
            live = {_relative(uri, self.path) for uri in table.file_uris()}
        except (DeltaError, OSError, ValueError) as error:
            return f"{self.path}: version {version} of the Delta table cannot be read: {error}"
        if live != paths:
            return f"{self.path}: version {version} of the Delta table has other files than the manifest"
        return None

    def live_files(self, version: int | None = None) -> set[str]:
        """Paths of the live files, relative to the folder."""
        return {_relative(uri, self.path) for uri in self.open(version).file_uris()}

    def write(self, rows: pa.Table) -> list[DataFile]:
        """Writes rows as new files, one a partition value; they are not live until `commit`.

        Args:
            rows: in the table's order (see `in_order`), so that equal partition values are neighbours.
        """
        if rows.num_rows == 0:
            return []
        if not self.table.partition:
            return [self._write_file(rows, "")]
        runs = pc.run_end_encode(rows[self.table.partition].combine_chunks())
        files, start = [], 0
        for value, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            files.append(self._write_file(rows.slice(start, end - start), value))
            start = end
        return files

    def describe(self, path: str) -> DataFile:
        """Size, rows and checksum of a file of this folder."""
        whole = self.path / path
        return DataFile(path, pq.read_metadata(whole).num_rows, whole.stat().st_size, _digest(whole))

    def _write_file(self, rows: pa.Table, partition: str) -> DataFile:
        folder = self.path / f"{self.table.partition}={partition}" if self.table.partition else self.path
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".writing-{os.getpid()}-{threading.get_ident()}"
        columns = [name for name in self.table.column_names if name != self.table.partition]
        pq.write_table(
            rows.select(columns),
            temporary,
            compression="zstd",
            compression_level=3,
            row_group_size=self.table.row_group_rows,
            write_page_checksum=True,
            **encodings(self.table),
        )
        written = self.describe(str(temporary.relative_to(self.path)))
        final = folder / f"{written.sha256[:32]}.parquet"
        sync(temporary)
        # What is there may be damaged; then this one takes its place.
        if final.exists() and _digest(final) == written.sha256:
            temporary.unlink()
        else:
            if not final.exists():
                self.created.add(str(final.relative_to(self.path)))
            temporary.replace(final)
        return replace(written, path=str(final.relative_to(self.path)))

    def transaction_version(self, name: str) -> int | None:
        """The number that the newest commit with a transaction of this name carries; None before the first."""
        number = self.open().transaction_version(name)
        return None if number is None else int(number)

    def commit(
        self,
        add: Iterable[DataFile],
        remove: Iterable[str],
        run_id: str,
        transaction: tuple[str, int] | None = None,
    ) -> int:
        """Makes files live and others not, in one Delta commit.

        Args:
            add: files written by `write`.
            remove: paths of live files.
            run_id: noted in the log.
            transaction: name and number of an application transaction that the commit carries: both are there
                afterwards, or neither.

        Returns:
            The table's version, which is the old one when there is nothing to do.
        """
        from deltalake import CommitProperties
        from deltalake.transaction import Transaction

        table = self.open(self.expected)
        removed = set(remove)
        added = [file for file in add if file.path not in removed]
        actions = self._actions(added, removed - {file.path for file in add})
        if not actions and not transaction:
            return int(table.version())
        for folder in {self.path, *((self.path / file.path).parent for file in added)}:
            sync(folder)
        with self._told():
            table = self._all_columns(table)
            table.create_write_transaction(
                actions,
                mode="append",
                schema=table.schema(),
                partition_by=[self.table.partition] if self.table.partition else None,
                commit_properties=CommitProperties(
                    custom_metadata={"newslake_run": run_id},
                    app_transactions=[Transaction(*transaction)] if transaction else None,
                    max_commit_retries=None if self.expected is None else 0,
                ),
            )
        self._sync_log()
        if self.expected is not None:
            self.expected += 1
            return self.expected
        return int(self.open().version())

    def _all_columns(self, table: DeltaTable) -> DeltaTable:
        """Adds the columns that the table was made without, in a commit before; rows of before have no value there."""
        from deltalake import CommitProperties, Schema

        known = {field.name for field in table.schema().fields}
        added = [field.with_nullable(True) for field in self.table.schema if field.name not in known]
        if not added:
            return table
        properties = CommitProperties(max_commit_retries=None if self.expected is None else 0)
        table.alter.add_columns(Schema.from_arrow(pa.schema(added)).fields, commit_properties=properties)
        self._sync_log()
        if self.expected is not None:
            self.expected += 1
        return self.open(self.expected)

    def _actions(self, added: Iterable[DataFile], removed: Iterable[str]) -> list[object]:
        from deltalake.transaction import AddAction, RemoveAction

        now = int(time.time() * 1000)
        adding: list[object] = [
            AddAction(
                file.path, file.bytes, self._partition_values(file), now, True, json.dumps({"numRecords": file.rows})
            )
            for file in added
        ]
        return adding + [RemoveAction(path=path, data_change=True, deletion_timestamp=now) for path in sorted(removed)]

    def restore(self, version: int) -> int:
        """Takes back what was committed after `version`; returns the table's version afterwards, which commits follow."""
        table = self.open()
        if table.version() > version and self.live_files() != self.live_files(version):
            with self._told():
                table.restore(version)
            self._sync_log()
        self.expected = int(self.open().version())
        return self.expected

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of delta-rs while it writes, which carry no error number, as ours."""
        from deltalake.exceptions import CommitFailedError, DeltaError

        try:
            yield
        except CommitFailedError:
            raise LakeError(
                f"{self.path}: somebody else has published meanwhile; nothing was changed, run again"
            ) from None
        except (DeltaError, OSError) as error:
            raise unwritten(self.path, error) from None

    def _partition_values(self, file: DataFile) -> dict[str, str | None]:
        if not self.table.partition:
            return {}
        return {self.table.partition: file.path.split("/")[0].split("=", 1)[1]}

    def _sync_log(self) -> None:
        log = self.path / "_delta_log"
        newest = sorted(log.glob("*.json"))[-1:]
        for path in [*newest, log]:
            sync(path)


def delta_folder(home: Home, table: Table) -> DeltaFolder:
    """Where a published table's Delta table lies."""
    return DeltaFolder(home.raw if table is RAW_DOCUMENTS else home.delta / table.name, table)


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def in_order(rows: pa.Table, table: Table, wanted: pa.ChunkedArray | None = None) -> pa.Table:
    """Rows in the table's order, nulls last: neighbours in time become neighbours on disk.

    Args:
        rows: of the table.
        table: its definition.
        wanted: which rows to take, all by default; they are copied once.
    """
    partition = [table.partition] if table.partition else []
    keys = [(column, "ascending") for column in dict.fromkeys((*partition, *table.order))]
    if not keys or rows.num_rows == 0:
        return rows if wanted is None else rows.filter(wanted)
    rows = rows.combine_chunks()
    indices = pc.sort_indices(rows, sort_keys=keys)
    if wanted is not None:
        indices = indices.filter(wanted.combine_chunks().take(indices))
    is_sorted = pc.all(pc.greater(pc.pairwise_diff(indices.cast(pa.int64())).drop_null(), 0)).as_py()
    return rows if is_sorted is not False and len(indices) == rows.num_rows else rows.take(indices)


def encodings(table: Table) -> dict[str, Any]:
    """Parquet options: dictionaries where values repeat, differences for integers, statistics where a query can use them.

    A quarter faster and smaller than the defaults on sentences with their tokens.
    """
    dictionary, differences, statistics = [], {}, []
    for column in table.columns:
        if not column.is_unique or column.name in table.key:
            statistics.append(column.name)
        for path, kind in _leaves(column.name, column.type):
            if pa.types.is_integer(kind):
                differences[path] = "DELTA_BINARY_PACKED"
            elif not column.is_unique and not pa.types.is_floating(kind):
                dictionary.append(path)
    return {"use_dictionary": dictionary, "column_encoding": differences, "write_statistics": statistics}


def _leaves(path: str, kind: pa.DataType) -> Iterator[tuple[str, pa.DataType]]:
    """Parquet's leaf columns below a column."""
    if pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves(f"{path}.{field.name}", field.type)
    elif pa.types.is_map(kind):
        yield from _leaves(f"{path}.key_value.key", kind.key_type)
        yield from _leaves(f"{path}.key_value.value", kind.item_type)
    elif pa.types.is_list(kind):
        yield from _leaves(f"{path}.list.element", kind.value_type)
    else:
        yield path, kind


def _relative(uri: str, folder: Path) -> str:
    return unquote(uri).split(f"{folder}/", 1)[1]
