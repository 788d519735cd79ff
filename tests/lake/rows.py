"""All rows of a lake, to compare two of them, whatever order and files they lie in."""

from __future__ import annotations

from pathlib import Path

from newslake.config import Home
from newslake.lake import database
from newslake.lake.snapshots import Snapshot, current
from newslake.tables import PUBLISHED

RUN_TABLES = ("runs", "validation_results")
"""They tell of the runs, which differ in time and number even when the articles are the same."""


def digest(snapshot: Snapshot) -> dict[str, tuple[int, str]]:
    """Number of rows and an order-free hash of every column of every table but RUN_TABLES."""
    found = {}
    with database.connect(snapshot) as connection:
        for table in PUBLISHED:
            if table.name not in RUN_TABLES:
                columns = ", ".join(f'"{name}"' for name in table.column_names)
                query = f"SELECT count(*), coalesce(sum(hash(row({columns})::VARCHAR)::HUGEINT), 0)::VARCHAR FROM {table.name}"
                found[table.name] = connection.execute(query).fetchall()[0]
    return found


def of(home: Path) -> dict[str, tuple[int, str]]:
    """The digest of a home's current snapshot."""
    return digest(current(Home(home)))
