"""Bombs, bodies without end and names that change their answer, over the wire: what is stored, what is said, who goes on."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard

from newslake import pipeline
from newslake.acquire import connection, web
from newslake.acquire.fetch import Fetcher
from newslake.errors import SourceError

from .server import Reply, Server, endless, raw
from .visits import POLITE, article, feed, put_articles, put_feed, put_sitemap, sitemap, stored, visit

MOST = 2**18
ZEROS = bytes(64 * 2**20)
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n"


@pytest.fixture(autouse=True)
def connections_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nothing is waited for between two requests."""
    monkeypatch.setattr(connection, "LATE_SECONDS", 0.0)


def bare_deflate(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(content) + stream.flush()


ENCODED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", partial(gzip.compress, mtime=0)),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", bare_deflate),
    "br": ("br", partial(brotli.compress, quality=4)),
    "zstd": ("zstd", zstandard.compress),
    "zstd in gzip": ("zstd, gzip", lambda content: gzip.compress(zstandard.compress(content), mtime=0)),
}


def chunked(content: bytes, encoding: str) -> bytes:
    head = CHUNKED + f"Content-Encoding: {encoding}\r\n\r\n".encode()
    return head + b"%x\r\n" % len(content) + content + b"\r\n0\r\n\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses and a short time for each page."""
    monkeypatch.setattr(web, "Fetcher", partial(Fetcher, pause_seconds=0.01, fetch_seconds=10))


ENDLESS = {
    "chunks": (b"\r\n", b"2710\r\n" + b"<p>x" * 2_500 + b"\r\n"),
    "chunks of one byte": (b"\r\n", b"1\r\nx\r\n" * 2_000),
    "chunk extensions": (b"\r\n", b"1;" + b"e" * 9_000 + b"\r\nx\r\n"),
    "gzip members": (
        b"Content-Encoding: gzip\r\n\r\n",
        b"%x\r\n" % len(gzip.compress(article(1).encode())) + gzip.compress(article(1).encode()) + b"\r\n",
    ),
}


def bad_pages() -> dict[str, tuple[Reply, bytes | None]]:
    """Paths of hostile pages, and what is kept of them; None: some of it."""
    pages: dict[str, tuple[Reply, bytes | None]] = {}
    for name, (encoding, compress) in ENCODED.items():
        bomb = compress(ZEROS)
        assert len(bomb) < MOST
        path = f"/{name.replace(' ', '-')}"
        pages[f"{path}.html"] = Reply(bomb, headers=(("Content-Encoding", encoding),)), bomb
        pages[f"{path}-chunked.html"] = raw(chunked(bomb, encoding)), bomb
    for name, (head, part) in ENDLESS.items():
        pages[f"/endless-{name.replace(' ', '-')}.html"] = endless(CHUNKED + head, part), None
    return pages


def test_bombs_and_bodies_without_end_are_kept_as_they_came_and_hold_up_nobody(home: Path) -> None:
    """Many pages of a feed are hostile; the good ones between them and another source are read all the same."""
    hostile = bad_pages()
    with Server() as server, Server() as other:
        put_articles(server, range(len(hostile)))
        names = [name for number, path in enumerate(hostile) for name in (path, f"/{number}.html")]
        put_feed(server, names)
        server.pages.update({path: reply for path, (reply, _) in hostile.items()})
        put_articles(other, range(100, 105))
        put_sitemap(other, range(100, 105))
        source = feed(server, max_document_bytes=MOST)
        landed, published = pipeline.run([source, sitemap(other)])
        counts = [(one["landed"], one["failed"], one["pending"]) for one in landed]
        assert counts == [(2 * len(hostile), 0, 0), (5, 0, 0)]
        assert f"too_large: and {len(hostile) - web.TOLD_MOST} more" in landed[0]["notes"]
        rows = {row["url"].removeprefix(server.origin): row for row in stored()}
        for path, (_, kept) in hostile.items():
            row = rows[path]
            assert row["error"].startswith(
                f"too_large: over {MOST} bytes when decompressed (" if kept else "too_large: "
            )
            assert row["http_status"] == 200, path
            assert row["bytes"] == kept or (kept is None and 0 < len(row["bytes"]) <= MOST), path
        bodies = {row["raw_id"] for row in rows.values() if row["error"]}
        assert (published["articles"], published["quarantined"]) == (len(hostile) + 5, len(bodies))
        again = visit(source)
        assert (again["landed"], again["unchanged"]) == (0, len(hostile)), "what was refused is not landed once more"


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_listing_or_robots_txt_that_is_a_bomb(home: Path, name: str) -> None:
    """The listing fails its source alone; of robots.txt the beginning is read, as RFC 9309 has it."""
    encoding, compress = ENCODED[name]
    headers = (("Content-Encoding", encoding),)
    with Server() as server, Server() as other:
        server.pages["/feed.xml"] = Reply(compress(ZEROS), headers=headers)
        put_articles(other, range(3))
        put_sitemap(other, range(3))
        rules = b"User-agent: *\nDisallow: /1.html\n" + b"#" * len(ZEROS)
        other.pages["/robots.txt"] = Reply(compress(rules), headers=headers, content_type="text/plain")
        with pytest.raises(SourceError, match="too_large"):
            visit(feed(server))
        landed = visit(sitemap(other))
        assert (landed["landed"], landed["forbidden"]) == (2, 1)


GLOBAL = "93.184.215.14"


class Internet:
    """The system's names and sockets: news.example is `address`, and GLOBAL is reached on 127.0.0.2."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[str] = []
        self.opened: list[str] = []
        self._look_up, self._connect = socket.getaddrinfo, socket.create_connection
        monkeypatch.setattr(socket, "getaddrinfo", self.look_up)
        monkeypatch.setattr(socket, "create_connection", self.connect)

    def look_up(self, host: str, port: int, *more: Any, **named: Any) -> Any:
        """One answer after the other; the last again and again."""
        if host == "news.example":
            host = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return self._look_up(host, port, *more, **named)

    def connect(self, address: tuple[str, int], *more: Any, **named: Any) -> socket.socket:
        host, port = address
        self.opened.append(host)
        return self._connect(("127.0.0.2" if host == GLOBAL else host, port), *more, **named)


@pytest.mark.parametrize("inward", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1"])
def test_a_name_that_changes_its_answer_leads_nobody_inside(
    home: Path, inward: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First right between judging and connecting, then between two connections of a visit, then before a visit."""
    internet = Internet(monkeypatch)
    with Server(host="127.0.0.2") as outside, Server(port=outside.port) as inside, Server() as other:
        put_articles(other, range(10, 12))
        put_sitemap(other, range(10, 12))
        put_articles(outside, range(3))
        put_articles(inside, range(3), "内部。")
        items = "".join(f"<item><link>{number}.html</link></item>" for number in range(3))
        address = f"http://news.example:{outside.port}/feed.xml"
        source = feed(outside, **{**POLITE, "url": address, "allow_hosts": ()})
        listing = Reply(f"<rss><channel>{items}</channel></rss>".encode(), headers=(("Connection", "close"),))
        outside.pages["/feed.xml"] = outside.pages["/robots.txt"] = listing
        outside.robots("", headers=(("Connection", "close"),))

        internet.answers = [GLOBAL, GLOBAL, inward]  # robots.txt, the feed, and then the first page
        landed = visit(source)
        assert (landed["landed"], landed["forbidden"]) == (0, 3)
        assert "forbidden_address" in "\n".join(landed["notes"])
        assert visit(sitemap(other))["landed"] == 2

        internet.answers = [inward]
        with pytest.raises(SourceError, match="forbidden_address"):
            visit(source)

        internet.answers = [GLOBAL, GLOBAL, inward]  # the feed, and one connection for all pages
        landed = visit(source)
        assert (landed["landed"], landed["forbidden"]) == (3, 0)
        assert not [row for row in stored() if "内部" in row["bytes"].decode()]
        assert not inside.connections
        assert set(internet.opened) == {GLOBAL, "127.0.0.1"}
