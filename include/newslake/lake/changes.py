"""What differs between two snapshots, row by row: inserts, updates (before and after) and deletes of every table.

Files are named by their content, so those that both snapshots have cancel out, and only the others are read. Their rows
are matched by the table's key in DuckDB, first by key and hash alone, then whole where something differs. Replaying
the changes on the older snapshot gives the newer one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import layouts
from newslake.lake.database import quoted
from newslake.lake.delta import DataFile
from newslake.lake.snapshots import Snapshot, whole_copy
from newslake.tables import Table

if TYPE_CHECKING:
    import duckdb

INSERT, BEFORE, AFTER, DELETE = KINDS = ("insert", "update_before", "update_after", "delete")
"""Values of the column `change`. A key that is in both snapshots with other values is a pair of the two in the middle."""
MEMORY_LIMIT = "512MB"
"""For DuckDB's join of keys; beyond it, it spills to disk."""
BATCH_ROWS = 2_000
"""Rows handed on at a time; sentences with their words are some 2 KB each."""


@dataclass(frozen=True)
class Counts:
    """How a table changed.

    Attributes:
        inserts: rows whose key is new.
        updates: rows whose key is in both snapshots, with other values.
        deletes: rows whose key is gone.
        files_read: files that only one of the snapshots has.
        files_same: files that both have, which are not read.
    """

    inserts: int
    updates: int
    deletes: int
    files_read: int
    files_same: int

    @property
    def rows(self) -> int:
        """Keys that changed."""
        return self.inserts + self.updates + self.deletes


class Changes:
    """Changes from one snapshot to another, one table at a time, in a connection of its own."""

    def __init__(self, home: Home, since: Snapshot, until: Snapshot, connection: duckdb.DuckDBPyConnection) -> None:
        self._home = home
        self._since = since
        self._until = until
        self._connection = connection
        self._tables: dict[str, Sides] = {}

    def counts(self, table: Table) -> Counts:
        """How many rows of a table changed, and how many files were read for that."""
        sides = self._sides(table)
        same = len(self._until.tables[table.name].files) - sides.added_files
        read = sides.added_files + sides.removed_files
        if sides.is_one_sided:
            return Counts(sides.added_rows, 0, sides.removed_rows, read, same)
        inserts, updates, deletes = self._connection.execute(
            f"""
            SELECT count(*) FILTER (old_place IS NULL), count(*) FILTER (old_place IS NOT NULL AND new_place IS NOT NULL),
                   count(*) FILTER (new_place IS NULL) FROM {sides.moved}
            """
        ).fetchall()[0]
        return Counts(inserts, updates, deletes, read, same)

    def batches(self, table: Table) -> pa.RecordBatchReader:
        """The changed rows of a table: deletes, then updates, each before and after, then inserts.

        Returns:
            Batches with the column `change` (one of KINDS) and the table's columns, read while they are taken.
        """
        sides, schema = self._sides(table), schema_of(table)

        def read() -> Iterator[pa.RecordBatch]:
            for query in sides.queries():
                for batch in self._connection.sql(query).to_arrow_reader(BATCH_ROWS):
                    yield pa.RecordBatch.from_arrays(batch.columns, batch.schema.names).cast(schema)

        return pa.RecordBatchReader.from_batches(schema, read())

    def _sides(self, table: Table) -> Sides:
        if table.name not in self._tables:
            before, after = (snapshot.tables[table.name].files for snapshot in (self._since, self._until))
            known, wanted = {file.sha256: file for file in before}, {file.sha256: file for file in after}
            removed = [file for file in before if file.sha256 not in wanted]
            added = [file for file in after if file.sha256 not in known]
            sides = Sides(
                self._connection,
                table,
                self._paths(self._since, table, removed),
                self._paths(self._until, table, added),
                sum(file.rows for file in removed),
                sum(file.rows for file in added),
            )
            sides.match()
            self._tables[table.name] = sides
        return self._tables[table.name]

    def _paths(self, snapshot: Snapshot, table: Table, files: list[DataFile]) -> list[str]:
        """Where the files can be read; each is compared with its checksum first, since DuckDB would not notice."""
        found = []
        for file in files:
            path = whole_copy(self._home, snapshot, table, file)
            if path is None:
                raise LakeError(
                    f"{snapshot.path / table.name / file.path}: missing or changed, so that nobody can say what differs; "
                    "restore it from a backup, or ask since another one of `newslake snapshots list`"
                )
            found.append(str(path))
        return found


class Sides:
    """Rows of a table in the files that only the older snapshot has (old), or only the newer one (new)."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        removed: list[str],
        added: list[str],
        removed_rows: int,
        added_rows: int,
    ) -> None:
        self._connection = connection
        self._table = table
        self._files = {"old": removed, "new": added}
        self.removed_rows, self.added_rows = removed_rows, added_rows
        self.removed_files, self.added_files = len(removed), len(added)
        self.is_one_sided = not removed or not added
        self.moved = f"moved_{table.name}"

    def match(self) -> str:
        """Finds where rows of both sides lie that have no equal on the other side; gives the name of that table."""
        if self.is_one_sided:
            return self.moved
        key = ", ".join(f'"{name}"' for name in self._table.key)
        sides = {
            side: f"SELECT {key}, hash({self._hashed()}) AS content, file_index::BIGINT << 32 | file_row_number AS place "
            f"FROM {self._rows(side)}"
            for side in self._files
        }
        self._connection.execute(
            f"""
            CREATE TABLE {self.moved} AS
            SELECT old.place AS old_place, new.place AS new_place
            FROM ({sides["old"]}) AS old FULL JOIN ({sides["new"]}) AS new USING ({key})
            WHERE old.content IS DISTINCT FROM new.content
            """
        )
        return self.moved

    def queries(self) -> Iterator[str]:
        """What gives the changed rows, one query after the other."""
        columns = ", ".join(f'"{name}"' for name in self._table.column_names)
        if self.is_one_sided:
            for side, kind in (("old", DELETE), ("new", INSERT)):
                if self._files[side]:
                    yield f"SELECT '{kind}' AS change, {columns} FROM {self._rows(side)}"
            return
        yield f"SELECT '{DELETE}' AS change, {columns} FROM {self._moved_rows('old', 'new_place IS NULL')}"
        yield f"""
            SELECT change, {columns} FROM (
                SELECT '{BEFORE}' AS change, 0 AS side, * FROM {self._moved_rows("old", "new_place IS NOT NULL")}
                UNION ALL BY NAME
                SELECT '{AFTER}' AS change, 1 AS side, * FROM {self._moved_rows("new", "old_place IS NOT NULL")}
            ) ORDER BY old_place, side
        """
        yield f"SELECT '{INSERT}' AS change, {columns} FROM {self._moved_rows('new', 'old_place IS NULL')}"

    def _moved_rows(self, side: str, condition: str) -> str:
        return (
            f"{self._rows(side)} AS found JOIN (SELECT * FROM {self.moved} WHERE {condition}) AS moved "
            f"ON moved.{side}_place = found.file_index::BIGINT << 32 | found.file_row_number"
        )

    def _rows(self, side: str) -> str:
        """The rows of a side in the columns that the table has today: a file may be older than a column or its type."""
        paths = self._files[side]
        layout, is_folded = layouts.of_files(paths), self._table.partition is not None
        columns = layouts.selected(layouts.values(self._table, layout, is_folded))
        files = f"[{', '.join(map(quoted, paths))}]"
        source = layouts.scan(self._table, files, layout, is_folded, ", file_row_number = true")
        return f"(SELECT {columns}, file_index, file_row_number FROM {source})"

    def _hashed(self) -> str:
        """What the hash of a row is made of. That of a list alone is the same for an empty list, a null, and a null in it."""
        parts = []
        for field in self._table.schema:
            name = f'"{field.name}"'
            if _is_flat(field.type):
                parts.append(name)
            elif pa.types.is_list(field.type) and _is_row(field.type.value_type):
                parts += [name, f"{name} IS NULL", f"len({name})", f"list_count({name})"]
            else:
                parts.append(f"{name}::VARCHAR")
        return ", ".join(parts)


def _is_flat(kind: pa.DataType) -> bool:
    return not pa.types.is_nested(kind)


def _is_row(kind: pa.DataType) -> bool:
    return _is_flat(kind) or (pa.types.is_struct(kind) and all(_is_flat(field.type) for field in kind))


def schema_of(table: Table) -> pa.Schema:
    """`change` and the table's columns; an old row may lack a value that every row has today."""
    change = pa.field("change", pa.string(), nullable=False, metadata={"description": ", ".join(KINDS)})
    return pa.schema([change, *(field.with_nullable(True) for field in table.schema)], metadata=table.schema.metadata)


@contextmanager
def between(home: Home, since: Snapshot, until: Snapshot) -> Iterator[Changes]:
    """The changes that lead from one snapshot to another, in whichever order of time.

    Args:
        home: where they are.
        since: the snapshot whose readers are to be told.
        until: the snapshot that they will have then.

    Raises:
        LakeError: a file that only one of them has is missing or changed, or there is no room to compare them.
    """
    import duckdb

    with TemporaryDirectory(prefix="newslake-changes-") as spill, duckdb.connect() as connection:
        connection.execute(
            f"SET memory_limit = '{MEMORY_LIMIT}'; SET temp_directory = {quoted(spill)}; SET TimeZone = 'UTC'"
        )
        connection.execute("SET preserve_insertion_order = false; SET python_enable_replacements = false")
        try:
            yield Changes(home, since, until, connection)
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise LakeError(
                f"changes from {since.path} to {until.path}: {said}; if that is for want of room, TMPDIR names another "
                "folder for temporary files, else see `newslake verify`"
            ) from None
