"""Articles that are not like those before them: what a publish has added of a source, beside what was there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from newslake.config import Home
from newslake.lake import relations, snapshots
from newslake.lake.changes import MEMORY_LIMIT
from newslake.lake.snapshots import Snapshot
from newslake.refusals import DEVIATIONS, LEAST_KNOWN, LEAST_REFUSED, MARGIN
from newslake.tables import ARTICLES

if TYPE_CHECKING:
    import duckdb

WATCHED: Final = ("title", "published_date", "source_name", "place", "reporters", "editor")
"""Columns that most articles of a source have, or most have not."""

LENGTH_FACTOR: Final = 1.5
"""How much longer or shorter than usual the mean article has to be: by less, sources differ from week to week. A template
that is cut off, or that takes its menu in, changes it by more. Chosen, not measured; see also DEVIATIONS."""

RECENT: Final = timedelta(days=1)
"""So long a snapshot is looked at, that its drift is told although a channel fails, or other snapshots follow."""
MOST_SNAPSHOTS: Final = 8
"""Of these, at most so many, the newest: each is read beside the one before it."""


@dataclass(frozen=True)
class Drift:
    """What is unusual in the articles of a source that a snapshot has added.

    Attributes:
        source: whose articles.
        old: name of the snapshot before.
        new: name of the snapshot that added them.
        changes: column → what was seen.
    """

    source: str
    old: str
    new: str
    changes: dict[str, str]


def recent(home: Home) -> list[Drift]:
    """That of the newest publishes, the newest first; what was before a rollback is done with.

    Raises:
        LakeError: a snapshot is damaged.
    """
    found: list[Drift] = []
    there = snapshots.complete(home)
    looked_at = 0
    for old, new in zip(there[-2::-1], there[:0:-1], strict=True):
        is_old = datetime.now(UTC) - datetime.fromisoformat(new.manifest["created_at"]) > RECENT
        if new.kind == "rollback" or is_old or looked_at == MOST_SNAPSHOTS:
            break
        if new.kind == "publish":
            looked_at += 1
            changes = _changes(old, new, new.manifest["run_id"])
            found += [Drift(source, old.name, new.name, columns) for source, columns in changes.items()]
    return found


@lru_cache(maxsize=4 * MOST_SNAPSHOTS)
def _changes(old: Snapshot, new: Snapshot, run_id: str) -> dict[str, dict[str, str]]:
    """Source → column → what is unusual in its new articles. Snapshots never change; restored ones have another run."""
    import duckdb

    changes: dict[str, dict[str, str]] = {}
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'; SET TimeZone = 'UTC'")
        for name, snapshot in (("old_articles", old), ("new_articles", new)):
            relations.view(connection, name, ARTICLES, snapshot.paths(ARTICLES.name))
        for row in _measured(connection):
            if said := dict(_unusual(row)):
                changes[row["source"]] = said
    return changes


def _measured(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """By source, for articles that are new and those before them: how many, null shares, mean length and its spread."""
    missing = ", ".join(
        f"count(*) FILTER ({name} IS NULL{f' OR len({name}) = 0' if name.endswith('s') else ''}) AS missing_{name}"
        for name in WATCHED
    )
    side = (
        f"SELECT source, count(*) AS articles, avg(char_count) AS length, stddev_samp(char_count) AS spread, {missing}"
    )
    rows: list[dict[str, Any]] = (
        connection.sql(f"""
        WITH before AS ({side} FROM old_articles GROUP BY source),
             added AS ({side} FROM new_articles ANTI JOIN old_articles USING (raw_id) GROUP BY source)
        SELECT added.*, before.* EXCLUDE (source) RENAME (
            articles AS old_articles, length AS old_length, spread AS old_spread,
            {", ".join(f"missing_{name} AS old_missing_{name}" for name in WATCHED)}
        ) FROM added JOIN before USING (source) ORDER BY source
        """)
        .to_arrow_table()
        .to_pylist()
    )
    return rows


def _unusual(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The thresholds of refusals: at least so many articles, so much of a difference, and not by chance."""
    count, known = row["articles"], row["old_articles"]
    if count < LEAST_REFUSED or known < LEAST_KNOWN:
        return
    for name in WATCHED:
        usual = (row[f"old_missing_{name}"] + 1) / (known + 2)
        excess = abs(row[f"missing_{name}"] - usual * count)
        if excess > MARGIN * count and excess > DEVIATIONS * (usual * (1 - usual) * count) ** 0.5:
            share, before = row[f"missing_{name}"] / count, row[f"old_missing_{name}"] / known
            yield name, f"{name} is missing in {share:.0%} of {count:,} new articles, usually in {before:.0%}"
    length, before = row["length"], row["old_length"]
    is_far = abs(length - before) > DEVIATIONS * (row["old_spread"] or 0) / count**0.5
    if is_far and not before / LENGTH_FACTOR <= length <= before * LENGTH_FACTOR:
        yield "char_count", f"{count:,} new articles have {length:,.0f} characters on average, usually {before:,.0f}"
