"""Changing what is published without new articles: taken back, compacted, or removed.

Like a publisher, a change starts from the newest snapshot, writes files that are not live yet, commits each Delta table
once, and is visible when the next snapshot has its number. Whatever happens before that is taken back by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import database, raw_change, relations, remote, snapshots
from newslake.lake.database import quoted
from newslake.lake.delta import DataFile, delta_folder, in_order
from newslake.lake.durable import only_one
from newslake.lake.snapshots import Snapshot, TableState
from newslake.lake.turn import heal, its_turn
from newslake.tables import PUBLISHED, RAW_DOCUMENTS, Table

if TYPE_CHECKING:
    import duckdb


class Change:
    """The newest snapshot, and which files each table will have instead.

    The connection has a view `lake_<table>` of every table, with the column `filename`: of the rows that the table will
    have, as far as that is decided.

    Attributes:
        base: the newest snapshot.
        folders: the Delta folder of each table.
        waiting: files of raw_documents that no snapshot will know yet, where they change as well; else None.
    """

    def __init__(
        self, home: Home, connection: duckdb.DuckDBPyConnection, *, is_raw_held: bool = False, is_read: bool = True
    ) -> None:
        base = snapshots.newest(home)
        if base is None:
            raise LakeError(f"{home.current}: no lake here yet; run `newslake run` first, or set NEWSLAKE_HOME")
        self.home = home
        self.base = base
        self.connection = connection
        self.waiting: list[DataFile] | None = None
        self._is_raw_held = is_raw_held
        self._is_read = is_read
        # Of a snapshot that is not read, nothing is needed but its number: it may be damaged.
        if is_read or base.is_whole:
            self.folders = heal(home, base)
            self._before = {table.name: base.tables[table.name].files for table in PUBLISHED}
        else:
            self.folders = {table.name: delta_folder(home, table) for table in PUBLISHED}
            self._before = {}
        self._live = {name: {file.path: file for file in files} for name, files in self._before.items()}
        for table in PUBLISHED if is_read else ():
            self._show(table)

    def files(self, table: Table) -> list[DataFile]:
        """The files that a table will have."""
        live = self._live[table.name]
        return [live[path] for path in sorted(live)]

    def set_files(self, table: Table, files: Sequence[DataFile]) -> None:
        """Gives a table exactly these files; they lie in its folder."""
        self._live[table.name] = {file.path: file for file in files}
        if self._is_read:
            self._show(table)

    def keep(self, table: Table, condition: str) -> int:
        """Keeps the rows of which an SQL condition is true: files that hold others are written anew without them.

        Args:
            table: its rows are `lake_<table>`.
            condition: over its columns; it may ask other tables, and tables of the connection.

        Returns:
            How many rows the table loses.
        """
        view, live = f"lake_{table.name}", self._live[table.name]
        lost = self.connection.execute(
            f"SELECT filename, count(*) FROM {view} WHERE ({condition}) IS NOT TRUE GROUP BY filename ORDER BY filename"
        ).fetchall()
        paths = {self.place(table, path): path for path in live}
        kept = dict(live)
        for place, _ in lost:
            left = relations.rows(
                self.connection, table, f"FROM {view} WHERE filename = {quoted(place)} AND ({condition})"
            )
            del kept[paths[place]]
            kept.update((file.path, file) for file in self.folders[table.name].write(in_order(left, table)))
        if lost:
            self.set_files(table, list(kept.values()))
        return sum(count for _, count in lost)

    @property
    def is_any(self) -> bool:
        """Whether any table will have other files."""
        return any(self._is_changed(table) for table in PUBLISHED)

    @property
    def has_waiting(self) -> bool:
        """Whether documents were landed that no snapshot knows yet."""
        before = {file.path for file in self._before[RAW_DOCUMENTS.name]}
        return not self.folders[RAW_DOCUMENTS.name].live_files() <= before

    def commit(self, run_id: str, kind: str, raw_version: int | None = None) -> Snapshot:
        """Makes it visible as the next snapshot.

        Args:
            run_id: noted in the Delta logs and in the manifest.
            kind: likewise: what kind of change this is.
            raw_version: the version of raw_documents that has its files, where it is committed already. Otherwise what
                changes in raw_documents is committed on top of what was landed since the newest snapshot; that stays.

        Raises:
            Overtaken: another machine's publisher was first in the store; begin again.
        """
        states = {}
        for table in PUBLISHED:
            if table is RAW_DOCUMENTS and raw_version is not None:
                version = raw_version
            elif self._is_changed(table) or (table is RAW_DOCUMENTS and self.waiting is not None):
                version = self._commit_raw(run_id) if table is RAW_DOCUMENTS else self._commit(table, run_id)
            else:
                version = self.base.tables[table.name].version
            states[table.name] = TableState(version, tuple(self.files(table)))
        paths = {name: folder.path for name, folder in self.folders.items()}
        made = snapshots.create(self.home, self.base, states, paths, run_id, partial(remote.claim, self.home), kind)
        if self._is_raw_held:
            raw_change.settle(self.home, self.folders[RAW_DOCUMENTS.name])
        return made

    def commit_waiting(self, run_id: str) -> None:
        """Changes only documents that no snapshot knows, so that none is made."""
        self._commit_raw(run_id)
        raw_change.settle(self.home, self.folders[RAW_DOCUMENTS.name])

    def _commit(self, table: Table, run_id: str) -> int:
        """What is live is asked of the log, so that a table which is not what the snapshot says becomes it."""
        folder, live = self.folders[table.name], self._live[table.name]
        before = folder.live_files()
        return folder.commit([live[path] for path in sorted(live.keys() - before)], before - live.keys(), run_id)

    def _commit_raw(self, run_id: str) -> int:
        """Documents that were landed since the newest snapshot are in no snapshot yet, and have to stay."""
        if not self._is_raw_held:
            raise ValueError("raw_documents change only while nobody lands: changing(home, is_raw_held=True)")
        folder, before = self.folders[RAW_DOCUMENTS.name], self._before.get(RAW_DOCUMENTS.name, ())
        waiting = self.waiting
        if waiting is None:
            paths = folder.live_files() - {file.path for file in before}
            waiting = [folder.describe(path) for path in sorted(paths)]
        return raw_change.commit(self.home, folder, before, self.files(RAW_DOCUMENTS), waiting, run_id)

    def _is_changed(self, table: Table) -> bool:
        before = self._before.get(table.name)
        return before is None or self._live[table.name].keys() != {file.path for file in before}

    def _show(self, table: Table) -> None:
        """Makes `lake_<table>` mean the files that the table will have."""
        places = [self.place(table, file.path) for file in self.files(table)]
        self.connection.execute(f"DROP VIEW IF EXISTS lake_{table.name}")
        relations.view(self.connection, f"lake_{table.name}", table, places)

    def place(self, table: Table, path: str) -> str:
        """Where a file can be read: what the newest snapshot has, there."""
        linked = self.base.path / table.name / path
        return str(linked if linked.exists() else self.folders[table.name].path / path)


@contextmanager
def changing(home: Home, *, is_raw_held: bool = False, is_read: bool = True) -> Iterator[Change]:
    """Waits for its turn and gives a change of the newest snapshot; afterwards the analysts' file shows the newest one.

    Args:
        home: where the lake is.
        is_raw_held: nobody lands documents meanwhile, so that raw_documents may be changed too.
        is_read: whether the newest snapshot's rows are needed; where they are not, it may be damaged.

    Raises:
        LakeError: there is no lake yet.
    """
    with its_turn(home) as connection, ExitStack() as held:
        if is_raw_held:
            held.enter_context(only_one(home.state / "land.lock"))
            raw_change.settle(home, delta_folder(home, RAW_DOCUMENTS))
        yield Change(home, connection, is_raw_held=is_raw_held, is_read=is_read)
        database.write_if_older(home, snapshots.current(home))
