"""One JSON object as one article record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from newslake.clean.extract import extract, extract_fragment, looks_like_html
from newslake.clean.lines import Document, Given, Hint, one_line, split_lines, without_markup, without_surrogates
from newslake.errors import ArticleRejected

_TEXT_KEYS: Final = ("text", "content", "body", "article", "html")
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "headline"),
    "deck": ("deck", "description", "summary"),
    "author": ("author", "authors", "byline", "reporter"),
    "editor": ("editor",),
    "source_name": ("source", "source_name", "publisher", "site_name"),
    "published": ("published_at", "published", "date", "pubdate", "publish_time", "datetime"),
    "url": ("url", "link"),
    "place": ("place",),
    "language": ("language", "lang"),
}


def read_record(text: str) -> Document:
    r"""Reads an article record; a body that is HTML is extracted like a page.

    Keys are compared without regard to case. A value that is a list is joined by `、`, one that is
    an object gives its `name`. Only the body is taken for text: a summary is a deck, never a body.

    Raises:
        ArticleRejected: `malformed_json`, `truncated`, `no_text_field`, or what extraction raises.

    >>> read_record('{"headline": "会议召开", "content": "今天开会。\\n明天再开。"}').lines
    ['会议召开', '今天开会。', '明天再开。']
    """
    record = _parsed(text)
    if not isinstance(record, dict):
        raise ArticleRejected("no_text_field", f"the record is a JSON {type(record).__name__}, not an object")
    fields = {str(key).lower(): value for key, value in record.items()}
    given: Given = {name: one_line(_first(fields, keys) or "") or None for name, keys in _KEYS.items()}
    body = _first(fields, _TEXT_KEYS)
    if body is None:
        raise ArticleRejected("no_text_field", f"none of {', '.join(_TEXT_KEYS)} holds text")
    return _with_title(_document(body), given)


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
    return error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")


def _first(fields: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = _as_text(fields.get(key))
        if value:
            return value
    return None


def _as_text(value: object) -> str | None:
    """What a field says: a text, a number (time stamps), a list of these, or the name of an object."""
    if isinstance(value, str):
        return without_surrogates(value).strip()
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return "、".join(filter(None, map(_as_text, value)))
    return _as_text(value.get("name")) if isinstance(value, dict) else None


def _document(body: str) -> Document:
    if not looks_like_html(body):
        lines = split_lines(body)
        if not lines:
            raise ArticleRejected("no_text_field", "the text field holds nothing that can be seen")
        return without_markup(lines)
    return extract(body) if "<body" in body.lower() else extract_fragment(body)


def _with_title(document: Document, given: Given) -> Document:
    """Puts the record's headline on line 0 and lets its fields overrule the page's."""
    merged: Given = {**document.given, **{name: value for name, value in given.items() if value}}
    lines: list[str] = list(document.lines)
    hints: list[Hint | None] = list(document.hints)
    title = split_lines(given["title"] or "")
    if title and lines and lines[0] == title[0]:
        hints[0] = "title"
    elif title:
        if hints and hints[0] == "title":
            hints[0] = None
        lines, hints = title[:1] + lines, ["title", *hints]
    return Document(lines, hints, merged)
