"""Offices of people: what is one office, and what is a longer word."""

from __future__ import annotations

import pytest

from annotated import article_of, found_up_to


def people(text: str) -> list[tuple[str, str | None]]:
    found = found_up_to("find_people", article_of(text, source_name="临江区融媒体中心"))
    return [(one.name, one.title) for one in found.of_kind("person")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("江澜酱园集团总经理助理周明远介绍了情况。", [("周明远", "江澜酱园集团总经理助理")]),
        ("区交通局局长助理王晓东参加会议。", [("王晓东", "区交通局局长助理")]),
        ("区长助理、区商务委主任陆志远出席。", [("陆志远", "区长助理、区商务委主任")]),
        ("总经理周明远和业主王桂花到场。", [("周明远", "总经理"), ("王桂花", "业主")]),
    ],
)
def test_an_assistant_has_one_title(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert people(text) == expected


@pytest.mark.parametrize("text", ["各区县林业主管部门：", "区教育主管部门负责人到场。", "行业主管单位要抓紧整改。"])
def test_who_is_in_charge_of_a_trade_is_no_owner(text: str) -> None:
    assert people(text) == []


@pytest.mark.parametrize(
    "text",
    ["截至目前，完成总工程量的92%。", "镇长向群众解释了政策。", "党委书记曾多次强调安全。", "副区长严肃指出，要整改。"],
)
def test_words_behind_a_title_are_no_names(text: str) -> None:
    assert people(text) == []


def test_a_name_that_is_a_word_as_well_stands_in_a_list_of_names() -> None:
    assert [name for name, *_ in people("副区长甘露、何大海、欧阳静参加。")] == ["甘露", "何大海", "欧阳静"]
