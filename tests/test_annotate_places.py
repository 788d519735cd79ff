"""Places and the division an article is about."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotated import article_of, found_up_to
from newslake.annotate.article import Mention
from newslake.annotate.places.divisions import by_name, divisions, short_form


def places(text: str, **about: str | None) -> list[Mention]:
    return found_up_to("find_works", article_of(text, **about)).of_kind("place")  # type: ignore[arg-type]


def about(text: str, **fields: str | None) -> str | None:
    return found_up_to("find_places", article_of(text, **fields)).jurisdiction  # type: ignore[arg-type]


def test_the_list_leads_from_provinces_down_to_districts() -> None:
    paths = {one.path: one.level for one in divisions()}
    assert paths["重庆市"] == "province"
    assert paths["重庆市/涪陵区"] == "district"
    assert paths["四川省/成都市"] == "city"
    assert paths["四川省/成都市/武侯区"] == "district"
    assert paths["湖北省/神农架林区"] == "district"
    assert len(by_name()["鼓楼区"]) > 2
    assert not any("市辖区" in path for path in paths)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("西藏自治区", "西藏"),
        ("湘西土家族苗族自治州", "湘西"),
        ("彭水苗族土家族自治县", "彭水"),
        ("浦东新区", "浦东"),
        ("矿区", "矿区"),
    ],
)
def test_short_forms(name: str, short: str) -> None:
    assert short_form(name) == short


def test_one_place_is_one_entity_under_all_its_names() -> None:
    found = places("重庆市涪陵区今年开工三座大桥。涪陵的桥多了起来，在重庆各区县中不算少。")
    assert [(one.name, one.resolved_name, one.division, one.level) for one in found] == [
        ("重庆市", "重庆市", "重庆市", "province"),
        ("涪陵区", "涪陵区", "重庆市/涪陵区", "district"),
        ("涪陵", "涪陵区", "重庆市/涪陵区", "district"),
        ("重庆", "重庆市", "重庆市", "province"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "老人健康长寿，孩子平安快乐。",
        "全区上下、我市各镇街要把园区和社区建好，乡村更美。",
        "加大连接力度，推进沧海桑田般的变化。",
        "东南通道打通之后，创新乡村治理。",
    ],
)
def test_common_and_relative_words_are_no_places(text: str) -> None:
    assert places(text) == []


def test_a_shared_name_is_known_by_what_stands_above() -> None:
    assert [one.division for one in places("记者来到南京市鼓楼区。")] == ["江苏省/南京市", "江苏省/南京市/鼓楼区"]
    assert [one.division for one in places("记者来到鼓楼区。")] == [None]


def test_the_kind_that_begins_the_next_word_stays_outside() -> None:
    assert [one.name for one in places("记者在成都市区看到，成都市民早早出门。")] == ["成都", "成都"]


def test_places_no_list_has() -> None:
    found = places(
        "澜川市临江区北渡镇柳湾村的荷花开了。记者走进石滩镇，在望江社区歇脚。", source_name="临江区融媒体中心"
    )
    assert [(one.name, one.division, one.level) for one in found] == [
        ("澜川市", "澜川市", "city"),
        ("临江区", "澜川市/临江区", "district"),
        ("北渡镇", "澜川市/临江区/北渡镇", "town"),
        ("柳湾村", "澜川市/临江区/北渡镇/柳湾村", "village"),
        ("石滩镇", "澜川市/临江区/石滩镇", "town"),
        ("望江社区", "澜川市/临江区/望江社区", "village"),
    ]


def test_regions_are_places_without_a_level() -> None:
    found = places("推动成渝地区和长江经济带发展。")
    assert [(one.name, one.level, one.division) for one in found] == [
        ("成渝地区", None, None),
        ("长江经济带", None, None),
    ]


def test_places_inside_names_of_bodies_and_works_are_not_marked() -> None:
    text = "临江区委、临江区人民政府印发《临江区水利规划》，临江区农业农村局解读。临江区下了雨。"
    found = places(text, source_name="临江区融媒体中心")
    assert [(one.name, one.start) for one in found] == [("临江区", text.index("临江区下了雨"))]


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("会议部署了工作。", {"source_name": "涪陵区融媒体中心"}, "重庆市/涪陵区"),
        ("会议部署了工作。", {"source_name": "临江区融媒体中心"}, "临江区"),
        ("涪陵网讯（记者 秦小渔）涪陵下了一场雨。", {}, "重庆市/涪陵区"),
        ("临江区昨天下雨。澜川市临江区的河水涨了。", {"title": "临江区下雨"}, "澜川市/临江区"),
        ("临江区昨天开会。", {"source_name": "澜川日报", "title": "临江区部署春耕"}, "临江区"),
        ("全市昨天开会。市委书记讲话。", {"source_name": "澜川日报"}, "澜川市"),
        ("临江区、清河县、望海区都下了雨，澜川市全市下雨。", {"source_name": "澜川市融媒体中心"}, "澜川市"),
        ("新华社北京2月19日电 专家谈健康。", {"source_name": "新华社"}, None),
        ("专家谈健康。", {"source_name": "北京日报"}, None),
        ("专家谈健康。", {}, None),
    ],
)
def test_jurisdiction(text: str, fields: dict[str, str], expected: str | None) -> None:
    assert about(text, **fields) == expected


def test_english_places() -> None:
    found = places(
        "QINGHE, July 9 -- Qinghe County moved people to Qingyan Town. Qinghe County is safe.", language="en"
    )
    assert [(one.name, one.resolved_name, one.level) for one in found] == [
        ("QINGHE", "Qinghe County", "district"),
        ("Qinghe County", "Qinghe County", "district"),
        ("Qingyan Town", "Qingyan Town", "town"),
        ("Qinghe County", "Qinghe County", "district"),
    ]


PIECES = st.sampled_from(
    [
        "临江区",
        "涪陵",
        "重庆市",
        "成渝地区",
        "在",
        "北渡镇",
        "，",
        "。",
        "\n",
        "全区",
        "朝阳",
        "鼓楼区",
        "市场",
        "县",
        "镇",
        "村",
        "讯",
        "A",
        "𠮷",
        " ",
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(PIECES, min_size=1, max_size=30).map("".join).filter(lambda text: bool(text.strip())),
    st.sampled_from([None, "临江区融媒体中心", "涪陵日报"]),
)
def test_spans_are_the_names(text: str, source: str | None) -> None:
    for one in places(text, source_name=source):
        assert text[one.start : one.end] == one.name


def test_a_very_long_line_takes_linear_time() -> None:
    article = article_of("临江区北渡镇下雨，" * 20_000)
    start = time.process_time()
    found_up_to("find_places", article)
    assert time.process_time() - start < 6


def test_a_title_longer_than_the_text_is_read_like_any() -> None:
    title = "记者一行近日冒雨翻越山岭徒步前往海拔最高处探访远山镇的生活"
    assert places("今年丰收。", title=title) == []
    assert [one.name for one in places("临江区今年丰收。", title="临江区" + title)] == ["临江区"]
