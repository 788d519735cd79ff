"""Works in 《》 and initiatives."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotated import article_of, found_up_to
from newslake.annotate.works import find_works
from newslake.config import reference_lines


def named(text: str, kind: str) -> list[str]:
    return [one.name for one in found_up_to("find_works", article_of(text)).of_kind(kind)]


def test_works_keep_their_marks_in_the_span_and_out_of_the_name() -> None:
    text = "审议《临江区2025年农村公路养护方案》和《关于落实〈意见〉的通知》。"
    found = found_up_to("find_works", article_of(text)).of_kind("work")
    assert [one.name for one in found] == ["临江区2025年农村公路养护方案", "关于落实〈意见〉的通知"]
    assert text[found[0].start : found[0].end] == "《临江区2025年农村公路养护方案》"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("深入推进“三攻坚两提升”改革，打表推进“四张清单”。", ["三攻坚两提升", "四张清单"]),
        ("围绕市里的“一号工程”，实施“链主引航”计划。", ["一号工程", "链主引航"]),
        ("深化“无废城市”建设，优化“说到办、零等待”营商环境。", ["无废城市", "说到办、零等待"]),
        ("打造“2349”产业集群，按照“清单制+责任制+销号制”工作方法推进。", ["2349", "清单制+责任制+销号制"]),
        ("实行清单制，推进赛马比拼。", ["清单制", "赛马比拼"]),
    ],
)
def test_initiatives(text: str, names: list[str]) -> None:
    assert named(text, "initiative") == names


@pytest.mark.parametrize(
    "text",
    [
        "他说：“一份清单管到底。”",
        "店主挂出“今日休息”字样。",
        "紧扣“一体化”和“高质量”两个关键词。",
        "这份“惊喜”来得有点晚。",
        "大家都叫他“老黄牛”。",
        "“这么多年，我就认准了这件事。”老人说。",
    ],
)
def test_speech_irony_and_stress_are_no_initiatives(text: str) -> None:
    assert named(text, "initiative") == []


def test_every_listed_initiative_is_found() -> None:
    for name in reference_lines("initiatives"):
        assert any(name in one for one in named(f"我们抓好{name}。", "initiative")), name


@settings(max_examples=50, deadline=None)
@given(
    st.text(alphabet="《》〈〉“”‘’，。三攻坚一号工程推进建设ab\n 责任制", min_size=1, max_size=60).filter(
        lambda text: bool(text.strip())
    )
)
def test_spans_hold_the_names(text: str) -> None:
    for one in found_up_to("find_works", article_of(text)).of_kind("work", "initiative"):
        assert one.name in text[one.start : one.end]


def test_a_very_long_line_takes_linear_time() -> None:
    article = article_of("推进“三攻坚”改革，落实《方案》和清单制，" * 9_000)
    found = found_up_to("find_people", article)
    start = time.process_time()
    find_works(article, found)
    assert time.process_time() - start < 5
