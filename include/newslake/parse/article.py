"""One page → one article with its blocks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from newslake.errors import ArticleRejected
from newslake.parse.blocks import classify
from newslake.parse.origin import read_origin
from newslake.parse.published import read_filed, read_published
from newslake.parse.title import strip_site_suffix
from newslake.parse.wording import last_crumb
from newslake.tables.blocks import BODY_KINDS

# Chinese pages print China time unless their source says otherwise; of others nothing is known.
ZONE_OF_LANGUAGE = {"zh": "Asia/Shanghai"}
UNKNOWN_ZONE = "UTC"
# Where records come in one file, its address is none of theirs.
_CONTAINER = re.compile(r"#|\.(?:jsonl?|ndjson|warc|xml|rss)(?:\.gz)?(?:$|[?#])")
# A breadcrumb stands among the first lines.
FIRST_LINES = 5
# A longer title is a paragraph taken for one (`articles.title_is_short`).
MAX_TITLE = 300


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
    given_sources: list[tuple[str, str]] | None = None

    def source_of(self, name: str) -> str:
        """Where a given value stands: json_ld, opengraph, meta, time_tag, title_tag or record; `given` where that is not told."""
        return next((source for given, source in self.given_sources or () if given == name), "given")


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
    values = _identity(page)
    values |= {"char_count": ends[body[-1]], "paragraph_count": kinds.count("paragraph")}
    sources: dict[str, str] = {}
    values |= _titles(page, kinds, sources)
    published = read_published(header, given["published"], page.source_of("published"), web_address(page), zone)
    if published.day is None:
        published = read_filed(page.lines[body[0]], zone) or published
    values |= published.values
    sources |= published.sources
    values |= read_origin(page, kinds, header, published.day, sources)
    values["metadata_sources"] = dict(sorted(sources.items()))
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


def _titles(page: Page, kinds: list[str], sources: dict[str, str]) -> dict[str, object]:
    given = page.given["title"]
    printed = next((line for line, kind in zip(page.lines, kinds, strict=True) if kind == "title"), None)
    if not (printed or given):
        printed = next(filter(None, map(last_crumb, page.lines[:FIRST_LINES])), None)
    title = printed or given
    if title:
        # A line that says just what `<title>` says may have been taken from there, with the site's name.
        title = strip_site_suffix(title, is_given=title == given)
        if not 0 < len(title) <= MAX_TITLE:
            title = None
    deck = "\n".join(line for line, kind in zip(page.lines, kinds, strict=True) if kind == "deck")
    for name, line in (("title", printed), ("deck", deck)):
        if line:
            sources[name] = "text"
        elif page.given[name]:
            sources[name] = page.source_of(name)
    return {"title": title, "deck": deck or page.given["deck"] or None}
