"""The lake as a database: views over one snapshot, with the tables' comments.

The same statements make the in-memory connection behind `newslake query` and the analysts' file
`newslake.duckdb`. Views name the snapshot's own folder, not `current`, so a query never sees two.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from newslake import __version__
from newslake.config import Home
from newslake.lake.durable import replace, write_text
from newslake.lake.snapshots import Snapshot
from newslake.tables import PUBLISHED, Table

if TYPE_CHECKING:
    import duckdb

MARTS = Path(__file__).resolve().parents[1] / "sql"
STORAGE_VERSION = "v1.2.0"
"""The newest DuckDB writes files that 1.x cannot open, unless told to keep to this version."""


def statements(snapshot: Snapshot) -> Iterator[str]:
    """Everything that turns an empty database into the lake."""
    for table in PUBLISHED:
        glob = snapshot.path / table.name / "**" / "*.parquet"
        columns = ", ".join(f'"{name}"' for name in table.column_names)
        types = f", hive_types = {{'{table.partition}': VARCHAR}}" if table.partition else ""
        partitioned = table.partition is not None and bool(snapshot.tables[table.name].files)
        yield (
            f"CREATE VIEW {table.name} AS SELECT {columns} FROM read_parquet({quoted(str(glob))}, "
            f"hive_partitioning = {str(partitioned).lower()}{types if partitioned else ''})"
        )
        yield from _comments(table)
    for path in sorted(MARTS.glob("*.sql")):
        yield path.read_text(encoding="utf-8")


def _comments(table: Table) -> Iterator[str]:
    yield f"COMMENT ON VIEW {table.name} IS {quoted(f'{table.description} One row: {table.grain}.')}"
    for column in table.columns:
        yield f'COMMENT ON COLUMN {table.name}."{column.name}" IS {quoted(column.comment)}'


def quoted(text: str) -> str:
    """A text as an SQL literal.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def connect(snapshot: Snapshot, is_locked: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection to a snapshot; it can read nothing else when locked."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET python_enable_replacements = false")
        for statement in statements(snapshot):
            connection.execute(statement)
        if is_locked:
            connection.execute(f"SET allowed_directories = [{quoted(str(snapshot.path) + '/')}]")
            connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        yield connection


def write_if_older(home: Home, snapshot: Snapshot) -> None:
    """Replaces the analysts' file in one step, unless it shows this snapshot already."""
    import duckdb

    mark = home.state / "database.txt"
    name = f"{snapshot.path} {__version__}"
    if home.database.exists() and mark.exists() and mark.read_text(encoding="utf-8") == name:
        return
    temporary = home.database.with_name(f".{home.database.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(temporary))} AS lake (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE lake")
        for statement in statements(snapshot):
            connection.execute(statement)
        connection.execute("USE memory")
        connection.execute("DETACH lake")
    replace(temporary, home.database)
    write_text(mark, name)
