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
from newslake.contract import record
from newslake.contract.shape import Shape
from newslake.lake import layouts, source_view
from newslake.lake.durable import replace, unwritten, write_text
from newslake.lake.layouts import Layout
from newslake.lake.snapshots import Snapshot, current
from newslake.tables import PUBLISHED, Table

if TYPE_CHECKING:
    import duckdb

MARTS = Path(__file__).resolve().parents[1] / "sql"
STORAGE_VERSION = "v1.2.0"
"""The newest DuckDB writes files that 1.x cannot open, unless told to keep to this version."""


def statements(snapshot: Snapshot) -> Iterator[str]:
    """Everything that turns an empty database into the lake."""
    for table in PUBLISHED:
        yield f"CREATE VIEW {table.name} AS {_select(snapshot, table)}"
        yield from _comments(table)
        yield from _for_old_readers(snapshot, table)
    yield from source_view.statements()
    for path in sorted(MARTS.glob("*.sql")):
        yield path.read_text(encoding="utf-8")


def _select(snapshot: Snapshot, table: Table, older: Shape | None = None) -> str:
    """The rows of a table in a snapshot, whatever columns its files were written with.

    Args:
        snapshot: the snapshot.
        table: the table.
        older: the schema of before, whose columns to give instead.
    """
    layout = layouts.of_snapshot(snapshot, table)
    is_there = layout is not None
    is_folded = is_there and table.partition is not None and bool(snapshot.tables[table.name].files)
    layout = layout or Layout({})
    values = layouts.values(table, layout, is_folded)
    columns = layouts.selected(layouts.older_values(table, layout, values, older) if older else values)
    if not is_there:
        return f"SELECT {columns} WHERE false"
    return f"SELECT {columns} FROM {layouts.scan(table, _files(snapshot, table), layout, is_folded)}"


def _for_old_readers(snapshot: Snapshot, table: Table) -> Iterator[str]:
    """`<table>_v<major>`: the columns that a table had in the major version before."""
    if release := record.before(table.name, table.version):
        major = record.numbers(release.version)[0]
        name = f"{table.name}_v{major}"
        yield f"CREATE VIEW {name} AS {_select(snapshot, table, release.shape)}"
        comment = (
            f"{table.name} with the columns of version {release.version}, for readers of before {major + 1}.0.0; "
            f"it goes with {major + 2}.0.0"
        )
        yield f"COMMENT ON VIEW {name} IS {quoted(comment)}"


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
def connect(
    snapshot: Snapshot, is_locked: bool = True, memory_bytes: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection to a snapshot; it can read nothing else when locked.

    Args:
        snapshot: what to show.
        is_locked: whether it is for a stranger's queries.
        memory_bytes: the most that it may hold; then nothing is written to the disk when that is not enough.
    """
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET python_enable_replacements = false")
        if memory_bytes:
            connection.execute(f"SET memory_limit = '{memory_bytes}B'; SET temp_directory = ''")
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
        if table.name in snapshot.manifest["tables"] and _files(snapshot, table) not in views[table.name]:
            return f"{home.database}: shows another snapshot than {snapshot.path}"
    return None


def write_if_older(home: Home, snapshot: Snapshot) -> None:
    """Replaces the analysts' file in one step, unless it is as this software would write it already."""
    import duckdb

    mark = home.state / "database.txt"
    told = sha256("".join(statements(snapshot)).encode()).hexdigest()[:16]
    name = f"{snapshot.path} {__version__} {told}"
    if mark.exists() and mark.read_text(encoding="utf-8") == name and not fault(home, snapshot):
        return
    is_newest = current(home).path == snapshot.path
    temporary = home.database.with_name(f".{home.database.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH {quoted(str(temporary))} AS lake (STORAGE_VERSION '{STORAGE_VERSION}')")
            # Each transaction waits for the disk, so all statements are one.
            connection.execute("USE lake; BEGIN")
            for statement in statements(snapshot):
                connection.execute(statement)
            connection.execute("COMMIT; USE memory; DETACH lake")
    except duckdb.Error as error:
        raise unwritten(temporary, error) from None
    replace(temporary, home.database)
    write_text(mark, name)
    if is_newest and (newest := current(home)).path != snapshot.path:
        # Another publisher was faster, as this one was stopped, and its file has just been replaced by an older one.
        write_if_older(home, newest)
