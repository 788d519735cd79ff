from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from newslake.lake.database import MARTS
from newslake.tables import ARTICLES, MENTIONS, PUBLISHED, SENTENCES

JANUARY, FEBRUARY = dt.date(2024, 1, 30), dt.date(2024, 2, 2)


def article(name: str, day: dt.date | None, source_name: str | None, **values: object) -> dict[str, object]:
    given = {
        "article_id": name,
        "source_name": source_name,
        "published_date": day,
        "published_month": f"{day:%Y-%m}" if day else "undated",
        "language": "zh",
        "title": f"title of {name}",
        "reporters": [],
        "repairs": [],
        "char_count": 100,
        "is_duplicate": False,
    }
    return given | values


def sentence(name: str, number: int, day: dt.date | None, words: list[tuple[str, str]]) -> dict[str, object]:
    tokens = []
    place = 0
    for text, pos in words:
        is_stop = pos in ("uj", "w", "m", "c") or text == "The"
        tokens.append(
            {
                "text": text,
                "start": place,
                "end": place + len(text),
                "pos": pos,
                "is_stop": is_stop,
                "in_term": pos == "j",
            }
        )
        place += len(text)
    month = f"{day:%Y-%m}" if day else "undated"
    return {
        "article_id": name,
        "sentence_no": number,
        "tokens": tokens,
        "terms": [{"text": text, "start": 0, "end": len(text), "kind": "term"} for text, pos in words if pos == "j"],
        "published_date": day,
        "published_month": month,
    }


def mention(name: str, day: dt.date, person: str, title: str | None, kind: str = "person") -> dict[str, object]:
    return {"article_id": name, "kind": kind, "name": person, "title": title, "published_date": day}


ROWS = {
    ARTICLES: [
        article("a", JANUARY, "临江日报", reporters=["王芳"], repairs=[("whitespace", 2)], char_count=120),
        article("b", FEBRUARY, "临江日报", title=None, char_count=80),
        article("copy", FEBRUARY, "临江日报", is_duplicate=True, char_count=120),
        article("c", None, None),
    ],
    SENTENCES: [
        sentence(
            "a", 0, JANUARY, [("港口", "n"), ("的", "uj"), ("港口", "n"), ("，", "w"), ("三百", "m"), ("GDP", "eng")]
        ),
        sentence("a", 1, JANUARY, [("港口", "n"), ("和", "c"), ("因为", "c"), ("The", "eng"), ("水", "n")]),
        sentence("b", 0, FEBRUARY, [("港口", "n"), ("开通", "v"), ("双城经济圈", "j")]),
        sentence("copy", 0, FEBRUARY, [("港口", "n"), ("通航", "v")]),
        sentence("c", 0, None, [("港口", "n")]),
    ],
    MENTIONS: [
        mention("a", JANUARY, "李明", "区长"),
        mention("a", JANUARY, "李明", "书记"),
        mention("a", JANUARY, "李明", None),
        mention("b", FEBRUARY, "李明", "书记"),
        mention("copy", FEBRUARY, "李明", "主任"),
        mention("b", FEBRUARY, "赵强", None),
        mention("b", FEBRUARY, "临江", None, kind="place"),
    ],
}


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for table in PUBLISHED:
            connection.register("given", table.from_rows(ROWS.get(table, [])))
            connection.execute(f"CREATE TABLE {table.name} AS FROM given")
            connection.unregister("given")
        for path in sorted(MARTS.glob("*.sql")):
            connection.execute(path.read_text(encoding="utf-8"))
        yield connection


def rows(lake: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return lake.execute(sql).fetchall()


def test_every_mart_has_a_comment(lake: duckdb.DuckDBPyConnection) -> None:
    comments = dict(rows(lake, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"))
    assert set(comments) >= {path.stem for path in MARTS.glob("*.sql")} - {"characters", "macros"}
    assert all(comments.values())


def test_tokens_are_one_a_row_with_their_offsets(lake: duckdb.DuckDBPyConnection) -> None:
    assert rows(lake, "SELECT count(*) FROM tokens") == rows(lake, "SELECT sum(len(tokens)) FROM sentences")
    query = """SELECT text, start, "end", pos, published_date FROM tokens WHERE article_id = 'b' ORDER BY start"""
    assert rows(lake, query) == [
        ("港口", 0, 2, "n", FEBRUARY),
        ("开通", 2, 4, "v", FEBRUARY),
        ("双城经济圈", 4, 9, "j", FEBRUARY),
    ]


def test_daily_volume_counts_each_article_once(lake: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        lake,
        "SELECT published_month, published_date, source_name, article_count, original_count, copy_count, char_count "
        "FROM daily_volume ORDER BY published_month",
    )
    assert found == [
        ("2024-01", JANUARY, "临江日报", 1, 1, 0, 120),
        ("2024-02", FEBRUARY, "临江日报", 2, 1, 1, 200),
        ("undated", None, None, 1, 1, 0, 100),
    ]


def test_source_quality_gives_shares_of_all_articles(lake: duckdb.DuckDBPyConnection) -> None:
    found = lake.execute("FROM source_quality ORDER BY article_count DESC")
    columns = [column[0] for column in found.description]
    best, unstated = (dict(zip(columns, row, strict=True)) for row in found.fetchall())
    assert best == {
        "source_name": "临江日报",
        "article_count": 3,
        "original_count": 2,
        "copy_count": 1,
        "first_date": JANUARY,
        "last_date": FEBRUARY,
        "title_share": pytest.approx(2 / 3),
        "date_share": 1.0,
        "reporter_share": pytest.approx(1 / 3),
        "repaired_share": pytest.approx(1 / 3),
        "median_char_count": 120.0,
    }
    assert (unstated["source_name"], unstated["date_share"], unstated["first_date"]) == (None, 0.0, None)


def test_terms_leave_out_copies_stop_words_and_short_words(lake: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT published_month, source_name, language, term, pos, kind, occurrence_count, article_count FROM terms "
        "ORDER BY published_month, term"
    )
    assert rows(lake, query) == [
        ("2024-01", "临江日报", "zh", "GDP", "eng", "word", 1, 1),
        ("2024-01", "临江日报", "zh", "港口", "n", "word", 3, 1),
        ("2024-02", "临江日报", "zh", "双城经济圈", None, "term", 1, 1),
        ("2024-02", "临江日报", "zh", "开通", "v", "word", 1, 1),
        ("2024-02", "临江日报", "zh", "港口", "n", "word", 1, 1),
        ("undated", None, "zh", "港口", "n", "word", 1, 1),
    ]


def test_people_have_their_offices_by_frequency(lake: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT name, usual_title, titles, mention_count, article_count, first_date, last_date FROM people ORDER BY name"
    assert rows(lake, query) == [
        ("李明", "书记", ["书记", "区长"], 4, 2, JANUARY, FEBRUARY),
        ("赵强", None, [], 1, 1, FEBRUARY, FEBRUARY),
    ]
