"""Measures `search` over many articles: the index of generated ones, again and again under other ids.

    python bench/search.py 100000 /tmp/search

generates 10,000 articles, indexes them, writes the index as often as needed, and asks 20 phrases five times each. It prints
microseconds and bytes an article, and the median of each phrase, by the clock and in processor time. The articles' words are
counted as half their characters.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from newslake import search_index
from newslake.lake.delta import DeltaFolder, in_order
from newslake.tables import SEARCH_INDEX
from views import connected, timed

GENERATED = 10_000
QUERY = "SELECT article_id, score FROM search_scores($asked) ORDER BY score DESC, article_id LIMIT 20"
PHRASES = ["推进会", "营商环境", "区委书记", "乡村振兴", "调度会", "责任", "发展", "项目", "产业园", "网格", "工业", "龙头", "2024年", "港口", "重点任务", "企业服务", "记者", "招商", "点任", "管委会"]  # fmt: skip


def articles(folder: Path) -> Iterator[pa.Table]:
    """Generated articles, in batches."""
    if not folder.exists():
        command = [sys.executable, str(Path(__file__).with_name("generate.py")), str(GENERATED), str(folder)]
        subprocess.run(command, check=True)
    known: set[str] = set()
    for path in sorted((folder / "articles").glob("*.jsonl")):
        # Identical copies have one address, and so are one article.
        by_url = {one["url"]: one for one in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
        records = [one for url, one in by_url.items() if url not in known]
        known.update(by_url)
        yield pa.table(
            {
                "article_id": [sha256(one["url"].encode()).hexdigest()[:16] for one in records],
                "title": [one["title"] for one in records],
                "text": [one["text"] for one in records],
            }
        )


def indexed(batch: pa.Table) -> pa.Table:
    kind = pa.list_(pa.struct([("pos", pa.string())]))
    tokens = pa.array([[{"pos": "n"}] * (len(text) // 2) for text in batch["text"].to_pylist()], kind)
    return search_index.index(batch, pa.table({"article_id": batch["article_id"], "tokens": tokens}))


def renamed(rows: pa.Table, number: int) -> pa.Table:
    ids = rows["article_id"].combine_chunks().dictionary_encode()
    names = [sha256(f"{number}/{one}".encode()).hexdigest()[:16] for one in ids.dictionary.to_pylist()]
    return rows.set_column(0, SEARCH_INDEX.schema.field(0), pa.array(names).take(ids.indices))


def build(count: int, folder: Path) -> None:
    start, parts = time.process_time(), []
    batches = list(articles(folder / "corpus"))
    seconds = 0.0
    for batch in batches:
        start = time.process_time()
        parts.append(in_order(indexed(batch), SEARCH_INDEX))
        seconds += time.process_time() - start
    print(f"index: {seconds / GENERATED * 1e6:.0f} µs of processor time an article, sorted by batch")
    rows = pa.concat_tables(parts)
    table = DeltaFolder(folder / "index", SEARCH_INDEX)
    start, size = time.process_time(), 0
    for number in range(count // GENERATED):
        written = table.write(in_order(renamed(rows, number), SEARCH_INDEX))
        size += sum(file.bytes for file in written)
    print(f"publish: {(time.process_time() - start) / count * 1e6:.0f} µs; {size / count:.0f} bytes an article")


def ask(folder: Path) -> None:
    with connected({SEARCH_INDEX.name: str(folder / "index" / "*.parquet")}) as connection:
        (total,) = connection.execute("SELECT count(*) FROM search_index WHERE bucket = 0").fetchone() or (0,)
        found = []
        for phrase in PHRASES:
            found.append(timed(connection, QUERY, {"asked": phrase}))
            print(f"{phrase}: {found[-1]}")
        wall, processor = [one.wall for one in found], [one.processor for one in found]
        print(
            f"{len(PHRASES)} phrases over {total} articles: median {statistics.median(wall):.0f} ms, "
            f"most {max(wall):.0f} ms; processor time {statistics.median(processor):.0f} ms"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    if not (given.folder / "index").exists():
        given.folder.mkdir(parents=True, exist_ok=True)
        build(given.count, given.folder)
    ask(given.folder)
