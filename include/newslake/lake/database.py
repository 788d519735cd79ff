"""The lake as a database: views over one snapshot, with the tables' comments.

The same statements make the in-memory connection behind `newslake query` and the analysts' file
`newslake.duckdb`. Views name the snapshot's own folder, not `current`, so a query never sees two.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from newslake import __version__
from newslake.config import Home
from newslake.lake import source_view
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
        columns = ", ".join(f'"{name}"' for name in table.column_names)
        types = f", hive_types = {{'{table.partition}': VARCHAR}}" if table.partition else ""
        partitioned = table.partition is not None and bool(snapshot.tables[table.name].files)
        yield (
            f"CREATE VIEW {table.name} AS SELECT {columns} FROM read_parquet({_files(snapshot, table)}, "
            f"hive_partitioning = {str(partitioned).lower()}{types if partitioned else ''})"
        )
        yield from _comments(table)
    yield from source_view.statements()
    for path in sorted(MARTS.glob("*.sql")):
        yield path.read_text(encoding="utf-8")


def _files(snapshot: Snapshot, table: Table) -> str:
    return quoted(str(snapshot.path / table.name / "**" / "*.parquet"))


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


def fault(home: Home, snapshot: Snapshot) -> str | None:
    """Says what is wrong with the analysts' file; None when all its tables show this snapshot."""
    import duckdb

    if not home.database.is_file():
        return f"{home.database}: missing"
    # A copy, since DuckDB opens no file that somebody else has open to write.
    with TemporaryDirectory(prefix="newslake-") as folder:
        copy = shutil.copyfile(home.database, Path(folder) / home.database.name)
        try:
            with duckdb.connect(str(copy), read_only=True) as connection:
                views = dict(
                    connection.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
                )
        except (duckdb.Error, UnicodeDecodeError) as error:
            return f"{home.database}: cannot be read: {str(error).splitlines()[0]}"
    for table in PUBLISHED:
        if table.name not in views:
            return f"{home.database}: has no table {table.name}"
        if _files(snapshot, table) not in views[table.name]:
            return f"{home.database}: shows another snapshot than {snapshot.path}"
    return None


def write_if_older(home: Home, snapshot: Snapshot) -> None:
    """Replaces the analysts' file in one step, unless it shows this snapshot, and the sources as they are, already."""
    import duckdb

    mark = home.state / "database.txt"
    told = sha256("".join(source_view.statements()).encode()).hexdigest()[:16]
    name = f"{snapshot.path} {__version__} {told}"
    if mark.exists() and mark.read_text(encoding="utf-8") == name and not fault(home, snapshot):
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
