"""A table's Parquet files as a relation in DuckDB, and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from newslake.lake import layouts
from newslake.lake.database import quoted
from newslake.lake.layouts import Layout
from newslake.lake.snapshots import EMPTY
from newslake.tables import Table

if TYPE_CHECKING:
    import duckdb


def view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    table: Table,
    paths: Sequence[str],
    layout: Layout | None = None,
) -> None:
    """Makes `name` mean the rows of these files of a table, with all its columns and `filename`.

    Args:
        connection: where to make it.
        name: of the view.
        table: the table.
        paths: files; a table that is newer than a snapshot has none there.
        layout: the columns that the files have; they are opened to find out by default.
    """
    paths = [path for path in paths if Path(path).name != EMPTY or Path(path).exists()]
    if not paths:
        connection.register(f"{name}_empty", table.empty())
        connection.execute(f"CREATE VIEW {name} AS SELECT *, '' AS filename FROM {name}_empty")
        return
    layout = layout or layouts.of_files(paths)
    is_folded = f"/{table.partition}=" in paths[0]
    columns = layouts.selected(layouts.values(table, layout, is_folded))
    files = f"[{', '.join(map(quoted, paths))}]"
    source = layouts.scan(table, files, layout, is_folded, ", filename = true")
    connection.execute(f"CREATE VIEW {name} AS SELECT {columns}, filename FROM {source}")


def rows(connection: duckdb.DuckDBPyConnection, table: Table, source: str) -> pa.Table:
    """A query's answer in a table's schema; `source` is what follows the columns."""
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    found = connection.sql(f"SELECT {columns} {source}").to_arrow_table()
    return found.cast(pa.schema([field.with_nullable(True) for field in table.schema])).cast(table.schema)
