"""Changing raw_documents while documents lie in it that no snapshot knows yet.

A snapshot names a version of the Delta table that has exactly its files. So what was landed since the newest snapshot
is taken out in one commit, whose version the next snapshot names, and put back in the next one. Until that snapshot is
made, a note in the table's folder says how the table has to be if it came, and how if it did not: whoever lands, plans or
changes next makes it so. What another machine has landed in the store meanwhile stays, in either case.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict

from newslake.config import Home
from newslake.lake import remote, snapshots
from newslake.lake.delta import DataFile, DeltaFolder
from newslake.lake.durable import sync, write_text

NOTE = "_changing.json"
"""In the folder of raw_documents, where readers of Delta skip it: `state/` may be deleted."""


def commit(
    home: Home,
    folder: DeltaFolder,
    before: Collection[DataFile],
    published: Collection[DataFile],
    waiting: Collection[DataFile],
    run_id: str,
) -> int:
    """Makes raw_documents consist of the published files alone, until `settle`. The caller holds `land.lock`.

    Args:
        home: where the lake is.
        folder: of raw_documents.
        before: what the newest snapshot names.
        published: what the next snapshot will name.
        waiting: what no snapshot knows yet, and is to be there afterwards.
        run_id: noted in the log.

    Returns:
        The version that has exactly the published files.
    """
    old, new = {file.path: file for file in before}, {file.path: file for file in published}
    live = folder.live_files()
    undone = {path: old[path] if path in old else folder.describe(path) for path in live}
    note = {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "made": [asdict(file) for file in (*published, *waiting)],
        "undone": [asdict(file) for file in undone.values()],
    }
    write_text(folder.path / NOTE, json.dumps(note))

    def take_out() -> int:
        if folder.live_files() != live:
            raise remote.Overtaken(f"{folder.path}: another machine has landed documents meanwhile")
        return _become(folder, new, live, run_id)

    version = remote.landing(home, take_out, is_repeated=False)
    if waiting:
        both = {**new, **{file.path: file for file in waiting}}
        remote.landing(home, lambda: _become(folder, both, live, run_id))
    return version


def settle(home: Home, folder: DeltaFolder) -> None:
    """Ends a change, whether or not its snapshot came. The caller holds `land.lock`."""
    place = folder.path / NOTE
    if not place.exists():
        return
    note = json.loads(place.read_text(encoding="utf-8"))
    newest = snapshots.newest(home)
    named = {file.path for file in newest.tables["raw_documents"].files} if newest else set()
    is_made = named.issuperset(note["added"]) and named.isdisjoint(note["removed"])
    files = {file["path"]: DataFile(**file) for file in note["made" if is_made else "undone"]}
    known = {file["path"] for part in ("made", "undone") for file in note[part]}
    remote.landing(home, lambda: _become(folder, files, known, "settle"))
    place.unlink()
    sync(folder.path)


def _become(folder: DeltaFolder, files: Mapping[str, DataFile], known: Collection[str], run_id: str) -> int:
    """Makes these files live, and others of those known not."""
    live = folder.live_files()
    gone = live.intersection(known).difference(files)
    return folder.commit([files[path] for path in sorted(files.keys() - live)], gone, run_id)
