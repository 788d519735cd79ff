"""What became of each validation: kept for people, also of batches that were stopped and left nothing in the lake."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from newslake.config import Home
from newslake.errors import BatchStopped
from newslake.lake.durable import write_text

KEPT: Final = 50
"""So many are kept; of what is in the lake, `validation_results` has them all."""

CALLER: Final = "AIRFLOW_CTX_DAG_RUN_ID"
"""Airflow tells each task in its environment which run it belongs to."""


@dataclass
class Validation:
    """The validation of a batch.

    Attributes:
        run_id: of the publishing run, as in `validation_results`.
        at: when, ISO 8601.
        caller: Airflow's run that asked for it; None outside of Airflow.
        results: one a check, see `validate.Result.to_json`; none where it was stopped before.
        stopped: why nothing was published; None where it was.
        sources: those of which too much was refused, where that stopped it.
    """

    run_id: str
    at: str
    caller: str | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    stopped: str | None = None
    sources: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Results of checks that failed: those that stop a batch first."""
        return sorted((one for one in self.results if not one["is_passed"]), key=lambda one: one["kind"] != "table")


def note(home: Home, run_id: str, results: Sequence[dict[str, Any]]) -> None:
    """Keeps the results of a run."""
    _write(home, Validation(run_id, _now(), os.environ.get(CALLER), list(results)))


@contextmanager
def stopped_noted(home: Home, run_id: str) -> Iterator[None]:
    """Keeps why a run was stopped, beside its results if there are any."""
    try:
        yield
    except BatchStopped as error:
        known = read(home, run_id) or Validation(run_id, _now(), os.environ.get(CALLER))
        known.stopped, known.sources = str(error), list(error.sources)
        _write(home, known)
        raise


def read(home: Home, run_id: str) -> Validation | None:
    """The validation of a run; None where it is not kept."""
    return next((one for one in newest(home) if one.run_id == run_id), None)


def newest(home: Home) -> list[Validation]:
    """Those that are kept, the newest first."""
    found = []
    for path in sorted(_folder(home).glob("*.json"), reverse=True):
        try:
            found.append(Validation(**json.loads(path.read_text(encoding="utf-8"))))
        except (FileNotFoundError, ValueError, TypeError):
            continue
    return found


def _write(home: Home, validation: Validation) -> None:
    folder = _folder(home)
    write_text(folder / f"{validation.run_id}.json", json.dumps(asdict(validation), ensure_ascii=False))
    for path in sorted(folder.glob("*.json"), reverse=True)[KEPT:]:
        path.unlink(missing_ok=True)


def _folder(home: Home) -> Path:
    return home.state / "validations"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
