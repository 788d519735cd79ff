"""A disk that is full or broken at each distinct system call of a run: it says so, and the next run completes."""

from __future__ import annotations

import errno
from collections import Counter
from pathlib import Path

import pytest

from .faults_tries import Lake, faults, points, sample, try_all
from .test_system_calls import lake  # noqa: F401

pytestmark = pytest.mark.lake
TRIES = 8
"""Of each error, in each run of the tests; all of them with NEWSLAKE_FAULTS=all."""


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO], ids=["full", "broken"])
def test_a_disk_that_is(error: int, lake: Lake, tmp_path: Path) -> None:  # noqa: F811
    tries = try_all(lake, tmp_path, sample(points(lake.calls), TRIES, f"error {error}"), error)
    print(len(tries), Counter((one.status, one.found) for one in tries))
    assert not faults(tries, error)
    assert {1} <= {one.status for one in tries} <= {0, 1}
