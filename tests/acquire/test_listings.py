"""What stands in the listings of strangers: dates, charsets, items that share an address, and the wrong thing altogether."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest

from newslake.acquire import feed, sitemap
from newslake.acquire.listing import Listing, ListingFault, stamp, text_of
from newslake.sources import FeedSource, SitemapSource

PLACE = "https://news.example/feed.xml"
CHINA = "Asia/Shanghai"
RSS = '<rss version="2.0"><channel>{}</channel></rss>'
ITEM = "<item><title>{0}</title><link>https://news.example/live{1}</link>{2}<description>{0}</description></item>"


def read(text: str | bytes, items: str = "pages", charset: str | None = None) -> Listing:
    source = FeedSource(name="feed", url=PLACE, timezone=CHINA, items="content" if items == "content" else "pages")
    return feed.entries(text if isinstance(text, bytes) else text.encode(), charset, PLACE, source)


def read_sitemap(text: str | bytes, charset: str | None = None, timezone: str | None = None) -> Listing:
    source = SitemapSource(name="site", url=PLACE, since=date(2024, 3, 1), timezone=timezone)
    return sitemap.entries(text if isinstance(text, bytes) else text.encode(), charset, PLACE, source)


@pytest.mark.parametrize(
    ("printed", "expected"),
    {
        "2024-01-08 10：30": "2024-01-08T02:30:00Z",
        "2024-01-08 10:00:00 UTC": "2024-01-08T10:00:00Z",
        "2024-1-8 10:00 GMT": "2024-01-08T10:00:00Z",
        "2024-1-8T9:30:00Z": "2024-01-08T09:30:00Z",
        "2024-1-8T9:30:00.5+05:00": "2024-01-08T04:30:00Z",
        "2024-01-08 10:00:00 -0500": "2024-01-08T15:00:00Z",
        "2024-01-08T10:00:00-0000": "2024-01-08T10:00:00Z",
        "Mon, 08 Jan 2024 10:00:00 -0000": "2024-01-08T10:00:00Z",
        "20240108": "2024-01-07T16:00:00Z",
        "2024年01月08日10:30": "2024-01-08T02:30:00Z",
        "2024年1月8日 10时30分": "2024-01-08T02:30:00Z",
        "2024年1月8日10时30分20秒": "2024-01-08T02:30:20Z",
        "2024-1-8 9:5": "2024-01-08T01:05:00Z",
        "2024-01-08 星期一 10:30": "2024-01-08T02:30:00Z",
        "2024年1月8日（周一）10:30": "2024-01-08T02:30:00Z",
        "2024-01-08 Mon 10:30:00": "2024-01-08T02:30:00Z",
        "2024年1月8日 星期一": "2024-01-07T16:00:00Z",
        "2024-01-08 10:30:00 CST": "2024-01-08T02:30:00Z",
        "2024-01-08 3:30 PM": "2024-01-08T07:30:00Z",
        "Mon, 08 Jan 2024 3:30 p.m. +0800": "2024-01-08T07:30:00Z",
        "Mon, 08 Jan 2024 12:30:00 AM +0800": "2024-01-07T16:30:00Z",
        "Mon, 08 Jan 2024 12:30:00 PM +0800": "2024-01-08T04:30:00Z",
        "2024010810": None,
        "2024-01-081 10:30": None,
        "1704700800": None,
        "1710100800000": None,
        "1704-01-08": None,
        "0001-01-01T00:00:00Z": None,
    }.items(),
)
def test_a_moment_is_certain_or_none(printed: str, expected: str | None) -> None:
    assert stamp(printed, CHINA) == expected


@pytest.mark.parametrize(
    "printed",
    [
        "2024年1月8日 下午3:30",
        "2024-01-08+08:00",
        "2024-1-8T9:30:00+25:00",
        "2024-01-08 00:00:00 0800",
        "2024-01-08T09:30:00Z[Asia/Shanghai]",
        "2024-01-08 PM",
        "Mon, 08 Jan 2024 15:30:00 PM +0800",
    ],
)
def test_a_date_whose_time_is_not_understood_is_a_day_and_goes_on_as_printed(printed: str) -> None:
    (entry,) = read(RSS.format(ITEM.format("甲", "", f"<pubDate>{printed}</pubDate>")), "content").entries
    assert entry.modified_at == "2024-01-07T16:00:00Z"
    assert json.loads(entry.content or b"")["published_at"] == printed


def test_what_cst_means_is_up_to_the_source() -> None:
    for printed in ("2024-01-08 10:00:00 CST", "Mon, 08 Jan 2024 10:00:00 CST"):
        assert [stamp(printed, zone) for zone in (CHINA, None)] == ["2024-01-08T02:00:00Z", "2024-01-08T16:00:00Z"]


@pytest.mark.parametrize("rest", [" ", "T", "8 ", " p.", "8:00 "])
def test_a_long_date_costs_little(rest: str) -> None:
    began = time.process_time()
    stamp(f"2024-01-08 {rest * 200_000}x", CHINA)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("timezone", [None, CHINA, "America/New_York"])
def test_the_first_day_of_since_is_one_of_the_source(timezone: str | None) -> None:
    days = "".join(f"<url><loc>/{day}</loc><lastmod>{day}</lastmod></url>" for day in ("2024-02-29", "2024-03-01"))
    found = read_sitemap(f"<urlset>{days}</urlset>", timezone=timezone)
    assert [entry.url for entry in found.entries] == ["https://news.example/2024-03-01"]


def test_items_that_share_an_address_are_all_kept() -> None:
    """Whichever of them stands first."""
    guids = [ITEM.format(f"甲{n}", f"#{n}", f'<guid isPermaLink="false">g{n}</guid>') for n in range(6)]
    found = [entry.url for entry in read(RSS.format("".join(guids)), "content").entries]
    assert found == [f"https://news.example/live#item=g{n}" for n in range(6)]
    assert found[1:] == [entry.url for entry in read(RSS.format("".join(guids[1:])), "content").entries]
    fragments = "".join(ITEM.format(f"甲{n}", f"#{n}", "") for n in range(3))
    entries = read(RSS.format(fragments), "content").entries
    assert [entry.url for entry in entries] == [f"https://news.example/live#item={n}" for n in range(3)]
    assert all("url" not in json.loads(entry.content or b"") for entry in entries), "an article each"


def test_items_of_one_address_without_a_guid_are_told_apart_by_their_titles() -> None:
    items = "".join(ITEM.format(f"第{n}次会议", "", "") for n in range(4))
    found = read(RSS.format(items), "content")
    assert [json.loads(entry.content or b"")["title"] for entry in found.entries] == [f"第{n}次会议" for n in range(4)]
    assert (len({entry.url for entry in found.entries}), found.notes) == (4, [])
    again = read(RSS.format(items + ITEM.format("第0次会议", "", "")), "content")
    assert again.entries == found.entries
    assert again.notes == [f"{PLACE}: 1 items have the address and the name of one before them"]


def test_an_item_alone_has_its_own_address() -> None:
    for items, told in ((ITEM.format("甲", "", "<guid>g1</guid>"), 0), (ITEM.format("甲", "", "") * 2, 1)):
        found = read(RSS.format(items), "content")
        assert [entry.url for entry in found.entries] == ["https://news.example/live"]
        assert len(found.notes) == told


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", "iso-8859-1", "undefined", "zip"])
@pytest.mark.parametrize("charset", [None, "gbk", "iso-8859-1"])
def test_a_bad_byte_costs_one_character(declared: str, charset: str | None) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>' + RSS.format(ITEM.format("全市动员部署会X举行于江澜", "", ""))
    (entry,) = read(text.encode("gbk").replace(b"X", b"\xbb "), "content", charset).entries
    assert json.loads(entry.content or b"")["title"] == "全市动员部署会\ufffd 举行于江澜"


def test_a_bad_byte_in_utf8_makes_no_other_charset_of_it() -> None:
    content = f"<?xml version='1.0' encoding='gb2312'?><t>{'市委书记出席会议并讲话' * 3}</t>".encode()
    text = text_of(content.replace(b"</t>", b"\xe4\xbc</t>"), None)
    assert text.count("市委书记出席会议并讲话") == 3
    assert text.endswith("\ufffd</t>")


@pytest.mark.parametrize(
    ("declared", "charset"), [(' encoding="gb2312"', None), ("", "gbk"), (' encoding="GBK"', "latin-1")]
)
def test_addresses_of_a_sitemap_in_another_charset(declared: str, charset: str | None) -> None:
    places = "".join(f"<url><loc>/{n}/1.html</loc></url>" for n in range(10_000))
    text = f'<?xml version="1.0"{declared}?><urlset>{places}<url><loc>/会议/1.html</loc></url></urlset>'
    for content in (text.encode("gbk"), text.encode()):
        found = read_sitemap(content, charset)
        assert (len(found.entries), found.entries[-1].url) == (10_001, "https://news.example/会议/1.html")


@pytest.mark.parametrize(
    "prolog",
    [
        "<!-- <a -->",
        "<?x <a ?>",
        "<?x?><!-- <a --><?y <b ?>",
        "<?",
        "<!-- --> <!DOCTYPE a '<b'>",
    ],
)
def test_declarations_behind_what_looks_like_an_element_are_refused(prolog: str) -> None:
    bomb = f'<?xml version="1.0"?>{prolog}<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    for text in (bomb + "<urlset><url><loc>&b;</loc></url></urlset><?x ?>", bomb + RSS.format("<item/>") + "<?x ?>"):
        for reader in (read, read_sitemap):
            with pytest.raises(ListingFault, match="xml_declarations"):
                reader(text)


def test_a_quoted_bracket_declares_nothing() -> None:
    doctype = """<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" 'http://dtd.example/[a]<a>.dtd'>"""
    assert len(read(doctype + RSS.format(ITEM.format("甲", "", ""))).entries) == 1


@pytest.mark.parametrize("namespace", ["http://blogs.law.harvard.edu/tech/rss", "urn:anything"])
def test_a_root_of_any_namespace(namespace: str) -> None:
    text = RSS.format(ITEM.format("甲", "", "")).replace("<rss", f'<rss xmlns="{namespace}"')
    (entry,) = read(text, "content").entries
    assert json.loads(entry.content or b"")["title"] == "甲"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "JSON array"),
        ('\n [{"url": "/1"}]', "JSON array"),
        ("<!DOCTYPE html><html><p>one<br>two</html>", "kind pages"),
        ("\ufeff<?xml version='1.0'?><!-- x --><!doctype HTML SYSTEM 'x'><html/>", "kind pages"),
        ("<HTML><body>", "kind pages"),
        ('<other xmlns="urn:x"/>', "its root is <other>"),
    ],
)
def test_what_is_no_feed_says_what_it_is(text: str, said: str) -> None:
    with pytest.raises(ListingFault, match=f"not_a_feed: .*{said}"):
        read(text)
    if said == "kind pages":
        with pytest.raises(ListingFault, match=f"not_a_feed: .*{said}"):
            read_sitemap(text)
