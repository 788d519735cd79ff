"""List pages: which links are articles, and where they lead."""

from __future__ import annotations

import pytest

from newslake.acquire import pages
from newslake.acquire.canonical import canonical
from newslake.acquire.listing import Listing, ListingFault
from newslake.sources import PagesSource

PLACE = "https://news.example/section/index.html"


def read(body: str | bytes, head: str = "", follow: str | None = None, charset: str | None = None) -> Listing:
    source = PagesSource(name="pages", url=(PLACE,), link=r"/\d+\.html$", follow=follow)
    content = body if isinstance(body, bytes) else f"<html><head>{head}</head><body>{body}</body></html>".encode()
    return pages.entries(content, charset, PLACE, source)


LINKS = {
    '<a href="1.html">': "https://news.example/section/1.html",
    '<a href="/1.html">': "https://news.example/1.html",
    '<a href="../../../1.html">': "https://news.example/1.html",
    '<a href="//cdn.example/1.html">': "https://cdn.example/1.html",
    '<a href="HTTP://NEWS.example/1.html">': "http://news.example/1.html",
    '<a href=" 1.html\n">': "https://news.example/section/1.html",
    '<a href="1.html#comments">': "https://news.example/section/1.html",
    "<A HREF=1.html>": "https://news.example/section/1.html",
    '<map><area href="1.html"></map>': "https://news.example/section/1.html",
    '<a href="/新闻/1.html">': "https://news.example/%E6%96%B0%E9%97%BB/1.html",
    '<div><p><a href="1.html"></div>': "https://news.example/section/1.html",
}


@pytest.mark.parametrize("link", LINKS)
def test_links(link: str) -> None:
    assert [canonical(entry.url) for entry in read(f"{link}甲</a>").entries] == [LINKS[link]]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:void(0)/1.html",
        "mailto:a@news.example/1.html",
        "data:text/html,/1.html",
        "http://[/1.html",
        "ftp://x.example/1.html",
    ],
)
def test_what_leads_nowhere_is_left_out(link: str) -> None:
    assert [entry.url for entry in read(f'<a href="{link}">甲</a><a href="/2.html">乙</a>').entries] == [
        "https://news.example/2.html"
    ]


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("/other/", "https://news.example/other/1.html"),
        ("https://cdn.example/x/", "https://cdn.example/x/1.html"),
        ("javascript:x", "https://news.example/section/1.html"),
    ],
)
def test_the_base_is_minded(base: str, url: str) -> None:
    (entry,) = read('<a href="1.html">甲</a>', f'<base target="_top"><base href="{base}">').entries
    assert entry.url == url


def test_each_link_once_and_further_pages_apart() -> None:
    found = read(
        '<a href="/2.html">甲</a><a href="/list2/">次</a><a href="/2.html#x">甲</a><a href="/1.html">乙</a>',
        follow="/list",
    )
    assert [entry.url for entry in found.entries] == ["https://news.example/2.html", "https://news.example/1.html"]
    assert found.listings == ["https://news.example/list2/"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_any_charset(encoding: str) -> None:
    text = '<html><head><meta charset="gb2312"></head><body><a href="/会议/1.html">会议召开</a></body></html>'
    (entry,) = read(text.encode(encoding), charset="iso-8859-1").entries
    assert canonical(entry.url) == "https://news.example/%E4%BC%9A%E8%AE%AE/1.html"


def test_a_page_that_fits_no_rule_says_so() -> None:
    found = read('<a href="/about">甲</a>')
    assert (found.entries, found.notes) == ([], [f"{PLACE}: none of 1 links fits `link`"])


@pytest.mark.parametrize("content", [b"", b"   ", b"\0\0", b"<html></html>", b"plain words", "会议".encode("gbk")])
def test_a_page_without_links_is_a_fault(content: bytes) -> None:
    with pytest.raises(ListingFault) as fault:
        read(content)
    assert fault.value.reason == "no_links"


def test_deep_pages_lose_no_link() -> None:
    body = "<div>" * 5_000 + '<a href="/1.html">甲</a>' + "</div>" * 5_000 + '<a href="/2.html">乙</a>'
    assert [entry.url[-6:] for entry in read(body).entries] == ["1.html", "2.html"]


def test_links_for_readers_without_scripts() -> None:
    body = '<noscript><p><a href="/1.html">甲</a></noscript><script>"<a href=/3.html>"</script><a href="/2.html">乙</a>'
    assert [entry.url[-6:] for entry in read(body).entries] == ["1.html", "2.html"]


@pytest.mark.parametrize("closed", ["", "</noscript>"])
def test_links_within_any_depth_of_noscript(closed: str) -> None:
    body = '<a href="/2.html">乙</a>' + "<noscript>" * 5_000 + '<a href="/1.html">甲</a>' + closed * 5_000
    assert [entry.url[-6:] for entry in read(body).entries] == ["2.html", "1.html"]


@pytest.mark.parametrize(
    ("encoding", "url"),
    [
        ("gbk", "https://news.example/章/1.html?c=%D0%C2%CE%C5&d=%26%2310004%3B#节/1.html"),
        ("utf-8", "https://news.example/章/1.html?c=新闻&d=✔"),
    ],
)
def test_a_query_is_in_the_charset_of_its_page(encoding: str, url: str) -> None:
    source = PagesSource(name="pages", url=(PLACE,), link="1.html")
    link = '<meta charset="gbk"><a href="/章/1.html?c=新闻&d=✔#节">新闻</a>'
    (entry,) = pages.entries(link.encode(encoding, "xmlcharrefreplace"), None, PLACE, source).entries
    assert entry.url == url.partition("#")[0]
