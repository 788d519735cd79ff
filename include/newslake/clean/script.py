"""Repair: Traditional to Simplified characters, length kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

import opencc

from newslake.clean.characters import HAN
from newslake.clean.edits import Repaired, changed_characters

_SURNAMES: Final = "王李张張劉刘陳陈楊杨黃黄趙赵吳吴周徐孫孙馬马朱胡林郭何高羅罗鄭郑梁謝谢宋唐許许鄧邓馮冯韓韩曹曾彭蕭萧肖蔡潘田董袁於于余葉叶蔣蒋杜蘇苏魏程呂吕丁沈任姚盧卢傅鍾钟姜崔譚谭廖範范汪陸陆金石戴賈贾韋韦夏邱方侯鄒邹熊孟秦白江閻阎薛尹段雷黎史龍龙陶賀贺顧顾毛郝龔龚邵萬万錢钱嚴严覃武莫孔向湯汤溫温康施牛樊葛邢安齊齐易喬乔伍龐庞顏颜倪莊庄聶聂章魯鲁岳翟殷詹申歐欧耿關关蘭兰焦俞左柳甘祝包寧宁尚符舒阮柯紀纪梅童凌畢毕單单季裴霍塗涂成苗谷盛曲翁冉駱骆藍蓝路游辛靳"
_DRY_AFTER: Final = "淨净燥旱枯涸脆杯洗糧粮冰草果貨货濕湿裂癟瘪瘦咳嘔呕爹媽妈娘親亲兒儿女股肉貝贝拌煎炒炸鍋锅電电涼凉嚎笑等著着眼薪柴麵面癬癣粉酪"
_DRY_BEFORE: Final = "餅饼曬晒烘風风葡萄豆腐肉吹擦晾口中烤筍笋包魚鱼菜果梅擰拧榨抽陰阴香"
_DRY: Final = re.compile(f"乾[{_DRY_AFTER}]|[{_DRY_BEFORE}]乾")
_NAME: Final = re.compile(
    f"(?:(?<![{HAN}])|(?<=[記记]者)|(?<=[編编][輯辑])|(?<=通[訊讯][員员])|(?<=[書书][記记])|(?<=[長长員员])"
    "|(?<=主任|主席|教授|老[師师]|同志|[經经]理|[導导]演|代表|校友|作家|律[師师]|[醫医]生|[攝摄]影|村民|市民|居民))"
    f"([{_SURNAMES}](?:乾[{HAN}]|[{HAN}]乾|乾))"
    f"(?:(?![{HAN}])|(?=[說说等率]|表示|介[紹绍]|[強强][調调]|指出|[認认][為为]|告[訴诉]|[報报][導道导]|[攝摄]|主持|出席"
    "|[參参][加與与]|陪同|同志|先生|女士|教授|老[師师]|[擔担]任|[當当][選选]|致[辭辞詞词]|[講讲][話话]|[發发]言|宣布|坦言"
    "|[副總总]?(?:主任|主席|[書书][記记]|[經经]理|院士|委[員员]|代表|[區区縣县市局部院校所[處处會会鎮镇村省]?[長长]|董事[長长]|[醫医]生|律[師师])))"
)
_HEAVEN: Final = re.compile(
    "乾(?:(?=隆(?!重)|[坤縣县陵卦元嘉道]|清[宮宫門门]|安[縣县]|[達达闥闼]婆|端坤"
    "|[德符寧宁祐封興兴化統统](?:[元初末中]|[一二三四五六七八九十]+年|年[間间]))"
    "|(?<=[康雍].)|(?<=朝.)(?=夕)|(?<=承.)(?=[宮宫門门殿])|(?<=李承.)|(?<=[旋顛颠].)(?=[轉转倒]坤))"
)
_VERBS: Final = (
    "看拿沿望掛挂頂顶帶带抱拎舉举印寫写憑凭靠對对照跟隨随按點点念唸盯翻持握背捧讀读聽听說说做留藏夾夹貼贴存放刻唱喊叫朝"
)
_AND_MORE: Final = "[手眼重力想色陸陆裝装火急迷涼凉]"
_WRITTEN: Final = re.compile(
    "著(?:(?:"
    "(?<=[原編编專专遺遗譯译撰巨鉅拙卓昭彰顯显所].)|(?<=土.)|(?<=微知.)|(?<=明[較较].)"
    "|(?<![討讨議议談谈辯辩爭争評评理推].{2})(?<=[論论].)|(?<![重翻更全刷創创革].{2})(?<=新.)"
    "|(?<![配結结混迎融組组契貼贴綜综符閉闭聯联適适吻聚集併并磨糅回].{2})(?<=合.)"
    "|(?<![靠接臨临逼走].{2})(?<=近.)|(?<![署排取出留簽签].{2})(?<=名.)"
    f")(?!{_AND_MORE})"
    "|(?=名(?![單单片牌冊册額额])|作(?![業业品文戰战])|[述者]|[書书](?![包本籍店架])|文立|[稱称](?![呼重讚赞])|[錄录](?![影像音製制]))"
    f"(?<![{_VERBS}].)"
    "|(?=名[作家詩诗導导演歌學学專专企景]|作[等權权]|[書书]立|有?[《「『“])"
    f"|(?<= .)(?![{HAN}]))"
)
_TENT: Final = re.compile(
    "帳(?:(?=[篷蓬棚幔檐幕子下中外前頂顶暖])(?!中[的款])|(?<=[蚊營营軍军羅罗紗纱床圓圆虎牙氈毡幔幃帷升錦锦篷簾帘].))"
)
_SURNAME_YU: Final = re.compile(
    "於(?:(?<=姓.)|(?=姓(?!氏)|氏家|潛|潜|陵|菟|戲|呼哀哉|梨[華华]|崇文)|(?<=樊.)(?=期)|(?<=商.)(?=之地))"
)
_YOUNGEST: Final = re.compile("[么麼](?<![什甚那怎這这多要哪幹干為为].)(?:(?=[女兒儿弟妹雞鸡])|(?<=老.))")
_COMFORT: Final = re.compile("藉(?:(?<=[慰狼蘊蕴枕醞酝藉].)|(?=藉))")
_MUSIC: Final = re.compile("徵(?:(?=羽)|(?<=商角.)|(?<=魏.)|(?<=文.)(?=明)|(?<=[變变].)(?=之[聲声]))")
_RISEN: Final = re.compile("昇(?<=[畢毕李].)")
_NEVER: Final = re.compile("(?!)")
_UNHEARD_OF: Final = re.compile("[\0\ud800-\udfff]")
_STAND_IN: Final = "\ufffd"
_LEFT: Final = {
    **{
        "牠": "它",
        "妳": "你",
        "姪": "侄",
        "暱": "昵",
        "瞇": "眯",
        "枱": "台",
        "鬦": "斗",
        "鬭": "斗",
        "鬪": "斗",
        "痲": "麻",
    },
    **{
        "敍": "叙",
        "衞": "卫",
        "粧": "妆",
        "糭": "粽",
        "揹": "背",
        "伕": "夫",
        "座标": "坐标",
        "薰陶": "熏陶",
        "薰心": "熏心",
        "薰染": "熏染",
    },
}
"""What OpenCC's Taiwanese table leaves: forms of Hong Kong, and variants for which GB texts have one form."""


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("tw2s")


def simplify(text: str) -> Repaired:
    """Writes Traditional characters as Simplified ones.

    OpenCC's `tw2s` (Apache-2.0), which changes characters and never words: 互動 stays 互动. What it
    is known to get wrong is overruled:

    - 乾 stays in personal names (a surname, one or two characters, a boundary; a name found once is
      kept on the whole page), in 乾隆, 乾坤, reign titles and places; else it is 干.
    - 著 stays in words of writing and of being known (原著, 編著, 土著, 著名, 卓著), unless the word
      is cut out of another (看著|名單, 配合著); else it is 着.
    - 於 is 于, the surname 於 and old places apart.
    - 麼 and 么 are 幺 for the youngest child, else 么.
    - 帳 is 账 where money is meant, 帐 for tents.

    Not touched: Latin text, numbers, punctuation, words of other regions (軟體 → 软体), the number
    of characters.

    >>> simplify("記者 何乾健說,會議看著原著討論乾燥問題。何乾健強調互動。").text
    '记者 何乾健说,会议看着原著讨论干燥问题。何乾健强调互动。'
    >>> simplify("著名作家於倫敦著手整理帳戶,於姓很少見。").text
    '著名作家于伦敦着手整理账户,於姓很少见。'
    """
    converted = _converted(text)
    fixes: list[tuple[int, str]] = []
    for character, (kept_at, kept, other) in _OVERRULED.items():
        position = text.find(character)
        places = kept_at(text) if position >= 0 else set()
        while position >= 0:
            right = kept if position in places else other
            if converted[position] != right:
                fixes.append((position, right))
            position = text.find(character, position + 1)
    if fixes:
        pieces: list[str] = []
        behind = 0
        for position, right in sorted(fixes):
            pieces += converted[behind:position], right
            behind = position + 1
        converted = "".join([*pieces, converted[behind:]])
    for left, right in _LEFT.items():
        if left in converted:
            converted = converted.replace(left, right)
    return Repaired(converted, changed_characters(text, converted))


def _converted(text: str) -> str:
    try:
        passed = text.replace("\0", _STAND_IN)  # NUL would end the text.
        converted: str = _converter().convert(passed)
    except UnicodeEncodeError:  # Halves of characters, which no UTF-8 can hold.
        passed = _UNHEARD_OF.sub(_STAND_IN, text)
        converted = _converter().convert(passed)
    if len(converted) != len(text):
        raise AssertionError("tw2s changed the length of a text")
    if passed != text:
        converted = "".join(a if _UNHEARD_OF.match(a) else b for a, b in zip(text, converted, strict=True))
    return converted


def _places(pattern: re.Pattern[str]) -> Callable[[str], set[int]]:
    return lambda text: {match.start() for match in pattern.finditer(text)}


def _heaven_or_name(text: str) -> set[int]:
    """Places of 乾 where it is not 干."""
    places = _places(_HEAVEN)(text)
    for name in _names(text):
        offset = name.index("乾")
        places.update(match.start() + offset for match in re.finditer(re.escape(name), text))
    return places


def _names(text: str) -> set[str]:
    """Personal names with 乾; looked for around each 乾 only, because scanning a page costs as much as converting it."""
    found = (
        _NAME.match(text, start)
        for match in re.finditer("乾", text)
        for start in range(max(0, match.start() - 2), match.start())
    )
    return {match[1] for match in found if match and not _DRY.search(match[1])}


_OVERRULED: Final = {
    "乾": (_heaven_or_name, "乾", "干"),
    "著": (_places(_WRITTEN), "著", "着"),
    "於": (_places(_SURNAME_YU), "於", "于"),
    "帳": (_places(_TENT), "帐", "账"),
    "徵": (_places(_MUSIC), "徵", "征"),
    "昇": (_places(_RISEN), "昇", "升"),
    "坏": (_places(_NEVER), "坏", "坏"),
    "薹": (_places(_NEVER), "薹", "薹"),
    "顎": (_places(_NEVER), "颚", "颚"),
    "薴": (_places(_NEVER), "薴", "薴"),  # Its Simplified form is another character's Traditional one.
    "藉": (_places(_COMFORT), "藉", "借"),
    "么": (_places(_YOUNGEST), "幺", "么"),
    "麼": (_places(_YOUNGEST), "幺", "么"),
}
"""Character → where it is not what it usually is, what it is there, and what it is elsewhere."""
