"""Organisations, and the divisions that they belong to."""

from __future__ import annotations

import pytest

from mentioned import bodies, mentions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "区发展改革委、区交通局、区农业农村委、青禾集团、万卷新材料科技公司作交流发言。",
            ["区发展改革委", "区交通局", "区农业农村委", "青禾集团", "万卷新材料科技公司"],
        ),
        ("区委、区政府高度重视。", ["区委", "区政府"]),
        ("区委督查室、区政府督查室要联合建账。", ["区委督查室", "区政府督查室"]),
        ("市人大常委会、市政协有关领导参加。", ["市人大常委会", "市政协"]),
        ("活动由望海区体育发展中心承办。", ["望海区体育发展中心"]),
        ("青砚镇政府和白鹭街道办事处正在核查。", ["青砚镇政府", "白鹭街道办事处"]),
        ("澜川大学公共管理学院的师生来了。", ["澜川大学公共管理学院"]),
        ("南浦市公安局交通警察支队发布通告。", ["南浦市公安局交通警察支队"]),
        ("区财政局会同澜江酱园集团推进。", ["区财政局", "澜江酱园集团"]),
        ("国务院、国家发展改革委印发通知。", ["国务院", "国家发展改革委"]),
        ("贯彻党中央、国务院决策部署。", ["党中央", "国务院"]),
        ("记者从区应急管理局负责人处获悉。", ["区应急管理局"]),
    ],
)
def test_bodies(text: str, expected: list[str]) -> None:
    assert bodies(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "区级各部门、有关单位、各镇街主要负责人参加。",
        "区委各部委主要负责人参加。",
        "推进会在主会场召开，工作推进大会精神得到传达。",
        "中共澜川市委六届七次全会举行。",
        "举行区人大常委会第二十四次会议。",
        "多家上市公司、民营医院和有关企业集团到会。",
        "区委书记沈怀舟讲话。",
        "学会了新技术的大学生回到村里。",
        "深入学习《国务院关于安全生产工作的决定》。",
        "临江区和望海区山水相连。",
        "国家紧密型城市医疗集团试点建设。",
        "应急管理部门要加强值守。",
        "景区管理有序，社区卫生整洁。",
        "望海日报讯（记者 童谣）机组下线。",
        "构建区域城乡空间布局，打开县域发展新局面。",
    ],
)
def test_no_body(text: str) -> None:
    assert bodies(text) == []


def test_bodies_are_those_of_the_division_that_the_article_is_about() -> None:
    text = "涪陵区发展改革委牵头。区交通局配合。市委要求加快。太极集团参加。国务院批复。县委没有参加。"
    found = mentions(text, "organisation", source_name="涪陵区融媒体中心")
    assert [(row["text"], row["resolved_name"], row["division"], row["level"]) for row in found] == [
        ("涪陵区发展改革委", "涪陵区发展改革委", "重庆市/涪陵区", "district"),
        ("区交通局", "涪陵区交通局", "重庆市/涪陵区", "district"),
        ("市委", "重庆市委", "重庆市", "province"),
        ("太极集团", "太极集团", None, None),
        ("国务院", "国务院", None, "nation"),
        ("县委", None, None, None),
    ]


def test_english_bodies() -> None:
    text = "The Linjiang District Health Bureau and Qingyan No. 2 Middle School agreed. A school opened."
    found = mentions(text, "organisation", language="en")
    assert [row["text"] for row in found] == ["Linjiang District Health Bureau", "Qingyan No. 2 Middle School"]
