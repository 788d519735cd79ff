"""When a result came about, as its sentence tells it: a time that has passed, or none that could be news."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

_YEAR = r"(?:19|20)\d\d|[一二][〇零○一二三四五六七八九]{3}|[去今明后前当本同]"
_TIME = re.compile(
    rf"(?:(?P<year>{_YEAR})年(?P<since>以来)?)?(?:(?<!\d)(?P<month>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份"
    r"|(?P<day>3[01]|[12]\d|[1-9])日|(?P<part>[底末初中]|[上中下]旬))?|第?(?P<quarter>[一二三四])季度|(?P<half>[上下])半年"
    r"|(?P<turn>年?[底末初中内]))?(?:(?P<until>之?前|以前|起|至(?=\d))|(?P<lately>以来))?"
)
_HALF_A_TIME = re.compile(
    r"(?<![一-鿿])年(?P<turn>[底末初中内])|(?<=[，：])年(?P<late>[底末])|年(?P<end>[底末内])(?!容|涵)"
)
# Times that are not now, or of which the text does not tell when they were.
_OTHER = re.compile(
    r"世纪|年代|十[一二三四五六七八九]五[”」]?(?:时期|期间|末|初)?|[\d一二三四五六七八九十两数几多半]+(?:年(?:之|以)?前|(?:年|个?月|天|周)(?:之|以)?后)|近年|历年|早在|当年|那年|往年|过去"
    r"|(?:[下]个?(?:月|周|季度)|明[天日晚]|后天|次日|国庆|春节|元旦|中秋|端午|五一|清明|暑[假期]|寒假|节[日前]|届时|不久(?!前)|很快|即日起|原定|原计划)"
)
_ONLY_A_TIME = re.compile(
    r"(?:截至|截止|到|至|在|于|从|自)?(?:{}|[今昨]年|[今昨前][天日]|目前)(?:[上中下]午|晚间?|凌晨|清?晨|\d{{1,2}}[时点](?:\d+分|许)?|零时|以来|为?止|，)*".format(
        r"[\d一二三四五六七八九十〇零○去今第]+[年月日季度半上下底末初中旬\d一二三四五六七八九十]+"
    )
)
TIME_WORDS = (
    rf"(?:(?:{_YEAR})年)?(?:(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份|(?:3[01]|[12]\d|[1-9])日|[底末初中]|[上中下]旬)?"
    rf"|第?[一二三四]季度|[上下]半年|[底末初])|(?:{_YEAR})年|年[底末初中内]|\d{{1,2}}日"
)
"""A pattern of times, without groups."""
_FIRST_DAYS = {"下": 21, "底": 25, "末": 25, "中": 11}
_LAST_DAYS = {"上": 10, "初": 10, "中": 20}
_CLAUSES_BEFORE = 12  # in which a time is looked for
_NEAR = timedelta(days=45)
_HAN = {han: number for number, han in enumerate("〇一二三四五六七八九十")} | {"零": 0, "○": 0, "十一": 11, "十二": 12}


class Days(NamedTuple):
    """What is known of the days of an article.

    Attributes:
        known: the event's day, else the publication's.
        latest: the later of the two: what lies behind it has not come about.
    """

    known: date
    latest: date


def told_on(
    text: str, clauses: list[tuple[int, int]], position: int, end: int, days: Days, is_done: bool
) -> date | None:
    """The day of a result; null where the sentence puts it into the future, into history, or where it cannot be told.

    Args:
        text: the article's.
        clauses: where the clauses of the sentence begin and end.
        position: the number of the result's clause.
        end: where its verb begins.
        days: those of the article.
        is_done: the clause says that it has come about (已), so that a day that lies ahead is last year's.

    >>> days = Days(date(2026, 7, 4), date(2026, 7, 5))
    >>> [told_on(one, [(0, len(one))], 0, len(one), days, False) for one in ("3月", "8月1日", "1998年", "大桥")]
    [datetime.date(2026, 3, 31), None, None, datetime.date(2026, 7, 4)]
    """
    # Times of a description are others: 原定8月完工的大桥.
    start = max(clauses[position][0], text.rfind("的", clauses[position][0], end) + 1)
    if _OTHER.search(text, start, end):
        return None
    own = _last_time(text, start, end)
    if own is not None:
        return _resolve(own, days, is_done, is_done)
    for first, last in reversed(clauses[max(0, position - _CLAUSES_BEFORE) : position]):
        time, is_whole = _last_time(text, first, last), _ONLY_A_TIME.fullmatch(text, first, last) is not None
        if _OTHER.search(text, first, last) and not is_done:
            return None
        if time is not None and (is_whole or not is_done):
            return _resolve(time, days, is_done, is_whole)
    return days.known


def _last_time(text: str, start: int, end: int) -> dict[str, str | None] | None:
    """The last time that words give, by what it is made of."""
    found = [
        match
        for match in _TIME.finditer(text, start, end)
        if any(match[name] for name in ("year", "month", "quarter", "half"))
    ]
    halves = [
        match for match in _HALF_A_TIME.finditer(text, start, end) if not found or match.start() >= found[-1].end()
    ]
    if halves:
        return {"turn": next(filter(None, halves[-1].groups()))}
    return found[-1].groupdict() if found else None


def _resolve(time: dict[str, str | None], days: Days, is_done: bool, may_run: bool) -> date | None:
    """The last day of a time that has passed; the known day of one that has begun and not ended, where it may run."""
    year = _year(time.get("year"), days.latest)
    if time.get("since") or time.get("lately"):
        return days.known
    if year is None or time.get("until"):
        return None
    spoken = bool(time.get("year"))
    try:
        first, last = _span(time, year)
        if first > days.latest and not spoken:
            earlier = _span(time, year - 1)
            if is_done or days.latest - earlier[1] <= _NEAR:
                first, last = earlier
    except ValueError:
        return None
    whole_year = not any(time.get(name) for name in ("month", "quarter", "half", "turn"))
    if first > days.latest or (whole_year and (year < days.latest.year or not is_done)):
        return None
    if last > days.latest:
        return days.known if may_run else None
    return last


def _year(word: str | None, latest: date) -> int | None:
    """The year meant, where it is the publication's or the one before; null else."""
    if word is None or word in "今本同":
        return latest.year
    if word == "去":
        return latest.year - 1
    if word in "明后前当":
        return None
    year = int(word) if word.isdigit() and word.isascii() else int("".join(str(_HAN[han]) for han in word))
    return year if latest.year - 1 <= year <= latest.year else None


def _span(time: dict[str, str | None], year: int) -> tuple[date, date]:
    """First and last day of a time in a year.

    Raises:
        ValueError: there is no such day in that year.
    """
    if month := time.get("month"):
        number = int(month) if month.isdigit() and month.isascii() else _HAN[month]
        if day := time.get("day"):
            return date(year, number, int(day)), date(year, number, int(day))
        part = (time.get("part") or " ")[0]
        last = monthrange(year, number)[1]
        return date(year, number, _FIRST_DAYS.get(part, 1)), date(year, number, _LAST_DAYS.get(part, last))
    if quarter := time.get("quarter"):
        number = 3 * _HAN[quarter]
        return date(year, number - 2, 1), date(year, number, monthrange(year, number)[1])
    if half := time.get("half"):
        return (date(year, 1, 1), date(year, 6, 30)) if half == "上" else (date(year, 7, 1), date(year, 12, 31))
    turn = (time.get("turn") or " ")[-1]
    if turn in "初":
        return date(year, 1, 1), date(year, 3, 31)
    if turn == "中":
        return date(year, 6, 1), date(year, 7, 31)
    return date(year, 12 if turn in "底末" else 1, 1), date(year, 12, 31)
