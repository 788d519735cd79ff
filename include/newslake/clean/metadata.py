"""Metadata that a page gives in its markup: JSON-LD, OpenGraph, meta elements, time elements.

Everything stays a raw string: parsing dates and names is the next stage's work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from newslake.clean.lines import Given, one_line

LONGEST_VALUE: Final = 500
"""Code points; longer values are texts put into the wrong field."""

_META: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("og:title", "twitter:title", "articletitle", "dc.title"),
    "author": ("author", "article:author", "byl", "dc.creator", "parsely-author", "sailthru.author"),
    "editor": ("editor", "责任编辑", "責任編輯"),
    "source_name": ("source", "contentsource", "articlesource", "mediaid", "og:site_name", "application-name"),
    "published": (
        "article:published_time",
        "og:published_time",
        "publishdate",
        "pubdate",
        "datepublished",
        "publish-date",
        "date",
        "dc.date",
        "dc.date.issued",
        "parsely-pub-date",
        "sailthru.date",
        "weibo: article:create_at",
    ),
}
_OPENGRAPH: Final = ("og:", "article:")
_ARTICLE_TYPES: Final = ("article", "posting", "report")
DEEPEST_GRAPH: Final = 8
"""Nested lists and graphs of JSON-LD in which articles are looked for; real pages have three at most."""

_TRAILING_COMMA: Final = re.compile(r",\s*([}\]])")
_CONTROL: Final = re.compile("[\x00-\x1f]+")
_COMMENT: Final = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/)\s*;?\s*$"
)


class Metadata(NamedTuple):
    """What a page says about itself.

    Attributes:
        given: name → value; None where the page says nothing.
        sources: name → json_ld, opengraph, meta, time_tag, link or html, for each value that is given.
        article_body: the text that JSON-LD gives, None if it does not.
    """

    given: Given
    sources: dict[str, str]
    article_body: str | None


def read_metadata(page: Any) -> Metadata:
    """What the markup of a page says about it.

    JSON-LD comes first, then meta elements, then the first time element. The web address is given
    only if it is absolute.

    Args:
        page: a turbohtml document.

    >>> import turbohtml
    >>> read = read_metadata(turbohtml.parse('<meta name="PubDate" content="2024-02-20"><link rel=canonical href="/a">'))
    >>> read.given["published"], read.given["url"], read.sources
    ('2024-02-20', None, {'published': 'meta'})
    """
    article = _article(page)
    given: Given = {
        "title": _named(article.get("headline")),
        "deck": _named(article.get("alternativeHeadline")),
        "author": _named(article.get("author") or article.get("creator")),
        "editor": _named(article.get("editor")),
        "source_name": _named(article.get("publisher") or article.get("sourceOrganization")),
        "published": _named(article.get("datePublished")),
        "place": _named(article.get("contentLocation")),
    }
    sources = {name: "json_ld" for name, value in given.items() if value}
    metas = _metas(page)
    _add_metas(given, sources, metas)
    if not given["published"]:
        _add(given, sources, "published", _first_time(page), "time_tag")
    link = page.select_one("link[rel=canonical]")
    address = None if link is None else _web_address(_short(link.attr("href")))
    _add(given, sources, "url", address, "link")
    if not address:
        _add(given, sources, "url", _web_address(metas.get("og:url")), "opengraph")
    root = page.root
    _add(given, sources, "language", _short(root.attr("lang")) if root is not None else None, "html")
    body = article.get("articleBody")
    return Metadata(given, sources, body if isinstance(body, str) and body.strip() else None)


def _add(given: Given, sources: dict[str, str], name: str, value: str | None, source: str) -> None:
    given[name] = value
    if value:
        sources[name] = source


def _add_metas(given: Given, sources: dict[str, str], metas: Mapping[str, str]) -> None:
    for name, keys in _META.items():
        key = next((key for key in keys if key in metas), None)
        # A profile's address is no author's name.
        if given[name] or key is None or (name == "author" and "://" in metas[key]):
            continue
        _add(given, sources, name, metas[key], "opengraph" if key.startswith(_OPENGRAPH) else "meta")


def _metas(page: Any) -> dict[str, str]:
    metas: dict[str, str] = {}
    for element in page.select("meta[content]"):
        name = element.attr("property") or element.attr("name") or element.attr("itemprop") or ""
        value = _short(element.attr("content"))
        if isinstance(name, str) and name and value:
            metas.setdefault(name.strip().lower(), value)
    return metas


def _article(page: Any) -> Mapping[str, Any]:
    """The first JSON-LD object that is an article; empty if there is none."""
    for element in page.select("script"):
        if (element.attr("type") or "").strip().lower() == "application/ld+json":
            for article in _articles(_parsed(element.text), 0):
                return article
    return {}


def _parsed(text: str) -> object:
    """JSON-LD as sites write it: line breaks inside strings, trailing commas and comments around are overlooked."""
    text = _COMMENT.sub("", _COMMENT.sub("", text))
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text))):
        try:
            parsed: object = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        return parsed
    return None


def _articles(value: object, depth: int) -> Iterator[Mapping[str, Any]]:
    """The JSON-LD objects that are articles, in lists and graphs and as main entities of pages."""
    if depth > DEEPEST_GRAPH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _articles(item, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type", "")
        kind = " ".join(map(str, kinds)).lower() if isinstance(kinds, list) else str(kinds).lower()
        if any(word in kind for word in _ARTICLE_TYPES):
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            if isinstance(value.get(key), list | dict):
                yield from _articles(value[key], depth + 1)


def _named(value: Any) -> str | None:
    if isinstance(value, list):
        return _short("、".join(filter(None, map(_named, value))))
    if isinstance(value, dict):
        return _named(value.get("name"))
    return _short(value) if isinstance(value, str) else None


def _short(value: str | None) -> str | None:
    value = one_line(value) if isinstance(value, str) else ""
    return value if 0 < len(value) <= LONGEST_VALUE else None


def _first_time(page: Any) -> str | None:
    element = page.select_one("time[datetime]")
    return None if element is None else _short(element.attr("datetime"))


def _web_address(address: str | None) -> str | None:
    return address if address and is_web_address(address) else None


def is_web_address(address: str) -> bool:
    """Whether an address is absolute http or https.

    >>> is_web_address("https://example.org/a"), is_web_address("//example.org/a"), is_web_address("http://[")
    (True, False, False)
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
