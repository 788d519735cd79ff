"""When each source was last visited, what came of it, and how many of its documents are stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from newslake.config import Home
from newslake.errors import NewslakeError
from newslake.lake import raw
from newslake.lake.durable import write_text


@dataclass
class LastVisit:
    """A visit that has ended, well or badly.

    Attributes:
        began_at: ISO 8601 with a zone.
        landed: documents that were new.
        pending: addresses that the next visit goes on with.
        error: why it failed, or None.
        first_at: when the first of all visits began, as far as is known.
    """

    began_at: str
    landed: int = 0
    pending: int = 0
    error: str | None = None
    first_at: str | None = None

    @property
    def at(self) -> datetime:
        """When it began."""
        return datetime.fromisoformat(self.began_at)

    @property
    def since(self) -> datetime:
        """When the source was first visited."""
        return datetime.fromisoformat(self.first_at or self.began_at)


@contextmanager
def noted(home: Home, source: str) -> Iterator[LastVisit]:
    """Keeps what came of a visit, in place of the one before, when it ends, well or badly.

    A visit that was killed leaves no note: it stays due.
    """
    before = last(home, source)
    visit = LastVisit(datetime.now(UTC).isoformat(timespec="seconds"))
    visit.first_at = before.since.isoformat() if before else visit.began_at
    try:
        yield visit
    except Exception as error:
        visit.error = str(error) if isinstance(error, NewslakeError) else f"{type(error).__name__}: {error}"
        _write(home, source, visit)
        raise
    _write(home, source, visit)


def _write(home: Home, source: str, visit: LastVisit) -> None:
    write_text(_path(home, source), json.dumps(asdict(visit), ensure_ascii=False))


def _path(home: Home, source: str) -> Path:
    return home.state / "visits" / f"{source}.json"


def last(home: Home, source: str) -> LastVisit | None:
    """The last visit; None before the first, and where the note was removed or is broken."""
    try:
        visit = LastVisit(**json.loads(_path(home, source).read_text(encoding="utf-8")))
        return visit if visit.at.tzinfo and visit.since.tzinfo else None
    except (FileNotFoundError, ValueError, TypeError):
        return None


def last_began(home: Home, source: str) -> datetime | None:
    """When the last visit began; None before the first."""
    visit = last(home, source)
    return visit.at if visit else None


def documents(home: Home) -> dict[str, int]:
    """Stored raw documents by source, all versions counted."""
    import duckdb

    folder = raw.folder(home)
    paths = [str(folder.path / file) for file in sorted(folder.live_files())]
    if not paths:
        return {}
    with duckdb.connect() as connection:
        return dict(
            connection.execute("SELECT source, count(*) FROM read_parquet(?) GROUP BY source", [paths]).fetchall()
        )
