"""What a home has beyond its newest snapshot, and removing all of it: a takedown that another machine has made reached the
store, whose words this home does not know. What it mirrors comes back from there; its old files may hold what is gone.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from newslake.config import Home
from newslake.lake import snapshots
from newslake.lake.delta import delta_folder
from newslake.lake.snapshots import Snapshot
from newslake.tables import PUBLISHED

logger = logging.getLogger(__name__)


def unnamed(home: Home, kept: Sequence[Snapshot]) -> Iterator[Path]:
    """Parquet files that neither these snapshots nor the newest version of a Delta table names."""
    for table in PUBLISHED:
        folder = delta_folder(home, table)
        if not (folder.path / "_delta_log").is_dir():
            continue
        needed = folder.live_files().union(file.path for one in kept for file in one.tables[table.name].files)
        for path in sorted(folder.path.rglob("*.parquet")):
            place = path.relative_to(folder.path)
            # The log has Parquet files of its own.
            if str(place) not in needed and not place.parts[0].startswith((".", "_")):
                yield path


def purge(home: Home) -> None:
    """Removes old snapshots, files that only they need, unfinished batches, watermarks and pages.

    The caller holds the locks `publish.lock` and `land.lock`.
    """
    newest = snapshots.newest(home)
    for snapshot in snapshots.complete(home):
        if newest and snapshot.number != newest.number:
            snapshots.remove(snapshot)
    for path in list(unnamed(home, [newest] if newest else [])):
        path.unlink()
    for folder in (home.reports, *(home.state / name for name in ("batches", "staged", "raw"))):
        shutil.rmtree(folder, ignore_errors=True)
    logger.warning(
        "%s: something was taken down on another machine: old snapshots, unfinished batches and pages were removed here "
        "as well; exports that lie in this home are yours to remove",
        home.root,
    )
