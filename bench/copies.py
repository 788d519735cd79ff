"""Measures the search for copies.

    python bench/copies.py batches 50000
    python bench/copies.py index 1000000

`batches` generates articles, clusters them in 50 batches, in an order in which copies often come before their
originals, and compares with one pass over all. `index` writes the fingerprints and clusters of a lake that does not
exist: random ones, among them copies, and one template of which many notices share much; then a new process compares a
batch of 1,000 with them, a quarter of it copies and a fiftieth notices of that template. Prints one JSON object each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import generate
from newslake.deduplicate import CLUSTERS, affected, cluster
from newslake.fingerprint import band_keys, fingerprint
from newslake.known_fingerprints import known
from newslake.lake.delta import DeltaFolder, in_order
from newslake.tables.fingerprints import FINGERPRINTS, MOST_FACTS, PERMUTATIONS

ROWS_A_FILE = 10_000
NEW = 1_000
COPIES, NOTICES = NEW // 4, NEW // 50
NOTICES_KNOWN = 20_000
KEPT = 0.9  # of the minima of a copy, and of the facts
SHARED = 0.4  # of the minima of two notices


def printed(first: int, count: int, seed: int) -> pa.Table:
    """What clustering reads of generated articles: their fingerprints and dates. No page is a mirror's."""
    generate.MIRROR_SHARE = 0.0
    records = [generate.record_of(number, seed)[0] for number in range(first, first + count)]
    at = pa.array([datetime.fromisoformat(record.published_at) for record in records], pa.timestamp("us", "UTC"))
    articles = pa.table(
        {
            "article_id": pa.array([hashlib.sha256(record.url.encode()).hexdigest()[:16] for record in records]),
            "source": pa.repeat("generated", count),
            "title": pa.nulls(count, pa.string()),
            "is_converted": pa.nulls(count, pa.bool_()),
            "deck": pa.nulls(count, pa.string()),
            "text": pa.array([record.text for record in records], pa.string()),
        }
    )
    rows = fingerprint(articles)
    return rows.append_column("published_date", at.cast(pa.date32())).append_column("published_at", at)


def generated(count: int, seed: int, processes: int) -> pa.Table:
    """As `printed`; of articles with one address only the first stays, as a lake has it."""
    starts = range(0, count, NEW)
    with ProcessPoolExecutor(processes) as pool:
        parts = pool.map(printed, starts, [min(NEW, count - start) for start in starts], [seed] * len(starts))
        rows = pa.concat_tables(parts)
    _, first = np.unique(np.array(rows["article_id"].to_pylist()), return_index=True)
    return rows.take(pa.array(np.sort(first)))


def in_batches(rows: pa.Table, batches: int, folder: Path, generator: np.random.Generator) -> Iterator[pa.Table]:
    """The clusters of all articles so far, after each of some batches in random order."""
    rows = rows.take(pa.array(generator.permutation(len(rows))))
    borders = np.linspace(0, len(rows), batches + 1).astype(int)
    clusters = CLUSTERS.empty_table()
    paths: list[Path] = []
    for number, (start, end) in enumerate(pairwise(borders)):
        new = rows.slice(start, end - start).combine_chunks()
        prints = new.select(FINGERPRINTS.column_names)
        near = affected(prints, paths, clusters)
        known_rows = rows.slice(0, start)
        old = known_rows.filter(pc.is_in(known_rows["article_id"], value_set=pa.array(sorted(near), pa.string())))
        both = pa.concat_tables([new, old])
        found_before = known(paths, near)
        stored = pa.concat_tables([prints.select(found_before.column_names), found_before])
        found = cluster(both.select(["article_id", "published_date", "published_at"]), stored)
        stays = pc.invert(pc.is_in(clusters["article_id"], value_set=found["article_id"]))
        clusters = pa.concat_tables([clusters.filter(stays), found])
        paths.append(folder / f"{number:04d}.parquet")
        pq.write_table(in_order(prints, FINGERPRINTS), paths[-1])
        yield clusters


def compare_batches(count: int, batches: int, seed: int, processes: int) -> dict[str, object]:
    begin = time.perf_counter()
    rows = generated(count, seed, processes)
    printed_in = time.perf_counter() - begin
    begin = time.perf_counter()
    expected = cluster(
        rows.select(["article_id", "published_date", "published_at"]), rows.select(FINGERPRINTS.column_names)
    )
    one_pass = time.perf_counter() - begin
    seconds: list[float] = []
    last = CLUSTERS.empty_table()
    with tempfile.TemporaryDirectory() as folder:
        stream = in_batches(rows, batches, Path(folder), np.random.default_rng(seed))
        begin = time.perf_counter()
        for clusters in stream:
            seconds.append(round(time.perf_counter() - begin, 3))
            last, begin = clusters, time.perf_counter()
    return {
        "articles": len(rows),
        "batches": batches,
        "copies": pc.sum(expected["is_duplicate"]).as_py(),
        "clusters": pc.count_distinct(expected["cluster_id"]).as_py(),
        "different_rows": different(expected, last),
        "seconds_to_generate": round(printed_in, 1),
        "seconds_one_pass": round(one_pass, 2),
        "seconds_first_batch": seconds[0],
        "seconds_last_batch": seconds[-1],
        "seconds_batches": round(sum(seconds), 1),
    }


def different(expected: pa.Table, found: pa.Table) -> int:
    """Rows in which two tables of clusters differ, whatever their order."""
    one, other = ({row["article_id"]: row for row in rows.to_pylist()} for rows in (expected, found))
    return sum(one.get(name) != other.get(name) for name in one.keys() | other.keys())


def names(first: int, count: int) -> pa.Array:
    """Invented article_ids, in no order."""
    hashed = (np.arange(first, first + count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return pa.array([f"{value:016x}" for value in hashed.tolist()], pa.string())


def prints(ids: pa.Array, signatures: np.ndarray, facts: np.ndarray, generator: np.random.Generator) -> pa.Table:
    """Rows of fingerprints with given signatures."""
    count = len(ids)
    hashes = generator.integers(0, 2**63, (count, 4), dtype=np.int64)
    lists = {
        name: pa.ListArray.from_arrays(
            pa.array(np.arange(count + 1) * value.shape[1], pa.int32()), pa.array(value.ravel())
        )
        for name, value in {
            "signature": signatures.view(np.int16),
            "facts": np.sort(facts, axis=1).view(np.int32),
        }.items()
    }
    bands = np.concatenate([band_keys(signatures), hashes[:, :1].view("<u4")[:, :1]], axis=1)
    columns = {
        "article_id": ids,
        "text_sha256": pa.array([row.tobytes().hex() for row in hashes]),
        "bands": pa.array([row.tobytes() for row in bands]),
        "originality": pa.array(np.zeros(count, np.int8)),
        **lists,
    }
    return pa.table({name: columns[name] for name in FINGERPRINTS.column_names}, schema=FINGERPRINTS.schema)


def changed(values: np.ndarray, kept: float, generator: np.random.Generator) -> np.ndarray:
    """Values of which a share stays."""
    other = generator.integers(0, np.iinfo(values.dtype).max, values.shape, values.dtype, endpoint=True)
    return np.where(generator.random(values.shape) < kept, values, other)


def write_index(folder: Path, count: int, rows_a_file: int) -> None:
    """Fingerprints of `count` articles of a lake, their clusters, and those of a batch."""
    generator = np.random.default_rng(1)
    template = generator.integers(0, 2**16, PERMUTATIONS, np.uint16)
    stored = DeltaFolder(folder / "fingerprints", FINGERPRINTS)
    originals: list[np.ndarray] = []
    facts_of: list[np.ndarray] = []
    for start in range(0, count, rows_a_file):
        size = min(rows_a_file, count - start)
        signatures = generator.integers(0, 2**16, (size, PERMUTATIONS), np.uint16)
        facts = generator.integers(0, 2**32, (size, MOST_FACTS), np.uint32)
        notices = NOTICES_KNOWN * size // count
        signatures[:notices] = changed(np.tile(template, (notices, 1)), SHARED**0.5, generator)
        copies = size // 5
        signatures[-copies:] = changed(signatures[-2 * copies : -copies], KEPT, generator)
        facts[-copies:] = changed(facts[-2 * copies : -copies], KEPT, generator)
        if start == 0:
            originals, facts_of = [signatures[-COPIES:]], [facts[-COPIES:]]
        stored.write(in_order(prints(names(start, size), signatures, facts, generator), FINGERPRINTS))
    new = generator.integers(0, 2**16, (NEW, PERMUTATIONS), np.uint16)
    facts = generator.integers(0, 2**32, (NEW, MOST_FACTS), np.uint32)
    new[:COPIES], facts[:COPIES] = changed(originals[0], KEPT, generator), changed(facts_of[0], KEPT, generator)
    new[-NOTICES:] = changed(np.tile(template, (NOTICES, 1)), SHARED**0.5, generator)
    pq.write_table(prints(names(count, NEW), new, facts, generator), folder / "new.parquet")
    ids = names(0, count)
    pq.write_table(pa.table({"article_id": ids, "cluster_id": ids}), folder / "clusters.parquet")


def compare_index(folder: Path) -> dict[str, object]:
    """One batch against the index, in a process of its own: what a publisher does with them."""
    paths = sorted((folder / "fingerprints").glob("*.parquet"))
    new = pq.read_table(folder / "new.parquet").cast(FINGERPRINTS.schema)
    with duckdb.connect() as connection:
        clusters = connection.sql(f"SELECT article_id, cluster_id FROM '{folder}/clusters.parquet'").to_arrow_table()
    before = resource.getrusage(resource.RUSAGE_SELF)
    begin = time.perf_counter()
    near = affected(new, paths, clusters)
    affected_in = time.perf_counter() - begin
    old = known(paths, near)
    stored = pa.concat_tables([new.select(old.column_names), old])
    dates = pa.nulls(len(stored), pa.date32()), pa.nulls(len(stored), pa.timestamp("us", "UTC"))
    articles = pa.table([stored["article_id"], *dates], ["article_id", "published_date", "published_at"])
    found = cluster(articles, stored)
    seconds = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "known": len(clusters),
        "files": len(paths),
        "new": len(new),
        "near": len(near),
        "clusters": pc.count_distinct(found["cluster_id"]).as_py(),
        "seconds_affected": round(affected_in, 2),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        "peak_mb": round(after.ru_maxrss / 1024),
        "index_mb": round(sum(path.stat().st_size for path in paths) / 1e6),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    batches = commands.add_parser("batches", help="clusters of batches against those of one pass")
    batches.add_argument("count", type=int, metavar="N", help="how many articles")
    batches.add_argument("--batches", type=int, default=50)
    batches.add_argument("--seed", type=int, default=1)
    batches.add_argument("--processes", type=int, default=2)
    index = commands.add_parser("index", help="one batch against many known articles")
    index.add_argument("count", type=int, metavar="N", help="how many articles are known")
    index.add_argument("--rows-a-file", type=int, default=ROWS_A_FILE)
    index.add_argument("--folder", type=Path, help="where the index is kept; one that is there is used again")
    compare = commands.add_parser("compare", help="what `index` runs")
    compare.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "batches":
        print(json.dumps(compare_batches(arguments.count, arguments.batches, arguments.seed, arguments.processes)))
    elif arguments.command == "compare":
        print(json.dumps(compare_index(arguments.folder)))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            folder = arguments.folder or Path(temporary)
            if not (folder / "clusters.parquet").exists():
                write_index(folder, arguments.count, arguments.rows_a_file)
            subprocess.run([sys.executable, __file__, "compare", str(folder)], check=True)


if __name__ == "__main__":
    main()
