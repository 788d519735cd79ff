"""Lists of tasks: points, and the notes on who and by when that stand in them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tasked import found_in, told


def test_points_of_a_notice() -> None:
    text = (
        "1月22日，区水利局印发通知。\n一、6月6日前完成127处隐患点排查。责任单位：区交通局。\n二、实行领导带班制度。"
        "责任单位：区教委、县应急管理局。\n三、请市民减少外出。"
    )
    rows = found_in(text)
    assert [(told(text, row), row.responsible_bodies, row.speaker) for row in rows] == [
        ("完成127处隐患点排查", ("临江区交通局",), "临江区水利局"),
        ("实行领导带班制度", ("临江区教委", "云岭县应急管理局"), "临江区水利局"),
    ]


def test_a_heading_of_a_list_sets_nothing() -> None:
    text = "1月22日，区水利局印发通知。\n一、目标任务。\n二、加强组织领导。\n三、保障措施。各镇街要落实管护责任。"
    assert [told(text, row) for row in found_in(text)] == ["要落实管护责任"]


LISTED = [
    (
        "1.新建公办幼儿园3个，新增学位900个；责任单位：区教委；完成时限：2024年8月底。\n"
        "2.改造农村公路120公里；牵头单位：区交通局；配合单位：区财政局；完成时限：11月底前。\n3.新增停车位2000个。",
        [
            ("新建公办幼儿园3个", ("临江区教委",), date(2024, 8, 31), "month"),
            ("  新增学位900个", ("临江区教委",), date(2024, 8, 31), "month"),
            ("改造农村公路120公里", ("临江区交通局",), date(2024, 11, 30), "month"),
            ("新增停车位2000个", None, None, None),
        ],
    ),
    (
        "一、建成白鹭湾大桥并通车\n责任单位：区交通局\n完成时限：二〇二四年底前\n"
        "二、扩建柳湾小学\n牵头单位：区教委、区财政局\n完成时间：2024-09-30",
        [
            ("建成白鹭湾大桥并通车", ("临江区交通局",), date(2024, 12, 31), "year"),
            ("扩建柳湾小学", ("临江区教委", "临江区财政局"), date(2024, 9, 30), "day"),
        ],
    ),
    (
        "（1）扩建柳湾小学。办结时限：长期坚持。\n（2）改造北渡公园，6月底前完工。整改期限为12月底。",
        [("扩建柳湾小学", None, None, None), ("改造北渡公园", None, date(2024, 6, 30), "month")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), LISTED)
def test_notes_belong_to_the_point_they_stand_in(text: str, expected: list[tuple[Any, ...]]) -> None:
    before = "报告提出，2024年，全区常住人口城镇化率达到66%。\n报告明确了今年的民生实事：\n"
    rows = found_in(before + text + "\n去年的工作全部完成。\n5.建成公园2个。")
    assert (rows[0].target, rows[0].responsible_bodies, rows[0].deadline_text) == (
        "常住人口城镇化率达到66%",
        None,
        "2024年",
    )
    found = [
        (told(before + text, row), row.responsible_bodies, row.deadline, row.deadline_precision) for row in rows[1:]
    ]
    assert found == expected


def test_numbered_reports_without_notes_ask_nothing() -> None:
    assert found_in("去年的十件实事：\n1.新建公办幼儿园3个。\n2.改造农村公路120公里。") == []


def test_a_time_ends_with_its_subject() -> None:
    text = "要在8月底前完成白鹭湾大桥验收，龙溪公路要加快进度，各单位要加强调度。"
    assert [
        (row.verb, str(row.deadline)) for row in found_in(f"他说，{text}", said="沈怀舟", day=date(2024, 7, 5))
    ] == [
        ("完成", "2024-08-31"),
        ("加快", "None"),
        ("加强", "None"),
    ]


@pytest.mark.parametrize(
    "text",
    ["要把账期压缩到90天以内。", "要落实好《临江区2027年工作清单》。", "计划总投资3亿元的白鹭湾大桥7月1日建成通车。"],
)
def test_how_long_and_what_it_is_called_are_no_deadline(text: str) -> None:
    assert [row.deadline for row in found_in(f"他说，{text}", said="沈怀舟") if row.deadline] == []
