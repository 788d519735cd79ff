"""What a person should hear of: late sources, failed visits, stopped batches, and articles that are not like before.

`found` says what is the matter now; `telling` sees to it that each is told once to each channel.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from newslake import drift, validations
from newslake.config import Home
from newslake.freshness import by_source
from newslake.lake import durable

logger = logging.getLogger(__name__)

WAIT_SECONDS: Final = 600
"""For another process that tells just now."""


@dataclass(frozen=True)
class Alert:
    """Something the matter.

    Attributes:
        key: stands for it as long as it lasts: without numbers, times and messages, which change meanwhile.
        kind: late, failed_visit, refusals, gate, drift or overdue.
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
                f"late:{one.source}",
                "late",
                f"Source {one.source} is late",
                f"{newest}, and one was due by {one.due_by:%Y-%m-%d %H:%M} UTC; {visited}.",
                "look whether the DAG ingest runs and its task acquire of this source succeeds, and whether the site still "
                "publishes. If it publishes more rarely now, raise fresh_within_hours in sources.yaml.",
            )
        # Who switched a source off knows.
        if one.visit and one.visit.error and one.schedule:
            yield Alert(
                f"failed_visit:{one.source}",
                "failed_visit",
                f"Source {one.source} could not be read",
                one.visit.error,
                f"try it with `newslake sources test {one.source}`, and mend its entry in sources.yaml.",
            )


def _gate(home: Home) -> Iterator[Alert]:
    """The last validation, if it stopped its batch, and the batch still waits."""
    waits = any((home.state / "staged").glob("[!.]*"))
    for one in validations.newest(home)[:1]:
        if one.stopped is None or not waits:
            continue
        failed = sorted(f"{result['table']}.{result['check']}" for result in one.failed if result["kind"] == "table")
        if failed:
            yield Alert(
                f"gate:{','.join(failed)}",
                "gate",
                "A batch was stopped: a check failed",
                f"{', '.join(failed)}\n{one.stopped}",
                "look at the failing rows on the page Lake, Validation; mend the rule or the data, then trigger refine.",
            )
        else:
            yield Alert(
                f"refusals:{','.join(one.sources)}",
                "refusals",
                "A batch was stopped: too much is refused",
                one.stopped,
                "look at some on the page Lake, Quarantine. Mend the rule or the source; or, where they are rightly "
                "refused, press Release there.",
            )


def _drift(home: Home) -> Iterator[Alert]:
    """What the newest publishes have added; a source that goes on so is told once."""
    keys: set[str] = set()
    for one in drift.recent(home):
        key = f"drift:{one.source}:{','.join(sorted(one.changes))}"
        if key in keys:
            continue
        keys.add(key)
        yield Alert(
            key,
            "drift",
            f"Articles of source {one.source} are not like before",
            f"Snapshot {one.new}, beside {one.old}: {'; '.join(one.changes.values())}.",
            f"look at some of the new ones (newslake snapshots diff {one.old} {one.new}); the site may have a new template. "
            f"Mend the rule or the source; `newslake snapshots rollback {one.old}` takes the snapshot back.",
        )


class Told:
    """Which alerts each channel was told, as kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys = self._read()

    def unsent(self, channel: str, current: list[Alert]) -> list[Alert]:
        """Those of the alerts that a channel has not been told yet."""
        return [alert for alert in current if alert.key not in self._keys.get(channel, [])]

    def note(self, channel: str, alert: Alert) -> None:
        """Keeps that a channel was told."""
        self._keys.setdefault(channel, []).append(alert.key)
        self._write()

    def forget_all_but(self, current: list[Alert]) -> None:
        """Forgets what is over: should it come again, it is told again."""
        keys = {alert.key for alert in current}
        kept = {channel: [key for key in own if key in keys] for channel, own in self._keys.items()}
        if kept != self._keys:
            self._keys = kept
            self._write()

    def _read(self) -> dict[str, list[str]]:
        try:
            keys = json.loads(self._path.read_text(encoding="utf-8"))
            if not all(isinstance(own, list) for own in keys.values()):
                raise ValueError
            return {channel: [str(key) for key in own] for channel, own in keys.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError):
            logger.warning(
                "%s: damaged, so nobody knows which alerts were sent: those that hold now are sent once more; the file "
                "is written anew, nothing has to be done",
                self._path,
            )
            return {}

    def _write(self) -> None:
        durable.write_text(self._path, json.dumps(self._keys, ensure_ascii=False, indent=1))


@contextmanager
def telling(home: Home) -> Iterator[Told]:
    """What was told already; nobody else tells meanwhile.

    Raises:
        LakeError: another process has been telling for too long.
    """
    with durable.only_one(home.state / "alerts.lock", WAIT_SECONDS):
        yield Told(home.state / "alerts.json")
