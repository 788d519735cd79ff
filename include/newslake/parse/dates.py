"""Printed dates and times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# The names that news pages and RFC 2822 headers print. CST is left out where it is ambiguous
# (China or North America): see `_named_zone`.
NAMED_ZONES = {
    "Z": "UTC",
    "UTC": "UTC",
    "GMT": "UTC",
    "北京时间": "Asia/Shanghai",
    "台北时间": "Asia/Taipei",
    "香港时间": "Asia/Hong_Kong",
    "HKT": "Asia/Hong_Kong",
    "SGT": "Asia/Singapore",
    "JST": "Asia/Tokyo",
    "ET": "America/New_York",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CT": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PT": "America/Los_Angeles",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "BST": "Europe/London",
    "CET": "Europe/Paris",
    "CEST": "Europe/Paris",
}
# Offsets that no Etc/GMT zone has; each zone named keeps its offset the year round.
FRACTIONAL_ZONES = {
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    570: "Australia/Darwin",
}

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
MONTH_NAME = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"(?:\s*[(（]?(?:星期|周)[一二三四五六日天][)）]?)?"
_CLOCK = r"(?P<hour>\d{1,2})\s*(?:[:：时]|\.(?=\d\d (?:GMT|BST|UTC|CES?T)))\s*(?P<minute>\d{2})(?:\s*[:：分]\s*(?P<second>\d{2})(?:\.\d+)?)?\s*[分秒]?"
_HALF = r"(?P<half>[上下]午|凌晨|早上|中午|晚上|晚|[AaPp]\.?[Mm]\b\.?)"
_ZONE = r"(?P<zone>[+-]\d{2}:?\d{2}\b|Z\b|" + "|".join(sorted(NAMED_ZONES, key=len, reverse=True)[:-1]) + r"|CST)"
_TIME = rf"(?:{_WEEKDAY}[T\s,，/|·•丨]*(?:at\s+)?(?:北京时间\s*)?(?:{_HALF}\s*)?{_CLOCK}\s*(?:{_HALF.replace('half', 'half_after')})?\s*\(?{_ZONE}?\)?)?"
_PATTERNS = tuple(
    re.compile(pattern + _TIME)
    for pattern in (
        r"(?<!\d)(?P<year>(?:19|20)\d{2})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日",
        r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d{3}|\d{1,2}(?!\d?:))",
        # The year last: a dot sets the day first everywhere, a slash only where a number is over 12.
        r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>(?:19|20)\d{2})(?!\d)",
        r"(?<![\d/])(?P<day>1[3-9]|2\d|3[01])/(?P<month>\d{1,2})/(?P<year>(?:19|20)\d{2})(?!\d)",
        r"(?<![\d/])(?P<month>\d{1,2})/(?P<day>1[3-9]|2\d|3[01])/(?P<year>(?:19|20)\d{2})(?!\d)",
        rf"\b(?P<month>{MONTH_NAME})\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d{{2}})\b",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?P<month>{MONTH_NAME})[,\s-]+(?P<year>(?:19|20)\d{{2}})\b",
    )
)
YEAR_FIRST, YEAR_LAST, NAMED = _PATTERNS[:2], _PATTERNS[2:5], _PATTERNS[5:]
# As offices write it: 二〇二四年二月十九日; the zero is printed in several ways.
_HAN_DIGITS = str.maketrans("〇○◯零ОOＯ０一二三四五六七八九", "00000000123456789")
HAN_YEAR = "(?:二[〇○◯零ОOＯ0０]|一九)[〇○◯零ОOＯ0０一二三四五六七八九]{2}"
_HAN = re.compile(
    rf"(?P<year>{HAN_YEAR})\s?年\s?(?P<month>十?[一二三四五六七八九]|十)\s?月\s?(?P<day>(?:二?十|三十)?[一二三四五六七八九]|[二三]?十)\s?日"
    + _TIME
)
_HAN_YEAR_MARK = re.compile(f"年(?<={HAN_YEAR}年)")
_MONTH_ALONE = re.compile(
    rf"(?:(?:19|20)\d{{2}}|{HAN_YEAR})\s?年\s?(?:\d{{1,2}}|十?[一二三四五六七八九]|十)\s?月(?:份|号)?"
)
_YEAR_LAST = re.compile(r"\d[./](?:19|20)\d{2}")
_MONTH = re.compile(MONTH_NAME)
# American pages print the time before the date: Updated 3:15 PM EST, Tue March 5, 2024.
_BEFORE = re.compile(
    rf"(?<![\d:]){_CLOCK}\s*(?:{_HALF})?\s*{_ZONE}?[\s,|]*(?:on\s+)?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?$"
)
_YEAR = re.compile(r"[12](?:(?<=1)9|(?<=2)0)\d{2}")
FULLWIDTH_DIGITS = {ord("０") + digit: str(digit) for digit in range(10)}
FULLWIDTH_DIGIT = re.compile(r"[０-９]")

# Code points before a date in which its time is looked for.
LONGEST_BEFORE = 40


@dataclass(frozen=True, slots=True)
class PrintedTime:
    """A date as printed.

    Attributes:
        at: the instant in UTC; None where only a date is printed.
        day: the day in the zone in which it is printed.
        zone: IANA name of that zone; None for a printed offset that no zone has.
        start: where it begins in the line, in code points.
        end: where it ends, exclusive.
        precision: `second`, `minute` or `day`: what is printed of it.
        has_zone: whether the zone is printed with it.
    """

    at: datetime | None
    day: date
    zone: str | None
    start: int
    end: int
    precision: str = "day"
    has_zone: bool = False


def holds_year(line: str) -> bool:
    """Whether a line holds a year, without which no date is found in it."""
    return (
        _YEAR.search(line) is not None
        or FULLWIDTH_DIGIT.search(line) is not None
        or _HAN_YEAR_MARK.search(line) is not None
    )


def is_month_alone(text: str) -> bool:
    """Whether a text is a year and a month without a day, which is no date.

    >>> is_month_alone("2024年2月"), is_month_alone("二〇二四年二月"), is_month_alone("2024年2月19日")
    (True, True, False)
    """
    return _MONTH_ALONE.fullmatch(text) is not None


def find_printed_time(line: str, zone: str) -> PrintedTime | None:
    """Finds the first valid date in a line, with its time if one follows.

    Args:
        line: any text.
        zone: IANA zone of a time whose zone is not printed.

    Returns:
        The first date that exists in the calendar; None where there is none.

    >>> find_printed_time("2024-02-20 02:03:38来源:某台", "Asia/Shanghai").at.isoformat()
    '2024-02-19T18:03:38+00:00'
    >>> find_printed_time("Feb. 20, 2024, 6:30 p.m.", "UTC").at.isoformat()
    '2024-02-20T18:30:00+00:00'
    >>> find_printed_time("２０２４年２月２０日", "Asia/Shanghai").day.isoformat()
    '2024-02-20'
    >>> find_printed_time("二〇二四年二月十九日", "Asia/Shanghai").day.isoformat()
    '2024-02-19'
    >>> find_printed_time("2024-13-45", "UTC") is None
    True
    """
    if FULLWIDTH_DIGIT.search(line):
        line = line.translate(FULLWIDTH_DIGITS)
    han = _HAN.search(line) if "年" in line and _HAN_YEAR_MARK.search(line) else None
    if not _YEAR.search(line):
        return _read(han, zone) if han else None
    patterns = YEAR_FIRST + (YEAR_LAST if _YEAR_LAST.search(line) else ()) + (NAMED if _MONTH.search(line) else ())
    matches = [match for pattern in patterns for match in pattern.finditer(line)] + ([han] if han else [])
    for match in sorted(matches, key=re.Match.start):
        printed = _read(match, zone)
        if printed is not None:
            return printed
    return None


def _read(match: re.Match[str], zone: str) -> PrintedTime | None:
    year, month, day_number = (match[name] for name in ("year", "month", "day"))
    if match.re is _HAN:
        day = valid_date(int(year.translate(_HAN_DIGITS)), _han_number(month), _han_number(day_number))
    else:
        day = valid_date(int(year), month_number(month), int(day_number))
    if day is None:
        return None
    timed, start = match, match.start()
    if match["hour"] is None and match.re in NAMED:
        reach = max(0, start - LONGEST_BEFORE)
        before = _BEFORE.search(match.string[reach:start])
        if before is not None:
            timed, start = before, reach + before.start()
    clock = _clock(timed)
    if clock is None:
        end = match.start("hour") if match["hour"] else match.end()
        return PrintedTime(None, day, zone, start, end)
    name: str | None = zone
    offset: timezone | ZoneInfo = load_zone(zone)
    if timed["zone"]:
        name, offset = _printed_zone(timed["zone"], zone, day)
    try:
        at = datetime(day.year, day.month, day.day, *clock, tzinfo=offset).astimezone(UTC)
    except OverflowError:
        return None
    precision = "second" if timed["second"] else "minute"
    return PrintedTime(at, day, name, start, match.end(), precision, bool(timed["zone"]))


def _clock(match: re.Match[str]) -> tuple[int, int, int] | None:
    """Hour, minute, second of a match on the 24-hour clock; None where no valid time is printed."""
    if match["hour"] is None:
        return None
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    half = (match["half"] or match.groupdict().get("half_after") or "").lower().replace(".", "")
    if half in ("pm", "下午", "晚上", "晚") and hour < 12:
        hour += 12
    elif half in ("am", "凌晨") and hour == 12:
        hour = 0
    return (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _printed_zone(printed: str, zone: str, day: date) -> tuple[str | None, timezone | ZoneInfo]:
    if printed[0] not in "+-":
        name = _named_zone(printed, zone)
        return name, load_zone(name)
    digits = printed[1:].replace(":", "")
    minutes = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if printed[0] == "-" else 1)
    if abs(minutes) >= 24 * 60:
        return zone, load_zone(zone)
    delta = timedelta(minutes=minutes)
    if datetime(day.year, day.month, day.day, 12, tzinfo=load_zone(zone)).utcoffset() == delta:
        return zone, load_zone(zone)
    return _offset_zone(minutes), timezone(delta)


def _offset_zone(minutes: int) -> str | None:
    """The IANA name of an offset east of Greenwich, in minutes; `Etc` zones count the other way round."""
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(minutes, 60)
    if rest == 0 and -12 <= hours <= 14:
        return f"Etc/GMT{-hours:+d}"
    return FRACTIONAL_ZONES.get(minutes)


def _named_zone(printed: str, zone: str) -> str:
    if printed == "CST":
        return zone if zone.startswith("Asia/") else "America/Chicago"
    return NAMED_ZONES[printed]


@lru_cache(maxsize=256)
def load_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"{name!r} is not an IANA time zone") from error


def _han_number(printed: str) -> int:
    """A number up to 39 in Chinese characters.

    >>> [_han_number(printed) for printed in ("九", "十", "十二", "二十", "三十一")]
    [9, 10, 12, 20, 31]
    """
    tens, mark, ones = printed.rpartition("十")
    return (int(tens.translate(_HAN_DIGITS) or 1) * 10 if mark else 0) + int(ones.translate(_HAN_DIGITS) or 0)


def month_number(printed: str) -> int:
    """The number of a month that is printed as a number or as an English name."""
    return int(printed) if printed.isdecimal() else MONTHS[printed[:3].lower()]


def valid_date(year: int, month: int, day: int) -> date | None:
    """The date, or None where the calendar has no such day.

    >>> valid_date(2023, 2, 29) is None
    True
    """
    try:
        return date(year, month, day)
    except ValueError:
        return None
