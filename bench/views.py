"""The lake's views and macros over files that no snapshot holds, for measurements."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from newslake.lake import database
from newslake.tables import PUBLISHED


def connected(files: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    """A connection with two threads.

    Args:
        files: name of a table → pattern of its files. The other tables are empty.
    """
    connection = duckdb.connect(config={"threads": 2})
    for table in PUBLISHED:
        if table.name in files:
            pattern = database.quoted(files[table.name])
            connection.execute(f"CREATE VIEW {table.name} AS FROM read_parquet({pattern}, hive_partitioning = true)")
        else:
            connection.register("empty", table.empty())
            connection.execute(f"CREATE TABLE {table.name} AS FROM empty")
    for path in sorted(database.MARTS.glob("*.sql")):
        connection.execute(path.read_text(encoding="utf-8"))
    return connection
