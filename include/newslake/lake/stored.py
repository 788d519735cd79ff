"""What is removed from the store: old snapshots with the files that only they need, and what was taken down.

As with orphans, other machines may publish meanwhile. They start from the newest snapshot, which stays with its files;
who commits a file that was there, and was removed, puts it again; see `orphans`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from newslake.config import Home
from newslake.lake import orphans, remote, scan
from newslake.lake.delta import delta_folder
from newslake.lake.mirror import SNAPSHOTS, Mirror
from newslake.tables import PUBLISHED, Table

ASIDE = "aside/"
"""Watermarks: the store's only objects that say words of articles' addresses, but for data files."""
Manifests = Mapping[str, Mapping[str, Any]]


def mirror_of(home: Home) -> Mirror | None:
    """The home and its store; None where it has none."""
    store = remote.of(home)
    return Mirror(home, store) if store else None


def manifests(mirror: Mirror) -> dict[str, dict[str, Any]]:
    """Those of all snapshots that the store has, by number, oldest first."""
    found = {}
    for name in mirror.snapshot_names():
        here = mirror.home.snapshots / name / "manifest.json"
        content = here.read_bytes() if here.exists() else mirror.store.get(f"{SNAPSHOTS}/{name}/manifest.json")
        if content:
            found[name] = json.loads(content)
    return found


def expired(found: Manifests, newest: int, days: float, now: datetime | None = None) -> list[str]:
    """Numbers of snapshots that are neither among the newest nor young, as `expire.expired` says of those at home."""
    oldest = (now or datetime.now(UTC)) - timedelta(days=days)
    return [
        name for name in sorted(found)[: -max(newest, 1)] if datetime.fromisoformat(found[name]["created_at"]) < oldest
    ]


def unneeded(mirror: Mirror, named: Mapping[str, Collection[str]], kept: Manifests) -> Iterator[tuple[Table, str]]:
    """Data files in the store that were committed once, and that nothing needs any more.

    Args:
        mirror: has pulled; the caller holds `publish.lock` and `land.lock`.
        named: table → files that any version of its log names. Others are no business of these rules: see `orphans`.
        kept: manifests of the snapshots that stay.
    """
    for table in PUBLISHED:
        if table.name not in named:
            continue
        states = [one["tables"].get(table.name, {"files": []}) for one in kept.values()]
        needed = {file["path"] for state in states for file in state["files"]}
        needed |= delta_folder(mirror.home, table).live_files()
        there = mirror.store.names(mirror.key(table))
        yield from ((table, path) for path in there if path in named[table.name] and path not in needed)


def remove_snapshots(mirror: Mirror, names: Sequence[str]) -> None:
    """Removes manifests: they make the snapshots."""
    for name in names:
        for part in ("manifest.json", "_SUCCESS"):
            mirror.store.delete(f"{SNAPSHOTS}/{name}/{part}")


def expire(
    home: Home, named: Mapping[str, Collection[str]], newest: int, days: float, *, is_dry: bool = False
) -> tuple[list[str], int]:
    """Removes old snapshots from the home's store, if it has one, and files that nothing needs any more.

    The caller holds `publish.lock` and `land.lock`, and has pulled.

    Returns:
        The numbers of the snapshots, and how many files.
    """
    if (mirror := mirror_of(home)) is None:
        return [], 0
    found = manifests(mirror)
    gone = expired(found, newest, days)
    kept = {name: one for name, one in found.items() if name not in gone}
    files = list(unneeded(mirror, named, kept))
    if not is_dry:
        remove_snapshots(mirror, gone)
        for table, path in files:
            orphans.remove(mirror, table, path)
    return gone, len(files)


def take_down(home: Home, holding: Collection[Path], needles: scan.Needles) -> tuple[list[str], list[str]]:
    """Removes data files from the home's store, the snapshots that name any, and other objects that hold the words.

    Args:
        home: where the lake is; its newest snapshot is in the store, and has none of these files.
        holding: files of Delta tables at home, which may be gone there already.
        needles: what is taken down.

    Returns:
        Numbers of the snapshots, and keys of the other objects.
    """
    if (mirror := mirror_of(home)) is None:
        return [], []
    keys = {str(path.relative_to(home.root)) for path in holding}
    names = {Path(key).name for key in keys}
    found = manifests(mirror)
    gone = [
        name
        for name, one in found.items()
        if any(Path(file["path"]).name in names for state in one["tables"].values() for file in state["files"])
    ]
    remove_snapshots(mirror, gone)
    for key in sorted(keys):
        mirror.store.delete(key)
    others = [key for key, owners in _searched(mirror, needles) if owners is None and key.startswith(ASIDE)]
    for key in others:
        mirror.store.delete(key)
    return gone, others


def scanned(home: Home, needles: scan.Needles) -> tuple[list[str], int, set[str]]:
    """Searches every object of the home's store.

    Returns:
        Addresses of those that hold what they must not, how many were searched, and who else has some of the words.
    """
    if (mirror := mirror_of(home)) is None:
        return [], 0, set()
    found = list(_searched(mirror, needles))
    leaks = [mirror.store.place(key) for key, owners in found if owners is None]
    return leaks, len(found), {owner for _, owners in found for owner in owners or ()}


def _searched(mirror: Mirror, needles: scan.Needles) -> Iterator[tuple[str, set[str] | None]]:
    """Each object, with what `scan.search` says of it."""
    with TemporaryDirectory(prefix="newslake-") as folder:
        for key in mirror.store.names(""):
            path = Path(folder, f"object{''.join(Path(key).suffixes[-1:])}")
            if mirror.store.digest(key, path) is not None:
                is_of_lake = key.endswith(".parquet") and key.startswith(("raw/", "lake/"))
                yield key, scan.search(path, needles, is_of_lake=is_of_lake)
                path.unlink()
