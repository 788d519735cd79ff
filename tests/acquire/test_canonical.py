"""Canonical addresses: equal pages have one, different ones two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake.acquire.canonical import absolute, canonical

SAME = {
    "https://news.example/": [
        "HTTPS://NEWS.EXAMPLE",
        "https://news.example:443/#top",
        "https://news.example./?",
        "https://u:p@news.example/",
    ],
    "http://news.example:8080/a": ["http://news.example:8080/./a", "http://news.example:8080/b/../a#x"],
    "http://news.example/%E4%BC%9A%E8%AE%AE": ["http://news.example/会议", "http://news.example/%e4%bc%9a%e8%ae%ae"],
    "http://news.example/~a-b_c.d": ["http://news.example/%7Ea%2db%5Fc%2Ed"],
    "http://news.example/?id=1&b=2": [
        "http://news.example/?id=1&utm_source=x&b=2",
        "http://news.example/?spm=1.2&id=1&b=2",
        "http://news.example/?id=1&b=2&from=singlemessage&isappinstalled=0",
        "http://news.example/?id=1&b=2&UTM_Medium=y&fbclid=z",
    ],
    "http://news.example/a%20b?q=%7C": ["http://news.example/a b?q=|"],
    "http://news.example/100%25": ["http://news.example/100%"],
    "http://[::1]:8080/": ["http://[::1]:8080"],
    "http://xn--efvy88h.example/": ["http://新闻.example", "http://新闻。example/"],
    "http://news.example/a/b?id=1": [
        "http://news.example/a;jsessionid=1F2E.node1/b;JSESSIONID=x?id=1",
        "http://news.example/a/b?PHPSESSID=3&id=1&jsessionid=x",
        "http://news.example/a/b?id=1&ASPSESSIONIDQQACBDTS=ABC",
    ],
    "http://news.example/w/http://b.example/.well": ["http://news.example/w/./http://b.example/.well"],
    "http://news.example/a//b/": ["http://news.example/a//b/.", "http://news.example/a//b/c/.."],
    "file:a/b.txt": [" file:a/b.txt "],
}
DIFFERENT = [
    ("http://news.example/a", "https://news.example/a"),
    ("http://news.example/A", "http://news.example/a"),
    ("http://news.example/a", "http://news.example/a/"),
    ("http://news.example/?a=1&b=2", "http://news.example/?b=2&a=1"),
    ("http://news.example/?from=3", "http://news.example/"),
    ("http://news.example/?sid=3", "http://news.example/"),
    ("http://news.example/?sid=0123456789abcdef0123456789abcdef", "http://news.example/"),
    (
        "http://news.example/?sid=0123456789abcdef0123456789abcdef",
        "http://news.example/?sid=0123456789abcdef0123456789abcdee",
    ),
    ("http://news.example/a;v=1", "http://news.example/a"),
    ("http://news.example/a//b/.c", "http://news.example/a/b/.c"),
    ("http://news.example/a%2Fb", "http://news.example/a/b"),
    ("http://news.example/?a=1%262", "http://news.example/?a=1&2"),
    ("http://www.news.example/", "http://news.example/"),
]


@pytest.mark.parametrize("url", SAME)
def test_spellings_of_one_page(url: str) -> None:
    assert {canonical(spelling) for spelling in [url, *SAME[url]]} == {url}


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_pages_that_may_differ(first: str, second: str) -> None:
    assert canonical(first) != canonical(second)


@given(st.text(max_size=60), st.text(st.sampled_from("/.%?&=#ab2Ff:@[] \t会"), max_size=40))
def test_it_is_stable_and_never_fails(free: str, tail: str) -> None:
    for url in (free, f"http://news.example/{tail}", f"http://{tail}", f"http://news.example/?{free}"):
        assert canonical(canonical(url)) == canonical(url)


@pytest.mark.parametrize(
    "address", ["/" + "a" * 2_000, "https://news.example/" + "a" * 2_000, "/\ud800", "https://\udc00.example/"]
)
def test_no_page_has_such_an_address(address: str) -> None:
    assert absolute(address, "https://news.example/") is None


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (" /2024 report.html\n", "https://news.example/2024%20report.html"),
        ("https://news.example/a b?c d", "https://news.example/a%20b?c%20d"),
        ("/a\tb\r\n   c", "https://news.example/abc"),
        ("\\news\\4.html?q=\\", "https://news.example/news/4.html?q=\\"),
        ("http:\\\\other.example\\4.html", "http://other.example/4.html"),
        ("\\\\other.example/4.html", "https://other.example/4.html"),
    ],
)
def test_links_are_read_as_browsers_read_them(address: str, url: str) -> None:
    assert absolute(address, "https://news.example/a/1.html") == url
