"""Fetching from a server that behaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.acquire.server import Server

from newslake.acquire import connection, fetch
from newslake.acquire.answers import REASONS
from newslake.acquire.fetch import Fetcher, FetchFailed

AGENT = "newslake/0.4 (+mailto:desk@paper.example)"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as started:
        yield started


def fetcher(state: Path, **settings: Any) -> Fetcher:
    return Fetcher(
        AGENT, state, **{"delay_seconds": 0, "allow_hosts": ["127.0.0.1"], "pause_seconds": 0.01, **settings}
    )


def outcome(call: Callable[..., Any], *arguments: Any) -> Any:
    """What it gives, or the reason why it fails."""
    try:
        return call(*arguments)
    except FetchFailed as failure:
        return failure.reason if str(failure).isprintable() else f"control characters in {failure!r}"


def test_a_page_with_what_the_server_says_of_it(server: Server, tmp_path: Path) -> None:
    page = server.add("/a?b=1", "<p>正文</p>", last_modified="Mon, 08 Jan 2024 08:00:00 GMT")
    with fetcher(tmp_path) as web:
        answer = web.get(server.url("/a?b=1#part"))
    assert (answer.status, answer.content.decode()) == (200, "<p>正文</p>")
    assert (answer.content_type, answer.charset) == ("text/html", "utf-8")
    assert (answer.etag, answer.last_modified) == (page.etag, "Mon, 08 Jan 2024 08:00:00 GMT")
    assert answer.final_url == server.url("/a?b=1")
    assert server.asked()[0].headers["user-agent"] == AGENT


def test_what_is_there_already_is_not_sent_again(server: Server, tmp_path: Path) -> None:
    page = server.add("/a", "正文")
    with fetcher(tmp_path) as web:
        answer = web.get(server.url("/a"), etag=page.etag)
    assert (answer.status, answer.content) == (304, b"")


def test_a_connection_is_used_again(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LATE_SECONDS", 0.0)
    server.add("/a", "正文")
    with fetcher(tmp_path) as web:
        for _ in range(5):
            web.get(server.url("/a"))
    assert server.connections == 1


def test_every_reason_is_explained() -> None:
    """What stands in the code as a reason stands in `REASONS`, and the other way round."""
    folder = Path(fetch.__file__).parent
    names = ("addresses", "bodies", "connection", "credentials", "fetch", "hosts", "networks", "robots")
    text = "".join((folder / f"{name}.py").read_text(encoding="utf-8") for name in names)
    raised = re.findall(r'FetchFailed\(\s*"([a-z_]+)"|reason = "([a-z_]+)"|else "([a-z_]+)"$', text, re.MULTILINE)
    assert {name for names in raised for name in names if name} == set(REASONS)
