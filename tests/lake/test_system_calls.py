"""A run that is killed, or whose disk is full, broken or becomes read-only, at each distinct system call that changes its
home: the old snapshot or the new one, whole; it says so, and the next run completes.
"""

from __future__ import annotations

import errno
import os
from collections import Counter
from pathlib import Path

import pytest

from . import faults_calls
from .faults_corpus import write_first, write_then
from .faults_tries import Lake, faults, points, prepare, sample, try_all

# In one process, since to prepare the lake takes as long as some tries.
pytestmark = [pytest.mark.lake, pytest.mark.xdist_group("system calls")]
KILLS, ERRORS = 12, 5
"""Tries in each run of the tests, ERRORS of each kind; all of them with NEWSLAKE_FAULTS=all."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    if why := faults_calls.missing():
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return prepare(tmp_path_factory.mktemp("calls"), write_first, write_then)


def test_the_run_changes_every_kind_of_file(lake: Lake) -> None:
    names = Counter(call.name for call in lake.calls)
    assert {"write", "fsync", "rename", "link", "linkat", "unlink", "symlink", "mkdir"} <= names.keys()
    assert len(points(lake.calls)) > 300
    assert lake.after["article_versions"][0] == lake.after["quarantine"][0] == 1
    assert lake.after["articles"][0] == lake.before["articles"][0] + 1


def test_killed_at(lake: Lake, tmp_path: Path) -> None:
    tries = try_all(lake, tmp_path, sample(points(lake.calls), KILLS, "killed"), None)
    print(len(tries), Counter(one.found for one in tries))
    assert not faults(tries, None)
    assert {one.found for one in tries} == {"before", "after"}


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=["full", "broken", "read-only"])
def test_a_disk_that_is(error: int, lake: Lake, tmp_path: Path) -> None:
    tries = try_all(lake, tmp_path, sample(points(lake.calls), ERRORS, f"error {error}"), error)
    print(len(tries), Counter((one.status, one.found) for one in tries))
    assert not faults(tries, error)
    assert {1} <= {one.status for one in tries} <= {0, 1}
