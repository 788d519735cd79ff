"""Landing raw documents, and finding those that are not in the lake yet."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from newslake.config import Home
from newslake.lake import again, remote
from newslake.lake.delta import DeltaFolder, in_order
from newslake.lake.durable import only_one, write_text
from newslake.lake.snapshots import newest
from newslake.lake.watermarks import Watermark
from newslake.tables import RAW_DOCUMENTS

if TYPE_CHECKING:
    import duckdb

PROCESSED_IN = ("articles", "article_versions", "quarantine")


class Stored(NamedTuple):
    """What is stored of one address. Rows with an error are no versions of it.

    Attributes:
        raw_id: of the newest version; it and its validators are None where there are only rows with an error.
        first_fetched_at: when the oldest row was fetched.
        fetched_at: when the newest row was.
        failure: reason of the newest row's error; None where it has none.
        earlier: raw_ids of the other versions.
    """

    raw_id: str | None
    etag: str | None
    last_modified: str | None
    first_fetched_at: datetime
    fetched_at: datetime
    failure: str | None = None
    earlier: tuple[str, ...] = ()


def folder(home: Home) -> DeltaFolder:
    """The Delta table of raw documents."""
    return DeltaFolder(home.raw, RAW_DOCUMENTS)


def land(
    home: Home, chunks: Iterable[pa.Table], run_id: str, watermark: Watermark | None = None
) -> Iterator[tuple[int, int]]:
    """Stores documents that are not stored yet; each chunk is safe before the next is read.

    Args:
        home: where the lake is.
        chunks: tables of RAW_DOCUMENTS; one without rows stores the watermark alone.
        run_id: noted in the Delta log.
        watermark: is stored with each chunk, as it is when the chunk is given.

    Yields:
        After each chunk its documents, and how many were stored; the others were stored before (same bytes, same place).
    """
    import duckdb

    raw = folder(home)
    with duckdb.connect() as connection:
        for chunk in chunks:
            with only_one(home.state / "land.lock"):
                transaction = watermark.prepare() if watermark else None
                new = remote.landing(home, partial(_commit, chunk, raw, connection, run_id, watermark, transaction))
                if watermark and transaction:
                    watermark.confirm()
            yield chunk.num_rows, new.num_rows


def _commit(
    chunk: pa.Table,
    raw: DeltaFolder,
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    watermark: Watermark | None,
    transaction: tuple[str, int] | None,
) -> pa.Table:
    """Stores what is new of a chunk, and gives it."""
    if watermark:
        watermark.check(raw)
    new = _not_stored(chunk, raw, connection) if chunk.num_rows else chunk
    if new.num_rows or transaction:
        raw.commit(raw.write(in_order(new, RAW_DOCUMENTS)), [], run_id, transaction)
    return new


def known(home: Home, urls: Collection[str]) -> dict[str, Stored]:
    """What is stored of each of these addresses; addresses without anything are left out."""
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
                       arg_max(struct_pack(raw_id, etag, last_modified), (fetched_at, raw_id))
                           FILTER (error IS NULL) AS version,
                       arg_max(coalesce(split_part(error, ':', 1), ''), (fetched_at, raw_id)) AS failure,
                       list(DISTINCT raw_id) FILTER (error IS NULL) AS versions
                FROM read_parquet($paths) SEMI JOIN wanted USING (url) GROUP BY url
            )
            SELECT url, version.raw_id, version.etag, version.last_modified, first_fetched_at, fetched_at,
                   nullif(failure, '') AS failure,
                   CASE WHEN len(versions) > 1 THEN list_filter(versions, lambda one: one <> version.raw_id) END AS earlier
            FROM found
            """,
            params={"paths": paths},
        ).to_arrow_table()
    return {row.pop("url"): Stored(**{**row, "earlier": tuple(row["earlier"] or ())}) for row in rows.to_pylist()}


def _not_stored(chunk: pa.Table, raw: DeltaFolder, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    keys = chunk.select(["raw_id", "url"])
    paths = [str(raw.path / file) for file in sorted(raw.live_files())]
    stored: set[tuple[str, str]] = set()
    if paths:
        connection.register("keys", keys)
        query = "SELECT raw_id, url FROM read_parquet($paths) SEMI JOIN keys USING (raw_id, url)"
        stored.update(connection.execute(query, {"paths": paths}).fetchall())
    first: dict[tuple[str, str], int] = {}
    for row, key in enumerate(zip(*keys.to_pydict().values(), strict=True)):
        first.setdefault(key, row)
    new = [row for key, row in first.items() if key not in stored]
    return chunk if len(new) == chunk.num_rows else chunk.take(pa.array(new, pa.int64()))


def version(home: Home) -> int:
    """The newest version of raw_documents."""
    return int(folder(home).open().version())


def plan(home: Home, batch_size: int, most_batches: int, rules: str, again_since: datetime | None = None) -> list[Path]:
    """Divides the documents that the newest snapshot does not know into batches.

    Documents with the same bytes are refined once, under the smallest of their addresses.

    Args:
        home: where the lake is.
        batch_size: documents a batch.
        most_batches: beyond it, batches grow.
        rules: stands for the code and the lists by which the batches will be refined; with other rules,
            the same documents make another batch.

        again_since: instead of what is new, the documents of the snapshot that were fetched then or later.

    Returns:
        One small JSON file a batch, which names files and rows; none when nothing is new.
    """
    remote.refresh(home)
    accepted = remote.pull_raw(home)
    planned = version(home) if accepted is None else max(accepted, 0)
    pending = again.documents(home, again_since, planned) if again_since else _pending(home, planned)
    batch_size = max(batch_size, -(-len(pending) // most_batches))
    return [
        _write_batch(home, pending[start : start + batch_size], planned, rules, again_since is not None)
        for start in range(0, len(pending), batch_size)
    ]


def _pending(home: Home, version: int | None = None) -> list[tuple[str, str, int]]:
    """(raw_id, file, row within the file) of documents at a version, neighbours on disk first."""
    import duckdb

    raw = folder(home)
    paths = [str(raw.path / file) for file in sorted(raw.live_files(version))]
    if not paths:
        return []
    snapshot = newest(home)
    processed = {table: snapshot.paths(table) for table in PROCESSED_IN} if snapshot else {}
    known = " UNION ALL ".join(f"SELECT raw_id FROM read_parquet(${table})" for table in processed)
    with duckdb.connect() as connection:
        documents: list[tuple[str, str, int]] = connection.execute(
            f"""
            SELECT raw_id, arg_min(filename, url), arg_min(file_row_number, url)
            FROM read_parquet($paths, filename = true, file_row_number = true)
            {f"ANTI JOIN ({known}) USING (raw_id)" if known else ""}
            GROUP BY raw_id ORDER BY 2, 3
            """,
            {"paths": paths, **processed},
        ).fetchall()
    return documents


def _write_batch(home: Home, documents: list[tuple[str, str, int]], version: int, rules: str, is_again: bool) -> Path:
    rows: dict[str, list[int]] = {}
    for _, file, row in documents:
        rows.setdefault(file, []).append(row)
    identity = ["again" * is_again, rules, *sorted(raw_id for raw_id, _, _ in documents)]
    batch_id = sha256("".join(identity).encode()).hexdigest()[:16]
    path = home.state / "batches" / f"{batch_id}.json"
    batch = {
        "batch_id": batch_id,
        "raw_version": version,
        "documents": len(documents),
        "is_again": is_again,
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
    pending = {raw_id for raw_id, _, _ in _pending(home)}
    found = []
    with duckdb.connect() as connection:
        for path in plans:
            rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
            query = (
                "SELECT raw_id FROM read_parquet($file, file_row_number = true) "
                "WHERE list_contains($rows::BIGINT[], file_row_number)"
            )
            answers = (connection.execute(query, {"file": file, "rows": rows[file]}).fetchall() for file in rows)
            # A plan names absolute paths: in a home that was moved nobody can follow it any more.
            is_lost = not all(Path(file).exists() for file in rows)
            if is_lost or pending.isdisjoint(raw_id for answer in answers for (raw_id,) in answer):
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
