"""What counts as evidence, and what does not."""

from __future__ import annotations

import re
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake.annotate.article import Article, Directive, Found, Mention, Quote, Sentence
from newslake.annotate.evidence import find_evidence

PLACE = "澜川市/临江区"


def evidence_of(text: str, found: Found | None = None, language: str = "zh") -> Found:
    sentences = tuple(
        Sentence(number, 0, match.start(), match.end())
        for number, match in enumerate(re.finditer(r"[^。\n]+。?", text))
    )
    article = Article(
        article_id="a", text=text, language=language, title=None, source_name=None, place=None, event_date=None,
        published_date=date(2025, 3, 10), published_month="2025-03", sentences=sentences, tokens=pa.array([]),
    )  # fmt: skip
    found = found or Found(jurisdiction=PLACE)
    find_evidence(article, found)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3月5日，龙头港铁路专用线正式建成通车。", ("completed", "龙头港铁路专用线", "2025-03-05")),
        ("12月28日，临江大桥正式通车。", ("completed", "临江大桥", "2024-12-28")),
        ("截至2月底，老旧小区改造累计完成42个。", ("progress", "老旧小区", "2025-03-10")),
        ("临江大桥主体封顶。", ("progress", "临江大桥", "2025-03-10")),
        ("柳湾水库除险加固工程开工建设。", ("started", "柳湾水库除险加固", "2025-03-10")),
        ("3月6日，滨江大桥开工仪式在青砚镇举行。", ("started", "滨江大桥", "2025-03-06")),
        ("区交通局负责的青砚镇污水处理厂通过竣工验收。", ("completed", "青砚镇污水处理厂", "2025-03-10")),
        ("白鹭湾大桥征地拆迁工作全部完成。", ("progress", "白鹭湾大桥", "2025-03-10")),
        ("白鹭湾大桥一期工程建成通车。", ("progress", "白鹭湾大桥", "2025-03-10")),
        ("白鹭湾隧道实现全线贯通。", ("progress", "白鹭湾隧道", "2025-03-10")),
        ("区政府宣布白鹭湾大桥正式通车。", ("completed", "白鹭湾大桥", "2025-03-10")),
        ("2月29日，临江大桥正式通车。", ("completed", "临江大桥", "2024-02-29")),
        ("2024年5月，临江大桥正式通车。", ("completed", "临江大桥", "2024-05-31")),
        ("老旧小区改造完工17个。", ("progress", "老旧小区", "2025-03-10")),
        ("42个老旧小区改造全部完成入户意见征集。", ("progress", "老旧小区", "2025-03-10")),
        ("临江大桥位于城东，已于昨日正式通车。", ("completed", "临江大桥", "2025-03-10")),
    ],
)
def test_what_became_of_something(text: str, expected: tuple[str, str, str]) -> None:
    found = evidence_of(text).evidence
    assert [(one.kind, one.matter, str(one.at)) for one in found] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "过去一年，全区经济稳步推进，取得良好成效。",
        "要确保龙头港铁路专用线年内建成。",
        "龙头港铁路专用线尚未开工。",
        "龙头港铁路专用线计划9月底前开工建设。",
        "临江大桥10月1日前建成开放。",
        "临江大桥通车以后，群众出行更方便。",
        "会议强调清单明责、销号问效。",
        "区里推行清单制、责任制、销号制。",
        "5月份销号3项。",
        "2019年，白鹭湾大桥建成通车。",
        "去年，白鹭湾大桥建成通车。",
        "白鹭湾大桥建成通车一周年。",
        "3.建成白鹭湾大桥并通车。",
        "白鹭湾大桥建成通车时间推迟至2027年。",
        "白鹭湾大桥竣工验收不合格。",
        "白鹭湾大桥建成通车进入倒计时。",
        "白鹭湾大桥建成通车在即。",
        "白鹭湾大桥建成通车后，两岸只需10分钟。",
        "2019年建成通车的白鹭湾大桥今年开始维修。",
        "区委书记沈怀舟出席通车活动。",
    ],
)
def test_what_is_no_evidence(text: str) -> None:
    assert evidence_of(text).evidence == []


def test_nothing_within_a_task_is_evidence() -> None:
    text = "临江大桥建成通车。"
    task = Directive(start=0, end=8, verb="建成", task="临江大桥建成通车", matter="临江大桥", confidence=1.0)
    assert evidence_of(text, Found(jurisdiction=PLACE, directives=[task])).evidence == []


def test_who_says_it_and_the_figure_reached() -> None:
    text = "沈怀舟说，龙头港铁路专用线完成投资3.2亿元。"
    quote = Quote(start=5, end=len(text), speaker="沈怀舟", speaker_title="区委书记", speaker_text="沈怀舟", verb="说",
                  is_direct=False, confidence=1.0)  # fmt: skip
    place = text.index("3.2")
    figure = Mention(
        kind="figure", start=place, end=place + 5, name="3.2亿元", confidence=1.0, quantity=3.2e8, unit="元"
    )
    (one,) = evidence_of(text, Found(jurisdiction=PLACE, quotes=[quote], mentions=[figure])).evidence
    assert (one.speaker, one.quantity, one.unit, one.kind) == ("沈怀舟", 3.2e8, "元", "progress")


def test_english() -> None:
    (one,) = evidence_of("The Beishan rail spur was completed in May.", language="en").evidence
    assert (one.kind, one.matter) == ("completed", "beishan rail spur")


@given(st.text(alphabet=st.sampled_from("临江大桥建成通车，。完成70%3月5日开工仪式举行为的将 "), max_size=60))
def test_spans_lie_within_one_sentence(text: str) -> None:
    for one in evidence_of(text).evidence:
        assert 0 <= one.start < one.end <= len(text)
        assert "。" not in text[one.start : one.end]
        assert len(one.matter) >= 3
