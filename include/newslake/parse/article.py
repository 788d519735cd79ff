"""One page → one article with its blocks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from newslake.errors import ArticleRejected
from newslake.parse.blocks import classify
from newslake.parse.dateline import (
    NO_DATELINE,
    Dateline,
    read_closing_byline,
    read_dateline,
    split_english_names,
    split_names,
)
from newslake.parse.dates import PrintedTime, find_event_date, find_printed_time, load_zone
from newslake.parse.header import Header, clean_source, clean_value
from newslake.parse.labels import strip_label
from newslake.parse.title import strip_site_suffix
from newslake.tables.blocks import BODY_KINDS

# Chinese pages print China time unless their source says otherwise; of others nothing is known.
ZONE_OF_LANGUAGE = {"zh": "Asia/Shanghai"}
UNKNOWN_ZONE = "UTC"
_UNIX_TIME = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d+)?")
# Where records come in one file, its address is none of theirs.
_CONTAINER = re.compile(r"#|\.(?:jsonl?|ndjson|warc|xml|rss)(?:\.gz)?(?:$|[?#])")
# A longer title is a paragraph taken for one (`articles.title_is_short`).
MAX_TITLE = 300
# Datelines stand in the first paragraphs, below at most a note or a summary.
DATELINE_PARAGRAPHS = 3


@dataclass(slots=True)
class Page:
    """One row of `pages`, as far as its structure depends on it."""

    raw_id: str
    source: str
    url: str
    language: str
    lines: list[str]
    hints: list[str | None]
    given: Mapping[str, str | None]


@dataclass(slots=True)
class ParsedArticle:
    """The values of one article and of its blocks, still apart from the columns that are copied.

    Attributes:
        values: column of `articles` → value.
        body: numbers of the lines that are body, in order.
        kinds: kind of each line.
        starts: where each begins in the text, in code points; None where it is not body.
        ends: where each ends, exclusive.
        confidences: how sure each kind is.
    """

    values: dict[str, object]
    body: list[int]
    kinds: list[str]
    starts: list[int | None]
    ends: list[int | None]
    confidences: list[float]


def parse_page(page: Page, timezones: Mapping[str, str]) -> ParsedArticle:
    """Finds the structure and metadata of one page.

    Args:
        page: the page.
        timezones: source name → IANA zone, for sources that state one.

    Raises:
        ArticleRejected: `no_body` when no line is body.
    """
    zone = timezones.get(page.source) or ZONE_OF_LANGUAGE.get(page.language, UNKNOWN_ZONE)
    given = page.given
    kinds, confidences, header = classify(page.lines, page.hints, given["title"], zone)
    body = [line_no for line_no, kind in enumerate(kinds) if kind in BODY_KINDS]
    if not body:
        raise ArticleRejected("no_body", describe_lack(page.lines, kinds))
    starts, ends = locate(page.lines, body)
    paragraphs = [page.lines[n] for n in body if kinds[n] == "paragraph"]
    values = _identity(page)
    values |= {"char_count": ends[body[-1]], "paragraph_count": len(paragraphs)}
    values |= _titles(page, kinds)
    printed = _published(header.printed, given["published"], zone)
    day = printed.day if printed else None
    values |= {
        "published_at": printed.at if printed else None,
        "published_date": day,
        "published_tz": printed.zone if printed else None,
        "published_month": f"{day:%Y-%m}" if day else "undated",
    }
    values |= _origin(paragraphs, header, given, day)
    return ParsedArticle(values, body, kinds, starts, ends, confidences)


def describe_lack(lines: list[str], kinds: list[str]) -> str:
    """One sentence on a page without body: its kinds and how it begins."""
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    opening = f", beginning {lines[0][:60]!r}" if lines else ""
    return f"none of {len(lines)} lines is a paragraph ({counts or 'no lines'}){opening}"


def locate(lines: list[str], body: list[int]) -> tuple[list[int | None], list[int | None]]:
    """Offsets of the body lines, given by number, in the text that joins them with newlines, in code points.

    >>> locate(["春耕", "昨日开始。", "今日结束。"], [1, 2])
    ([None, 0, 6], [None, 5, 11])
    """
    starts: list[int | None] = [None] * len(lines)
    ends: list[int | None] = [None] * len(lines)
    position = 0
    for line_no in body:
        end = position + len(lines[line_no])
        starts[line_no], ends[line_no] = position, end
        position = end + 1
    return starts, ends


def web_address(page: Page) -> str | None:
    """The web address that identifies the article; None for a file without one.

    A record names its own address; a fetched page is where it was fetched, whatever it calls canonical.
    """
    candidates = (page.given["url"], page.url) if _CONTAINER.search(page.url) else (page.url, page.given["url"])
    for url in candidates:
        if url and url.startswith(("http://", "https://")):
            return url
    return None


def _identity(page: Page) -> dict[str, object]:
    address = web_address(page)
    article_id = hashlib.sha256(address.encode()).hexdigest()[:16] if address else page.raw_id[:16]
    return {"article_id": article_id, "cluster_id": article_id, "url": address or page.url}


def _titles(page: Page, kinds: list[str]) -> dict[str, object]:
    given = page.given["title"]
    printed = next((line for line, kind in zip(page.lines, kinds, strict=True) if kind == "title"), given)
    # A line that says just what `<title>` says may have been taken from there, with the site's name.
    title = strip_site_suffix(printed, is_given=printed == given) if printed else None
    if title is not None and not 0 < len(title) <= MAX_TITLE:
        title = None
    deck = "\n".join(line for line, kind in zip(page.lines, kinds, strict=True) if kind == "deck")
    return {"title": title, "deck": deck or page.given["deck"] or None}


def _published(printed: PrintedTime | None, given: str | None, zone: str) -> PrintedTime | None:
    """The printed time first; given metadata adds the time of day where both name the same day."""
    if not given or (printed and printed.at):
        return printed
    stated = read_given_time(given, zone)
    if printed is None or (stated is not None and stated.day == printed.day):
        return stated
    return printed


def read_given_time(given: str, zone: str) -> PrintedTime | None:
    """Reads a date of metadata: as printed on pages, ISO 8601, RFC 2822, or a Unix time in seconds or milliseconds.

    A Unix time names no zone: its day is the one in `zone`.

    >>> read_given_time("1708365818", "Asia/Shanghai").day.isoformat()
    '2024-02-20'
    >>> read_given_time("Tue, 20 Feb 2024 02:03:38 +0800", "UTC").zone
    'Etc/GMT-8'
    """
    given = given.strip()
    if _UNIX_TIME.fullmatch(given):
        at = datetime.fromtimestamp(int(given[:10]), UTC)
        return PrintedTime(at, at.astimezone(load_zone(zone)).date(), zone, 0, len(given))
    printed = find_printed_time(given, zone)
    if printed is not None or given[:1].isdigit():
        return printed
    try:
        moment: datetime = parsedate_to_datetime(given)
    except (ValueError, TypeError, IndexError):
        return None
    return find_printed_time(moment.isoformat(), zone)


def _origin(
    paragraphs: list[str], header: Header, given: Mapping[str, str | None], day: date | None
) -> dict[str, object]:
    """Who made the article, where, and what day it reports of."""
    dateline, opening = _find_dateline(paragraphs)
    reporters = tuple(dict.fromkeys(dateline.reporters + header.reporters))
    if not reporters and paragraphs:
        reporters = read_closing_byline(paragraphs[-1])
    if not reporters and given["author"]:
        author = strip_label(given["author"])
        reporters = split_names(author) or split_english_names(author)
    return {
        "reporters": list(reporters),
        "place": dateline.place or header.place or given["place"] or None,
        "event_date": find_event_date(opening[dateline.end :], day, dateline.month),
        "source_name": header.source_name or clean_source(given["source_name"] or ""),
        "editor": header.editor or clean_value(strip_label(given["editor"] or "")),
        "responsible_editor": header.responsible_editor,
    }


def _find_dateline(paragraphs: list[str]) -> tuple[Dateline, str]:
    """The first dateline, and its paragraph; else none, and the first paragraph."""
    for paragraph in paragraphs[:DATELINE_PARAGRAPHS]:
        dateline = read_dateline(paragraph)
        if dateline.end:
            return dateline, paragraph
    return NO_DATELINE, paragraphs[0] if paragraphs else ""
