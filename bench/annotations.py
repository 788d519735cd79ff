"""Where the time of words and annotations goes, beside rjieba's plain cut of the same texts, in one process.

    PYTHONPATH=include python bench/annotations.py [ARTICLES]

Takes the least processor time of three passes over generated articles; imports and lists are loaded before.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import rjieba

from generate import records
from newslake.acquire.documents import Document, table
from newslake.annotate import ANNOTATORS, annotate
from newslake.annotate.article import Found, articles_of
from newslake.annotate.rows import tables
from newslake.clean import clean
from newslake.parse import parse
from newslake.segment import add_terms, segment

PASSES = 3
SEED = 1


def least(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of processor time of the fastest pass, and what it gave."""
    seconds = []
    for _ in range(PASSES):
        began = time.process_time()
        result = work()
        seconds.append(time.process_time() - began)
    return min(seconds), result


def main() -> None:
    """Prints microseconds an article, and ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    at = datetime(2024, 2, 21, tzinfo=UTC)
    documents = [
        Document(f"file:{number}.json", "application/json", orjson.dumps(record), at)
        for number, (record, _) in enumerate(records(count, SEED))
    ]
    articles, blocks, _ = parse(clean(table(documents, "bench"))[0], {})
    text = "\n".join(articles["text"].to_pylist())
    annotate(articles.slice(0, 20), segment(articles.slice(0, 20), blocks))

    cut, _ = least(lambda: rjieba.cut(text))
    words, sentences = least(lambda: segment(articles, blocks))
    whole, found = least(lambda: annotate(articles, sentences))
    terms, _ = least(lambda: add_terms(sentences, found))

    def told(name: str, seconds: float, base: float) -> None:
        print(f"{name:28}{seconds / articles.num_rows * 1e6:8.0f} µs{seconds / base:8.2f} ×")

    print(f"{articles.num_rows} articles of {len(text) / articles.num_rows:.0f} characters; an article:")
    told("rjieba's plain cut", cut, cut)
    told("sentences, words, tags", words, cut)
    told("annotations", whole, words)
    told("terms", terms, words)
    pairs = [(article, Found()) for article in articles_of(articles, sentences)]
    for find in ANNOTATORS:
        began = time.process_time()
        for article, one in pairs:
            find(article, one)
            one.settle()
        told(f"  {find.__name__}", time.process_time() - began, words)
    told("  rows", least(lambda: tables(pairs))[0], words)


if __name__ == "__main__":
    main()
