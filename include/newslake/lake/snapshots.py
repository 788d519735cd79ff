"""Snapshots: one version of every table, visible all at once.

A snapshot is a numbered folder of hard links to exactly the live files, with a manifest of row
counts and checksums. It gets its name when it is complete, and never changes after that; a number
that exists cannot be taken twice, so a late publisher loses instead of overwriting.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from newslake import __version__
from newslake.config import Home
from newslake.contract import terms
from newslake.errors import LakeError, UsageError
from newslake.lake import described, layouts
from newslake.lake.delta import DataFile
from newslake.lake.durable import point, replace, sync
from newslake.tables import PUBLISHED, RAW_DOCUMENTS, TABLES, Table

EMPTY = "empty.parquet"
"""A table without rows is one file without rows, so that every reader finds its schema."""


@dataclass(frozen=True)
class TableState:
    """A table within a snapshot: its Delta version and its live files."""

    version: int
    files: tuple[DataFile, ...]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return sum(file.rows for file in self.files)


@dataclass(frozen=True)
class Snapshot:
    """A complete snapshot on disk."""

    path: Path

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return int(self.path.name)

    @property
    def name(self) -> str:
        """Its number with six digits, as its folder is called."""
        return self.path.name

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest.

        Raises:
            LakeError: it is missing, or not the one that was published.
        """
        path = self.path / "manifest.json"
        try:
            content = path.read_bytes()
            seal = (self.path / "_SUCCESS").read_bytes().strip()
        except FileNotFoundError as error:
            raise LakeError(f"{error.filename}: missing; restore it from a backup or remove the snapshot") from None
        if hashlib.sha256(content).hexdigest().encode() != seal:
            raise LakeError(
                f"{path}: changed since it was published: its SHA-256 is not the one in {self.path / '_SUCCESS'}"
            )
        manifest: dict[str, Any] = json.loads(content)
        return manifest

    @property
    def is_whole(self) -> bool:
        """Whether its manifest is the one that was published. Its files may still be damaged: see `lake/verify.py`."""
        try:
            return bool(self.manifest)
        except LakeError:
            return False

    @property
    def kind(self) -> str:
        """What made it: publish, rollback, or another kind of change."""
        return str(self.manifest.get("kind", "publish"))

    @cached_property
    def tables(self) -> dict[str, TableState]:
        """State of every table; a table newer than the snapshot has no files and version 0."""
        found = {
            name: TableState(state["version"], tuple(DataFile(**file) for file in state["files"]))
            for name, state in self.manifest["tables"].items()
        }
        return {table.name: found.get(table.name, TableState(0, ())) for table in PUBLISHED}

    def paths(self, table: str) -> list[str]:
        """Absolute paths of a table's Parquet files; one without rows where the table has none."""
        folder = self.path / table
        files = self.tables[table].files
        return [str(folder / file.path) for file in files] or [str(folder / EMPTY)]


def complete(home: Home) -> list[Snapshot]:
    """All snapshots, oldest first.

    Raises:
        LakeError: one has lost its seal. It got its number when it was complete, so this is damage; to go on from
            the one before it would take back what was published.
    """
    if not home.snapshots.is_dir():
        return []
    folders = [path for path in home.snapshots.iterdir() if path.name.isdigit()]
    for path in folders:
        if not (path / "_SUCCESS").exists():
            raise LakeError(f"{path / '_SUCCESS'}: missing; restore it from a backup, or remove the snapshot's folder")
    return [Snapshot(path) for path in sorted(folders, key=lambda path: int(path.name))]


def newest(home: Home) -> Snapshot | None:
    """The newest complete snapshot, or None before the first publish."""
    return next(reversed(complete(home)), None)


def find(home: Home, name: str) -> Snapshot:
    """The snapshot of a number, written with or without zeros in front.

    Raises:
        UsageError: there is none of this number.
    """
    found = {snapshot.number: snapshot for snapshot in complete(home)}
    if name.isascii() and name.isdigit() and int(name) in found:
        return found[int(name)]
    if not found:
        raise UsageError(f"no snapshot {name}: {home.snapshots} has none yet; run `newslake run` first")
    names = [found[number].name for number in sorted(found)]
    there = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}" if len(names) > 5 else ", ".join(names)
    raise UsageError(f"no snapshot {name} in {home.snapshots}; there are: {there}. See `newslake snapshots list`")


def whole_copy(home: Home, snapshot: Snapshot, table: Table, file: DataFile) -> Path | None:
    """Where a file of a snapshot is as it was published: in it, or else in the Delta table; None where it is nowhere."""
    stored = home.raw if table is RAW_DOCUMENTS else home.delta / table.name
    for path in (snapshot.path / table.name / file.path, stored / file.path):
        try:
            with path.open("rb") as handle:
                if hashlib.file_digest(handle, "sha256").hexdigest() == file.sha256:
                    return path
        except FileNotFoundError:
            continue
    return None


def current(home: Home) -> Snapshot:
    """The snapshot that readers open, pinned: it stays the same one while newer ones appear.

    Raises:
        LakeError: nothing has been published yet.
    """
    try:
        return Snapshot(home.current.resolve(strict=True))
    except FileNotFoundError:
        raise LakeError(
            f"{home.current}: no lake here yet; run `newslake run` first, or set NEWSLAKE_HOME to where it is"
        ) from None


def create(
    home: Home,
    base: Snapshot | None,
    tables: Mapping[str, TableState],
    folders: Mapping[str, Path],
    run_id: str,
    accept: Callable[[Path], None] = lambda folder: None,
    kind: str = "publish",
) -> Snapshot:
    """Makes the next snapshot and points `current` at it.

    Args:
        home: where the lake is.
        base: the snapshot that is built upon; its successor can be made only once.
        tables: state of every published table.
        folders: the Delta folder that holds each table's files.
        run_id: the run that publishes.
        accept: is given the snapshot's folder when all is in it but its number is not taken yet; nobody sees it if
            this raises an error.
        kind: what made it: publish, or a kind of change (see `lake/change.py`).

    Raises:
        LakeError: another publisher made the next snapshot first.
    """
    name = f"{base.number + 1 if base else 1:06d}"
    manifest = {
        "snapshot": name,
        "parent": base.name if base else None,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "run_id": run_id,
        "kind": kind,
        "newslake_version": __version__,
        "tables": {
            name: {
                "version": state.version,
                "rows": state.rows,
                "files": [asdict(file) for file in state.files],
                **layouts.note(layouts.of_next(base, TABLES[name], state, folders[name])),
            }
            for name, state in tables.items()
        },
        "terms": terms.read().as_json(),
    }
    building = _building(home, name)
    try:
        manifest["empty"] = _fill(building, tables, folders)
        _seal(building, json.dumps(manifest, ensure_ascii=False, indent=1))
        with ExitStack() as refused:
            refused.callback(shutil.rmtree, building)
            accept(building)
            refused.pop_all()
    except FileNotFoundError:
        if building.exists():
            raise
        raise LakeError(f"{home.snapshots / name}: another publisher made this snapshot first; run again") from None
    return _finish(home, building, name)


def _fill(building: Path, tables: Mapping[str, TableState], folders: Mapping[str, Path]) -> dict[str, str]:
    """Links every table's files; gives the SHA-256 of the file without rows of each table that has none."""
    empty = {}
    for table in PUBLISHED:
        _link(tables[table.name], folders[table.name], building / table.name)
        if not tables[table.name].files:
            path = building / table.name / EMPTY
            pq.write_table(table.empty(), path)
            sync(path)
            empty[table.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return empty


def adopt(home: Home, manifest: str, folders: Mapping[str, Path], fetch_empty: Callable[[str, Path], None]) -> Snapshot:
    """Makes the snapshot of a manifest that was published elsewhere, and points `current` at it.

    Args:
        home: where the lake is.
        manifest: as it was published.
        folders: the Delta folder that holds each table's files, all of them.
        fetch_empty: writes the file without rows that has a SHA-256 to a path.
    """
    content = json.loads(manifest)
    building = _building(home, content["snapshot"])
    for name in folders.keys() & content["tables"].keys():
        state = content["tables"][name]
        files = tuple(DataFile(**file) for file in state["files"])
        _link(TableState(state["version"], files), folders[name], building / name)
        if name in content["empty"]:
            fetch_empty(content["empty"][name], building / name / EMPTY)
    _seal(building, manifest)
    return _finish(home, building, content["snapshot"])


def _building(home: Home, name: str) -> Path:
    folder = home.snapshots / f".building-{name}-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _finish(home: Home, building: Path, name: str) -> Snapshot:
    final = home.snapshots / name
    try:
        building.rename(final)
    except OSError as error:
        is_late = final.exists() or not building.exists()
        shutil.rmtree(building, ignore_errors=True)
        if is_late:
            raise LakeError(f"{final}: another publisher made this snapshot first; run again") from error
        raise
    sync(home.snapshots)
    make_current(home)
    return Snapshot(final)


def _link(state: TableState, source: Path, target: Path) -> None:
    target.mkdir()
    made = {target}
    for file in state.files:
        folder = (target / file.path).parent
        if folder not in made:
            folder.mkdir(exist_ok=True)
            made.add(folder)
        os.link(source / file.path, target / file.path)
    for folder in made:
        sync(folder)


def _seal(folder: Path, manifest: str) -> None:
    described.write(folder, manifest)
    for name, text in (
        ("manifest.json", manifest),
        ("_SUCCESS", hashlib.sha256(manifest.encode()).hexdigest() + "\n"),
    ):
        temporary = folder / f".{name}"
        temporary.write_text(text, encoding="utf-8")
        replace(temporary, folder / name)


def make_current(home: Home) -> None:
    """Points `current` at the newest complete snapshot."""
    # Again, as another publisher may have made one while this one was stopped.
    while (snapshot := newest(home)) and not (home.current.is_symlink() and home.current.resolve() == snapshot.path):
        point(home.current, f"snapshots/{snapshot.name}")


def clear_unfinished(home: Home) -> None:
    """Removes what a crash left half-built. The caller's turn begins: who has lost it finds its folder gone."""
    for leftover in home.snapshots.glob(".building-*"):
        shutil.rmtree(leftover)


def remove(snapshot: Snapshot) -> None:
    """Removes a snapshot: first its number, at once, then its files. A crash between leaves what publishers clear away."""
    hidden = snapshot.path.with_name(f".building-{snapshot.name}-{os.getpid()}")
    shutil.rmtree(hidden, ignore_errors=True)
    snapshot.path.rename(hidden)
    sync(snapshot.path.parent)
    shutil.rmtree(hidden)
