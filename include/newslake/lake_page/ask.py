"""A query's answer, from a process of its own: one that runs away ends that process, not Airflow's.

python -m newslake.lake_page.ask < query.sql
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any, Final

from newslake.config import home
from newslake.errors import NewslakeError
from newslake.lake import snapshots
from newslake.query import first_rows
from newslake.query_limits import GRACE_SECONDS, Limits
from newslake.terminal import plain

LIMITS: Final = Limits(seconds=30, memory_bytes=10**9)
MOST_ROWS: Final = 200
MOST_LETTERS: Final = 300
"""Of a value; the rest of a long text is not shown."""
MOST_OF_ALL: Final = 400_000
"""Letters of an answer: some 1 MB as a page."""
AT_ONCE: Final = threading.BoundedSemaphore(2)
PASSED_ON: Final = ("HOME", "LANG", "NEWSLAKE_HOME", "NEWSLAKE_SOURCES", "PATH", "PYTHONPATH")
"""Of the environment; Airflow's secrets are not."""


@dataclass(frozen=True)
class Answer:
    """What a query gave: columns and rows of texts (None for null), or what is wrong with it."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    is_more: bool = False
    fault: str | None = None


def ask(sql: str, limits: Limits = LIMITS) -> Answer:
    """Asks the current snapshot; never raises for what is the query's fault.

    Args:
        sql: one statement that reads.
        limits: what it may cost.
    """
    if not AT_ONCE.acquire(blocking=False):
        return Answer(fault="other people's queries are running; try again in a moment")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "newslake.lake_page.ask", str(limits.seconds), str(limits.memory_bytes)],
            input=sql,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            capture_output=True,
            encoding="utf-8",
            timeout=limits.seconds + 2 * GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(fault=f"the query did not end within {limits.seconds:g} seconds and was stopped")
    finally:
        AT_ONCE.release()
    if done.returncode:
        return Answer(fault=done.stderr.strip().removeprefix("newslake: ") or f"stopped with code {done.returncode}")
    found = json.loads(done.stdout)
    return Answer(tuple(found["columns"]), tuple(tuple(row) for row in found["rows"]), found["is_more"])


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = plain(value)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"


def main() -> int:
    """Reads the query from standard input and writes its answer as JSON; returns the exit code."""
    limits = Limits(float(sys.argv[1]), int(sys.argv[2]))
    try:
        columns, rows, is_more = first_rows(snapshots.current(home()), sys.stdin.read(), MOST_ROWS, limits)
    except NewslakeError as error:
        print(f"newslake: {error}", file=sys.stderr)
        return error.exit_code
    shown: list[list[str | None]] = []
    letters = 0
    for row in rows:
        texts = [_text(value) for value in row]
        letters += sum(len(text or "") for text in texts)
        if shown and letters > MOST_OF_ALL:
            is_more = True
            break
        shown.append(texts)
    json.dump({"columns": columns, "rows": shown, "is_more": is_more}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
