"""One batch of raw documents through the stages, in the order of the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from newslake.annotate import annotate
from newslake.clean import clean
from newslake.deduplicate import fingerprint
from newslake.lake.delta import in_order
from newslake.parse import parse
from newslake.segment import segment
from newslake.stage_log import StageLog
from newslake.tables import ARTICLES, BLOCKS, RAW_DOCUMENTS


def refine(documents: pa.Table, timezones: Mapping[str, str]) -> tuple[dict[str, pa.Table], StageLog]:
    """From bytes to rows.

    Args:
        documents: a RAW_DOCUMENTS table, one row a distinct raw_id.
        timezones: source name → IANA zone of times printed without one.

    Returns:
        articles (all versions), blocks, sentences, mentions and fingerprints (of the newest version
        in the batch), quarantine; and what each stage did.
    """
    log = StageLog()
    with log.measure("clean") as entry:
        pages, unclean = clean(documents)
        entry.rows_in, entry.rows_out, entry.refused_count = documents.num_rows, pages.num_rows, unclean.num_rows
    with log.measure("parse") as entry:
        articles, blocks, unparsed = parse(pages, timezones)
        articles = in_order(articles, ARTICLES)
        newest = newest_versions(articles)
        if newest.num_rows < articles.num_rows:
            of_newest = pc.is_in(pages["raw_id"], value_set=newest["raw_id"].combine_chunks())
            blocks = parse(pages.filter(of_newest), timezones)[1]
        blocks = in_order(blocks, BLOCKS)
        entry.rows_in, entry.rows_out, entry.refused_count = pages.num_rows, articles.num_rows, unparsed.num_rows
    with log.measure("segment") as entry:
        sentences = segment(newest, blocks)
        entry.rows_in, entry.rows_out = newest.num_rows, sentences.num_rows
    with log.measure("annotate") as entry:
        mentions = annotate(newest, sentences)
        entry.rows_in, entry.rows_out = newest.num_rows, mentions.num_rows
    with log.measure("fingerprint") as entry:
        fingerprints = fingerprint(newest)
        entry.rows_in, entry.rows_out = newest.num_rows, fingerprints.num_rows
    tables = {
        "articles": articles,
        "blocks": blocks,
        "sentences": sentences,
        "mentions": mentions,
        "fingerprints": fingerprints,
        "quarantine": pa.concat_tables([unclean, unparsed]),
    }
    return tables, log


def warm_up() -> None:
    """Loads dictionaries and tables, so that the first batch does not wait for them."""
    from newslake.acquire.files import Document, row

    text = "临江区委书记沈怀舟强调，要加快建设龍頭港。" * 5
    document = Document("warm-up.txt", "text/plain", text.encode(), datetime(2024, 1, 1, tzinfo=UTC))
    refine(RAW_DOCUMENTS.from_rows([row(document, "warm-up")]), {})


def newest_versions(articles: pa.Table) -> pa.Table:
    """Of several versions of one article, the one fetched last (by raw_id where that is equal)."""
    if pc.count_distinct(articles["article_id"]).as_py() == articles.num_rows:
        return articles
    keys = articles.select(["article_id", "fetched_at", "raw_id"]).to_pylist()
    last: dict[str, int] = {}
    for row in sorted(range(len(keys)), key=lambda row: (keys[row]["fetched_at"], keys[row]["raw_id"])):
        last[keys[row]["article_id"]] = row
    return articles.take(pa.array(sorted(last.values()), pa.int64()))
