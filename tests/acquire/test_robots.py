"""robots.txt as RFC 9309 has it, from a real server."""

from __future__ import annotations

import gzip
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.acquire.server import Reply, Server, endless, in_turn, raw, redirect
from tests.acquire.test_fetch import fetcher

from newslake.acquire.answers import FetchFailed
from newslake.acquire.robots import CRAWL_DELAY_MOST, KEPT_SECONDS, ROBOTS_BYTES, UNREACHABLE_SECONDS

FORBIDS_ALL = "User-agent: *\nDisallow: /\n"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as started:
        started.add("/a", "fine")
        started.add("/private/a", "fine")
        yield started


def outcome(server: Server, state: Path, path: str = "/a", **settings: Any) -> str:
    """The reason of the failure, or the content."""
    with fetcher(state, **{"fetch_seconds": 1.0, **settings}) as web:
        try:
            return web.get(server.url(path)).content.decode()
        except FetchFailed as failure:
            return failure.reason


def test_what_is_forbidden_is_not_asked_for(server: Server, tmp_path: Path) -> None:
    server.robots("User-agent: *\nDisallow: /private/\nAllow: /private/open\n")
    server.add("/private/open/1", "open")
    assert outcome(server, tmp_path, "/private/a") == "forbidden_by_robots"
    assert outcome(server, tmp_path, "/private/open/1") == "open"
    assert outcome(server, tmp_path, "/a") == "fine"
    assert [entry.path for entry in server.asked()] == ["/private/open/1", "/a"]


@pytest.mark.parametrize("encoding", ["utf-8", "binary"])
def test_a_charset_as_encoding_does_not_forbid_all(encoding: str, server: Server, tmp_path: Path) -> None:
    server.robots("User-agent: *\nDisallow: /private/\n", headers=(("Content-Encoding", encoding),))
    assert outcome(server, tmp_path, "/private/a") == "forbidden_by_robots"
    assert outcome(server, tmp_path, "/a") == "fine"


@pytest.mark.parametrize(
    "path",
    ["/open/../private/a", "/./private/a", "/%2e/private/a", "/x/%2E%2e/private/a", "/private/%61", "/private/a?x"],
)
def test_no_spelling_leads_past_it(path: str, server: Server, tmp_path: Path) -> None:
    server.robots("User-agent: *\nDisallow: /private/\n")
    assert outcome(server, tmp_path, path) == "forbidden_by_robots"


@pytest.mark.parametrize(
    ("robots", "result"),
    [
        ("User-agent: newslake\nDisallow: /a\n\nUser-agent: *\nDisallow:\n", "forbidden_by_robots"),
        ("User-agent: NewsLake\nDisallow:\n\nUser-agent: *\nDisallow: /\n", "fine"),
        ("User-agent: otherbot\nDisallow: /\n", "fine"),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "forbidden_by_robots"),
        ("User-agent: *\nDisallow: /*a$\n", "forbidden_by_robots"),
        ("User-agent: *\nDisallow: /%61\n", "forbidden_by_robots"),
        ("<!doctype html><title>not here</title>", "fine"),
        ("\0\x01 : : :\nUser-agent\nDisallow /\n" * 100, "fine"),
        ("User-agent: *\nDisallow: " + "/*a" * 20_000 + "\n", "fine"),
        ("", "fine"),
    ],
)
def test_rules_are_read_as_they_are_written(robots: str, result: str, server: Server, tmp_path: Path) -> None:
    server.robots(robots)
    assert outcome(server, tmp_path) == result


@pytest.mark.parametrize(
    ("robots", "result"),
    [
        *((Reply(FORBIDS_ALL.encode(), status=status), "fine") for status in (400, 401, 403, 404, 410, 451)),
        *((Reply(b"", status=status), "robots_unreachable") for status in (500, 502, 503, 429, 599)),
        (in_turn(Reply(status=500), Reply(FORBIDS_ALL.encode())), "forbidden_by_robots"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *\nDisallow:"), "robots_unreachable"),
        (raw(30.0), "robots_unreachable"),
        (redirect("http://10.0.0.1/robots.txt"), "robots_unreachable"),
        (redirect("/robots.txt"), "fine"),
        (redirect("/other"), "forbidden_by_robots"),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n" + FORBIDS_ALL.encode(), b"# more\n" * 1_000), "forbidden_by_robots"),
        (Reply(b"x", headers=(("Content-Encoding", "gzip"),)), "robots_unreachable"),
    ],
)
def test_what_a_site_answers_instead(robots: Reply, result: str, server: Server, tmp_path: Path) -> None:
    server.pages["/robots.txt"] = robots
    server.pages["/other"] = Reply(FORBIDS_ALL.encode())
    assert outcome(server, tmp_path) == result
    assert len(server.asked("/a")) == (result == "fine")


def test_a_robots_txt_longer_than_is_read_counts_to_there(server: Server, tmp_path: Path) -> None:
    server.robots("User-agent: *\nDisallow: /private/\n" + "#" * ROBOTS_BYTES + "\nDisallow: /a\n")
    assert outcome(server, tmp_path, "/private/a") == "forbidden_by_robots"
    assert outcome(server, tmp_path, "/a") == "fine"


def test_a_compressed_one_counts_as_far_too(server: Server, tmp_path: Path) -> None:
    text = b"User-agent: *\nDisallow: /private/\n" + b"#" * 50 * ROBOTS_BYTES + b"\nDisallow: /a\n"
    server.pages["/robots.txt"] = Reply(gzip.compress(text), headers=(("Content-Encoding", "gzip"),))
    assert outcome(server, tmp_path, "/private/a") == "forbidden_by_robots"
    assert outcome(server, tmp_path, "/a") == "fine"


def test_a_site_that_cannot_be_reached_is_told_as_such(tmp_path: Path) -> None:
    with Server() as server:
        pass
    assert outcome(server, tmp_path) == "connection_failed"


def state_of(folder: Path) -> Path:
    [path] = (folder / "robots").glob("*.json")
    return path


@pytest.mark.parametrize(
    ("first", "age", "asked_again"),
    [
        (Reply(b""), KEPT_SECONDS - 60, False),
        (Reply(b""), KEPT_SECONDS + 60, True),
        (Reply(b""), -3_600, True),
        (Reply(status=404), KEPT_SECONDS - 60, False),
        (Reply(status=500), UNREACHABLE_SECONDS - 60, False),
        (Reply(status=500), UNREACHABLE_SECONDS + 60, True),
    ],
)
def test_it_is_kept_for_a_day_for_everybody(
    first: Reply, age: float, asked_again: bool, server: Server, tmp_path: Path
) -> None:
    server.pages["/robots.txt"] = first
    outcome(server, tmp_path)
    path = state_of(tmp_path)
    state = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**state, "checked_at": time.time() - age}), encoding="utf-8")
    server.robots(FORBIDS_ALL)
    before = len(server.asked("/robots.txt"))
    assert (outcome(server, tmp_path) == "forbidden_by_robots") is asked_again
    assert (len(server.asked("/robots.txt")) > before) is asked_again


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"checked_at": "x"}', "\ud800".encode("utf-8", "surrogatepass")]
)
def test_a_kept_file_that_is_broken_is_asked_for_again(content: str | bytes, server: Server, tmp_path: Path) -> None:
    server.robots(FORBIDS_ALL)
    outcome(server, tmp_path)
    state_of(tmp_path).write_bytes(content.encode() if isinstance(content, str) else content)
    assert outcome(server, tmp_path) == "forbidden_by_robots"
    assert len(server.asked("/robots.txt")) == 2


def test_each_hop_of_a_redirect_is_asked_about(server: Server, tmp_path: Path) -> None:
    with Server(host="127.0.0.2") as other:
        other.robots(FORBIDS_ALL)
        other.add("/b", "theirs")
        server.pages["/to"] = redirect(other.url("/b"))
        assert outcome(server, tmp_path, "/to", allow_hosts=["127.0.0.1", "127.0.0.2"]) == "forbidden_by_robots"
        assert not other.asked()


def test_a_crawl_delay_wins_when_it_is_longer(server: Server, tmp_path: Path) -> None:
    server.robots("User-agent: *\nCrawl-delay: 0.3\n")
    with fetcher(tmp_path) as web:
        for _ in range(3):
            web.get(server.url("/a"))
    starts = [(entry.started_at, entry.ended_at) for entry in server.log]
    assert min(later[0] - earlier[1] for earlier, later in itertools.pairwise(starts)) >= 0.3


@pytest.mark.parametrize("value", ["86400", "1e308", "61"])
def test_a_crawl_delay_that_is_too_long_is_cut_and_told(value: str, server: Server, tmp_path: Path) -> None:
    server.robots(f"User-agent: *\nCrawl-delay: {value}\n")
    with fetcher(tmp_path, deadline=time.monotonic() + 10) as web:
        with pytest.raises(FetchFailed, match="budget_exhausted"):
            web.get(server.url("/a"))
        [note] = web.notes
    assert f"{CRAWL_DELAY_MOST:.0f} s are kept" in note


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "soon", "", "0"])
def test_a_crawl_delay_that_is_none_is_ignored(value: str, server: Server, tmp_path: Path) -> None:
    server.robots(f"User-agent: *\nCrawl-delay: {value}\n")
    assert outcome(server, tmp_path, deadline=time.monotonic() + 10) == "fine"
