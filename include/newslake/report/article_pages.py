"""Pages of articles: the restored text with its repairs and what was found in it, sentence by sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from newslake.report import article
from newslake.report.annotations import LAYERS, Annotation, counts, lines, read, scope
from newslake.report.values import cell, clean, web_address

if TYPE_CHECKING:
    import duckdb

MOST: Final = 2_000
BATCH: Final = 100
"""Articles at a time: their texts and spans lie in memory as objects of Python."""
FACTS: Final = {
    "source_name": "Publisher",
    "published_date": "Date",
    "event_date": "Day of the event",
    "place": "Place",
    "reporters": "Reporters",
    "editor": "Editor",
    "responsible_editor": "Responsible editor",
    "char_count": "Characters",
    "source": "Source",
}
"""Columns that the page shows → how they are called."""

Row = Mapping[str, Any]


def choose(connection: duckdb.DuckDBPyConnection, wanted: Sequence[str], most: int | None) -> list[str]:
    """Articles that get a page: those that are led to, then the newest; `most` of them, or all."""
    newest = "SELECT article_id FROM articles ORDER BY published_date DESC NULLS LAST, article_id"
    limit = "" if most is None else f" LIMIT {most}"
    ids = [*wanted, *(row[0] for row in connection.execute(newest + limit).fetchall())]
    return list(dict.fromkeys(ids))[:most]


def write(connection: duckdb.DuckDBPyConnection, folder: Path, ids: Sequence[str], page: Callable[..., str]) -> None:
    """Writes the pages.

    Args:
        connection: to the lake.
        folder: where they go.
        ids: the articles.
        page: renders a template of the site.
    """
    listed = connection.execute(
        "SELECT article_id, published_month, published_date FROM articles WHERE article_id IN (SELECT unnest($ids)) "
        "ORDER BY published_month, published_date, article_id",
        {"ids": list(ids)},
    )
    rows = [
        dict(zip(("article_id", "published_month", "published_date"), row, strict=True)) for row in listed.fetchall()
    ]
    for first in range(0, len(rows), BATCH):
        for found, values in _batch(connection, rows[first : first + BATCH]):
            text = page("article_page.html", page=None, **values)
            (folder / f"{found['article_id']}.html").write_text(text, encoding="utf-8")


def _batch(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Articles with what their pages show."""
    condition, values = scope(rows)
    articles = _asked(
        connection,
        f"SELECT * EXCLUDE (text_as_found), text_as_found FROM articles WHERE {condition} ORDER BY article_id",
        values,
    )
    spans = _asked(
        connection,
        f'SELECT article_id, sentence_no, start, "end" FROM sentences WHERE {condition} ORDER BY ALL',
        values,
    )
    clusters = {"clusters": sorted({row["cluster_id"] for row in articles})}
    alike = _asked(
        connection,
        "SELECT article_id, cluster_id, title, source_name, published_date, similarity FROM articles "
        "WHERE cluster_id IN (SELECT unnest($clusters)) ORDER BY published_date NULLS LAST, article_id",
        clusters,
    )
    rights = dict(connection.execute("SELECT source, may_publish_text FROM sources").fetchall())
    found = read(connection, articles)
    for one in articles:
        own = [row for row in spans if row["article_id"] == one["article_id"]]
        copies = [
            row for row in alike if row["cluster_id"] == one["cluster_id"] and row["article_id"] != one["article_id"]
        ]
        yield one, {**_values(one, own, found[one["article_id"]], copies), "is_private": not rights.get(one["source"])}


def _asked(connection: duckdb.DuckDBPyConnection, query: str, values: Row) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.sql(query, params=dict(values)).to_arrow_table().to_pylist()
    return rows


def _values(one: Row, spans: Sequence[Row], found: Sequence[Annotation], copies: Sequence[Row]) -> dict[str, Any]:
    sentences = [
        Annotation("sentences", row["sentence_no"], "sentence", row["start"], row["end"], "", {}) for row in spans
    ]
    edits = repairs(one)
    return {
        "article": {**one, "title": article.shown(one["title"] or "", False)},
        "title": article.shown(one["title"] or one["article_id"], False),
        "address": web_address(one["url"]),
        "url": article.shown(one["url"], False),
        "facts": [
            (label, cell(one[name], "number" if name == "char_count" else "text"))
            for name, label in FACTS.items()
            if one[name] not in (None, [])
        ],
        "language": "zh-Hans" if one["language"] == "zh" else one["language"],
        "lines": lines(one["text"], [*sentences, *found, *edits]),
        "counts": counts(found) | ({"repair": len(edits)} if edits else {}),
        "repair_counts": article.counts(one["edits"]),
        "copies": [{**row, "title": clean(row["title"] or row["article_id"])} for row in copies],
        **{layer: [row for row in found if row.layer == layer] for layer in LAYERS},
    }


def repairs(one: Row) -> list[Annotation]:
    """What was mended, as spans of the restored text; what was taken out stands at the character before it."""
    text, marks = one["text"], []
    number: Counter[str] = Counter()
    for edit in one["edits"]:
        start, end = edit["start"], edit["end"]
        if start == end:
            start, end = (start - 1, start) if start and text[start - 1] != "\n" else (start, start + 1)
            if end > len(text) or text[start] == "\n":
                continue
        before = one["text_as_found"][edit["found_start"] : edit["found_end"]]
        number[""] += 1
        told = {"as found": article.shown(before, True) or "∅"}
        marks.append(Annotation("repairs", number[""], edit["repair"], start, end, text[start:end], told))
    return marks
