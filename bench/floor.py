"""What the work costs when nothing is kept, checked or explained: the floor under newslake, measured in the same run.

    python bench/floor.py /tmp/corpus/articles

Prints one JSON object: processor seconds and microseconds an article of
`copy`  – JSON Lines read and written back as zstd Parquet;
`chain` – JSON parse, glosses out, Traditional to Simplified, sentence spans, words, minhash, SHA-256, zstd Parquet.
One process, one thread, file by file as the corpus comes, after a first file that is not counted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import opencc
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
import rjieba

GLOSS = re.compile(r"(?<=[\u4e00-\u9fff])\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}\)")
SENTENCE = re.compile(r"[^。！？!?…\n]+(?:[。！？!?…]+[”’」』）)]*)?")
GLOSSES_OF_A_MIRROR = 5
SHINGLE = 5
PERMUTATIONS = 128
MULTIPLIERS = np.random.default_rng(7).integers(1, 2**63, SHINGLE, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
BUCKET_STARTS = np.arange(PERMUTATIONS, dtype=np.uint64) << np.uint64(57)


class Stopwatch:
    """Processor seconds by part."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        start = time.process_time()
        yield
        self.seconds[name] += time.process_time() - start


def copy_file(source: Path, target: Path) -> int:
    """JSON Lines → zstd Parquet, and nothing else. Returns the number of articles."""
    table = pyarrow.json.read_json(source)
    pq.write_table(table, target, compression="zstd")
    return int(table.num_rows)


def signature(text: str) -> np.ndarray:
    """One-permutation minhash: the least hash of character 5-grams in each of 128 buckets (0 where it is empty)."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    count = len(codes) - SHINGLE + 1
    if count < 1:
        return np.zeros(PERMUTATIONS, dtype=np.uint64)
    hashes = codes[:count] * MULTIPLIERS[0]
    for position in range(1, SHINGLE):
        hashes += codes[position : position + count] * MULTIPLIERS[position]
    hashes.sort()
    first = np.searchsorted(hashes, BUCKET_STARTS)
    found: np.ndarray = hashes[np.minimum(first, count - 1)]
    found[(found >> np.uint64(57)) != np.arange(PERMUTATIONS, dtype=np.uint64)] = 0
    return found


def chain_file(source: Path, target: Path, converter: opencc.OpenCC, watch: Stopwatch) -> int:
    """The unavoidable steps over one file. Returns the number of articles."""
    with watch.part("JSON parse"):
        table = pyarrow.json.read_json(source)
        texts = table["text"].to_pylist()
    with watch.part("glosses"):
        stripped = [GLOSS.subn("", text) for text in texts]
    with watch.part("Traditional → Simplified"):
        texts = [converter.convert(text) if count >= GLOSSES_OF_A_MIRROR else text for text, count in stripped]
    with watch.part("sentence spans"):
        spans = [[found.span() for found in SENTENCE.finditer(text)] for text in texts]
    with watch.part("words"):
        words = [rjieba.cut(text, hmm=True) for text in texts]
    with watch.part("minhash"):
        signatures = np.concatenate([signature(text) for text in texts])
    with watch.part("SHA-256"):
        digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    with watch.part("to Arrow"):
        result = _result(table, texts, spans, words, signatures, digests)
    with watch.part("Parquet"):
        pq.write_table(result, target, compression="zstd")
    return len(texts)


def _result(
    table: pa.Table,
    texts: list[str],
    spans: list[list[tuple[int, int]]],
    words: list[list[str]],
    signatures: np.ndarray,
    digests: list[str],
) -> pa.Table:
    starts = pa.array([[start for start, _ in found] for found in spans], pa.list_(pa.int32()))
    columns = {
        "text": pa.array(texts),
        "sentence_starts": starts,
        "words": pa.array(words, pa.list_(pa.string())),
        "signature": pa.FixedSizeListArray.from_arrays(signatures, PERMUTATIONS),
        "sha256": pa.array(digests),
    }
    for name, column in columns.items():
        table = table.drop_columns(name) if name in table.column_names else table
        table = table.append_column(name, column)
    return table


def measure(articles: Path) -> dict[str, object]:
    """Processor time of both floors over every file of a folder."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    converter = opencc.OpenCC("t2s")
    watch, copied = Stopwatch(), Stopwatch()
    count = 0
    files = sorted(articles.glob("*.jsonl"))
    with tempfile.TemporaryDirectory() as folder:
        chain_file(files[0], Path(folder, "warm-up.parquet"), converter, Stopwatch())
        for number, source in enumerate(files):
            with copied.part("copy"):
                count += copy_file(source, Path(folder, f"copy-{number}.parquet"))
            chain_file(source, Path(folder, f"chain-{number}.parquet"), converter, watch)
    chain = sum(watch.seconds.values())
    return {
        "articles": count,
        "copy": {"cpu_seconds": copied.seconds["copy"], "cpu_us_per_article": 1e6 * copied.seconds["copy"] / count},
        "chain": {
            "cpu_seconds": chain,
            "cpu_us_per_article": 1e6 * chain / count,
            "parts_us_per_article": {name: 1e6 * seconds / count for name, seconds in watch.seconds.items()},
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, help="folder of *.jsonl files")
    print(json.dumps(measure(parser.parse_args().articles), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
