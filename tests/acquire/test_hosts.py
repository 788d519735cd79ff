"""A host is asked by one at a time, with a pause, whoever asks; seen in the server's own log."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from tests.acquire.server import Reply, Request, Server, in_turn, raw
from tests.acquire.test_fetch import fetcher

from newslake.acquire.answers import FetchFailed
from newslake.acquire.hosts import Hosts, file_name

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as started:
        yield started


def gaps(log: list[Request]) -> list[float]:
    """Seconds between the end of each request and the start of the next, by the server's clock."""
    entries = sorted(log, key=lambda entry: entry.started_at)
    return [later.started_at - earlier.ended_at for earlier, later in itertools.pairwise(entries)]


def fetch_all(state: Path, urls: list[str], delay_seconds: float) -> None:
    with fetcher(state, delay_seconds=delay_seconds) as web:
        for url in urls:
            web.get(url)


def in_processes(state: Path, urls: list[list[str]], delay_seconds: float) -> None:
    """A process for each list."""
    workers = [SPAWN.Process(target=fetch_all, args=(state, part, delay_seconds)) for part in urls]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0


def test_four_processes_at_once_keep_the_delay(server: Server, tmp_path: Path) -> None:
    for number in range(20):
        server.add(f"/{number}", "正文")
    in_processes(tmp_path, [[server.url(f"/{n}") for n in range(part, 20, 4)] for part in range(4)], 0.15)
    assert len(server.asked()) == 20
    assert len(server.asked("/robots.txt")) == 1, "one process asks for it, the others read what it found"
    assert len({entry.connection for entry in server.asked()}) >= 2
    assert min(gaps(server.log)) >= 0.15


def test_threads_keep_it_too_and_slow_answers_count_from_their_end(server: Server, tmp_path: Path) -> None:
    def slow(_: Request) -> Reply:
        time.sleep(0.1)
        return Reply(b"slow")

    server.pages["/slow"] = slow
    threads = [threading.Thread(target=fetch_all, args=(tmp_path, [server.url("/slow")] * 3, 0.05)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked()) == 9
    assert min(gaps(server.log)) >= 0.05


def test_two_hosts_do_not_wait_for_each_other(tmp_path: Path) -> None:
    settings = {"delay_seconds": 300, "deadline": time.monotonic() + 5, "allow_hosts": ["127.0.0.1", "localhost"]}
    with Server() as one, Server() as other, fetcher(tmp_path, **settings) as web:
        one.robots("")
        (tmp_path / "robots").mkdir()
        for server in (one, other):
            state = {"checked_at": time.time(), "text": "", "problem": None}
            host = "127.0.0.1" if server is one else "localhost"
            name = file_name(f"http.{host}:{server.port}")
            (tmp_path / "robots" / name).write_text(json.dumps(state), encoding="utf-8")
            server.add("/a", "fine")
            web.get(server.url("/a").replace("127.0.0.1", host))
        with pytest.raises(FetchFailed, match="budget_exhausted"):
            web.get(one.url("/a"))


def test_two_ports_of_a_host_are_one_host(tmp_path: Path) -> None:
    with Server() as one, Server() as other, fetcher(tmp_path, delay_seconds=0.3) as web:
        for server in (one, other):
            server.add("/a", "fine")
            web.get(server.url("/a"))
        assert min(gaps(one.log + other.log)) >= 0.3


@pytest.mark.parametrize("spelt", ["LocalHost:{}", "localhost.:{}", "LOCALHOST.:{}"])
def test_a_host_spelt_otherwise_is_the_same(spelt: str, server: Server, tmp_path: Path) -> None:
    server.add("/a", "fine")
    with fetcher(tmp_path, delay_seconds=0.3, allow_hosts=["localhost"]) as web:
        for authority in ("localhost:{}", spelt):
            web.get(f"http://{authority.format(server.port)}/a")
    assert [path.name for path in (tmp_path / "hosts").iterdir()] == ["localhost.json"]
    assert len(server.asked("/robots.txt")) == 1
    assert min(gaps(server.log)) >= 0.3


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_holds_for_all_processes(as_date: bool, server: Server, tmp_path: Path) -> None:
    until = format_datetime(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3), usegmt=True)
    limited = Reply(b"slower", status=429, headers=(("Retry-After", until if as_date else "2"),))
    server.pages["/a"] = in_turn(limited, Reply(b"fine"))
    server.add("/b", "fine")
    server.add("/c", "fine")
    fetch_all(tmp_path, [server.url("/c")], 0)
    in_processes(tmp_path, [[server.url("/a")], [server.url("/a")], [server.url("/b"), server.url("/b")]], 0)
    [first] = [entry for entry in server.log if entry.status == 429]
    later = [entry.started_at for entry in server.log if entry.started_at > first.ended_at]
    assert later
    assert min(later) >= (datetime.fromisoformat(_iso(until)).timestamp() - 1 if as_date else first.ended_at + 2)


def _iso(date: str) -> str:
    return datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC).isoformat()


def test_a_pause_that_is_too_long_is_not_waited_for_and_not_broken_by_others(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = Reply(b"slower", status=503, headers=(("Retry-After", "7200"),))
    server.add("/b", "fine")
    with fetcher(tmp_path) as web:
        with pytest.raises(FetchFailed) as caught:
            web.get(server.url("/a"))
        assert (caught.value.reason, caught.value.status, caught.value.content) == ("rate_limited", 503, b"slower")
    with fetcher(tmp_path) as another, pytest.raises(FetchFailed, match=r"rate_limited.*wants no request.*7[12]\d\d s"):
        another.get(server.url("/b"))
    assert [entry.path for entry in server.asked()] == ["/a"]


@pytest.mark.parametrize(
    "value", ["soon", "-5", "", "1e9", "Mon, 99 Jan 2024", "99999999999999999999", "Mon, 08 Jan 2024 08:00:00 GMT"]
)
def test_a_retry_after_that_makes_no_sense_is_a_common_pause(value: str, server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = in_turn(Reply(status=429, headers=(("Retry-After", value),)), Reply(b"fine"))
    with fetcher(tmp_path) as web:
        if value.startswith("9999"):
            with pytest.raises(FetchFailed, match="rate_limited"):
                web.get(server.url("/a"))
        else:
            assert web.get(server.url("/a")).content == b"fine"


def test_pauses_grow_and_vary(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = Reply(status=500)
    with fetcher(tmp_path, pause_seconds=0.2) as web, pytest.raises(FetchFailed, match="server_error"):
        web.get(server.url("/a"))
    first, second = gaps(server.asked())
    assert first >= 0.1
    assert second >= 0.2


def test_the_budget_ends_waiting_at_once_and_reading_in_time(server: Server, tmp_path: Path) -> None:
    server.add("/a", "fine")
    server.pages["/slow"] = raw(20.0)
    with fetcher(tmp_path, deadline=time.monotonic() - 1) as web, pytest.raises(FetchFailed, match="budget_exhausted"):
        web.get(server.url("/a"))
    assert not server.log
    with fetcher(tmp_path, deadline=time.monotonic() + 0.5) as web:
        with pytest.raises(FetchFailed, match="budget_exhausted") as caught:
            web.get(server.url("/slow"))
        assert caught.value.is_passing
    assert len(server.asked("/slow")) == 1


def test_a_failure_before_the_budgets_end_keeps_its_own_reason(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = Reply(b"broken", status=500)
    patient = fetcher(tmp_path, pause_seconds=1_000, deadline=time.monotonic() + 20)
    with patient as web, pytest.raises(FetchFailed, match="server_error") as caught:
        web.get(server.url("/a"))
    assert caught.value.content == b"broken"
    assert len(server.asked("/a")) == 1


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"{",
        b"null",
        b'{"ended_at": "x"}',
        b"\xff" * 300,
        b'{"ended_at": 9e99, "retry_at": 9e99}',
        b'{"ended_at": NaN, "retry_at": Infinity}',
    ],
)
def test_a_state_that_cannot_be_read_holds_nobody_for_ever(state: bytes, tmp_path: Path) -> None:
    hosts = Hosts(tmp_path, deadline=time.monotonic() + 5)
    (tmp_path / file_name("news.example")).write_bytes(state)
    for _ in range(2):
        with hosts.turn("news.example", 0.01):
            pass


def test_a_clock_that_was_set_back_costs_one_delay(tmp_path: Path) -> None:
    future = json.dumps({"ended_at": time.time() + 86_400})
    (tmp_path / file_name("news.example")).write_text(future, encoding="ascii")
    started = time.monotonic()
    with Hosts(tmp_path, deadline=time.monotonic() + 5).turn("news.example", 0.2):
        assert time.monotonic() - started >= 0.2


def hold_and_die(state: Path) -> None:
    with Hosts(state).turn("news.example", 0):
        multiprocessing.current_process().kill()
        time.sleep(10)


def test_a_process_killed_in_its_turn_leaves_it_to_others_after_the_delay(tmp_path: Path) -> None:
    worker = SPAWN.Process(target=hold_and_die, args=(tmp_path,))
    began = time.time()
    worker.start()
    worker.join()
    with Hosts(tmp_path, deadline=time.monotonic() + 10).turn("news.example", 0.3):
        assert time.time() - began >= 0.3


@pytest.mark.parametrize(
    "host", ["../../etc/passwd", "a/b", "", ".", "..", "x" * 300, "a\0b", "新闻.example", "[::1]", "A.example"]
)
def test_no_host_becomes_a_path(host: str) -> None:
    name = file_name(host)
    assert Path(name).name == name
    assert len(name) < 120
    assert name.isascii()
    assert name.removesuffix(".json").strip(".")
