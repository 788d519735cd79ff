"""Runs over a web site that are killed at moments of all their way, or run two at once: the lake ends up the same."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from acquire.server import Server
from acquire.visits import put_articles, put_sitemap, sitemap, visit
from newslake import pipeline
from newslake.acquire import documents
from newslake.config import Home
from newslake.lake import database, raw, snapshots
from newslake.lake.verify import verify
from newslake.sources import SitemapSource
from newslake.tables import PUBLISHED

from .processes import finish, start
from .rows import RUN_TABLES

pytestmark = pytest.mark.lake
KILLS = {"landing": 9, "refining": 5, "publishing": 6}
"""Twenty, at each step of a run."""
BEFORE, PAGES, CHANGED = 30, 60, 8
"""Pages of the first run, of the second, and how many of the first have changed by then."""
CHUNK_DOCUMENTS = 6
TIMES = ("fetched_at", "fetched_date")
"""Columns in which two runs over the same pages differ."""


class Site(NamedTuple):
    """A site that has moved on since `base` was made of it."""

    server: Server
    base: Path

    @property
    def source(self) -> SitemapSource:
        return sitemap(self.server)


def run_whole(source: SitemapSource, home: Path) -> None:
    """`newslake run` in a process group of its own."""
    os.setsid()
    os.environ["NEWSLAKE_HOME"] = str(home)
    documents.CHUNK_DOCUMENTS = CHUNK_DOCUMENTS
    pipeline.run([source])


def kill_group(process: BaseProcess) -> bool:
    """Kills a process and all that it started; gives whether it was still running."""
    assert process.pid is not None
    was_running = process.is_alive()
    if was_running:
        os.killpg(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == (-signal.SIGKILL if was_running else 0)
    return was_running


def in_lake(home: Path) -> dict[str, list[Any]]:
    """All rows of all tables that readers see, but for the times of fetching and what tells of runs."""
    found = {}
    with database.connect(snapshots.current(Home(home))) as connection:
        for table in PUBLISHED:
            if table.name not in RUN_TABLES:
                columns = ", ".join(f'"{name}"' for name in table.column_names if name not in TIMES)
                found[table.name] = sorted(
                    map(repr, connection.execute(f"SELECT {columns} FROM {table.name}").fetchall())
                )
    return found


def landed(home: Path) -> list[tuple[str, str]]:
    """(raw_id, url) of every raw document that is live, whose bytes are whole."""
    table = raw.folder(Home(home)).open().to_pyarrow_table().to_pylist()
    for row in table:
        assert (len(row["bytes"]), row["error"]) == (row["byte_count"], None)
    return sorted((row["raw_id"], row["url"]) for row in table)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Server() as server:
        base = tmp_path_factory.mktemp("site") / "base"
        put_articles(server, range(BEFORE))
        put_sitemap(server, range(BEFORE))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NEWSLAKE_HOME", str(base))
            pipeline.run([sitemap(server)])
        put_articles(server, range(PAGES))
        put_articles(server, range(CHANGED), "有更正。")
        put_sitemap(server, range(PAGES))
        yield Site(server, base)


class Whole(NamedTuple):
    """What came of a run that nobody killed, and the number of its requests."""

    raw: list[tuple[str, str]]
    lake: dict[str, list[Any]]
    requests: int


@pytest.fixture(scope="module")
def unkilled(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    home, requests = tmp_path_factory.mktemp("whole") / "home", len(site.server.log)
    finish(start(run_whole, site.source, shutil.copytree(site.base, home, symlinks=True)))
    found = Whole(landed(home), in_lake(home), len(site.server.log) - requests)
    assert len(found.raw) == PAGES + CHANGED
    assert len(found.lake["articles"]) == PAGES
    assert found.lake != in_lake(site.base)
    return found


class Moment(NamedTuple):
    """So many seconds after so many requests, or after so many new files that fit a pattern below the home."""

    what: str
    count: int
    seconds: float


def moments(whole: Whole) -> dict[str, list[Moment]]:
    """Of every step of the way; what is done in no time is waited for by the files it makes."""
    chance = random.Random(20240108)
    landing = [
        Moment("requests", round((n + chance.random()) * whole.requests / 6), chance.random() * 0.03) for n in range(6)
    ]
    landing += [Moment("raw/**/_delta_log/*.json", chance.randrange(1, 9), chance.random() * 0.02) for _ in range(3)]
    refining = [Moment("state/batches/[!.]*", 1, n * 0.1 * chance.random()) for n in range(2)]
    refining += [Moment("state/staged/*", 1, n * 0.4 * chance.random()) for n in range(3)]
    publishing = [Moment("lake/delta/articles/**/*", 1, chance.random() * 0.1)]
    publishing += [Moment("lake/delta/*/_delta_log/*.json", chance.randrange(1, 8), 0.0) for _ in range(2)]
    publishing += [Moment("lake/snapshots/*", 1, chance.random() * 0.01)]
    publishing += [Moment("lake/snapshots/[!.]*", 1, seconds) for seconds in (0.0, 0.02)]
    return {"landing": landing, "refining": refining, "publishing": publishing}


def kill_at(site: Site, home: Path, moment: Moment) -> bool:
    """Runs until the moment comes; gives whether the run was still going on."""

    def count() -> int:
        return len(site.server.log) if moment.what == "requests" else len(list(home.glob(moment.what)))

    target = count() + moment.count
    process = start(run_whole, site.source, home)
    while process.is_alive() and count() < target:
        time.sleep(0.001)
    time.sleep(moment.seconds)
    return kill_group(process)


@pytest.mark.parametrize("step", KILLS)
def test_killed_at_moments_of_the_whole_way(
    step: str, site: Site, unkilled: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kill has a home of its own, in which pages were read before."""
    before = in_lake(site.base)
    found = Counter[str]()
    chosen = moments(unkilled)[step]
    assert len(chosen) == KILLS[step]
    for number, moment in enumerate(chosen):
        home = shutil.copytree(site.base, tmp_path / f"killed-{number}", symlinks=True)
        monkeypatch.setenv("NEWSLAKE_HOME", str(home))
        was_running = kill_at(site, home, moment)
        seen, rows = in_lake(home), landed(home)
        assert seen in (before, unkilled.lake), f"{moment} left something in between"
        assert set(landed(site.base)) <= set(rows) <= set(unkilled.raw)
        assert len(rows) == len(set(rows))
        found[phase(site, home, was_running, rows == unkilled.raw)] += 1

        pipeline.run([site.source])
        assert landed(home) == unkilled.raw, moment
        assert in_lake(home) == unkilled.lake, moment
        verify(Home(home))
        again = visit(site.source)
        assert (again["documents"], again["unchanged"], again["pending"]) == (0, PAGES, 0)
        shutil.rmtree(home)
    assert found["too late"] <= 1, found
    assert found[step] >= 2, f"the kills missed the step: {found}"


def phase(site: Site, home: Path, was_running: bool, has_landed: bool) -> str:
    """How far a run had come that was killed."""

    def made(pattern: str) -> bool:
        return len(list(home.glob(pattern))) > len(list(site.base.glob(pattern)))

    if not was_running:
        return "too late"
    if made("lake/snapshots/[!.]*"):
        return "a snapshot is there"
    if made("lake/delta/**/*"):
        return "publishing"
    return "refining" if has_landed else "landing"
