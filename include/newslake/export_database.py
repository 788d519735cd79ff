"""The lake as one file for DuckDB, with its rows: it needs nothing else, and can be taken anywhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from newslake.errors import UsageError
from newslake.lake import database
from newslake.lake.database import STORAGE_VERSION, quoted
from newslake.lake.durable import replace, unwritten
from newslake.lake.snapshots import Snapshot

if TYPE_CHECKING:
    import duckdb

MARK = "newslake_export"
"""A table that only exports have: such a file may be replaced without asking."""


def write(snapshot: Snapshot, path: Path, is_forced: bool) -> None:
    """Writes a snapshot's tables, views and macros into one file, in one step.

    Args:
        snapshot: what is exported.
        path: the file; its folder exists.
        is_forced: whether a file that is no export may be replaced too.

    Raises:
        UsageError: the file is something else, or cannot be written.
        LakeError: the disk is full, or a file of the snapshot cannot be read.
    """
    import duckdb

    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"{path}: is a folder, or its folder is missing; name a file, such as lake.duckdb")
    if path.exists() and not is_forced and not is_export(path):
        raise UsageError(f"{path}: is there and is no export of newslake; name another file, or add --force")
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'; SET python_enable_replacements = false")
            connection.execute(f"ATTACH {quoted(str(temporary))} AS lake (STORAGE_VERSION '{STORAGE_VERSION}')")
            connection.execute("USE lake")
            _fill(connection, snapshot)
            connection.execute("USE memory; DETACH lake")
        replace(temporary, path)
    except duckdb.Error as error:
        raise unwritten(path, error) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        for name in (temporary.name, f"{temporary.name}.wal"):
            temporary.with_name(name).unlink(missing_ok=True)


def is_export(path: Path) -> bool:
    """Whether a file is one that `write` made."""
    import duckdb

    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            found = connection.execute(f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{MARK}'").fetchall()
    except (duckdb.Error, UnicodeDecodeError):
        return False
    return bool(found)


def _fill(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Views over the snapshot become tables in the same order, so that what is built on them is made over tables."""
    tables = set()
    for statement in database.statements(snapshot):
        words = statement.split(maxsplit=4)
        if words[:2] == ["CREATE", "VIEW"] and "read_parquet(" in statement:
            tables.add(words[2])
            statement = statement.replace("CREATE VIEW", "CREATE TABLE", 1)
        elif words[:3] == ["COMMENT", "ON", "VIEW"] and words[3] in tables:
            statement = statement.replace("COMMENT ON VIEW", "COMMENT ON TABLE", 1)
        connection.execute(statement)
    connection.execute(f"CREATE TABLE {MARK} AS SELECT $snapshot AS snapshot, $version AS version", _about(snapshot))
    connection.execute(f"COMMENT ON TABLE {MARK} IS 'Which snapshot this file holds, and what wrote it.'")


def _about(snapshot: Snapshot) -> dict[str, str]:
    from newslake import __version__

    return {"snapshot": snapshot.name, "version": __version__}
