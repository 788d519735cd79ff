"""Listings that break off, or that are too damaged to be read to their end: what is whole is taken, and the rest told."""

from __future__ import annotations

from pathlib import Path

import pytest

from newslake.acquire import feed, sitemap
from newslake.acquire.listing import Listing
from newslake.sources import FeedSource, SitemapSource

from . import visits
from .server import Server

PLACE = "https://news.example/list.xml"
FEED = FeedSource(name="feed", url=PLACE)
SITE = SitemapSource(name="site", url=PLACE)
TEXTS = {
    "rss": (
        "<rss><channel>",
        "<item><title>甲</title><link>https://news.example/a/{}</link></item>",
        "</channel></rss>",
    ),
    "feed": ("<feed>", '<entry><title>甲</title><link href="https://news.example/a/{}"/></entry>', "</feed>"),
    "urlset": ("<urlset>", "<url><loc>https://news.example/a/{}</loc></url>", "</urlset>"),
    "prefix": ("<s:urlset xmlns:s='urn:s'>", "<s:url><s:loc>https://news.example/a/{}</s:loc></s:url>", "</s:urlset>"),
    "sitemapindex": ("<sitemapindex>", "<sitemap><loc>https://news.example/a/{}</loc></sitemap>", "</sitemapindex>"),
}


def read(form: str, text: str) -> Listing:
    kind, source = (feed, FEED) if form in ("rss", "feed") else (sitemap, SITE)
    return kind.entries(text.encode(), None, PLACE, source)


def addresses(listing: Listing) -> list[str]:
    return [*(entry.url for entry in listing.entries), *listing.listings]


@pytest.mark.parametrize("form", TEXTS)
def test_wherever_it_is_cut_no_address_is_half_of_one(form: str) -> None:
    head, entry, end = TEXTS[form]
    text = head + "".join(map(entry.format, (171, 172, 173))) + end
    whole = addresses(read(form, text))
    assert len(whole) == 3
    assert read(form, text).broken is None
    assert read(form, f"{text}\n<!-- made in 1 s -->").broken is None
    for place in range(len(head), text.rindex("</")):
        found = read(form, text[:place])
        assert addresses(found) == whole[: len(addresses(found))], text[:place]
        assert str(found.broken).startswith("truncated: "), text[:place]
        ended = text[:place].count(entry[entry.rindex("</") :])
        assert len(addresses(found)) in (ended, max(ended - 1, 0)), text[:place]


@pytest.mark.parametrize("damage", ["</url>", "<1>", "5 < 6", "<!x>", "<![CDATA[", "<!-- ", "</urlset><urlset>"])
def test_entries_behind_damage_are_told(damage: str) -> None:
    one = "<url><loc>https://news.example/{}</loc></url>"
    found = sitemap.entries(
        f"<urlset>{one.format(1)}{damage}{one.format(2)}{one.format(3)}</urlset>".encode(), None, PLACE, SITE
    )
    assert len(found.entries) == 1
    assert found.broken == "malformed_xml: 2 entries stand where the XML is too damaged to be read"


@pytest.mark.parametrize(
    "damage", ["<x a=b>", "<x></y>", "&x;", "&nbsp;", "<q:x/>", "<!-- <url> -->", "<url><loc>/0</url>"]
)
def test_what_can_be_read_on_behind_is_no_damage(damage: str) -> None:
    text = f"<urlset>{damage}<url><loc>/1</loc></url><url><loc>/2</loc></url></urlset>"
    found = sitemap.entries(text.encode(), None, PLACE, SITE)
    assert [entry.url[-2:] for entry in found.entries][-2:] == ["/1", "/2"]
    assert found.broken is None


def test_items_behind_damage_are_told() -> None:
    one = "<item><link>https://news.example/{}</link></item>"
    text = f"<rss><channel>{one.format(1)}<!-- {one.format(2)}</channel></rss>"
    found = feed.entries(text.encode(), None, PLACE, FEED)
    assert (len(found.entries), found.broken) == (
        1,
        "malformed_xml: 1 entries stand where the XML is too damaged to be read",
    )


@pytest.mark.parametrize("words", ["<![CDATA[an <item> with </item> <!-- ]]>", "<!-- <item> <![CDATA[ </rss> -->"])
def test_what_texts_and_comments_say_of_items_is_no_item(words: str) -> None:
    one = "<item><link>https://news.example/{}</link><description>{}</description></item>"
    items = one.format(1, words) + one.format(2, "")
    text = f"<rss><channel><title>R & D<br></title>{items}</channel></rss>"
    found = feed.entries(text.encode(), None, PLACE, FEED)
    assert (len(found.entries), found.broken) == (2, None)
    found = feed.entries(text[: text.rindex("</channel>")].encode(), None, PLACE, FEED)
    assert (len(found.entries), str(found.broken)[:10]) == (2, "truncated:")


def test_a_visit_asks_again_for_a_listing_that_was_cut(home: Path) -> None:
    """And forgets nothing that it named before."""
    with Server() as server:
        visits.put_articles(server, range(20))
        visits.put_sitemap(server, range(18))
        text = bytes(server.pages["/sitemap.xml"].content)  # type: ignore[union-attr]
        cut = text[: text.index(b"/17.html") + 2]
        server.add("/sitemap.xml", cut, content_type="application/xml")
        for landed_count in (17, 0):
            landed = visits.visit(visits.sitemap(server))
            assert landed["landed"] == landed_count
            assert ["truncated: it breaks off" in line for line in landed["unreadable"]] == [True]
        assert [request.status for request in server.asked("/sitemap.xml")] == [200, 200], "not 304"
        server.add("/sitemap.xml", text, content_type="application/xml")
        landed = visits.visit(visits.sitemap(server))
        assert (landed["landed"], landed["unreadable"]) == (1, [])
        assert not [row for row in visits.stored() if row["error"]]


def test_an_index_that_was_cut_forgets_no_sitemap(home: Path) -> None:
    with Server() as server:
        visits.put_articles(server, range(2))
        for number in range(2):
            visits.put_sitemap(server, [number], f"/{number}.xml")
        places = "".join(f"<sitemap><loc>{server.url(f'/{number}.xml')}</loc></sitemap>" for number in range(2))
        text = f"<sitemapindex>{places}</sitemapindex>"
        server.add("/sitemap.xml", text, content_type="application/xml")
        assert visits.visit(visits.sitemap(server))["landed"] == 2
        server.add("/sitemap.xml", text[: len(text) // 2 + 20], content_type="application/xml")
        visits.put_articles(server, [1], "有更正。")
        landed = visits.visit(visits.sitemap(server))
        assert (landed["landed"], len(landed["unreadable"])) == (1, 1), "the page of the sitemap that was cut away"
