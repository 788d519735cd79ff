"""Which columns a table's files have: those written before a column was added, renamed or retyped stay as they are.

DuckDB finds the columns of all files by itself with `union_by_name`, but opens every file before each query to do so.
A snapshot's manifest says whether that is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from newslake.contract.shape import Shape
from newslake.errors import LakeError
from newslake.tables import Column, Table
from newslake.tables.kinds import sql_type

if TYPE_CHECKING:
    from newslake.lake.snapshots import Snapshot, TableState

DIFFERENT = "different"
"""Stands for the type of a column that has several."""


@dataclass(frozen=True)
class Layout:
    """The columns in a table's files; the one by which they are partitioned stands in the folders' names.

    Attributes:
        columns: name → type, as DuckDB calls it, or DIFFERENT.
        partly: columns that some of the files do not have.
    """

    columns: Mapping[str, str]
    partly: tuple[str, ...] = ()

    @property
    def is_mixed(self) -> bool:
        """Whether the files differ."""
        return bool(self.partly) or DIFFERENT in self.columns.values()

    def value(self, column: Column) -> str:
        """The SQL expression of a column's value over the files.

        In files written before it was added it is its default, or null; before it was renamed, it has its former name.
        Before it was retyped it is cast; what cannot be, is its default, or an error where it has none.
        """
        present = [name for name in (column.name, column.formerly) if name and name in self.columns]
        parts = [self.cast(name, sql_type(column.type), is_tried=column.default is not None) for name in present]
        is_whole = bool(parts) and parts[0] == f'"{column.name}"' and column.name not in self.partly
        if not present or (column.default is not None and not is_whole):
            parts.append(f"({column.default or 'NULL'})::{sql_type(column.type)}")
        return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"

    def cast(self, name: str, kind: str, is_tried: bool) -> str:
        """A column of the files as a type; null where it cannot be, if that is only tried."""
        if self.columns[name] == kind:
            return f'"{name}"'
        return f'{"TRY_CAST" if is_tried else "CAST"}("{name}" AS {kind})'


def of_table(table: Table, is_folded: bool = True) -> Layout:
    """The layout of what is written now; `is_folded`: the partition is in the folders' names."""
    left_out = table.partition if is_folded else None
    return Layout({column.name: sql_type(column.type) for column in table.columns if column.name != left_out})


def of_files(paths: Iterable[str | Path]) -> Layout:
    """The layout of Parquet files, whose ends are read: a third of a millisecond each."""
    found = []
    for path in paths:
        # As a file: a path is taken for one with partitions, which would be added as columns.
        with Path(path).open("rb") as file:
            found.append(Layout({field.name: sql_type(field.type) for field in pq.read_schema(file)}))
    return together(found)


def together(layouts: Sequence[Layout]) -> Layout:
    """The layout of the files of several."""
    types: dict[str, str] = {}
    for layout in layouts:
        for name, kind in layout.columns.items():
            types[name] = kind if types.get(name, kind) == kind else DIFFERENT
    partly = {name for layout in layouts for name in types if name in layout.partly or name not in layout.columns}
    return Layout(types, tuple(name for name in types if name in partly))


def of_snapshot(snapshot: Snapshot, table: Table) -> Layout | None:
    """The layout of a table in a snapshot; None where the table is newer than the snapshot."""
    told = snapshot.manifest["tables"].get(table.name)
    if told is None:
        return None
    if "columns" in told:
        return Layout(told["columns"], tuple(told["partly"]))
    return of_files(snapshot.paths(table.name))


def of_next(base: Snapshot | None, table: Table, state: TableState, folder: Path) -> Layout:
    """The layout of a table in the snapshot that is about to be made.

    Args:
        base: the snapshot that is built upon; its files are not read again unless they differ among themselves.
        table: the table.
        state: its state in the next snapshot.
        folder: where its files lie.
    """
    if not state.files:
        return of_table(table, is_folded=False)
    if base and not _is_told(base):
        base = None
    known = {file.path for file in base.tables[table.name].files} if base else set()
    old = [file.path for file in state.files if file.path in known]
    new = [folder / file.path for file in state.files if file.path not in known]
    before = of_snapshot(base, table) if base and old else None
    if before is None or before.is_mixed:
        return of_files([folder / path for path in old] + new)
    return together([before, *([of_files(new)] if new else [])])


def _is_told(snapshot: Snapshot) -> bool:
    """Whether the manifest can be read; what is built upon a damaged snapshot may have none of its files."""
    try:
        return bool(snapshot.manifest)
    except LakeError:
        return False


def note(layout: Layout) -> dict[str, Any]:
    """A layout as it stands in a manifest."""
    return {"columns": dict(layout.columns), "partly": list(layout.partly)}


def scan(table: Table, files: str, layout: Layout, is_folded: bool, options: str = "") -> str:
    """The SQL that reads a table's files.

    Args:
        table: the table.
        files: a pattern or a list of paths, as an SQL literal.
        layout: of these files.
        is_folded: whether the partition is in the folders' names; DuckDB skips folders that a query does not want.
        options: further ones of read_parquet.
    """
    types = f", hive_types = {{'{table.partition}': VARCHAR}}" if is_folded else ""
    united = ", union_by_name = true" if layout.is_mixed else ""
    return f"read_parquet({files}, hive_partitioning = {str(is_folded).lower()}{types}{united}{options})"


def values(table: Table, layout: Layout, is_folded: bool) -> dict[str, str]:
    """Column → SQL expression of its value over `scan`."""
    return {
        column.name: f'"{column.name}"' if is_folded and column.name == table.partition else layout.value(column)
        for column in table.columns
    }


def older_values(table: Table, layout: Layout, values: Mapping[str, str], older: Shape) -> dict[str, str]:
    """Column of a schema of before → SQL expression of its value over `scan`.

    A column that was removed has the values of files that still have it, and is null elsewhere. One that was retyped is
    null where its value does not fit the old type.

    Args:
        table: the table as it is now.
        layout: of its files.
        values: what `values` gives.
        older: the schema of before.
    """
    now = {column.name: column for column in table.columns}
    renamed = {column.formerly: column for column in table.columns if column.formerly not in now}
    found = {}
    for column in older["columns"]:
        name, kind = column["name"], column["type"]
        heir = now.get(name) or renamed.get(name)
        if heir:
            value = values[heir.name]
            found[name] = value if sql_type(heir.type) == kind else f"TRY_CAST({value} AS {kind})"
        else:
            found[name] = layout.cast(name, kind, is_tried=True) if name in layout.columns else f"NULL::{kind}"
    return found


def selected(values: Mapping[str, str]) -> str:
    """Expressions as what follows SELECT.

    >>> selected({"a": '"a"', "b": '"old"'})
    '"a", "old" AS "b"'
    """
    return ", ".join(value if value == f'"{name}"' else f'{value} AS "{name}"' for name, value in values.items())
