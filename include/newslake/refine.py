"""One batch of raw documents through the stages, in the order of the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from newslake import quarantine, validate
from newslake.annotate import annotate
from newslake.clean import clean
from newslake.fingerprint import fingerprint
from newslake.lake.delta import in_order
from newslake.lake.staged import CHILDREN
from newslake.parse import parse
from newslake.search_index import index
from newslake.segment import add_terms, segment
from newslake.stage_log import StageLog
from newslake.tables import ARTICLES, BLOCKS
from newslake.tables.articles import VERSION_ORDER
from newslake.validate import Count, Failure

Rows = dict[str, pa.Table]


def refine(
    documents: pa.Table,
    timezones: Mapping[str, str],
    languages: Mapping[str, str] = MappingProxyType({}),
    originality: Mapping[str, int] = MappingProxyType({}),
) -> tuple[Rows, list[Count], StageLog]:
    """From bytes to rows that pass every row check.

    Args:
        documents: a RAW_DOCUMENTS table, one row a distinct raw_id.
        timezones: source name → IANA zone of times printed without one.
        languages: source name → tag of the language of texts that do not tell.
        originality: source name → how original it is, see `tables.FINGERPRINTS`.

    Returns:
        articles (all versions), the tables of CHILDREN (of the newest version in the batch), quarantine; how many rows failed each row check; and what each stage did.
    """
    log = StageLog()
    with log.measure("clean") as entry:
        pages, unclean = clean(documents, languages)
        entry.rows_in, entry.rows_out, entry.refused_count = documents.num_rows, pages.num_rows, unclean.num_rows
    with log.measure("parse") as entry:
        articles, blocks, unparsed = parse(pages, timezones)
        articles = in_order(articles, ARTICLES)
        entry.rows_in, entry.rows_out, entry.refused_count = pages.num_rows, articles.num_rows, unparsed.num_rows
    with duckdb.connect(config={"threads": 1}) as connection:
        with log.measure("validate"):
            counts, failures = validate.check_rows(connection, articles, ARTICLES)
        is_versioned = pc.count_distinct(articles["article_id"]).as_py() < articles.num_rows
        waiting = _without(articles, "raw_id", _raw_ids(failures))
        shown = pa.array([], pa.string())
        rounds: list[Rows] = []
        while waiting.num_rows or not rounds:
            newest = newest_versions(waiting)
            with log.measure("parse"):
                # Blocks carry no raw_id: those of several versions cannot be told apart any more.
                if is_versioned:
                    blocks = parse(_with(pages, "raw_id", newest["raw_id"]), timezones)[1]
                blocks = in_order(_with(blocks, "article_id", newest["article_id"]), BLOCKS)
            rows = _rows_of(newest, blocks, originality, log)
            with log.measure("validate"):
                answers = [validate.check_rows(connection, rows[table.name], table, newest) for table in CHILDREN]
            counts += [count for own, _ in answers for count in own]
            refused = _raw_ids(failure for _, own in answers for failure in own)
            failures += [failure for _, own in answers for failure in own]
            # Where a newest version is refused, the next older one takes its place. The others are looked at too,
            # and their rows thrown away: in another batch each might be the newest, and is to be judged alike.
            passed = _without(_without(newest, "raw_id", refused), "article_id", shown)["article_id"].combine_chunks()
            rounds.append({name: _with(table, "article_id", passed) for name, table in rows.items()})
            shown = pa.concat_arrays([shown, passed])
            waiting = _without(waiting, "raw_id", newest["raw_id"])
    with log.measure("validate") as entry:
        refused = _raw_ids(failures)
        entry.refused_count = len(refused)
        refusals = quarantine.from_failures(articles, failures)
    tables = {
        "articles": _without(articles, "raw_id", refused),
        **{table.name: in_order(pa.concat_tables([rows[table.name] for rows in rounds]), table) for table in CHILDREN},
        "quarantine": pa.concat_tables([unclean, unparsed, refusals]),
    }
    return tables, validate.add_up(counts), log


def _raw_ids(failures: Iterable[Failure]) -> pa.Array:
    return pa.array(sorted({failure.raw_id for failure in failures}), pa.string())


def _rows_of(newest: pa.Table, blocks: pa.Table, originality: Mapping[str, int], log: StageLog) -> Rows:
    """The rows that come and go with their articles, of one version of each."""
    with log.measure("segment") as entry:
        sentences = segment(newest, blocks)
        entry.rows_in, entry.rows_out = entry.rows_in + newest.num_rows, entry.rows_out + sentences.num_rows
    with log.measure("annotate") as entry:
        annotations = annotate(newest, sentences)
        entry.rows_in += newest.num_rows
        entry.rows_out += sum(table.num_rows for table in annotations.values())
    with log.measure("segment"):
        sentences = add_terms(sentences, annotations)
    with log.measure("fingerprint") as entry:
        fingerprints = fingerprint(newest, annotations["mentions"], originality)
        entry.rows_in, entry.rows_out = entry.rows_in + newest.num_rows, entry.rows_out + fingerprints.num_rows
    with log.measure("index") as entry:
        terms = index(newest, sentences)
        entry.rows_in, entry.rows_out = entry.rows_in + newest.num_rows, entry.rows_out + terms.num_rows
    rows = {"blocks": blocks, "sentences": sentences, "fingerprints": fingerprints, "search_index": terms}
    return {**rows, **annotations}


def _with(rows: pa.Table, column: str, values: pa.Array) -> pa.Table:
    """Rows that have one of the values."""
    wanted = pc.is_in(rows[column], value_set=values)
    return rows if pc.all(wanted).as_py() else rows.filter(wanted)


def _without(rows: pa.Table, column: str, values: pa.Array) -> pa.Table:
    """Rows that have none of the values."""
    return rows.filter(pc.invert(pc.is_in(rows[column], value_set=values))) if len(values) else rows


def warm_up() -> None:
    """Loads dictionaries and tables, so that the first batch does not wait for them."""
    from newslake.acquire.documents import Document, table

    text = "临江区委书记沈怀舟强调，要加快建设龍頭港。" * 5
    document = Document("file:warm-up.txt", "text/plain", text.encode(), datetime(2024, 1, 1, tzinfo=UTC))
    refine(table([document], "warm-up"), {})


def newest_versions(articles: pa.Table) -> pa.Table:
    """Of several versions of one article the last in VERSION_ORDER."""
    if pc.count_distinct(articles["article_id"]).as_py() == articles.num_rows:
        return articles
    keys = [(name, "ascending", "at_start") for name in VERSION_ORDER]
    order = pc.sort_indices(articles, sort_keys=keys).to_pylist()
    ids = articles["article_id"].to_pylist()
    last = {ids[row]: row for row in order}
    return articles.take(pa.array(sorted(last.values()), pa.int64()))
