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
from reported import FOUND, LATER_FOUND, LATER_NOT_FOUND, NOT_FOUND, REVIEW_FOUND, REVIEW_NOT_FOUND, cases

PLACE = "澜川市/临江区"


def evidence_of(
    text: str,
    found: Found | None = None,
    language: str = "zh",
    days: tuple[date | None, date | None] = (None, date(2025, 3, 10)),
) -> Found:
    """What is found in an article of these days: the event's and the publication's; each line is a block."""
    sentences = tuple(
        Sentence(number, text.count("\n", 0, match.start()), match.start(), match.end())
        for number, match in enumerate(re.finditer(r"[^。\n]+。?", text))
    )
    article = Article(
        article_id="a", text=text, language=language, title=None, source_name=None, place=None, event_date=days[0],
        published_date=days[1], published_month="2025-03", sentences=sentences, tokens=pa.array([]),
    )  # fmt: skip
    found = found or Found(jurisdiction=PLACE)
    find_evidence(article, found)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3月5日，龙头港铁路专用线正式建成通车。", ("completed", "龙头港铁路专用线", "2025-03-05")),
        ("去年12月28日，临江大桥正式通车。", ("completed", "临江大桥", "2024-12-28")),
        ("临江大桥已于12月28日正式通车。", ("completed", "临江大桥", "2024-12-28")),
        ("截至2月底，老旧小区改造累计完成42个。", ("progress", "老旧小区", "2025-02-28")),
        ("临江大桥主体封顶。", ("progress", "临江大桥", "2025-03-10")),
        ("柳湾水库除险加固工程开工建设。", ("started", "柳湾水库除险加固", "2025-03-10")),
        ("3月6日，滨江大桥开工仪式在青砚镇举行。", ("started", "滨江大桥", "2025-03-06")),
        ("区交通局负责的青砚镇污水处理厂通过竣工验收。", ("completed", "青砚镇污水处理厂", "2025-03-10")),
        ("白鹭湾大桥征地拆迁工作全部完成。", ("progress", "白鹭湾大桥", "2025-03-10")),
        ("白鹭湾大桥一期工程建成通车。", ("completed", "白鹭湾大桥一期", "2025-03-10")),
        ("白鹭湾大桥进展顺利，一期工程建成通车。", ("completed", "白鹭湾大桥一期", "2025-03-10")),
        ("白鹭湾大桥实现投产。", ("completed", "白鹭湾大桥", "2025-03-10")),
        ("临江晚报讯（记者 林舒）白鹭湾大桥上周五（7日）建成通车。", ("completed", "白鹭湾大桥", "2025-03-10")),
        ("2号桥建成通车。", ("completed", "2号桥", "2025-03-10")),
        ("绿道建成开放。", ("completed", "绿道", "2025-03-10")),
        ("全区新建成幼儿园3所。", ("completed", "幼儿园", "2025-03-10")),
        ("应急指挥中心建成投用。", ("completed", "应急指挥中心", "2025-03-10")),
        ("重要节点工程将军山隧道全线贯通。", ("progress", "重要节点工程将军山隧道", "2025-03-10")),
        ("青砚镇希望小学建成投用。", ("completed", "青砚镇希望小学", "2025-03-10")),
        ("2025年3月，临江大桥正式通车。", ("completed", "临江大桥", "2025-03-10")),
        ("会议决定取消柳湾文化广场建设项目。", ("cancelled", "柳湾文化广场", "2025-03-10")),
        ("柳湾文化广场项目不再实施。", ("cancelled", "柳湾文化广场", "2025-03-10")),
        ("白鹭湾大桥建成通车时间推迟至2027年。", ("rescheduled", "白鹭湾大桥", "2027-12-31")),
        ("白鹭湾大桥完工时间由2026年底调整为2027年6月底。", ("rescheduled", "白鹭湾大桥", "2027-06-30")),
        ("白鹭湾大桥竣工时间延期至明年三季度。", ("rescheduled", "白鹭湾大桥", "2026-09-30")),
        ("白鹭湾大桥工程暂缓实施。", ("rescheduled", "白鹭湾大桥", "2025-03-10")),
        ("白鹭湾隧道实现全线贯通。", ("progress", "白鹭湾隧道", "2025-03-10")),
        ("区政府宣布白鹭湾大桥正式通车。", ("completed", "白鹭湾大桥", "2025-03-10")),
        ("2024年2月29日，临江大桥正式通车。", ("completed", "临江大桥", "2024-02-29")),
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
        "2月29日，临江大桥正式通车。",
        "12月28日，临江大桥正式通车。",
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
        "3年前，白鹭湾大桥建成通车。",
        "“十四五”期间，白鹭湾大桥建成通车。",
        "不可能建成通车。",
        "等白鹭湾大桥通车了，上学只要10分钟。",
        "白鹭湾大桥差一点没能建成通车。",
        "群众盼望白鹭湾大桥早日建成通车。",
        "距离白鹭湾大桥建成通车还有一年。",
        "白鹭湾大桥何时建成通车？",
        "网传白鹭湾大桥建成通车系谣言。",
        "白鹭湾大桥不得延期。",
        "白鹭湾大桥是否推迟？",
        "演出取消后，观众离场。",
        "白鹭湾大桥正式开通运营之后，群众出行更方便。",
        "白鹭湾大桥从开工到投产用了13个月。",
        "公交6路临时取消港务大楼站。",
        "项目延期必须公开说明原因。",
        "取消行政审批事项12项。",
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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("白鹭湾大桥、龙溪公路相继建成通车。", ["白鹭湾大桥", "龙溪公路"]),
        ("白鹭湾大桥、龙溪公路和柳湾隧道建成通车。", ["白鹭湾大桥", "龙溪公路", "柳湾隧道"]),
        ("白鹭湾大桥和龙溪公路先后建成通车。", ["白鹭湾大桥", "龙溪公路"]),
        ("鲤脊石刻与柳湾古渡保护中心建成开放。", ["鲤脊石刻与柳湾古渡保护中心"]),
    ],
)
def test_each_of_several_names_has_its_own_evidence(text: str, names: list[str]) -> None:
    found = evidence_of(text).evidence
    assert [one.matter for one in found] == names
    assert {one.kind for one in found} == {"completed"}
    assert len({(one.start, one.end) for one in found}) == len(names)


def test_a_hospital_belongs_to_its_name_and_an_office_does_not() -> None:
    for body, name in (("区人民医院", "人民医院新院区"), ("区交通局", "新院区")):
        text = f"{body}新院区正式启用。"
        mention = Mention(kind="organisation", start=0, end=len(body), name=body, confidence=1.0)
        (one,) = evidence_of(text, Found(jurisdiction=PLACE, mentions=[mention])).evidence
        assert one.matter == name


def test_a_task_that_is_called_off_in_an_instruction_is_called_off() -> None:
    text = "会议决定取消柳湾文化广场建设项目。"
    task = Directive(
        start=4, end=16, verb="取消", task="取消柳湾文化广场建设项目", matter="柳湾文化广场", confidence=1.0
    )
    (one,) = evidence_of(text, Found(jurisdiction=PLACE, directives=[task])).evidence
    assert one.kind == "cancelled"


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


IN_JULY = (date(2026, 7, 4), date(2026, 7, 5))


@pytest.mark.parametrize(("text", "kind", "matter", "at"), cases(FOUND + REVIEW_FOUND + LATER_FOUND))
def test_a_plain_report_is_found(text: str, kind: str, matter: str, at: str) -> None:
    found = evidence_of(text, days=IN_JULY).evidence
    assert [(one.kind, one.matter, str(one.at)) for one in found] == [(kind, matter, at)]


@pytest.mark.parametrize("text", [text for (text,) in cases(NOT_FOUND + REVIEW_NOT_FOUND + LATER_NOT_FOUND)])
def test_anything_else_is_no_evidence(text: str) -> None:
    assert evidence_of(text, days=IN_JULY).evidence == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("龙溪公路一期建成通车，二期取消。", [("completed", "龙溪公路一期"), ("cancelled", "龙溪公路二期")]),
        (
            "龙溪公路一期建成通车，二期延期至2027年6月。",
            [("completed", "龙溪公路一期"), ("rescheduled", "龙溪公路二期")],
        ),
        ("3号桥因故停建，2号桥建成通车。", [("completed", "2号桥")]),
    ],
)
def test_each_stage_has_its_own_news(text: str, expected: list[tuple[str, str]]) -> None:
    found = evidence_of(text, days=IN_JULY).evidence
    assert sorted((one.kind, one.matter) for one in found) == sorted(expected)


@pytest.mark.parametrize(
    "text", ["幼儿园建成投用一所。", "首所幼儿园建成投用。", "第一所幼儿园建成投用。", "一所幼儿园建成投用。"]
)
def test_one_of_several_is_counted(text: str) -> None:
    (one,) = evidence_of(text, days=IN_JULY).evidence
    assert (one.matter, one.quantity, one.unit) == ("幼儿园", 1.0, "所")


@pytest.mark.parametrize(
    ("heading", "is_news"),
    [
        ("一、2025年工作回顾", False),
        ("二、2026年工作安排", False),
        ("三、项目进展", True),
        ("一、2026年工作总结", True),
    ],
)
def test_a_heading_tells_of_which_time_its_blocks_are(heading: str, is_news: bool) -> None:
    found = evidence_of(f"{heading}\n白鹭湾大桥建成通车。", days=IN_JULY).evidence
    assert bool(found) == is_news


@pytest.mark.parametrize(
    "text",
    [
        "If Longtou Port was completed in May, trade would grow.",
        "Inspectors asked whether listed tasks were completed.",
        "Longtou Port was completed in 1998.",
        "Once Beishan Bridge was opened, traffic fell.",
        "Was it true that Beishan Bridge was opened?",
    ],
)
def test_english_that_reports_nothing(text: str) -> None:
    assert evidence_of(text, language="en").evidence == []


def test_english() -> None:
    (one,) = evidence_of("The Beishan rail spur was completed in May.", language="en").evidence
    assert (one.kind, one.matter) == ("completed", "beishan rail spur")


@given(
    st.text(
        alphabet=st.sampled_from("临江大桥建成通车，。、完成70%3月5日开工仪式举行为的将相继取消推迟至2027年一所 "),
        max_size=60,
    )
)
def test_spans_lie_within_one_sentence(text: str) -> None:
    for one in evidence_of(text).evidence:
        assert 0 <= one.start < one.end <= len(text)
        assert "。" not in text[one.start : one.end]
        assert len(one.matter) >= 2
