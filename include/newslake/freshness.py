"""How fresh each source is: when it was visited, what came of it, and how old its newest document in the lake is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from newslake.config import Home
from newslake.lake import database, snapshots, visits
from newslake.lake.visits import LastVisit
from newslake.sources import Source, read_sources


@dataclass(frozen=True)
class Freshness:
    """A source, as it stands now.

    Attributes:
        source: its name.
        documents: of it in the lake.
        newest_at: when the newest of them was fetched.
        visit: the last one.
        schedule: when Airflow visits it; None where `sources.yaml` does not have it.
        due_by: when its newest document must be followed by another; None without a deadline.
    """

    source: str
    documents: int
    newest_at: datetime | None
    visit: LastVisit | None
    schedule: str | None
    due_by: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether the deadline has passed."""
        return self.due_by is not None and datetime.now(UTC) > self.due_by


def by_source(home: Home) -> list[Freshness]:
    """All sources that are declared or have documents, by name."""
    declared = read_sources()
    held: dict[str, tuple[int, datetime | None]] = {}
    if home.current.exists():
        with database.connect(snapshots.current(home)) as connection:
            # A clock that was wrong must not put the deadline off.
            rows = connection.execute(
                "SELECT source, count(*), max(fetched_at) FILTER (fetched_at <= now()) FROM raw_documents GROUP BY source"
            )
            held = {source: (count, newest) for source, count, newest in rows.fetchall()}
    return [
        _of(home, name, declared.get(name), *held.get(name, (0, None)))
        for name in sorted(declared.keys() | held.keys())
    ]


def _of(home: Home, name: str, source: Source | None, documents: int, newest_at: datetime | None) -> Freshness:
    visit = visits.last(home, name)
    due_by = None
    if source and source.is_enabled and source.fresh_within_hours:
        # A source of which nothing has ever come is late by its first visit.
        since = newest_at or (visit.since if visit else None)
        due_by = since + timedelta(hours=source.fresh_within_hours) if since else None
    return Freshness(
        name, documents, newest_at, visit, source.schedule if source and source.is_enabled else None, due_by
    )
