"""Sitemaps (sitemaps.org 0.9): of pages, of news, indexes of them, as text, plain or as gzip; or a feed in their place.

Read as a stream: a sitemap may have 50,000 addresses, and those of strangers more.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from newslake.acquire import feed, streams, web, xml
from newslake.acquire.canonical import absolute, is_web
from newslake.acquire.documents import Document
from newslake.acquire.listing import BOMS, Entry, Listing, ListingFault, labels_of, stamp, text_of
from newslake.acquire.visit import Visit
from newslake.sources import SitemapSource, WebSource, patterns

MOST_LISTINGS = 1_000
"""Sitemaps a visit."""
MOST_ENTRIES = 200_000
"""Entries taken from one sitemap; the standard (sitemaps.org/protocol.html) allows 50,000."""
MOST_ELEMENTS = 1_000_000
"""Of one sitemap, also lines of a text: 50,000 entries of five elements are a quarter of it, and no larger number fits
into the 50 MB that the standard allows, since an element with an address in it takes 50 bytes."""
MOST_BYTES = 100 * 2**20
"""Of one sitemap when it is unpacked; the standard allows 50 MB."""
LISTING_BYTES = 64 * 2**20
_PROLOG_CHARACTERS = 64 * 2**10
_ROOTS = ("urlset", "sitemapindex")
_ENTRIES = ("url", "sitemap")
ENTRY_MARKS = 50_000
"""Tags, attributes and entities of one entry; it may have 1,000 images (Google's extension), of up to five elements."""
_FED_CHARACTERS = 64 * 2**10
_GZIP = b"\x1f\x8b"


def read(visit: Visit) -> Iterator[Document | None]:
    """The pages that a sitemap names."""
    return web.read(visit, entries, MOST_LISTINGS, LISTING_BYTES)


def entries(content: bytes, charset: str | None, base_url: str, source: WebSource) -> Listing:
    """The addresses of a sitemap that the source wants.

    Raises:
        ListingFault: it is no sitemap, declares entities, or is a bomb.
    """
    parts = _unpacked(content)
    beginning = next(parts, b"")
    visible = beginning.lstrip(b"\xef\xbb\xbf \t\r\n")
    if visible.startswith(b"{"):
        return feed.entries(_joined(chain([beginning], parts)), charset, base_url, source)
    wanted = source if isinstance(source, SitemapSource) else None
    if visible and not visible.startswith((b"<", b"\xff", b"\xfe", b"\0")):
        listing = _chosen(_lines(text_of(b"".join((beginning, *parts)), charset)), wanted)
        if listing is None:
            raise ListingFault("not_a_feed", "neither XML nor a text of addresses")
        return listing
    head = beginning.decode(_encoding(beginning), "replace")[:_PROLOG_CHARACTERS]
    xml.refuse_page(head)
    root = xml.root_name(head)
    # The standard takes feeds for sitemaps, too.
    if root in feed.ROOTS:
        return feed.entries(_joined(chain([beginning], parts)), charset, base_url, source)
    text = _decoded(chain([beginning], parts), _encoding(beginning), _other_encoding(beginning, charset))
    document = _Document(text, base_url)
    listing = _chosen(document.places(), wanted)
    if listing is None and root not in _ROOTS:
        raise ListingFault("not_a_feed", f"its root is <{(root or '')[:40]}>")
    return (listing or Listing([], [], []))._replace(broken=document.broken)


def _joined(parts: Iterable[bytes]) -> bytes:
    """A feed as a whole, no more of it than a feed may have."""
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > feed.MOST_BYTES:
            raise ListingFault("too_large", f"a feed of over {feed.MOST_BYTES} bytes when unpacked")
    return bytes(content)


Place = tuple[bool, str | None, str | None]
"""Whether it is a sitemap, its address where it has one, and when it was modified."""


def _chosen(found: Iterator[Place], source: SitemapSource | None) -> Listing | None:
    """None where nothing at all was found, and a feed may be."""
    is_wanted = patterns.finder(source.match) if source and source.match else None
    zone = source.timezone if source else None
    since = stamp(source.since.isoformat(), zone) if source and source.since else None
    listing = Listing([], [], [])
    has_any = False
    for number, (is_sitemap, url, printed) in enumerate(found):
        if number >= MOST_ENTRIES:
            listing.notes.append(f"the rest of a sitemap of over {MOST_ENTRIES} entries was left out")
            break
        if url is None:
            continue
        has_any = True
        modified_at = stamp(printed, zone)
        if since and modified_at and modified_at < since:
            continue
        if is_sitemap:
            listing.listings.append(url)
        elif is_wanted is None or is_wanted(url):
            listing.entries.append(Entry(url, modified_at))
    return listing if has_any or listing.notes else None


def _unpacked(content: bytes) -> Iterator[bytes]:
    """In parts; some servers send sitemap.xml.gz as it is, others say gzip twice."""
    if not content.startswith(_GZIP):
        yield from (content[start : start + streams.PART_BYTES] for start in range(0, len(content), streams.PART_BYTES))
        return
    total = 0
    try:
        for part in streams.parts(io.BytesIO(content), ".gz"):
            total += len(part)
            if total > MOST_BYTES:
                raise ListingFault("too_large", f"over {MOST_BYTES} bytes when unpacked")
            yield part
    except streams.Fault as fault:
        reason, _, detail = str(fault).partition(": ")
        raise ListingFault(reason, detail) from None


def _lines(text: str) -> Iterator[Place]:
    for number, line in enumerate(io.StringIO(text, newline=None)):
        if number >= MOST_ELEMENTS:
            raise ListingFault("too_large", f"over {MOST_ELEMENTS} lines")
        if line != "\n":
            yield False, absolute(line, line) if is_web(line) else None, None


class _Document:
    """A sitemap of XML. It is decoded before, so that what is looked through for declarations is what the parser gets.

    Attributes:
        broken: why some of it could not be read, once the places are through.
    """

    def __init__(self, text: Iterator[str], base_url: str) -> None:
        self.broken: str | None = None
        self._text = text
        self._base_url = base_url
        self._read_count = 0

    def places(self) -> Iterator[Place]:
        """Raises:
        ListingFault: `xml_declarations`, `malformed_xml` or `too_large`.
        """
        from lxml import etree

        prolog = self._prolog()
        found = xml.Found(xml.root_name(prolog) or "", _ENTRIES)
        parser = etree.XMLPullParser(events=("end",), encoding="utf-8", **xml.SETTINGS)
        marks = _Marks()
        try:
            for piece in _pieces(chain([xml.without_declaration(prolog)], self._text)):
                marks.count(piece)
                found.look(piece)
                parser.feed(xml.mended(piece).encode("utf-8", "replace"))
                yield from self._read(parser, marks)
            parser.close()
            is_sound = not len(parser.feed_error_log)
            # At a cut, the parser closes what was open: half an address would be one.
            if is_sound or not found.is_cut:
                yield from self._read(parser, marks)
            self.broken = None if is_sound else found.broken(self._read_count)
        except etree.XMLSyntaxError as error:
            raise ListingFault("malformed_xml", str(error)) from None
        finally:
            xml.refuse_excess(parser.feed_error_log)

    def _prolog(self) -> str:
        prolog, is_begun = "", False
        while not is_begun and len(prolog) < _PROLOG_CHARACTERS and (part := next(self._text, "")):
            prolog += xml.without_controls(part)
            is_begun = xml.first_element(prolog) is not None
        if not is_begun:
            raise ListingFault("malformed_xml", "no element begins in it")
        return prolog

    def _read(self, parser: Any, marks: _Marks) -> Iterator[Place]:
        """The entries read so far; what was read is let go."""
        for _, element in parser.read_events():
            parent = element.getparent()
            is_sitemap = _local(element) == _ENTRIES[1]
            if is_sitemap or _local(element) == _ENTRIES[0]:
                self._read_count += 1
                yield _place(element, is_sitemap, self._base_url)
            elif parent is None or parent.getparent() is not None:
                continue
            marks.held = 0
            element.clear()
            # It would otherwise stay in the tree.
            while element.getprevious() is not None:
                del parent[0]


def _pieces(parts: Iterable[str]) -> Iterator[str]:
    """The text in pieces that end behind a tag, so that none cuts an entity."""
    rest = ""
    for part in parts:
        for start in range(0, len(part), _FED_CHARACTERS):
            rest += part[start : start + _FED_CHARACTERS]
            end = rest.rfind(">") + 1 or (len(rest) if len(rest) > _FED_CHARACTERS else 0)
            yield rest[:end]
            rest = rest[end:]
    yield rest


class _Marks:
    """What is counted before it is parsed: each mark costs time, and memory until its entry is let go.

    Attributes:
        held: marks since an entry was let go last.
    """

    def __init__(self) -> None:
        self.held = self._elements = self._entities = 0

    def count(self, piece: str) -> None:
        """Raises:
        ListingFault: `too_large`.
        """
        elements, entities = piece.count("<") - piece.count("</"), piece.count("&")
        self._elements += elements
        self._entities += entities
        self.held += elements + entities + piece.count("=")
        if max(self._elements, self._entities) > MOST_ELEMENTS:
            raise ListingFault("too_large", f"over {MOST_ELEMENTS} elements or entities")
        if self.held > ENTRY_MARKS:
            raise ListingFault("too_large", f"an entry of over {ENTRY_MARKS} tags, attributes and entities")


def _encoding(beginning: bytes) -> str:
    """Charsets of several bytes a character begin with a mark; most addresses are ASCII in any other."""
    return next((encoding for mark, encoding in BOMS if beginning.startswith(mark)), "utf-8")


def _other_encoding(beginning: bytes, charset: str | None) -> str | None:
    """What the sitemap or the transport says it is in, if that is not UTF-8."""
    labels = labels_of(beginning, charset)
    return next((label for label in labels if not codecs.lookup(label).name.startswith("utf")), None)


def _decoded(parts: Iterable[bytes], encoding: str, other: str | None) -> Iterator[str]:
    """The text; in the other encoding from the first part on that is not in the one."""
    decoder = codecs.getincrementaldecoder(encoding)("strict" if other else "replace")
    for part in chain(parts, [b""]):
        is_final = not part
        try:
            yield decoder.decode(part, final=is_final)
        except UnicodeDecodeError:
            held = decoder.getstate()[0]
            decoder = codecs.getincrementaldecoder(other or encoding)("replace")
            yield decoder.decode(held + part, final=is_final)


def _place(entry: Any, is_sitemap: bool, base_url: str) -> Place:
    # Images and videos have a `loc` of their own further in.
    told = {_local(child): child.text for child in entry}
    url = absolute(told.get("loc"), base_url)
    if not url:
        return is_sitemap, None, None
    return is_sitemap, url, told.get("lastmod") or entry.findtext(".//{*}publication_date")


def _local(element: Any) -> str:
    name: str = element.tag
    return name.rpartition("}")[2]
