"""One JSON object as one article record."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from html import unescape
from typing import Final

from newslake.clean.extract import extract, extract_fragment, holds_html, with_breaks
from newslake.clean.lines import Document, Given, Hint, one_line, split_lines, without_markup, without_surrogates
from newslake.clean.mojibake import repair_mojibake, take_back
from newslake.errors import ArticleRejected

# Names as `_key` writes them, the surest first: a time of creation or of a crawl is no publication.
_TEXT_KEYS: Final = (
    "text", "content", "body", "article", "html", "articlebody", "fulltext", "maintext", "bodytext", "contenthtml", "bodyhtml",
    "正文", "内容", "內容", "全文",
)  # fmt: skip
_HTML_KEYS: Final = frozenset({"html", "contenthtml", "bodyhtml"})
"""Their text is HTML, whatever it looks like."""
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "headline", "articletitle", "newstitle", "subject", "标题", "標題"),
    "deck": ("deck", "description", "summary", "subtitle", "subheadline", "abstract", "副标题", "副標題", "摘要"),
    "author": ("author", "authors", "byline", "reporter", "reporters", "journalist", "writer", "creator", "作者", "记者", "記者"),
    "editor": ("editor", "editors", "编辑", "編輯"),
    "source_name": (
        "source", "sourcename", "publisher", "sitename", "media", "medianame", "outlet", "newspaper", "site", "provider",
        "来源", "來源", "媒体", "媒體", "稿源",
    ),
    "published": (
        "publishedat", "published", "date", "pubdate", "publishtime", "datetime", "pubtime", "publishdate", "publishat",
        "publisheddate", "publishedtime", "publishedon", "publicationdate", "datepublished", "releasedate", "releasetime",
        "postdate", "posttime", "postedat", "newstime", "time", "发布时间", "發布時間", "發佈時間", "发布日期", "日期", "时间", "時間",
    ),
    "url": ("url", "link", "href", "permalink", "canonicalurl", "pageurl", "articleurl", "网址", "網址", "链接", "連結"),
    "place": ("place", "location", "地点", "地點"),
    "language": ("language", "lang", "语言", "語言"),
}  # fmt: skip
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,10});")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>")
_SEPARATORS: Final = str.maketrans("", "", "_-. ")


def read_record(text: str) -> Document:
    r"""Reads an article record; a body that is HTML is extracted like a page.

    Keys are compared without regard to case, underscores and hyphens. A value that is a list is joined by `、`, one that is
    an object gives its `name`. Only the body is taken for text: a summary is a deck, never a body.

    Raises:
        ArticleRejected: `malformed_json`, `truncated`, `no_text_field`, or what extraction raises.

    Where the body was misread before it was written down (`ä¼šè®®`), all fields are taken back.

    >>> read_record('{"headline": "会议召开", "content": "今天开会。\\n明天再开。"}').lines
    ['会议召开', '今天开会。', '明天再开。']
    """
    record = _parsed(text)
    if not isinstance(record, dict):
        raise ArticleRejected("no_text_field", f"the record is a JSON {type(record).__name__}, not an object")
    fields = {_key(key): value for key, value in record.items() if value is not None}
    key, body = _body(fields)
    misreadings = take_back(body)[1] if body else ()
    if misreadings:
        fields = {key: repair_mojibake(value)[0] if isinstance(value, str) else value for key, value in fields.items()}
        key, body = _body(fields)
    given: Given = {name: _given(fields, keys) for name, keys in _KEYS.items()}
    if body is None:
        raise ArticleRejected("no_text_field", f"none of {', '.join(_TEXT_KEYS)} holds text")
    return replace(_with_title(_document(body, key in _HTML_KEYS), given), misreadings=misreadings)


def _parsed(text: str) -> object:
    try:
        parsed: object = json.loads(text)
    except RecursionError as error:
        raise ArticleRejected("malformed_json", "nested too deeply to be read") from error
    except ValueError as error:
        if text.lstrip()[:1] in ("{", "[") and isinstance(error, json.JSONDecodeError) and _ends_early(text, error):
            raise ArticleRejected("truncated", f"the JSON breaks off after {len(text)} characters") from error
        raise ArticleRejected("malformed_json", f"not JSON: {error}") from error
    return parsed


def _ends_early(text: str, error: json.JSONDecodeError) -> bool:
    """Whether what is missing is the end: a string left open before a closing brace lacks its quote instead."""
    visible = text.rstrip()
    if error.msg.startswith("Unterminated string"):
        return not visible.endswith(("}", "]"))
    return error.pos >= len(visible)


@lru_cache(maxsize=1024)
def _key(name: str) -> str:
    """A field's name as its variants have it in common: publishTime, publish_time and Publish-Time are one."""
    return name.lower().translate(_SEPARATORS)


def _given(fields: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    value = _first(fields, keys, _as_text)
    return (one_line(value) or None) if value else None


def _first(fields: Mapping[str, object], keys: tuple[str, ...], read: Callable[[object], str | None]) -> str | None:
    for key in filter(fields.__contains__, keys):
        if value := read(fields[key]):
            return value
    return None


def _body(fields: Mapping[str, object]) -> tuple[str, str | None]:
    """The text and the key that it stands under."""
    found = ((key, _as_found(fields[key])) for key in _TEXT_KEYS if key in fields)
    return next(((key, text) for key, text in found if text), ("", None))


def _as_found(value: object) -> str | None:
    """What a body says, with halves of characters and NULs, which the repairs find in it."""
    return value.strip() if isinstance(value, str) else _as_text(value)


def _as_text(value: object) -> str | None:
    """What a field says: a text, a number (time stamps), a list of these, or the name of an object."""
    if isinstance(value, str):
        return without_surrogates(_without_entities(value)).strip()
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return "、".join(filter(None, map(_as_text, value)))
    return _as_text(value.get("name")) if isinstance(value, dict) else None


def _without_entities(text: str) -> str:
    r"""What entities stand for, in text that is no HTML: an export left them.

    >>> _without_entities("A&amp;B公司&ldquo;好&rdquo; R&D;")
    'A&B公司“好” R&D;'
    """
    return _ENTITY.sub(lambda match: unescape(match[0]), text) if "&" in text else text


def _document(body: str, is_html: bool) -> Document:
    if not (is_html and _TAG.search(body)) and not holds_html(body):
        lines = split_lines(_without_entities(body))
        if not lines:
            raise ArticleRejected("no_text_field", "the text field holds nothing that can be seen")
        return without_markup(lines)
    body = without_surrogates(body)
    if "<body" in body.lower():
        return extract(body)
    return extract_fragment(body if is_html else with_breaks(body))


def _with_title(document: Document, given: Given) -> Document:
    """Puts the record's headline on line 0 and lets its fields overrule the page's."""
    own = {name: value for name, value in given.items() if value}
    merged: Given = {**document.given, **own}
    sources = {**document.given_sources, **dict.fromkeys(own, "record")}
    lines: list[str] = list(document.lines)
    hints: list[Hint | None] = list(document.hints)
    title = split_lines(given["title"] or "")
    if title and lines and lines[0] == title[0]:
        hints[0] = "title"
    elif title:
        if hints and hints[0] == "title":
            hints[0] = None
        lines, hints = title[:1] + lines, ["title", *hints]
    return Document(lines, hints, merged, sources)
