"""A copy of a home, whole and of one moment, while others land and publish.

Files of a home never change: they are replaced. So names for the same files are made in the copy, which takes a moment; only
where the copy lies on another disk is every byte copied. Meanwhile nobody else lands or publishes, but for that others
work on. What is made again by itself stays out: plans, refined batches, pages, notes on hosts, locks.
"""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from newslake.config import Home
from newslake.errors import LakeError, UsageError
from newslake.lake import snapshots
from newslake.lake.durable import only_one, sync

KEPT = (
    "raw",
    "lake",
    "newslake.duckdb",
    "tombstones.jsonl",
    "store.txt",
    "state/raw/watermarks",
    "state/takedown",
    "state/landed",
    "state/visits",
)
"""Of a home, as far as it is there: documents and tables, what must not come back, and how far sources were read."""
UNFINISHED = "."
"""What begins so has no name yet: nobody reads it."""


@dataclass
class Copied:
    """What a backup holds.

    Attributes:
        snapshot: its newest snapshot; None when nothing was published yet.
        files: number of files.
        bytes: their sizes, those with several names counted once.
        is_linked: whether its files are those of the home, under other names.
    """

    snapshot: str | None
    files: int = 0
    bytes: int = 0
    is_linked: bool = True


def back_up(home: Home, target: Path) -> Copied:
    """Makes a copy of a home, which appears whole or not at all.

    Args:
        home: where the lake is.
        target: a folder that does not exist yet, outside of the home.

    Raises:
        UsageError: there is something already, or it lies in the home.
        LakeError: there is nothing to copy.
    """
    target = target.resolve()
    if target.is_relative_to(home.root):
        raise UsageError(f"{target}: lies in the home; name a folder outside of {home.root}")
    if target.exists():
        raise UsageError(f"{target}: there is something already; name a new folder")
    if not home.raw.is_dir():
        raise LakeError(f"{home.root}: no lake here yet; set NEWSLAKE_HOME to where it is")
    building = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        with only_one(home.state / "publish.lock"), only_one(home.state / "land.lock"):
            newest = snapshots.newest(home)
            copied = Copied(newest.name if newest else None)
            first_names: dict[int, Path] = {}
            for name in KEPT:
                (building / name).parent.mkdir(parents=True, exist_ok=True)
                _copy(home.root / name, building / name, copied, first_names)
        # The disk may take its time, now that nobody waits.
        for path in (building, *building.rglob("*")):
            if path.is_dir() or (not copied.is_linked and path.is_file()):
                sync(path)
        building.rename(target)
    finally:
        # Renamed, it is not there any more.
        shutil.rmtree(building, ignore_errors=True)
    sync(target.parent)
    return copied


def _copy(source: Path, target: Path, copied: Copied, first_names: dict[int, Path]) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir():
        target.mkdir()
        for entry in sorted(source.iterdir()):
            if not entry.name.startswith(UNFINISHED):
                _copy(entry, target / entry.name, copied, first_names)
    elif source.exists():
        _copy_file(source, target, copied, first_names)


def _copy_file(source: Path, target: Path, copied: Copied, first_names: dict[int, Path]) -> None:
    """Names that are one file in the home are one file in the copy as well."""
    found = source.stat()
    copied.files += 1
    if first := first_names.get(found.st_ino):
        os.link(first, target)
        return
    first_names[found.st_ino] = target
    copied.bytes += found.st_size
    if copied.is_linked:
        try:
            os.link(source, target)
            return
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
                raise
            copied.is_linked = False
    shutil.copy2(source, target)
