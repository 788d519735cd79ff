"""The sample articles, every document of them, against what their author says of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newslake import pipeline
from newslake.config import PROJECT, Home
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.lake.verify import conservation

EXPECTED = [
    json.loads(line) for line in (PROJECT / "seeds" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
]
ARTICLES = [row for row in EXPECTED if row["outcome"] == "article"]
FIELDS = ("title", "source_name", "published_date", "published_precision", "event_date", "place", "editor", "responsible_editor", "reviewer",
          "reporters", "correspondents", "photographers")  # fmt: skip


def name(row: dict[str, Any]) -> str:
    return row["file"] if row["record"] is None else f"{row['file']}#{row['record']}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("samples")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(path))
        pipeline.run(["samples"])
        yield Home(path)


@pytest.fixture(scope="module")
def documents(home: Home) -> dict[str, dict[str, Any]]:
    """Outcome by place, the place written as in expected.jsonl."""
    with database.connect(current(home)) as connection:
        rows = (
            connection.sql(
                """
            SELECT raw_documents.url AS fetched_from, articles.*, quarantine.reason,
                   (SELECT count(*) FROM blocks WHERE blocks.article_id = articles.article_id AND kind = 'caption') AS captions
            FROM raw_documents LEFT JOIN articles USING (raw_id) LEFT JOIN quarantine USING (raw_id)
            """
            )
            .to_arrow_table()
            .to_pylist()
        )
    return {place_name(row["fetched_from"]): row for row in rows}


def place_name(place: str) -> str:
    path, _, record = place.removeprefix("file:articles/").partition("#")
    if not record:
        return path
    kind, _, number = record.partition("=")
    return f"{path}#{int(number) - (0 if kind == 'item' else 1)}"


def test_every_document_is_there(documents: dict[str, dict[str, Any]]) -> None:
    assert sorted(documents) == sorted(name(row) for row in EXPECTED)


def test_nothing_is_lost(home: Home) -> None:
    outcomes = Counter(row["outcome"] for row in EXPECTED)
    account = conservation(current(home))
    assert account.missing == 0
    assert (account.articles, account.exact_copies, account.quarantined) == (
        outcomes["article"],
        outcomes["exact_copy"],
        outcomes["quarantined"],
    )


@pytest.mark.parametrize("row", ARTICLES, ids=name)
def test_article(row: dict[str, Any], documents: dict[str, dict[str, Any]]) -> None:
    article = documents[name(row)]
    found = {field: article[field] for field in FIELDS}
    for field in ("published_date", "event_date"):
        found[field] = str(article[field]) if article[field] else None
    found["published_at"] = f"{article['published_at']:%Y-%m-%dT%H:%M:%SZ}" if article["published_at"] else None
    found["paragraphs"] = article["paragraph_count"]
    found["captions"] = article["captions"]
    expected = {field: row[field] for field in found}
    assert found == expected
    assert row["must_contain"] in article["text"]
    if row["must_not_contain"]:
        assert row["must_not_contain"] not in article["text"]


@pytest.mark.parametrize("row", [row for row in EXPECTED if row["outcome"] == "quarantined"], ids=name)
def test_refused(row: dict[str, Any], documents: dict[str, dict[str, Any]]) -> None:
    assert documents[name(row)]["reason"] == row["reason"]


def test_copies(documents: dict[str, dict[str, Any]]) -> None:
    """Exactly the near-copies are joined, each with its original, and nothing else."""
    clusters: dict[str, set[str]] = {}
    for row in ARTICLES:
        clusters.setdefault(documents[name(row)]["cluster_id"], set()).add(name(row))
    found = {frozenset(members) for members in clusters.values() if len(members) > 1}
    expected: dict[str, set[str]] = {}
    for row in ARTICLES:
        if row["near_copy_of"]:
            expected.setdefault(row["near_copy_of"], {row["near_copy_of"]}).add(name(row))
    assert found == {frozenset(members) for members in expected.values()}


def test_no_value_of_an_article_is_in_the_data_docs(home: Home) -> None:
    with database.connect(current(home)) as connection:
        titles = connection.execute("SELECT title FROM articles WHERE title IS NOT NULL").fetchall()
    pages = [path.read_text(encoding="utf-8") for path in Path(home.reports / "validation").rglob("*.html")]
    assert len(pages) > 5
    assert not [title for (title,) in titles for page in pages if title in page]
