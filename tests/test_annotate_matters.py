from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.annotate.directives.domains import domain_of
from newslake.annotate.matters import is_vague, matter

HERE = "澜川市/临江区"

SAME = [
    ("龙头港铁路专用线", [
        "加快建设龙头港铁路专用线", "要加快建设龙头港铁路专用线等通道项目", "龙头港铁路专用线建成通车", "建成3.2公里的龙头港铁路专用线",
        "全长3.2公里的龙头港铁路专用线正式开通运营", "龙头港铁路专用线12月20日正式开通", "龙头港铁路专用线路基工程完成42%",
        "龙头港铁路专用线铺轨过半", "力争年底前完成龙头港铁路专用线建设", "确保龙头港铁路专用线年内建成", "龙头港铁路专用线项目",
    ]),
    ("老旧小区", ["改造老旧小区42个", "42个老旧小区改造全部完工", "要把老旧小区改造作为头号民生工程", "老旧小区改造完工36个", "再改造老旧小区36个"]),
    ("污水管网", ["新建改造污水管网58公里", "污水管网完成27.4公里", "新建改造污水管网46.1公里"]),
    ("人民医院新院区", [
        "加快区人民医院新院区建设", "区人民医院新院区主体结构已于6月20日封顶", "将区人民医院新院区投入使用", "临江区人民医院新院区投用",
        "澜川市临江区人民医院新院区建成",
    ]),
    ("鲤脊石刻保护中心", ["在10月1日前建成开放鲤脊石刻保护中心", "鲤脊石刻保护中心9月28日开放", "鲤脊石刻保护中心完成展厅布展方案审查"]),
    ("一件事应用", ["上线“一件事”应用12个", "“一件事”应用上线9个", "“一件事”应用只上线1个"]),
    ("公办幼儿园", ["新建成公办幼儿园3所", "3所公办幼儿园全部完成主体工程"]),
    ("云岭隧道", ["10月底前打通云岭隧道", "云岭隧道贯通", "云岭隧道全线贯通"]),
    ("酱菜全产业链产值", ["推动酱菜全产业链产值突破60亿元", "酱菜全产业链产值44.7亿元"]),
    ("现代化产业体系", ["要着力以科技创新引领现代化产业体系建设"]),
    ("城市更新", ["在城市更新上下功夫"]),
    ("鲤脊石刻与柳湾古渡联合申遗", ["推动鲤脊石刻与柳湾古渡联合申遗取得实质性进展"]),
    ("城乡供水一体化", ["要推进全区城乡供水一体化工程"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "words"), [(name, words) for name, listed in SAME for words in listed])
def test_setting_and_reporting_are_about_the_same(name: str, words: str) -> None:
    assert matter(words, HERE) == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("做强临江综保区", "临江综保区"),
        ("建设服务中心", "服务中心"),
        ("修订保护条例", "保护条例"),
        ("加快建设改革开放高地", "改革开放高地"),
        ("强化城市基本运行保障体系", "城市基本运行保障体系"),
        ("健全生态产品价值实现机制", "生态产品价值实现机制"),
        ("按照“清单制＋责任制＋销号制”的工作方法", "清单制＋责任制＋销号制的工作方法"),
        ("推进和平路改造", "和平路"),
        ("认真总结今年的做法", "总结今年的做法"),
        ("启动“名医下乡”行动", "名医下乡"),
        ("对入库企业逐户走访", "入库企业"),
        ("扩大高水平对外开放", "对外开放"),
    ],
)
def test_names_stay_whole(words: str, name: str) -> None:
    assert matter(words, HERE) == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("build the Beishan rail spur by 2026", "beishan rail spur"),
        ("The Beishan rail spur opened in May", "beishan rail spur"),
        ("complete construction of a 3.2-kilometer rail spur", "rail spur"),
        ("three public kindergartens", "public kindergartens"),
        ("open", "open"),
    ],
)
def test_english(words: str, name: str) -> None:
    assert matter(words, None) == name


def test_only_its_own_division_is_left_out() -> None:
    assert matter("临江区体育馆建成", None) == "临江区体育馆"
    assert matter("临江区体育馆建成", HERE) == "体育馆"
    assert matter("云岭县体育馆建成", HERE) == "云岭县体育馆"


def test_what_says_nothing_by_itself() -> None:
    assert all(
        map(is_vague, ("投资", "主体结构", "征地拆迁", "26.", "", "基础上", "年底前", "在3", "份完成", "零时前"))
    )
    assert not any(map(is_vague, ("学位", "龙头港铁路专用线")))


@pytest.mark.parametrize(
    ("task", "domain"),
    [
        ("加快建设龙头港铁路专用线", "transport"),
        ("改造老旧小区42个", "urban"),
        ("新增学前教育学位2400个", "education"),
        ("建设医共体", "health"),
        ("整治入河排污口", "environment"),
        ("深化“一件事”应用", "digital"),
        ("抓好消防安全", "safety"),
        ("renovate 42 housing estates", "urban"),
        ("抓好落实", None),
        ("建设学校和医院", None),
        ("", None),
    ],
)
def test_domains(task: str, domain: str | None) -> None:
    assert domain_of(task) == domain


NAMES = st.sampled_from(
    [
        "白鹭湾大桥",
        "向阳小区",
        "再生水厂",
        "于家沟水库",
        "绿道",
        "2号桥",
        "3号桥",
        "白鹭湾大桥一期",
        "白鹭湾大桥二期",
        "将军山隧道",
        "从化大道",
        "沿江大道",
        "和平路",
        "团结水库",
        "研发中心",
        "110千伏变电站",
        "5G基站",
        "第三中学",
        "一号线",
        "正阳小区",
        "信达小区",
        "对山镇卫生院",
        "为民服务中心",
        "给水管网",
        "都市产业园",
        "龙溪公路",
        "318国道",
        "高等职业学院",
        "创新大道",
        "自由贸易试验区",
        "向东渠",
        "要塞公园",
        "市民广场",
        "区块链产业园",
        "科学城",
        "并网电站",
    ]
)
VERBS = [
    "建设",
    "加快建设",
    "要加快建设",
    "推进",
    "全力推进",
    "新建",
    "改造",
    "修复",
    "建成",
    "启动",
    "取消",
    "力争年底前建成",
    "要在6月底前完成",
    "确保",
    "用三年时间建成",
    "抓紧实施",
    "比原计划提前三个月建成",
    "在2026年底前开工建设",
    "二〇二七年底前建成",
    "总投资3亿元的",
]
REPORTS = [
    "建成通车",
    "全线贯通",
    "建成投用",
    "改造全部完工",
    "已于6月20日通过竣工验收",
    "正式开工建设",
    "完成投资3亿元",
    "累计完成投资70%",
    "主体封顶",
    "项目顺利完工",
    "建设如期完成",
    "正式启用",
    "工程正式竣工",
    "相继建成",
    "并投入使用",
    "路面施工过半",
]


@settings(max_examples=400)
@given(
    NAMES, st.sampled_from(VERBS), st.sampled_from(["", "建设", "项目", "项目建设", "等项目"]), st.sampled_from(REPORTS)
)
def test_a_task_and_its_report_have_one_key_which_is_the_name(name: str, verb: str, tail: str, report: str) -> None:
    assert matter(verb + name + tail, HERE) == name
    assert matter(name + report, HERE) == name
    assert matter("区政府宣布" + name + report, HERE) == name
    assert matter(name, HERE) == name


@pytest.mark.parametrize("words", [
    "在巩固提升基础上", "力争年底前实现全覆盖", "三月底前", "稳定在310万亩以上", "向市交通局争取资金5000万元", "比原计划提前三个月",
    "照去年做法", "5月份完成改造", "零时前完成", "认真总结", "十二月底前完成整改", "6月30日前后建成通车", "完成投资50亿元", "加快建设",
    "全区新", "由2026年底调整为2027年6月底",
])  # fmt: skip
def test_what_is_no_name_is_no_matter(words: str) -> None:
    assert matter(words, HERE) == ""


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("全区新建成幼儿园3所", "幼儿园"),
        ("1所幼儿园建成投用", "幼儿园"),
        ("白鹭湾大桥第2期工程建成通车", "白鹭湾大桥二期"),
        ("白鹭湾大桥主塔封顶", "白鹭湾大桥"),
        ("决定取消柳湾文化广场建设项目", "柳湾文化广场"),
        ("不再实施柳湾文化广场建设", "柳湾文化广场"),
        ("将白鹭湾大桥列为重点", "白鹭湾大桥"),
        ("优化产业布局", "产业布局"),
        ("推进基本公共服务均等化", "基本公共服务均等化"),
        ("白鹭湾大桥建成通车时间由2026年底调整为2027年6月底", "白鹭湾大桥"),
    ],
)
def test_what_stands_around_a_name_is_taken_off(words: str, name: str) -> None:
    assert matter(words, HERE) == name


@given(
    st.text(alphabet="要加快建设改造龙头港区的年底前3.2公里个“”、，与和等项目建成 ab", min_size=1, max_size=40),
    st.sampled_from([HERE, None]),
)
def test_any_words_give_a_matter(words: str, jurisdiction: str | None) -> None:
    name = matter(words, jurisdiction)
    assert not name or not is_vague(name)
    assert matter(words, jurisdiction) == name


@pytest.mark.parametrize("piece", ["建设", "围绕", "3", "年底前", "和", "项目", "“", "a ", "、"])
def test_a_very_long_line_is_read_in_a_moment(piece: str) -> None:
    started = time.process_time()
    matter(piece * (200_000 // len(piece)), HERE)
    assert time.process_time() - started < 2
