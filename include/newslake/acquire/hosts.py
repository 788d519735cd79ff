"""One request at a time to a host, and a pause after it, over all threads and processes that share a home."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from newslake.acquire.answers import FetchFailed

LONGEST_WAIT_SECONDS = 600.0
"""A host that wants to be left alone for longer is not waited for; a later visit asks it."""
HOLD_SECONDS_MOST = 86_400.0
"""A longer Retry-After is taken for a mistake."""
POLL_SECONDS = 0.02
STATE_BYTES = 128


class Turn:
    """The right to send one request to a host; held while it runs."""

    def __init__(self) -> None:
        self.hold_seconds = 0.0

    def hold(self, seconds: float) -> None:
        """No process asks this host again before so much time went by."""
        self.hold_seconds = min(max(self.hold_seconds, seconds), HOLD_SECONDS_MOST)


class Hosts:
    """The hosts' state, a file each, which is also the lock.

    A file holds `ended_at` (when the last request to the host ended; while one runs, when it began) and `retry_at`
    (before which the host wants no request), both in seconds since 1970.

    Args:
        folder: shared by all processes that have to be polite together.
        deadline: end of the visit's budget on the monotonic clock; None: no end.
    """

    def __init__(self, folder: Path, deadline: float | None = None) -> None:
        self._folder = folder
        self._deadline = deadline

    @contextmanager
    def turn(self, host: str, delay_seconds: float) -> Iterator[Turn]:
        """Waits until the host may be asked, and keeps others from asking meanwhile.

        Args:
            host: its name or address; all of its ports together are one host.
            delay_seconds: at least so long after the end of the last request.

        Raises:
            FetchFailed: `rate_limited` when the host asked for a longer pause than can be waited for,
                `budget_exhausted` when the visit's time would be over before, `host_busy` when others had all turns.
        """
        turn = Turn()
        with self._taken(host, delay_seconds) as file:
            _write(file, {"ended_at": time.time()})
            try:
                yield turn
            finally:
                now = time.time()
                _write(file, {"ended_at": now, "retry_at": now + turn.hold_seconds})

    @contextmanager
    def _taken(self, host: str, delay_seconds: float) -> Iterator[int]:
        self._check(host, 0.0, is_held=False)
        started = time.monotonic()
        path = self._folder / file_name(host)
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _opened(path)
        try:
            while True:
                wait = POLL_SECONDS
                is_locked = _is_locked(file)
                if is_locked and os.fstat(file).st_nlink == 0:
                    # It was swept (lake/sweep.py) after it was opened: others have another one by now.
                    swept, file = file, _opened(path)
                    os.close(swept)
                    continue
                if is_locked:
                    wait, is_held = _wait_seconds(file, delay_seconds)
                    if wait <= 0:
                        break
                    fcntl.flock(file, fcntl.LOCK_UN)
                    self._check(host, wait, is_held)
                self._check(host, 0.0, is_held=False)
                if time.monotonic() - started > LONGEST_WAIT_SECONDS + 2 * delay_seconds:
                    raise FetchFailed("host_busy", f"other processes keep {host} busy; ask later", is_passing=True)
                time.sleep(min(wait, 1.0))
            yield file
        finally:
            os.close(file)

    def _check(self, host: str, wait: float, is_held: bool) -> None:
        """Raises when waiting makes no sense."""
        ends = self._deadline is not None and time.monotonic() + wait > self._deadline
        if is_held and (ends or wait > LONGEST_WAIT_SECONDS):
            raise FetchFailed("rate_limited", f"{host} wants no request for another {wait:.0f} s", is_passing=True)
        if ends:
            raise FetchFailed("budget_exhausted", f"the visit's time is over before {host} may be asked", True)


def file_name(host: str) -> str:
    """A host as the name of a file, whatever is in it.

    >>> file_name("news.example:8080"), file_name("../x")[:6]
    ('news.example_8080.json', 'd6b96a')
    """
    plain = host.replace(":", "_")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,99}", plain) or plain.count("_") != host.count(":"):
        plain = hashlib.sha256(host.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{plain}.json"


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _is_locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_seconds(file: int, delay_seconds: float) -> tuple[float, bool]:
    """How long to wait, and whether it is the host that wants it."""
    text = os.pread(file, STATE_BYTES, 0)
    if not text:
        return 0.0, False
    now = time.time()
    ended_at, retry_at = _times(text, os.fstat(file).st_mtime)
    if ended_at > now:  # the clock was set back: the pauses stay as long as they were meant
        retry_at -= ended_at - now
        ended_at = now
        _write(file, {"ended_at": ended_at, "retry_at": retry_at})
    pause, held = ended_at + delay_seconds - now, retry_at - now
    return max(pause, held), held > pause


def _times(text: bytes, changed_at: float) -> tuple[float, float]:
    """`ended_at` and `retry_at`; where they cannot be read, the time of the file's last change."""
    try:
        state: Any = json.loads(text)
        ended_at, retry_at = float(state["ended_at"]), float(state.get("retry_at", 0))
    except (ValueError, TypeError, KeyError, AttributeError):
        return changed_at, 0.0
    return (ended_at, retry_at) if retry_at - ended_at <= HOLD_SECONDS_MOST else (changed_at, 0.0)


def _write(file: int, state: dict[str, float]) -> None:
    """In place and always as long, which takes one call: a reader never finds a part of it."""
    os.pwrite(file, json.dumps(state).ljust(STATE_BYTES).encode("ascii"), 0)
