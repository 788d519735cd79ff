"""Metadata that a page gives in its markup: JSON-LD, OpenGraph, meta elements, time elements.

Everything stays a raw string: parsing dates and names is the next stage's work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
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
_ARTICLE_TYPES: Final = ("article", "posting", "report")


def read_metadata(page: Any) -> Given:
    """What the markup of a page says about it; None where it says nothing.

    JSON-LD comes first, then meta elements, then the first time element. The web address is given
    only if it is absolute.

    Args:
        page: a turbohtml document.

    >>> import turbohtml
    >>> given = read_metadata(turbohtml.parse('<meta name="PubDate" content="2024-02-20"><link rel=canonical href="/a">'))
    >>> given["published"], given["url"]
    ('2024-02-20', None)
    """
    metas = _metas(page)
    article = next(_articles(page.json_ld()), {})
    linked = {
        "title": _named(article.get("headline")),
        "deck": _named(article.get("alternativeHeadline")),
        "author": _named(article.get("author")),
        "editor": _named(article.get("editor")),
        "source_name": _named(article.get("publisher")),
        "published": _named(article.get("datePublished")),
        "place": _named(article.get("contentLocation")),
    }
    given: Given = {name: value for name, value in linked.items()}
    for name, keys in _META.items():
        found = next((metas[key] for key in keys if key in metas), None)
        # A profile's address is no author's name.
        if not given[name] and found and not (name == "author" and "://" in found):
            given[name] = found
    if not given["published"]:
        given["published"] = _first_time(page)
    given["url"] = _address(page, metas)
    root = page.root
    given["language"] = _short(root.attr("lang")) if root is not None else None
    return given


def _metas(page: Any) -> dict[str, str]:
    metas: dict[str, str] = {}
    for element in page.select("meta[content]"):
        name = element.attr("property") or element.attr("name") or element.attr("itemprop") or ""
        value = _short(element.attr("content"))
        if isinstance(name, str) and name and value:
            metas.setdefault(name.strip().lower(), value)
    return metas


def _articles(values: Any) -> Iterator[Mapping[str, Any]]:
    """The JSON-LD objects that are articles, one graph or list deep."""
    for value in values:
        if isinstance(value, list):
            yield from _articles(value)
        elif isinstance(value, dict):
            kind = str(value.get("@type", "")).lower()
            if any(word in kind for word in _ARTICLE_TYPES):
                yield value
            elif isinstance(value.get("@graph"), list):
                yield from _articles(value["@graph"])


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


def _address(page: Any, metas: Mapping[str, str]) -> str | None:
    link = page.select_one("link[rel=canonical]")
    for address in (None if link is None else _short(link.attr("href")), metas.get("og:url")):
        if address and is_web_address(address):
            return address
    return None


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
