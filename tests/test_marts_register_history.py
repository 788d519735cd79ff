"""Tasks that are set again, moved, called off, or done in part."""

from __future__ import annotations

from newslake.tables import ARTICLES, DIRECTIVES, EVIDENCE
from registered import PLACE, ROWS, article, day, directive, events_of, evidence, line, register, states


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


def test_a_completion_of_a_day_before_the_setting_is_no_silence() -> None:
    task = directive("january", "停车场", 5, deadline=day("2025-03-31"))
    done = evidence("april", "completed", "停车场", "2025-01-05", text="停车场1月5日建成投用")
    with register({**ROWS, DIRECTIVES: [task], EVIDENCE: [done]}) as connection:
        words = "completion reported for a day before the task was set"
        assert line(connection, "停车场") == ("set", words, day("2025-03-31"))
        assert events_of(connection, "january.5") == [
            ("completed earlier", day("2025-01-05")), ("set", day("2025-01-10"))
        ]  # fmt: skip


def test_a_completion_of_an_earlier_task_closes_that_one_only() -> None:
    tasks = [directive("january", "停车场", 5), directive("april", "停车场", 5, deadline=day("2025-05-31"))]
    done = [
        evidence("march", "completed", "停车场", "2025-03-02"),
        evidence("june", "completed", "停车场", "2025-03-02"),
    ]
    with register({**ROWS, DIRECTIVES: tasks, EVIDENCE: done}) as connection:
        query = "SELECT state FROM directive_register ORDER BY set_on"
        assert connection.execute(query).fetchall() == [("completed",), ("overdue",)]


def test_a_start_that_is_put_off_leaves_the_deadline_of_the_end() -> None:
    task = directive("january", "综合枢纽", 80, task="确保综合枢纽年底前建成", deadline=day("2025-12-31"))
    moved = evidence("march", "rescheduled", "综合枢纽", "2025-05-31", text="综合枢纽开工时间推迟至5月底")
    with register({**ROWS, DIRECTIVES: [task], EVIDENCE: [moved]}) as connection:
        assert line(connection, "综合枢纽") == ("set", "open", day("2025-12-31"))
