"""Lakes of several modules: one in the object store of `tests/conftest.py`, one with a long history, a small one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from newslake.config import Home
from newslake.lake.rollback import roll_back

from . import storied

BUCKET = "lake"
"""Made by `s3`."""


@pytest.fixture
def s3_lake(
    s3: dict[str, str], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Puts NEWSLAKE_LAKE into a folder of the bucket that is the test's own; gives what chooses the home."""
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NEWSLAKE_LAKE", f"s3://{BUCKET}/{re.sub('[^a-z0-9]+', '-', request.node.name)}")
    tmp_path = request.getfixturevalue("tmp_path")
    return lambda name: monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / name))


@pytest.fixture(scope="session")
def history(generated: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Seven snapshots, and an eighth that is the third again. Tests read it, and change only copies."""
    folder = tmp_path_factory.mktemp("history")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        home = storied.tell(folder / "home", folder, generated)
        assert roll_back(home, "3").snapshot.name == "000008"
    return home


@pytest.fixture(scope="session")
def three_snapshots(tmp_path_factory: pytest.TempPathFactory) -> storied.ThreeSnapshots:
    """A small lake, of which `lake` gives each test a copy."""
    folder = tmp_path_factory.mktemp("three")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        return storied.tell_briefly(folder)


@pytest.fixture
def lake(three_snapshots: storied.ThreeSnapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The test's own copy of `three_snapshots`. Links of one file stay links of one file."""
    home = tmp_path / "home"
    os.system(f"cp -a '{three_snapshots.home}' '{home}'")
    monkeypatch.setenv("NEWSLAKE_HOME", str(home))
    return Home(home)
