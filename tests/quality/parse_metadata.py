"""How well dates and names are found on pages with gold metadata."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import pyarrow as pa

from newslake.clean import clean
from newslake.parse import parse
from newslake.tables import RAW_DOCUMENTS

_NAME_BORDER = re.compile(r"[\s、,，;；/／&]+|\band\b")
_DAY = re.compile(r"((?:19|20)\d\d)(?:\D{1,3}(\d{1,2}))?(?:\D{1,3}(\d{1,2}))?")


@dataclass(frozen=True)
class MetadataScore:
    """Shares, 0 to 1; 1 where there is nothing to count.

    Attributes:
        date_right: of the pages whose gold names a day, those with that day; a year or month alone is not counted.
        date_invented: of the pages with a day found, those whose gold has no date at all, or another.
        author_right: of the pages whose gold has an author, those where all gold names are found.
        author_precision: of the names found on pages with gold authors, those that gold has.
    """

    pages: int
    date_right: float
    date_invented: float
    author_right: float
    author_precision: float


def is_blind(page_id: str) -> bool:
    """Whether a page is of the half that rules were not made on."""
    return int(sha256(page_id.encode()).hexdigest(), 16) % 2 == 1


def score(pages: Sequence[dict[str, Any]]) -> MetadataScore:
    """Runs pages through clean and parse, and compares date and names with gold.

    Args:
        pages: rows with id, url, html, date and author.
    """
    found = _articles(pages)
    dated = [page for page in pages if len(re.findall(r"\d+", page["date"] or "")) >= 3]
    found_days = [(page["date"] or "", day) for page in pages if (day := _day(found, page)) is not None]
    signed = [page for page in pages if (page["author"] or "").strip()]
    right_days = sum(is_same_day(page["date"], _day(found, page)) for page in dated)
    invented = sum(not is_same_day(gold, day) for gold, day in found_days)
    names = [(gold_names(page["author"]), _names(found, page)) for page in signed]
    told = sum(len(have) for _, have in names)
    return MetadataScore(
        len(pages),
        right_days / len(dated) if dated else 1.0,
        invented / len(found_days) if found_days else 0.0,
        sum(gold <= have for gold, have in names) / len(signed) if signed else 1.0,
        sum(len(gold & have) for gold, have in names) / told if told else 1.0,
    )


def is_same_day(gold: str, day: date | None) -> bool:
    """Whether a day is the one that gold says, as far as gold says it: 2018 is any day of it.

    >>> is_same_day("2005-5-7 21:23", date(2005, 5, 7)), is_same_day("2018", date(2018, 8, 23))
    (True, True)
    >>> is_same_day("2005-5-7", None), is_same_day("1996-6", date(1996, 7, 1))
    (False, False)
    """
    printed = _DAY.search(gold)
    if printed is None or day is None:
        return False
    parts = (day.year, day.month, day.day)
    return all(part is None or int(part) == own for part, own in zip(printed.groups(), parts, strict=True))


def gold_names(author: str) -> set[str]:
    """The names in a gold author; English ones are whole.

    >>> sorted(gold_names("李明  赵强")), gold_names("Jane Doe")
    (['李明', '赵强'], {'Jane Doe'})
    """
    if author.isascii() or not re.search("[\u4e00-\u9fff]", author):
        return {name.strip() for name in re.split(r"[;,&]|\band\b", author) if name.strip()}
    return set(filter(None, _NAME_BORDER.split(author)))


def _articles(pages: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    rows = []
    for page in pages:
        row: dict[str, object] = dict.fromkeys(RAW_DOCUMENTS.schema.names)
        address = page["url"] or f"file:measure/{page['id']}.html"
        row |= {"raw_id": page["id"], "source": "measure", "url": address, "content_type": "text/html"}
        rows.append(row | {"bytes": page["html"], "byte_count": len(page["html"])})
    cleaned, _ = clean(pa.Table.from_pylist(rows, schema=RAW_DOCUMENTS.schema))
    articles, _, _ = parse(cleaned, {})
    return {row["raw_id"]: row for row in articles.to_pylist()}


def _day(found: dict[str, dict[str, Any]], page: dict[str, Any]) -> date | None:
    article = found.get(page["id"])
    return article["published_date"] if article else None


def _names(found: dict[str, dict[str, Any]], page: dict[str, Any]) -> set[str]:
    """Who signs an article: its reporters and correspondents; an editor where nobody else does."""
    article = found.get(page["id"])
    if article is None:
        return set()
    names = {*article["reporters"], *article["correspondents"]}
    return names or set(_NAME_BORDER.split(article["editor"] or "")) - {""}
