"""Figures: number, unit, modifier and what they count."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotated import article_of, found_up_to
from newslake.annotate.article import Mention
from newslake.annotate.figures.english import find_figures_english
from newslake.annotate.figures.numerals import number
from newslake.annotate.words.patterns import kinds_of_words
from newslake.tables.mentions import MODIFIERS


def figures(text: str, language: str = "zh") -> list[Mention]:
    return found_up_to("find_figures", article_of(text, language=language)).of_kind("figure")


def said(text: str, language: str = "zh") -> list[tuple[str, float | None, str | None, str | None]]:
    return [(one.name, one.quantity, one.unit, one.modifier) for one in figures(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("投资3.2亿元。", ("3.2亿元", 320_000_000, "元", None)),
        ("完成１２公里。", ("１２公里", 12, "公里", None)),
        ("发放1,200份。", ("1,200份", 1200, "份", None)),
        ("惠及三百二十户。", ("三百二十户", 320, "户", None)),
        ("带动两万五千人。", ("两万五千人", 25_000, "人", None)),
        ("新建3至5公里。", ("3至5公里", 5, "公里", None)),
        ("占百分之五。", ("百分之五", 5, "%", None)),
        ("只用五成。", ("五成", 50, "%", None)),
        ("占三分之二。", ("三分之二", 0.666667, None, None)),
        ("用电9000万千瓦时。", ("9000万千瓦时", 90_000_000, "千瓦时", None)),
        ("用了五个多月。", ("五个多月", 5, "个月", "more_than")),
        ("走了三四天。", ("三四天", 4, "天", None)),
    ],
)
def test_numbers_and_units(text: str, expected: tuple[str, float, str, str]) -> None:
    assert said(text) == [expected]


@pytest.mark.parametrize(
    ("text", "modifier"),
    [
        ("力争新增20家。", "strive"),
        ("力争全年新增规上企业20家。", "strive"),
        ("力争全年新增不少于20家。", "at_least"),
        ("不低于20家。", "at_least"),
        ("新增20家以上。", "at_least"),
        ("不超过20家。", "at_most"),
        ("控制在20家以内。", "at_most"),
        ("约20家。", "about"),
        ("20家左右。", "about"),
        ("超过20家。", "more_than"),
        ("突破20家。", "more_than"),
        ("20余家。", "more_than"),
        ("不到20家。", "less_than"),
        ("达到20家。", "to"),
        ("由5家增至20家。", "to"),
        ("增长20%。", "by"),
        ("同比下降20%。", "by"),
        ("增长超过20%。", "more_than"),
        ("共有20家。", None),
    ],
)
def test_modifiers(text: str, modifier: str | None) -> None:
    assert figures(text)[-1].modifier == modifier


@pytest.mark.parametrize(
    "text",
    [
        "2024年2月19日上午9点30分",
        "第八次会议，五届二十八次会议",
        "20世纪90年代",
        "电话0600-6300000",
        "在两个月内报告",
        "三年行动计划",
        "一个项目、一名领导",
        "二期工程、二楼",
        "零部件、两部分、七部门",
        "打造“2349”集群",
        "几十年如一日",
        "乘坐2号线",
    ],
)
def test_dates_ordinals_and_names_are_no_figures(text: str) -> None:
    assert figures(text) == []


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("新建充电桩200个。", "充电桩"),
        ("改造42个老旧小区。", "小区"),
        ("总投资7.9亿元。", "投资"),
        ("货物吞吐量增长12.6%。", "货物吞吐量"),
    ],
)
def test_what_is_counted(text: str, counted: str) -> None:
    assert (figures(text)[0].counted or "").endswith(counted)


def test_english() -> None:
    text = "Output rose 8.2 percent. More than 2,100 residents got 7.6 million yuan ($1.1 million) for 12 kilometers."
    assert said(text, "en") == [
        ("8.2 percent", 8.2, "%", "by"),
        ("2,100 residents", 2100, "residents", "more_than"),
        ("7.6 million yuan", 7_600_000, "yuan", None),
        ("$1.1 million", 1_100_000, "dollars", None),
        ("12 kilometers", 12, "kilometers", None),
    ]


def test_modifiers_listed_are_modifiers_of_the_table() -> None:
    assert set(kinds_of_words("modifiers")) == {*MODIFIERS, "link"}


@given(st.integers(0, 10**8 - 1))
def test_chinese_signs_give_the_number_they_write(value: int) -> None:
    assert number(in_signs(value)) == value


def in_signs(value: int) -> str:
    """A number below a hundred million in Chinese signs, written by counting down powers of ten."""
    digits = "零一二三四五六七八九"
    if value >= 10_000:
        rest = value % 10_000
        return in_signs(value // 10_000) + "万" + (("零" if rest < 1000 else "") + in_signs(rest) if rest else "")
    for power, sign in ((1000, "千"), (100, "百"), (10, "十")):
        if value >= power:
            rest = value % power
            return (
                digits[value // power] + sign + (("零" if rest < power // 10 else "") + in_signs(rest) if rest else "")
            )
    return digits[value]


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        alphabet="0123456789.,一二十百万亿约超元个%人年月日第至-余多左右以上\n新增 ", min_size=1, max_size=50
    ).filter(lambda text: bool(text.strip()))
)
def test_spans_are_the_names(text: str) -> None:
    for one in figures(text):
        assert text[one.start : one.end] == one.name
        assert one.modifier is None or one.modifier in MODIFIERS


def test_a_very_long_line_takes_linear_time() -> None:
    article = article_of("新增3.2万户，" * 25_000)
    start = time.process_time()
    found = found_up_to("find_figures", article)
    assert time.process_time() - start < 15
    assert len(found.of_kind("figure")) == 25_000


@given(
    st.decimals("0.01", "9999", places=2),
    st.sampled_from([("百", 2), ("千", 3), ("万", 4), ("百万", 6), ("亿", 8), ("万亿", 12)]),
)
def test_a_number_with_powers_is_the_nearest_to_the_written_one(written: Decimal, power: tuple[str, int]) -> None:
    assert number(f"{written}{power[0]}") == float(written.scaleb(power[1]))


def test_english_powers_bring_no_noise() -> None:
    (figure,) = find_figures_english("It invested 612.7 million yuan.")
    assert figure.quantity == 612_700_000.0
