"""What the page shows, read from a home. Nothing here is HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from newslake import alerts, quarantine, validations
from newslake.config import Home
from newslake.errors import ConfigError, LakeError, UsageError
from newslake.freshness import Freshness, by_source
from newslake.lake import database, snapshots, waiting
from newslake.lake.snapshots import Snapshot
from newslake.tables import PUBLISHED
from newslake.validations import Validation

SHOWN_SNAPSHOTS: Final = 20
SHOWN_DOCUMENTS: Final = 100
SHOWN_ROWS: Final = 10


@dataclass(frozen=True)
class Overview:
    """The page's beginning."""

    current: Snapshot | None
    snapshots: list[Snapshot]
    freshness: list[Freshness]
    alerts: list[alerts.Alert]
    faults: list[str]
    """What could not be read."""
    grains: dict[str, str] = field(default_factory=lambda: {table.name: table.grain for table in PUBLISHED})
    """Table → what one of its rows is."""


def overview(home: Home) -> Overview:
    """What the lake holds now. What cannot be read is told, and hides nothing else."""
    faults: list[str] = []
    found: list[Snapshot] = []
    current, fresh, told = None, [], []
    try:
        found = snapshots.complete(home)
        current = snapshots.current(home) if found else None
    except LakeError as error:
        faults.append(str(error))
    try:
        fresh = by_source(home)
    except (ConfigError, LakeError) as error:
        faults.append(str(error))
    try:
        told = alerts.found(home)
    except (ConfigError, LakeError) as error:
        faults += [] if str(error) in faults else [str(error)]
    return Overview(current, found[: -SHOWN_SNAPSHOTS - 1 : -1], fresh, told, faults)


@dataclass(frozen=True)
class Refused:
    """Refused documents.

    Attributes:
        counts: (documents, stage, reason, sources, raw_id, detail) by reason, see `quarantine.counted`.
        reason: of which documents are listed; None for none.
        documents: (raw_id, stage, reason, url, detail) of some of them.
        total: of all of them.
        waiting: (source, documents) of batches that were stopped, or wait for their publisher.
        waiting_reasons: as `counts`, of these batches.
        fault: what could not be read.
    """

    counts: list[tuple[Any, ...]] = field(default_factory=list)
    reason: str | None = None
    documents: list[tuple[Any, ...]] = field(default_factory=list)
    total: int = 0
    waiting: list[tuple[str, int]] = field(default_factory=list)
    waiting_reasons: list[tuple[Any, ...]] = field(default_factory=list)
    fault: str | None = None


def refused(home: Home, reason: str | None = None) -> Refused:
    """What was refused, of the current snapshot and of what waits."""
    counts: list[tuple[Any, ...]] = []
    documents: list[tuple[Any, ...]] = []
    fault = None
    if home.current.exists():
        with database.connect(snapshots.current(home)) as connection:
            counts = quarantine.counted(connection)
            try:
                documents = quarantine.listed(connection, reason) if reason else []
            except UsageError as error:
                fault = str(error)
    held, held_reasons = _waiting(home)
    return Refused(counts, reason, documents[:SHOWN_DOCUMENTS], len(documents), held, held_reasons, fault)


def _waiting(home: Home) -> tuple[list[tuple[str, int]], list[tuple[Any, ...]]]:
    try:
        with waiting.connect(home) as connection:
            by_source = connection.execute(
                "SELECT source, count(DISTINCT raw_id) FROM quarantine GROUP BY source ORDER BY source"
            ).fetchall()
            return by_source, quarantine.counted(connection)
    except (UsageError, FileNotFoundError):
        # Nothing waits, or it was published meanwhile.
        return [], []


@dataclass(frozen=True)
class Checked:
    """A validation, those beside it, and rows that failed: check → (raw_id, stage, reason, url, detail)."""

    validation: Validation | None
    others: list[Validation]
    documents: dict[str, list[tuple[Any, ...]]]


def checked(home: Home, run_id: str | None = None, caller: str | None = None) -> Checked:
    """A validation with the documents that its checks refused.

    Args:
        home: of the lake.
        run_id: which one; the newest by default.
        caller: instead, the one that a run of Airflow asked for.
    """
    known = validations.newest(home)
    chosen = [
        one for one in known if (run_id is None or one.run_id == run_id) and (caller is None or one.caller == caller)
    ]
    validation = chosen[0] if chosen else None
    return Checked(validation, known, _failing(home, validation) if validation else {})


def _failing(home: Home, validation: Validation) -> dict[str, list[tuple[Any, ...]]]:
    """Documents that row checks refused; those of a stopped batch still wait."""
    reasons = {one["check"] for one in validation.failed if one["kind"] == "row"}
    if not reasons:
        return {}
    rows: list[tuple[Any, ...]] = []
    try:
        if validation.stopped:
            with waiting.connect(home) as connection:
                rows = quarantine.listed(connection)
        else:
            with database.connect(snapshots.current(home)) as connection:
                rows = quarantine.listed(connection)
    except (UsageError, LakeError, FileNotFoundError):
        return {}
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        own = found.setdefault(row[2], [])
        if row[2] in reasons and len(own) < SHOWN_ROWS:
            own.append(row)
    return {reason: own for reason, own in found.items() if reason in reasons}


def names(home: Home) -> list[str]:
    """Tables and views that a query can ask."""
    if not home.current.exists():
        return []
    with database.connect(snapshots.current(home)) as connection:
        rows = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall()
    return [name for (name,) in rows]
