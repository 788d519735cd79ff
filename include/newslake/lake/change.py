"""Changing what is published without new articles: taken back, compacted, or removed.

Like a publisher, a change starts from the newest snapshot, writes files that are not live yet, commits each Delta table
once, and is visible when the next snapshot has its number. Whatever happens before that is taken back by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import database, relations, remote, snapshots
from newslake.lake.database import quoted
from newslake.lake.delta import DataFile, in_order
from newslake.lake.durable import only_one
from newslake.lake.merge import heal, its_turn
from newslake.lake.snapshots import Snapshot, TableState
from newslake.tables import PUBLISHED, RAW_DOCUMENTS, Table

if TYPE_CHECKING:
    import duckdb


class Change:
    """The newest snapshot, and which files each table will have instead.

    The connection has a view `lake_<table>` of every table, with the column `filename`.
    """

    def __init__(self, home: Home, connection: duckdb.DuckDBPyConnection) -> None:
        base = snapshots.newest(home)
        if base is None:
            raise LakeError(f"{home.current}: no lake here yet; run `newslake run` first, or set NEWSLAKE_HOME")
        self.home = home
        self.base = base
        self.connection = connection
        self.folders = heal(home, base)
        self._live = {table.name: {file.path: file for file in base.tables[table.name].files} for table in PUBLISHED}
        for table in PUBLISHED:
            relations.view(connection, f"lake_{table.name}", table, base.paths(table.name))

    def files(self, table: Table) -> list[DataFile]:
        """The files that a table will have."""
        return [self._live[table.name][path] for path in sorted(self._live[table.name])]

    def set_files(self, table: Table, files: Sequence[DataFile]) -> None:
        """Gives a table exactly these files; they lie in its folder."""
        self._live[table.name] = {file.path: file for file in files}

    def keep(self, table: Table, condition: str) -> int:
        """Keeps the rows of which an SQL condition is true: files that hold others are written anew without them.

        Returns:
            How many rows the table loses.
        """
        lost = self.connection.execute(
            f"SELECT filename, count(*) FROM lake_{table.name} WHERE ({condition}) IS NOT TRUE GROUP BY filename"
        ).fetchall()
        for place, _ in sorted(lost):
            path = str(Path(place).relative_to(self.base.path / table.name))
            left = relations.rows(
                self.connection, table, f"FROM lake_{table.name} WHERE filename = {quoted(place)} AND ({condition})"
            )
            del self._live[table.name][path]
            for file in self.folders[table.name].write(in_order(left, table)):
                self._live[table.name][file.path] = file
        return sum(count for _, count in lost)

    @property
    def is_any(self) -> bool:
        """Whether any table will have other files."""
        return any(
            self._live[table.name].keys() != {file.path for file in self.base.tables[table.name].files}
            for table in PUBLISHED
        )

    def commit(self, run_id: str, kind: str, raw_version: int | None = None) -> Snapshot:
        """Makes it visible as the next snapshot.

        Args:
            run_id: noted in the Delta logs and in the manifest.
            kind: likewise: what kind of change this is.
            raw_version: the version of raw_documents that has its files, where it is committed already.

        Raises:
            Overtaken: another machine's publisher was first in the store; begin again.
        """
        states = {}
        for table in PUBLISHED:
            before = {file.path for file in self.base.tables[table.name].files}
            live = self._live[table.name]
            version = self.base.tables[table.name].version
            if table is RAW_DOCUMENTS and raw_version is not None:
                version = raw_version
            elif live.keys() != before:
                added = [live[path] for path in sorted(live.keys() - before)]
                version = self.folders[table.name].commit(added, before - live.keys(), run_id)
            states[table.name] = TableState(version, tuple(self.files(table)))
        paths = {name: folder.path for name, folder in self.folders.items()}
        return snapshots.create(self.home, self.base, states, paths, run_id, partial(remote.claim, self.home), kind)


@contextmanager
def changing(home: Home, *, is_raw_held: bool = False) -> Iterator[Change]:
    """Waits for its turn and gives a change of the newest snapshot; afterwards the analysts' file shows the newest one.

    Args:
        home: where the lake is.
        is_raw_held: nobody lands documents meanwhile, so that raw_documents may be changed too.

    Raises:
        LakeError: there is no lake yet.
    """
    with its_turn(home) as connection, ExitStack() as held:
        if is_raw_held:
            held.enter_context(only_one(home.state / "land.lock"))
        yield Change(home, connection)
        database.write_if_older(home, snapshots.current(home))
