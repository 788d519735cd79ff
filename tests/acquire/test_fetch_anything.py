"""Whatever comes, there is an answer or a reason; nothing else is raised, and nothing hangs."""

from __future__ import annotations

import socket
import ssl
import tempfile
import time
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.acquire.test_addresses import CASES
from tests.acquire.test_fetch import outcome

from newslake.acquire import addresses
from newslake.acquire.connection import Connection, Response
from newslake.acquire.robots import Robots

TLS = ssl.create_default_context()
TARGET = addresses.parse("http://news.example/a")
LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 304 Not Modified\r\n",
        b"HTTP/1.0 302 Found\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: 0\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"Location: /\xff\xfe b\r\n",
        b"X: \xe4\xb8\xad\r\n",
        b" folded\r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b"\x00",
        b"5\r\nabcde\r\n",
        b"0\r\n\r\n",
        b"hello",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Trailer: x\r\n",
    ]
)


def answered(sent: bytes) -> Response:
    """What a connection makes of these bytes, over a real pair of sockets."""
    ours, theirs = socket.socketpair()
    theirs.sendall(sent)
    theirs.shutdown(socket.SHUT_WR)
    opened = Connection(TARGET, ["127.0.0.1"], TLS, time.monotonic() + 5, lambda *_: _WithoutDelay(ours))
    try:
        return opened.get("/a", (("Host", "news.example"),), 1_000, time.monotonic() + 5)
    finally:
        opened.close()
        ours.close()
        theirs.close()


class _WithoutDelay(socket.socket):
    """A Unix socket that lets TCP's own options pass."""

    def __init__(self, other: socket.socket) -> None:
        super().__init__(fileno=socket.dup(other.fileno()))

    def setsockopt(self, *_: object) -> None:
        pass


@settings(max_examples=400, deadline=None)
@given(parts=st.lists(LINES | st.binary(max_size=20), max_size=12))
@example(parts=[b"HTTP/1.1 200 OK\r\n", b"Content-Length: 5\r\n", b"\r\n", b"hello"])
def test_any_bytes_are_a_response_or_a_reason(parts: list[bytes]) -> None:
    response = outcome(answered, b"".join(parts))
    if not isinstance(response, Response):
        assert response in {"malformed_response", "truncated_body", "connection_failed", "too_large"}
        return
    assert 200 <= response.status < 1_000
    for name, value in response.headers:
        (name + value).encode("utf-8")
    if response.location is not None:
        target = outcome(addresses.joined, TARGET, response.location)
        assert target in REFUSED or target.url.isascii()


REFUSED = {"malformed_url", "unsupported_scheme", "forbidden_address"}
URLS = st.text(max_size=60) | st.builds(
    lambda scheme, host, rest: f"{scheme}{host}{rest}",
    st.sampled_from(["http://", "https://", "HTTP:", "//", "http:///", "http://a@", "http:\\\\"]),
    st.text(alphabet="0123456789abxABX.:[]%@-_ ①。.１f\u00ad\u200b新ß", max_size=20),
    st.text(alphabet="/?#@\\%ab1:[]. \n新\ud800", max_size=15),
)


@settings(max_examples=1_000, deadline=None)
@given(url=URLS)
def test_any_text_is_an_address_or_a_reason(url: str) -> None:
    target = outcome(addresses.parse, url)
    if target not in REFUSED:
        assert target.url.isascii()
        assert target.url.isprintable()
        assert " " not in target.url
        assert addresses.parse(target.url) == target, "said again, it means the same"


@settings(max_examples=300, deadline=None)
@given(location=st.binary(max_size=40) | st.sampled_from([url.encode("utf-8", "replace") for url, _ in CASES]))
def test_any_location_is_an_address_or_a_reason(location: bytes) -> None:
    target = outcome(addresses.joined, TARGET, location)
    assert target in REFUSED or addresses.parse(target.url) == target


ROBOTS = st.lists(
    st.sampled_from(
        ["User-agent: *", "User-agent: newslake", "Disallow: /", "Allow: /a", "Crawl-delay: 1", "Disallow:"]
    )
    | st.builds(lambda rule: f"Disallow: {rule}", st.text(alphabet="/*$%aé[?#:@ \\", max_size=12))
    | st.text(max_size=20),
    max_size=8,
).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(robots=ROBOTS, path=st.text(alphabet="/*$%abé[]?#&=:@;新", max_size=20))
def test_any_robots_txt_allows_or_forbids(robots: str, path: str) -> None:
    target = addresses.parse(f"http://news.example/{path}")
    with tempfile.TemporaryDirectory() as folder:
        rules = Robots(Path(folder), "newslake", lambda _: (200, robots.encode("utf-8", "replace")), [])
        delay = outcome(rules.delay_seconds, target)
    assert delay == "forbidden_by_robots" or 0 <= delay <= 60
