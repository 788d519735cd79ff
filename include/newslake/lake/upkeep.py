"""What is done to a lake from time to time, in order: what is too old leaves, small files become fewer, old snapshots
and the files that only they need go, and so does what crashed runs left behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import Any

from newslake.config import Home
from newslake.lake import compact, expire, remote, snapshots, stored
from newslake.lake.change import changing
from newslake.lake.durable import only_one
from newslake.lake.removal import Cluster
from newslake.lake.sweep import Swept, files_named, sweep
from newslake.tables import PUBLISHED


@dataclass
class Done:
    """What was done, or would be.

    Attributes:
        old_articles: articles that their source's retention_days removed.
        old_documents: rows of raw_documents, likewise.
        is_retention_put_off: whether nothing was, since documents wait to be published: their batches need the others.
        small_files: Parquet files that became fewer.
        compacted_files: as many as they became; None where nothing was written.
        snapshots: numbers of those that were removed.
        unneeded_files: Parquet files that only they, or older Delta versions, named.
        unneeded_bytes: room that these gave back.
        stored_snapshots: numbers of those that were removed from the store.
        stored_files: data files that were removed from the store.
        swept: what crashed runs had left.
        tables: rows, files and bytes of each table in the newest snapshot afterwards.
    """

    old_articles: int = 0
    old_documents: int = 0
    is_retention_put_off: bool = False
    small_files: int = 0
    compacted_files: int | None = None
    snapshots: list[str] = field(default_factory=list)
    unneeded_files: int = 0
    unneeded_bytes: int = 0
    stored_snapshots: list[str] = field(default_factory=list)
    stored_files: int = 0
    swept: Swept = field(default_factory=Swept)
    tables: dict[str, dict[str, int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A form for return values of tasks."""
        return asdict(self)


@dataclass(frozen=True)
class Rules:
    """How long things are kept.

    Attributes:
        newest: snapshots that are kept however old they are.
        days: younger snapshots are kept.
        retention_days: of each source that has them.
        target_bytes: Parquet files smaller than half of it are put together.
    """

    newest: int = expire.KEEP_NEWEST
    days: float = expire.KEEP_DAYS
    retention_days: Mapping[str, int] = field(default_factory=dict)
    target_bytes: int = compact.TARGET_BYTES


def maintain(home: Home, cluster: Cluster, rules: Rules, run_id: str, *, is_dry: bool = False) -> Done:
    """Does all of it. Whatever is interrupted is done by the next run.

    Args:
        home: where the lake is.
        cluster: marks copies anew whose original leaves.
        rules: how long things are kept.
        run_id: noted in the snapshots that this makes.
        is_dry: only says what would be done; nothing is written.

    Raises:
        LakeError: there is no lake, or it is damaged.
    """
    done = Done()
    if is_dry:
        _look(home, rules, done)
    else:
        remote.again_when_overtaken(lambda: _retain(home, cluster, rules, run_id, done))
        remote.again_when_overtaken(lambda: _compact(home, rules, run_id, done))
        _expire(home, rules, done)
        done.swept = sweep(home)
    newest = snapshots.current(home)
    for table in PUBLISHED:
        state = newest.tables[table.name]
        done.tables[table.name] = {
            "rows": state.rows,
            "files": len(state.files),
            "bytes": sum(file.bytes for file in state.files),
        }
    return done


def _look(home: Home, rules: Rules, done: Done) -> None:
    with changing(home, is_raw_held=True) as change:
        done.old_articles, done.old_documents = expire.find_old(change, rules.retention_days)
        done.small_files = sum(len(group.files) for group in compact.groups(change, rules.target_bytes))
        gone = expire.expired(home, rules.newest, rules.days)
        done.snapshots = [snapshot.name for snapshot in gone]
        paths = expire.unneeded(home, gone)
        done.unneeded_files, done.unneeded_bytes = len(paths), sum(path.stat().st_size for path in paths)
        done.stored_snapshots, done.stored_files = stored.expire(
            home, files_named(home), rules.newest, rules.days, is_dry=True
        )


def _retain(home: Home, cluster: Cluster, rules: Rules, run_id: str, done: Done) -> None:
    if not rules.retention_days:
        return
    with changing(home, is_raw_held=True) as change:
        if change.has_waiting:
            done.is_retention_put_off = True
            return
        done.old_articles, done.old_documents = expire.retain(change, rules.retention_days, cluster)
        if change.is_any:
            change.commit(run_id, "retain")


def _compact(home: Home, rules: Rules, run_id: str, done: Done) -> None:
    with changing(home, is_raw_held=True) as change:
        done.small_files, done.compacted_files = compact.compact(change, rules.target_bytes)
        if change.is_any:
            change.commit(run_id, "compact")


def _expire(home: Home, rules: Rules, done: Done) -> None:
    with only_one(home.state / "publish.lock"), ExitStack() as held:
        remote.pull(home)
        held.enter_context(only_one(home.state / "land.lock"))
        # Before the files go here: then one that has to be put back need not be fetched.
        done.stored_snapshots, done.stored_files = stored.expire(home, files_named(home), rules.newest, rules.days)
        gone = expire.expired(home, rules.newest, rules.days)
        paths = expire.unneeded(home, gone)
        for snapshot in gone:
            snapshots.remove(snapshot)
        done.snapshots = [snapshot.name for snapshot in gone]
        vacuumed = expire.vacuum(paths)
        done.unneeded_files, done.unneeded_bytes = vacuumed.files, vacuumed.bytes
