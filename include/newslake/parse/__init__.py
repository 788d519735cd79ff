"""Parse: lines of text → articles with metadata, and typed blocks."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newslake.errors import ArticleRejected
from newslake.parse.article import Page, ParsedArticle, parse_page
from newslake.parse.edits import text_changes
from newslake.tables.articles import ARTICLES
from newslake.tables.blocks import BLOCKS
from newslake.tables.quarantine import QUARANTINE

# Columns of articles that are the body lines of a column of pages, joined.
_JOINED = {"text": "lines", "text_as_found": "lines_found"}
# Columns that articles share with pages, taken over as they are.
_COPIED = (
    "raw_id",
    "source",
    "language",
    "script",
    "fetched_at",
    "charset",
    "charset_source",
    "repairs",
    "is_converted",
)


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
    if refused:
        pages = pages.take(pa.array(accepted, pa.int64()))
    return _articles(pages, parsed), _blocks(pages, parsed), QUARANTINE.from_rows(refused)


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
    body, borders = _body_lines(parsed)
    columns: list[pa.Array | pa.ChunkedArray] = []
    for field in ARTICLES.schema:
        if field.name in _COPIED:
            columns.append(pages[field.name])
        elif field.name in _JOINED:
            lines = pages[_JOINED[field.name]].combine_chunks().flatten().take(body)
            columns.append(pc.binary_join(pa.ListArray.from_arrays(borders, lines), "\n"))
        elif field.name == "edits":
            starts = np.array([article.starts[line_no] for article in parsed for line_no in article.body], np.int32)
            columns.append(text_changes(pages, body.to_numpy(), starts, borders.to_numpy()))
        elif field.name in constants:
            columns.append(pa.array([constants[field.name]] * len(parsed), field.type))
        else:
            values = [article.values[field.name] for article in parsed]
            columns.append(pa.array(_pairs(values) if pa.types.is_map(field.type) else values, field.type))
    return pa.Table.from_arrays(columns, schema=ARTICLES.schema)


def _pairs(values: list[Any]) -> list[list[tuple[str, str]]]:
    return [list(value.items()) for value in values]


def _body_lines(parsed: list[ParsedArticle]) -> tuple[pa.Array, pa.Array]:
    """Numbers of all body lines among the lines of all pages, and the borders between the articles in them."""
    firsts = accumulate((len(article.kinds) for article in parsed), initial=0)
    numbers = [first + line_no for first, article in zip(firsts, parsed, strict=False) for line_no in article.body]
    borders = accumulate((len(article.body) for article in parsed), initial=0)
    return pa.array(numbers, pa.int64()), pa.array(list(borders), pa.int32())


def _blocks(pages: pa.Table, parsed: list[ParsedArticle]) -> pa.Table:
    columns: dict[str, list[object]] = {field.name: [] for field in BLOCKS.schema}
    for article in parsed:
        count = len(article.kinds)
        for name in ("article_id", "published_date", "published_month"):
            columns[name] += [article.values[name]] * count
        columns["block_no"] += range(count)
        columns["kind"] += article.kinds
        columns["start"] += article.starts
        columns["end"] += article.ends
        columns["confidence"] += article.confidences
    texts = pages["lines"].combine_chunks().flatten()
    return pa.Table.from_arrays(
        [texts if field.name == "text" else pa.array(columns[field.name], field.type) for field in BLOCKS.schema],
        schema=BLOCKS.schema,
    )
