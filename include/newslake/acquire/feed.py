"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed; malformed ones as a reader would take them.

Own thin reading of the few fields that matter: feedparser needs twenty times as long (0.2 s for 200 items).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import urldefrag

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
_ITEMS = ("item", "entry")
MOST_BYTES = 16 * 2**20
"""Of a feed when it is unpacked."""
MOST_PARTS = 1_000_000
"""Objects and lists of a JSON Feed, and brackets in its texts: one every sixteenth character of the largest."""
_HEAD_CHARACTERS = 64 * 2**10
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
    beginning = text[:_HEAD_CHARACTERS].lstrip("\ufeff \t\r\n")
    broken = None
    if beginning.startswith("["):
        raise ListingFault("not_a_feed", "this is a JSON array; a JSON Feed is an object with a list `items`")
    if beginning.startswith("{"):
        found = list(_json_items(text, base_url))
    else:
        xml.refuse_page(beginning)
        found, broken = _xml_items(text, base_url, is_content)
    shared = _shared(found) if is_content else frozenset()
    made = [_entry(item, base_url, source.timezone, is_content, shared) for item in found]
    kept: dict[str, Entry] = {}
    for entry in filter(None, made):
        kept.setdefault(entry.url, entry)
    missing = made.count(None)
    told = {"have no link or no words": missing}
    if is_content:
        told["have the address and the name of one before them"] = len(made) - missing - len(kept)
    notes = [f"{shown(base_url)}: {count} items {what}" for what, count in told.items() if count]
    return Listing(list(kept.values()), [], notes, broken)


def _shared(items: Iterable[Item]) -> frozenset[str]:
    """Addresses under which several items stand, such as those of a live page, told apart by what they are called."""
    named: dict[str, set[str]] = {}
    for item in items:
        if item.url:
            named.setdefault(canonical(item.url), set()).add(_identity(item))
    return frozenset(url for url, identities in named.items() if len(identities) > 1)


def _identity(item: Item) -> str:
    """What tells an item from others under its address: guid, fragment, or a digest of its words or of what is long."""
    identity = item.identity or (urldefrag(item.url)[1] if item.url else None)
    if not identity:
        return _digest(item.title or item.text or "")
    return _digest(identity) if len(identity) > IDENTITY_CHARACTERS else identity


def _digest(words: str) -> str:
    return sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def _entry(item: Item, base_url: str, timezone: str | None, is_content: bool, shared: frozenset[str]) -> Entry | None:
    modified_at = stamp(item.modified or item.published, timezone)
    if not is_content:
        return Entry(item.url, modified_at) if item.url else None
    if not item.title and not item.text:
        return None
    url = canonical(item.url) if item.url else None
    # An item without an address of its own is known by what it calls itself, or else by its words. Under an address
    # that several have, all of them are: which one is the first changes from visit to visit.
    is_alone = url is not None and url not in shared
    record = {
        "title": item.title,
        "content": item.text,
        "published_at": _when(item.published or item.modified, timezone),
        "author": item.author,
        "source": item.publisher,
        "url": url if is_alone else None,
    }
    content = orjson.dumps({name: value for name, value in record.items() if value})
    if is_alone and item.url:
        return Entry(item.url, modified_at, content)
    return Entry(f"{url or canonical(base_url)}#item={_identity(item)}", modified_at, content)


def _when(printed: str | None, timezone: str | None) -> str | None:
    """ISO 8601 where the date can be read; otherwise as printed, for those who read dates in pages."""
    found = moment(printed, timezone)
    return found.isoformat() if found else printed


def _json_items(text: str, base_url: str) -> Iterator[Item]:
    parts = text.count("{") + text.count("[")
    if parts > MOST_PARTS:
        raise ListingFault("too_large", f"{parts} objects and lists; {MOST_PARTS} are allowed")
    try:
        feed = json.loads(text.lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError) as error:
        raise ListingFault("malformed_json", f"not a JSON Feed: {error}") from None
    items = feed.get("items")
    if not isinstance(items, list):
        raise ListingFault("not_a_feed", "JSON without a list `items`")
    if len(items) > xml.MOST_ELEMENTS:
        raise ListingFault("too_large", f"{len(items)} items; {xml.MOST_ELEMENTS} are allowed")
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


def _xml_items(text: str, base_url: str, is_content: bool) -> tuple[list[Item], str | None]:
    """The items, and why some of them are missing, if so."""
    root, text, is_sound = xml.parse(text, frozenset((*_TEXTS, "title")))
    namespace, _, name = root.tag.rpartition("}")
    name = name.rpartition(":")[2]
    if name not in ROOTS:
        raise ListingFault("not_a_feed", f"its root is <{name[:40]}>")
    names = _Names(None if name == "RDF" else namespace[1:])
    elements, broken = list(_elements(root, base_url)), None
    if not is_sound:
        found = xml.Found(name, _ITEMS)
        found.look(text)
        broken = found.broken(sum(1 for element in root.iter() if element.tag.rpartition("}")[2] in _ITEMS))
        if found.is_cut and found.is_open:
            elements = elements[:-1]
    items = []
    for element, base in elements:
        fields: Fields = {}
        for child in element:
            fields.setdefault(names[child.tag], []).append(child)
        items.append(_item(element, fields, base, is_content))
    return items, broken


def _elements(root: Any, base_url: str) -> Iterator[tuple[Any, str]]:
    """Each item with the address that its links begin at. One right within another was not closed; any deeper is no item.

    Each element is looked at once, however deep it stands.
    """
    from lxml import etree

    bases: list[tuple[Any, str]] = [(None, base_url)]
    items: list[Any] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            if bases[-1][0] is element:
                bases.pop()
            if items and items[-1] is element:
                items.pop()
            continue
        if stated := element.get(_XML_BASE):
            bases.append((element, absolute(stated, bases[-1][1]) or bases[-1][1]))
        is_item = element.tag.rpartition("}")[2] in _ITEMS
        if is_item and (not items or items[-1] is element.getparent()):
            items.append(element)
            yield element, bases[-1][1]


class _Names(dict[str, str]):
    """Names of elements by their tags; one whose namespace was never declared has its prefix as written.

    Args:
        own: the root's namespace: what has it is the feed's own, whatever it is called.
    """

    def __init__(self, own: str | None) -> None:
        super().__init__()
        self._own = own

    def __missing__(self, tag: str) -> str:
        namespace, _, local = tag.rpartition("}")
        prefix = "" if not namespace or namespace[1:] == self._own else _PREFIXES.get(namespace[1:], "other:")
        return self.setdefault(tag, prefix + local)


def _item(element: Any, fields: Fields, base_url: str, is_content: bool) -> Item:
    identity = _text(fields, "guid", "id") or element.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
    link = _link(fields) or _identity_link(fields, identity)
    return Item(
        absolute(link, base_url),
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
