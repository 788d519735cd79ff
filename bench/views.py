"""The lake's views and macros over files that no snapshot holds, and how long queries of them take."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import duckdb

from newslake.lake import database
from newslake.tables import PUBLISHED

TIMES = 5


class Timed(NamedTuple):
    """Medians of TIMES runs of a query, in milliseconds by the clock and of processor time; rows it answers."""

    wall: float
    processor: float
    rows: int

    def __str__(self) -> str:
        return f"{self.wall:.0f} ms, {self.processor:.0f} of processor time, {self.rows} rows"


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


def timed(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any]) -> Timed:
    """Runs a query TIMES times."""
    wall, processor, rows = [], [], 0
    for _ in range(TIMES):
        start, begun = time.perf_counter(), time.process_time()
        rows = len(connection.execute(query, dict(values)).fetchall())
        wall.append((time.perf_counter() - start) * 1000)
        processor.append((time.process_time() - begun) * 1000)
    return Timed(statistics.median(wall), statistics.median(processor), rows)
