"""What a query may cost: seconds, and bytes of memory. A query that runs away is stopped, and says so."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newslake.errors import UsageError

if TYPE_CHECKING:
    import duckdb

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]B)", re.IGNORECASE | re.ASCII)
LEAST_BYTES = 100 * 10**6
"""Below it, DuckDB cannot read the tables of a lake with tokens."""
GRACE_SECONDS = 10.0
"""A single function call over a huge value does not hear that it should stop; then the process ends."""


@dataclass(frozen=True)
class Limits:
    """What a query may cost.

    Attributes:
        seconds: from its begin to the last row of its answer.
        memory_bytes: for what DuckDB holds, and again for the answer.
    """

    seconds: float = 300.0
    memory_bytes: int = 2 * 10**9

    @property
    def memory(self) -> str:
        """The memory in words.

        >>> Limits(memory_bytes=1_500_000_000).memory
        '1,500 MB'
        """
        return f"{self.memory_bytes / 10**6:,.0f} MB"


def size(text: str) -> int:
    """A number of bytes as people write it.

    >>> size("4GB"), size("1.5 gb"), size("500MB")
    (4000000000, 1500000000, 500000000)

    Raises:
        ValueError: it is none, or too small to be of use.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no size; write for example 500MB or 4GB")
    value = int(float(found[1]) * _UNITS[found[2].upper()])
    if value < LEAST_BYTES:
        raise ValueError(f"{text!r} is too little: at least {LEAST_BYTES // 10**6}MB")
    return value


@contextmanager
def within(connection: duckdb.DuckDBPyConnection, limits: Limits) -> Iterator[None]:
    """Stops what runs on the connection when its time is up, or the process needs too much memory.

    Raises:
        UsageError: it was stopped; says what would help.
    """
    import duckdb

    is_over = threading.Event()

    def stop() -> None:
        is_over.set()
        connection.interrupt()

    watches = [threading.Timer(limits.seconds, stop), threading.Timer(limits.seconds + GRACE_SECONDS, _end, [limits])]
    for watch in watches:
        watch.daemon = True
        watch.start()
    try:
        with _address_space(limits.memory_bytes):
            yield
    except duckdb.InterruptException:
        if not is_over.is_set():
            raise KeyboardInterrupt from None
        raise UsageError(_too_slow(limits)) from None
    except (duckdb.OutOfMemoryException, MemoryError):
        raise UsageError(
            f"the query needs more than {limits.memory} of memory; ask for fewer columns or one published_month, or add --memory 8GB"
        ) from None
    finally:
        for watch in watches:
            watch.cancel()
            # One that is still ending when the process ends holds the connection, and DuckDB prints what it leaks.
            watch.join()


def _too_slow(limits: Limits) -> str:
    return (
        f"the query did not end within {limits.seconds:g} seconds and was stopped; "
        "look whether a join lacks its condition, ask for one published_month, or add --timeout"
    )


def _end(limits: Limits) -> None:
    print(f"newslake: {_too_slow(limits)}", file=sys.stderr, flush=True)
    os._exit(2)


@contextmanager
def _address_space(memory_bytes: int) -> Iterator[None]:
    """Bounds what DuckDB's own limit does not count, such as one huge text: three times that limit above what is used now."""
    import resource

    try:
        with Path("/proc/self/statm").open(encoding="ascii") as handle:
            used = int(handle.read().split()[0]) * resource.getpagesize()
    except FileNotFoundError:  # Not Linux: elsewhere the system does not hold to such a bound.
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = used + 3 * memory_bytes
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
