"""Sitemaps: of pages, of news, indexes, text, gzip; large, broken and hostile ones."""

from __future__ import annotations

import gzip
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newslake.acquire import sitemap
from newslake.acquire.listing import Listing, ListingFault
from newslake.sources import SitemapSource

from . import visits
from .server import Server

PLACE = "https://news.example/sitemap.xml"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def read(content: str | bytes, **settings: Any) -> Listing:
    source = SitemapSource(name="site", url=PLACE, **settings)
    return sitemap.entries(content if isinstance(content, bytes) else content.encode(), None, PLACE, source)


def urlset(*places: str) -> str:
    urls = "".join(f"<url>{place}</url>" for place in places)
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{NAMESPACE}">{urls}</urlset>'


ONE = "<loc>https://news.example/1.html</loc><lastmod>2024-01-08T08:00:00+08:00</lastmod>"
NEWS = (
    '<loc>https://news.example/1.html</loc><n:news xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
    "<n:publication_date>2024-01-08T08:00:00+08:00</n:publication_date><n:title>会议</n:title></n:news>"
)
FORMS = {
    "plain": urlset(ONE).encode(),
    "news": urlset(NEWS).encode(),
    "gzip": gzip.compress(urlset(ONE).encode()),
    "two members": gzip.compress(urlset(ONE)[:90].encode()) + gzip.compress(urlset(ONE)[90:].encode()),
    "without namespace": urlset(ONE).replace(f' xmlns="{NAMESPACE}"', "").encode(),
    "with a prefix": urlset(ONE)
    .replace("xmlns=", "xmlns:s=")
    .replace("<", "<s:")
    .replace("<s:/", "</s:")
    .replace("<s:?", "<?")
    .encode(),
    "an old namespace": urlset(ONE).replace(NAMESPACE, "http://www.google.com/schemas/sitemap/0.84").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + urlset(ONE).encode(),
    "UTF-16": urlset(ONE).replace("UTF-8", "UTF-16").encode("utf-16"),
    "blank lines first": b"\n\n " + urlset(ONE).encode(),
    "cut off after an entry": urlset(ONE).partition("</urlset>")[0].encode(),
    "a comment first": urlset(ONE).replace("<urlset", "<!-- made by hand --><urlset").encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    (entry,) = read(FORMS[form]).entries
    assert (entry.url, entry.modified_at) == ("https://news.example/1.html", "2024-01-08T00:00:00Z")


def test_an_index_names_sitemaps() -> None:
    text = f'<sitemapindex xmlns="{NAMESPACE}"><sitemap><loc>/a.xml</loc></sitemap><sitemap><loc>b.xml.gz</loc></sitemap></sitemapindex>'
    assert read(text) == Listing([], ["https://news.example/a.xml", "https://news.example/b.xml.gz"], [])


def test_a_text_and_a_feed_are_sitemaps_too() -> None:
    assert [
        entry.url for entry in read("https://news.example/1.html\r\n\r\nhttps://news.example/2.html\r\n").entries
    ] == [
        "https://news.example/1.html",
        "https://news.example/2.html",
    ]
    feed = "<rss><channel><item><link>/1.html</link></item></channel></rss>"
    assert [entry.url for entry in read(feed).entries] == ["https://news.example/1.html"]


def test_only_what_the_source_wants() -> None:
    text = urlset(
        "<loc>https://news.example/news/1.html</loc><lastmod>2024-01-08</lastmod>",
        "<loc>https://news.example/news/2.html</loc><lastmod>2023-12-31</lastmod>",
        "<loc>https://news.example/news/3.html</loc>",
        "<loc>https://news.example/shop/4.html</loc><lastmod>2024-01-08</lastmod>",
    )
    found = read(text, match=r"/news/", since=date(2024, 1, 1))
    assert [entry.url[-6:] for entry in found.entries] == ["1.html", "3.html"]


def test_odd_entries_are_left_out() -> None:
    found = read(
        urlset(
            "<loc></loc>", "<lastmod>2024-01-08</lastmod>", "<loc>ftp://news.example/</loc>", "<loc>http://[</loc>", ONE
        )
    )
    assert len(found.entries) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f'<!DOCTYPE r [<!ENTITY a "b">]>{urlset(ONE)[38:]}'.encode(), "xml_declarations"),
        (
            f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY a "b">]>{urlset(ONE)[38:]}'.encode("utf-16"),
            "xml_declarations",
        ),
        (b"<!--" + b" " * 70_000 + b'--><!DOCTYPE r [<!ENTITY a "b">]><urlset/>', "xml_declarations"),
        (gzip.compress(urlset(ONE).encode())[:-9], "truncated_gzip"),
        (b"\x1f\x8b" + b"junk" * 10, "corrupt_gzip"),
        (b"<html><body>soft 404</body></html>", "not_a_feed"),
        (b"", "malformed_xml"),
    ],
)
def test_what_is_no_sitemap_says_so(content: bytes, reason: str) -> None:
    with pytest.raises(ListingFault) as fault:
        read(content)
    assert fault.value.reason == reason


def test_a_gzip_bomb_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST_BYTES", 2**20)
    with pytest.raises(ListingFault) as fault:
        read(gzip.compress(b"<urlset>" + b" " * 2**25))
    assert fault.value.reason == "too_large"


@pytest.mark.parametrize(
    "text",
    [
        "<urlset><x>" + "<y/>" * 60_000,
        "<urlset><url>" + "<y/>" * 60_000,
        "<x><z>" + "<y/>" * 60_000,
        "<urlset><url " + "".join(f"a{number}='' " for number in range(60_000)) + "/>",
        "<urlset><url><loc>" + "&x;" * 60_000,
        "<urlset><url>" + "<!--" * 60_000,
    ],
)
def test_masses_within_an_entry_are_refused(text: str) -> None:
    with pytest.raises(ListingFault) as fault:
        read(text)
    assert fault.value.reason == "too_large"


@pytest.mark.parametrize(
    "text",
    [
        "<urlset>" + "<y/>" * 8_000_000,
        "<urlset>" + "<y>&x;</y>" * 1_500_000,
        "<urlset>" + "<y a='1' b='2'/>" * 2_000_000,
        "https://news.example/1.html" + "\n" * 20_000_000,
    ],
)
def test_masses_are_refused(text: str) -> None:
    with pytest.raises(ListingFault, match=f"too_large: over {sitemap.MOST_ELEMENTS}"):
        read(text)


@pytest.mark.parametrize("text", ["<!--" * 500_000, "<urlset><!--" + "<!-- -->" * 5_000 + "<!--" * 30_000])
def test_comments_that_never_end_are_looked_through_once(text: str) -> None:
    began = time.process_time()
    with suppress(ListingFault):
        read(text)
    assert time.process_time() - began < 60, "looked through from each, they take minutes"


def test_what_is_nested_too_deeply_is_told() -> None:
    """The parser ends there, without the entries that follow."""
    with pytest.raises(ListingFault, match="too_large: Excessive depth"):
        read(urlset(ONE, "<y>" * 300 + "</y>" * 300, ONE))
    assert len(read(urlset(ONE, "<y>" * 100 + "</y>" * 100, ONE)).entries) == 2


def test_entries_without_an_address_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST_ENTRIES", 100)
    found = read(urlset(*[""] * 100, ONE))
    assert (found.entries, len(found.notes)) == ([], 1)
    assert len(read(urlset(*[""] * 99, ONE)).entries) == 1


def test_ampersands_that_nobody_escaped_stay() -> None:
    """Also where a piece of the text ends."""
    address = "https://news.example/a.html?x=1&amp;y=2&z=3&copy=4"
    found = read(urlset(*[f"<loc>{address}</loc>"] * 5_000, f"<loc><![CDATA[{address.replace('amp;', '')}]]></loc>"))
    assert {entry.url for entry in found.entries} == {"https://news.example/a.html?x=1&y=2&z=3&copy=4"}
    assert len(found.entries) == 5_001


def test_masses_around_the_entries_are_let_go() -> None:
    text = "<y/>" * 100_000
    assert len(read(urlset(ONE).replace("<url>", f"{text}<url>").replace("</urlset>", f"{text}</urlset>")).entries) == 1
    with pytest.raises(ListingFault, match="its root is <x>"):
        read(f"<x>{text}</x>")


def test_a_feed_in_its_place_is_no_larger_than_a_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap.feed, "MOST_BYTES", 2**16)
    with pytest.raises(ListingFault, match="too_large"):
        read(gzip.compress(b"<rss>" + b" " * 2**17))


def test_a_sitemap_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST_ENTRIES", 100)
    found = read(urlset(*(f"<loc>https://news.example/{number}.html</loc>" for number in range(5_000))))
    assert len(found.entries) == 100
    assert found.notes


def test_fifty_thousand_addresses() -> None:
    found = read(
        gzip.compress(urlset(*(f"<loc>https://news.example/{number}.html</loc>" for number in range(50_000))).encode())
    )
    assert len(found.entries) == 50_000


def test_an_empty_sitemap_is_one() -> None:
    assert read(urlset()) == Listing([], [], [])


def test_an_index_and_its_sitemaps(home: Path) -> None:
    """One of them fails: what it named before is not forgotten."""
    with Server() as server:
        visits.put_articles(server, range(6))
        visits.put_sitemap(server, range(3), "/a.xml")
        visits.put_sitemap(server, range(3, 6), "/b.xml")
        places = "".join(
            f"<sitemap><loc>{server.url(path)}</loc></sitemap>" for path in ("/a.xml", "/b.xml", "/sitemap.xml")
        )
        server.add("/sitemap.xml", f"<sitemapindex>{places}</sitemapindex>", content_type="text/xml")
        assert visits.visit(visits.sitemap(server))["landed"] == 6
        del server.pages["/b.xml"]
        visits.put_articles(server, [4], "有更正。")
        landed = visits.visit(visits.sitemap(server))
        assert (landed["landed"], landed["unchanged"]) == (1, 5)
        assert "b.xml: http_404" in landed["unreadable"][0]
