"""Name servers that change their answer, on real sockets."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from tests.acquire.server import Server

from newslake.acquire import connection, networks
from newslake.acquire.fetch import Fetcher, FetchFailed

GLOBAL = "93.184.215.14"


class Names:
    """A name server that gives one answer after the other; the last again and again."""

    def __init__(self, *answers: str) -> None:
        self.rest = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int, seconds: float) -> list[str]:
        self.asked += 1
        return [self.rest.pop(0) if len(self.rest) > 1 else self.rest[0]]


class Internet:
    """Connects to a server on 127.0.0.2 for a global address, and to what it is told for any other."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def __call__(self, address: str, port: int, seconds: float) -> socket.socket:
        self.opened.append(address)
        return socket.create_connection(("127.0.0.2" if address == GLOBAL else address, port), seconds)


@pytest.fixture(autouse=True)
def connections_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nothing is waited for between two requests."""
    monkeypatch.setattr(connection, "LATE_SECONDS", 0.0)


@pytest.mark.parametrize("inside_address", ["127.0.0.1", "169.254.169.254", "::1", "10.0.0.1"])
def test_the_address_that_was_judged_is_the_one_connected_to(inside_address: str, tmp_path: Path) -> None:
    names, internet = Names(GLOBAL, inside_address), Internet()
    with Server(host="127.0.0.2") as outside, Server(port=outside.port) as inside:
        outside.add("/a", "outside")
        inside.add("/a", "inside")
        with Fetcher("newslake/0", tmp_path, 0, resolve=names, connect=internet) as web:
            assert web.get(f"http://news.example:{outside.port}/a").content == b"outside"
            assert (names.asked, internet.opened) == (1, [GLOBAL])
            web.close()  # a new connection looks the name up anew, and now it leads inside
            with pytest.raises(FetchFailed, match="forbidden_address"):
                web.get(f"http://news.example:{outside.port}/a")
        assert not inside.connections
        assert internet.opened == [GLOBAL]


def test_a_connection_kept_open_stays_where_it_was_judged(tmp_path: Path) -> None:
    names, internet = Names(GLOBAL, "127.0.0.1"), Internet()
    with (
        Server(host="127.0.0.2") as outside,
        Fetcher("newslake/0", tmp_path, 0, resolve=names, connect=internet) as web,
    ):
        outside.add("/a", "outside")
        for _ in range(3):
            assert web.get(f"http://news.example:{outside.port}/a").content == b"outside"
        assert (names.asked, outside.connections) == (1, 1)


def test_a_kept_connection_that_the_server_ended_is_judged_again(tmp_path: Path) -> None:
    names, internet = Names(GLOBAL, "127.0.0.1"), Internet()
    with (
        Server(host="127.0.0.2") as outside,
        Fetcher("newslake/0", tmp_path, 0, resolve=names, connect=internet) as web,
    ):
        outside.add("/a", "outside")
        web.get(f"http://news.example:{outside.port}/a")
        outside._http.hang_up()
        with pytest.raises(FetchFailed, match="forbidden_address"):
            web.get(f"http://news.example:{outside.port}/a")


def test_a_host_allowed_by_name_is_looked_up_once_too(tmp_path: Path) -> None:
    names = Names("127.0.0.2", "127.0.0.1")
    with Server(host="127.0.0.2") as meant, Server(port=meant.port) as other:
        meant.add("/a", "meant")
        with Fetcher("newslake/0", tmp_path, 0, ["intern.example"], resolve=names) as web:
            assert web.get(f"http://intern.example:{meant.port}/a").content == b"meant"
        assert not other.connections


def test_a_name_without_address_and_a_name_server_that_keeps_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Fetcher("newslake/0", tmp_path, 0, resolve=lambda *_: []) as web, pytest.raises(FetchFailed) as caught:
        web.get("http://news.example/")
    assert (caught.value.reason, caught.value.is_passing) == ("dns_failed", True)

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1) or [])
    with pytest.raises(FetchFailed, match=r"dns_failed: news\.example could not be looked up: no answer within 0 s"):
        networks.resolve("news.example", 80, 0.05)


def test_the_next_address_is_tried_when_one_does_not_answer(tmp_path: Path) -> None:
    with Server(host="127.0.0.3") as server:
        server.add("/a", "here")
        answers = ["127.0.0.2", "127.0.0.3"]
        with Fetcher("newslake/0", tmp_path, 0, ["intern.example"], resolve=lambda *_: answers) as web:
            assert web.get(f"http://intern.example:{server.port}/a").content == b"here"


def test_a_host_inside_by_its_ipv6_address(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with Server(host="::1") as server, Fetcher("newslake/0", tmp_path, 0, ["::1"]) as web:
        server.add("/a", "here")
        answer = web.get(f"http://[0:0::1]:{server.port}/a")
        assert (answer.content, answer.final_url) == (b"here", server.url("/a"))
        assert server.asked()[0].headers["host"] == f"[::1]:{server.port}"
