"""When an article was published: from its header, its markup or its address."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from newslake.parse.dateline import read_dateline
from newslake.parse.dates import PrintedTime, find_printed_time, load_zone, valid_date
from newslake.parse.header import Header

# Where nothing is known of a page's zone.
UNKNOWN_ZONE = "UTC"
_UNIX_TIME = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d+)?")
# What software writes where it has no date: the zero of Unix, SQL, .NET, Excel and OLE, in any zone.
_PLACEHOLDER = re.compile(
    r"\D{0,12}(?:000[01]\D0?[01]\D0?[01]|1970\D0?1\D0?1|1969\D12\D31|1900\D0?1\D0?1|1899\D12\D3[01])(?!\d)|0(?:\.0+)?$"
)
_MIDNIGHT = re.compile(r"(?<=[T\s])0{1,2}:00(?::00(?:\.0+)?)?(?![:\d])")
PLACEHOLDER_DAYS = frozenset((date(1970, 1, 1), date(1969, 12, 31), date(1900, 1, 1)))
# Web addresses of news carry the day of publication: /2024-02/20/, /2024/02/20/, /20240220/, t20240220_.
# A folder of eight digits holds the file itself; one of an index is a special's or an issue's.
_ADDRESS_DAY = re.compile(
    r"^https?://[^/?#]+/(?:[^?#]*/)?(?:t)?(?P<year>(?:19|20)\d{2})(?P<mark>[-/]?)(?P<month>0[1-9]|1[0-2])[-/]?(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?=[/_-]|\.s?html?|$)(?!/(?:(?:index|default)\.\w+)?(?:[?#]|$))(?P<rest>[^?#]*)"
)


@dataclass(frozen=True, slots=True)
class Published:
    """Columns of `articles` that say when it was published, and where that stands.

    Attributes:
        day: the local day, None where none is known.
        values: column → value.
        sources: column → where it came from; `placeholder` where the page has a placeholder instead of a date.
    """

    day: date | None
    values: dict[str, object]
    sources: dict[str, str]


def read_published(header: Header, given: str | None, given_source: str, address: str | None, zone: str) -> Published:
    """The time of publication: printed, else given by markup or record, else the day in the web address.

    Args:
        header: what header and tail lines say.
        given: the date of the page's metadata, unparsed.
        given_source: where it stands.
        address: the article's web address.
        zone: IANA zone of times printed without one.
    """
    printed, source = header.printed, header.printed_origin
    is_placeholder = False
    if printed is not None and printed.day in PLACEHOLDER_DAYS:
        printed, is_placeholder = None, True
    is_whole = printed is not None and printed.at is not None and (printed.has_zone or zone != UNKNOWN_ZONE)
    if given and not is_whole:
        stated = None if _PLACEHOLDER.match(given.strip()) else read_given_time(given, zone)
        if stated is not None and stated.day in PLACEHOLDER_DAYS:
            stated = None
        is_placeholder = is_placeholder or (stated is None and _PLACEHOLDER.match(given.strip()) is not None)
        if stated is not None and _is_better(stated, printed, zone):
            printed, source = stated, given_source
    if printed is None and address and (day := day_of_address(address)):
        printed, source = PrintedTime(None, day, zone, 0, 0), "url"
    if printed is None:
        return Published(None, _NOTHING, {"published_at": "placeholder"} if is_placeholder else {})
    return _published(printed, source)


def read_filed(paragraph: str, zone: str) -> Published | None:
    """The day of a dateline that prints its year, for pages that say nothing else of their date.

    >>> read_filed("【清水网2024年2月20日讯】水库开闸。", "Asia/Shanghai").day.isoformat()
    '2024-02-20'
    """
    filed = read_dateline(paragraph).filed
    return _published(PrintedTime(None, filed, zone, 0, 0), "dateline") if filed else None


def _published(printed: PrintedTime, source: str) -> Published:
    values: dict[str, object] = {
        "published_at": printed.at,
        "published_date": printed.day,
        "published_tz": printed.zone,
        "published_precision": printed.precision,
        "published_month": f"{printed.day:%Y-%m}",
    }
    names = ("published_date", "published_at") if printed.at else ("published_date",)
    return Published(printed.day, values, dict.fromkeys(names, source))


_NOTHING: dict[str, object] = {
    "published_at": None,
    "published_date": None,
    "published_tz": None,
    "published_precision": None,
    "published_month": "undated",
}


def _is_better(stated: PrintedTime, printed: PrintedTime | None, zone: str) -> bool:
    """Whether a given time says more than the printed one: the time of the same day, or the zone where none is known."""
    if printed is None:
        return True
    if printed.at is None:
        return stated.day == printed.day
    return (
        zone == UNKNOWN_ZONE
        and stated.has_zone
        and stated.at is not None
        and abs((stated.at - printed.at).total_seconds()) <= 14 * 3600
    )


def day_of_address(address: str) -> date | None:
    """The day in a web address; None where there is none.

    >>> day_of_address("https://news.example/gb/2024-02/20/content_1.htm").isoformat()
    '2024-02-20'
    >>> [day_of_address("https://news.example/" + path) for path in ("id/20240220813", "special/20200101/index.html")]
    [None, None]
    """
    match = _ADDRESS_DAY.match(address)
    if match is None or (not match["mark"] and match["rest"].rstrip("/").count("/") > 1):
        return None
    return valid_date(int(match["year"]), int(match["month"]), int(match["day"]))


def read_given_time(given: str, zone: str) -> PrintedTime | None:
    """Reads a date of metadata: as printed on pages, ISO 8601, RFC 2822, or a Unix time in seconds or milliseconds.

    A Unix time names no zone: its day is the one in `zone`. Systems write midnight where they know the day only.

    >>> read_given_time("1708365818", "Asia/Shanghai").day.isoformat()
    '2024-02-20'
    >>> read_given_time("Tue, 20 Feb 2024 02:03:38 +0800", "UTC").zone
    'Etc/GMT-8'
    """
    given = given.strip()
    if _UNIX_TIME.fullmatch(given):
        at = datetime.fromtimestamp(int(given[:10]), UTC)
        return PrintedTime(at, at.astimezone(load_zone(zone)).date(), zone, 0, len(given), "second", has_zone=True)
    printed = find_printed_time(given, zone)
    if printed is not None and _MIDNIGHT.search(given, printed.start, printed.end):
        printed = replace(printed, at=None, zone=zone if printed.zone == "UTC" else printed.zone, precision="day")
    if printed is not None or given[:1].isdigit():
        return printed
    try:
        moment: datetime = parsedate_to_datetime(given)
    except (ValueError, TypeError, IndexError):
        return None
    return find_printed_time(moment.isoformat(), zone)
