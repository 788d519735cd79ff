"""Metadata that a page gives in its markup: JSON-LD, OpenGraph, meta elements, time elements.

Everything stays a raw string: parsing dates and names is the next stage's work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from newslake.clean.lines import Given, one_line

LONGEST_VALUE: Final = 500
"""Code points; longer values are texts put into the wrong field."""

_META: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("og:title", "twitter:title", "articletitle", "dc.title", "dcterms.title", "citation_title"),
    "author": (
        *("author", "article:author", "og:article:author", "byl", "dc.creator", "dcterms.creator", "parsely-author"),
        *("sailthru.author", "citation_author", "weibo: article:author", "作者"),
    ),
    "editor": ("editor", "责任编辑", "責任編輯", "contenteditor"),
    "source_name": (
        *("source", "contentsource", "articlesource", "mediaid", "来源", "og:article:source", "og:site_name"),
        *("application-name", "sitename"),
    ),
    "published": (
        *("article:published_time", "og:published_time", "og:article:published_time", "article:published", "og:time"),
        *("publishdate", "pubdate", "datepublished", "publish-date", "publish_date", "publishtime", "publish_time"),
        *(
            "publish-time",
            "pubtime",
            "apub:time",
            "bytedance:published_time",
            "firstpublished",
            "citation_publication_date",
        ),
        *("citation_date", "dcterms.issued", "dcterms.date", "dcterms.created", "dc.date.issued", "dc.date", "date"),
        *("parsely-pub-date", "sailthru.date", "weibo: article:create_at", "发布时间", "发布日期"),
    ),
}
_OPENGRAPH: Final = ("og:", "article:")
_ARTICLE_TYPES: Final = ("article", "posting", "report")
DEEPEST_GRAPH: Final = 8
"""Nested lists and graphs of JSON-LD in which articles are looked for; real pages have three at most."""

_TRAILING_COMMA: Final = re.compile(r",\s*([}\]])")
LONGEST_DATE: Final = 150
"""Code points of an element that holds a date; longer ones hold the article."""

_DATE_ELEMENTS: Final = ",".join(
    f"[{name}*={word} i]" for name in ("id", "class") for word in ("pub", "time", "date", "info")
)
_DATE_CLUE: Final = re.compile(
    r"(?:p[-_]?)?pub(?:lish(?:ed)?)?[-_]?(?:time|date)(?:[-_]?(?:baidu|id|s))?|art(?:icle|i)?[-_]{0,2}(?:info|time|date)"
    r"|(?:news|content|con|post|left|get|story|entry|blog|release|create|issue)[-_]?(?:time|date)"
    r"|(?:date|time)[-_]?source|source[-_]?(?:date|time)|posted[-_]on|news[-_]?info|xl[-_]?time"
)
_DAY: Final = re.compile(r"(?:19|20)\d\d\s?(?:[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}|年\s?\d{1,2}\s?月\s?\d{1,2}\s?日)")
_BESIDE_TAGS: Final = ("aside", "nav", "footer")
_WHOLE_TAGS: Final = ("html", "body", "article", "main")
_BESIDE: Final = re.compile(r"(?:^|[\s_-])(?:comments?|related|sidebar)(?:$|[\s_-])", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
LONGEST_AUTHOR: Final = 60
"""Code points of a name; longer elements hold more than it."""

LONGEST_BROKEN: Final = 20_000
"""Code points of broken JSON-LD that are looked at."""

_DECODER: Final = json.JSONDecoder(strict=False)
_FIELD: Final = re.compile(
    r'"(?P<name>@type|headline|datePublished|author|editor)"\s*:\s*'
    r'(?P<value>"(?:[^"\\]|\\.)*"(?=\s*(?:[,}\]\r\n]|$))|\{[^{}]{0,500}\}|\[(?:\s*\{[^{}]{0,500}\}\s*,?){1,10}\])'
)
_WIKI: Final = re.compile(r"\bwiki", re.IGNORECASE)
_COMMAS: Final = re.compile(r",(?:\s*,)+")
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
    publisher = _named(article.get("publisher") or article.get("sourceOrganization"))
    given: Given = {
        "title": _named(article.get("headline")),
        "deck": _named(article.get("alternativeHeadline")),
        "author": _named(article.get("author") or article.get("creator"), is_person=True),
        "editor": _named(article.get("editor"), is_person=True),
        "source_name": publisher,
        # An encyclopedia tells when its entry was begun, not when the text was published.
        "published": None if publisher and _WIKI.search(publisher) else _named(article.get("datePublished")),
        "place": _named(article.get("contentLocation")),
    }
    sources = {name: "json_ld" for name, value in given.items() if value}
    metas = _metas(page)
    _add_metas(given, sources, metas)
    if not given["published"]:
        _add(given, sources, "published", time_of(page), "time_tag")
    if not given["author"]:
        _add(given, sources, "author", _schema_author(page), "html")
    if not given["published"]:
        _add(given, sources, "published", visible_date(page), "html")
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
    """JSON-LD as sites write it.

    Line breaks inside strings, trailing and doubled commas, comments around and what follows the first object are
    overlooked; of what still is no JSON the fields are read one by one.
    """
    text = _COMMENT.sub("", _COMMENT.sub("", text)).strip().rstrip(";")
    if text.startswith(("{&quot;", "[{&quot;")):
        text = unescape(text)
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", _COMMAS.sub(",", _CONTROL.sub(" ", text)))):
        try:
            parsed: object = _DECODER.raw_decode(candidate)[0]
        except (ValueError, RecursionError):
            continue
        return parsed
    return _salvaged(text)


def _salvaged(text: str) -> dict[str, object]:
    """The fields of an article that stand in broken JSON-LD, each read on its own; one that is broken is left out.

    >>> _salvaged('{"@type":"NewsArticle","headline":"a "b" c","datePublished":"2024-02-20","author":{"name":"李明"}')
    {'@type': 'NewsArticle', 'datePublished': '2024-02-20', 'author': {'name': '李明'}}
    """
    found: dict[str, object] = {}
    for field in _FIELD.finditer(text[:LONGEST_BROKEN]):
        try:
            found.setdefault(field["name"], json.loads(field["value"], strict=False))
        except (ValueError, RecursionError):
            continue
    return found


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


def _named(value: Any, *, is_person: bool = False, depth: int = 0) -> str | None:
    """The names in a value of JSON-LD: a string, an object, or lists of them; organizations are no persons."""
    if depth > DEEPEST_GRAPH:
        return None
    if isinstance(value, list):
        return _short("、".join(filter(None, (_named(one, is_person=is_person, depth=depth + 1) for one in value))))
    if isinstance(value, dict):
        if is_person and "organi" in str(value.get("@type", "")).lower():
            return None
        return _named(value.get("name") or value.get("@value"), is_person=is_person, depth=depth + 1)
    # The address of a profile is no name.
    return _short(value) if isinstance(value, str) and "://" not in value else None


def _short(value: str | None) -> str | None:
    value = one_line(value) if isinstance(value, str) else ""
    return value if 0 < len(value) <= LONGEST_VALUE else None


def time_of(page: Any) -> str | None:
    """The time element, or other element of a schema, that says when the article was published.

    Elements that name the property come first, then the first time element of the article, then the first of all;
    those of comments and of what stands beside the article are passed over.

    >>> import turbohtml
    >>> time_of(turbohtml.parse('<time datetime="2024-01-01">old</time><p itemprop=datePublished content="2024-02-20">'))
    '2024-02-20'
    >>> time_of(turbohtml.parse('<div class=comments><time datetime="2024-05-05T10:00">x</time></div>')) is None
    True
    """
    found = [e for e in page.select("time[datetime],time[pubdate],[itemprop~=datePublished]") if not _is_beside(e)]
    if len(found) > 1:
        inside = [e for e in page.select("article time[datetime]") if not _is_beside(e)][:1]
        found = sorted(found, key=_is_unnamed)
        found = found if not _is_unnamed(found[0]) else inside + found
    values = (element.attr("datetime") or element.attr("content") or element.text for element in found)
    return next((_short(value) for value in values if value and _YEAR.search(value)), None)


def _is_beside(element: Any) -> bool:
    """Whether an element stands in comments or beside the article."""
    for block in element.ancestors:
        tag = getattr(block, "tag", None)
        if tag in _BESIDE_TAGS:
            return True
        if tag is None or tag in _WHOLE_TAGS:
            continue
        names = block.attr("class") or ""
        classes = names if isinstance(names, str) else " ".join(names)
        if _BESIDE.search(f"{classes} {block.attr('id') or ''}"):
            return True
    return False


def _schema_author(page: Any) -> str | None:
    """The person that an element of a schema names as the author."""
    element = page.select_one("[itemprop~=author]")
    if element is None or "comment" in str(element.attr("itemtype") or "").lower():
        return None
    name = element.select_one("[itemprop~=name]") or element
    value = name.attr("content") or name.text
    return _short(value) if value and len(value) <= LONGEST_AUTHOR and "://" not in value else None


def _is_unnamed(element: Any) -> bool:
    """Whether an element does not say that its date is the one of publication."""
    return "datePublished" not in (element.attr("itemprop") or "") and element.attr("pubdate") is None


def visible_date(page: Any) -> str | None:
    """The text of the first element whose id or class says that it is the article's date, and that holds one.

    Chinese portals print the date in such an element near the headline, without telling it in meta elements.

    >>> import turbohtml
    >>> visible_date(turbohtml.parse('<i class=time>1月17日</i><span id=pub_date>2024年2月20日 18:03</span>'))
    '2024年2月20日 18:03'
    """
    for element in page.select(_DATE_ELEMENTS):
        if element.tag not in ("body", "html") and _is_date_clue(element):
            text = element.text
            if len(text) <= LONGEST_DATE and _DAY.search(text):
                return _short(text)
    return None


def _is_date_clue(element: Any) -> bool:
    names = element.attr("class") or ""
    classes = names.split() if isinstance(names, str) else names
    return any(_DATE_CLUE.fullmatch(name.lower()) for name in (*classes, element.attr("id") or ""))


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
