"""Mentions in texts, for tests: through `annotate` as the pipeline calls it, one paragraph a line."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from newslake.annotate import annotate
from newslake.segment import segment
from newslake.tables import ARTICLES, BLOCKS


def tables(
    texts: dict[str, str], language: str = "zh", source_name: str | None = None, title: str | None = None
) -> tuple[pa.Table, pa.Table]:
    """Articles with their sentences, of one paragraph a line."""
    articles: list[dict[str, object]] = []
    blocks: list[dict[str, object]] = []
    for name, text in texts.items():
        articles.append(
            {"article_id": name, "language": language, "script": "Hans" if language == "zh" else "Latn", "text": text,
             "reporters": [], "repairs": [], "published_month": "undated", "source_name": source_name, "title": title}
        )  # fmt: skip
        start = 0
        for number, line in enumerate(text.split("\n")):
            blocks.append(
                {"article_id": name, "block_no": number, "kind": "paragraph", "text": line, "start": start,
                 "end": start + len(line), "published_month": "undated"}
            )  # fmt: skip
            start += len(line) + 1
    made = ARTICLES.from_rows(articles)
    return made, segment(made, BLOCKS.from_rows(blocks))


def mentions(text: str, *kinds: str, language: str = "zh", source_name: str | None = None) -> list[dict[str, Any]]:
    rows = annotate(*tables({"a": text}, language, source_name))["mentions"].to_pylist()
    assert all(text[row["start"] : row["end"]] == row["text"] and row["name"] in row["text"] for row in rows)
    return [row for row in rows if row["kind"] in kinds]


def people(text: str, language: str = "zh") -> list[tuple[str | None, str]]:
    return [(row["title"], row["name"]) for row in mentions(text, "person", language=language)]


def bodies(text: str) -> list[str]:
    return [row["text"] for row in mentions(text, "organisation")]
