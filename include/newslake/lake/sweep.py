"""Clearing away what crashed runs left behind.

A crash leaves files that nothing names: half-written ones under a temporary name, Parquet files whose commit never
came, staged batches that another run published. They do no harm but take room. Whoever writes into the lake holds a
lock, so with both locks held, what nothing names is nobody's. What is written without a lock (plans, notes, staged
batches, pages) is left alone for an hour: process ids say nothing of other containers and machines that share a home.
"""

from __future__ import annotations

import fcntl
import json
import logging
import re
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import orphans, remote
from newslake.lake.durable import only_one
from newslake.lake.raw import done_plans
from newslake.lake.snapshots import complete
from newslake.tables import PUBLISHED, RAW_DOCUMENTS

logger = logging.getLogger(__name__)

WRITTEN_SECONDS = 3600
"""Nothing has a temporary name for so long, but what a crash left."""
OUTDATED_SECONDS = 2 * 24 * 3600
"""A pause that a host asked for, and a robots.txt, count for a day at most; see `acquire/hosts.py` and `robots.py`."""
_TEMPORARY = re.compile(r"\..+\.\d{1,9}(?:\.wal)?")
_WRITING = re.compile(r"\.writing-\d{1,9}-\d+")
_BUILDING = re.compile(r"\.building-\d+-\d{1,9}")
_LOG_ENTRY = re.compile(r"\d{20}\.json")


@dataclass
class Swept:
    """What was removed.

    Attributes:
        unfinished: files and folders that never got their name.
        unplanned: staged batches whose plan is gone, or whose documents are all in the lake.
        unreferenced: Parquet files that no version of their Delta table and no snapshot names.
        outdated: files on web hosts and their robots.txt that say nothing any more.
        orphaned: objects of the store that no commit names.
        freed_bytes: room on the disk that this gave back.
    """

    unfinished: int = 0
    unplanned: int = 0
    unreferenced: int = 0
    outdated: int = 0
    orphaned: int = 0
    freed_bytes: int = 0

    def remove(self, path: Path) -> None:
        """Removes a file, a link, or a folder with all that is in it."""
        is_folder = path.is_dir() and not path.is_symlink()
        for file in path.rglob("*") if is_folder else [path]:
            facts = file.lstat()
            # A file with a second name stays on the disk under that one.
            if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1:
                self.freed_bytes += facts.st_size
        if is_folder:
            shutil.rmtree(path)
        else:
            path.unlink()


def sweep(home: Home) -> Swept:
    """Removes leftovers, while nobody lands or publishes. What any version or snapshot names stays, and so do
    plans of documents that are not in the lake yet.

    Raises:
        LakeError: there is no lake, or it is damaged, so that nobody can say what is named. Then nothing is removed.
    """
    if not home.raw.is_dir() and not home.state.is_dir():
        raise LakeError(f"{home.root}: no lake here yet; run `newslake run` first, or set NEWSLAKE_HOME to where it is")
    swept = Swept()
    with only_one(home.state / "publish.lock"):
        remote.pull(home)
        _sweep(home, swept)
    for path in sorted(path for part in ("hosts", "robots") for path in (home.state / part).glob("*")):
        if _is_outdated(path, swept):
            swept.outdated += 1
    return swept


def _sweep(home: Home, swept: Swept) -> None:
    """What has to be left alone while somebody writes. The caller holds `publish.lock`."""
    with only_one(home.state / "land.lock"):
        named = files_named(home)
        for path in list(_unreferenced(home, named)):
            swept.remove(path)
            swept.unreferenced += 1
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
        for path in _unfinished(home):
            swept.remove(path)
            swept.unfinished += 1
        for path in done_plans(home):
            swept.remove(path)
        for path in _unplanned(home):
            swept.remove(path)
            swept.unplanned += 1
        swept.orphaned = orphans.sweep(home, named)


def files_named(home: Home) -> dict[str, set[str]]:
    """The files of each table that any version or snapshot names; without tables of which nobody knows."""
    snapshots, found = complete(home), {}
    for name, folder in _delta_folders(home).items():
        named = _named_in_log(folder, max((snapshot.tables[name].version for snapshot in snapshots), default=0))
        if named is None:
            logger.warning("%s: its log is not whole, so its files are left alone", folder)
            continue
        found[name] = named.union(file.path for snapshot in snapshots for file in snapshot.tables[name].files)
    return found


def _unreferenced(home: Home, named: dict[str, set[str]]) -> Iterator[Path]:
    for name, folder in _delta_folders(home).items():
        for path in sorted(folder.rglob("*.parquet") if name in named else ()):
            place = path.relative_to(folder)
            # The log has Parquet files of its own.
            if str(place) not in named[name] and not place.parts[0].startswith((".", "_")):
                yield path


def _named_in_log(folder: Path, version: int) -> set[str] | None:
    """Files that any version of a Delta table adds or removes; None where one up to `version` or the newest is missing."""
    entries = sorted(path for path in (folder / "_delta_log").iterdir() if _LOG_ENTRY.fullmatch(path.name))
    if [int(path.stem) for path in entries] != list(range(max(len(entries), version + 1))):
        return None
    named: set[str] = set()
    for path in entries:
        try:
            actions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        except ValueError as error:
            raise LakeError(f"{path}: cannot be read, so nothing was removed; see `newslake verify`: {error}") from None
        named.update(unquote(facts["path"]) for action in actions for facts in action.values() if "path" in facts)
    return named


def _unfinished(home: Home) -> Iterator[Path]:
    """What has a temporary name and nobody who would finish it. The caller holds both locks."""
    state, lake = home.state, home.current.parent
    under_locks = [
        *((path, _TEMPORARY) for path in home.root.glob(f".{home.database.name}.*")),
        *((path, _TEMPORARY) for path in lake.glob(f".{home.current.name}.*")),
        *((path, _BUILDING) for path in home.snapshots.glob(".building-*")),
        *((path, _WRITING) for folder in _delta_folders(home).values() for path in folder.rglob(".writing-*")),
    ]
    parts = ("batches", "landed", "mirror", "staged", "visits")
    at_any_time = [
        *home.root.glob(".store.txt.*"),
        *state.glob(".*"),
        *(path for part in parts for path in (state / part).glob(".*")),
        *home.reports.glob(".*"),
    ]
    yield from (path for path, form in under_locks if form.fullmatch(path.name))
    yield from (path for path in at_any_time if _TEMPORARY.fullmatch(path.name) and _is_left_over(path))
    # DuckDB's room for large joins, of the publisher that has the lock.
    if (state / "spill").exists():
        yield state / "spill"


def _unplanned(home: Home) -> Iterator[Path]:
    """Staged batches that no plan names: another run has published their documents, or they are planned again."""
    for path in sorted((home.state / "staged").glob("[!.]*")):
        if path.is_dir() and not (home.state / "batches" / f"{path.name}.json").exists():
            yield path


def _is_left_over(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime > WRITTEN_SECONDS
    except FileNotFoundError:
        # It got its name meanwhile.
        return False


def _is_outdated(path: Path, swept: Swept) -> bool:
    """Removes a file that nobody has locked and nobody has written to for long; says whether it did.

    A visit that has opened such a file and waits for its lock sees that it is gone (`acquire/hosts.py`) and opens
    another; that of a robots.txt keeps two processes from asking for it at once, and nothing worse.
    """
    try:
        if not path.is_file() or time.time() - path.stat().st_mtime <= OUTDATED_SECONDS:
            return False
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - path.stat().st_mtime > OUTDATED_SECONDS:
                swept.remove(path)
                return True
    except (BlockingIOError, FileNotFoundError):
        # Somebody asks the host just now, or another sweeper was here.
        return False
    return False


def _delta_folders(home: Home) -> dict[str, Path]:
    """The Delta tables that are there, by name."""
    folders = {table.name: home.raw if table is RAW_DOCUMENTS else home.delta / table.name for table in PUBLISHED}
    return {name: folder for name, folder in folders.items() if (folder / "_delta_log").is_dir()}
