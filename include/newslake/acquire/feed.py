"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed; malformed ones as a reader would take them.

Own thin reading of the few fields that matter: feedparser needs twenty times as long (0.2 s for 200 items).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from newslake.acquire import web, xml
from newslake.acquire.canonical import absolute, canonical, is_web, shown
from newslake.acquire.documents import Document
from newslake.acquire.listing import Entry, Listing, ListingFault, moment, stamp, text_of
from newslake.acquire.visit import Visit
from newslake.sources import FeedSource, WebSource

_PREFIXES: Final = {
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
}
"""Namespaces by what their elements are called here; elements of others (media, itunes) are left alone."""
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_TEXTS = ("content:encoded", "content", "xhtml:body", "description", "summary", "dc:description")
ROOTS = ("rss", "feed", "RDF", "channel")
MOST_BYTES = 16 * 2**20
"""Of a feed when it is unpacked."""
IDENTITY_CHARACTERS = 1_000
"""Longer ones are known by their digest."""

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
Fields = dict[str, list[Any]]


class Item(NamedTuple):
    """What an item says; texts as they stand there.

    Attributes:
        url: absolute, None where the item has no link.
        identity: guid, id or rdf:about.
        text: HTML or plain text of the item.
    """

    url: str | None
    identity: str | None
    title: str | None
    text: str | None
    published: str | None
    modified: str | None
    author: str | None
    publisher: str | None


def read(visit: Visit) -> Iterator[Document | None]:
    """The pages that a feed names, or its items themselves."""
    return web.read(visit, entries, most_listings=1)


def entries(content: bytes, charset: str | None, base_url: str, source: WebSource) -> Listing:
    """The items of a feed.

    Args:
        content: the feed.
        charset: named by the transport.
        base_url: where the feed was found; relative links start there.
        source: with `items: content`, entries hold the item as a JSON record.

    Raises:
        ListingFault: this is no feed, or too large a one.
    """
    if len(content) > MOST_BYTES:
        raise ListingFault("too_large", f"a feed of {len(content)} bytes; {MOST_BYTES} are allowed")
    text = text_of(content, charset)
    is_content = isinstance(source, FeedSource) and source.items == "content"
    is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
    found = _json_items(text, base_url) if is_json else _xml_items(text, base_url, is_content)
    made = [_entry(item, base_url, source.timezone, is_content) for item in found]
    kept = {entry.url: entry for entry in reversed(made) if entry}
    missing = made.count(None)
    notes = [f"{shown(base_url)}: {missing} items have no link or no words"] if missing else []
    return Listing(list(reversed(kept.values())), [], notes)


def _entry(item: Item, base_url: str, timezone: str | None, is_content: bool) -> Entry | None:
    modified_at = stamp(item.modified or item.published, timezone)
    if not is_content:
        return Entry(item.url, modified_at) if item.url else None
    if not item.title and not item.text:
        return None
    record = {
        "title": item.title,
        "content": item.text,
        "published_at": _when(item.published or item.modified, timezone),
        "author": item.author,
        "source": item.publisher,
        "url": canonical(item.url) if item.url else None,
    }
    content = orjson.dumps({name: value for name, value in record.items() if value})
    # An item without any address is known by what it calls itself, or else by its words.
    identity = item.identity
    if not identity or len(identity) > IDENTITY_CHARACTERS:
        words = identity or item.title or item.text or ""
        identity = sha256(words.encode("utf-8", "replace")).hexdigest()[:16]
    return Entry(item.url or f"{canonical(base_url)}#item={identity}", modified_at, content)


def _when(printed: str | None, timezone: str | None) -> str | None:
    """ISO 8601 where the date can be read; otherwise as printed, for those who read dates in pages."""
    found = moment(printed, timezone)
    return found.isoformat() if found else printed


def _json_items(text: str, base_url: str) -> Iterator[Item]:
    try:
        feed = json.loads(text.lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError) as error:
        raise ListingFault("malformed_json", f"not a JSON Feed: {error}") from None
    items = feed.get("items")
    if not isinstance(items, list):
        raise ListingFault("not_a_feed", "JSON without a list `items`")
    for item in items:
        if isinstance(item, dict):
            written = {name: text for name, text in item.items() if isinstance(text, str) and text.strip()}
            given = {name: _sound(text) for name, text in written.items()}
            identity = str(item["id"]) if item.get("id") is not None else None
            yield Item(
                absolute(written.get("url") or written.get("external_url") or _web(identity), base_url),
                _sound(identity) if identity else None,
                given.get("title"),
                given.get("content_html") or given.get("content_text") or given.get("summary"),
                given.get("date_published"),
                given.get("date_modified"),
                _json_authors(item),
                None,
            )


def _json_authors(item: dict[str, Any]) -> str | None:
    authors = item.get("authors") or [item.get("author")]
    names = [author.get("name") for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []
    return _sound("、".join(name for name in names if isinstance(name, str))) or None


def _sound(text: str) -> str:
    r"""JSON may escape half of a pair of surrogates, which no encoding has.

    >>> _sound("a\ud83d"), _sound("会议")
    ('a?', '会议')
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def _xml_items(text: str, base_url: str, is_content: bool) -> Iterator[Item]:
    root = xml.parse(text, frozenset((*_TEXTS, "title")))
    name = _name(root.tag)
    if name.removeprefix("rdf:") not in ROOTS:
        raise ListingFault("not_a_feed", f"its root is <{name[:40]}>")
    for element in root.iter("{*}item", "{*}entry"):
        fields: Fields = {}
        for child in element:
            fields.setdefault(_name(child.tag), []).append(child)
        yield _item(element, fields, base_url, is_content)


_NAMES: dict[str, str] = {}


def _name(tag: str) -> str:
    """An element's name; one whose namespace was never declared has its prefix as written."""
    if tag not in _NAMES:
        namespace, _, local = tag.rpartition("}")
        _NAMES.setdefault(tag, _PREFIXES.get(namespace[1:], "other:") + local if namespace else tag)
    return _NAMES[tag]


def _item(element: Any, fields: Fields, base_url: str, is_content: bool) -> Item:
    identity = _text(fields, "guid", "id") or element.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
    link = _link(fields) or _identity_link(fields, identity)
    return Item(
        absolute(link, _base(element, base_url)),
        identity,
        _without_tags(_text(fields, "title", "dc:title")),
        _markup(fields, *_TEXTS) if is_content else None,
        _text(
            fields, "pubDate", "published", "issued", "dc:date", "dcterms:issued", "dcterms:created", "created", "date"
        ),
        _text(fields, "updated", "modified", "dcterms:modified"),
        _text(fields, "dc:creator", "author", "dc:author"),
        _text(fields, "source", "dc:source", "dc:publisher"),
    )


def _link(fields: Fields) -> str | None:
    """RSS has the address as text, Atom as attribute of the link that is the page itself."""
    best: tuple[int, str] | None = None
    for link in fields.get("link", ()):
        kind = link.get("type") or ""
        if (link.get("rel") or "alternate") != "alternate":
            continue
        address = (link.get("href") or link.text or "").strip()
        rank = 0 if not kind or "html" in kind else 1
        if address and (best is None or rank < best[0]):
            best = rank, address
    return best[1] if best else None


def _identity_link(fields: Fields, identity: str | None) -> str | None:
    """A guid is the address unless it says that it is none; an Atom id often is."""
    is_none = any((guid.get("isPermaLink") or "").strip().lower() == "false" for guid in fields.get("guid", ()))
    return None if is_none else _web(identity)


def _web(address: str | None) -> str | None:
    return address if address and is_web(address) else None


def _base(element: Any, base_url: str) -> str:
    bases = [base for one in (element, *element.iterancestors()) if (base := one.get(_XML_BASE))]
    for base in reversed(bases):
        base_url = absolute(base, base_url) or base_url
    return base_url


def _text(fields: Fields, *names: str) -> str | None:
    """The words of the first of these elements that has any; of a person or a source, the name."""
    for name in names:
        for element in fields.get(name, ()):
            if not len(element):
                words = element.text or ""
            else:
                named = element.find("{*}name")
                if named is None:
                    named = element.find("{*}title")
                words = "".join((element if named is None else named).itertext())
            if words := " ".join(words.split()):
                return words
    return None


def _without_tags(words: str | None) -> str | None:
    """A headline's words: some feeds write HTML there, as text."""
    return " ".join(_TAG.sub("", words).split()) or None if words else None


def _markup(fields: Fields, *names: str) -> str | None:
    """The first of these that holds something: the text, or, where HTML stands in it unescaped, that HTML."""
    from lxml import etree

    for name in names:
        for element in fields.get(name, ()):
            inner = [etree.tostring(child, encoding="unicode", method="html") for child in element]
            if words := ((element.text or "") + "".join(inner)).strip():
                return words
    return None
