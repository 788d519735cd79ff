"""The register over several articles, whatever order they came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.tables import DIRECTIVES, EVIDENCE, MENTIONS
from registered import PLACE, ROWS, Row, day, directive, evidence, line, register, states


def test_each_task_has_what_is_said_what_is_shown_and_what_the_calendar_says() -> None:
    with register() as connection:
        assert states(connection) == {
            (PLACE, "龙头港铁路专用线"): ("completed", "progress", "completed", "completed in time"),
            (PLACE, "老旧小区"): ("overdue", "set", "nothing reported", "deadline passed, no completion seen"),
            (PLACE, "智慧农田"): ("set", "set", "nothing reported", "no deadline given"),
            (PLACE, "污水处理厂"): ("completed", "set", "completed", "completed after the deadline"),
            ("澜川市/望江区", "龙头港铁路专用线"): ("set", "set", "nothing reported", "no deadline given"),
        }


def test_events_are_a_history_and_copies_are_none() -> None:
    with register() as connection:
        query = (
            'SELECT kind, "at", article_id, quantity FROM directive_events WHERE directive_id = ? ORDER BY "at", kind'
        )
        assert connection.execute(query, ["january.0"]).fetchall() == [
            ("set", day("2025-01-10"), "january", None),
            ("repeated", day("2025-03-02"), "march", None),
            ("progress", day("2025-04-20"), "april", 70.0),
            ("completed", day("2025-06-28"), "june", None),
        ]
        assert connection.execute(query, ["january.60"]).fetchall() == [
            ("set", day("2025-01-10"), "january", None),
            ("overdue", day("2025-04-01"), None, None),
            ("completed", day("2025-04-19"), "april", None),
        ]


def test_overdue_is_worded_as_what_was_not_seen() -> None:
    with register() as connection:
        query = "SELECT text FROM directive_events WHERE kind = 'overdue' AND directive_id = 'january.20'"
        assert connection.execute(query).fetchall() == [
            ("deadline 2025-03-31 has passed; no article since 2025-01-10 up to 2025-06-28 reports completion by then",)
        ]


def test_the_league_table_counts_reports() -> None:
    with register() as connection:
        query = "SELECT body, set_count, progressed_count, completed_count, overdue_count, place FROM league_table ORDER BY body"
        assert connection.execute(query).fetchall() == [
            ("临江区交通局", 1, 1, 1, 0, 1),
            ("临江区住建委", 2, 1, 1, 1, 2),
        ]


@pytest.mark.parametrize(
    ("asked", "matters"),
    [
        ("临江区住建委", ["污水处理厂", "老旧小区"]),
        ("臨江區住建委", ["污水处理厂", "老旧小区"]),
        ("區住建委", ["污水处理厂", "老旧小区"]),
        ("交通局", ["龙头港铁路专用线"]),
        ("住建", []),
        ("", []),
        (None, []),
    ],
)
def test_the_register_of_a_body_named_whole_or_by_its_end(asked: str | None, matters: list[str]) -> None:
    with register() as connection:
        found = connection.execute(
            "SELECT matter FROM register_of($asked) ORDER BY matter", {"asked": asked}
        ).fetchall()
        assert [matter for (matter,) in found] == sorted(matters)


def test_progress_by_body_and_month() -> None:
    with register() as connection:
        query = "SELECT month, set_count, repeated_count, progressed_count, completed_count FROM register_progress "
        assert connection.execute(query + "WHERE body = '临江区交通局' ORDER BY month").fetchall() == [
            (day("2025-01-01"), 1, 0, 0, 0),
            (day("2025-03-01"), 0, 1, 0, 0),
            (day("2025-04-01"), 0, 0, 1, 0),
            (day("2025-06-01"), 0, 0, 0, 1),
        ]


ORDERED = [(table, row) for table, rows in ROWS.items() for row in rows]


@settings(max_examples=15, deadline=None)
@given(st.permutations(ORDERED))
def test_the_order_of_arrival_changes_nothing(order: Sequence[tuple[Any, Row]]) -> None:
    shuffled = {table: [row for other, row in order if other is table] for table in ROWS}
    everything = "FROM directive_register ORDER BY task_no"
    with register() as first, register(shuffled) as second:
        assert first.execute(everything).fetchall() == second.execute(everything).fetchall()


def test_a_district_named_alone_is_the_one_the_lake_knows() -> None:
    alone = {**directive("march", "老旧小区", 9), "jurisdiction": "临江区"}
    with register({**ROWS, DIRECTIVES: [*ROWS[DIRECTIVES], alone]}) as connection:
        query = "SELECT times_set, jurisdiction FROM directive_register WHERE matter = '老旧小区'"
        assert connection.execute(query).fetchall() == [(2, PLACE)]
    longest = {**directive("june", "老旧小区", 9), "jurisdiction": f"甲省/{PLACE}"}
    with register({**ROWS, DIRECTIVES: [*ROWS[DIRECTIVES], alone, longest]}) as connection:
        assert connection.execute("SELECT times_set FROM directive_register WHERE matter = '老旧小区'").fetchall() == [
            (3,)
        ]
    other = directive("june", "污水管网", 9, jurisdiction="远山市/临江区")
    with register({**ROWS, DIRECTIVES: [*ROWS[DIRECTIVES], alone, other]}) as connection:
        query = "SELECT times_set, jurisdiction FROM directive_register WHERE matter = '老旧小区' ORDER BY 2"
        assert connection.execute(query).fetchall() == [(1, "临江区"), (1, PLACE)]


def test_tasks_without_a_jurisdiction_are_their_articles_own() -> None:
    alone = [directive(name, "文化馆", 70, jurisdiction=None) for name in ("january", "march")]
    done = evidence("june", "completed", "文化馆", "2025-06-28", jurisdiction=None)
    with register({**ROWS, DIRECTIVES: alone, EVIDENCE: [done]}) as connection:
        query = "SELECT times_set, state FROM directive_register"
        assert connection.execute(query).fetchall() == [(1, "set"), (1, "set")]


def test_what_names_no_matter_joins_nothing() -> None:
    tasks = [directive("january", "", 80), directive("march", "", 5), directive("march", "", 9)]
    with register({**ROWS, DIRECTIVES: tasks, EVIDENCE: []}) as connection:
        query = "SELECT matter, times_set FROM directive_register"
        assert connection.execute(query).fetchall() == [(None, 1)] * 3


def test_other_counters_of_the_same_things_are_compared() -> None:
    task = directive("january", "幼儿园", 80, quantity=3.0, unit="所")
    again = directive("march", "幼儿园", 9)
    one = evidence("june", "completed", "幼儿园", "2025-06-02", quantity=1.0, unit="个")
    with register({**ROWS, DIRECTIVES: [task, again], EVIDENCE: [one]}) as connection:
        assert line(connection, "幼儿园")[0] == "progress"


def test_bodies_without_a_division_are_not_one_body() -> None:
    tasks = [
        directive("january", "停车场", 5, responsible_bodies=["区交通局"], jurisdiction=None),
        directive("march", "文化馆", 5, responsible_bodies=["区交通局"], jurisdiction=None),
        directive("march", "体育馆", 9, responsible_bodies=["临江区交通局"]),
        directive("june", "图书馆", 9, responsible_bodies=["临江区交通局"], jurisdiction="澜川市"),
    ]
    with register({**ROWS, DIRECTIVES: tasks, EVIDENCE: []}) as connection:
        query = "SELECT body, set_count FROM league_table ORDER BY ALL"
        assert connection.execute(query).fetchall() == [("临江区交通局", 2), ("区交通局", 1), ("区交通局", 1)]


def test_where_a_slogan_spreads_follows_from_what_its_articles_are_about() -> None:
    def slogan(article_id: str, **values: object) -> Row:
        row = {"article_id": article_id, "kind": "initiative", "name": "三攻坚"}
        return row | values

    bodies = [
        slogan("march", kind="organisation", name="国务院", level="nation"),
        slogan("april", kind="organisation", name="市委", level="city", division="澜川市"),
    ]
    mentions = [slogan(name) for name in ("january", "march", "april", "june")] + bodies
    about = [directive("january", "停车场"), directive("june", "停车场", jurisdiction="澜川市/临江区/青砚镇")]
    with register({**ROWS, DIRECTIVES: about, EVIDENCE: [], MENTIONS: mentions}) as connection:
        query = "SELECT first_division, nation_since, city_since, district_since, town_since, province_since FROM initiatives"
        assert connection.execute(query).fetchall() == [
            (PLACE, day("2025-03-02"), day("2025-04-20"), day("2025-01-10"), day("2025-06-28"), None)
        ]


def test_nothing_before_the_task_closes_it() -> None:
    early = evidence("january", "completed", "智慧农田", "2024-12-01")
    with register({**ROWS, EVIDENCE: [early]}) as connection:
        assert states(connection)[PLACE, "智慧农田"][0] == "set"


@pytest.mark.parametrize(
    "view", ["directive_register", "directive_events", "register_progress", "league_table", "initiatives"]
)
def test_views_are_empty_over_an_empty_lake(view: str) -> None:
    with register({table: [] for table in ROWS}) as connection:
        assert connection.execute(f"FROM {view}").fetchall() == []
