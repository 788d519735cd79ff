"""What a person should hear of: late sources, failed visits, stopped batches, and articles that are not like before.

`found` says what is the matter now; `unsent` and `sent` see to it that each is told once to each channel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from newslake import validations
from newslake.config import Home
from newslake.freshness import by_source
from newslake.lake import durable, relations, snapshots
from newslake.lake.changes import MEMORY_LIMIT
from newslake.refusals import DEVIATIONS, LEAST_KNOWN, LEAST_REFUSED, MARGIN
from newslake.tables import ARTICLES

if TYPE_CHECKING:
    import duckdb

    from newslake.lake.snapshots import Snapshot

WATCHED: Final = ("title", "published_date", "source_name", "place", "reporters", "editor")
"""Columns that most articles of a source have, or most have not."""

LENGTH_FACTOR: Final = 1.5
"""How much longer or shorter than usual the mean article has to be: by less, sources differ from week to week. A template
that is cut off, or that takes its menu in, changes it by more. Chosen, not measured; see also DEVIATIONS."""


@dataclass(frozen=True)
class Alert:
    """Something the matter.

    Attributes:
        key: stands for it as long as it is the same.
        kind: late, failed_visit, refusals, gate or drift.
        title: what, in a few words.
        detail: what was seen.
        advice: what to do.
    """

    key: str
    kind: str
    title: str
    detail: str
    advice: str

    @property
    def text(self) -> str:
        """All of it, for a message."""
        return f"{self.title}\n\n{self.detail}\n\nWhat to do: {self.advice}"


def found(home: Home) -> list[Alert]:
    """What is the matter now.

    Raises:
        ConfigError: `sources.yaml` is wrong.
        LakeError: the lake is damaged.
    """
    return [*_sources(home), *_gate(home), *_drift(home)]


def _sources(home: Home) -> Iterator[Alert]:
    for one in by_source(home):
        if one.is_late and one.due_by:
            newest = (
                f"its newest document is of {one.newest_at:%Y-%m-%d %H:%M} UTC"
                if one.newest_at
                else "it has no document yet"
            )
            visited = f"the last visit began {one.visit.began_at}" if one.visit else "it was never visited"
            yield Alert(
                f"late:{one.source}:{one.newest_at}",
                "late",
                f"Source {one.source} is late",
                f"{newest}, and one was due by {one.due_by:%Y-%m-%d %H:%M} UTC; {visited}.",
                "look whether the DAG ingest runs and its task acquire of this source succeeds, and whether the site still "
                "publishes. If it publishes more rarely now, raise fresh_within_hours in sources.yaml.",
            )
        if one.visit and one.visit.error:
            yield Alert(
                f"failed_visit:{one.source}:{_digest(one.visit.error)}",
                "failed_visit",
                f"Source {one.source} could not be read",
                one.visit.error,
                f"try it with `newslake sources test {one.source}`, and mend its entry in sources.yaml.",
            )


def _gate(home: Home) -> Iterator[Alert]:
    """The last validation, if it stopped its batch."""
    for one in validations.newest(home)[:1]:
        if one.stopped is None:
            continue
        failed = [result for result in one.failed if result["kind"] == "table"]
        # The same batch is stopped once more at each run: it is told once.
        key = _digest(one.stopped)
        if failed:
            names = ", ".join(f"{result['table']}.{result['check']}" for result in failed)
            yield Alert(
                f"gate:{key}", "gate", "A batch was stopped: a check failed", f"{names}\n{one.stopped}",
                "look at the failing rows on the page Lake, Validation; mend the rule or the data, then trigger refine.",
            )  # fmt: skip
        else:
            yield Alert(
                f"refusals:{key}", "refusals", "A batch was stopped: too much is refused", one.stopped,
                "look at some on the page Lake, Quarantine. Mend the rule or the source; or, where they are rightly "
                "refused, press Release there.",
            )  # fmt: skip


def _drift(home: Home) -> Iterator[Alert]:
    """What the newest snapshot has added, beside what was there before it, by source."""
    there = snapshots.complete(home)
    if len(there) < 2 or there[-1].kind != "publish":
        return
    old, new = there[-2:]
    for source, changes in _changes(old, new).items():
        yield Alert(
            f"drift:{new.name}:{source}",
            "drift",
            f"Articles of source {source} are not like before",
            f"Snapshot {new.name}, beside {old.name}: {'; '.join(changes)}.",
            f"look at some of the new ones (newslake snapshots diff {old.name} {new.name}); the site may have a new template. "
            f"Mend the rule or the source; `newslake snapshots rollback {old.name}` takes the snapshot back.",
        )


def _changes(old: Snapshot, new: Snapshot) -> dict[str, list[str]]:
    """Source → what is unusual in its new articles."""
    import duckdb

    changes: dict[str, list[str]] = {}
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'; SET TimeZone = 'UTC'")
        for name, snapshot in (("old_articles", old), ("new_articles", new)):
            relations.view(connection, name, ARTICLES, snapshot.paths(ARTICLES.name))
        for row in _measured(connection):
            if said := list(_unusual(row)):
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


def _unusual(row: dict[str, Any]) -> Iterator[str]:
    """The thresholds of refusals: at least so many articles, so much of a difference, and not by chance."""
    count, known = row["articles"], row["old_articles"]
    if count < LEAST_REFUSED or known < LEAST_KNOWN:
        return
    for name in WATCHED:
        usual = (row[f"old_missing_{name}"] + 1) / (known + 2)
        excess = abs(row[f"missing_{name}"] - usual * count)
        if excess > MARGIN * count and excess > DEVIATIONS * (usual * (1 - usual) * count) ** 0.5:
            share, before = row[f"missing_{name}"] / count, row[f"old_missing_{name}"] / known
            yield f"{name} is missing in {share:.0%} of {count:,} new articles, usually in {before:.0%}"
    length, before = row["length"], row["old_length"]
    is_far = abs(length - before) > DEVIATIONS * (row["old_spread"] or 0) / count**0.5
    if is_far and not before / LENGTH_FACTOR <= length <= before * LENGTH_FACTOR:
        yield f"{count:,} new articles have {length:,.0f} characters on average, usually {before:,.0f}"


def unsent(home: Home, channel: str, current: list[Alert]) -> list[Alert]:
    """Those of the alerts that a channel has not been told yet."""
    told = _told(home).get(channel, [])
    return [alert for alert in current if alert.key not in told]


def sent(home: Home, channel: str, alert: Alert) -> None:
    """Notes that a channel was told."""
    told = _told(home)
    told.setdefault(channel, []).append(alert.key)
    _write(home, told)


def forget(home: Home, current: list[Alert]) -> None:
    """Forgets what is over: should it come again, it is told again."""
    keys = {alert.key for alert in current}
    told = _told(home)
    kept = {channel: [key for key in own if key in keys] for channel, own in told.items()}
    if kept != told:
        _write(home, kept)


def _told(home: Home) -> dict[str, list[str]]:
    try:
        told: dict[str, list[str]] = json.loads((home.state / "alerts.json").read_text(encoding="utf-8"))
        return told
    except FileNotFoundError:
        return {}


def _write(home: Home, told: dict[str, list[str]]) -> None:
    durable.write_text(home.state / "alerts.json", json.dumps(told, ensure_ascii=False, indent=1))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
