"""When a source is visited next."""

from __future__ import annotations

from datetime import UTC, datetime

from newslake.sources.kinds import Source


def next_due(source: Source, last_visit: datetime | None, now: datetime) -> datetime:
    """When the next visit is due: now for a source that was never visited.

    Args:
        source: its schedule is asked.
        last_visit: when its last visit began, with a zone; None before the first.
        now: with a zone.
    """
    from croniter import croniter

    # A visit in the future was written by a clock that was wrong: waiting for it could take years.
    if last_visit is None or last_visit > now:
        return now
    following: datetime = croniter(source.schedule, last_visit.astimezone(UTC)).get_next(datetime)
    return following


def is_due(source: Source, last_visit: datetime | None, now: datetime) -> bool:
    """Whether the schedule's next time after the last visit has come."""
    return next_due(source, last_visit, now) <= now
