from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake.annotate.directives.deadlines import find_deadline
from newslake.annotate.directives.deadlines_english import find_english_deadline
from newslake.tables.directives import PRECISIONS

DAY = date(2024, 5, 17)

CHINESE = [
    ("年底前建成", "年底前", date(2024, 12, 31), "year"),
    ("今年年底前建成", "今年年底前", date(2024, 12, 31), "year"),
    ("年内完成", "年内", date(2024, 12, 31), "year"),
    ("今年要完成", "今年", date(2024, 12, 31), "year"),
    ("全年新增", "全年", date(2024, 12, 31), "year"),
    ("到2027年，", "2027年", date(2027, 12, 31), "year"),
    ("到2025年底", "2025年底", date(2025, 12, 31), "year"),
    ("2030年前", "2030年前", date(2030, 12, 31), "year"),
    ("“十五五”期间", "“十五五”期间", date(2030, 12, 31), "year"),
    ("“十四五”末", "“十四五”末", date(2025, 12, 31), "year"),
    ("2025年上半年", "2025年上半年", date(2025, 6, 30), "half_year"),
    ("下半年启动", "下半年", date(2024, 12, 31), "half_year"),
    ("本季度", "本季度", date(2024, 6, 30), "quarter"),
    ("三季度末前", "三季度末前", date(2024, 9, 30), "quarter"),
    ("明年一季度", "明年一季度", date(2025, 3, 31), "quarter"),
    ("一季度前", "一季度前", date(2025, 3, 31), "quarter"),
    ("6月底前", "6月底前", date(2024, 6, 30), "month"),
    ("2月底前", "2月底前", date(2025, 2, 28), "month"),
    ("2025年3月底前", "2025年3月底前", date(2025, 3, 31), "month"),
    ("6月份要完成", "6月份", date(2024, 6, 30), "month"),
    ("6月中旬前", "6月中旬前", date(2024, 6, 20), "month"),
    ("本月底前", "本月底前", date(2024, 5, 31), "month"),
    ("下月底前", "下月底前", date(2024, 6, 30), "month"),
    ("在9月1日前", "9月1日前", date(2024, 9, 1), "day"),
    ("4月1日前", "4月1日前", date(2025, 4, 1), "day"),
    ("国庆节前", "国庆节前", date(2024, 9, 30), "day"),
    ("三年内", "三年内", date(2027, 5, 17), "year"),
    ("半年内", "半年内", date(2024, 11, 17), "half_year"),
    ("两个月内", "两个月内", date(2024, 7, 17), "month"),
    ("一周之内", "一周之内", date(2024, 5, 24), "day"),
    ("30日内", "30日内", date(2024, 6, 16), "day"),
    ("春节前", "春节前", None, None),
    ("二〇二七年底前", "二〇二七年底前", date(2027, 12, 31), "year"),
    ("二零二六年六月三十日前", "二零二六年六月三十日前", date(2026, 6, 30), "day"),
    ("明年三月底前", "明年三月底前", date(2025, 3, 31), "month"),
    ("十二月十五日前", "十二月十五日前", date(2024, 12, 15), "day"),
    ("8月1日零时前", "8月1日零时前", date(2024, 7, 31), "day"),
    ("8月1日0点前", "8月1日0点前", date(2024, 7, 31), "day"),
    ("8月1日24时前", "8月1日24时前", date(2024, 8, 1), "day"),
    ("8月1日18点之前", "8月1日18点之前", date(2024, 8, 1), "day"),
    ("6月30日前后", "6月30日前后", None, None),
    ("6月30日左右", "6月30日左右", None, None),
    ("年底前后", "年底前后", None, None),
]


@pytest.mark.parametrize(("text", "words", "at", "precision"), CHINESE)
def test_last_day_and_precision(text: str, words: str, at: date | None, precision: str | None) -> None:
    found = find_deadline(text, 0, len(text), DAY)
    assert found is not None
    assert (found.words, found.at, found.precision) == (words, at, precision)


NO_TIME_BY_WHICH = [
    "尽快建成", "近期启动", "长期坚持", "2023年建成", "去年12月完成", "截至3月25日", "自2024年6月1日起施行", "每月底前",
    "近年来", "第三年", "三年期国债", "区内外", "扩大内需", "年前的事", "5月1日举行", "春节前后", "“十四五”规划", "一年级", "“十三五”期间",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_TIME_BY_WHICH)
def test_what_is_no_time_by_which(text: str) -> None:
    assert find_deadline(text, 0, len(text), DAY) is None


def test_without_a_day_only_full_dates_are_known() -> None:
    for text, at in [("年底前", None), ("三个月内", None), ("6月底前", None), ("2026年6月底前", date(2026, 6, 30))]:
        found = find_deadline(text, 0, len(text), None)
        assert found is not None
        assert (found.at, found.precision is None) == (at, at is None)


ENGLISH = [
    ("by the end of June", date(2024, 6, 30), "month"),
    ("by 2026", date(2026, 12, 31), "year"),
    ("by the end of the year", date(2024, 12, 31), "year"),
    ("before Sept. 1", date(2024, 9, 1), "day"),
    ("by March 2027", date(2027, 3, 31), "month"),
    ("by June 30, 2026", date(2026, 6, 30), "day"),
    ("within two years", date(2026, 5, 17), "year"),
    ("within 30 days", date(2024, 6, 16), "day"),
    ("in the first half of 2025", date(2025, 6, 30), "half_year"),
    ("by the third quarter", date(2024, 9, 30), "quarter"),
    ("this year", date(2024, 12, 31), "year"),
    ("by next month", date(2024, 6, 30), "month"),
]


@pytest.mark.parametrize(("text", "at", "precision"), ENGLISH)
def test_english(text: str, at: date, precision: str) -> None:
    found = find_english_deadline(f"finish it {text}.", 0, len(text) + 11, DAY)
    assert found is not None
    assert (found.at, found.precision) == (at, precision)


@pytest.mark.parametrize("text", ["build 2026 homes", "by hand", "in 2019", "two years ago", "over a year", "march on"])
def test_english_without_a_time(text: str) -> None:
    assert find_english_deadline(text, 0, len(text), DAY) is None


PIECES = st.sampled_from(
    [
        *list("年月日底前内末十五三二一6129个周季度上下半“”到在今明本春节 "),
        "2025年",
        "12月",
        "期间",
        "by ",
        "June ",
        "end of ",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from([DAY, None, date(2024, 2, 29), date(2023, 12, 31)]))
def test_any_text(text: str, reference: date | None) -> None:
    for find in (find_deadline, find_english_deadline):
        found = find(text, 0, len(text), reference)
        if found is None:
            continue
        assert text[found.start : found.end] == found.words
        assert (found.at is None) == (found.precision is None)
        assert found.precision is None or found.precision in PRECISIONS
        assert found.at is None or reference is None or found.at >= reference


def test_a_very_long_line_is_read_in_a_moment() -> None:
    started = time.process_time()
    for piece in ("年", "1", "十", "“十", "2025年", "by the end of "):
        text = piece * (200_000 // len(piece))
        find_deadline(text, 0, len(text), DAY)
        find_english_deadline(text, 0, len(text), DAY)
    assert time.process_time() - started < 10
