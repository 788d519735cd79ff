"""A page → lines with hints, and the metadata its markup gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import turbohtml
from turbohtml import HTMLParseError

from newslake.clean import clues
from newslake.clean.bodies import LEAST_LENGTH, Body, find_body, is_unsure
from newslake.clean.careful import LONGEST_PAGE, extract_carefully
from newslake.clean.defects import (
    ERROR_REACH,
    refuse_error_page,
    refuse_huge_page,
    refuse_many_attributes,
    refuse_truncated,
)
from newslake.clean.headline import (
    HEADER_REACH,
    LEAST_HEADLINE,
    find_headline,
    headers_before,
    is_header,
    is_tail,
    tails_after,
)
from newslake.clean.lines import Document, Hint, one_line, split_lines
from newslake.clean.metadata import read_metadata
from newslake.clean.no_article import LEAST_TEXT, refuse_list, refuse_walls
from newslake.clean.page import LONGEST_CAPTION, Page, PageLine, is_terminated
from newslake.clean.walk import read_page
from newslake.errors import ArticleRejected

TITLE_REACH: Final = 12
"""Lines of an extract in which the headline is looked for; what stands before it is navigation."""

COMMENT: Final[Hint] = "comment"
RELATED: Final[Hint] = "related"
LEAST_GIVEN: Final = 120
"""Code points of a text in JSON-LD that stands for what the page does not show."""

SHARE_OF_TITLE: Final = 0.6
"""Share of a page title that a line shown above the text must cover to be the headline in its place."""

_SITE: Final = re.compile(r"^.{2,12}(?:[网網报報站臺台]|新聞|新闻)$")

BEGINNING: Final = {True: 24, False: 80}
"""Code points of a Chinese line, or of another, in which an error page says what failed; articles tell who saw it first."""

LATE_SHARE: Final = 4
"""How many times more text hidden blocks must hold than a page that shows little, to be its text, shown by a script."""

COVERED_SHARE: Final = 2
"""The same for blocks that a script uncovers."""

_LATE: Final = "boolean(//div[@hidden]//p)"
TAG: Final = re.compile(r"<[^<>]{0,200}>")
_DOCUMENT: Final = re.compile(
    r"\s*(?:<!--(?:(?!-->).)*-->\s*)*(?:<!doctype\s+html|<html|<\?xml[^>]*>\s*<(?:!doctype\s+)?html|<head\b|<body\b)",
    re.IGNORECASE | re.DOTALL,
)
_BLOCKS: Final = "p|div|h[1-6]|ul|ol|li|dl|section|article|table|tr|td|figure|blockquote|pre|center|main|header|footer"
_INLINE: Final = "span|strong|em|b|i|u|a|font|small|sub|sup|del|ins|mark|figcaption|video|audio|iframe"
_ATTRIBUTE: Final = r"\s+[A-Za-z_:@][\w:.@-]*\s*=(?!=)"
_NO_ELEMENT: Final = re.compile(rf"<(?=(?:{_INLINE})(?:[&|]|\s+[^\sA-Za-z_:@\"'=/<>])[^<>]*>)", re.IGNORECASE)
"""What is compared with what, as in `a<b && c>d`: no attribute begins like this."""
_PAGE_ELEMENT: Final = re.compile(
    r"<(?:p|br|div|span|strong|em|h[1-6]|img|a|ul|ol|section|article|table|figure)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_ELEMENT: Final = re.compile(rf"<({_BLOCKS}|{_INLINE}|br|hr|img)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_MARKUP: Final = re.compile(rf"<({_BLOCKS}|br|hr|img)(?:\s[^<>]*)?/?>|<({_INLINE}){_ATTRIBUTE}[^<>]*>", re.IGNORECASE)
"""What needs no end to be an element."""
_BLOCK: Final = re.compile(rf"<(?:{_BLOCKS}|br|hr)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_END: Final = re.compile(rf"</({_BLOCKS}|{_INLINE})\s*>", re.IGNORECASE)
_LINE_END: Final = re.compile(r"(<[^<>]*>)|\r?\n")
_VOID: Final = frozenset({"br", "hr", "img"})
BYLINE_REACH: Final = 6
"""Lines in which the reporter may stand, below headline, date and a lead."""

_BYLINE: Final = re.compile(r"[〔（(\[【]?(?:本[报報])?(?:记者|記者).{2,14}[/／].{2,8}(?:报道|報導|報道)[〕）)\]】]?")
_SNIFFED: Final = 4_000


def looks_like_html(text: str) -> bool:
    """Whether a document is a page, or a piece of one, whatever its name says.

    >>> looks_like_html("<!DOCTYPE html><html>"), looks_like_html("<p>a</p><p>b</p>"), looks_like_html("a < b, c > d")
    (True, True, False)
    """
    start = text[:_SNIFFED]
    if "<" not in start:
        return False
    return _DOCUMENT.match(start) is not None or len(_PAGE_ELEMENT.findall(start)) >= 2


def holds_html(text: str) -> bool:
    """Whether a record's text is a piece of HTML, which may be a sentence with one link.

    It has two elements, or one that has an end or needs none, or begins with one that divides text. An inline element
    without an attribute is one only where it has an end.

    >>> holds_html("<p>a"), holds_html("a <a href='b'>c</a>"), holds_html("<img src='a.jpg'/>a")
    (True, True, True)
    >>> holds_html("a < b, c > d"), holds_html("<some words>"), holds_html("write <p> for a paragraph")
    (False, False, False)
    >>> holds_html("the <b> tag & the <i> tag"), holds_html("if (a<b && c>d)")
    (False, False)
    """
    if "<" not in text:
        return False
    if _DOCUMENT.match(text[:_SNIFFED]) or _BLOCK.match(text.lstrip()):
        return True
    sure = [(block or inline).lower() for block, inline in _MARKUP.findall(text)]
    if len(sure) >= 2 or not _VOID.isdisjoint(sure):
        return True
    found = {name.lower() for name in _ELEMENT.findall(_NO_ELEMENT.sub("&lt;", text))}
    return not {name.lower() for name in _END.findall(text)}.isdisjoint(found)


def with_breaks(html: str) -> str:
    r"""A piece of HTML whose lines only line ends divide, with `<br>` for each: it was written as plain text.

    Comparisons that look like an element stay text.

    >>> with_breaks("one\ntwo <a\nhref='b'>more</a>"), with_breaks("<p>one\ntwo</p>")
    ("one<br>two <a\nhref='b'>more</a>", '<p>one\ntwo</p>')
    """
    html = _NO_ELEMENT.sub("&lt;", html)
    return html if _BLOCK.search(html) else _LINE_END.sub(lambda found: found[1] or "<br>", html)


def extract(html: str) -> Document:
    """Takes the article out of a page.

    Line 0 is the headline (hint `title`); header lines (date, source, editors) stand before the
    body and editors' lines behind it, as on the page, even where the extractors drop them.

    Raises:
        ArticleRejected: `too_large`, `too_deep`, `error_page`, `truncated`, `no_text` or
            `unparsable_html`.
    """
    refuse_huge_page(html)
    root, page, title = _parsed(html)
    given, sources, given_body = read_metadata(root)
    body = find_body(page, title)
    lines = _chosen(html, root, body, given_body)
    reach = BEGINNING[body.is_chinese]
    refuse_error_page(
        [title, *(line.text[:reach] for line in page.lines[:ERROR_REACH])], min(_visible(page.lines), _length(lines))
    )
    headline = _headline(page.lines, title, given["title"], _span(page.lines, lines)[0])
    own = _length(_without_links(lines, page.lines))
    refuse_walls(root, page.lines, title, [line for line in lines if line != headline])
    if not body.is_brief:
        refuse_list(page.lines, body.lines if lines == [line.text for line in body.lines] else [], own)
    if own < LEAST_TEXT and not body.is_brief:
        raise ArticleRejected("no_text", f"the page holds {own} characters of article text outside links")
    refuse_truncated(html, page.lines, lines)
    if headline != given["title"]:
        sources["title"] = "html"
    given["title"] = headline
    document = _assembled(page.lines, lines, headline)
    hints = _without_captions(document, _hints(document, page.lines, headline))
    for found, hint in ((body.comments, COMMENT), (body.related, RELATED)):
        beside = _beside(document, found)
        document += beside
        hints += [hint] * len(beside)
    return Document(document, hints, given, sources)


def _chosen(html: str, root: Any, body: Body, given_body: str | None) -> list[str]:
    """The lines of the article: as the page shows them, or else as it gives them to search engines.

    Some pages put their text into the markup by script, and have it in JSON-LD alone.
    """
    lines = [line.text for line in body.lines]
    if given_body and len(given_body) > LEAST_GIVEN and _length(lines) * 2 < len(given_body):
        return split_lines(TAG.sub("\n", given_body))
    if len(html) <= LONGEST_PAGE and is_unsure(body, root):
        careful = extract_carefully(html)
        careful = [line for line in careful if not clues.is_wall(line)]
        return careful if _length(careful) >= LEAST_LENGTH else lines
    return lines


def extract_fragment(html: str) -> Document:
    """The lines of a piece of HTML that is article text as a whole, as in the body of a record.

    Raises:
        ArticleRejected: `too_large`, `too_deep`, `no_text` or `unparsable_html`.

    >>> extract_fragment("<p>今天开会。</p><h2>明天</h2><p>再开。").hints
    [None, 'heading', None]
    """
    refuse_huge_page(html)
    _, parsed, _ = _parsed(html)
    page = parsed.lines
    if not page:
        raise ArticleRejected("no_text", "the record's HTML holds no text")
    lines = [line.text for line in page]
    return Document(lines, _hints(lines, page, None))


def _length(lines: list[str]) -> int:
    return sum(map(len, lines))


def _without_links(body: list[str], page: list[PageLine]) -> list[str]:
    """The lines that are no pointers: short lines with a link in them and no mark at their end.

    Of a page that lists articles nothing else is left, whatever the extractors make of it.
    """
    links = {line.text for line in page if line.linked and len(line.text) <= LONGEST_CAPTION}
    links = {line for line in links if not is_terminated(line)}
    return [line for line in body if line not in links]


def _visible(page: list[PageLine]) -> int:
    """Code points outside links."""
    return sum(len(line.text) - line.linked for line in page)


def _parsed(html: str) -> tuple[Any, Page, str]:
    try:
        root = turbohtml.parse(html)
    except HTMLParseError as error:
        raise ArticleRejected("unparsable_html", str(error)) from error
    refuse_many_attributes(root)
    element = root.select_one("title")
    title = one_line(element.text) if element is not None else ""
    page = read_page(root)
    if page.has_unseen or (_visible(page.lines) < LEAST_GIVEN and root.xpath(_LATE)):
        late = read_page(root, sees_hidden=True)
        share = COVERED_SHARE if page.has_unseen else LATE_SHARE
        page = late if _visible(late.lines) > share * _visible(page.lines) else page
    return root, page, title


def _assembled(page: list[PageLine], body: list[str], headline: str | None) -> list[str]:
    """Headline, header lines, body, tail lines; each once."""
    start, end = _span(page, body)
    headers = headers_before(page, start)
    tails = tails_after(page, end)
    number = body.index(headline) if headline in body[:TITLE_REACH] else 0
    if headline and body[number : number + 1] == [headline] and not any(map(_is_paragraph, body[:number])):
        headers += [line for line in body[:number] if is_header(line)]
        body = body[number + 1 :]
    present = set(body)
    lines = [headline] if headline else []
    lines += [line for line in dict.fromkeys(headers) if line not in present and line != headline]
    return lines + body + [line for line in tails if line not in present]


def _headline(page: list[PageLine], title: str, given: str | None, start: int) -> str | None:
    """The headline; where the page title names the site alone, or beside it, the line that is shown as one."""
    found = find_headline(page, title, given)
    shown = [line for line in page[:start] if not line.linked and not line.is_terminated and not is_header(line.text)]
    if found is None or not _SITE.search(found):
        if found is None or any(line.text == found and (line.tag or found != title) for line in page):
            return found
        least, whole = SHARE_OF_TITLE * len(found), _unspaced(title)
        named = [line.text for line in shown if least <= len(line.text) < len(title) and _unspaced(line.text) in whole]
        return max(named, key=len, default=found)
    headings = [line.text for line in shown if line.text != found and len(line.text) >= LEAST_HEADLINE]
    named = [text for text in headings if text in title]
    return max(named, key=len) if named else next(reversed(headings[-HEADER_REACH:]), found)


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _is_paragraph(line: str) -> bool:
    return len(line) > LONGEST_CAPTION and is_terminated(line)


def _span(page: list[PageLine], body: list[str]) -> tuple[int, int]:
    """Numbers of the page's lines where the body begins and ends."""
    first = {line: number for number, line in reversed(list(enumerate(line.text for line in page)))}
    last = {line.text: number for number, line in enumerate(page)}
    long_lines = [line for line in body if len(line) > LONGEST_CAPTION and line in first] or [
        line for line in body if line in first
    ]
    if not long_lines:
        return 0, len(page)
    return first[long_lines[0]], last[long_lines[-1]]


def _hints(lines: list[str], page: list[PageLine], headline: str | None) -> list[Hint | None]:
    known = {line.text: line for line in page}
    hints: list[Hint | None] = []
    is_before_body = True
    for number, line in enumerate(lines):
        is_title = number == 0 and line == headline
        if not is_title and (len(line) > LONGEST_CAPTION or is_terminated(line)) and not is_header(line):
            is_before_body = False
        if 0 < number < BYLINE_REACH and _BYLINE.fullmatch(line):
            hints.append("header")
            continue
        hints.append("title" if is_title else _hint(line, known.get(line), is_before_body))
    return hints


_HINT_OF_TAG: Final[Mapping[str, Hint]] = {"li": "list_item", "blockquote": "quote", "table": "table"}


def _without_captions(lines: list[str], hints: list[Hint | None]) -> list[Hint | None]:
    """The hints of a page whose captions are its text: a page of photographs says nothing else."""
    captions = sum(len(line) for line, hint in zip(lines, hints, strict=True) if hint == "caption")
    text = sum(len(line) for line, hint in zip(lines, hints, strict=True) if hint not in ("caption", "title", "header"))
    if text >= min(LEAST_LENGTH, captions):
        return hints
    return [None if hint == "caption" else hint for hint in hints]


def _hint(line: str, found: PageLine | None, is_before_body: bool) -> Hint | None:
    if is_before_body and is_header(line):
        return "header"
    if found is None or is_tail(line):
        return None
    if found.is_caption:
        return "caption"
    return "heading" if found.is_heading else _HINT_OF_TAG.get(found.tag)


def _beside(document: list[str], found: list[PageLine]) -> list[str]:
    """The lines that the document does not have yet, each once."""
    return [text for text in dict.fromkeys(line.text for line in found) if text not in document]
