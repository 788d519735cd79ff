"""datatrove's nearest equivalent: length filter, minhash near-copies with Chinese words, one article a cluster kept.

    bench/.venv/bin/python bench/datatrove_run.py CORPUS/articles OUT --processes 2

It removes no glosses, parses no header, gives no sentences and checks nothing. Runs in a virtual environment of its
own (`requirements.txt` beside this file). Prints one JSON object: wall seconds by stage, articles kept.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["DATATROVE_COLORIZE_LOGS"] = "0"

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import ParquetWriter
from datatrove.utils.hashing import HashConfig

LANGUAGE = "zho_Hani"
SHORTEST = 200
"""Characters; below, a page has no article."""


def is_long_enough(document: Document) -> bool:
    return len(document.text) >= SHORTEST


def stages(articles: Path, out: Path) -> list[tuple[str, list[PipelineStep], int]]:
    """The steps as datatrove's own example orders them: name, pipeline, number of tasks (0: one a file)."""
    config = MinhashConfig(hash_config=HashConfig(precision=64))

    def read() -> list[PipelineStep]:
        return [JsonlReader(str(articles), id_key="url", glob_pattern="*.jsonl"), LambdaFilter(is_long_enough)]

    sign = MinhashDedupSignature(str(out / "signatures"), config=config, language=LANGUAGE)
    match = MinhashDedupBuckets(str(out / "signatures"), str(out / "buckets"), config=config)
    cluster = MinhashDedupCluster(str(out / "buckets"), str(out / "remove"), config=config)
    keep = MinhashDedupFilter(str(out / "remove"))
    return [
        ("signatures", [*read(), sign], 0),
        ("buckets", [match], config.num_buckets),
        ("cluster", [cluster], 1),
        ("filter and write", [*read(), keep, ParquetWriter(str(out / "kept"), compression="zstd")], 0),
    ]


def run(articles: Path, out: Path, processes: int) -> dict[str, object]:
    """Runs the stages one after the other, timing each."""
    files = len(list(articles.glob("*.jsonl")))
    seconds = {}
    for name, pipeline, tasks in stages(articles, out):
        start = time.perf_counter()
        LocalPipelineExecutor(
            pipeline,
            tasks=tasks or files,
            workers=min(processes, tasks or files),
            logging_dir=str(out / "logs" / name.replace(" ", "-")),
        ).run()
        seconds[name] = time.perf_counter() - start
    return {"stage_seconds": seconds, "kept": str(out / "kept")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, help="folder of *.jsonl files")
    parser.add_argument("out", type=Path, help="new folder for everything datatrove writes")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.articles, arguments.out, arguments.processes)))


if __name__ == "__main__":
    main()
