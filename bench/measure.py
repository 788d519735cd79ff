"""Runs a command and measures its whole process tree: wall and processor time, memory. Linux only (/proc)."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
SAMPLE_SECONDS = 0.05
ORPHAN_SECONDS = 10.0
PAGE_BYTES = resource.getpagesize()


class CommandFailed(Exception):
    """A measured command ended with an error: its figures mean nothing."""


@dataclass(frozen=True)
class Measured:
    """What a command and all its descendants used.

    Attributes:
        wall_seconds: from start to the end of the command.
        cpu_seconds: user and system time of every process of the tree.
        peak_tree_mb: largest sum of resident memory over the tree, sampled; pages shared between processes count
            once for each.
        peak_process_mb: largest resident memory of one process.
        output: what it wrote to stdout.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_tree_mb: float
    peak_process_mb: float
    output: str


def run_measured(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Measured:
    """Runs a command to its end.

    Args:
        command: program and arguments.
        environment: the whole environment of the child.
        folder: where stdout and stderr are kept, so that no pipe can stall the command.

    Raises:
        CommandFailed: it returned something else than 0; the message ends with what it wrote last.
    """
    _adopt_orphans()
    folder.mkdir(parents=True, exist_ok=True)
    before = _children_seconds()
    with (folder / "stdout").open("w") as out, (folder / "stderr").open("w") as err, MemorySampler() as sampler:
        start = time.perf_counter()
        code = subprocess.run(list(command), env=dict(environment), stdout=out, stderr=err, check=False).returncode
        wall = time.perf_counter() - start
    _wait_for_orphans()
    if code != 0:
        said = ((folder / "stderr").read_text() or (folder / "stdout").read_text()).strip()
        raise CommandFailed(f"{' '.join(command)} returned {code}:\n{said[-2_000:]}")
    return Measured(
        wall_seconds=wall,
        cpu_seconds=_children_seconds() - before,
        peak_tree_mb=sampler.peak_tree / 1e6,
        peak_process_mb=sampler.peak_process / 1e6,
        output=(folder / "stdout").read_text(),
    )


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent ends first.

    A fork server outlives the program that started it, so its workers' time would otherwise be counted nowhere.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    deadline = time.monotonic() + ORPHAN_SECONDS
    while time.monotonic() < deadline:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not ended:
            time.sleep(0.02)


class MemorySampler:
    """Follows the resident memory of this process's descendants, in bytes, while it is entered."""

    def __init__(self) -> None:
        self.peak_tree = 0
        self.peak_process = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> MemorySampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            resident = descendants_resident(os.getpid())
            self.peak_tree = max(self.peak_tree, sum(resident))
            self.peak_process = max(self.peak_process, max(resident, default=0))


def descendants_resident(root: int) -> list[int]:
    """Resident bytes of every process below `root`, without `root` itself."""
    parents, resident = {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(folder.name)] = int(fields[1])
        resident[int(folder.name)] = int(fields[21]) * PAGE_BYTES
    below = {root}
    waiting = set(parents) - below
    while found := {process for process in waiting if parents[process] in below}:
        below |= found
        waiting -= found
    return [resident[process] for process in below - {root}]
