"""Writing files so that a power cut cannot undo what a later step relies on.

delta-rs, DuckDB and pyarrow never call fsync; a snapshot made current before its files are on the
disk could be empty after a crash. Every file here reaches the disk before its name does.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newslake.errors import LakeError

LOCK_TIMEOUT_SECONDS = 900
"""Longer than any publish measured; a publisher that holds the lock longer is stuck."""


class StillHeld(LakeError):
    """Another process has the lock."""


def sync(path: Path) -> None:
    """Flushes a file, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Replaces a file in one step: readers see the old content or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    replace(temporary, path)


def replace(temporary: Path, path: Path) -> None:
    """Gives a finished temporary file its name, durably."""
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def point(link: Path, target: str) -> None:
    """Makes `link` a symbolic link to `target` in one step."""
    temporary = link.with_name(f".{link.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
    sync(link.parent)


def is_alive(process_id: int) -> bool:
    """Whether a process of this machine has this id.

    >>> is_alive(os.getpid()), is_alive(2**22 + 1)  # Linux gives no larger id than 2**22
    (True, False)
    """
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_held(path: Path) -> bool:
    """Whether a process holds the lock of `only_one` just now; nothing is written to find out."""
    try:
        with path.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def only_one(path: Path, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
    """Holds an exclusive lock; the system frees it when the process ends, however it ends.

    Raises:
        StillHeld: another process held it for longer than `timeout_seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as handle:
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    handle.seek(0)
                    holder = handle.read().strip() or "unknown"
                    raise StillHeld(
                        f"{path}: process {holder} has held the lock for over {timeout_seconds:.0f} s; "
                        "look whether it is stuck, end it, and run again"
                    ) from None
                time.sleep(0.05)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
