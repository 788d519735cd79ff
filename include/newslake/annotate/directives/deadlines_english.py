"""By when a task is to be done, in English."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from newslake.annotate.directives.deadlines import Deadline, months_later

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = {word: number for number, word in enumerate(
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
)} | {"a": 1, "an": 1}  # fmt: skip
_MONTH = (
    r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
DEADLINE = re.compile(
    r"\b(?P<bound>(?:no later than|not later than|before|by|until|within|in|over|during)\s+)?(?P<words>"
    r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s+(?P<unit>year|month|week|day)s?\b"
    r"|(?:the\s+)?(?:end\s+of\s+)?(?:"
    rf"{_MONTH}(?:\s+(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?!\d))?(?:,?\s+(?P<year_of_month>20\d\d))?(?![\w])"
    r"|(?:the\s+)?(?P<half>first|second)\s+half\s+of\s+(?P<year_of_half>20\d\d|this year|next year|the year)"
    r"|(?:the\s+)?(?P<quarter>first|second|third|fourth)\s+quarter(?:\s+of\s+(?P<year_of_quarter>20\d\d|this year|next year|the year))?"
    r"|(?P<year>20\d\d|this year|next year|the year|year-end)(?!\w)"
    r"|(?P<this_month>this month|next month|the month)(?!\w))"
    r")"
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def find_english_deadline(text: str, start: int, end: int, reference: date | None) -> Deadline | None:
    """The last time by which in a part of a text: words with by, before, within, until or in.

    Args:
        text: the article's.
        start: where to begin, in code points.
        end: where to stop.
        reference: day from which this year, two months and months without a year are reckoned.

    >>> text = "build a rail spur by the end of June"
    >>> found = find_english_deadline(text, 0, len(text), date(2026, 2, 3))
    >>> found.words, found.at.isoformat(), found.precision
    ('by the end of June', '2026-06-30', 'month')
    >>> find_english_deadline("build 2026 homes", 0, 16, None) is None
    True
    """
    last: Deadline | None = None
    for found in DEADLINE.finditer(text, start, end):
        bound = (found["bound"] or "").strip()
        if not bound and (found["year"] or "") not in ("this year", "next year"):
            continue
        if found["count"] and bound not in ("within", "in"):
            continue
        read = _read(found, reference)
        if read is not None:
            words_start = found.start("bound") if bound and bound != "in" else found.start("words")
            last = Deadline(words_start, found.end(), text[words_start : found.end()], *read)
    return last


def _read(found: re.Match[str], reference: date | None) -> tuple[date | None, str | None] | None:
    """Last day and precision; null when the time is past."""
    if found["count"]:
        number = int(found["count"]) if found["count"].isdigit() else _NUMBERS[found["count"]]
        if reference is None:
            return None, None
        if found["unit"] in ("week", "day"):
            return reference + timedelta(days=number * (7 if found["unit"] == "week" else 1)), "day"
        return months_later(reference, number * (12 if found["unit"] == "year" else 1)), found["unit"]
    year = _year(
        found["year_of_month"] or found["year_of_half"] or found["year_of_quarter"] or found["year"], reference
    )
    if year is None:
        return None, None
    if found["month"] or found["this_month"]:
        last, precision = _in_month(found, year, reference)
    elif found["half"]:
        last, precision = (date(year, 6, 30) if found["half"] == "first" else date(year, 12, 31)), "half_year"
    elif found["quarter"]:
        month = 3 * _ORDINALS[found["quarter"]]
        last, precision = date(year, month, monthrange(year, month)[1]), "quarter"
    else:
        last, precision = date(year, 12, 31), "year"
    return None if reference and last < reference else (last, precision)


def _year(word: str | None, reference: date | None) -> int | None:
    if word and word.isdigit():
        return int(word)
    return reference.year + (word == "next year") if reference else None


def _in_month(found: re.Match[str], year: int, reference: date | None) -> tuple[date, str]:
    """The day or the last day of a month; without a year the next such month."""
    if found["this_month"]:
        month = (reference.month if reference else 12) + (found["this_month"] == "next month")
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    else:
        month = _MONTHS.index(found["month"][:3].lower()) + 1
    day = min(int(found["day"] or 31) or 1, monthrange(year, month)[1])
    last = date(year, month, day)
    if reference and last < reference and not found["year_of_month"]:
        last = date(year + 1, month, min(day, monthrange(year + 1, month)[1]))
    return last, "day" if found["day"] else "month"
