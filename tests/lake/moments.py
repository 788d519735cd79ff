"""Moments at which a process is killed, told by the files that it has made: however fast the machine is just now."""

from __future__ import annotations

import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple


class Moment(NamedTuple):
    """So many seconds after so many files more, or fewer, that fit a pattern below the home."""

    pattern: str
    count: int
    seconds: float = 0.0


def count(home: Path, pattern: str) -> int:
    """Files and folders below the home that fit a pattern, while others make and remove some."""
    return len(list(home.glob(pattern)))


def wait_for(home: Path, moment: Moment, process: BaseProcess) -> float:
    """Waits until the moment comes, or the process ends; gives the seconds."""
    begin, target = time.monotonic(), count(home, moment.pattern) + moment.count
    while process.is_alive():
        found = count(home, moment.pattern)
        if found <= target if moment.count < 0 else found >= target:
            time.sleep(moment.seconds)
            break
        time.sleep(0.001)
    return time.monotonic() - begin
