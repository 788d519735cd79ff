"""Servers that misbehave: what is said, and which bytes are kept."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acquire.server import Reply, Server, endless, in_turn, raw, redirect
from tests.acquire.test_fetch import fetcher

from newslake.acquire import connection
from newslake.acquire.fetch import Fetcher, FetchFailed

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PAGE = "<p>正文</p>".encode() * 200
PACKED = gzip.compress(PAGE)


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


FAULTS = {
    # name: (reply, reason, is_passing, bytes kept)
    "cut off mid-body": (raw(OK + b"Content-Length: 500\r\n\r\n" + PAGE[:100]), "truncated_body", True, PAGE[:100]),
    "a length that is too long": (Reply(PAGE, headers=(("Content-Length", "9999"),)), "timeout", True, PAGE),
    "a length that is too short": (Reply(PAGE, headers=(("Content-Length", "9"),)), "truncated_body", True, PAGE),
    "two lengths": (raw(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"), "malformed_response", True, b""),
    "no number as length": (raw(OK + b"Content-Length: -1\r\n\r\nabc"), "malformed_response", True, b""),
    "a length of 5,000 digits": (
        raw(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n"),
        "malformed_response",
        True,
        b"",
    ),
    "a huge length": (raw(OK + b"Content-Length: 99999999999\r\n\r\nabc"), "too_large", False, b""),
    "cut off within its chunks": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(PAGE[:50])),
        *("truncated_body", True, PAGE[:50]),
    ),
    "chunks without end": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(PAGE[:50]), 30.0),
        *("timeout", True, PAGE[:50]),
    ),
    "a broken chunk": (raw(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "malformed_response", True, b""),
    "gzip without its end": (
        Reply(PACKED[:-8], headers=(("Content-Encoding", "gzip"),)),
        *("truncated_body", True, PACKED[:-8]),
    ),
    "gzip of another page": (
        Reply(PACKED[:-8] + bytes(8), headers=(("Content-Encoding", "gzip"),)),
        *("corrupt_body", True, PACKED[:-8] + bytes(8)),
    ),
    "no gzip at all": (Reply(PAGE, headers=(("Content-Encoding", "gzip"),)), "corrupt_body", True, PAGE),
    "an encoding nobody asked for": (
        Reply(PAGE, headers=(("Content-Encoding", "compress"),)),
        "corrupt_body",
        True,
        PAGE,
    ),
    "a slow drip": (endless(OK + b"Content-Length: 9999\r\n\r\n", b"", 0.05), "timeout", True, b""),
    "headers that drip": (endless(OK, b"X: y\r\n", 0.05), "timeout", True, b""),
    "silence": (raw(30.0), "timeout", True, b""),
    "closed without a word": (raw(b""), "connection_failed", True, b""),
    "no HTTP": (raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "malformed_response", True, b""),
    "500": (Reply(b"broken", status=500), "server_error", True, b"broken"),
    "502": (Reply(b"", status=502), "server_error", True, b""),
    "408": (Reply(b"slow", status=408), "server_error", True, b"slow"),
    "304 that nobody asked for": (Reply(status=304), "unexpected_status", True, b""),
    "206 that nobody asked for": (Reply(b"part", status=206), "unexpected_status", True, b"part"),
    "a redirect to nowhere": (Reply(b"moved", status=302), "unexpected_status", True, b"moved"),
    "a redirect to a private address": (redirect("http://10.0.0.1/"), "forbidden_address", False, b""),
    "a redirect to a file": (redirect("file:///etc/passwd"), "unsupported_scheme", False, b""),
    "an upgrade": (raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "malformed_response", True, b""),
}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as started:
        started.add("/fine", "fine")
        yield started


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_and_its_bytes_are_kept(name: str, server: Server, tmp_path: Path) -> None:
    reply, reason, is_passing, content = FAULTS[name]
    server.pages["/faulty"] = reply
    with fetcher(tmp_path, fetch_seconds=0.6) as web:
        with pytest.raises(FetchFailed) as caught:
            web.get(server.url("/faulty"))
        failure = caught.value
        assert (failure.reason, failure.is_passing, failure.content) == (reason, is_passing, content)
        assert "127.0.0.1" in failure.detail or failure.status == 200 or reason != "timeout"
        assert web.get(server.url("/fine")).content == b"fine", "the next page does not suffer"


def test_a_slow_drip_ends_when_its_time_is_over(server: Server, tmp_path: Path) -> None:
    server.pages["/drip"] = endless(OK + b"\r\n", b"x", 0.02)
    started = time.monotonic()
    with fetcher(tmp_path, fetch_seconds=0.5) as web, pytest.raises(FetchFailed, match="timeout") as caught:
        web.get(server.url("/drip"))
    assert 0.5 <= time.monotonic() - started < 5
    assert caught.value.content.startswith(b"xxx")
    assert caught.value.status == 200


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ({"/a": redirect("/a")}, "too_many_redirects"),
        ({"/a": redirect("/b"), "/b": redirect("/a")}, "too_many_redirects"),
        ({"/a": redirect("/r0"), **{f"/r{n}": redirect(f"/r{n + 1}") for n in range(99)}}, "too_many_redirects"),
        ({"/a": lambda request: redirect("/a?" + "x" * 9_000)}, "malformed_url"),
    ],
)
def test_redirects_come_to_an_end(pages: dict[str, Reply], reason: str, server: Server, tmp_path: Path) -> None:
    server.pages.update(pages)
    with fetcher(tmp_path) as web, pytest.raises(FetchFailed, match=reason):
        web.get(server.url("/a"))
    assert len(server.asked()) <= 6


def test_redirects_are_followed_to_their_end(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LATE_SECONDS", 0.0)
    server.pages["/1"] = redirect("x/../2", 301)
    server.pages["/2"] = redirect(server.url("/3#part"), 308)
    server.pages["/3"] = redirect(f"//127.0.0.1:{server.port}/fine", 307)
    with fetcher(tmp_path) as web:
        answer = web.get(server.url("/1"))
    assert (answer.url, answer.final_url, answer.content) == (server.url("/1"), server.url("/fine"), b"fine")
    assert server.connections == 1


def test_a_redirect_in_a_charset_of_the_country(server: Server, tmp_path: Path) -> None:
    place = "/章 一".encode("gbk")
    server.pages["/1"] = raw(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + place + b"\r\n\r\n")
    server.add("/%D5%C2%20%D2%BB", "here")
    with fetcher(tmp_path) as web:
        assert web.get(server.url("/1")).content == b"here"


@pytest.mark.parametrize("status", [404, 410, 401, 403, 451, 400])
def test_what_a_server_says_of_a_document_is_an_answer(status: int, server: Server, tmp_path: Path) -> None:
    server.pages["/gone"] = Reply("没有".encode(), status=status)
    with fetcher(tmp_path) as web:
        answer = web.get(server.url("/gone"))
    assert (answer.status, answer.content.decode()) == (status, "没有")
    assert len(server.asked()) == 1


@pytest.mark.parametrize(
    "sent", ["text/html; charset=x-nonsense", "text/html; charset=", 'TEXT/HTML;Charset="GB2312"', ";"]
)
def test_a_wrong_charset_is_told_as_it_was_sent(sent: str, server: Server, tmp_path: Path) -> None:
    server.add("/a", "正文".encode("gb18030"), content_type=sent)
    with fetcher(tmp_path) as web:
        answer = web.get(server.url("/a"))
    assert answer.content.decode("gb18030") == "正文"
    assert answer.charset in {"x-nonsense", "gb2312", None}
    assert answer.content_type in {"text/html", ""}


def test_a_page_that_is_gone_is_gone_however_it_says_so(server: Server, tmp_path: Path) -> None:
    server.pages["/gone"] = Reply(b"no gzip", status=410, headers=(("Content-Encoding", "gzip"),))
    with fetcher(tmp_path) as web:
        answer = web.get(server.url("/gone"))
    assert (answer.status, answer.content) == (410, b"no gzip")


@pytest.mark.parametrize("etag", ['"正文"', '"\xff"', '"\x01"', "W/x", '"' + "x" * 40_000 + '"', '"a" "b"'])
def test_an_odd_validator_goes_back_as_it_came_or_not_at_all(etag: str, server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = Reply(b"fine", headers=(("ETag", etag),))
    with fetcher(tmp_path) as web:
        answer = web.get(server.url("/a"))
        assert answer.etag == etag
        assert web.get(server.url("/a"), etag=answer.etag, last_modified=etag).status == 200
    sent = server.asked("/a")[1].headers.get("if-none-match")
    is_left_out = len(etag) > 1_000 or "\x01" in etag
    assert sent is None if is_left_out else sent is not None and sent.encode("latin-1").decode() == etag


@pytest.mark.parametrize("validator", ['"a\rb"', '"a\r\nX: 1"', "\0", ' "a"', '"\x85"', '"\udc80"'])
def test_a_validator_that_cannot_be_sent_is_left_out(validator: str, server: Server, tmp_path: Path) -> None:
    """Archives keep whatever a server once sent."""
    with fetcher(tmp_path) as web:
        assert web.get(server.url("/fine"), etag=validator, last_modified=validator).content == b"fine"
    assert not {"if-none-match", "if-modified-since", "x"} & set(server.asked()[0].headers)


def test_what_passes_is_tried_three_times(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = in_turn(Reply(status=500), raw(OK + b"Content-Length: 9\r\n\r\nx"), Reply(b"fine"))
    server.pages["/b"] = Reply(status=503)
    with fetcher(tmp_path) as web:
        assert web.get(server.url("/a")).content == b"fine"
        with pytest.raises(FetchFailed, match="server_error"):
            web.get(server.url("/b"))
    assert (len(server.asked("/a")), len(server.asked("/b"))) == (3, 3)


def test_a_kept_connection_that_the_server_closes_costs_no_try(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed after an answer, without a word that it would be; and closed when the next request comes."""
    monkeypatch.setattr(connection, "LATE_SECONDS", 0.0)
    server.pages["/a"] = raw(OK + b"Content-Length: 4\r\n\r\nfine")
    server.pages["/b"] = in_turn(Reply(b"fine"), raw(b""), Reply(b"fine"))
    with fetcher(tmp_path, pause_seconds=1e9) as web:
        for path in ("/a", "/a", "/a", "/b", "/b"):
            assert web.get(server.url(path)).content == b"fine"
    assert (len(server.asked("/a")), len(server.asked("/b"))) == (3, 3)


def test_a_second_response_nobody_asked_for_is_not_taken_for_the_next_page(server: Server, tmp_path: Path) -> None:
    planted = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted"
    server.pages["/a"] = raw(OK + b"Content-Length: 4\r\n\r\nfine" + planted, 5.0)
    with fetcher(tmp_path) as web:
        with pytest.raises(FetchFailed, match="truncated_body"):
            web.get(server.url("/a"))
        assert web.get(server.url("/fine")).content == b"fine"


@pytest.mark.parametrize("delay", [0.0, 0.6])
def test_a_second_response_that_comes_late_is_not_taken_for_the_next_page(
    delay: float, server: Server, tmp_path: Path
) -> None:
    planted = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted"
    server.pages["/a"] = raw(OK + b"Content-Length: 4\r\n\r\nfine", 0.2, planted, 5.0)
    with fetcher(tmp_path, delay_seconds=delay) as web:
        for path in ("/a", "/fine", "/a", "/fine"):
            assert web.get(server.url(path)).content == b"fine"


def test_a_header_that_cannot_be_sent_fails_its_address_alone(server: Server, tmp_path: Path) -> None:
    web = Fetcher("newslake/1 (secret\r\nX: 1)", tmp_path, 0.0, ["127.0.0.1"])
    with web, pytest.raises(FetchFailed, match="unsendable_request") as caught:
        web.get(server.url("/fine"))
    assert "secret" not in str(caught.value)
    assert server.asked() == []


def test_a_page_without_a_length_ends_with_its_connection(server: Server, tmp_path: Path) -> None:
    server.pages["/old"] = raw(b"HTTP/1.0 200 OK\r\n\r\n" + PAGE)
    with fetcher(tmp_path) as web:
        assert web.get(server.url("/old")).content == PAGE
