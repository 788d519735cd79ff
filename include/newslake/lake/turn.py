"""One publisher works at a time, from the newest snapshot: what a crashed one left in the Delta tables beyond it is taken
back first. A publisher that lost its turn fails at the snapshot's number, which exists only once.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from newslake.config import Home
from newslake.lake import remote, snapshots
from newslake.lake.database import quoted
from newslake.lake.delta import DeltaFolder, delta_folder
from newslake.lake.durable import only_one
from newslake.lake.snapshots import Snapshot
from newslake.tables import PUBLISHED, RAW_DOCUMENTS

MEMORY_LIMIT = "512MB"
"""For DuckDB's joins; beyond it, it spills to disk."""


@contextmanager
def its_turn(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Waits until nobody publishes, and gives a database for the work; nobody else publishes meanwhile."""
    with only_one(home.state / "publish.lock"), duckdb.connect() as connection:
        spill = home.state / "spill"
        shutil.rmtree(spill, ignore_errors=True)
        connection.execute(
            f"SET memory_limit = '{MEMORY_LIMIT}'; SET temp_directory = {quoted(str(spill))}; SET TimeZone = 'UTC'"
        )
        connection.execute("SET preserve_insertion_order = false; SET python_enable_replacements = false")
        remote.pull(home)
        yield connection


def heal(home: Home, base: Snapshot | None) -> dict[str, DeltaFolder]:
    """Takes back what a crashed publisher left in the Delta tables beyond the newest snapshot; gives their folders."""
    folders = {table.name: delta_folder(home, table) for table in PUBLISHED}
    for table in PUBLISHED:
        if table is not RAW_DOCUMENTS:
            folders[table.name].restore(base.tables[table.name].version if base else 0)
    snapshots.clear_unfinished(home)
    snapshots.make_current(home)
    return folders
