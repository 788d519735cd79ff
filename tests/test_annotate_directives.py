"""Tasks of invented sentences: what each row says, and above all what it does not say."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.config import reference_lines
from tasked import BODIES, DAY, found_in, told

SAID = [
    ("要加快建设龙头港铁路专用线。", ["要加快建设龙头港铁路专用线"]),
    ("要着力补短板，加快建设龙头港铁路专用线等通道项目。", ["要着力补短板", "  加快建设龙头港铁路专用线"]),
    (
        "要着力扩大开放，做强临江综保区、澜川自贸区临江创新区等开放平台。",
        ["要着力扩大开放", "  做强临江综保区", "  澜川自贸区临江创新区"],
    ),
    ("要着力推进绿色发展，建设绿色工厂、绿色园区。", ["要着力推进绿色发展", "  建设绿色工厂、绿色园区"]),
    ("要着力提升城市能级，增强带动功能，发挥示范引领作用。", ["要着力提升城市能级"]),
    (
        "要完善机制，建立年度评价机制，推进赛马比拼，强化奖优罚劣。",
        ["要完善机制", "  建立年度评价机制", "  推进赛马比拼"],
    ),
    (
        "要推进文化建设，推动鲤脊石刻与柳湾古渡联合申遗取得实质性进展。",
        ["要推进文化建设", "  推动鲤脊石刻与柳湾古渡联合申遗取得实质性进展"],
    ),
    ("要着力以科技创新引领现代化产业体系建设，加强协同。", ["要着力以科技创新引领现代化产业体系建设"]),
    ("要防止松劲；要防止加码。", ["要防止松劲", "要防止加码"]),
    ("要深化改革，推进“三攻坚两提升”行动，释放活力。", ["要深化改革", "  推进“三攻坚两提升”行动"]),
    ("要压实责任，修订《临江区河道管理办法》。", ["要压实责任", "  修订《临江区河道管理办法》"]),
    ("必须守牢安全底线。", ["必须守牢安全底线"]),
    ("要按照“清单制+责任制”的方法，把任务列细，形成闭环。", ["要按照“清单制+责任制”的方法"]),
    ("各级各部门要迅速行动。", ["要迅速行动"]),
    (
        "要加快推进澜川至临江高铁、临江机场改扩建、龙头港二期等重大项目前期工作。",
        ["要加快推进澜川至临江高铁", "  临江机场改扩建", "  龙头港二期"],
    ),
    (
        "要加快补短板，推进临江医院、柳湾小学、北渡公园等项目建设，让群众得实惠。",
        ["要加快补短板", "  推进临江医院", "  柳湾小学", "  北渡公园"],
    ),
    ("要以人为本，一是加快养老设施建设，二是完善食堂布局。", ["要以人为本", "  加快养老设施建设", "  完善食堂布局"]),
    ("要深入学习贯彻党的二十大精神，全面落实部署。", ["要深入学习贯彻党的二十大精神"]),
    ("区领导要带头调研，解决问题。", ["要带头调研"]),
]


@pytest.mark.parametrize(("sentence", "expected"), SAID)
def test_what_is_asked_in_a_statement(sentence: str, expected: list[str]) -> None:
    text = f"沈怀舟说，{sentence}"
    rows = found_in(text, "沈怀舟")
    assert [told(text, row) for row in rows] == expected
    assert {(row.speaker, row.speaker_title) for row in rows} == {("沈怀舟", "区委书记")}
    assert all(row.responsible_bodies is None and row.deadline is None and row.target is None for row in rows)


NOTHING_IS_ASKED = [
    "过去一年，全区大力推进产业升级，着力优化营商环境，各项工作取得良好成效。",
    "龙头港铁路专用线已建成通车。",
    "要深刻理解把握高质量发展的重要意义，坚持“一盘棋”的明确要求。",
    "要准确把握目标定位，体现大担当。",
    "北渡大桥去年底建成。",
    "这项工作的重要性主要体现在三个方面。",
    "要说花钱，一盏灯一年的电费有限。",
    "如果要建设公园，得先听居民的意见。",
    "为了要建设码头，村民搬了两次家。",
    "会议将于3月5日举行。",
    "预计明天将有小雨。",
    "这座城市需要一座公园。",
    "全区加快建设美丽乡村，成绩来之不易。",
    "目前正在加快建设二期工程。",
    "12月20日前，工程已经完工。",
    "截至3月底前的统计，增长5%。",
    "消费者要求赔偿损失1万元。",
    "他就是要看看大家怎么干。",
    "项目何时完工？要加快建设吗？",
    "施工队没有在6月底前完工。",
    "项目建成后，将新增就业岗位500个。",
    "记者获悉，北渡大桥预计10月底前通车。",
    "该项目总投资5亿元，达产后年产值可达10亿元。",
    "我们将继续努力，为市民提供更好的服务。",
    "两个问题的答案，要到年底才能揭晓。",
    "本次活动将持续到3月底。",
    "公司表示，运费减幅达到7%。",
]


@pytest.mark.parametrize("sentence", NOTHING_IS_ASKED)
def test_reports_and_explanations_ask_nothing(sentence: str) -> None:
    assert found_in(sentence) == []


FIELDS: list[tuple[str, dict[str, Any]]] = [
    (
        "沈怀舟说，区交通局要在年底前建成3.2公里的龙头港铁路专用线。",
        {
            "task": "建成3.2公里的龙头港铁路专用线",
            "verb": "建成",
            "matter": "龙头港铁路专用线",
            "responsible_bodies": ("临江区交通局",),
            "deadline": date(2024, 12, 31),
            "deadline_precision": "year",
            "deadline_text": "年底前",
            "target": None,
            "domain": "transport",
        },
    ),
    (
        "沈怀舟说，力争新增规上企业15家。",
        {
            "verb": "力争新增",
            "matter": "规上企业",
            "target": "力争新增规上企业15家",
            "quantity": 15,
            "unit": "家",
            "modifier": "strive",
            "responsible_bodies": None,
            "deadline": None,
            "domain": "industry",
        },
    ),
    (
        "会议决定，由区水利局牵头，在明年3月底前完成排水管网普查。",
        {"responsible_bodies": ("临江区水利局",), "deadline": date(2025, 3, 31), "deadline_precision": "month"},
    ),
    (
        "会议决定，设立应急资金1亿元，由区财政局负责管理。",
        {"responsible_bodies": ("临江区财政局",), "quantity": 1e8, "unit": "元", "deadline": None},
    ),
    ("区发展改革委、区财政局要制定资金管理办法。", {"responsible_bodies": ("临江区发展改革委", "临江区财政局")}),
    ("区教委及有关部门要开展食堂检查。", {"responsible_bodies": ("临江区教委",)}),
    ("各镇街要建立任务台账。", {"responsible_bodies": None}),
    (
        "会议通过《临江区养老服务行动方案》，决定新增床位800个，由区教委牵头落实。",
        {"responsible_bodies": ("临江区教委",), "quantity": 800},
    ),
    (
        "会议要求，县应急管理局要牵头，会同区水利局开展水库巡查。",
        {"responsible_bodies": ("云岭县应急管理局",), "verb": "开展"},
    ),
    ("会议听取汇报，明确由区交通局负责，年底前完成北渡大桥验收。", {"responsible_bodies": ("临江区交通局",)}),
    ("通知要求，各乡镇要于5月20日前上报结果。", {"deadline": date(2024, 5, 20), "responsible_bodies": None}),
    ("会议决定成立工作专班。", {"verb": "成立", "matter": "工作专班", "speaker": None}),
    ("下一步，计划投资3.5亿元。", {"target": "投资3.5亿元", "quantity": 3.5e8}),
    ("区教委说，要建设柳湾小学。", {"responsible_bodies": None, "matter": "柳湾小学"}),
    ("区教委要会同江澜酱园集团办好青砚职业学校。", {"responsible_bodies": ("临江区教委",), "matter": "青砚职业学校"}),
    ("下一步，区交通局将推进断头路打通行动。", {"responsible_bodies": ("临江区交通局",), "verb": "推进"}),
    ("北渡大桥将于明年上半年开工。", {"deadline": date(2025, 6, 30), "deadline_precision": "half_year"}),
    ("要扎实做好2024年春运工作。", {"deadline": None, "deadline_text": None}),
    ("要尽快建成北渡大桥。", {"deadline": None, "deadline_precision": None}),
    ("要确保春节前发放补贴。", {"deadline": None, "deadline_precision": None}),
    ("要抓好三场攻坚战。", {"target": None, "quantity": None}),
    ("会议要求，区委督查室一周之内整改到位。", {"deadline": date(2024, 1, 30), "deadline_precision": "day"}),
    (
        "沈怀舟说，要加快区人民医院新院区建设。",
        {"responsible_bodies": None, "matter": "人民医院新院区", "domain": "health"},
    ),
]


@pytest.mark.parametrize(("text", "expected"), FIELDS)
def test_fields_of_a_task(text: str, expected: dict[str, Any]) -> None:
    rows = found_in(text, "沈怀舟" if text.startswith("沈") else None)
    assert len(rows) == 1, [told(text, row) for row in rows]
    assert {name: getattr(rows[0], name) for name in expected} == expected


def test_a_time_without_an_object_is_that_of_the_task_before() -> None:
    (row,) = found_in("会议要求，区教委要加快柳湾小学建设，确保8月底前投入使用。")
    assert (row.deadline, row.deadline_text, row.matter) == (date(2024, 8, 31), "8月底前", "柳湾小学")


def test_a_time_in_front_holds_for_what_follows_up_to_the_semicolon() -> None:
    rows = found_in("会议要求，区教委要在6月底前建成柳湾小学，新增学位600个；区水利局要完成北渡水库加固。")
    assert [row.deadline for row in rows] == [date(2024, 6, 30), date(2024, 6, 30), None]
    rows = found_in("方案提出，到2027年，建成青砚污水处理厂，新建管网40公里；建设北渡公园。")
    assert [row.deadline for row in rows] == [date(2027, 12, 31)] * 3


def test_two_times_are_two_tasks() -> None:
    text = "会议要求，力争9月底前完成架梁、11月底前完成铺轨。"
    rows = found_in(text)
    assert [(told(text, row).strip(), row.deadline) for row in rows] == [
        ("力争9月底前完成架梁", date(2024, 9, 30)),
        ("完成铺轨", date(2024, 11, 30)),
    ]


def test_who_leads_is_responsible_for_what_follows_and_not_who_helps() -> None:
    text = "沈怀舟说，要打好交通攻坚战，区交通局牵头，江澜酱园集团配合，年底前建成北渡大桥；要修好村道。"
    rows = found_in(text, "沈怀舟")
    assert [row.responsible_bodies for row in rows] == [None, ("临江区交通局",), None]


def test_vague_tasks_are_about_what_the_sentence_is_about() -> None:
    rows = found_in("会议要求，要推进龙头大道东延伸段建设，6月底前完成全部征地拆迁，年内完成投资4.8亿元。")
    assert [row.matter for row in rows] == ["龙头大道东延伸段"] * 3
    assert [row.quantity for row in rows] == [None, None, 4.8e8]


def test_a_second_time_is_about_the_thing_before() -> None:
    rows = found_in("会议明确，北岸物流基地2月底前签约、5月开工，石桥产业园3月底前签约、6月开工。")
    assert [(row.matter, row.deadline) for row in rows] == [
        ("北岸物流基地", date(2024, 2, 29)),
        ("北岸物流基地", date(2024, 5, 31)),
        ("石桥产业园", date(2024, 3, 31)),
        ("石桥产业园", date(2024, 6, 30)),
    ]


def test_a_plan_looked_back_on_is_no_deadline() -> None:
    (row,) = found_in("沈怀舟说，要总结“十四五”期间老旧小区改造的经验。", "沈怀舟")
    assert (row.deadline, row.deadline_text) == (None, None)
    (row,) = found_in("会议要求，“十五五”期间要建成北渡大桥。")
    assert (row.task, row.deadline, row.matter) == ("建成北渡大桥", date(2030, 12, 31), "北渡大桥")


def test_about_a_day_is_no_day_by_which() -> None:
    (row,) = found_in("会议要求，要加快建设北渡大桥，6月30日前后建成通车。")
    assert (row.task, row.deadline, row.deadline_text) == ("加快建设北渡大桥", None, "6月30日前后")


def test_an_aim_behind_what_a_district_is_to_do() -> None:
    (row,) = found_in("临江高新区要在数字经济上率先突破，三年内培育规上企业50家。")
    assert (row.task, row.deadline, row.quantity) == ("培育规上企业50家", date(2027, 1, 23), 50)


def test_without_a_day_to_reckon_from_only_full_dates_are_known() -> None:
    rows = found_in("会议要求，要年底前建成北渡大桥，2026年6月底前建成柳湾大桥。", day=None)
    assert [(row.deadline, row.deadline_precision, row.deadline_text) for row in rows] == [
        (None, None, "年底前"),
        (date(2026, 6, 30), "month", "2026年6月底前"),
    ]


ENGLISH = [
    ("The county must finish the Beishan bridge by the end of June, officials said.", "finish the Beishan bridge by the end of June", date(2024, 6, 30), "beishan bridge"),
    ("Mayor Lin ordered the water bureau to repair the dikes before Sept. 1.", "repair the dikes before Sept. 1", date(2024, 9, 1), "dikes"),
    ("Linjiang will build three public kindergartens by 2026.", "build three public kindergartens by 2026", date(2026, 12, 31), "public kindergartens"),
    ("The bridge must be completed within two years.", "The bridge must be completed within two years", date(2026, 1, 23), "bridge"),
    ("The list opens with a rail spur that will link the port to the network by 2026.", "link the port to the network by 2026", date(2026, 12, 31), "rail spur"),
    ("The new hospital will open next year.", "The new hospital will open next year", date(2025, 12, 31), "hospital"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "deadline", "matter"), ENGLISH)
def test_english(text: str, words: str, deadline: date, matter: str) -> None:
    (row,) = found_in(text, language="en")
    assert (text[row.start : row.end], row.deadline, row.matter) == (words, deadline, matter)
    assert row.responsible_bodies is None
    assert row.speaker is None


@pytest.mark.parametrize(
    "text",
    ["It will rain tomorrow.", "You must have seen it.", "The spur opened on Dec. 20.", "He told them a story.", "",
     "The league will not build on that.", "They must not say so."],
)  # fmt: skip
def test_english_that_asks_nothing(text: str) -> None:
    assert found_in(text, language="en") == []


PIECES = st.sampled_from(
    ["要", "着力", "加快建设", "龙头港铁路专用线", "区交通局", "，", "。", "、", "；", "“", "”", "《", "》", "（", "）", "年底前", "6月底前",
     "等", "项目", "将", "力争", "新增", "15家", "和", "\n", "由", "牵头", "负责", "责任单位：", "会议要求", "一、", "完成时限：2026年6月底", "1.", "\n2.", "保障措施", "投入使用", "确保",
     "到2027年", "临江综保区", "把", "已", "了", "建成", " ", "3.2公里的", "通知", "：", "？", "二", "推动", "取得进展"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join), st.booleans(), st.sampled_from([DAY, None]))
def test_any_text_gives_rows_that_hold(text: str, is_said: bool, day: date | None) -> None:
    rows = found_in(text, "沈怀舟" if is_said and "，" in text[:-1] else None, day=day)
    spans = {(row.start, row.end) for row in rows}
    reached = 0
    for row in rows:
        assert row.start >= reached, "rows overlap"
        reached = row.end
        assert row.parent is None or row.parent in spans
        assert row.task
        assert row.verb
        assert (row.deadline is None) == (row.deadline_precision is None)
        assert row.deadline is None or row.deadline_text in text
        assert row.target is None or row.target in text
        assert row.quantity is None or row.target is not None
        assert 0 <= row.confidence <= 1
        assert set(row.responsible_bodies or ()) <= set(BODIES.values())


@pytest.mark.parametrize(
    "piece",
    ["要加快建设龙头港铁路专用线、", "要", "“", "《要", "会议要求，", "年底前", "将于", "建设", "责任单位：区教委，"],
)
def test_a_very_long_line_is_read_in_a_moment(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    found_in(text)
    assert time.process_time() - started < 6


@pytest.mark.parametrize("name", ["directive_verbs", "domains", "project_nouns"])
def test_lists_have_kinds_and_no_word_twice_in_one(name: str) -> None:
    by_kind: dict[str, list[str]] = {}
    for line in reference_lines(name):
        kind, _, words = line.partition(":")
        by_kind.setdefault(kind, []).extend(words.split())
    assert all(by_kind.values())
    repeated = {kind: sorted({word for word in words if words.count(word) > 1}) for kind, words in by_kind.items()}
    assert not any(repeated.values()), repeated
