"""Where a Chinese personal name stands in a text, and where it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from newslake.annotate.organisations.bodies import stops
from newslake.annotate.words.borders import Borders, is_han
from newslake.annotate.words.patterns import alternation
from newslake.config import reference_lines

# Never a character of a given name: function words, verbs of saying, marks of plural.
NEVER_GIVEN = frozenset("说称在对到率赴等的将已还就并从把被也因带主出作是了及或又都则要给让表指着过们这那很不没某所")
# Nor the last of three characters: words that often follow a name of two.
_NEVER_THIRD = NEVER_GIVEN | frozenset(
    "与同由至于曾均有向致讲会和为以任当去来走看想接听问答谈笑站坐拿做用打送叫先才再更最未能可须应需必各每此该前后中上下内外里间年月日时分签受获抵离回陪见你我他她两个位名摄及代边蹲算挨捧掖搬拎背抱扛摸拍推拉拆铲挖挂贴擦扫洗切炒煮喝吃唱跳跑爬踩骑躺睡醒哭喊骂吵"
)
# But these end names as well, where a mark stands behind them or a token ends: 杜清和，.
_THIRD_BEFORE_MARKS = frozenset("和为以年时代分内先才应每中月同均有向致会")
# And these where a name may end behind them: 崔永年说; but not where they begin a word: 年仅.
_THIRD_BEFORE_WORDS = frozenset("年月致")
_NO_GIVEN = re.compile("[年月日][近仅轻底初内龄逾过终中度]")
# Family names that are other words more often: behind a title they need a sign that a name stands here.
_OFTEN_OTHER_WORDS = frozenset(
    "严惠曲封席索满国广利越师红益丰云水元富居步伏谈危秋羊依仁双才铁候续撒怀宛盖经师桓贡于时向应曾任连全方成常何解查单代安明平相支商管关计项游会路党水班车白高金石马花和温权古"
)
_TRANSLITERATION = (
    "阿埃艾爱安昂奥澳巴芭白拜班邦保堡鲍贝本比彼毕边宾波伯勃博卜布采查茨达大戴丹当道德登迪蒂丁东杜顿多恩尔法凡范菲费芬丰冯佛弗福富盖甘冈高戈哥格根贡古瓜圭果哈海"
    "汉豪赫黑亨洪侯胡华霍基吉季加贾简江杰金津京居君卡凯坎康考柯科克肯孔库夸拉莱赖兰朗劳勒雷里理丽利莉历连良列烈林琳龙隆卢鲁露路伦罗洛吕马玛买麦曼芒毛茂梅门蒙"
    "孟米密缅敏明摩莫墨默姆穆拿娜纳奈南内尼涅宁纽农努诺欧帕潘庞培佩彭蓬皮匹平珀普奇齐恰强乔切钦琼丘屈让热仁日荣茹儒瑞若萨塞赛桑森沙山尚绍舍申圣施什史士舒斯司"
    "思松苏索所塔泰谭坦汤唐陶特藤提田汀廷通图托脱瓦万汪旺威韦维伟魏温文翁沃乌伍武西希锡夏香肖谢辛欣兴匈休修许雪逊雅亚延扬尧耶叶伊衣依易因英雍尤于约越泽扎詹占珍"
    "真芝治智朱兹子宗佐嘉蕾莎诗婷妮娅丝吾合木提买拜迪力江艾孜孜古丽热依乐佛不都弥葡祺贵智坚坎布玉素甫吐尔逊祖努尔巴特扎西次仁多吉卓玛央金洛桑旦增才让尼玛顿珠达瓦格桑索南阿依"
)
_DOTS = "·•‧・．"
_DOTTED = re.compile(f"[一-鿿]{{1,8}}(?:[{_DOTS}][一-鿿]{{1,8}}){{1,3}}")
_FOREIGN = re.compile(f"[{_TRANSLITERATION}]{{2,6}}")
_SIR = re.compile(
    "阿婆|阿公|婆婆|夫人|博士|教授|大叔|大婶|大伯|先生|女士|小姐|大爷|大妈|大姐|大哥|阿姨|师傅|老师|医生|老汉|奶奶|爷爷|书记|主任|局长|某"
)


@dataclass(frozen=True)
class _Lists:
    surnames: frozenset[str]
    follow: re.Pattern[str]
    not_names: frozenset[str]


@cache
def person_verbs() -> re.Pattern[str]:
    """Verbs of which people are the subject."""
    return re.compile(f"(?>{alternation(reference_lines('person_verbs'))})")


def is_glued(character: str) -> bool:
    """Whether this character never belongs to a given name (张三说)."""
    return character in NEVER_GIVEN


def is_seldom_last(character: str) -> bool:
    """Whether a name of three characters seldom ends with this one."""
    return character in _NEVER_THIRD


@cache
def _lists() -> _Lists:
    return _Lists(
        frozenset(reference_lines("surnames")),
        re.compile(
            f"(?:{alternation((*reference_lines('after_names'), *reference_lines('person_verbs')))}|[一-鿿][了着过])"
        ),
        frozenset(reference_lines("not_names")),
    )


def first_characters() -> str:
    """The characters with which family names begin."""
    return "".join(sorted({surname[0] for surname in _lists().surnames}))


def surname_length(text: str, place: int) -> int:
    """How many characters of a family name stand at a place: 0, 1 or 2.

    >>> surname_length("欧阳明", 0), surname_length("王志杰", 0), surname_length("的王", 0)
    (2, 1, 0)
    """
    surnames = _lists().surnames
    if text[place : place + 2] in surnames and place + 2 < len(text):
        return 2
    return int(text[place : place + 1] in surnames)


def is_cut_like_name(borders: Borders, start: int, end: int) -> bool:
    """Whether tokens allow a name: one token, a family name and a given name, or single characters.

    >>> is_cut_like_name(Borders("宋淑云说", bytes([1, 1, 0, 1, 1])), 0, 3)
    True
    >>> is_cut_like_name(Borders("高原上说", bytes([1, 0, 1, 1, 1])), 0, 3)
    False
    """
    if not borders.is_border(start) or not borders.is_border(end):
        return False
    behind_surname = start + surname_length(borders.text, start)
    inside = [place for place in range(start + 1, end) if borders.marks[place]]
    return inside in ([], [behind_surname]) or len(inside) == end - start - 1 > 1


def is_followed(text: str, place: int, is_sure: bool = False) -> bool:
    """Whether what stands here may follow a personal name: a mark, the end, or a word of the list.

    Args:
        text: any text.
        place: where a name would end.
        is_sure: whether single characters that end names as well (年) count for nothing.
    """
    if place >= len(text) or not is_han(text[place]):
        return True
    match = _lists().follow.match(text, place)
    return match is not None and (not is_sure or _is_sure(match[0]))


def _is_sure(follower: str) -> bool:
    return len(follower) > 1 or (follower in _NEVER_THIRD and follower not in _THIRD_BEFORE_WORDS)


def begins_with_other_word(text: str, place: int) -> bool:
    """Whether the family name that stands here is more often a word of another kind: 向, 于, 任.

    >>> begins_with_other_word("向姚明提问", 0)
    True
    """
    return text[place] in _OFTEN_OTHER_WORDS


def is_full_name(name: str) -> bool:
    """Whether a string has the form of a full name and is no common word.

    >>> is_full_name("王志杰"), is_full_name("欧阳明"), is_full_name("王"), is_full_name("高度"), is_full_name("奥巴马")
    (True, True, False, False, False)
    """
    length = surname_length(name, 0)
    given = name[length:]
    return (
        length > 0
        and 1 <= len(given) <= 2
        and all(is_han(one) and one not in NEVER_GIVEN for one in given)
        and name not in _lists().not_names
        and not _SIR.match(given)
    )


def is_common_word(text: str) -> bool:
    """Whether a string is of the list of words that only look like names."""
    return text in _lists().not_names


def read_name(borders: Borders, place: int, is_certain: bool = True) -> int | None:
    r"""Reads a full name that begins at a place.

    Two readings compete: one character of a given name, or two. What follows decides, then where tokens begin;
    where nothing decides, two, which is the commoner.

    Args:
        borders: of the text.
        place: where the name would begin.
        is_certain: whether a title or a list makes a name likely here; else common words refuse more.

    Returns:
        Where the name ends, or None.

    >>> def read(text): return text[: read_name(Borders(text, b"\1" * (len(text) + 1)), 0) or 0]
    >>> read("刘忠主持会议"), read("刘忠文主持会议"), read("王志杰。"), read("李志强调，"), read("会议")
    ('刘忠', '刘忠文', '王志杰', '李志', '')
    """
    text = borders.text
    length = surname_length(text, place)
    if not length or not _is_given(text, place + length, NEVER_GIVEN):
        return None
    short = place + length + 1
    has_long = _is_given(text, short, NEVER_GIVEN if _may_be_third(borders, place, short) else _NEVER_THIRD)
    if text[short + 1 : short + 2] in ("了", "着", "过"):
        has_long = False  # 吕珠·开了
    end = short + 1 if has_long and _prefers_long(borders, place, short) else short
    if not _is_plausible(borders, place, end, is_certain) or _SIR.match(text, place + length):
        return None
    if (
        end == short
        and length == 1
        and text[short - 1] in _NEVER_THIRD - {"会", "和"}
        and not is_cut_like_name(borders, place, end)
    ):
        return None
    return None if text[end : end + 1] in tuple(_DOTS) else end


def _is_mark(text: str, place: int) -> bool:
    return place >= len(text) or not text[place].isalnum()


def _is_given(text: str, place: int, never: frozenset[str]) -> bool:
    return place < len(text) and is_han(text[place]) and text[place] not in never


def _may_be_third(borders: Borders, place: int, short: int) -> bool:
    """Whether a character that seldom ends a name ends this one: before a mark, or where name and token are one."""
    text = borders.text
    third = text[short : short + 1]
    if third not in _THIRD_BEFORE_MARKS or _NO_GIVEN.match(text, short):
        return False
    if _is_mark(text, short + 1) or is_cut_like_name(borders, place, short + 1):
        return True
    if third != "会" and person_verbs().match(text, short + 1):
        return True
    return third in _THIRD_BEFORE_WORDS and is_followed(text, short + 1)


def _prefers_long(borders: Borders, place: int, short: int) -> bool:
    """Whether a name that begins at a place goes on for one more character behind `short`."""
    text, follow = borders.text, _lists().follow
    follows, rest = follow.match(text, short), follow.match(text, short + 1)
    is_end = short + 1 >= len(text) or not is_han(text[short + 1])
    scores = [
        3.0 * (follows is not None and _is_sure(follows[0])) + 1.5 * borders.marks[short],
        3.0 * (is_end or rest is not None) + 1.5 * (short + 1 >= len(text) or borders.marks[short + 1]),
    ]
    if follows and len(follows[0]) == 2 and rest and rest[0] == follows[0][1]:
        scores[1] -= 3.0  # 车德·正在: what would follow the longer name is the rest of a word
    ahead = scores[1] + 1 - scores[0]
    if not -4 <= ahead < 2:
        return ahead > 0  # what counting could add changes nothing
    total = borders.count(text[place:short])
    if total > 1:
        longer = borders.count(text[place : short + 1])
        scores[longer == total] += 2.0 * (longer == total or longer * 2 <= total)
    return scores[1] + 1 >= scores[0]


def _is_plausible(borders: Borders, place: int, end: int, is_certain: bool) -> bool:
    """Whether what was read is no word: 高度·重视, 任何·人, 安全·工作."""
    text = borders.text
    name = text[place:end]
    if is_common_word(name):
        is_person = is_certain and (person_verbs().match(text, end) is not None or text[end : end + 1] == "、")
        return is_person and len(name) == 2 and name[0] not in _OFTEN_OTHER_WORDS
    starts_with_word = end - place > 2 and is_common_word(name[:2])
    is_word = borders.marks[place + 2] and not borders.marks[place + 1]
    if starts_with_word and (is_word or not is_followed(text, end)):
        return False
    if end < len(text) and is_common_word(text[end - 2 : end + 1]):
        return False
    if name[0] in _OFTEN_OTHER_WORDS and len(name) == 2 and not is_cut_like_name(borders, place, end):
        return False
    if name[0] in _OFTEN_OTHER_WORDS and name[1:] in stops():
        return False  # 于·上午
    if not is_certain or name[0] in _OFTEN_OTHER_WORDS:
        return is_followed(text, end)
    return True


def has_dots(text: str) -> bool:
    """Whether a name with a dot may stand in a text."""
    return any(dot in text for dot in _DOTS)


def read_foreign(text: str, place: int, is_certain: bool = False) -> int | None:
    """Reads a transliterated or minority name: with a dot, or, where certain, of transliterating characters alone.

    >>> text = "买买提·阿不都说"
    >>> text[: read_foreign(text, 0)]
    '买买提·阿不都'
    >>> read_foreign("拜登访问", 0), read_foreign("拜登访问", 0, is_certain=True)
    (None, 2)
    """
    dotted = _DOTTED.match(text, place)
    if dotted:
        return _end_of_dotted(text, dotted, is_certain)
    plain = _FOREIGN.match(text, place) if is_certain else None
    if plain is None:
        return None
    ends = (end for end in range(place + 2, plain.end() + 1) if is_followed(text, end))
    return next(ends, plain.end() if len(plain[0]) > 2 else None)


def _end_of_dotted(text: str, dotted: re.Match[str], is_certain: bool) -> int | None:
    """Where a name with dots ends: where a word follows that may, else where transliterating characters end."""
    first, last = dotted.start(), max(dotted[0].rfind(dot) for dot in _DOTS) + dotted.start() + 1
    parts = re.split(f"[{_DOTS}]", dotted[0])
    if not is_certain and not all(one in _TRANSLITERATION for one in parts[0]):
        return None
    translit = last
    while translit < dotted.end() and text[translit] in _TRANSLITERATION:
        translit += 1
    follows = [one for one in range(last + 2, min(dotted.end(), last + 6) + 1) if is_followed(text, one)]
    inside = [one for one in follows if one == translit or (one < translit and text[one] not in _TRANSLITERATION)]
    outside = translit if translit - last > 1 or not follows else follows[0]
    end = inside[0] if inside else outside
    return end if end > last and end - first > 3 else None
