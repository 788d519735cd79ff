"""A lake in the object store of `tests/conftest.py`."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

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
