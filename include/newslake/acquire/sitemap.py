"""Sitemaps (sitemaps.org 0.9): of pages, of news, indexes of them, as text, plain or as gzip; or a feed in their place.

Read as a stream: a sitemap may have 50,000 addresses, and those of strangers more.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime, time
from itertools import chain
from typing import Any

from newslake.acquire import feed, streams, web, xml
from newslake.acquire.canonical import absolute, is_web
from newslake.acquire.documents import Document
from newslake.acquire.listing import BOMS, Entry, Listing, ListingFault, stamp, text_of
from newslake.acquire.visit import Visit
from newslake.sources import SitemapSource, WebSource

MOST_LISTINGS = 1_000
"""Sitemaps a visit."""
MOST_ENTRIES = 200_000
"""Addresses taken from one sitemap; the standard allows 50,000."""
MOST_BYTES = 256 * 2**20
"""Of one sitemap when it is unpacked; the standard allows 50 MB."""
LISTING_BYTES = 64 * 2**20
_PROLOG_CHARACTERS = 64 * 2**10
_ROOTS = ("urlset", "sitemapindex")
_ENTRIES = ("url", "sitemap")
ENTRY_ELEMENTS = 20_000
"""Of one entry, with its images; the standard allows 1,000 images."""
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
    root = xml.root_name(beginning.decode(_encoding(beginning), "replace"))
    # The standard takes feeds for sitemaps, too.
    if root in feed.ROOTS:
        return feed.entries(_joined(chain([beginning], parts)), charset, base_url, source)
    listing = _chosen(_xml(beginning, parts, base_url), wanted)
    if listing is None and root not in _ROOTS:
        raise ListingFault("not_a_feed", f"its root is <{(root or '')[:40]}>")
    return listing or Listing([], [], [])


def _joined(parts: Iterable[bytes]) -> bytes:
    """A feed as a whole, no more of it than a feed may have."""
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > feed.MOST_BYTES:
            raise ListingFault("too_large", f"a feed of over {feed.MOST_BYTES} bytes when unpacked")
    return bytes(content)


Place = tuple[bool, str, str | None]
"""Whether it is a sitemap, its address, and when it was modified."""


def _chosen(found: Iterator[Place], source: SitemapSource | None) -> Listing | None:
    """None where nothing at all was found, and a feed may be."""
    match = re.compile(source.match) if source and source.match else None
    since = stamp(datetime.combine(source.since, time(), UTC).isoformat(), None) if source and source.since else None
    zone = source.timezone if source else None
    listing = Listing([], [], [])
    count = 0
    for is_sitemap, url, printed in found:
        count += 1
        if len(listing.entries) >= MOST_ENTRIES:
            listing.notes.append(f"the rest of a sitemap of over {MOST_ENTRIES} addresses was left out")
            break
        modified_at = stamp(printed, zone)
        if since and modified_at and modified_at < since:
            continue
        if is_sitemap:
            listing.listings.append(url)
        elif match is None or match.search(url):
            listing.entries.append(Entry(url, modified_at))
    return listing if count else None


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
    for line in text.splitlines():
        if is_web(line) and (url := absolute(line, line)):
            yield False, url, None


def _xml(beginning: bytes, parts: Iterator[bytes], base_url: str) -> Iterator[Place]:
    """Decoded here, so that what is looked through for declarations is what the parser gets."""
    from lxml import etree

    text = _decoded(chain([beginning], parts), _encoding(beginning))
    prolog = ""
    while not xml.PROLOG_END.search(prolog) and len(prolog) < _PROLOG_CHARACTERS and (part := next(text, "")):
        prolog += part
    xml.refuse_declarations(prolog)
    if not xml.PROLOG_END.search(prolog):
        raise ListingFault("malformed_xml", "no element begins in it")
    parser = etree.XMLPullParser(events=("end",), encoding="utf-8", **xml.SETTINGS)
    held = 0
    try:
        for part in chain([xml.without_declaration(prolog)], text):
            for start in range(0, len(part), _FED_CHARACTERS):
                parser.feed(part[start : start + _FED_CHARACTERS].encode("utf-8", "replace"))
                held = yield from _read(parser, base_url, held)
        parser.close()
        yield from _read(parser, base_url, held)
    except etree.XMLSyntaxError as error:
        raise ListingFault("malformed_xml", str(error)) from None


def _encoding(beginning: bytes) -> str:
    """Addresses are ASCII in any charset but those of several bytes a character, which begin with a mark."""
    return next((encoding for mark, encoding in BOMS if beginning.startswith(mark)), "utf-8")


def _decoded(parts: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield from (decoder.decode(part) for part in parts)
    yield decoder.decode(b"", final=True)


def _read(parser: Any, base_url: str, held: int) -> Generator[Place, None, int]:
    """The entries read so far; gives how many elements are held since the last that was let go."""
    for _, element in parser.read_events():
        held += 1
        if held > ENTRY_ELEMENTS:
            raise ListingFault("too_large", f"an entry of over {ENTRY_ELEMENTS} elements")
        name = element.tag.rpartition("}")[2]
        parent = element.getparent()
        if name in _ENTRIES:
            # Images and videos have a `loc` of their own further in.
            address, modified = element.findtext("{*}loc"), element.findtext("{*}lastmod")
            published = element.findtext(".//{*}publication_date")
            if url := absolute(address, base_url):
                yield name == "sitemap", url, modified or published
        elif parent is None or parent.getparent() is not None:
            continue
        held = 0
        element.clear()
        # What was read would otherwise stay in the tree.
        while element.getprevious() is not None:
            del parent[0]
    return held
