"""Old snapshots, the files that only they need, and documents that are older than their source may keep them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newslake.config import Home
from newslake.lake import purge, removal, snapshots
from newslake.lake.change import Change
from newslake.lake.removal import Cluster
from newslake.lake.snapshots import Snapshot

KEEP_NEWEST = 10
"""Snapshots kept however old they are, to go back to and to compare with: a working week of two runs a day."""
KEEP_DAYS = 7
"""Younger ones are all kept: readers that opened one, such as a notebook left open, end well for as long; and the weekly
maintenance removes nothing that was the newest when it last ran. Hourly publishing then keeps some 170 of them, which
share all files but those that changed."""


@dataclass
class Vacuumed:
    """Files that no kept snapshot needs.

    Attributes:
        files: how many were removed.
        bytes: their size.
    """

    files: int = 0
    bytes: int = 0


def expired(
    home: Home, newest: int = KEEP_NEWEST, days: float = KEEP_DAYS, now: datetime | None = None
) -> list[Snapshot]:
    """Snapshots that are neither among the newest nor young; never the one that is shown.

    Args:
        home: where the lake is.
        newest: how many are kept however old they are; at least 1.
        days: those younger are kept.
        now: with a zone.

    Raises:
        LakeError: one is damaged.
    """
    oldest = (now or datetime.now(UTC)) - timedelta(days=days)
    found = snapshots.complete(home)[: -max(newest, 1)]
    return [one for one in found if datetime.fromisoformat(one.manifest["created_at"]) < oldest]


def unneeded(home: Home, gone: list[Snapshot]) -> list[Path]:
    """Parquet files that neither a kept snapshot, nor the newest version of a Delta table, nor a planned batch needs.

    The caller holds the locks `publish.lock` and `land.lock`.

    Args:
        home: where the lake is.
        gone: snapshots that are not kept.
    """
    left_out = {snapshot.name for snapshot in gone}
    kept = [snapshot for snapshot in snapshots.complete(home) if snapshot.name not in left_out]
    planned = set(_planned(home))
    return [path for path in purge.unnamed(home, kept) if str(path) not in planned]


def vacuum(paths: list[Path]) -> Vacuumed:
    """Removes files, and says how much room that gives back. The Delta logs stay: kept versions stay readable."""
    done = Vacuumed()
    for path in paths:
        facts = path.stat()
        path.unlink()
        done.files += 1
        done.bytes += facts.st_size if facts.st_nlink == 1 else 0
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    return done


def _planned(home: Home) -> Iterator[str]:
    for plan in (home.state / "batches").glob("[!.]*.json"):
        yield from json.loads(plan.read_text(encoding="utf-8"))["rows"]


def find_old(change: Change, days: Mapping[str, int], now: datetime | None = None) -> tuple[int, int]:
    """Finds what is older than its source's `retention_days`, as `removal` takes it.

    The age of a document counts from when it was fetched, of a file from when it was last changed. An article leaves
    with all its versions when its newest one is too old, and a document when it is too old at every place.

    Args:
        change: of the newest snapshot.
        days: name of a source → its retention_days.
        now: with a zone.

    Returns:
        Articles and documents that go.
    """
    connection, now = change.connection, now or datetime.now(UTC)
    removal.prepare(change)
    connection.execute("CREATE TABLE oldest (source VARCHAR, moment TIMESTAMPTZ)")
    for source, count in days.items():
        moment = (now - timedelta(days=count)).isoformat()
        connection.execute("INSERT INTO oldest VALUES ($source, $moment)", {"source": source, "moment": moment})
    connection.execute(
        """
        CREATE TABLE aged AS
            SELECT raw_id, url, raw.fetched_at, coalesce(raw.fetched_at < moment, false) AS is_old
            FROM lake_raw_documents AS raw LEFT JOIN oldest USING (source);
        INSERT INTO gone_documents SELECT raw_id FROM aged GROUP BY raw_id HAVING bool_and(is_old);
        INSERT INTO gone_articles SELECT article_id FROM lake_articles SEMI JOIN gone_documents USING (raw_id);
        INSERT INTO gone_documents
            SELECT raw_id FROM lake_article_versions SEMI JOIN gone_articles USING (article_id)
            ANTI JOIN gone_documents USING (raw_id);
        INSERT INTO gone_places
            SELECT raw_id, url, fetched_at FROM aged WHERE is_old OR raw_id IN (SELECT raw_id FROM gone_documents);
        """
    )
    articles, places = (
        int(connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])
        for name in ("gone_articles", "gone_places")
    )
    return articles, places


def retain(change: Change, days: Mapping[str, int], cluster: Cluster, now: datetime | None = None) -> tuple[int, int]:
    """Takes out of the next snapshot what `find_old` finds; gives the counts of it."""
    found = find_old(change, days, now)
    if any(found):
        removal.remove(change, cluster)
    return found
