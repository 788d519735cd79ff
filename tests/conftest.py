"""Shared by all tests: an own home for each, and small corpora."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty NEWSLAKE_HOME."""
    path = tmp_path / "home"
    monkeypatch.setenv("NEWSLAKE_HOME", str(path))
    return path


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Gives a folder of n generated articles, the same for the same n."""

    def generate(count: int) -> Path:
        folder = tmp_path_factory.getbasetemp() / f"generated-{count}"
        if not folder.exists():
            command = [sys.executable, str(PROJECT / "bench" / "generate.py"), str(count), str(folder)]
            subprocess.run(command, check=True, capture_output=True)
        return folder / "articles"

    return generate
