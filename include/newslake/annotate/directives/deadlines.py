"""By when a task is to be done: the words, and the last day of the time they give."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

_NUMBER = "[一二两三四五六七八九十]{1,3}|半|\\d{1,3}"
_YEAR = "(?P<year>20\\d\\d|二[〇○零][〇○零一二三四五六七八九]{2}|今|明|后|当|本)年度?"
_DAY = "3[01]|[12]\\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|二十|[一二三四五六七八九]"
_HOUR = "(?P<hour>[零〇一二两三四五六七八九十]{1,3}|\\d{1,2})[时点](?:整|\\d{1,2}分)?(?=之?前|以前)"
_BEFORE = "(?:之前|以前|前(?!提(?![升高供出交])|[后期端沿景列瞻来往去程人])|之内|以内|内|止)"
DEADLINE = re.compile(
    "(?P<words>"
    "“?(?P<plan>十[一二三四五六七八])五”?(?:规划)?(?P<plan_end>期间|末|时期|期末|收官)(?:前|之前|内)?"
    f"|(?:{_YEAR}(?:的)?|(?P<bare>))(?:"
    "(?P<quarter>第?[一二三四]|本)季度(?P<quarter_end>[末底内]?前?)"
    "|(?P<half>上半年|下半年)(?P<half_end>[末底内]?前?)"
    f"|(?P<year_end>年[底末内]|(?<=[年度])[底末内]){_BEFORE}?"
    f"|(?P<month>1[0-2]|0?[1-9]|十[一二]?|(?<![一二三四五六七八九十])[一二三四五六七八九](?!月[之以]?内))月份?(?:(?P<day>{_DAY})[日号](?:{_HOUR})?|(?P<part>[上中下]旬|初|[底末]))?(?:{_BEFORE}|当天)?"
    f"|(?P<this_month>本月|下月|下个月|当月|月)(?P<month_end>[底末内])?{_BEFORE}?(?<![本下当]月)(?<!个月)(?<!月)"
    "|(?P<feast>元旦|五一|“五一”|国庆|“十一”|春节|中秋|端午|清明|汛期|入汛|主汛期|高考|开学|秋季开学|入冬|雨季)(?:节|假期)?(?:到来)?(?:之前|以前|前(?!后))"
    f"|(?(year)(?P<year_only>){_BEFORE}?|(?!))"
    ")"
    f"|(?:用|再用|利用)?(?P<count>{_NUMBER})(?P<unit>年|个季度|个?月|个?星期|周|个?工作日|[天日])(?:的?时间)?(?:左右)?(?P<within>之内|以内|内(?![一-龥]{{0,4}}(?:外|需|部)))"
    "|(?P<whole_year>全年|年度内)"
    ")"
)
"""Words that give a time by which; groups tell `_read` which kind they are. Names of feasts that follow the moon give
no date: their day is not in the words."""

TIME_WORD = re.compile("[年月季周天日期节前度内末]")
"""A character without which a clause gives no time."""

_FEASTS = {"元旦": (1, 1), "五一": (5, 1), "“五一”": (5, 1), "国庆": (10, 1), "“十一”": (10, 1)}
_DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "〇": 0, "○": 0}
_END_OF_FIRST_PLAN = 1960  # reckoned back from the tenth (2005): the years between plans in the sixties left out
_LATEST = 60  # years; longer spans are not deadlines of a task
_EARLIER = ("去年", "上年", "往年", "前年", "历年", "同期", "去", "截至", "截止", "早在")
_HOW_LONG = "到至为于短"
_LONGEST_TITLE = 60  # code points
_ABOUT = re.compile("前后|左右")
_NOT_A_DEADLINE = re.compile("起|以来|开始|至今|来(?=[，,])|第一|大幅|期?间?，?(?:我|全)?[区市县]?共?(?:已|完成了)")


@dataclass(frozen=True)
class Deadline:
    """A time by which.

    Attributes:
        start: where the words begin, in code points of the text.
        at: its last day; null where the words give none (春节前, 6月30日前后) or there is nothing to reckon from.
        precision: `tables.directives.PRECISIONS`; null when `at` is.
    """

    start: int
    end: int
    words: str
    at: date | None
    precision: str | None

    @property
    def is_bound(self) -> bool:
        """Whether the words themselves say that it is a bound (年底前), and not only a time (今年)."""
        return self.words.endswith(("前", "内", "止"))


def find_deadline(text: str, start: int, end: int, reference: date | None) -> Deadline | None:
    """The first time by which in a part of a text.

    Args:
        text: the article's.
        start: where to begin, in code points.
        end: where to stop.
        reference: day from which 今年, 三年内 and months without a year are reckoned.

    Returns:
        The deadline; null where there is none, or the time lies before the reference.

    >>> day = date(2024, 1, 23)
    >>> found = find_deadline("要在年底前建成铁路", 0, 9, day)
    >>> found.words, found.at, found.precision
    ('年底前', datetime.date(2024, 12, 31), 'year')
    >>> [find_deadline(words, 0, len(words), day).at.isoformat() for words in ("6月底前", "2025年上半年", "三个月内")]
    ['2024-06-30', '2025-06-30', '2024-04-23']
    >>> [find_deadline(words, 0, len(words), day) for words in ("尽快建成", "2023年建成", "6月1日起施行")]
    [None, None, None]
    """
    if TIME_WORD.search(text, start, end) is None:
        return None
    for found in DEADLINE.finditer(text, start, end):
        words = found["words"]
        if words and not _NOT_A_DEADLINE.match(text, found.end(), end) and not _is_within_a_word(text, found):
            read = _read(found, reference)
            if read is not None and (about := _ABOUT.match(text, found.end("words"), end)):
                return Deadline(found.start("words"), about.end(), words + about[0], None, None)
            if read is not None:
                return Deadline(found.start("words"), found.end("words"), words, *read)
    return None


def _is_within_a_word(text: str, found: re.Match[str]) -> bool:
    """Whether the words are the end of a longer number or word (12026年, 2.3月), or an age of things (三年期),
    a span (压缩到90天以内), or part of a title (《2026年工作清单》).
    """
    start = found.start()
    before = text[start - 1 : start]
    if before and (before in "自从第近每." or before.isdigit()):
        return True
    if found["count"] and before and before in _HOW_LONG:
        return True  # 压缩到90天以内: how long something is to take, not by when
    if text.rfind("《", max(0, start - _LONGEST_TITLE), start) > text.rfind(
        "》", max(0, start - _LONGEST_TITLE), start
    ):
        return True
    if before in tuple("〇零一二三四五六七八九") and found["words"].startswith("年"):
        return True  # 二〇二七年底前: a year in signs is not read, and is not this year
    return text.endswith(_EARLIER, 0, start) or text[found.end() : found.end() + 1] == "期"


def _read(found: re.Match[str], reference: date | None) -> tuple[date | None, str | None] | None:
    """Last day and precision of what was matched; null when it is no deadline."""
    if found["plan"]:
        number = _number(found["plan"])
        return _unless_past(date(_END_OF_FIRST_PLAN + 5 * (number - 1), 12, 31), "year", reference)
    if found["count"]:
        return _within(found["count"], found["unit"], reference)
    if found["feast"]:
        return _feast(found["feast"], found["year"], reference)
    year = _year(found["year"], reference)
    if year is None:
        return None if found["year_only"] is not None else (None, None)
    if found["month"] or found["this_month"]:
        return _in_month(found, year, reference)
    if found["quarter"]:
        return _in_quarter(found["quarter"], year, found["year"] is not None, reference)
    last = date(year, 6, 30) if found["half"] == "上半年" else date(year, 12, 31)
    return _unless_past(last, "half_year" if found["half"] else "year", reference)


def _year(word: str | None, reference: date | None) -> int | None:
    """The year of 2025, 二〇二五, 今, 明, 后 or, without a word, of the reference."""
    if word and word.isdigit():
        return int(word)
    if word and len(word) > 1:
        return int("".join(str(_DIGITS[sign]) for sign in word))
    if reference is None:
        return None
    return reference.year + {"明": 1, "后": 2}.get(word or "", 0)


def _unless_past(last: date, precision: str, reference: date | None) -> tuple[date, str] | None:
    return None if reference and last < reference else (last, precision)


def _in_month(found: re.Match[str], year: int, reference: date | None) -> tuple[date, str] | None:
    """A day or the last day of a month; without a year the next such month."""
    if found["this_month"]:
        months = (reference.month if reference else 12) + (1 if found["this_month"].startswith("下") else 0)
        year, month = year + (months - 1) // 12, (months - 1) % 12 + 1
    else:
        month = int(found["month"]) if found["month"].isdigit() else _number(found["month"])
    longest = monthrange(year, month)[1]
    by_part = {"上旬": 10, "初": 10, "中旬": 20}
    day = _number(found["day"]) if found["day"] else by_part.get(found["part"] or "", longest)
    if day > longest:
        return None
    last = date(year, month, day)
    if found["hour"] and not _number(found["hour"]):
        last -= timedelta(days=1)  # 8月1日零时前
    if reference and last < reference and not found["year"] and found["words"].endswith(("前", "底", "末", "内")):
        last = date(year + 1, month, min(day, monthrange(year + 1, month)[1]))
    return _unless_past(last, "day" if found["day"] else "month", reference)


def _in_quarter(word: str, year: int, is_year_given: bool, reference: date | None) -> tuple[date, str] | None:
    this_quarter = (reference.month - 1) // 3 + 1 if reference else 4
    month = 3 * (this_quarter if word == "本" else _DIGITS[word[-1]])
    last = date(year, month, monthrange(year, month)[1])
    if reference and last < reference and not is_year_given:
        last = date(year + 1, month, last.day)
    return _unless_past(last, "quarter", reference)


def _within(count: str, unit: str, reference: date | None) -> tuple[date | None, str | None] | None:
    """So many years, months, weeks or days from the reference."""
    half = count == "半"
    number = 1 if half else _number(count)
    if not 0 < number <= (_LATEST if unit == "年" else 400):
        return None
    if unit in ("天", "日", "周", "星期", "个星期", "工作日", "个工作日"):
        if reference is None:
            return None, None
        return reference + timedelta(days=number * (7 if unit[-1] in "周期" else 1)), "day"
    months = 6 if half and unit == "年" else number * {"年": 12, "个季度": 3}.get(unit, 1)
    precision = {"年": "half_year" if half else "year", "个季度": "quarter"}.get(unit, "month")
    return (months_later(reference, months), precision) if reference else (None, None)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that is shorter.

    >>> months_later(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _feast(name: str, year_word: str | None, reference: date | None) -> tuple[date | None, str | None]:
    """The day before a feast whose day is fixed; no day for those that follow the moon or the weather."""
    year = _year(year_word, reference)
    if name not in _FEASTS or year is None or reference is None:
        return None, None
    last = date(year, *_FEASTS[name]) - timedelta(days=1)
    if last < reference:
        last = date(year + 1, *_FEASTS[name]) - timedelta(days=1)
    return last, "day"


def _number(word: str) -> int:
    """A number up to 99 in digits or Chinese characters."""
    if word.isdigit():
        return int(word)
    tens, ten, ones = word.partition("十")
    if not ten:
        return _DIGITS.get(word, 0)
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
