"""The services of docker-compose.yaml, really run, with a worker killed; and the steps of docs/deploy.md, really performed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import composed
import engine
import psutil
import pytest

from lake import rows

pytestmark = pytest.mark.airflow

PAGE = composed.PROJECT / "docs" / "deploy.md"
PATIENCE_SECONDS = 300
OVERRIDES = {
    # The test says when the chain begins, and does not wait for minutes until a dead worker is missed.
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "true",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
}
CHAIN = ("ingest", "refine", "report")


def blocks(heading: str) -> list[str]:
    """The shell blocks of docs/deploy.md below a heading."""
    (section,) = re.findall(
        rf"^#+ {heading}\n(.*?)(?=^#|\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    found = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, f"no commands below {heading}"
    return found


class Deployment:
    """A checkout with docker-compose.yaml, whose services run on this machine, seen by who keeps it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "airflow" / "opt" / "airflow" / "data" / "home"
        (folder / "bin").mkdir()
        for name, program in (("docker", engine.__file__), ("newslake", "-m newslake.cli")):
            script = folder / "bin" / name
            script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {program} "$@"\n')
            script.chmod(0o755)
        for name in ("Makefile", "include"):
            (folder / name).symlink_to(composed.PROJECT / name)
        names = ("api-server", "postgres", "redis")
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
        ports = {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}
        for one in sockets:
            one.close()
        (folder / "ports.json").write_text(json.dumps(ports))
        (folder / "overrides.json").write_text(json.dumps(OVERRIDES))
        self.address = f"http://127.0.0.1:{ports['api-server']}"
        self._token = ""

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        include = str(composed.PROJECT / "include")
        return {**kept, "PATH": path, "PYTHONPATH": include, "NEWSLAKE_ENGINE": str(self.folder)}

    def perform(self, commands: str) -> str:
        """Runs commands as somebody at a terminal would; gives what they print."""
        command = ["bash", "-euxo", "pipefail", "-c", commands]
        result = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=900, check=False
        )
        assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-6000:]
        return result.stdout

    @property
    def engine(self) -> engine.Engine:
        return engine.Engine(self.folder)

    def ask(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        if not self._token and path != "/auth/token":
            password = composed.settings(self.folder / ".env")["ADMIN_PASSWORD"]
            self._token = self.ask("/auth/token", {"username": "admin", "password": password})["access_token"]
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.address + path, data, headers, method=method), timeout=60) as answer:
            return json.load(answer)

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(f"/api/v2/dags/{dag_id}/dagRuns")["dag_runs"]
        assert not [run for run in found if run["state"] == "failed"], (
            f"{dag_id}: {found}\n{self.engine.log('scheduler')}"
        )
        return found

    def wait_for(self, find: Callable[[], Any], what: str, pause: float = 0.5) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := find()):
            assert time.monotonic() < deadline, (
                f"no {what}\n{self.engine.log('scheduler')}\n{self.engine.log('worker-1')}"
            )
            time.sleep(pause)
        return found

    def run_ids(self) -> set[tuple[str, str]]:
        """Of the chain's runs; where an hour begins meanwhile, the schedule adds some."""
        return {(dag_id, run["dag_run_id"]) for dag_id in CHAIN for run in self.runs(dag_id)}

    def trigger_ingest(self) -> None:
        """Triggers it, and waits until it is done, with all that it starts."""
        run_id = self.ask("/api/v2/dags/ingest/dagRuns", {"logical_date": None})["dag_run_id"]
        self.wait_for(lambda: self.ask(f"/api/v2/dags/ingest/dagRuns/{run_id}")["state"] == "success", "ingest")
        self.wait_for(lambda: all(run["state"] == "success" for name in CHAIN for run in self.runs(name)), "end")


@pytest.fixture(scope="module")
def airflow() -> Iterator[Deployment]:
    """What docs/deploy.md starts; PostgreSQL runs as its own user, who has to get into the folder."""
    if missing := engine.missing_programs():
        told = f"not installed: {', '.join(missing)}; on Debian: apt-get install postgresql redis-server"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    folder = Path(tempfile.mkdtemp(prefix="newslake-deploy-", dir="/tmp"))
    folder.chmod(0o755)
    deployment = Deployment(folder)
    try:
        for block in blocks("Start"):
            told = deployment.perform(block)
        assert {"postgres", "redis", "worker-1", "worker-2", "scheduler"} <= set(told.split())
        yield deployment
    finally:
        if (folder / ".env").exists():
            for _, name in deployment.engine.containers(deployment.engine.services):
                deployment.engine.kill(name)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Rows of `newslake run` over the samples."""
    home = tmp_path_factory.mktemp("expected") / "home"
    values = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "NEWSLAKE"))}
    include = str(composed.PROJECT / "include")
    environment = {**values, "NEWSLAKE_HOME": str(home), "PYTHONPATH": include}
    command = [sys.executable, "-m", "newslake.cli", "run"]
    subprocess.run(command, env=environment, cwd=home.parent, check=True, capture_output=True)
    return rows.of(home)


TITLE = "airflow worker -- "
"""Airflow's name for the process of a task, with the task's id, from when the task is running until it ends."""


def held_batch(airflow: Deployment, workers: list[str]) -> tuple[str, dict[str, Any]] | None:
    """Stops the process of a batch before it has begun; the worker that it runs on, and the task. Others go on at once."""
    for worker in workers:
        for process in airflow.engine.processes(worker):
            with suppress(psutil.NoSuchProcess):
                title = " ".join(process.cmdline())
                if not title.startswith(TITLE) or process.status() == psutil.STATUS_STOPPED:
                    continue
                process.suspend()
                tasks = airflow.ask("/api/v2/dags/refine/dagRuns/~/taskInstances")["task_instances"]
                for task in tasks:
                    if task["id"] == title.removeprefix(TITLE).strip() and task["task_id"] == "refine_batch":
                        return worker, task
                process.resume()
    return None


def test_a_killed_worker_costs_time_and_nothing_else(airflow: Deployment, expected: dict[str, tuple[int, str]]) -> None:
    for dag_id in CHAIN:
        airflow.ask(f"/api/v2/dags/{dag_id}", {"is_paused": False}, "PATCH")
    workers = [name for _, name in airflow.engine.containers(["worker"])]
    killed, task = airflow.wait_for(lambda: held_batch(airflow, workers), "batch that is refined", pause=0.05)
    assert not list((airflow.home / "state" / "staged").glob("[!.]*")), "the batch was done already"
    airflow.engine.kill(killed)
    assert [airflow.engine.is_running(name) for name in workers].count(True) == 1

    airflow.wait_for(lambda: [run for run in airflow.runs("report") if run["state"] == "success"], "report")
    (again,) = airflow.ask(f"/api/v2/dags/refine/dagRuns/{task['dag_run_id']}/taskInstances/refine_batch/listMapped")[
        "task_instances"
    ]
    assert (again["state"], again["try_number"]) == ("success", 2)
    assert rows.of(airflow.home) == expected
    assert (airflow.home / "reports" / "index.html").is_file()

    airflow.perform("docker compose up --detach --wait")
    assert airflow.engine.is_running(killed)


def test_backup_and_restore_are_performed_as_written(airflow: Deployment, tmp_path: Path) -> None:
    """Airflow's database, secrets and the lake are lost altogether, while an article more was being published."""
    add = "docker compose exec -T scheduler airflow connections add news_store --conn-type aws --conn-password 'see the harbour'"
    airflow.perform(add)
    before, runs = rows.of(airflow.home), airflow.run_ids()
    text = "市图书馆延长开放时间\n2026-03-02 08:30 来源:河湾晚报\n\n市图书馆自下周起每天开放到晚上九点。读者可以在网上预约座位。\n"
    (tmp_path / "one.txt").write_text(text, encoding="utf-8")
    publish = f"docker compose exec -T scheduler newslake run --input {shlex.quote(str(tmp_path))}"
    with subprocess.Popen(["bash", "-c", publish], cwd=airflow.folder, env=airflow.environment()) as publisher:
        for block in blocks("Back up"):
            airflow.perform(block)
        assert publisher.wait() == 0
    later = rows.of(airflow.home)
    assert later["articles"][0] == before["articles"][0] + 1

    kept = tmp_path / "elsewhere"
    shutil.move(airflow.folder / "backup", kept)
    secrets = (airflow.folder / ".env").read_bytes()
    airflow.engine.stop()
    for lost in ("airflow", "postgres", "redis"):
        shutil.rmtree(airflow.folder / lost)
    (airflow.folder / ".env").unlink()
    airflow.perform("make secrets PROFILES=celery")

    shutil.move(kept, airflow.folder / "backup")
    for block in blocks("Restore"):
        airflow.perform(block)
    assert (airflow.folder / ".env").read_bytes() == secrets
    assert rows.of(airflow.home) in (before, later)
    found = json.loads(
        airflow.perform("docker compose exec -T scheduler airflow connections get news_store --output json")
    )
    assert found[0]["password"] == "see the harbour"
    assert runs <= airflow.run_ids()
    airflow.perform(publish)
    assert rows.of(airflow.home) == later
    airflow.trigger_ingest()
    assert rows.of(airflow.home) == later, "the sources had nothing new"


def test_an_upgrade_is_performed_as_written(airflow: Deployment) -> None:
    """From the database of an older Airflow, as Airflow itself takes it back."""
    before, runs = rows.of(airflow.home), airflow.run_ids()
    stop, start = blocks("Upgrade")
    airflow.perform(stop)
    airflow.perform("docker compose up --detach --wait postgres")
    shutil.rmtree(airflow.folder / "backup")
    downgrade = "airflow db downgrade --to-version 3.1.0 --yes"
    airflow.perform(f"docker compose run --rm --no-deps -T scheduler {downgrade}")
    state = "docker compose run --rm --no-deps -T scheduler airflow db check-migrations --migration-wait-timeout 0"
    with pytest.raises(AssertionError):
        airflow.perform(state)
    for block in blocks("Back up"):
        airflow.perform(block)
    airflow.perform(start)
    airflow.perform(state)
    assert runs <= airflow.run_ids()
    airflow.perform("docker compose exec -T scheduler newslake run")
    assert rows.of(airflow.home) == before


def test_dags_run_after_the_upgrade(airflow: Deployment) -> None:
    """Deadlines of DAGs go through Airflow's migrations: see dags/deadlines.py."""
    before = rows.of(airflow.home)
    try:
        airflow.trigger_ingest()
    except HTTPError as error:
        pytest.fail(f"{error}: {error.read()[:2000]!r}\n{airflow.engine.log('api-server')}")
    assert rows.of(airflow.home) == before
