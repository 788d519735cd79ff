"""A home that may not be written to: the old snapshot stays and is read, the message says what to do, a rerun completes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.lake.verify import verify
from newslake.sources import FilesSource

from . import rows
from .faults_corpus import write_first, write_then

pytestmark = pytest.mark.lake
NEWSLAKE = (sys.executable, "-m", "newslake.cli")
MOUNTED = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
UNSHARED = (("unshare", "--mount"), ("unshare", "--mount", "--map-root-user"))


class Prepared(NamedTuple):
    home: Path
    articles: Path
    after: dict[str, tuple[int, str]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A home with a snapshot, articles that the next run will publish, and the rows that the lake has then."""
    folder = tmp_path_factory.mktemp("read-only")
    articles, home, later = (folder / name for name in ("articles", "home", "later"))
    articles.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        write_first(articles)
        patch.setenv("NEWSLAKE_HOME", str(home))
        pipeline.run([FilesSource(name="input", path=articles)])
        shutil.copytree(home, later, symlinks=True)
        write_then(articles)
        patch.setenv("NEWSLAKE_HOME", str(later))
        pipeline.run([FilesSource(name="input", path=articles)])
    return Prepared(home, articles, rows.of(later))


@pytest.fixture
def home(prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = shutil.copytree(prepared.home, tmp_path / "home", symlinks=True)
    monkeypatch.setenv("NEWSLAKE_HOME", str(found))
    # It names absolute paths.
    database.write_if_older(Home(found), current(Home(found)))
    return found


def call(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def assert_refused(run: subprocess.CompletedProcess[str], home: Path, why: str, before: object) -> None:
    assert run.returncode == 1, run.stderr
    (line,) = [line for line in run.stderr.splitlines() if line.startswith("newslake: ")]
    assert why in line
    assert str(home) in line
    assert "run again" in line
    assert "Traceback" not in run.stderr
    assert rows.of(home) == before


def assert_a_rerun_completes(home: Path, prepared: Prepared) -> None:
    pipeline.run([FilesSource(name="input", path=prepared.articles)])
    assert rows.of(home) == prepared.after
    verify(Home(home))


def test_on_a_read_only_disk(home: Path, prepared: Prepared) -> None:
    found = (prefix for prefix in UNSHARED if call(*prefix, "sh", "-c", MOUNTED, str(home), "true").returncode == 0)
    if (prefix := next(found, None)) is None:
        why = "nobody may mount here, not even in a namespace of their own"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    before = rows.of(home)

    def mounted(*arguments: str) -> subprocess.CompletedProcess[str]:
        return call(*prefix, "sh", "-c", MOUNTED, str(home), *NEWSLAKE, *arguments)

    for arguments in (["run", "--input", str(prepared.articles)], ["maintain"]):
        assert_refused(mounted(*arguments), home, "the disk is read-only", before)
    asked = mounted("query", "SELECT count(*) AS n FROM articles", "--format", "csv")
    assert (asked.returncode, asked.stdout.split()) == (0, ["n", "3"]), asked.stderr
    assert_a_rerun_completes(home, prepared)


@contextmanager
def forbidden(folder: Path) -> Iterator[tuple[str, ...]]:
    """Gives what a command has to begin with, to be refused by a folder that may not be written to."""
    paths = [folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555)
    try:
        # The superuser may write anywhere, unless it has lost its capabilities.
        yield ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.mark.parametrize("place", [".", "raw", "state", "lake/delta", "lake/delta/articles", "lake/snapshots"])
def test_where_permission_is_denied(place: str, home: Path, prepared: Prepared) -> None:
    before = rows.of(home)
    with forbidden(home / place) as prefix:
        if prefix and call(*prefix, "test", "-w", str(home / place)).returncode == 0:
            pytest.skip("capabilities cannot be dropped here, so nothing is forbidden")
        refused = call(*prefix, *NEWSLAKE, "run", "--input", str(prepared.articles))
    assert_refused(refused, home, "ermission denied", before)
    assert_a_rerun_completes(home, prepared)
