"""Figures: a number, its unit, how it is meant, and what it counts."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import accumulate

from newslake.annotate.article import Article, Found, Mention
from newslake.annotate.figures.counted import Counted
from newslake.annotate.figures.english import find_figures_english
from newslake.annotate.figures.numerals import number
from newslake.annotate.words.patterns import alternation, kinds_of_words

CONFIDENCE = {"digits": 0.95, "signs": 0.85}

_SIGNS = "零〇一二两三四五六七八九十百千万亿"
_DIGITS = r"\d+(?:,\d{3})*(?:[.．]\d+)?(?:万亿|[百千]?[万亿]|千|百)?"
_TO = "(?:至|到|-|—|－|~|～|—|–)"
_FRACTION = re.compile(
    r"(?P<whole>[一二三四五六七八九十][一二三四五六七八九十]?)分之(?P<part>[一二两三四五六七八九十]{1,3})"
)
_PERCENT = re.compile(rf"百分之(?P<number>\d+(?:\.\d+)?|[{_SIGNS}点]{{1,7}})")
_TENTHS = re.compile(r"(?P<tenths>[一二两三四五六七八九])成(?P<half>半)?(?![不立为员果功就绩本都长效品熟份交品分语人])")

# In front of a number that is no figure: ordinals, names, dates, telephone numbers.
_NO_FIGURE_BEFORE = (
    *"第/_〔周",
    *("No", "星期", "农历", "正月", "腊月", "公元", "公元前", "电话", "热线", "邮编", "编号", "国道", "省道", "县道"),
)
_MARKS_IN_NUMBERS = frozenset(",，.:：-－—")
_DATE_BEHIND = re.compile(
    r"(?:代|月(?:份|\d|底|初|中|末|上旬|中旬|下旬|[，。至到])|日(?![元均])|号(?!线)|时(?!间)|点(?:半|钟|\d|整|许|多)|[:：]\d|年代|世纪|[-/]\d|路(?:公交)?|后(?:出生|青年)|届|中全会|大报告|大精神)"
)
_TIMES = frozenset(("天", "年", "个月", "周", "个星期", "个工作日", "工作日", "小时", "日"))
_TIME_LIMIT = re.compile("之?内(?!的)|行动|计划|规划|攻坚|方案")
_MEETING_BEHIND = re.compile("[^，。]{0,6}(?:会议|全会|例会|大会|会上|会见|学习)")
# 二期, 十强, 3号线: they name one in a row.
_NAME_ONE_IN_A_ROW = frozenset(["点", "分", "号线", "期", "届", "级", "班", "号", "环", "段", "强"])
# Signs before these mostly are other words: 百里, 三方, 万家, 十分, 四周.
_ALSO_WORDS = frozenset(["里", "两", "方", "度", "级", "周", "立方", "安", "瓦", "斤", "寸", "角"])
_NEVER_WITH_SIGNS = frozenset(
    [
        "点",
        "分",
        "方",
        "门",
        "口",
        "头",
        "伏",
        "间",
        "面",
        "行",
        "声",
        "句",
        "步",
        "字",
        "道",
        "号线",
        "强",
        "席",
        "队",
        "对",
        "双",
        "团",
        "期",
        "届",
        "级",
        "班",
        "楼",
        "层",
        "环",
        "段",
        "章",
        "节",
        "起",
        "代",
        "室",
        "厅",
        "线",
    ]
)
# 100周年, 两部分, 七部门, 四位一体, 四人帮.
_LONGER_WORDS = frozenset(
    (("周", "年"), *(("部", sign) for sign in "分门队件委长位落"), ("位", "一"), ("人", "帮"), ("点", "半"))
)
_SAME_UNIT = {"％": "%", "百分点": "个百分点"}
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d$|^[零〇一二三四五六七八九]{2,4}$")

_VAGUE = frozenset("几数好上")
_BEHIND_BEGINS = frozenset("及以之起左上")
_BEHIND = (
    ("at_least", re.compile(r"及?以上|起(?![草到来])")),
    ("at_most", re.compile(r"及?以内|及?以下|之内")),
    ("about", re.compile(r"左右|上下")),
)
_LOOKED_BACK = 16  # code points in front of a number
_STRIVING = re.compile("(?:力争|争取)[^，]*$")
_ORDER = ("at_least", "at_most", "less_than", "more_than", "about", "strive", "to", "by")


@cache
def _pattern() -> re.Pattern[str]:
    """A number with its unit."""
    units = kinds_of_words("units")
    return re.compile(
        rf"(?=[\d{_SIGNS}])(?:(?<!\d)(?P<digits>{_DIGITS})(?:{_TO}(?P<upper>{_DIGITS}))?|(?P<signs>(?!一(?![{_SIGNS}]))[{_SIGNS}]{{1,8}}))(?P<more>余|多|来|几)?\s?"
        rf"(?P<unit>个(?:多|半)(?:月|小时|星期)|{alternation((*units['measure'], *units['count']))})"
    )


@cache
def _measures() -> frozenset[str]:
    return frozenset(kinds_of_words("units")["measure"])


@cache
def _modifiers() -> tuple[dict[str, str], re.Pattern[str]]:
    """Modifiers by the words in front of a number, `link` for words between both; and what matches one. Read backwards."""
    kinds = {word[::-1]: kind for kind, words in reversed(kinds_of_words("modifiers").items()) for word in words}
    return kinds, re.compile(alternation(kinds))


def find_figures(article: Article, found: Found) -> None:
    """Adds figures of an article to what was found.

    Left alone: dates, times, ordinals (第八次), telephone numbers, numbers inside names of programmes and works.
    """
    outer = found.of_kind("work", "initiative", "organisation", "person")
    starts, ends = [one.start for one in outer], list(accumulate((one.end for one in outer), max))
    counted = Counted(article) if article.language == "zh" else None
    for figure in _chinese(article.text, counted) if counted else find_figures_english(article.text):
        position = bisect_right(starts, figure.start) - 1
        if position < 0 or ends[position] <= figure.start:
            found.mentions.append(figure)


def _chinese(text: str, counted: Counted) -> Iterator[Mention]:
    for match in _pattern().finditer(text):
        if figure := _figure(text, match, counted):
            yield figure
    for match in _PERCENT.finditer(text):
        share = number(match["number"].replace("点", "."))
        if share is not None:
            yield _mention(text, match.span(), share, "%", None, counted)
    for match in _TENTHS.finditer(text):
        share = 10 * (number(match["tenths"]) or 0) + 5 * bool(match["half"])
        yield _mention(text, match.span(), share, "%", None, counted)
    for match in _FRACTION.finditer(text):
        whole, part = number(match["whole"]), number(match["part"])
        if whole and part:
            yield _mention(text, match.span(), round(part / whole, 6), None, None, counted)


def _figure(text: str, match: re.Match[str], counted: Counted) -> Mention | None:
    start, end = match.span()
    digits, upper, signs, more, unit = match.group("digits", "upper", "signs", "more", "unit")
    written = upper or digits or signs
    before = text[max(0, start - 4) : start]
    if _is_in_name(before) or _is_date(text, end, written, unit):
        return None
    if signs and (before[-1:] in _VAGUE or not _says_a_number(signs, unit, more)):
        return None
    quantity = number(written)
    if quantity is None:
        return None
    unit = _SAME_UNIT.get(unit, unit)
    if unit[:2] in ("个多", "个半"):
        more, unit = "多", "个" + unit[2:]
    return _mention(text, (start, end), quantity, unit, more, counted)


def _is_in_name(before: str) -> bool:
    """Whether what stands before a number makes it an ordinal, part of a name or of a longer number."""
    last = before[-1:]
    if last in _MARKS_IN_NUMBERS:
        return before[-2:-1].isdigit() or last in ".:："
    return (last.isalnum() and not "一" <= last <= "鿿") or before.endswith(_NO_FIGURE_BEFORE)


def _is_date(text: str, end: int, written: str, unit: str) -> bool:
    """Whether a number names a day, a time limit, or one in a row, rather than how much there is."""
    following = text[end : end + 1]
    if (unit, following) in _LONGER_WORDS:
        return True
    if unit == "年" and (following in ("月", "日") or _YEAR.search(written) or _DATE_BEHIND.match(text, end)):
        return True
    if unit in _TIMES:
        return _TIME_LIMIT.match(text, end) is not None
    if unit == "次":
        return _MEETING_BEHIND.match(text, end) is not None
    if unit in _NAME_ONE_IN_A_ROW:
        return unit not in ("期", "级") or following in "工次项"
    return unit == "个" and following in ("月", "日")


def _says_a_number(written: str, unit: str, more: str | None) -> bool:
    """Whether Chinese signs stand for a quantity: not 一, not parts of words (万家, 千户, 十分, 二期)."""
    if not number(written) or written == "一" or more == "几":
        return False
    if unit in _measures():
        return unit not in _ALSO_WORDS or len(written) > 1
    return unit not in _NEVER_WITH_SIGNS


def _mention(
    text: str, span: tuple[int, int], quantity: float, unit: str | None, more: str | None, counted: Counted
) -> Mention:
    start, end = span
    modifier, begin = _modifier(text, start, end, more)
    return Mention(
        kind="figure",
        start=start,
        end=end,
        name=text[start:end],
        quantity=quantity,
        unit=unit,
        modifier=modifier,
        counted=counted.of(begin, end, unit or "%"),
        confidence=CONFIDENCE["digits" if text[start].isdecimal() else "signs"],
    )


def _modifier(text: str, start: int, end: int, more: str | None) -> tuple[str | None, int]:
    """How a figure is meant, and where the words that say so begin.

    What bounds it goes before what it strives for, and that before what it reaches or changes by.
    """
    lead = text[max(0, start - _LOOKED_BACK) : start]
    found, length = _in_front(lead)
    if "争" in lead and _STRIVING.search(lead):
        found.append("strive")
    if text[end : end + 1] in _BEHIND_BEGINS:
        found += [name for name, pattern in _BEHIND if pattern.match(text, end)]
    if more:
        found.append("more_than" if more in "余多" else "about")
    named = [name for name in _ORDER if name in found] if found else ()
    return named[0] if named else None, start - length


def _in_front(lead: str) -> tuple[list[str], int]:
    """The kinds of modifiers that stand one behind the other at the end of `lead`, and the code points they take."""
    kinds, pattern = _modifiers()
    found, length, backwards = [], 0, lead[::-1]
    while word := pattern.match(backwards, length):
        found.append(kinds[word[0]])
        length = word.end()
    return found, length
