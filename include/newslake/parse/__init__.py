"""Parse: lines of text → articles with metadata, and typed blocks."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from newslake.errors import ArticleRejected
from newslake.parse.article import Page, ParsedArticle, parse_page
from newslake.tables.articles import ARTICLES
from newslake.tables.blocks import BLOCKS
from newslake.tables.quarantine import QUARANTINE

# Columns that articles share with pages, taken over as they are.
_COPIED = ("raw_id", "source", "language", "script", "fetched_at", "charset", "charset_source", "repairs")


def parse(pages: pa.Table, timezones: Mapping[str, str]) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Finds the structure and metadata of pages.

    Args:
        pages: rows of `tables.PAGES`, one document each.
        timezones: source name → IANA zone, for sources that state one.

    Returns:
        Rows of ARTICLES (one an accepted page, in order), BLOCKS (one a line, in order) and QUARANTINE
        (one a page that was refused).

    Raises:
        ValueError: a zone in `timezones` is not an IANA zone.
    """
    accepted: list[int] = []
    parsed: list[ParsedArticle] = []
    refused: list[dict[str, object]] = []
    for row_no, page in enumerate(_read_pages(pages)):
        try:
            parsed.append(parse_page(page, timezones))
        except ArticleRejected as rejection:
            refused.append(_refuse(page, rejection))
        else:
            accepted.append(row_no)
    return _articles(pages.take(pa.array(accepted, pa.int64())), parsed), _blocks(parsed), QUARANTINE.from_rows(refused)


def _read_pages(pages: pa.Table) -> list[Page]:
    columns = [pages[name].to_pylist() for name in Page.__slots__]
    return [Page(*values) for values in zip(*columns, strict=True)]


def _refuse(page: Page, rejection: ArticleRejected) -> dict[str, object]:
    return {
        "raw_id": page.raw_id,
        "source": page.source,
        "url": page.url,
        "stage": "parse",
        "reason": rejection.reason,
        "detail": rejection.detail,
        "is_replayed": False,
    }


def _articles(pages: pa.Table, parsed: list[ParsedArticle]) -> pa.Table:
    constants = {"version_no": 0, "duplicate_of": None, "is_duplicate": False, "similarity": None}
    columns: list[pa.Array | pa.ChunkedArray] = []
    for field in ARTICLES.schema:
        if field.name in _COPIED:
            columns.append(pages[field.name])
        elif field.name in constants:
            columns.append(pa.array([constants[field.name]] * len(parsed), field.type))
        else:
            columns.append(pa.array([article.values[field.name] for article in parsed], field.type))
    return pa.Table.from_arrays(columns, schema=ARTICLES.schema)


def _blocks(parsed: list[ParsedArticle]) -> pa.Table:
    columns: dict[str, list[object]] = {field.name: [] for field in BLOCKS.schema}
    for article in parsed:
        count = len(article.texts)
        for name in ("article_id", "published_date", "published_month"):
            columns[name] += [article.values[name]] * count
        columns["block_no"] += range(count)
        columns["kind"] += article.kinds
        columns["text"] += article.texts
        columns["start"] += article.starts
        columns["end"] += article.ends
        columns["confidence"] += article.confidences
    return pa.Table.from_arrays(
        [pa.array(columns[field.name], field.type) for field in BLOCKS.schema], schema=BLOCKS.schema
    )
