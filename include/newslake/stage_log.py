"""What each stage of a run did: rows in and out, refusals, processor time. Becomes the table `runs`."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from newslake import __version__

STAGES = (
    "acquire",
    "clean",
    "parse",
    "segment",
    "annotate",
    "fingerprint",
    "index",
    "deduplicate",
    "validate",
    "publish",
)


@dataclass
class Entry:
    """One stage; its peak is the most memory that a process had held when the stage ended, in MB.

    `refusals` counts documents by reason: those that the run adds to `quarantine`, so they are known at its end only.
    """

    rows_in: int = 0
    rows_out: int = 0
    refused_count: int = 0
    cpu_seconds: float = 0.0
    peak_memory_mb: float = 0.0
    refusals: dict[str, int] = field(default_factory=dict)


@dataclass
class StageLog:
    """Entries by stage, added up over batches and processes."""

    entries: dict[str, Entry] = field(default_factory=dict)

    @contextmanager
    def measure(self, stage: str) -> Iterator[Entry]:
        """Adds the processor time of a block to a stage; the caller adds the counts."""
        entry = self.entries.setdefault(stage, Entry())
        begin = time.process_time()
        try:
            yield entry
        finally:
            entry.cpu_seconds += time.process_time() - begin
            entry.peak_memory_mb = max(entry.peak_memory_mb, peak_memory_mb())

    def add(self, other: StageLog) -> None:
        """Adds another log to this one."""
        for stage, theirs in other.entries.items():
            mine = self.entries.setdefault(stage, Entry())
            mine.rows_in += theirs.rows_in
            mine.rows_out += theirs.rows_out
            mine.refused_count += theirs.refused_count
            mine.cpu_seconds += theirs.cpu_seconds
            mine.peak_memory_mb = max(mine.peak_memory_mb, theirs.peak_memory_mb)

    def to_json(self) -> dict[str, Any]:
        """A form for files."""
        return {stage: asdict(entry) for stage, entry in self.entries.items()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> StageLog:
        """What `to_json` gave."""
        return cls({stage: Entry(**entry) for stage, entry in value.items()})

    def rows(self, run_id: str, finished_at: datetime) -> list[dict[str, object]]:
        """Rows of the table `runs`, in the order of the way."""
        return [
            {
                "run_id": run_id,
                "stage_no": number,
                "stage": stage,
                "finished_at": finished_at,
                "newslake_version": __version__,
                **asdict(self.entries.get(stage, Entry())),
                "refusals": sorted(self.entries.get(stage, Entry()).refusals.items()),
            }
            for number, stage in enumerate(STAGES)
        ]


def peak_memory_mb() -> float:
    """The most memory this process has held so far; macOS counts bytes, Linux kilobytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def now() -> datetime:
    """The time, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
