"""Repair: Traditional to Simplified characters, length kept."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import numpy as np
import opencc

from newslake.clean.characters import HAN

_SURNAMES: Final = "王李張张劉刘陳陈楊杨黃黄趙赵吳吴周徐孫孙馬马朱胡林郭何高羅罗鄭郑梁謝谢宋唐許许鄧邓馮冯韓韩曹曾彭蕭萧肖蔡潘田董袁於于余葉叶蔣蒋杜蘇苏魏程呂吕丁沈任姚盧卢傅鍾钟姜崔譚谭廖範范汪陸陆金石戴賈贾韋韦夏邱方侯鄒邹熊孟秦白江閻阎薛尹段雷黎史龍龙陶賀贺顧顾毛郝龔龚邵萬万錢钱嚴严覃武莫孔向湯汤溫温康施牛樊葛邢安齊齐易喬乔伍龐庞顏颜倪莊庄聶聂章魯鲁岳翟殷詹申歐欧耿關关蘭兰焦俞左柳甘祝包寧宁尚符舒阮柯紀纪梅童凌畢毕單单季裴霍塗涂成苗谷盛曲翁冉駱骆藍蓝路游辛靳歐"
_DRY_AFTER: Final = "淨净燥旱枯涸脆杯洗糧粮冰草果貨货濕湿裂癟瘪瘦咳嘔呕爹媽妈娘親亲兒儿女股肉貝贝拌煎炒炸鍋锅電电涼凉嚎笑等著着眼薪柴麵面"
_DRY_BEFORE: Final = "餅饼曬晒烘風风葡萄豆腐肉吹擦晾口中烤筍笋包魚鱼菜果梅擰拧榨抽陰阴"
_DRY: Final = re.compile(f"乾[{_DRY_AFTER}]|[{_DRY_BEFORE}]乾")
_NAME: Final = re.compile(
    f"(?:(?<![{HAN}])|(?<=[记記]者)|(?<=[編编][輯辑])|(?<=通[訊讯][員员])|(?<=[書书][記记])|(?<=[長长])|(?<=主任)|(?<=主席))"
    f"([{_SURNAMES}](?:乾[{HAN}]|[{HAN}]乾|乾))"
    f"(?:(?![{HAN}])|(?=[說说]|表示|介[紹绍]|[強强][調调]|指出|[認认][為为]|告[訴诉]|[報报][導道导]|[攝摄]))"
)
_KEPT_WORDS: Final = re.compile(
    "著(?:(?<=[原編编土專专遺遗譯译所撰].)|(?<![討讨議议談谈辯辩爭争評评].{2})(?<=[論论].)|(?<!重.{2})(?<=新.))(?![手眼重力想色陸陆裝装])"
    "|乾(?:(?=[隆坤縣县陵卦元嘉清])|(?<=[康雍].))"
)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("tw2s")


def simplify(text: str) -> tuple[str, int]:
    """Writes Traditional characters as Simplified ones; counts the characters that change.

    OpenCC's `tw2s` (Apache-2.0), which changes characters and never words: 互動 stays 互动. Its
    known errors are overruled: 乾 in personal names (a surname, one or two characters, a boundary;
    a name found once is kept on the whole page), and 著 in words of writing (原著, 編著, 土著).

    Not touched: Latin text, numbers, punctuation, the number of characters.

    >>> simplify("記者 何乾健說,會議看著原著討論乾燥問題。何乾健強調互動。")
    ('记者 何乾健说,会议看着原著讨论干燥问题。何乾健强调互动。', 13)
    """
    converted = _converter().convert(text)
    if len(converted) != len(text):
        raise AssertionError("tw2s changed the length of a text")
    if "乾" in text or "著" in text:
        converted = _overruled(text, converted)
    if converted == text:
        return text, 0
    before = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    after = np.frombuffer(converted.encode("utf-32-le"), np.uint32)
    return converted, int(np.count_nonzero(before != after))


def _overruled(text: str, converted: str) -> str:
    kept = {match.start() for match in _KEPT_WORDS.finditer(text)}
    for name in _names(text):
        offset = name.index("乾")
        kept.update(match.start() + offset for match in re.finditer(re.escape(name), text))
    if not kept:
        return converted
    characters = list(converted)
    for position in kept:
        characters[position] = text[position]
    return "".join(characters)


def _names(text: str) -> set[str]:
    """Personal names with 乾; looked for around each 乾 only, because scanning a page costs as much as converting it."""
    found = (
        _NAME.match(text, start)
        for match in re.finditer("乾", text)
        for start in range(max(0, match.start() - 2), match.start())
    )
    return {match[1] for match in found if match and not _DRY.search(match[1])}
