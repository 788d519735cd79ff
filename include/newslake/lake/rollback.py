"""An old snapshot published as the newest: what came after it is taken back, and no number is given twice.

raw_documents in the lake go back as well. What was landed since stays stored in the Delta table `raw`, so that the next
run finds documents that the newest snapshot does not know, and takes them in again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import pending, relations, remote, snapshots
from newslake.lake.change import Change, changing
from newslake.lake.database import quoted
from newslake.lake.delta import delta_folder, in_order
from newslake.lake.durable import replace
from newslake.lake.snapshots import Snapshot
from newslake.tables import PUBLISHED, RAW_DOCUMENTS


@dataclass(frozen=True)
class RolledBack:
    """What a rollback did.

    Attributes:
        snapshot: the newest one now.
        old: the one that it shows again.
        is_new: False where that was the newest already, so that nothing was done.
        waiting: documents that are stored and not in it: the next run takes them in.
    """

    snapshot: Snapshot
    old: Snapshot
    is_new: bool
    waiting: int


def roll_back(home: Home, name: str) -> RolledBack:
    """Publishes an old snapshot as the newest.

    Args:
        home: where the lake is.
        name: its number.

    Raises:
        UsageError: there is no such snapshot.
        LakeError: it is damaged, or documents of it were removed from the lake since.
    """
    remote.find(home, name)
    return remote.again_when_overtaken(lambda: _roll_back(home, name))


def _roll_back(home: Home, name: str) -> RolledBack:
    with changing(home, is_raw_held=True, is_read=False) as change:
        old = snapshots.find(home, name)
        if old.number == change.base.number or _is_same(old, change.base):
            return RolledBack(change.base, old, False, len(pending.new(home)))
        copies = _whole_copies(home, old)
        raw_version = _arrange_raw(change, old, copies)
        for path, copy in copies.items():
            _put_back(path, copy)
        for table in PUBLISHED:
            change.set_files(table, old.tables[table.name].files)
        run_id = f"rollback-to-{old.name}"
        made = change.commit(run_id, "rollback", raw_version=raw_version)
        return RolledBack(made, old, True, len(pending.new(home)))


def _is_same(old: Snapshot, newest: Snapshot) -> bool:
    """Whether the newest one has the same files; a damaged one has not."""
    return (
        newest.is_whole
        and old.is_whole
        and all(
            {file.path for file in old.tables[table.name].files}
            == {file.path for file in newest.tables[table.name].files}
            for table in PUBLISHED
        )
    )


def _whole_copies(home: Home, snapshot: Snapshot) -> dict[Path, Path]:
    """Where each file of a snapshot is as it was published, by its place in the Delta table.

    Raises:
        LakeError: names the first ten that are nowhere.
    """
    found, lost = {}, []
    for table in PUBLISHED:
        for file in snapshot.tables[table.name].files:
            path = snapshots.whole_copy(home, snapshot, table, file)
            if path is None:
                lost.append(f"{snapshot.path / table.name / file.path}: missing or changed")
            else:
                found[delta_folder(home, table).path / file.path] = path
    if lost:
        more = f"\n… and {len(lost) - 10} more" if len(lost) > 10 else ""
        raise LakeError(
            "\n".join(lost[:10]) + f"{more}\nSnapshot {snapshot.name} is not what it was, so the lake stays as it is: "
            "restore these files from a backup, or roll back to another one of `newslake snapshots list`"
        )
    return found


def _put_back(path: Path, copy: Path) -> None:
    """Links a whole copy to where a file of a Delta table was removed or changed."""
    if path.exists() and path.samefile(copy):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".writing-{os.getpid()}-{threading.get_ident()}")
    temporary.unlink(missing_ok=True)
    os.link(copy, temporary)
    replace(temporary, path)


def _arrange_raw(change: Change, old: Snapshot, copies: Mapping[Path, Path]) -> int | None:
    """Gives the version of raw_documents that the old snapshot names, while all its files are live in the newest one.

    Where they were put together since, or a bit of them was, that version cannot be gone on from: the newest one gets
    these files again, and beside them the documents that the old snapshot does not have. Then None is given.

    Raises:
        LakeError: documents of the old snapshot were removed on purpose, and would come back in articles.
    """
    folder, state = change.folders[RAW_DOCUMENTS.name], old.tables[RAW_DOCUMENTS.name]
    live, before = folder.live_files(), {file.path for file in state.files}
    if before <= live:
        return state.version
    views = {
        "raw_then": [copies[folder.path / path] for path in sorted(before)],
        "raw_now": map(folder.path.joinpath, sorted(live)),
    }
    for name, paths in views.items():
        relations.view(change.connection, name, RAW_DOCUMENTS, [str(path) for path in paths])
    key = f"USING ({', '.join(RAW_DOCUMENTS.key)})"
    (count,) = change.connection.execute(f"SELECT count(*) FROM raw_then ANTI JOIN raw_now {key}").fetchall()[0]
    if count:
        raise LakeError(
            f"{old.path}: {count} documents of it were removed from {folder.path} since; to roll back would bring them "
            "back. Choose a snapshot that was made after that, see `newslake snapshots list`"
        )
    change.waiting = []
    for path in sorted(live - before):
        mine = f"(FROM raw_now WHERE filename = {quoted(str(folder.path / path))})"
        rows = relations.rows(change.connection, RAW_DOCUMENTS, f"FROM {mine} AS mine ANTI JOIN raw_then {key}")
        change.waiting += folder.write(in_order(rows, RAW_DOCUMENTS))
    return None
