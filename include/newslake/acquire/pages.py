"""List pages: a section's front page, whose links lead to articles and to further list pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urldefrag

from newslake.acquire import web
from newslake.acquire.canonical import absolute, shown
from newslake.acquire.documents import Document
from newslake.acquire.listing import Entry, Listing, ListingFault, text_of
from newslake.acquire.visit import Visit
from newslake.sources import PagesSource, WebSource


def read(visit: Visit) -> Iterator[Document | None]:
    """The pages that list pages link to."""
    source = visit.source
    return web.read(visit, entries, source.list_pages_max if isinstance(source, PagesSource) else 1)


def entries(content: bytes, charset: str | None, base_url: str, source: WebSource) -> Listing:
    """The links of a list page that are articles, and those that are list pages; each once.

    Raises:
        ListingFault: the page holds no link at all.
    """
    if not isinstance(source, PagesSource):
        raise TypeError(f"source {source.name} is of kind {source.kind}")
    link, follow = re.compile(source.link), re.compile(source.follow) if source.follow else None
    links = list(dict.fromkeys(_links(text_of(content, charset), base_url)))
    if not links:
        raise ListingFault("no_links", "the page has no link")
    articles = [url for url in links if link.search(url)]
    further = [url for url in links if follow and url not in articles and follow.search(url)]
    notes = [] if articles else [f"{shown(base_url)}: none of {len(links)} links fits `link`"]
    return Listing([Entry(url) for url in articles], further, notes)


def _links(text: str, base_url: str) -> Iterator[str]:
    """Absolute addresses, without what follows a #, in the order of the page; the first `<base>` is minded."""
    import turbohtml

    has_base = False
    found: list[str] = []
    # Tokens, no tree: however deep a page nests, no link is lost.
    for token in turbohtml.tokenize(text):
        if token.type != turbohtml.TokenType.START_TAG or token.tag not in ("a", "area", "base"):
            continue
        address = dict(token.attrs).get("href")
        if address and token.tag != "base":
            found.append(address)
        elif address and not has_base:
            has_base, base_url = True, absolute(address, base_url) or base_url
    for address in found:
        if url := absolute(address, base_url):
            yield urldefrag(url)[0]
