"""Shared by all tests: an own home for each, a caller of the command line, small corpora, and an object store."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

PROJECT = Path(__file__).resolve().parents[1]
TOGETHER = {
    "airflow": "all of Airflow: two at once would starve each other of processors, and delay what is timed",
    "described": "takes seconds to make",
    "workspace": "takes a run over the samples to make",
    "whole": "takes a run or two to make",
    "half_put": "takes two publishers to make",
}
"""Fixtures whose tests run one after the other, in one of the processes of `pytest -n`; and why."""
RUNNING = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before pytest-xdist reads the groups."""
    for item in items:
        for name in TOGETHER.keys() & set(getattr(item, "fixturenames", ())):
            group = "airflow" if name == "airflow" else f"{name} of {item.path.name}"
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty NEWSLAKE_HOME."""
    path = tmp_path / "home"
    monkeypatch.setenv("NEWSLAKE_HOME", str(path))
    return path


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs the command line as `newslake …` does; an exception that is not an exit is a traceback."""

    from newslake import cli
    from newslake.config import Home

    def run(*arguments: str, home: Home | Path) -> tuple[int, str, str]:
        monkeypatch.setenv("NEWSLAKE_HOME", str(home.root if isinstance(home, Home) else home))
        monkeypatch.setattr(sys, "argv", ["newslake", *arguments])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, error = capsys.readouterr()
        return code, out, error

    return run


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


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An object store: moto's server, a process of its own that speaks S3 over HTTP, with a bucket named lake.

    It counts, because it enforces what the lake relies on (If-None-Match and If-Match: of several puts that must make
    an object, one succeeds, the others get 412), through the same client, requests and answers as a bought store. What
    it does not show is durability: it keeps everything in memory. Nor does it check signatures.

    Returns:
        The environment in which everything finds it.
    """
    if importlib.util.find_spec("moto") is None:
        if os.environ.get("CI"):
            pytest.fail("moto is not installed: the tests of the object store have to run here")
        pytest.skip("moto is not installed: pip install 'moto[s3,server]'")
    log = tmp_path_factory.mktemp("moto") / "log.txt"
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            endpoint = _endpoint(server, log)
            with httpx.Client(trust_env=False) as client:
                client.put(f"{endpoint}/lake").raise_for_status()
            yield {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ALLOW_HTTP": "true",
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "invented",
                "AWS_SECRET_ACCESS_KEY": "invented",
                "NO_PROXY": "127.0.0.1",
            }
        finally:
            server.kill()


def _endpoint(server: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        if found := RUNNING.search(log.read_text(encoding="utf-8", errors="replace")):
            return found[1]
        assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("moto's server has not started within a minute")
