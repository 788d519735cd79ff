"""List pages: a section's front page, whose links lead to articles and to further list pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urldefrag

from newslake.acquire import web
from newslake.acquire.canonical import absolute, shown
from newslake.acquire.documents import Document
from newslake.acquire.listing import Entry, Listing, ListingFault, decoded
from newslake.acquire.visit import Visit
from newslake.sources import PagesSource, WebSource, patterns

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_NOSCRIPT = re.compile(r"(?<=<)(/?)noscript(?=[\s/>])", re.IGNORECASE)


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
    is_article = patterns.finder(source.link)
    is_list = patterns.finder(source.follow) if source.follow else None
    links = list(dict.fromkeys(_links(*decoded(content, charset), base_url)))
    if not links:
        raise ListingFault("no_links", "the page has no link")
    articles = dict.fromkeys(filter(is_article, links))
    further = [url for url in links if is_list and url not in articles and is_list(url)]
    notes = [] if articles else [f"{shown(base_url)}: none of {len(links)} links fits `link`"]
    return Listing([Entry(url) for url in articles], further, notes)


def _links(text: str, encoding: str, base_url: str) -> Iterator[str]:
    """Absolute addresses, without what follows a #, in the order of the page; the first `<base>` is minded."""
    has_base = False
    found: list[str] = []
    for tag, address in _addresses(text):
        if tag != "base":
            found.append(address)
        elif not has_base:
            has_base, base_url = True, absolute(address, base_url) or base_url
    for address in found:
        if url := absolute(_query_in(address, encoding), base_url):
            yield urldefrag(url)[0]


def _addresses(text: str) -> Iterator[tuple[str, str]]:
    """Tags that hold an address, and the address."""
    import turbohtml

    is_without_scripts = False
    # Tokens, no tree: however deep a page nests, no link is lost.
    for token in turbohtml.tokenize(text):
        if token.type != turbohtml.TokenType.START_TAG:
            # What is there for readers without scripts, as we are, is one text.
            if is_without_scripts and token.type == turbohtml.TokenType.TEXT and token.data:
                # Within itself it is a tag like any other: however deep it nests, this goes no deeper.
                yield from _addresses(_NOSCRIPT.sub(r"\1span", token.data))
            is_without_scripts = False
            continue
        is_without_scripts = token.tag == "noscript"
        if token.tag in ("a", "area", "base") and (address := dict(token.attrs).get("href")):
            yield token.tag, address


def _query_in(address: str, encoding: str) -> str:
    """Browsers escape what follows a ? in the page's own encoding, and a path in UTF-8 (url.spec.whatwg.org).

    >>> _query_in("/章?题=一#节", "gb18030")
    '/章?%CC%E2=%D2%BB#节'
    """
    if address.isascii() or "?" not in address or encoding.startswith("utf"):
        return address
    # Pages that say GBK are read as GB18030, and written as GBK.
    encoding = "gbk" if encoding == "gb18030" else encoding
    rest, mark, fragment = address.partition("#")
    path, question, query = rest.partition("?")
    escaped = _BEYOND_ASCII.sub(lambda found: quote(found[0].encode(encoding, "xmlcharrefreplace")), query)
    return path + question + escaped + mark + fragment
