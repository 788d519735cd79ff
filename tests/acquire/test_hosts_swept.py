"""What is kept of hosts is swept when it says nothing any more, and no visit that goes on notices."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import pytest

from newslake.acquire.hosts import HOLD_SECONDS_MOST, Hosts, file_name
from newslake.acquire.robots import KEPT_SECONDS
from newslake.config import Home
from newslake.lake.sweep import OUTDATED_SECONDS, Swept, sweep

from . import visits
from .server import Server


def test_nothing_counts_for_as_long_as_it_is_kept() -> None:
    assert max(HOLD_SECONDS_MOST, KEPT_SECONDS) < OUTDATED_SECONDS


def test_old_notes_go_and_young_ones_stay(home: Path) -> None:
    with Server() as server:
        visits.put_articles(server, range(2))
        visits.put_sitemap(server, range(2))
        visits.visit(visits.sitemap(server))
        state = home / "state"
        kept = [path for part in ("hosts", "robots") for path in (state / part).iterdir()]
        assert {path.suffix for path in kept} == {".json", ".lock"}
        broken_off = state / "robots" / ".http.news.example.json.4194305.140000000000000"
        broken_off.write_text("{", encoding="ascii")
        assert sweep(Home(home)) == Swept()
        for path in (*kept, broken_off):
            os.utime(path, (time.time() - OUTDATED_SECONDS - 60,) * 2)
        assert sweep(Home(home)).outdated == len(kept) + 1
        assert not any(path.exists() for path in (*kept, broken_off))
        assert sweep(Home(home)) == Swept()
        visits.put_articles(server, [1], "有更正。")
        assert visits.visit(visits.sitemap(server))["landed"] == 1
        assert len(server.asked("/robots.txt")) == 2


def test_who_asks_a_host_keeps_its_file(tmp_path: Path) -> None:
    hosts = Hosts(tmp_path / "state" / "hosts", deadline=time.monotonic() + 10)
    path = tmp_path / "state" / "hosts" / file_name("news.example")
    with hosts.turn("news.example", 0):
        os.utime(path, (time.time() - OUTDATED_SECONDS - 60,) * 2)
        assert sweep(Home(tmp_path)).outdated == 0
    assert path.exists()


@pytest.mark.parametrize("is_there_again", [False, True])
def test_who_waits_for_a_file_that_is_swept_minds_the_next_one(tmp_path: Path, is_there_again: bool) -> None:
    """Two files would be two locks, and two requests at once."""
    path, ended = tmp_path / file_name("news.example"), []

    def wait() -> None:
        with Hosts(tmp_path, deadline=time.monotonic() + 20).turn("news.example", 0):
            ended.append(time.time())

    with Hosts(tmp_path, deadline=time.monotonic() + 20).turn("news.example", 0):
        waiting = threading.Thread(target=wait)
        waiting.start()
        while len(list(Path("/proc/self/fd").iterdir())) and not _opened_twice(path):
            time.sleep(0.01)
        path.unlink()
        until = time.time() + 1
        if is_there_again:
            path.write_text(json.dumps({"ended_at": time.time(), "retry_at": until}), encoding="ascii")
    waiting.join()
    assert ended
    assert not is_there_again or ended[0] >= until
    assert path.exists()


def _opened_twice(path: Path) -> bool:
    found = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
    return found.count(str(path)) == 2
