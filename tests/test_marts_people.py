from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import duckdb
import pytest

from newslake.lake.database import MARTS
from newslake.tables import ARTICLES, MENTIONS, SENTENCES

DAY = {name: dt.date(2024, 1, number) for number, name in enumerate("abcdefgh", 1)}


def article(name: str, is_duplicate: bool = False) -> dict[str, object]:
    return {
        "article_id": name,
        "published_date": DAY[name[0]],
        "published_month": "2024-01",
        "language": "zh",
        "reporters": [],
        "repairs": [],
        "is_duplicate": is_duplicate,
    }


def mention(
    name: str, person: str, title: str | None, body: str | None, resolved: str | None = None
) -> dict[str, object]:
    return {
        "article_id": name,
        "kind": "person",
        "name": person,
        "resolved_name": resolved,
        "title": title,
        "body": body,
        "published_date": DAY[name[0]],
    }


MENTIONED = [
    # Two offices in one title; the next article knows one of the bodies only.
    mention("a", "罗一川", "区委副书记、区长", "临江区委、临江区政府"),
    mention("b", "罗一川", "区长", "临江区政府"),
    mention("b", "罗", "区长", "临江区政府", "罗一川"),
    # The same body, called with and without its district.
    mention("a", "沈怀舟", "区委书记", "临江区委"),
    mention("c", "沈怀舟", "临江区委书记", "临江区委"),
    mention("c", "沈怀舟", "临江区委书记", "临江区委"),
    # A namesake elsewhere, and an article that says no body.
    mention("d", "罗一川", "局长", "望海区交通局"),
    mention("e", "罗一川", "局长", None),
    # A title that fits two persons joins none; a bare name joins nothing.
    mention("a", "王芳", "主任", "临江区教委"),
    mention("b", "王芳", "主任", "望海区教委"),
    mention("c", "王芳", "主任", None),
    mention("d", "王芳", None, None),
    mention("e", "王芳", None, None),
    mention("a2", "王芳", "院长", "青砚镇卫生院"),
]
ARTICLES_OF = [*(article(name) for name in "abcde"), article("a2", is_duplicate=True)]


def lake_of(mentions: list[dict[str, object]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table, rows in ((ARTICLES, ARTICLES_OF), (MENTIONS, mentions), (SENTENCES, [])):
        connection.register("given", table.from_rows(rows))
        connection.execute(f"CREATE TABLE {table.name} AS FROM given")
        connection.unregister("given")
    for name in ("appearances", "offices", "people"):
        connection.execute((MARTS / f"{name}.sql").read_text(encoding="utf-8"))
    return connection


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    with lake_of(MENTIONED) as connection:
        yield connection


def rows(lake: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return lake.execute(sql).fetchall()


def test_an_office_is_a_row_with_the_time_in_which_it_was_seen(lake: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        lake,
        "SELECT name, title, body, first_date, last_date, mention_count, article_count, articles FROM offices "
        "WHERE name IN ('罗一川', '沈怀舟') ORDER BY name DESC, body, title",
    )
    assert found == [
        ("罗一川", "区委副书记", "临江区委", DAY["a"], DAY["a"], 1, 1, ["a"]),
        ("罗一川", "区长", "临江区政府", DAY["a"], DAY["b"], 3, 2, ["a", "b"]),
        ("罗一川", "局长", "望海区交通局", DAY["d"], DAY["d"], 1, 1, ["d"]),
        ("罗一川", "局长", None, DAY["e"], DAY["e"], 1, 1, ["e"]),
        ("沈怀舟", "临江区委书记", "临江区委", DAY["a"], DAY["c"], 3, 2, ["a", "c"]),
    ]


def test_articles_are_joined_where_a_body_agrees(lake: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        lake,
        "SELECT titles, bodies, article_count, namesake_count, confidence FROM people WHERE name = '罗一川' ORDER BY bodies",
    )
    assert found == [
        (["区长", "区委副书记"], ["临江区委", "临江区政府"], 2, 1, pytest.approx(0.95)),
        (["局长"], ["望海区交通局"], 2, 1, pytest.approx(0.8)),
    ]


def test_a_name_alone_and_a_title_of_two_join_nothing(lake: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        lake,
        "SELECT usual_title, bodies, article_count, first_date, confidence FROM people WHERE name = '王芳' "
        "ORDER BY first_date, bodies",
    )
    assert found == [
        ("主任", ["临江区教委"], 1, DAY["a"], 1.0),
        ("主任", ["望海区教委"], 1, DAY["b"], 1.0),
        ("主任", [], 1, DAY["c"], 1.0),
        (None, [], 1, DAY["d"], 1.0),
        (None, [], 1, DAY["e"], 1.0),
    ]


def test_people_have_ids_of_their_own_and_lose_no_mention(lake: duckdb.DuckDBPyConnection) -> None:
    assert rows(lake, "SELECT count(*) - count(DISTINCT person_id) FROM people") == [(0,)]
    assert rows(lake, "SELECT sum(mention_count) FROM people") == [(len(MENTIONED) - 1,)]
    assert rows(lake, "SELECT count(*) FROM appearances ANTI JOIN people USING (person_id, name)") == [(0,)]


def test_the_order_of_arrival_changes_nothing(lake: duckdb.DuckDBPyConnection) -> None:
    expected = {name: rows(lake, f"FROM {name} ORDER BY ALL") for name in ("appearances", "offices", "people")}
    for order in list(permutations(MENTIONED[:4]))[::7]:
        with lake_of([*reversed(MENTIONED[4:]), *order]) as other:
            assert {name: rows(other, f"FROM {name} ORDER BY ALL") for name in expected} == expected


def test_views_say_what_they_are(lake: duckdb.DuckDBPyConnection) -> None:
    comments = rows(
        lake,
        "SELECT comment FROM duckdb_views() WHERE NOT internal AND view_name IN ('appearances', 'offices', 'people')",
    )
    assert len(comments) == 3
    assert all(comment for (comment,) in comments)
