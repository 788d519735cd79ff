"""Changing raw_documents while documents lie in it that no snapshot knows yet.

A snapshot names a version of the Delta table that has exactly its files. So what was landed since the newest snapshot
is taken out in one commit, whose version the next snapshot names, and put back in another one when that snapshot is
made. In between, a note in the table's folder says how the table has to be if the snapshot came, and how if it did not:
whoever lands, plans or changes next makes it so.
"""

from __future__ import annotations

import json
from collections.abc import Collection
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
    undone = {path: old[path] if path in old else folder.describe(path) for path in folder.live_files()}
    note = {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "made": [asdict(file) for file in (*published, *waiting)],
        "undone": [asdict(file) for file in undone.values()],
    }
    write_text(folder.path / NOTE, json.dumps(note))
    return remote.landing(home, lambda: _become(folder, new, run_id))


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
    remote.landing(home, lambda: _become(folder, files, "settle"))
    place.unlink()
    sync(folder.path)


def _become(folder: DeltaFolder, files: dict[str, DataFile], run_id: str) -> int:
    live = folder.live_files()
    return folder.commit([files[path] for path in sorted(files.keys() - live)], live - files.keys(), run_id)
