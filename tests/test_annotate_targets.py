from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake.annotate.article import Mention
from newslake.annotate.directives.targets import find_target

FIGURE = re.compile(r"(\d+(?:\.\d+)?|[两三])(公里|个|家|%|亿元|小时|天|所|平方米)")
MODIFIERS = {"不少于": "at_least", "不低于": "at_least", "达到": "to", "超": "more_than", "下降": "by"}


def figures(text: str) -> list[Mention]:
    found = []
    for one in FIGURE.finditer(text):
        modifier = next((value for word, value in MODIFIERS.items() if text.endswith(word, 0, one.start())), None)
        quantity = float({"两": 2, "三": 3}.get(one[1], one[1]))
        found.append(
            Mention(kind="figure", start=one.start(), end=one.end(), name=one[0], confidence=1, quantity=quantity,
                    unit=one[2], modifier=modifier)
        )  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("text", "verb", "words", "quantity", "unit", "modifier"),
    [
        ("改造小区42个", "改造", "改造小区42个", 42, "个", None),
        ("新增企业15家", "力争新增", "新增企业15家", 15, "家", "strive"),
        ("优良比例达到95%以上", "确保", "优良比例达到95%以上", 95, "%", "to"),
        ("研发投入强度达到3.2%", "力争", "研发投入强度达到3.2%", 3.2, "%", "strive"),
        ("对接会不少于5个", "力争", "对接会不少于5个", 5, "个", "at_least"),
        ("新增泊位1500个、充电桩300个", "新增", "新增泊位1500个", 1500, "个", None),
        ("完成沿线17个排污口整治", "完成", "完成沿线17个排污口整治", 17, "个", None),
        ("引进产值超50亿元的企业3家", "引进", "引进产值超50亿元的企业3家", 3, "家", None),
        ("争取资金5亿元", "争取", "争取资金5亿元", 5, "亿元", None),
        ("争取到中央补助2亿元", "争取到", "争取到中央补助2亿元", 2, "亿元", None),
        ("争取投资5亿元", "争取", "争取投资5亿元", 5, "亿元", "strive"),
        ("争取完成项目15个", "争取完成", "争取完成项目15个", 15, "个", "strive"),
        ("一般公共预算收入增长5%", "增长", "一般公共预算收入增长5%", 5, "%", None),
        ("修缮8.6公里青石古道", "修缮", "修缮8.6公里青石古道", 8.6, "公里", None),
        ("建设不低于3000平方米的展馆", "建设", "建设不低于3000平方米的展馆", 3000, "平方米", "at_least"),
    ],
)
def test_aims(text: str, verb: str, words: str, quantity: float, unit: str, modifier: str | None) -> None:
    target = find_target(text, 0, len(text), figures(text), verb)
    assert target is not None
    assert (text[target.start : target.end], target.quantity) == (words, quantity)
    assert (target.unit, target.modifier) == (unit, modifier)


@pytest.mark.parametrize(
    "text",
    [
        "建成3.2公里的专用线",
        "建设总投资5亿元的园区",
        "解决两个难题",
        "打好三个攻坚战",
        "执行24小时值班制度",
        "盯牢这90天",
        "建设公园",
        "",
    ],
)
def test_figures_that_only_describe(text: str) -> None:
    assert find_target(text, 0, len(text), figures(text), "建设") is None


@given(
    st.lists(
        st.sampled_from(["建设", "公园", "12个", "3.2公里", "的", "、", "以上", "不少于", "力争"]), max_size=12
    ).map("".join)
)
def test_words_hold_the_figure(text: str) -> None:
    target = find_target(text, 0, len(text), figures(text), "力争")
    assert target is None or any(one.name in text[target.start : target.end] for one in figures(text))
