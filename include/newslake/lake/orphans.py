"""Objects of a store that nothing names: files of commits that never came, and watermarks that were never, or are no
longer, true.

Other machines may publish meanwhile, and nothing but commits and manifests is put under a lock of the store. Why
nothing is lost all the same:

- Nothing is touched that was put within `SECONDS`, by the store's clock: far longer than any publisher takes from its
  first file to its commit.
- Files are named by their content, so that a later publisher may find an orphan and commit it. It looks again whether
  the file is there after its commit (`Mirror.push`). Here it is looked for new commits after a file was removed, and the
  file is put back if one names it. Of removal and commit, whichever comes second is followed by a look that sees the other.
- A watermark that is missing has its source read anew; documents that are stored are not stored again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from newslake.config import Home
from newslake.lake import remote
from newslake.lake.delta import DeltaFolder
from newslake.lake.mirror import Mirror
from newslake.tables import PUBLISHED, RAW_DOCUMENTS, Table

SECONDS = 7 * 24 * 3600
_WATERMARK = re.compile(r"aside/raw/watermarks/([^/]+)/(\d+)\.json\.zst")


def sweep(home: Home, named: dict[str, set[str]]) -> int:
    """Removes what nothing names from the home's store, if it has one; says how many objects that were.

    The caller holds the locks `publish.lock` and `land.lock`, and has pulled.

    Args:
        home: mirrors the store.
        named: of each table, the files that any version of its log here names. Other tables are left alone.
    """
    if (store := remote.of(home)) is None:
        return 0
    mirror, count = Mirror(home, store), 0
    for table in PUBLISHED:
        if table.name in named:
            for path in _unnamed(mirror, table, named[table.name]):
                remove(mirror, table, path)
                count += 1
    for key in (*_watermarks(mirror), *_old(mirror, "probe")):
        store.delete(key)
        count += 1
    return count


def _old(mirror: Mirror, folder: str) -> list[str]:
    return [key for key, seconds in mirror.store.ages(folder).items() if seconds > SECONDS]


def _unnamed(mirror: Mirror, table: Table, named: set[str]) -> Iterator[str]:
    """Data files of a table, relative to its folder."""
    key = mirror.key(table)
    for found in _old(mirror, key):
        path = Path(found.removeprefix(f"{key}/"))
        # The log has Parquet files of its own.
        if path.suffix == ".parquet" and not path.parts[0].startswith((".", "_")) and str(path) not in named:
            yield str(path)


def remove(mirror: Mirror, table: Table, path: str) -> None:
    """Removes a data file, and puts it back if somebody has committed it meanwhile."""
    key = f"{mirror.key(table)}/{path}"
    content = mirror.store.get(key)
    mirror.store.delete(key)
    if content is not None and mirror.names(table, path):
        mirror.store.put_new(key, content)


def _watermarks(mirror: Mirror) -> Iterator[str]:
    """All but the one of each source that the newest commit names."""
    raw = DeltaFolder(mirror.home.raw, RAW_DOCUMENTS)
    for key in _old(mirror, "aside"):
        found = _WATERMARK.fullmatch(key)
        if found and raw.transaction_version(f"acquire:{found[1]}") != int(found[2]):
            yield key
