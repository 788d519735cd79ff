"""Responses made to break the one who reads them: each ends within its limits."""

from __future__ import annotations

import gzip
import resource
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
import zstandard
from tests.acquire.server import Reply, Server, endless, in_turn, raw
from tests.acquire.test_fetch import fetcher

from newslake.acquire.fetch import FetchFailed

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
MOST = 2**20
ZEROS = bytes(64 * 2**20)

HEADS = {
    "100,000 headers": raw(OK + b"a:b\r\n" * 100_000 + b"\r\n"),
    "600 headers": raw(OK + b"a:b\r\n" * 600 + b"\r\nx"),
    "100,000 equal lengths": raw(OK + b"Content-Length: 1\r\n" * 100_000 + b"\r\nx"),
    "a header of 10 MB": raw(OK + b"X: " + b"x" * 10_000_000 + b"\r\n\r\n"),
    "a status line of 10 MB": raw(b"HTTP/1.1 200 " + b"O" * 10_000_000 + b"\r\n\r\n"),
    "headers without end": endless(OK, b"X-Part: 12345678\r\n" * 500),
    "one header without end": endless(OK + b"X: ", b"x" * 9_000),
    "a folded header without end": endless(OK + b"X: a\r\n", b" folded\r\n" * 900),
    "informational responses without end": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 200),
    "a NUL in a header": raw(OK + b"X: a\0b\r\n\r\n"),
    "a NUL in a name": raw(OK + b"X\0: ab\r\n\r\n"),
    "a bare CR": raw(OK + b"X: a\rContent-Length: 3\r\n\r\nabc"),
    "a blank before the colon": raw(OK + b"Content-Length : 3\r\n\r\nabc"),
    "a line without colon": raw(OK + b"nonsense\r\n\r\n"),
    "a line folded before the first": raw(OK + b" a: b\r\n\r\n"),
    "two ways to end": raw(OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked, chunked\r\n\r\nabc"),
    "another version": raw(b"HTTP/9.9.9 200 OK\r\n\r\n"),
    "another status": raw(b"HTTP/1.1 20 OK\r\n\r\n"),
    "an endless status": endless(b"", b"\r\n" * 4_000),
}
BODIES = {
    "a body without end": endless(OK + b"\r\n", b"x" * 60_000),
    "chunks without end": endless(CHUNKED, b"2710\r\n" + b"x" * 10_000 + b"\r\n"),
    "chunk extensions without end": endless(CHUNKED, b"1;" + b"e" * 9_000 + b"\r\nx\r\n"),
    "a gzip bomb": Reply(gzip.compress(ZEROS), headers=(("Content-Encoding", "gzip"),)),
    "a gzip bomb in gzip": Reply(gzip.compress(gzip.compress(ZEROS)), headers=(("Content-Encoding", "gzip, gzip"),)),
    "a deflate bomb": Reply(gzip.zlib.compress(ZEROS), headers=(("Content-Encoding", "deflate"),)),
    "a brotli bomb": Reply(brotli.compress(ZEROS, quality=4), headers=(("Content-Encoding", "br"),)),
    "a zstd bomb": Reply(zstandard.compress(ZEROS), headers=(("Content-Encoding", "zstd"),)),
    "many gzip members": Reply(gzip.compress(bytes(100_000)) * 1_000, headers=(("Content-Encoding", "gzip"),)),
}
OTHERS = {
    "nested encodings": (
        Reply(b"x", headers=(("Content-Encoding", ", ".join(["gzip"] * 500)),)),
        "corrupt_body",
    ),
    "a zstd window of 1 GB": (
        Reply(b"\x28\xb5\x2f\xfd\x00\xa0" + bytes(100), headers=(("Content-Encoding", "zstd"),)),
        "corrupt_body",
    ),
    "trailers without end": (endless(CHUNKED + b"0\r\n", b"X-Part: 12345678\r\n" * 500), "malformed_response"),
    "a chunk size of 10 MB": (raw(CHUNKED + b"0" * 10_000_000), "malformed_response"),
}
CASES = {
    **{name: (reply, "malformed_response") for name, reply in HEADS.items()},
    **{name: (reply, "too_large") for name, reply in BODIES.items()},
    **OTHERS,
}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as started:
        started.add("/fine", "fine")
        yield started


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_response_ends_within_limits(name: str, server: Server, tmp_path: Path) -> None:
    reply, reason = CASES[name]
    server.pages["/hostile"] = reply
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with fetcher(tmp_path, max_bytes=MOST, fetch_seconds=2) as web:
        started = time.monotonic()
        with pytest.raises(FetchFailed) as caught:
            web.get(server.url("/hostile"))
        assert caught.value.reason == reason
        assert len(caught.value.content) <= MOST
        assert time.monotonic() - started < 30
        assert web.get(server.url("/fine")).content == b"fine"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 48 * 1024


@pytest.mark.parametrize(
    "head",
    [
        b"X: a\r\n folded\r\n\tagain\r\nContent-Length: 4\r\n\r\n",
        b"x-empty:\r\nX-Odd: \x01\xff\xe4\xb8\xad\r\nContent-Length: 4\r\n\r\n",
        b"Content-Length: 4\r\nContent-Length: 4\r\n\r\n",
        b"Content-Length: 4, 4\r\n\r\n",
        b"content-length:4\n\n",
        b"".join(b"X-%d: y\r\n" % n for n in range(400)) + b"Content-Length: 4\r\n\r\n",
    ],
)
def test_untidy_headers_are_read(head: bytes, server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = raw(OK + head + b"fine")
    with fetcher(tmp_path) as web:
        answer = web.get(server.url("/a"))
    assert answer.content == b"fine"
    for name, value in answer.headers:
        assert not {"\0", "\r", "\n"} & set(name + value)
        value.encode("utf-8")


def test_chunks_of_one_byte_count_with_what_is_around_them(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = endless(CHUNKED, b"1\r\nx\r\n" * 2_000)
    with fetcher(tmp_path, max_bytes=100_000) as web, pytest.raises(FetchFailed, match="too_large") as caught:
        web.get(server.url("/a"))
    assert len(caught.value.content) < 100_000


def test_a_server_that_never_lets_a_read_wait_meets_the_deadline(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = endless(CHUNKED, b"1\r\nx\r\n" * 2_000)
    with fetcher(tmp_path, max_bytes=2**40, fetch_seconds=0.3) as web, pytest.raises(FetchFailed, match="timeout"):
        web.get(server.url("/a"))


def test_memory_for_a_bomb_is_bounded(server: Server, tmp_path: Path) -> None:
    for name in ("a gzip bomb", "a brotli bomb", "a zstd bomb"):
        server.pages["/bomb"] = BODIES[name]
        with fetcher(tmp_path, max_bytes=MOST) as web:
            tracemalloc.start()
            with pytest.raises(FetchFailed, match="too_large"):
                web.get(server.url("/bomb"))
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 16 * 2**20


def test_a_page_as_large_as_allowed_is_whole(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = in_turn(
        Reply(bytes(MOST)), Reply(gzip.compress(bytes(MOST)), headers=(("Content-Encoding", "gzip"),))
    )
    with fetcher(tmp_path, max_bytes=MOST) as web:
        assert len(web.get(server.url("/a")).content) == MOST
        assert len(web.get(server.url("/a")).content) == MOST
        with pytest.raises(FetchFailed, match="too_large"):
            web.get(server.url("/a"), max_bytes=MOST - 1)
