"""How well extraction does against pages with gold text: the scores, and the pages they are taken on."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from newslake.clean import clean
from newslake.parse import parse
from newslake.tables.raw_documents import RAW_DOCUMENTS

GRAM = 4
"""Tokens that are compared together: one out of place costs four."""

BORDER = 6
"""Characters on either side that make a paragraph's boundary recognisable."""

_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W\u3400-\u9fff]+")
_DAY = re.compile(r"((?:19|20)\d\d)\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})")


@dataclass(frozen=True)
class Extract:
    """What an extractor makes of a page; None where it says nothing."""

    lines: list[str]
    day: date | None = None
    authors: frozenset[str] = frozenset()
    reason: str | None = None


def measured_pages() -> list[dict[str, Any]]:
    """The pages with gold of the folder named by `NEWSLAKE_MEASURE_DATA`; none where it is not there."""
    folder = os.environ.get("NEWSLAKE_MEASURE_DATA")
    path = Path(folder or "/nonexistent") / "html" / "dev.parquet"
    return pq.read_table(path).to_pylist() if folder and path.exists() else []


def half_of(page: dict[str, Any]) -> str:
    """`open` or `blind`: rules are made on the open half and only counted on the blind one."""
    return "blind" if sha256(page["id"].encode()).digest()[0] % 2 else "open"


def grams(text: str) -> Counter[tuple[str, ...]]:
    """The runs of `GRAM` tokens of a text; each Han character and each word is a token.

    >>> sorted(grams("会议 on Monday 开"))
    [('会', '议', 'on', 'monday'), ('议', 'on', 'monday', '开')]
    """
    tokens = _TOKEN.findall(unicodedata.normalize("NFC", text).lower())
    return Counter(zip(*(tokens[start:] for start in range(GRAM)), strict=False))


def overlap(found: Counter[Any], gold: Counter[Any]) -> float:
    """F1 of two bags; 1 where both are empty."""
    if not found and not gold:
        return 1.0
    return 2 * sum((found & gold).values()) / (sum(found.values()) + sum(gold.values()))


def text_score(lines: Sequence[str], gold: str) -> float:
    """F1 of the 4-grams of an extract and of the gold text."""
    return overlap(grams("\n".join(lines)), grams(gold))


def borders(paragraphs: Iterable[str]) -> Counter[tuple[str, str]]:
    """The boundaries between paragraphs: what stands before and behind each.

    >>> sorted(borders(["一二三四五六七。", "八九"]))
    [('二三四五六七', '八九')]
    """
    visible = ["".join(_TOKEN.findall(paragraph.lower())) for paragraph in paragraphs]
    visible = list(filter(None, visible))
    return Counter((before[-BORDER:], behind[:BORDER]) for before, behind in pairwise(visible))


def border_score(lines: Sequence[str], gold: Sequence[str]) -> float:
    """F1 of the paragraph boundaries."""
    return overlap(borders(lines), borders(gold))


def newslake_extracts(pages: Sequence[dict[str, Any]]) -> list[Extract]:
    """What `clean` and then `parse` make of pages: title and body as found, for gold texts are in the page's script.

    Of pages that were misread before they came to us, what was found is no text: they are taken as repaired.
    """
    raw = raw_documents(pages)
    cleaned, refused = clean(raw)
    articles, blocks, unparsed = parse(cleaned, {})
    number_of = {raw_id: number for number, raw_id in enumerate(raw["raw_id"].to_pylist())}
    columns = (cleaned[name].to_pylist() for name in ("raw_id", "charset_source", "lines_found", "lines"))
    found_of = {
        raw_id: repaired if source == "mojibake" else found
        for raw_id, source, found, repaired in zip(*columns, strict=True)
    }
    texts, kinds = {}, iter(zip(blocks["kind"].to_pylist(), blocks["start"].to_pylist(), strict=True))
    for raw_id in articles["raw_id"].to_pylist():
        typed = [(line, *next(kinds)) for line in found_of[raw_id]]
        title = [line for line, kind, _ in typed if kind == "title"][:1]
        texts[raw_id] = title + [line for line, _, start in typed if start is not None]
    extracts = [Extract([])] * len(pages)
    for row in (*refused.to_pylist(), *unparsed.to_pylist()):
        extracts[number_of[row["raw_id"]]] = Extract([], reason=f"{row['reason']}: {row['detail']}")
    for row in articles.to_pylist():
        names = frozenset(filter(None, [*(row["reporters"] or []), row.get("author")]))
        found = Extract(texts[row["raw_id"]], row["published_date"], names)
        extracts[number_of[row["raw_id"]]] = found
    return extracts


def raw_documents(pages: Sequence[dict[str, Any]]) -> pa.Table:
    """The pages as rows of `raw_documents`."""
    constants: dict[str, object] = {"content_type": "text/html", "source": "measure"}
    rows = []
    for number, page in enumerate(pages):
        row: dict[str, object] = {column.name: constants.get(column.name) for column in RAW_DOCUMENTS.columns}
        row |= {"raw_id": sha256(page["id"].encode()).hexdigest(), "bytes": page["html"], "url": f"file:{number}"}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=RAW_DOCUMENTS.schema)


def gold_day(value: str | None) -> date | None:
    """The day that a gold date names.

    >>> gold_day("2005-5-7 21:23:57"), gold_day(None)
    (datetime.date(2005, 5, 7), None)
    """
    match = _DAY.search(value or "")
    return date(*map(int, match.groups())) if match else None
