"""The day of the reported event."""

from __future__ import annotations

import re
from datetime import date, timedelta

from newslake.parse.dates import FULLWIDTH_DIGIT, FULLWIDTH_DIGITS, MONTH_NAME, month_number, valid_date

# An event stands near the start of the paragraph; a month and day further in is usually background.
EVENT_WINDOW = 40
# A day whose year is not printed is reported of within this time; one that lies further back is of some other year.
LONGEST_AGO = timedelta(days=100)
# A day whose year is printed lies further back only in the story's own past.
LONGEST_YEAR_AGO = timedelta(days=366)
# Pages east of the zone in which they were dated tell of what is their today.
ZONE_SLACK = timedelta(days=1)
_EVENT = re.compile(
    r"(?P<before>截至|截止|截止到|将于|将在|定于|拟于|计划于|预计|自从?|从|生于|出生于?|每年(?:的)?|每逢)?"
    r"(?:(?P<year>(?:19|20)\d{2})年|(?P<relative>[去今明])年|(?<![\d.年]))(?P<month>\d{1,2})月(?P<day>\d{1,2})日"
)
_EVENT_ENGLISH = re.compile(
    rf"\b(?:(?P<before>as of|until|by|since|from|before)\s+)?(?P<month>{MONTH_NAME})\s+(?P<day>\d{{1,2}})\b(?:,\s+(?P<year>(?:19|20)\d{{2}}))?",
    re.IGNORECASE,
)
# Behind a limit or a birthday; a feast's name may stand between: “3月8日妇女节”前夕.
_NO_EVENT = re.compile(
    r"\s*(?:[^\s，。,；：:]{0,8}[节日])?[”\"’」』)）]?\s*(?:\d{1,2}[时点:：]\d{0,2}分?|零时)?"
    r"(?:前(?![往来去赴后])|以前|之前|前夕|止|截止|出生|生于?(?=[，,。；、\s]|$))"
)
_EVENT_DAY = re.compile(r"(?<![\d月第.])(?P<day>\d{1,2})日(?![内均])")


def find_event_date(paragraph: str, published: date | None, filed_month: int | None = None) -> date | None:
    """The day of the reported event, where the start of a paragraph prints it.

    Only printed days count: 昨日, 近日 and weekdays are not guessed, nor are days that the text names as
    a limit, a plan or a birthday (截至, 将于, 前, 生于). A year that is not printed is chosen so
    that the day is the nearest one on or before the day of publication, at most `LONGEST_AGO` back. Days after
    publication, and those of years before, are no event's. A bare 5日 counts only where the dateline gives a month,
    as news agencies write it.

    Args:
        paragraph: the first paragraph, without its dateline.
        published: local day of publication.
        filed_month: month of the dateline.

    >>> find_event_date("12月30日,全区教育大会召开。", date(2024, 1, 2)).isoformat()
    '2023-12-30'
    >>> [find_event_date(text, date(2024, 3, 10)) for text in ("昨日,全区教育大会召开。", "5月20日是世界计量日。", "3月8日前交稿。")]
    [None, None, None]
    """
    opening = paragraph[:EVENT_WINDOW]
    if FULLWIDTH_DIGIT.search(opening):
        opening = opening.translate(FULLWIDTH_DIGITS)
    match = _EVENT.search(opening) if "月" in opening else None
    if match is not None:
        is_none = match["before"] or _NO_EVENT.match(opening, match.end())
        return None if is_none else _event_day(match, match["relative"], published)
    day = _EVENT_DAY.search(opening) if filed_month and "日" in opening else None
    if day is not None and filed_month and published:
        return None if _NO_EVENT.match(opening, day.end()) else _nearest(published, filed_month, int(day["day"]))
    match = _EVENT_ENGLISH.search(paragraph[: 3 * EVENT_WINDOW]) if opening[:1].isascii() else None
    if match is not None and not match["before"]:
        return _event_day(match, None, published)
    return None


def _event_day(match: re.Match[str], relative: str | None, published: date | None) -> date | None:
    month, day = month_number(match["month"]), int(match["day"])
    if published is None:
        return valid_date(int(match["year"]), month, day) if match["year"] else None
    if not match["year"] and relative is None:
        return _nearest(published, month, day)
    if relative == "明":
        return None
    found = valid_date(int(match["year"] or published.year - (relative == "去")), month, day)
    return found if found and -ZONE_SLACK <= published - found <= LONGEST_YEAR_AGO else None


def _nearest(published: date, month: int, day: int) -> date | None:
    """The latest such day on or before publication, None where it lies further back than `LONGEST_AGO`."""
    for year in (published.year, published.year - 1):
        found = valid_date(year, month, day)
        if found is not None and timedelta() <= published - found <= LONGEST_AGO:
            return found
    return None
