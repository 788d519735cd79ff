"""Feeds of every form, well-formed and not: a reader's expectations, and nothing that a bomb could do."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest

from newslake.acquire import feed
from newslake.acquire.listing import Listing, ListingFault
from newslake.sources import FeedSource

PLACE = "https://news.example/section/feed.xml"
PAGES = FeedSource(name="feed", url=PLACE, timezone="Asia/Shanghai")
CONTENT = FeedSource(name="feed", url=PLACE, timezone="Asia/Shanghai", items="content")
EIGHT = "2024-01-08T00:00:00Z"

RSS_091 = """<?xml version="1.0" encoding="gb2312"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://dtd.example/rss-0.91.dtd">
<rss version="0.91"><channel><title>江澜日报</title><link>https://news.example/</link>
<item><title>会议召开</title><link>https://news.example/1.html</link><description>今天开会。</description></item>
</channel></rss>"""
RSS_10 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://news.example/"><title>江澜日报</title></channel>
<item rdf:about="https://news.example/1.html"><title>会议召开</title><link>https://news.example/1.html</link>
<description>今天开会。</description><dc:date>2024-01-08T08:00:00+08:00</dc:date><dc:creator>陈记者</dc:creator></item></rdf:RDF>"""
RSS_090 = RSS_10.replace("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/")
RSS_20 = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>江澜日报</title><item><media:title>图片</media:title><title>会议召开</title>
<link>https://news.example/1.html</link><guid isPermaLink="false">7</guid><pubDate>Mon, 08 Jan 2024 08:00:00 +0800</pubDate>
<description>摘要</description><content:encoded><![CDATA[<p>今天开会。</p>]]></content:encoded></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/"><title>江澜日报</title>
<entry><id>tag:news.example,2024:1</id><title type="text">会议召开</title><link rel="self" href="self.xml"/>
<link rel="alternate" type="application/pdf" href="1.pdf"/><link rel="alternate" type="text/html" href="1.html"/>
<author><name>陈记者</name></author><published>2024-01-07T08:00:00Z</published><updated>2024-01-08T00:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>今天开会。</p></div></content></entry></feed>"""
ATOM_03 = ATOM.replace("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#").replace("updated>", "modified>")
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": 1,
                "url": "/1.html",
                "title": "会议召开",
                "content_html": "<p>今天开会。</p>",
                "date_published": "2024-01-08T08:00:00+08:00",
                "authors": [{"name": "陈记者"}],
            }
        ],
    }
)
FORMS = {
    "RSS 0.90": (RSS_090, EIGHT),
    "RSS 0.91": (RSS_091, None),
    "RSS 1.0": (RSS_10, EIGHT),
    "RSS 2.0": (RSS_20, EIGHT),
    "Atom 1.0": (ATOM, EIGHT),
    "Atom 0.3": (ATOM_03, EIGHT),
    "JSON Feed": (JSON, EIGHT),
}


def read(text: str | bytes, source: FeedSource = PAGES, charset: str | None = None) -> Listing:
    return feed.entries(text if isinstance(text, bytes) else text.encode(), charset, PLACE, source)


def rss(item: str, head: str = "") -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{item}</channel></rss>'


def record(text: str | bytes, charset: str | None = None) -> dict[str, Any]:
    (entry,) = read(text, CONTENT, charset).entries
    assert entry.content is not None
    found: dict[str, Any] = json.loads(entry.content)
    return found


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_its_pages(form: str) -> None:
    text, modified_at = FORMS[form]
    (entry,) = read(text).entries
    assert (entry.url, entry.modified_at, entry.content) == ("https://news.example/1.html", modified_at, None)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_its_items(form: str) -> None:
    found = record(FORMS[form][0])
    assert found["title"] == "会议召开"
    assert "今天开会。" in found["content"]
    assert found["url"] == "https://news.example/1.html"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "iso-8859-1", "no-such-charset"])
@pytest.mark.parametrize("charset", [None, "utf-8", "iso-8859-1", "bogus"])
def test_a_wrong_charset_does_not_matter(encoding: str, declared: str, charset: str | None) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>{rss("<item><title>会议召开于江澜</title><link>/1</link></item>")[21:]}'
    assert record(text.encode(encoding), charset)["title"] == "会议召开于江澜"


MALFORMED = {
    "undeclared entities": ("<title>A&nbsp;B&hellip; &copy;</title>", "A B… ©"),
    "an unknown entity": ("<title>A &wrong; B</title>", "A &wrong; B"),
    "a bare ampersand": ("<title>Q & A, R&D</title>", "Q & A, R&D"),
    "a control character": ("<title>A\x08B&#8;</title>", "AB�"),
    "escaped twice": ("<title>A &amp;amp; B</title>", "A &amp; B"),
    "markup in the title": ("<title>A <b>B</b></title>", "A B"),
    "a prefix never declared": ("<dc:creator>x</dc:creator><title>A B</title>", "A B"),
    "a tag left open": ("<title>A B</title><description>one<br>two</description>", "A B"),
    "CDATA": ("<title><![CDATA[A & B &hellip;]]></title>", "A & B &hellip;"),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_malformed_items_are_read_as_a_reader_would(fault: str) -> None:
    item, title = MALFORMED[fault]
    found = record(rss(f"<item>{item}<link>https://news.example/?a=1&b=2</link></item><item"))
    assert found["title"] == title
    assert found["url"] == "https://news.example/?a=1&b=2"


LINKS = {
    "relative": ("<link>../b/2.html</link>", "https://news.example/b/2.html"),
    "without a scheme": ("<link>//cdn.example/2.html</link>", "https://cdn.example/2.html"),
    "with white space": ("<link>\n https://news.example/\n2.html </link>", "https://news.example/2.html"),
    "only a guid": ("<guid>https://news.example/2.html</guid>", "https://news.example/2.html"),
    "an empty link": ("<link/><guid>https://news.example/2.html</guid>", "https://news.example/2.html"),
    "Atom's link in RSS": (
        '<a:link xmlns:a="http://www.w3.org/2005/Atom" href="https://news.example/2.html"/>',
        "https://news.example/2.html",
    ),
    "a base": ('<link xml:base="https://other.example/x/">2.html</link>', "https://news.example/section/2.html"),
    "a guid that is no address": ('<guid isPermaLink="false">https://news.example/2.html</guid>', None),
    "a number": ("<guid>2</guid>", None),
    "a script": ("<link>javascript:alert(1)</link>", None),
    "mail": ("<link>mailto:desk@news.example</link>", None),
    "a broken address": ("<link>http://[::1/x</link>", None),
}


@pytest.mark.parametrize("form", LINKS)
def test_links(form: str) -> None:
    item, url = LINKS[form]
    listing = read(rss(f"<item><title>t</title>{item}</item>"))
    assert [entry.url for entry in listing.entries] == ([url] if url else [])
    assert bool(listing.notes) == (url is None)


def test_items_without_any_identity_are_known_by_their_words() -> None:
    items = "<item><title>甲</title></item><item><title>乙</title></item><item><title>甲</title></item>"
    listing = read(rss(items), CONTENT)
    assert len(listing.entries) == 2
    assert all(entry.url.startswith(f"{PLACE}#item=") for entry in listing.entries)
    assert [entry.url for entry in listing.entries] == [entry.url for entry in read(rss(items), CONTENT).entries]


DATES = {
    "Mon, 08 Jan 2024 08:00:00 +0800": EIGHT,
    "Mon, 08 Jan 2024 00:00:00 GMT": EIGHT,
    "Mon, 08 Jan 2024 08:00:00 CST": EIGHT,
    "Mon, 08 Jan 2024 08:00:00": EIGHT,
    "Mon, 8 Jan 24 08:00 +0800": EIGHT,
    "8 January 2024 08:00:00 +0800": EIGHT,
    "2024-01-08T08:00:00+08:00": EIGHT,
    "2024-01-08T00:00:00.000Z": EIGHT,
    "2024-01-08 08:00": EIGHT,
    "2024-1-8 8:00:00": EIGHT,
    "2024年1月8日 08:00": EIGHT,
    "2024/01/08 08:00:00": EIGHT,
    "2024-13-45": None,
    "Mon, 99 Foo 2024 25:61:00": None,
    "yesterday": None,
    "": None,
    "0000-00-00T00:00:00Z": None,
    "9999-12-31T23:59:59-12:00": None,
}


@pytest.mark.parametrize("printed", DATES)
def test_dates(printed: str) -> None:
    item = rss(f"<item><link>/1</link><pubDate>{printed}</pubDate><title>t</title></item>")
    assert read(item).entries[0].modified_at == DATES[printed]
    # What cannot be read stays as it is printed.
    assert bool(record(item).get("published_at")) == bool(printed)


BOMBS = {
    "billion laughs": '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    "quadratic": f'<!DOCTYPE r [<!ENTITY a "{"a" * 1000}">]>',
    "external": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    "parameter": '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://dtd.example/x">%x;]>',
    "attribute default": '<!DOCTYPE r [<!ATTLIST item x CDATA "y">]>',
    "lower case": '<!doctype r [<!entity a "b">]>',
    "no doctype": '<!ENTITY a "b">',
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_are_refused(bomb: str, encoding: str) -> None:
    text = f"<?xml version='1.0'?>{BOMBS[bomb]}<rss><channel><item><title>&b;</title></item></channel></rss>"
    with pytest.raises(ListingFault) as fault:
        read(text.encode(encoding))
    assert fault.value.reason == "xml_declarations"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "malformed_xml"),
        ("no feed at all", "malformed_xml"),
        ("<html><body><p>soft 404</p></body></html>", "not_a_feed"),
        ("{}", "not_a_feed"),
        ('{"items": [', "malformed_json"),
        ('{"items": ' + "[" * 100_000, "malformed_json"),
    ],
)
def test_what_is_no_feed_says_so(text: str, reason: str) -> None:
    with pytest.raises(ListingFault) as fault:
        read(text)
    assert fault.value.reason == reason


@pytest.mark.parametrize("text", ["<rss>" + "<a>" * 100_000, rss("<item><link>/1</link>" + "<b>" * 300)])
def test_what_is_nested_too_deeply_is_told(text: str) -> None:
    with pytest.raises(ListingFault, match="too_large: Excessive depth"):
        read(text)


def test_tags_that_were_never_closed_are_no_depth_where_text_stands() -> None:
    text = rss("<item><link>/1</link><description>" + "line<br>" * 300 + "</description></item>")
    assert len(read(text).entries) == 1


def test_items_that_were_never_closed_are_items() -> None:
    text = rss("".join(f"<item><link>/{number}</link><title>{number}</title>" for number in range(50)))
    assert [entry.url for entry in read(text).entries] == [f"https://news.example/{number}" for number in range(50)]


@pytest.mark.parametrize(
    "text",
    [
        "<rss>" + "<![CDATA[" * 1_500_000,
        "<rss>" + "<title><item>" * 120 + "<b>x</b>" * 190_000,
        "<rss>" + "<x xml:base='a/'>" * 240 + "<item/>" * 190_000,
        "<rss>" + "&" * 15_000_000,
        '{"items": [' + "{}, " * 3_000_000 + "{}]}",
        '{"items": [' + '"", ' * 3_000_000 + '""]}',
    ],
)
def test_masses_cost_little(text: str) -> None:
    """Of the processor's time, not of the clock's; each took 7 s, or hours."""
    began = time.process_time()
    with suppress(ListingFault):
        assert len(read(text).entries) <= 1
    assert time.process_time() - began < 4


def test_an_empty_feed_is_one() -> None:
    assert read(rss("")) == Listing([], [], [])


@pytest.mark.parametrize("items", ["pages", "content"])
def test_halves_of_characters_in_json(items: str) -> None:
    """JSON may escape them; no encoding has them."""
    good = {
        "id": "1",
        "url": "https://news.example/1",
        "title": "x\ud83d",
        "authors": [{"name": "\udc00"}],
        "content_text": "t",
    }
    bad = {"id": "\ud800", "url": "https://a\ud800b.example/2", "title": "y"}
    source = PAGES if items == "pages" else CONTENT
    found = feed.entries(json.dumps({"items": [good, bad]}).encode(), None, PLACE, source)
    for entry in found.entries:
        entry.url.encode()
    assert found.entries[0].url == "https://news.example/1"
    assert len(found.entries) == (1 if items == "pages" else 2)


@pytest.mark.parametrize(
    "text",
    [
        "<rss>" + "<y/>" * 200_001 + "</rss>",
        "<rss " + "".join(f'a{number}="" ' for number in range(1_000_001)) + "/>",
        "<rss>" + " " * feed.MOST_BYTES,
    ],
)
def test_masses_are_refused(text: str) -> None:
    with pytest.raises(ListingFault) as fault:
        read(text)
    assert fault.value.reason == "too_large"


def test_markup_within_items_is_no_mass() -> None:
    text = rss("<item><link>/1</link><description><![CDATA[" + "<br/>" * 250_000 + "]]></description></item>")
    assert len(read(text).entries) == 1
