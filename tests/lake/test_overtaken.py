"""A publisher that is stopped, overtaken by another and continued: what it does then changes nothing."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import durable
from newslake.lake.durable import StillHeld, only_one
from newslake.lake.snapshots import complete
from newslake.lake.verify import verify
from newslake.sources import FilesSource
from newslake.tables import PUBLISHED

from . import rows
from .faults_corpus import article, write_first, write_then
from .faults_tries import IS_WHOLE
from .moments import Moment, wait_for
from .processes import finish, start
from .test_kills import BUILT, COMMITTED, DATABASE, DOCS, LAST_WRITTEN, SNAPSHOTS, WRITTEN, publish_to_the_end

pytestmark = pytest.mark.lake
MOMENTS = {
    "prepares": Moment("state/publish.lock", 0),
    "writes files": Moment(WRITTEN, 2),
    "is judged": Moment(LAST_WRITTEN, 1),
    "has been judged": Moment(DOCS, 20),
    "has committed one table": Moment(COMMITTED, 1),
    "has committed some tables": Moment(COMMITTED, 5),
    "builds the snapshot": Moment(BUILT, 5),
    "has its number": Moment(SNAPSHOTS, 1),
    "writes the database": Moment(DATABASE, 1),
}


class Prepared(NamedTuple):
    """A home with a snapshot and a staged batch, and the folder that it was read from."""

    base: Path
    articles: Path


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("overtaken")
    base, articles = folder / "base", folder / "articles"
    articles.mkdir()
    source = FilesSource(name="input", path=articles)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(base))
        write_first(articles)
        pipeline.run([source])
        write_then(articles)
        pipeline.acquire(source)
        for plan in pipeline.plan():
            pipeline.refine(plan)
    return Prepared(base, articles)


def run_to_the_end(home: Path, articles: Path) -> None:
    os.environ["NEWSLAKE_HOME"] = str(home)
    pipeline.run([FilesSource(name="input", path=articles)])


def versions(home: Path) -> dict[str, int]:
    """How many commits each Delta table has: a late one would be seen by those who read them."""
    folders = {table.name: home / "lake" / "delta" / table.name for table in PUBLISHED}
    return {name: len(list(folder.glob("_delta_log/*.json"))) for name, folder in folders.items()}


@contextmanager
def stopped(process: BaseProcess) -> Iterator[None]:
    """As when its machine is suspended, or a person has typed Ctrl-Z."""
    assert process.pid
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


CHOSEN = list(MOMENTS) if IS_WHOLE else ["writes files", "has committed some tables", "writes the database"]


@pytest.mark.parametrize("moment", CHOSEN)
def test_stopped_while_it(moment: str, prepared: Prepared, tmp_path: Path) -> None:
    home = shutil.copytree(prepared.base, tmp_path / "home", symlinks=True)
    articles = shutil.copytree(prepared.articles, tmp_path / "articles")
    late = start(publish_to_the_end, home)
    wait_for(home, MOMENTS[moment], late)
    with stopped(late):
        # What docs/operate.md tells a person to do who cannot end it: the lock's file is another one then.
        (home / "state" / "publish.lock").unlink(missing_ok=True)
        finish(start(run_to_the_end, home, articles))
        if moment == "writes the database":
            # One more, else what the late one writes would be right.
            (articles / "c.jsonl").write_text(article(5), encoding="utf-8")
            finish(start(run_to_the_end, home, articles))
        made, found, committed = complete(Home(home)), rows.of(home), versions(home)
    late.join()
    assert complete(Home(home)) == made
    assert rows.of(home) == found
    assert versions(home) == committed
    verify(Home(home))


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A stopped process that has the lock."""
    code = (
        "import sys, pathlib\nfrom newslake.lake.durable import only_one\n"
        "with only_one(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        yield process
        process.kill()


def test_who_waits_says_for_whom(
    holder: subprocess.Popen[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(durable, "TELL_SECONDS", 0.1)
    with caplog.at_level(logging.WARNING), pytest.raises(StillHeld) as found, only_one(tmp_path / "lock", 0.5):
        raise AssertionError("two hold the lock")
    assert f"process {holder.pid}, which is stopped, has held the lock" in str(found.value)
    assert f"waiting for process {holder.pid}, which is stopped," in caplog.text
