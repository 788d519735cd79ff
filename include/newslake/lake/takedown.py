"""Taking an article or a source down: out of every table, version, snapshot and file of a home, for good.

A snapshot never changes, so those that hold it are removed, after the next one was made without it. Until all is done,
`state/takedown/` says what is to go, with the words that the scan at the end looks for; who finds such a note finishes
the work. The tombstone, which has hashes only, is written first: nothing lands again meanwhile.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from newslake.config import Home
from newslake.errors import LakeError, UsageError
from newslake.lake import database, relations, remote, removal, scan, snapshots, stored, targets, tombstones
from newslake.lake.change import Change, changing
from newslake.lake.delta import DataFile, delta_folder, in_order
from newslake.lake.durable import sync, write_text
from newslake.lake.removal import Cluster
from newslake.lake.snapshots import Snapshot
from newslake.lake.staged import CHILDREN
from newslake.lake.targets import Target, among, parts
from newslake.tables import PUBLISHED, RAW_DOCUMENTS

INPUT = "input"
"""What documents of `newslake run --input` are filed under: not one source."""


@dataclass
class TakenDown:
    """What was done.

    Attributes:
        target: what went.
        snapshot: the newest one now.
        lost: table → rows that it lost.
        snapshots: numbers of the old snapshots that held it, and were removed.
        files: data files that held it, and were removed.
        others: other files that held it, and were removed.
        scanned: what the scan found, or rather did not find.
    """

    target: Target
    snapshot: str
    lost: dict[str, int]
    snapshots: list[str]
    files: int
    others: list[str]
    scanned: scan.Found


def take_down(home: Home, target: Target, cluster: Cluster, run_id: str) -> TakenDown:
    """Takes it down, or goes on where a crash ended it.

    Args:
        home: where the lake is.
        target: as `look` gave it, with a reason.
        cluster: marks copies anew whose original goes.
        run_id: noted in the snapshot that this makes.

    Raises:
        LakeError: the scan at the end found it somewhere; the note stays, so that it can be run again.
        UsageError: the reason holds words of what goes.
    """
    if any(target.needles.hits(target.reason.encode())):
        raise UsageError("--reason: it holds words of what is taken down; say why without them")
    return remote.again_when_overtaken(lambda: _take_down(home, target, cluster, run_id))


def _take_down(home: Home, target: Target, cluster: Cluster, run_id: str) -> TakenDown:
    with changing(home, is_raw_held=True) as change:
        note, stone = targets.note(home, target), _tombstone(target)
        values = {name: sorted(one) if isinstance(one, set) else one for name, one in asdict(target).items()}
        write_text(note, json.dumps(values, ensure_ascii=False))
        mirror = stored.mirror_of(home)
        if mirror:
            mirror.add_stone(stone)
        tombstones.add(home, stone)
        _drop_work(home)
        lost, moved = _remove(change, target, cluster)
        if change.is_any:
            change.commit(run_id, "takedown")
        elif moved:
            change.commit_waiting(run_id)
        database.write_if_older(home, snapshots.current(home))
        done = _clear(home, target, note)
        if mirror:
            mirror.end_takedown(stone)
        note.unlink()
        sync(note.parent)
    done.lost = lost
    return done


def _clear(home: Home, target: Target, note: Path) -> TakenDown:
    """Removes all that holds it, here and in the store, but for the newest snapshot, which has none of it; proves it."""
    needles, holding = target.needles, _holding(home, target)
    in_store, objects = stored.take_down(home, holding, needles)
    old = _remove_snapshots(home, holding)
    for path in holding:
        path.unlink()
        sync(path.parent)
    others = _remove_others(home, target, note)
    found = scan.scan(home, needles, {note})
    leaks, count, elsewhere = stored.scanned(home, needles)
    if found.leaks or leaks:
        places = "\n".join([*map(str, sorted(found.leaks)[:10]), *leaks[:10]])
        raise LakeError(f"{places}\nit is still in these files; remove them, and run the same command again")
    found.objects, found.elsewhere = count, found.elsewhere | elsewhere
    newest = snapshots.current(home).name
    return TakenDown(target, newest, {}, sorted({*old, *in_store}), len(holding), [*others, *objects], found)


def _tombstone(target: Target) -> tombstones.Tombstone:
    if target.source and target.source != INPUT:
        return tombstones.made(target.reason, (), (), (), target.source)
    return tombstones.made(target.reason, target.articles, target.addresses, target.documents)


def _drop_work(home: Home) -> None:
    """Planned and refined batches may hold it; they are made again from what is left."""
    for name in ("batches", "staged"):
        shutil.rmtree(home.state / name, ignore_errors=True)


def _remove(change: Change, target: Target, cluster: Cluster) -> tuple[dict[str, int], bool]:
    """Takes it out of the next snapshot; says what each table loses, and whether what waits beside it changes."""
    removal.prepare(change)
    connection = change.connection
    for name, values in (
        ("articles", target.articles),
        ("documents", target.documents),
        ("addresses", target.addresses),
    ):
        connection.register(f"target_{name}", pa.table({"value": pa.array(sorted(values), pa.string())}))
    gone = _gone_places(target)
    connection.execute(
        f"""
        INSERT INTO gone_articles SELECT value FROM target_articles;
        INSERT INTO gone_documents SELECT value FROM target_documents;
        INSERT INTO gone_places SELECT raw_id, url, fetched_at FROM lake_raw_documents
        WHERE ({gone}) OR raw_id IN (SELECT value FROM target_documents);
        """
    )
    # The same bytes, fetched by another source as well, are that one's: they wait to be refined anew.
    others = connection.execute(
        f"SELECT DISTINCT filename FROM lake_raw_documents WHERE raw_id IN (FROM target_documents) AND NOT ({gone})"
    ).fetchall()
    kept = _rows_to_keep(change, f"raw_id IN (FROM target_documents) AND NOT ({gone})") if others else None
    before = {file.path for file in change.files(RAW_DOCUMENTS)}
    lost = removal.remove(change, cluster)
    waiting, is_changed = _waiting(change, target, before)
    if kept is not None and kept.num_rows:
        waiting += change.folders[RAW_DOCUMENTS.name].write(in_order(kept, RAW_DOCUMENTS))
    change.waiting = waiting
    return lost, is_changed


def _rows_to_keep(change: Change, condition: str) -> pa.Table:
    return relations.rows(change.connection, RAW_DOCUMENTS, f"FROM lake_raw_documents WHERE {condition}")


def _gone_places(target: Target) -> str:
    """Which rows of raw_documents go, whatever else is said of their bytes."""
    if target.source:
        return f"source = {database.quoted(target.source)}"
    return "raw_id IN (SELECT value FROM target_documents)"


def _waiting(change: Change, target: Target, before: set[str]) -> tuple[list[DataFile], bool]:
    """Files of documents that no snapshot knows yet, without what goes; says whether any was written anew."""
    folder, files, is_changed = change.folders[RAW_DOCUMENTS.name], [], False
    published = {file.path for file in change.files(RAW_DOCUMENTS)}
    for path in sorted(folder.live_files() - before - published):
        rows = _read_raw(folder.path / path)
        stays = pc.invert(_is_gone(rows, target))
        if pc.all(stays).as_py():
            files.append(folder.describe(path))
        else:
            is_changed = True
            files += folder.write(in_order(rows.filter(stays), RAW_DOCUMENTS))
    return files, is_changed


def _read_raw(path: Path) -> pa.Table:
    rows = pq.ParquetFile(path).read()
    day = path.parent.name.split("=", 1)[1]
    rows = rows.append_column(RAW_DOCUMENTS.schema.field("fetched_date"), pa.array([day] * rows.num_rows))
    return rows.select(RAW_DOCUMENTS.column_names).cast(RAW_DOCUMENTS.schema)


def _is_gone(rows: pa.Table, target: Target) -> pa.Array:
    if target.source:
        return pc.equal(rows["source"], target.source)
    return among(rows["raw_id"], target.documents)


HOLDING = {
    **{table.name: {"article_id": "articles"} for table in CHILDREN},
    "articles": dict.fromkeys(("article_id", "cluster_id", "duplicate_of"), "articles") | {"raw_id": "documents"},
    "article_versions": dict.fromkeys(("article_id", "cluster_id", "duplicate_of"), "articles")
    | {"raw_id": "documents"},
    "quarantine": {"article_id": "articles", "raw_id": "documents"},
}
"""Table → its columns that name what goes, each with the set of the target that it is in."""


def _holding(home: Home, target: Target) -> list[Path]:
    """Data files that hold any of it. All of them are old: the newest snapshot has none any more."""
    found = []
    live = {delta_folder(home, RAW_DOCUMENTS).path / path for path in delta_folder(home, RAW_DOCUMENTS).live_files()}
    for table in PUBLISHED:
        columns = ("raw_id", "source") if table is RAW_DOCUMENTS else tuple(HOLDING.get(table.name, ()))
        for path, part in parts(home, table, columns) if columns else ():
            if table is RAW_DOCUMENTS:
                is_held = _is_gone(part, target)
                is_held = pc.or_(is_held, among(part["raw_id"], target.documents)) if path not in live else is_held
            else:
                names = [name for name in part.column_names if name in HOLDING[table.name]]
                masks = [among(part[name], getattr(target, HOLDING[table.name][name])) for name in names]
                is_held = masks[0]
                for mask in masks[1:]:
                    is_held = pc.or_(is_held, mask)
            if pc.any(is_held).as_py():
                found.append(path)
    if wrong := sorted(set(found) & _named(home)):
        raise AssertionError(f"{wrong[0]}: the newest snapshot still holds it")
    return found


def _named(home: Home) -> set[Path]:
    """Data files that the newest snapshot names, and documents that wait for the next one."""
    newest = snapshots.current(home)
    found = {
        delta_folder(home, table).path / file.path for table in PUBLISHED for file in newest.tables[table.name].files
    }
    raw = delta_folder(home, RAW_DOCUMENTS)
    return found | {raw.path / path for path in raw.live_files()}


def _remove_snapshots(home: Home, holding: Sequence[Path]) -> list[str]:
    """Removes the snapshots that name any of these files; a snapshot that cannot be read goes as well."""
    held = {path.name for path in holding}
    newest = snapshots.current(home)
    removed = []
    for snapshot in snapshots.complete(home):
        if snapshot.number != newest.number and _names_any(snapshot, held):
            snapshots.remove(snapshot)
            removed.append(snapshot.name)
    return removed


def _names_any(snapshot: Snapshot, held: set[str]) -> bool:
    """By the names of its files, which say what is in them; a damaged manifest may not."""
    return any(path.name in held for path in snapshot.path.rglob("*.parquet"))


def _remove_others(home: Home, target: Target, note: Path) -> list[str]:
    """Removes files beside the tables that hold it: pages, exports, watermarks. They can be made again."""
    removed, needles = [], target.needles
    for path in scan.files(home, {note}):
        if any(path.is_relative_to(one) for one in (home.raw, home.delta, home.snapshots)) or path == home.database:
            continue
        if path != tombstones.path(home) and scan.search(path, needles) is None:
            path.unlink()
            sync(path.parent)
            removed.append(str(path.relative_to(home.root)))
    return removed
