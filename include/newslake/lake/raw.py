"""Landing raw documents, and finding those that are not in the lake yet."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from newslake.config import Home
from newslake.lake import pending, raw_change, remote, tombstones
from newslake.lake.delta import DeltaFolder, in_order
from newslake.lake.durable import only_one, write_text
from newslake.lake.pending import OF_DOCUMENTS, Place
from newslake.lake.snapshots import newest
from newslake.lake.tombstones import Admission
from newslake.lake.watermarks import Watermark
from newslake.tables import RAW_DOCUMENTS

if TYPE_CHECKING:
    import duckdb

PROCESSED_IN = tuple(table.name for table in OF_DOCUMENTS)


NO_NEW_DOCUMENTS = -1
"""In place of a version of raw_documents: the batch is of documents that the newest snapshot has."""
RUNNING_SECONDS = 24 * 3600
"""So long, whoever refines such a batch may still be at it: that its documents are known does not tell that it is done."""
MOMENT = timedelta(microseconds=1)
RETURNS_MOST = 3
"""An address where a version has come back so often goes back and forth: its web source stores only what is new there."""


class Stored(NamedTuple):
    """What is stored of one address. Rows with an error are no versions of it.

    Attributes:
        raw_id: of the newest version that the source itself has stored, else of the newest there is; it and its
            validators are None where there are only rows with an error.
        first_fetched_at: when the oldest row was fetched.
        fetched_at: when the newest row was.
        failure: reason of the newest row's error; None where it has none.
        latest: raw_id of the newest version, whichever source has stored it.
        restless: raw_ids of all versions, where one of them has come back RETURNS_MOST times; else None.
    """

    raw_id: str | None
    etag: str | None
    last_modified: str | None
    first_fetched_at: datetime
    fetched_at: datetime
    failure: str | None = None
    latest: str | None = None
    restless: list[str] | None = None


def folder(home: Home) -> DeltaFolder:
    """The Delta table of raw documents."""
    return DeltaFolder(home.raw, RAW_DOCUMENTS)


def land(
    home: Home,
    chunks: Iterable[pa.Table],
    run_id: str,
    watermark: Watermark | None = None,
    admission: Admission | None = None,
) -> Iterator[tuple[int, int]]:
    """Stores documents that are not stored yet; each chunk is safe before the next is read.

    Args:
        home: where the lake is.
        chunks: tables of RAW_DOCUMENTS; one without rows stores the watermark alone.
        run_id: noted in the Delta log.
        watermark: is stored with each chunk, as it is when the chunk is given.
        admission: which documents may be stored; by default all that were not taken down.

    Yields:
        After each chunk its documents, and how many were stored; the others were stored before (same bytes, same place).
    """
    import duckdb

    raw, admission = folder(home), admission or Admission()
    with duckdb.connect() as connection:
        for chunk in chunks:
            with only_one(home.state / "land.lock"):
                raw_change.settle(home, raw)
                transaction = watermark.prepare() if watermark else None
                allowed = _Allowed(home, chunk, admission)
                new = remote.landing(home, partial(_commit, allowed, raw, connection, run_id, watermark, transaction))
                if watermark and transaction:
                    watermark.confirm()
            yield chunk.num_rows, new.num_rows


class _Allowed:
    """The documents of a chunk that may be stored, asked again when other machines have taken something down meanwhile."""

    def __init__(self, home: Home, chunk: pa.Table, admission: Admission) -> None:
        self.home, self.chunk, self.admission = home, chunk, admission

    def now(self) -> pa.Table:
        self.chunk = self.admission.let_in(self.chunk, tombstones.read(self.home))
        return self.chunk


def _commit(
    allowed: _Allowed,
    raw: DeltaFolder,
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    watermark: Watermark | None,
    transaction: tuple[str, int] | None,
) -> pa.Table:
    """Stores what is new of a chunk, and gives it."""
    if watermark:
        watermark.check(raw)
    chunk = allowed.now()
    new = _not_stored(chunk, raw, connection) if chunk.num_rows else chunk
    if new.num_rows or transaction:
        raw.commit(raw.write(in_order(new, RAW_DOCUMENTS)), [], run_id, transaction)
    return new


def known(home: Home, urls: Collection[str], source: str | None = None) -> dict[str, Stored]:
    """What is stored of each of these addresses; addresses without anything are left out.

    Args:
        home: where the lake is.
        urls: canonical addresses.
        source: whose versions come first. Two sources that are sent different bytes would each take the other's for
            a change, at every visit.
    """
    import duckdb

    raw = folder(home)
    paths = [str(raw.path / file) for file in sorted(raw.live_files())]
    if not paths or not urls:
        return {}
    with duckdb.connect() as connection:
        connection.register("wanted", pa.table({"url": pa.array(list(urls), pa.string())}))
        rows = connection.sql(
            """
            WITH found AS (
                SELECT url, min(fetched_at) AS first_fetched_at, max(fetched_at) AS fetched_at,
                       arg_max(struct_pack(raw_id, etag, last_modified),
                               (source IS NOT DISTINCT FROM $source, fetched_at, raw_id))
                           FILTER (error IS NULL) AS version,
                       arg_max(raw_id, (fetched_at, raw_id)) FILTER (error IS NULL) AS latest,
                       arg_max(coalesce(split_part(error, ':', 1), ''), (fetched_at, raw_id)) AS failure,
                       histogram(raw_id) FILTER (error IS NULL) AS counts
                FROM read_parquet($paths) SEMI JOIN wanted USING (url) GROUP BY url
            )
            SELECT url, version.raw_id, version.etag, version.last_modified, first_fetched_at, fetched_at,
                   nullif(failure, '') AS failure, latest,
                   CASE WHEN list_max(map_values(counts)) > $most THEN map_keys(counts) END AS restless
            FROM found
            """,
            params={"paths": paths, "source": source, "most": RETURNS_MOST},
        ).to_arrow_table()
    return {row.pop("url"): Stored(**row) for row in rows.to_pylist()}


def _not_stored(chunk: pa.Table, raw: DeltaFolder, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """The rows that are to be stored, taken in order of time: an earlier one may be what a later one comes back after."""
    given = chunk.select(["raw_id", "url", "fetched_at", "error"])
    paths = [str(raw.path / file) for file in sorted(raw.live_files())]
    stored: dict[str, dict[tuple[str, bool], datetime]] = defaultdict(dict)
    if paths:
        connection.register("given", given)
        query = """
            SELECT url, raw_id, error IS NULL AS is_whole, max(fetched_at) AS fetched_at
            FROM read_parquet($paths) SEMI JOIN given USING (url) GROUP BY ALL
        """
        for one in connection.sql(query, params={"paths": paths}).to_arrow_table().to_pylist():
            stored[one["url"]][one["raw_id"], one["is_whole"]] = one["fetched_at"]
    rows = given.to_pylist()
    new: dict[int, datetime] = {}
    for number in sorted(range(len(rows)), key=lambda number: rows[number]["fetched_at"]):
        raw_id, is_whole, fetched_at = rows[number]["raw_id"], rows[number]["error"] is None, rows[number]["fetched_at"]
        others = stored[rows[number]["url"]]
        if _is_new(raw_id, is_whole, fetched_at, others):
            # An archive that was cut behind the last byte names the same time when it is whole: the key tells them apart.
            new[number] = fetched_at + MOMENT * (is_whole and others.get((raw_id, False)) == fetched_at)
            others[raw_id, is_whole] = new[number]
    if len(new) == chunk.num_rows and all(new[number] == row["fetched_at"] for number, row in enumerate(rows)):
        return chunk
    place, field = chunk.schema.get_field_index("fetched_at"), chunk.schema.field("fetched_at")
    numbers = sorted(new)
    times = pa.array([new[number] for number in numbers], field.type)
    return chunk.take(pa.array(numbers, pa.int64())).set_column(place, field, times)


def _is_new(raw_id: str, is_whole: bool, fetched_at: datetime, stored: Mapping[tuple[str, bool], datetime]) -> bool:
    """Whether bytes are to be stored beside what is stored of their address: when they are new, or have come back.

    Args:
        raw_id: of the bytes.
        is_whole: whether they came without an error.
        fetched_at: when they came.
        stored: (raw_id, is_whole) of all rows → when the latest of them was fetched.
    """
    if not is_whole:
        return not {(raw_id, True), (raw_id, False)} & stored.keys()
    if (raw_id, True) not in stored:
        return True
    latest = max(time for (_, other_is_whole), time in stored.items() if other_is_whole)
    # Not only later than its own last time: what came last was something else.
    return stored[raw_id, True] < latest < fetched_at


def version(home: Home) -> int:
    """The newest version of raw_documents."""
    return int(folder(home).open().version())


def plan(
    home: Home,
    batch_size: int,
    most_batches: int,
    rules: str,
    again_since: datetime | None = None,
    refused: Collection[str] | None = None,
) -> list[Path]:
    """Divides the documents that the newest snapshot does not know, or knows otherwise, into batches.

    Documents with the same bytes are refined once; see `pending`.

    Args:
        home: where the lake is.
        batch_size: documents a batch.
        most_batches: beyond it, batches grow.
        rules: stands for the code and the lists by which the batches will be refined; with other rules,
            the same documents make another batch.
        again_since: instead of what is new, the documents of the snapshot that were fetched then or later.
        refused: instead, those that the snapshot has refused, of these raw_ids.

    Returns:
        One small JSON file a batch, which names files and rows; none when nothing is new.
    """
    remote.refresh(home)
    with only_one(home.state / "land.lock"):
        raw_change.settle(home, folder(home))
    accepted = remote.pull_raw(home)
    planned = version(home) if accepted is None else max(accepted, 0)
    # What was landed since and waits would be unaccounted for, if the next snapshot had it.
    raw_version, snapshot = NO_NEW_DOCUMENTS, newest(home)
    known = snapshot.tables[RAW_DOCUMENTS.name].version if snapshot else 0
    if refused is not None:
        parts = [(pending.refused(home, refused, known), "replay")]
    elif again_since:
        parts = [(pending.published(home, again_since, known), "again")]
    else:
        raw_version = planned
        parts = [(pending.new(home, planned), ""), (pending.returned(home, planned), "again")]
    # The last batch of each part may be small.
    room = max(most_batches - len(parts) + 1, 1)
    batch_size = max(batch_size, -(-sum(len(places) for places, _ in parts) // room))
    return [
        _write_batch(home, places[start : start + batch_size], raw_version, rules, way)
        for places, way in parts
        for start in range(0, len(places), batch_size)
    ]


def _write_batch(home: Home, documents: list[Place], version: int, rules: str, way: str) -> Path:
    rows: dict[str, list[int]] = {}
    for place in documents:
        rows.setdefault(place.file, []).append(place.row)
    # Of bytes that came back, another row is another batch.
    places = sorted(f"{place.raw_id} {Path(place.file).name} {place.row}" for place in documents)
    identity = [way, rules, *places]
    batch_id = sha256("".join(identity).encode()).hexdigest()[:16]
    path = home.state / "batches" / f"{batch_id}.json"
    batch = {
        "batch_id": batch_id,
        "raw_version": version,
        "documents": len(documents),
        "is_again": way != "",
        "is_replay": way == "replay",
        "rows": rows,
    }
    write_text(path, json.dumps(batch))
    return path


def done_plans(home: Home) -> list[Path]:
    """Plans of which the newest snapshot knows every document: a crash, or another run, has left them behind."""
    import duckdb

    plans = sorted((home.state / "batches").glob("[!.]*.json"))
    if not plans:
        return []
    waiting = {place.raw_id for place in (*pending.new(home), *pending.returned(home))}
    found = []
    with duckdb.connect() as connection:
        for path in plans:
            batch = json.loads(path.read_text(encoding="utf-8"))
            rows = batch["rows"]
            if batch.get("raw_version") == NO_NEW_DOCUMENTS and time.time() - path.stat().st_mtime < RUNNING_SECONDS:
                continue
            query = (
                "SELECT raw_id FROM read_parquet($file, file_row_number = true) "
                "WHERE list_contains($rows::BIGINT[], file_row_number)"
            )
            answers = (connection.execute(query, {"file": file, "rows": rows[file]}).fetchall() for file in rows)
            # A plan names absolute paths: in a home that was moved nobody can follow it any more.
            is_lost = not all(Path(file).exists() for file in rows)
            if is_lost or waiting.isdisjoint(raw_id for answer in answers for (raw_id,) in answer):
                found.append(path)
    return found


def read(batch: dict[str, Any]) -> pa.Table:
    """The raw documents of a batch; only the row groups that hold them are read."""
    return pa.concat_tables(_read_rows(file, rows) for file, rows in batch["rows"].items())


def _read_rows(file: str, rows: list[int]) -> pa.Table:
    parquet = pq.ParquetFile(file, page_checksum_verification=True)
    wanted = set(rows)
    parts: list[pa.Table] = []
    for group, start in _row_groups(parquet):
        count = parquet.metadata.row_group(group).num_rows
        inside = [row for row in range(count) if start + row in wanted]
        if inside:
            part = parquet.read_row_group(group)
            parts.append(part if len(inside) == count else part.take(pa.array(inside, pa.int64())))
    partition = Path(file).parent.name.split("=", 1)[1]
    table = pa.concat_tables(parts)
    table = table.append_column(RAW_DOCUMENTS.schema.field("fetched_date"), pa.array([partition] * table.num_rows))
    return table.select(RAW_DOCUMENTS.column_names).cast(RAW_DOCUMENTS.schema)


def _row_groups(parquet: pq.ParquetFile) -> Iterator[tuple[int, int]]:
    start = 0
    for group in range(parquet.num_row_groups):
        yield group, start
        start += parquet.metadata.row_group(group).num_rows
