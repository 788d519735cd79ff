"""The register over several articles, whatever order they came in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.lake.database import MARTS
from newslake.tables import ARTICLES, DIRECTIVES, EVIDENCE, MENTIONS, QUOTES, SENTENCES

Row = dict[str, Any]
PLACE = "澜川市/临江区"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def article(name: str, at: str, is_duplicate: bool = False) -> Row:
    return {"article_id": name, "published_date": day(at), "is_duplicate": is_duplicate, "source_name": "临江发布"}


def directive(name: str, matter: str, start: int = 0, **values: object) -> Row:
    row = {"directive_id": f"{name}.{start}", "article_id": name, "matter": matter, "jurisdiction": PLACE, "start": start,
           "sentence_no": 0, "task": f"加快建设{matter}", "text": matter}  # fmt: skip
    return row | values


def evidence(name: str, kind: str, matter: str, at: str, **values: object) -> Row:
    row = {"evidence_id": f"{name}.{kind}", "article_id": name, "kind": kind, "matter": matter, "jurisdiction": PLACE,
           "at": day(at), "text": matter, "start": 0, "sentence_no": 0}  # fmt: skip
    return row | values


ROWS: dict[Any, list[Row]] = {
    ARTICLES: [
        article("january", "2025-01-10"),
        article("march", "2025-03-02"),
        article("april", "2025-04-20"),
        article("copy", "2025-04-21", is_duplicate=True),
        article("june", "2025-06-28"),
    ],
    DIRECTIVES: [
        directive("january", "龙头港铁路专用线", deadline=day("2025-06-30"), responsible_bodies=["临江区交通局"]),
        directive("january", "老旧小区", 20, deadline=day("2025-03-31"), responsible_bodies=["临江区住建委"]),
        directive("january", "智慧农田", 40),
        directive("january", "污水处理厂", 60, deadline=day("2025-03-31"), responsible_bodies=["临江区住建委"]),
        directive("march", "龙头港铁路专用线"),
        directive("copy", "龙头港铁路专用线"),
        directive("june", "龙头港铁路专用线", jurisdiction="澜川市/望江区"),
    ],
    EVIDENCE: [
        evidence("april", "progress", "龙头港铁路专用线", "2025-04-20", quantity=70.0, unit="%", speaker="沈怀舟"),
        evidence("june", "completed", "龙头港铁路专用线", "2025-06-28"),
        evidence("april", "completed", "污水处理厂", "2025-04-19"),
        evidence("copy", "completed", "老旧小区", "2025-04-21"),
    ],
    MENTIONS: [],
    QUOTES: [],
    SENTENCES: [],
}


def register(rows: dict[Any, list[Row]] = ROWS) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table, given_rows in rows.items():
        connection.register("given", table.from_rows(given_rows))
        connection.execute(f"CREATE TABLE {table.name} AS FROM given")
        connection.unregister("given")
    for path in sorted(MARTS.glob("*.sql")):
        connection.execute(path.read_text(encoding="utf-8"))
    return connection


def states(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[Any, ...]]:
    query = "SELECT jurisdiction, matter, state, said_state, shown_state, schedule_state FROM directive_register"
    return {(place, matter): tuple(rest) for place, matter, *rest in connection.execute(query).fetchall()}


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


def test_what_is_set_after_completion_is_a_new_task() -> None:
    again = directive("june", "污水处理厂", 90, deadline=day("2025-06-20"))
    with register({**ROWS, DIRECTIVES: [*ROWS[DIRECTIVES], again]}) as connection:
        query = "SELECT set_on, state FROM directive_register WHERE matter = '污水处理厂' ORDER BY set_on"
        assert connection.execute(query).fetchall() == [
            (day("2025-01-10"), "completed"),
            (day("2025-06-28"), "overdue"),
        ]


def test_a_deadline_that_was_missed_stays_in_the_history_when_another_is_set() -> None:
    moved = directive("june", "老旧小区", 90, deadline=day("2025-12-31"))
    with register({**ROWS, DIRECTIVES: [*ROWS[DIRECTIVES], moved]}) as connection:
        query = "SELECT kind, deadline FROM directive_events WHERE directive_id = 'january.20' ORDER BY \"at\""
        assert connection.execute(query).fetchall() == [
            ("set", day("2025-03-31")), ("overdue", day("2025-03-31")), ("repeated", day("2025-12-31"))
        ]  # fmt: skip
        assert states(connection)[PLACE, "老旧小区"][0] == "set"


def test_a_deadline_that_was_moved_in_time_is_not_missed() -> None:
    moved = directive("march", "老旧小区", 90, deadline=day("2025-12-31"))
    with register({**ROWS, DIRECTIVES: [*ROWS[DIRECTIVES], moved]}) as connection:
        assert states(connection)[PLACE, "老旧小区"][0] == "set"
        query = "SELECT count(*) FROM directive_events WHERE kind = 'overdue' AND directive_id = 'january.20'"
        assert connection.execute(query).fetchall() == [(0,)]


def test_what_has_no_day_is_never_the_newest() -> None:
    undated = {**article("undated", "2025-01-01"), "published_date": None}
    rows = {**ROWS, ARTICLES: [*ROWS[ARTICLES], undated]}
    rows[DIRECTIVES] = [*ROWS[DIRECTIVES], directive("undated", "智慧农田", 90, deadline=day("2030-12-31")),
                        directive("june", "智慧农田", 95, deadline=day("2026-12-31"))]  # fmt: skip
    with register(rows) as connection:
        query = "SELECT deadline, set_on FROM directive_register WHERE matter = '智慧农田'"
        assert connection.execute(query).fetchall() == [(day("2026-12-31"), None)]


def test_a_figure_keeps_its_own_unit() -> None:
    rows = [directive("january", "茶园", 1, quantity=3.0), directive("january", "茶园", 9, quantity=5.0, unit="亩")]
    with register({**ROWS, DIRECTIVES: rows}) as connection:
        assert connection.execute("SELECT quantity, unit FROM directive_events").fetchall() == [(3.0, None)]


def test_what_was_to_be_begun_is_done_when_it_is_begun() -> None:
    to_begin = directive("january", "综合枢纽", 80, deadline=day("2025-03-31"), task="确保综合枢纽3月底前开工")
    begun = evidence("march", "started", "综合枢纽", "2025-03-02")
    with register({**ROWS, DIRECTIVES: [to_begin], EVIDENCE: [begun]}) as connection:
        assert states(connection)[PLACE, "综合枢纽"][0] == "completed"


def test_fewer_than_the_target_are_progress() -> None:
    task = directive("january", "幼儿园", 80, quantity=3.0, unit="所")
    one = evidence("march", "completed", "幼儿园", "2025-03-02", quantity=1.0, unit="所")
    all_three = evidence("june", "completed", "幼儿园", "2025-06-02", quantity=3.0, unit="所")
    for known, state in (([one], "progress"), ([one, all_three], "completed")):
        with register({**ROWS, DIRECTIVES: [task], EVIDENCE: known}) as connection:
            assert states(connection)[PLACE, "幼儿园"][0] == state


def test_a_start_does_not_complete_what_is_to_be_completed_as_well() -> None:
    tasks = [directive("january", "综合枢纽", 80, task="推动综合枢纽3月底前开工", deadline=day("2025-03-31")),
             directive("january", "综合枢纽", 95, task="确保综合枢纽年底前建成", deadline=day("2025-12-31"))]  # fmt: skip
    begun = evidence("march", "started", "综合枢纽", "2025-03-02")
    with register({**ROWS, DIRECTIVES: tasks, EVIDENCE: [begun]}) as connection:
        assert states(connection)[PLACE, "综合枢纽"][0] == "started"


def events_of(connection: duckdb.DuckDBPyConnection, task: str) -> list[tuple[str, dt.date]]:
    query = 'SELECT kind, "at" FROM directive_events WHERE directive_id = ? ORDER BY "at", kind'
    return [(kind, at) for kind, at in connection.execute(query, [task]).fetchall()]


def line(connection: duckdb.DuckDBPyConnection, matter: str) -> tuple[Any, ...]:
    query = "SELECT state, schedule_state, deadline FROM directive_register WHERE matter = ?"
    (row,) = connection.execute(query, [matter]).fetchall()
    return tuple(row)


def test_a_result_in_the_article_that_sets_the_task_is_an_earlier_ones() -> None:
    tasks = [directive("january", "停车场", 5), directive("june", "停车场", 5, deadline=day("2025-12-31"))]
    done = evidence("june", "completed", "停车场", "2025-06-28")
    with register({**ROWS, DIRECTIVES: tasks, EVIDENCE: [done]}) as connection:
        query = "SELECT set_on, state, schedule_state FROM directive_register ORDER BY set_on"
        assert connection.execute(query).fetchall() == [
            (day("2025-01-10"), "completed", "no deadline given"), (day("2025-06-28"), "set", "open")
        ]  # fmt: skip
    with register({**ROWS, DIRECTIVES: tasks[1:], EVIDENCE: [done]}) as connection:
        assert line(connection, "停车场")[0] == "set"


def test_the_start_and_the_end_have_their_own_deadlines() -> None:
    tasks = [directive("january", "综合枢纽", 80, task="推动综合枢纽3月底前开工", deadline=day("2025-03-31")),
             directive("january", "综合枢纽", 95, task="确保综合枢纽年底前建成", deadline=day("2025-12-31"))]  # fmt: skip
    begun = evidence("march", "started", "综合枢纽", "2025-03-02")
    with register({**ROWS, DIRECTIVES: tasks, EVIDENCE: [begun]}) as connection:
        assert line(connection, "综合枢纽") == ("started", "open", day("2025-12-31"))
        assert events_of(connection, "january.80") == [("set", day("2025-01-10")), ("started", day("2025-03-02"))]
    with register({**ROWS, DIRECTIVES: tasks, EVIDENCE: []}) as connection:
        assert events_of(connection, "january.80") == [("set", day("2025-01-10")), ("overdue", day("2025-04-01"))]
        assert line(connection, "综合枢纽") == ("set", "open", day("2025-12-31"))


def test_a_tunnel_that_was_to_be_cut_through_is_done_when_it_is() -> None:
    task = directive("january", "云岭隧道", 80, task="打通云岭隧道", deadline=day("2025-04-30"))
    through = evidence("march", "progress", "云岭隧道", "2025-03-02", text="云岭隧道全线贯通")
    with register({**ROWS, DIRECTIVES: [task], EVIDENCE: [through]}) as connection:
        assert line(connection, "云岭隧道")[0] == "completed"
    more = directive("january", "云岭隧道", 95, task="确保云岭隧道建成通车", deadline=day("2025-12-31"))
    with register({**ROWS, DIRECTIVES: [task, more], EVIDENCE: [through]}) as connection:
        assert line(connection, "云岭隧道")[0] == "progress"


def test_what_was_begun_in_time_is_not_overdue_when_it_was_asked_for_again() -> None:
    tasks = [directive("january", "凤尾公路", 80, task="推动凤尾公路4月底前开工", deadline=day("2025-04-30")),
             directive("march", "凤尾公路", 5)]  # fmt: skip
    begun = evidence("april", "started", "凤尾公路", "2025-04-20")
    with register({**ROWS, DIRECTIVES: tasks, EVIDENCE: [begun]}) as connection:
        assert line(connection, "凤尾公路")[:2] == ("started", "deadline passed, begun or done in part")


def test_what_is_called_off_is_not_overdue() -> None:
    task = directive("january", "文化广场", 80, deadline=day("2025-04-30"))
    off = evidence("march", "cancelled", "文化广场", "2025-03-02")
    with register({**ROWS, DIRECTIVES: [task], EVIDENCE: [off]}) as connection:
        assert line(connection, "文化广场")[:2] == ("cancelled", "called off")
        assert events_of(connection, "january.80") == [("set", day("2025-01-10")), ("cancelled", day("2025-03-02"))]
    again = directive("june", "文化广场", 5)
    with register({**ROWS, DIRECTIVES: [task, again], EVIDENCE: [off]}) as connection:
        query = "SELECT state FROM directive_register ORDER BY set_on"
        assert connection.execute(query).fetchall() == [("cancelled",), ("set",)]


def test_a_deadline_that_is_moved_counts() -> None:
    task = directive("january", "文化广场", 80, deadline=day("2025-04-30"))
    moved = evidence("march", "rescheduled", "文化广场", "2025-12-31")
    with register({**ROWS, DIRECTIVES: [task], EVIDENCE: [moved]}) as connection:
        assert line(connection, "文化广场") == ("set", "open", day("2025-12-31"))
        assert events_of(connection, "january.80") == [("set", day("2025-01-10")), ("rescheduled", day("2025-03-02"))]
    put_off = evidence("march", "rescheduled", "文化广场", "2025-03-02")
    with register({**ROWS, DIRECTIVES: [task], EVIDENCE: [put_off]}) as connection:
        assert line(connection, "文化广场") == ("set", "put off, no new deadline given", None)
    too_soon = evidence("march", "rescheduled", "文化广场", "2025-05-31")
    with register({**ROWS, DIRECTIVES: [task], EVIDENCE: [too_soon]}) as connection:
        assert line(connection, "文化广场")[0] == "overdue"
        assert ("overdue", day("2025-06-01")) in events_of(connection, "january.80")


def test_a_stage_is_a_part_of_the_whole() -> None:
    task = directive("january", "白鹭湾大桥", 80, deadline=day("2025-04-30"))
    stage = directive("january", "白鹭湾大桥一期", 90)
    done = evidence("march", "completed", "白鹭湾大桥一期", "2025-03-02")
    with register({**ROWS, DIRECTIVES: [task, stage], EVIDENCE: [done]}) as connection:
        assert line(connection, "白鹭湾大桥一期")[0] == "completed"
        assert line(connection, "白鹭湾大桥") == ("overdue", "deadline passed, no completion seen", day("2025-04-30"))
        assert ("progress", day("2025-03-02")) in events_of(connection, "january.80")


def test_what_a_district_reports_reaches_its_city_as_a_part() -> None:
    tasks = [directive("january", "白鹭湾大桥", 80, jurisdiction="澜川市", deadline=day("2025-04-30")),
             directive("january", "临江区体育馆", 90, jurisdiction="澜川市", deadline=day("2025-04-30"))]  # fmt: skip
    done = [evidence("march", "completed", "白鹭湾大桥", "2025-03-02", start=3, evidence_id="a"),
            evidence("march", "completed", "体育馆", "2025-03-02", start=9, evidence_id="b")]  # fmt: skip
    with register({**ROWS, DIRECTIVES: tasks, EVIDENCE: done}) as connection:
        assert line(connection, "白鹭湾大桥")[:2] == ("progress", "deadline passed, begun or done in part")
        assert line(connection, "临江区体育馆")[:2] == ("completed", "completed in time")


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
