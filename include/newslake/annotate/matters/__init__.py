"""What a task or a report is about, in words that are the same for both."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import rjieba

from newslake.annotate.matters.english import english_matter
from newslake.annotate.matters.patterns import FIGURE, TIME, Patterns, patterns
from newslake.annotate.words.patterns import alternation, kinds_of_words

_MARKS = str.maketrans("", "", "“”‘’「」『』《》〈〉\"' 　")
_LONGEST = 200  # code points; a task is a clause, and what lies behind this is not its object
_LONGEST_WORD = 6  # code points that are cut into words to see whether a name begins here
_KIND_OF_A_NAME = re.compile("”(?:专项)?(?:行动|活动|计划|工程|模式|做法)$")
_BOUNDS = ("不少于", "不低于", "不超过")
_LONGEST_FIGURE = 20
_ENDS_A_FIGURE = frozenset(
    "0123456789%％‰万亿千百多余点里米顷级箱次位项条座所家处件批片套户名亩吨元人台辆张间场栋幢年天个上下内右月日底末初旬度期前起来间班后"
)
_RELATIVE = re.compile(
    r"[区县市州](?![、域城块位间别政场民级值容属道区县镇乡情内外里上下政委人长])(?=.{3})|[区县市](?=人民医院|人民公园)"
)
# Where a list ends; 高等教育 and 均等 are no list.
_AND_SO_ON = re.compile("(?<![高中均平同优特劣初对相上])等(?![级候])")
_PHASE = re.compile("第?([1-5一二三四五])期(?:工程|项目|建设)*$")
_HAN_OF_DIGIT = str.maketrans("12345", "一二三四五")
_ONLY_FIGURES = re.compile(f"(?:{TIME}|{FIGURE})+")
# What is no name, whatever else it is: 在3, 比原计划, 三月底前, 市交通局.
_NO_NAME = re.compile(
    r"[在到至比照为达超由]\d.*|比原.*|照(?:去年|往年).*|.{0,8}[年月日时周天季度底末初旬期][底末初]?[之以]?[前后内]后?"
    r"|(?:[省市区县州镇乡我本该各].{0,8}|.{2,6})(?:(?<![布格大全战时开结])局|(?<![原])委|委员会|政府|党委|办公室|(?<![大展客餐门])厅)"
)


@lru_cache(maxsize=4096)
def matter(task: str, jurisdiction: str | None) -> str:
    """What a task or a report is about: its object without place, verb, figures and common words.

    The same words come out for the setting of a task and for what is reported of it, so that both can be joined.
    Left alone: places inside a name (临江综保区), verbs and prepositions that begin one (服务中心, 向阳小区), numbers and
    phases that are part of it (2号桥, 白鹭湾大桥一期).

    Args:
        task: the words of a task or of a report, in one clause.
        jurisdiction: the division the article is about, whose name is left out (澜川市/临江区); null if unknown.

    Returns:
        The matter; empty where the words name nothing that could be told from other matters (年底前, 市交通局, 投资).

    >>> matter("加快建设龙头港铁路专用线等通道项目", "澜川市/临江区")
    '龙头港铁路专用线'
    >>> matter("全长3.2公里的龙头港铁路专用线12月20日建成通车", "澜川市/临江区")
    '龙头港铁路专用线'
    >>> matter("11月底前改造老旧小区42个", None), matter("临江区42个老旧小区改造全部完工", "澜川市/临江区")
    ('老旧小区', '老旧小区')
    >>> matter("改造向阳小区", None), matter("建成白鹭湾大桥一期工程", None), matter("比原计划提前三个月", None)
    ('向阳小区', '白鹭湾大桥一期', '')
    >>> matter("build the Beishan rail spur by 2026", None), matter("The Beishan rail spur opened in May", None)
    ('beishan rail spur', 'beishan rail spur')
    """
    if task.isascii() or not re.search("[\u4e00-\u9fff]", task):
        name = english_matter(task)
        return name if re.search("[A-Za-z]{2}", name) else ""
    text = task[:_LONGEST].strip()
    name = text[_beginning(patterns(), text, _places(jurisdiction)) :]
    name = _without_tail(patterns(), name).translate(_MARKS)
    return "" if is_vague(name) else name


def _beginning(known: Patterns, text: str, places: tuple[str, ...]) -> int:
    """Where the name begins, behind how it is done, adverbs, verbs, figures and the division's own name.

    Where all is taken off, what the last piece but figures and times stood before is the name (推进改革).
    """
    declared = known.declared.match(text) if "宣" in text else None
    ends = [declared.end() if declared else 0]
    while ends[-1] < len(text) - 1:
        reached = _behind_piece(known, text, ends[-1], places)
        if reached == ends[-1]:
            return reached
        ends.append(reached)
    left = [end for end in ends if len(text) - end > 1 and not _ONLY_FIGURES.fullmatch(text, end)]
    return left[-1] if left else 0


def _behind_piece(known: Patterns, text: str, start: int, places: tuple[str, ...]) -> int:
    """Where one piece in front of a name ends; `start` where the name itself begins."""
    place = next((len(place) for place in places if text.startswith(place, start)), 0)
    if place:
        return start + place
    if known.names.match(text, start):
        return start
    for pattern in (known.manner, known.leading, _RELATIVE):
        found = pattern.match(text, start)
        if found and found.end() > start and not (found.end() == start + 1 and _begins_a_word(text, start)):
            return found.end()
    return start


def _begins_a_word(text: str, start: int) -> bool:
    """Whether a character is the first of a longer word (将军, 正阳), not a word of its own."""
    return len(rjieba.cut(text[start : start + _LONGEST_WORD], False)[0]) > 1


def _without_tail(known: Patterns, name: str) -> str:
    """Takes off the predicate, and common words and figures at the end."""
    found = known.predicate.search(name, 2)
    if found:
        name = name[: found.start()]
    listed = _AND_SO_ON.search(name, 2) if "等" in name else None
    if listed:
        name = name[: listed.start()]
    name = _KIND_OF_A_NAME.sub("”", name)
    while True:
        phase = _PHASE.search(name, 2) if "期" in name else None
        if phase:
            return name[: phase.start()] + phase[1].translate(_HAN_OF_DIGIT) + "期"
        is_common = name.endswith(known.common)  # asked at once: most names end otherwise
        ending = next(word for word in known.common if name.endswith(word)) if is_common else ""
        if not ending and name[-1:] in _ENDS_A_FIGURE:
            counted = known.counted.search(name, max(2, len(name) - _LONGEST_FIGURE))
            ending = counted[0] if counted else ""
        if not ending or len(name) - len(ending) < 2:
            return name
        name = name[: -len(ending)]


@cache
def _places(jurisdiction: str | None) -> tuple[str, ...]:
    """Full names of the divisions, the longest first, each alone and behind those above it."""
    parts = jurisdiction.split("/") if jurisdiction else []
    joined = ["".join(parts[first:last]) for first in range(len(parts)) for last in range(first + 1, len(parts) + 1)]
    return tuple(sorted(joined, key=len, reverse=True))


@cache
def _vague() -> frozenset[str]:
    verbs = kinds_of_words("directive_verbs")
    return frozenset((*verbs["vague"], *verbs["done"], *kinds_of_words("matter_words")["no_name"]))


@cache
def _no_name_ends() -> re.Pattern[str]:
    return re.compile(f"{alternation(kinds_of_words('matter_words')['ends_no_name'])}$")


def is_vague(name: str) -> bool:
    """Whether words name no matter by themselves (投资, 主体结构, 年底前, 市交通局), so that they join nothing.

    >>> is_vague("投资"), is_vague("三月底前"), is_vague("市交通局"), is_vague("龙头港铁路专用线"), is_vague("2号桥")
    (True, True, True, False, False)
    """
    return (
        len(name) < 2
        or name in _vague()
        or name.startswith(_BOUNDS)
        or (name[0].isdigit() and re.match(r"\d+(?:号|千伏|国道|省道|县道|[A-Za-z])", name) is None)
        or _ONLY_FIGURES.fullmatch(name) is not None
        or _NO_NAME.fullmatch(name) is not None
        or _no_name_ends().search(name) is not None
    )
