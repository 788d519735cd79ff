"""Airflow is always started as a process of its own: it reads its settings when it is first imported."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import page_server
import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def free_port() -> int:
    """A port that is free, and so is the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def newslake_environment(folder: Path) -> dict[str, str]:
    """The environment for newslake with its home, and its Airflow, in the folder, and ports that are free now."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "NEWSLAKE"))}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        **inherited,
        "NEWSLAKE_HOME": str(folder / "data"),
        "NEWSLAKE_AIRFLOW_HOME": str(folder / "airflow"),
        "NEWSLAKE_PORT": str(free_port()),
    }


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment for newslake in a home, and with an Airflow, that the test has to itself."""
    return newslake_environment(tmp_path)


@pytest.fixture(scope="session")
def run_in() -> Run:
    """Runs this Python in a folder with the given arguments and waits, at most five minutes."""

    def run(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def run_python(run_in: Run, environment: dict[str, str], tmp_path: Path) -> Run:
    """`run_in` with the test's own folder and environment; more of the environment by name."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run_in(tmp_path, {**environment, **more}, *arguments)

    return run


@pytest.fixture(scope="session")
def described(run_in: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `describe_dags.py` tells about the DAG files, read once."""
    folder = tmp_path_factory.mktemp("described")
    result = run_in(folder, newslake_environment(folder), str(Path(__file__).with_name("describe_dags.py")))
    assert result.returncode == 0, result.stderr[-3000:]
    answer: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return answer


@pytest.fixture(scope="session")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `server`."""
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="session")
def server(server_home: Path, run_in: Run) -> Iterator[page_server.Server]:
    """Airflow's web server over a small, hostile lake, with a batch that was stopped."""
    page_server.fill(server_home)
    environment = {**newslake_environment(server_home), "NEWSLAKE_SOURCES": str(server_home / "sources.yaml")}
    result = run_in(server_home, environment, "-W", "ignore", "-c", page_server.FILL)
    assert result.returncode == 0, result.stderr[-3000:]
    assert "25 of 25 documents are refused" in result.stdout
    with page_server.served(environment, server_home) as started:
        yield started
