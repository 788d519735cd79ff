"""Glosses: those of mirror pages go, genuine readings stay."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from newslake.clean.glosses import strip_glosses
from newslake.clean.readings import first_reading

MIRRORED = (
    "城北區(qū)昨天召開產(chǎn)業(yè)發(fā)展會議,區(qū)長說,經(jīng)濟(jì)發(fā)展要靠產(chǎn)業(yè)。\n"
    "各鄉(xiāng)要把農(nóng)業(yè)辦好,區(qū)里的經(jīng)濟(jì)部門要到鄉(xiāng)下去。"
)
UNGLOSSED = "城北區昨天召開產業發展會議,區長說,經濟發展要靠產業。\n各鄉要把農業辦好,區里的經濟部門要到鄉下去。"


def outcome(text):
    """The text without its glosses, and how many edits made it."""
    repaired = strip_glosses(text)
    return repaired.text, len(repaired.edits)


def test_every_gloss_of_a_mirror_page_goes():
    assert outcome(MIRRORED) == (UNGLOSSED, MIRRORED.count("("))


def test_fullwidth_parentheses_count_alike():
    wide = MIRRORED.replace("(", "（").replace(")", "）")
    assert outcome(wide) == (UNGLOSSED, MIRRORED.count("("))


def test_toneless_glosses_are_readings_too():
    toneless = MIRRORED.translate(str.maketrans("āūǎèīìé", "auaeiie"))
    assert strip_glosses(toneless)[0] == UNGLOSSED


def test_a_lost_character_of_a_mirror_page_stays_visible():
    assert strip_glosses(MIRRORED + "\n他?shí)驗")[0].endswith("他\ufffd驗")


def test_a_common_character_glossed_throughout_a_mirror_page_is_cleared():
    assert strip_glosses(MIRRORED + "\n看著(zhe)辦")[0].endswith("看著辦")


def test_abbreviations_on_a_mirror_page_stay():
    assert strip_glosses(MIRRORED + "\n新區(cbd)開工")[0].endswith("新區(cbd)開工")


@pytest.mark.parametrize(
    "text",
    [
        "我(wǒ)們(men)學(xué)習(xí)漢(hàn)語(yǔ)，我(wǒ)很(hěn)高(gāo)興(xìng)，你(nǐ)呢(ne)？",
        "龜(guī)：爬行動物。\n鬱(yù)：愁悶。\n竈(zào)：煮飯處。\n鑿(záo)：打孔。\n鐵(tiě)：金屬。\n鹽(yán)：調味品。",
        "作家龔(gōng)先生說，這個字讀作龔，很多人讀錯。",
        "區(app)業(cbd)發(gdp)經(vip)產(ceo)鄉(abc)農(xyz)",
        "区(qū)里的产(chǎn)业(yè)发(fā)展经(jīng)济，区(qū)里的农(nóng)业(yè)也要发(fā)展。",
    ],
    ids=["learner", "glossary", "author", "abbreviations", "simplified"],
)
def test_genuine_pinyin_stays(text):
    assert outcome(text) == (text, 0)


NEWS = "".join(
    [
        "昨天下午，市里召开会议，讨论明年的工作安排，各部门负责人参加了会议。",
        "市长说，要把老百姓的事情办好，让大家的日子越过越好。",
        "会议听取了各部门的汇报，研究了明年的工作，要求大家把任务分到人，不能只说不做。",
        "市里还要组织各部门负责人到村里走访，听取老百姓的意见，把事情办好。",
    ]
)
TONELESS = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ", "aaaaeeeeiiiioooouuuuvvvv")


def sprinkled(text: str, every: int) -> str:
    """With toneless readings on every n-th ideograph."""
    places = [place for place, character in enumerate(text) if character.isalpha()][::every]
    pieces = [text[a:b] for a, b in pairwise([0, *(place + 1 for place in places), len(text)])]
    readings = [f"({first_reading(text[place]).translate(TONELESS)})" for place in places]
    return "".join(piece + gloss for piece, gloss in zip(pieces, [*readings, ""], strict=True))


SPRINKLED = sprinkled(NEWS, 5)


def test_sprinkled_glosses_go_from_simplified_pages_too():
    assert strip_glosses(SPRINKLED).text == NEWS


def test_stray_emoji_go_with_sprinkled_glosses_only():
    with_strays = SPRINKLED.replace("市里", "市😀里").replace("会议", "会🌟议")
    assert strip_glosses(with_strays).text == NEWS
    plain = re.sub(r"\(\w+\)", "", with_strays)
    assert outcome(plain) == (plain, 0)


@pytest.mark.parametrize(
    "text",
    [
        "国内生产总值(GDP)和人工智能(AI)，世界卫生组织(WHO)说，首席执行官(CEO)用应用程序(app)，校准(calibration)很重要。"
        * 4,
        "记者采访了仇(qiu)女士，又采访了单(shan)先生和查(zha)教授，他们都谈了看法。",
        "".join(
            f"{han}({letters})"
            for han, letters in zip("我们学习汉语", ["wo", "men", "xue", "xi", "han", "yu"], strict=True)
        )
        * 6,
        "盖(gě)先生说(见下)，区(ōu)小姐来了(笑)，尉(yù)迟恭到(完)。" * 3,
    ],
    ids=["English", "surnames", "toneless textbook", "readings of names"],
)
def test_brackets_of_simplified_pages_stay(text):
    assert outcome(text) == (text, 0)


@pytest.mark.parametrize(
    "write", [str.upper, str.capitalize, lambda gloss: f" {gloss} "], ids=["upper", "title", "space"]
)
def test_glosses_in_capitals_and_with_spaces_go(write):
    assert strip_glosses(re.sub(r"\w+(?=\))", lambda gloss: write(gloss[0]), MIRRORED)).text == UNGLOSSED


def test_a_space_behind_every_gloss_goes_with_it():
    assert strip_glosses(MIRRORED.replace(")", ") ")).text == UNGLOSSED
