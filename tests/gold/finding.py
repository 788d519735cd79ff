"""What newslake finds in gold articles: the whole way from the bytes of the text file to the tables of annotations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from newslake.acquire.documents import Document, table
from newslake.annotate import annotate
from newslake.clean import clean
from newslake.parse import parse
from newslake.segment import segment

from .reading import Gold, Span

FETCHED_AT = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = {
    "person": ("name", "title"),
    "journalist": ("name",),
    "organisation": ("resolved_name",),
    "place": ("name",),
    "work": ("name",),
    "initiative": ("name",),
    "figure": ("quantity", "unit", "modifier"),
    "quote": ("speaker", "is_direct"),
    "directive": (
        "task",
        "speaker",
        "responsible_bodies",
        "deadline",
        "deadline_precision",
        "target",
        "quantity",
        "unit",
        "modifier",
    ),
    "evidence": ("kind", "matter"),
}
TABLES = {"quotes": "quote", "directives": "directive", "evidence": "evidence"}


def find(golds: Sequence[Gold]) -> dict[str, tuple[str, list[Span]]]:
    """Runs clean, parse, segment and annotate over gold articles.

    Returns:
        By gold name, `articles.text` and what was found there. An article that a stage refuses is missing.
    """
    documents = [
        Document(f"file:gold/{gold.name}.txt", "text/plain", gold.document.encode(), FETCHED_AT) for gold in golds
    ]
    pages, _ = clean(table(documents, "input"))
    articles, blocks, _ = parse(pages, {})
    found: dict[str, tuple[str, list[Span]]] = {}
    names: dict[str, str] = {}
    for row in articles.select(["article_id", "url", "text"]).to_pylist():
        names[row["article_id"]] = row["url"].removeprefix("file:gold/").removesuffix(".txt")
        found[names[row["article_id"]]] = (row["text"], [])
    for name, rows in annotate(articles, segment(articles, blocks)).items():
        listed = rows.to_pylist()
        headings = {row["directive_id"]: (row["start"], row["end"]) for row in listed} if name == "directives" else {}
        for row in listed:
            found[names[row["article_id"]]][1].append(_span(TABLES.get(name) or row["kind"], row, headings))
    return found


def _span(kind: str, row: dict[str, Any], headings: dict[str, tuple[int, int]]) -> Span:
    fields = {name: row[name] for name in FIELDS[kind]}
    if fields.get("responsible_bodies") is not None:
        fields["responsible_bodies"] = frozenset(row["responsible_bodies"])
    return Span(kind, row["start"], row["end"], row["text"], fields, headings.get(row.get("parent_id") or ""))
