"""Two runs over one web site at once, in one home: nothing is lost, nothing is there twice, and both say what they did."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acquire.server import Server
from acquire.visits import PROJECT, put_articles, put_sitemap, sitemap, visit
from newslake import pipeline
from newslake.config import Home
from newslake.lake.verify import verify

from .test_web_kills import in_lake, landed

pytestmark = pytest.mark.lake
BEFORE, PAGES, CHANGED = 10, 30, 4
RUN = "from newslake import cli; from newslake.acquire import documents; documents.CHUNK_DOCUMENTS = 5; cli.main()"
"""`newslake` with small chunks: a run finds documents that the other has landed."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A site that has moved on since it was read into the home `base`."""
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "base"))
    with Server() as started:
        put_articles(started, range(BEFORE))
        put_sitemap(started, range(BEFORE))
        pipeline.run([sitemap(started)])
        put_articles(started, range(PAGES))
        put_articles(started, range(CHANGED), "有更正。")
        put_sitemap(started, range(PAGES))
        yield started


def both(server: Server, home: Path, delay_seconds: float) -> list[tuple[int, str, str]]:
    """Exit codes and what was said, of two runs that start at the same time."""
    path = home.parent / "sources.yaml"
    path.write_text(
        "contact: mailto:desk@paper.example\nsources:\n"
        f"  - {{name: site, kind: sitemap, url: '{server.url('/sitemap.xml')}', delay_seconds: {delay_seconds}, "
        "allow_hosts: [127.0.0.1]}\n",
        encoding="utf-8",
    )
    environment = {
        **os.environ,
        "NEWSLAKE_HOME": str(home),
        "NEWSLAKE_SOURCES": str(path),
        "PYTHONPATH": str(PROJECT / "include"),
    }
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, "run"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for _ in range(2)
    ]
    try:
        said = [run.communicate(timeout=180) for run in runs]
    finally:
        for run in runs:
            run.kill()
    return [(run.returncode, out, error) for run, (out, error) in zip(runs, said, strict=True)]


@pytest.mark.parametrize("delay_seconds", [0, 0.6], ids=["one after the other", "one gives up waiting"])
def test_two_runs_at_once(
    server: Server, delay_seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = shutil.copytree(tmp_path / "base", tmp_path / "alone", symlinks=True)
    home = shutil.copytree(tmp_path / "base", tmp_path / "together", symlinks=True)
    monkeypatch.setenv("NEWSLAKE_HOME", str(alone))
    pipeline.run([sitemap(server)])

    requests = len(server.log)
    ended = both(server, home, delay_seconds)
    asked = len(server.log) - requests
    assert not [error for _, _, error in ended if "Traceback" in error], ended
    if delay_seconds:
        assert sorted(code for code, _, _ in ended) == [0, 1], ended
        [refused] = [error for code, _, error in ended if code]
        assert "source site: another run is reading it" in refused
        assert "run again" in refused
        assert asked == PAGES + 1, "the site was asked by one of them"
    else:
        assert [code for code, _, _ in ended] == [0, 0], ended
        assert asked == 2 * (PAGES + 1)
    assert all("articles" in out for _, out, _ in ended), ended

    assert landed(home) == landed(alone)
    assert len(landed(home)) == len(set(landed(home))) == PAGES + CHANGED
    assert in_lake(home) == in_lake(alone)
    verify(Home(home))
    monkeypatch.setenv("NEWSLAKE_HOME", str(home))
    again = visit(sitemap(server))
    assert (again["documents"], again["unchanged"], again["pending"]) == (0, PAGES, 0)
