"""Writing files so that a power cut cannot undo what a later step relies on.

delta-rs, DuckDB and pyarrow never call fsync; a snapshot made current before its files are on the
disk could be empty after a crash. Every file here reaches the disk before its name does.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from newslake.errors import LakeError

logger = logging.getLogger(__name__)

LOCK_TIMEOUT_SECONDS = 900
"""Longer than any publish measured; a publisher that holds the lock longer is stuck."""
TELL_SECONDS = 30
"""After so long, who waits says for whom, again and again."""


class StillHeld(LakeError):
    """Another process has the lock."""


def unwritten(path: Path, error: Exception) -> Exception:
    """What to raise when a library could not write: the system's own error, or what it told, in one line with the place."""
    if isinstance(error, OSError) and error.errno:
        return error
    told = " ".join(re.sub(r"\x1b\[\d*m|↳", " ", str(error)).split())
    return LakeError(f"{path}: cannot be written: {told}; run again when that is mended, it goes on from a whole lake")


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


def _holder(handle: TextIO) -> str:
    """Who has the lock, and whether somebody has stopped it."""
    handle.seek(0)
    number = handle.read().strip()
    try:
        state = Path(f"/proc/{int(number)}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2][:1]
    except (OSError, ValueError):
        state = ""
    return f"process {number or 'unknown'}" + (", which is stopped," if state in ("T", "t") else "")


_held: dict[Path, os.stat_result] = {}


def holds(path: Path) -> bool:
    """Whether the lock of `only_one` is still the file that this process has: nobody has removed it to go on without."""
    try:
        return path in _held and os.path.samestat(_held[path], path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def only_one(path: Path, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
    """Holds an exclusive lock; the system frees it when the process ends, however it ends.

    Raises:
        StillHeld: another process held it for longer than `timeout_seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as handle:
        begin, told = time.monotonic(), 0
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waited = time.monotonic() - begin
                if waited > timeout_seconds:
                    raise StillHeld(
                        f"{path}: {_holder(handle)} has held the lock for over {timeout_seconds:.0f} s; "
                        "look whether it is stuck, end it, and run again"
                    ) from None
                if waited > TELL_SECONDS * (told + 1):
                    told += 1
                    logger.warning(
                        "%s: waiting for %s, for %.0f s at most", path, _holder(handle), timeout_seconds - waited
                    )
                time.sleep(0.05)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        _held[path] = os.fstat(handle.fileno())
        try:
            yield
        finally:
            del _held[path]
