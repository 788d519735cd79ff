"""People with their titles and bodies, and journalists."""

from __future__ import annotations

import pytest

from mentioned import mentions, people


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("区委书记王志强参加会议。", [("区委书记", "王志强")]),
        ("区委副书记、区政府区长刘忠文主持会议。", [("区委副书记、区政府区长", "刘忠文")]),
        ("市长 张三强说，要抓紧。", [("市长", "张三强")]),
        ("主任李四在会上表示，任务很重。", [("主任", "李四")]),
        ("王志强书记指出，要抓落实。", [("书记", "王志强")]),
        ("县发展改革委主任赵文海到会。", [("县发展改革委主任", "赵文海")]),
        ("会见了来访的市应急管理局局长陈晓丽。", [("市应急管理局局长", "陈晓丽")]),
        ("欧阳明华区长要求立即整改。", [("区长", "欧阳明华")]),
        ("副县长黄玉林、何建波、徐瑛参加。", [("副县长", "黄玉林"), ("副县长", "何建波"), ("副县长", "徐瑛")]),
        ("区委常委、组织部部长周海涛，副区长林晓梅出席。", [("区委常委、组织部部长", "周海涛"), ("副区长", "林晓梅")]),
        ("深入学习贯彻习近平总书记重要讲话精神。", [("总书记", "习近平")]),
        ("临江区委书记沈怀舟宣布开工。", [("临江区委书记", "沈怀舟")]),
        ("市发展改革委铁路处处长赵守义说。", [("市发展改革委铁路处处长", "赵守义")]),
        ("恒舟物流总经理段立群算了一笔账。", [("恒舟物流总经理", "段立群")]),
        ("荔溪乡双河口村党支部书记秦晚霞带头签字。", [("荔溪乡双河口村党支部书记", "秦晚霞")]),
        ("团区委书记陈雨桐讲话。", [("团区委书记", "陈雨桐")]),
        ("退休教师宋淑云拿着放大镜看合同。", [("退休教师", "宋淑云")]),
        ("区领导韩若川、方仲平、卢嘉木参加。", [("区领导", "韩若川"), ("区领导", "方仲平"), ("区领导", "卢嘉木")]),
    ],
)
def test_people_with_titles(text: str, expected: list[tuple[str, str]]) -> None:
    assert people(text) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("区长刘忠主持会议。", "刘忠"),
        ("区长刘忠文主持会议。", "刘忠文"),
        ("区长李志强调，要抓落实。", "李志"),
        ("区政协主席杜清和，区委副书记参加。", "杜清和"),
        ("区政协主席杜清和有关负责人参加。", "杜清"),
        ("秘书长崔永年介绍了情况。", "崔永年"),
        ("镇党委书记林致和介绍，荷塘扩大了一倍。", "林致和"),
        ("局长苏和率队调研。", "苏和"),
        ("队长向南星在这里坐了九年。", "向南星"),
        ("主任上官云珠到场。", "上官云珠"),
        ("局长魏然。", "魏然"),
        ("局长高阳说，路通了。", "高阳"),
        ("副局长黄玉林到场。", "黄玉林"),
    ],
)
def test_where_a_name_ends(text: str, name: str) -> None:
    assert [found for _, found in people(text)] == [name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("美国总统梅里·韦斯到访。", [("美国总统", "梅里·韦斯")]),
        ("村支书阿不都热依木·艾山说，路通了。", [("村支书", "阿不都热依木·艾山")]),
        ("买买提·吐尔逊在田里忙碌。", []),
        ("德国总理默克尔访问了澜川市。", [("德国总理", "默克尔")]),
    ],
)
def test_foreign_and_minority_names(text: str, expected: list[tuple[str, str]]) -> None:
    assert people(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "书记强调，要抓落实。",
        "主任会议听取了汇报。",
        "市长热线接到来电。",
        "全区长期坚持绿色发展。",
        "王书记说，大家辛苦了。",
        "武汉市长江大桥通车。",
        "谢谢主任。",
        "书记和区长一起调研。",
        "主席团成员就座。",
        "本报记者 王志强 通讯员 李明华",
        "局长于上午到达现场。",
        "厂长方面没有回应。",
        "各位家长强烈支持。",
        "区领导高度重视这项工作。",
        "学校领导严令禁止燃放烟花。",
        "镇上共领了31项子任务。",
        "武广高铁广州长沙段开通。",
        "读了《沈怀舟文集》一书。",
        "",
        "没有人名的一段话。",
    ],
)
def test_nobody(text: str) -> None:
    assert people(text) == []


def test_titles_are_filled_in_where_a_name_comes_again() -> None:
    text = "区委书记王志强讲话。\n王志强说，要快。刘忠区长主持。会后刘忠到现场。\n记者 王志强"
    rows = mentions(text, "person", "journalist")
    assert [(row["sentence_no"], row["text"], row["title"], row["name"]) for row in rows] == [
        (0, "区委书记王志强", "区委书记", "王志强"),
        (1, "王志强", "区委书记", "王志强"),
        (2, "刘忠区长", "区长", "刘忠"),
        (3, "刘忠", "区长", "刘忠"),
        (4, "王志强", None, "王志强"),
    ]
    assert rows[0]["entity_id"] == rows[1]["entity_id"] != rows[4]["entity_id"]


def test_the_title_given_first_holds_for_a_bare_name() -> None:
    text = "陆明达参加座谈。县委书记陆明达讲话。局长陆明达补充。陆明达说完就走。"
    assert [title for title, _ in people(text)] == ["县委书记", "县委书记", "局长", "县委书记"]


def test_a_family_name_with_a_title_is_the_one_person_who_fits() -> None:
    found = mentions("区委书记沈怀舟到场。沈书记说，要快。王书记没有来。", "person")
    assert [(row["text"], row["name"], row["resolved_name"], row["title"]) for row in found] == [
        ("区委书记沈怀舟", "沈怀舟", None, "区委书记"),
        ("沈书记", "沈", "沈怀舟", "书记"),
    ]
    assert found[0]["entity_id"] == found[1]["entity_id"]
    assert people("区委书记沈怀舟、镇党委书记沈青到场。沈书记说，要快。")[2:] == []


def test_names_without_a_title_stand_before_what_only_people_do() -> None:
    assert people("宋淑云说，水压够了。") == [(None, "宋淑云")]
    assert people("何立山、穆青禾、贾文澜出席座谈会。") == [(None, "何立山"), (None, "穆青禾"), (None, "贾文澜")]
    assert people("沈怀舟、罗一川等区领导参加。") == [(None, "沈怀舟"), (None, "罗一川")]
    assert people("他的妻子罗晓雯在镇上教书。") == [(None, "罗晓雯")]
    assert people("方面说法不一，高度重视，安全表示。") == []


def test_a_name_within_a_longer_word_is_not_repeated() -> None:
    assert people("局长高原讲话。青藏高原气候多变。") in ([("局长", "高原")], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("本报讯（记者 魏然 孔怡）区里开会。", ["魏然", "孔怡"]),
        ("（记者魏然、孔怡 通讯员林栀）区里开会。", ["魏然", "孔怡", "林栀"]),
        ("会议现场 本报记者 白露 摄", ["白露"]),
        ("会议现场。江远帆 摄", ["江远帆"]),
        ("编辑：夏禾 责编：康宁", ["夏禾", "康宁"]),
        ("（记者 吴 芳）", ["吴 芳"]),
        ("记者了解到，工程已经完工。记者从区交通局获悉。", []),
        ("有记者向厂长提问。编辑部设在镇上。", []),
        ("报社总编辑吕岩峰到会。", []),
    ],
)
def test_journalists(text: str, expected: list[str]) -> None:
    found = mentions(text, "journalist")
    assert [row["name"] for row in found] == expected
    assert [row["resolved_name"] for row in found] == ["吴芳" if " " in name else None for name in expected]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("区委书记沈怀舟讲话。", "涪陵区委"),
        ("区委副书记、区政府区长刘忠文主持。", "涪陵区委、涪陵区政府"),
        ("区委副书记、区长刘忠文主持。", "涪陵区委、涪陵区政府"),
        ("区委常委、组织部部长周海涛参加。", "涪陵区委、涪陵区委组织部"),
        ("区交通局党组书记、局长项维之参加。", "涪陵区交通局"),
        ("区人大常委会主任何乾安参加。", "涪陵区人大常委会"),
        ("市委副书记梁启恒参加。", "重庆市委"),
        ("县委书记莫远山参加。", None),
        ("局长罗振岳参加。", None),
        ("青禾集团董事长单文柏参加。", "青禾集团"),
    ],
)
def test_the_body_of_an_office(text: str, body: str | None) -> None:
    found = mentions(text, "person", source_name="涪陵区融媒体中心")
    assert [row["body"] for row in found] == [body]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mayor Jane Smith opened the park.", [("Mayor", "Jane Smith")]),
        ("Deputy Prime Minister Anna van Dyke spoke.", [("Deputy Prime Minister", "Anna van Dyke")]),
        ("Jane Smith, chief executive of Acme Steel, spoke.", [("chief executive of Acme Steel", "Jane Smith")]),
        ("Tom B. Hill, the mayor, left. Tom B. Hill came back.", [("mayor", "Tom B. Hill"), ("mayor", "Tom B. Hill")]),
        ('"It works," said farmer Song Shuyun.', [("farmer", "Song Shuyun")]),
        ("Fire Chief Mo Yuan said so.", [("Fire Chief", "Mo Yuan")]),
        (
            "Lu Mingda, head of the district government, spoke.",
            [("head of the district government", "Lu Mingda")],
        ),
        ("President Smith left for London.", []),
        ("The director of the museum spoke.", []),
    ],
)
def test_english(text: str, expected: list[tuple[str | None, str]]) -> None:
    assert people(text, "en") == expected
