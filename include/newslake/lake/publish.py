"""Writing an arranged merge, and making it visible in one step.

Files are written first and are not live. Then each Delta table takes its files in one commit, and
the next snapshot names one version of every table. Whatever happens before the snapshot has its
number is taken back by the next publisher.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from newslake.errors import LakeError
from newslake.lake import again, remote, snapshots
from newslake.lake.database import quoted
from newslake.lake.delta import DataFile, in_order
from newslake.lake.durable import holds
from newslake.lake.merge import Merge
from newslake.lake.raw import NO_NEW_DOCUMENTS
from newslake.lake.snapshots import Snapshot, TableState
from newslake.lake.staged import CHILDREN, UNDATED, read_days, read_facts
from newslake.tables import (
    ARTICLE_VERSIONS,
    ARTICLES,
    FINGERPRINTS,
    PUBLISHED,
    QUARANTINE,
    RAW_DOCUMENTS,
    SEARCH_INDEX,
    SENTENCES,
    Table,
)

SLICE_ARTICLES = 500
"""Articles written at a time; their tokens are the largest thing held in memory (about 0.05 GB, several times over)."""
BATCHES_IN_A_FILE = {FINGERPRINTS: 10, SEARCH_INDEX: 2}
"""Staged batches of which the rows of a table go into one file, of about 10 MB; they are sorted in memory."""
DROPPED = {
    "articles": "SELECT article_id FROM touched",
    "article_versions": "SELECT article_id || raw_id FROM touched_versions",
    **{table.name: "SELECT article_id FROM replaced" for table in CHILDREN},
}
"""Rows of the newest snapshot that the next one does not have, or has changed."""

Files = dict[str, list[DataFile]]


def write(merge: Merge) -> Files:
    """Writes the rows of every table as files that are not live yet."""
    files: Files = {table.name: [] for table in PUBLISHED}
    days = {folder: read_facts(folder)["days"] for folder in merge.staged}
    monthly = [table for table in (ARTICLES, *CHILDREN) if table.partition]
    # Arrow leaves the interpreter while it sorts and compresses, so threads are enough.
    with ThreadPoolExecutor(2) as pool:
        for keys in _slices(merge):
            changed = merge.changed_articles(keys)
            work = {
                table.name: pool.submit(_write_slice, merge, table, days, keys, changed)
                for table in sorted(monthly, key=lambda table: table is not SENTENCES)
            }
            for name, written in work.items():
                files[name] += written.result()
    for table, count in BATCHES_IN_A_FILE.items():
        for start in range(0, len(merge.staged), count):
            found = [merge.staged_rows(folder, table) for folder in merge.staged[start : start + count]]
            files[table.name] += merge.folders[table.name].write(in_order(pa.concat_tables(found), table))
    for table, rows in (
        (ARTICLE_VERSIONS, merge.article_versions()),
        (QUARANTINE, merge.rows(QUARANTINE, "FROM added_quarantine")),
    ):
        files[table.name] += merge.folders[table.name].write(in_order(rows, table))
    return files


def _slices(merge: Merge) -> Iterator[pa.Table]:
    """(article_id, raw_id, published_date) of about SLICE_ARTICLES articles at a time, in order of publication.

    Months stay whole where they are small enough, so that each becomes one file.
    """
    keys = merge.connection.sql(
        "SELECT article_id, raw_id, published_date FROM added_articles ORDER BY published_month, published_date, article_id"
    ).to_arrow_table()
    months = merge.connection.execute(
        "SELECT count(*) FROM added_articles GROUP BY published_month ORDER BY published_month"
    ).fetchall()
    start = size = 0
    for (count,) in months:
        if size and size + count > SLICE_ARTICLES:
            yield keys.slice(start, size)
            start, size = start + size, 0
        size += count
        while size > SLICE_ARTICLES:
            yield keys.slice(start, SLICE_ARTICLES)
            start, size = start + SLICE_ARTICLES, size - SLICE_ARTICLES
    if size:
        yield keys.slice(start, size)


def _write_slice(
    merge: Merge,
    table: Table,
    spans: Mapping[Path, Mapping[str, Mapping[str, list[int]]]],
    keys: pa.Table,
    changed: pa.Table,
) -> list[DataFile]:
    """Writes the rows of a slice of articles; no other copy of them is held meanwhile."""
    return merge.folders[table.name].write(_rows_of_slice(merge, table, spans, keys, changed))


def _rows_of_slice(
    merge: Merge,
    table: Table,
    spans: Mapping[Path, Mapping[str, Mapping[str, list[int]]]],
    keys: pa.Table,
    changed: pa.Table,
) -> pa.Table:
    """From the staged batches and, for articles, those of the lake that change; in the table's order."""
    key = "raw_id" if table is ARTICLES else "article_id"
    first, last = (keys["published_date"][row].as_py() for row in (0, keys.num_rows - 1))
    parts = [changed] if table is ARTICLES else []
    for folder in merge.staged:
        rows = read_days(folder, table, spans[folder][table.name], str(first or UNDATED), str(last or UNDATED))
        added = None if table is ARTICLES else merge.added_in(folder.name)
        if rows.num_rows and added is not None:
            rows = rows.filter(pc.is_in(rows["article_id"], value_set=added))
        if rows.num_rows:
            parts.append(rows)
    if not parts:
        return table.empty()
    rows = pa.concat_tables(parts)
    rows = in_order(rows, table, pc.is_in(rows[key], value_set=keys[key].combine_chunks()))
    return merge.mark(rows) if table is ARTICLES else rows


def _has_its_turn(merge: Merge) -> bool:
    """Whether nobody has gone on without this process, which somebody may have stopped for long."""
    newest = snapshots.newest(merge.home)
    is_newest = (newest and newest.path) == (merge.base and merge.base.path)
    return is_newest and holds(merge.home.state / "publish.lock")


def discard(merge: Merge, files: Files) -> None:
    """Removes files that were written for nothing; a successor may have published those of an overtaken merge."""
    if not _has_its_turn(merge):
        return
    for name, written in files.items():
        for file in written:
            if file.path in merge.folders[name].created:
                (merge.folders[name].path / file.path).unlink(missing_ok=True)


def commit(merge: Merge, files: Files, raw_version: int, run_id: str) -> Snapshot:
    """Makes written files live, and the next snapshot.

    Args:
        merge: what `write` was given.
        files: what it gave, with those of `runs` and `validation_results`.
        raw_version: version of raw_documents that the batches were planned from; NO_NEW_DOCUMENTS where they refine
            again what the newest snapshot has.
        run_id: the run.

    Raises:
        Overtaken: another machine's publisher was first in the store; the merge is of no use any more.
        LakeError: another publisher of this home was first.
    """
    if not _has_its_turn(merge):
        raise LakeError(
            f"{merge.home.snapshots}: somebody else has published meanwhile, as this process was stopped for too long; "
            "nothing was changed, run again"
        )
    states = {"raw_documents": _raw_state(merge, raw_version)}
    for table in PUBLISHED:
        if table is not RAW_DOCUMENTS:
            states[table.name] = _commit(merge, table, files[table.name], run_id)
    paths = {name: folder.path for name, folder in merge.folders.items()}
    accept = partial(remote.claim, merge.home)
    return snapshots.create(merge.home, merge.base, states, paths, run_id, accept)


def _commit(merge: Merge, table: Table, added: list[DataFile], run_id: str) -> TableState:
    """Commits new files, and rewrites those that hold dropped rows."""
    folder = merge.folders[table.name]
    before = merge.base.tables[table.name].files if merge.base else ()
    removed: set[str] = set()
    if merge.base:
        is_kept, paths = _dropped(merge, table)
        for path in sorted(paths):
            removed.add(str(Path(path).relative_to(merge.base.path / table.name)))
            left = merge.rows(table, f"FROM lake_{table.name} WHERE filename = {quoted(path)} AND {is_kept}")
            added = added + folder.write(in_order(left, table))
    version = folder.commit(added, removed, run_id)
    live = {file.path: file for file in before if file.path not in removed}
    live.update({file.path: file for file in added})
    return TableState(version, tuple(live[path] for path in sorted(live)))


def _dropped(merge: Merge, table: Table) -> tuple[str, set[str]]:
    """What rows that stay have in common, and the files of the newest snapshot that hold others."""
    paths = again.files_to_rewrite(merge.connection, table)
    dropped = DROPPED.get(table.name)
    if not dropped or not merge.count(f"({dropped})"):
        return "true", paths
    key = "article_id || raw_id" if table is ARTICLE_VERSIONS else "article_id"
    found = merge.connection.execute(f"SELECT DISTINCT filename FROM lake_{table.name} WHERE {key} IN ({dropped})")
    return f"{key} NOT IN ({dropped})", paths | {path for (path,) in found.fetchall()}


def _raw_state(merge: Merge, version: int) -> TableState:
    """raw_documents at a version; files that the newest snapshot knows are not read again."""
    folder = merge.folders["raw_documents"]
    base = merge.base.tables["raw_documents"] if merge.base else TableState(0, ())
    if version == NO_NEW_DOCUMENTS:
        return base
    known = {file.path: file for file in base.files}
    version = max(version, base.version)
    files = [known.get(path) or folder.describe(path) for path in sorted(folder.live_files(version))]
    return TableState(version, tuple(files))
