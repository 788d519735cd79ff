"""A table's Parquet files as a relation in DuckDB, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from newslake.lake.database import quoted
from newslake.tables import Table

if TYPE_CHECKING:
    import duckdb


def view(connection: duckdb.DuckDBPyConnection, name: str, table: Table, paths: Sequence[str]) -> None:
    """Makes `name` mean the rows of these files of a table, with the column `filename`."""
    if not paths:
        connection.register(f"{name}_empty", table.empty())
        connection.execute(f"CREATE VIEW {name} AS SELECT *, '' AS filename FROM {name}_empty")
        return
    files = ", ".join(map(quoted, paths))
    is_folded = f"/{table.partition}=" in paths[0]
    types = f", hive_types = {{'{table.partition}': VARCHAR}}" if is_folded else ""
    connection.execute(
        f"CREATE VIEW {name} AS FROM read_parquet([{files}], filename = true, hive_partitioning = {is_folded}{types})"
    )


def rows(connection: duckdb.DuckDBPyConnection, table: Table, source: str) -> pa.Table:
    """A query's answer in a table's schema; `source` is what follows the columns."""
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    found = connection.sql(f"SELECT {columns} {source}").to_arrow_table()
    return found.cast(pa.schema([field.with_nullable(True) for field in table.schema])).cast(table.schema)
