"""All of Airflow, as `make up` starts it."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest

pytestmark = pytest.mark.airflow

# Started as shells start background jobs, with SIGINT ignored: it must be heeded all the same.
UP = ("sh", "-c", "trap '' INT; exec \"$0\" -m newslake.airflow_run up", sys.executable)
PATIENCE_SECONDS = 300


class Airflow:
    """A running Airflow, seen from outside."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.folder = folder.resolve()
        self.home = environment["NEWSLAKE_AIRFLOW_HOME"]
        self.address = f"http://127.0.0.1:{environment['NEWSLAKE_PORT']}"
        self.output = folder / "output.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                UP,
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, is_true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_true():
            assert self.process.poll() is None, f"ended while waiting for {what}: {self.said()}"
            assert time.monotonic() < deadline, f"no {what}: {self.said()}\n{self.log()[-5000:]}"
            time.sleep(0.5)

    def log(self) -> str:
        return (Path(self.home) / "up.log").read_text(encoding="utf-8")

    def get(self, path: str, headers: dict[str, str], body: dict[str, Any] | None = None) -> tuple[int, str]:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data, {"Content-Type": "application/json", **headers})
        try:
            with urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def processes(self) -> list[psutil.Process]:
        """All processes that were started in the test's folder, whoever their parent is now."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(self.folder):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(90)


@pytest.fixture
def airflow(environment: dict[str, str], tmp_path: Path) -> Iterator[Airflow]:
    started = Airflow(environment, tmp_path)
    try:
        yield started
    finally:
        for process in [*started.processes(), started.process]:
            process.kill()
        started.process.wait()


def listening(processes: list[psutil.Process]) -> set[str]:
    """Addresses, without ports, on which the processes listen."""
    return {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


def log_in(airflow: Airflow) -> str:
    file = Path(airflow.home) / "passwords.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    password = json.loads(file.read_text())["admin"]
    assert password not in airflow.log()
    assert password not in airflow.said()
    status, answer = airflow.get("/auth/token", {}, {"username": "admin", "password": password})
    assert status == 201
    token: str = json.loads(answer)["access_token"]
    return token


def test_assets_carry_a_triggered_ingest_to_the_report(airflow: Airflow, environment: dict[str, str]) -> None:
    airflow.wait_for(lambda: "Airflow is ready" in airflow.said(), "readiness")
    assert airflow.address in airflow.said()
    assert listening(airflow.processes()) == {"127.0.0.1"}

    bearer = {"Authorization": f"Bearer {log_in(airflow)}"}
    status, answer = airflow.get("/api/v2/dags/ingest/dagRuns", bearer, {"logical_date": None})
    assert status == 200, answer
    triggered = json.loads(answer)["dag_run_id"]

    def runs(dag_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(airflow.get(f"/api/v2/dags/{dag_id}/dagRuns", bearer)[1])["dag_runs"]
        assert not [run for run in found if run["state"] == "failed"], f"{dag_id}: {found}\n{airflow.log()[-5000:]}"
        return found

    def has_arrived() -> bool:
        ingested = any(run["dag_run_id"] == triggered and run["state"] == "success" for run in runs("ingest"))
        return ingested and any(run["state"] == "success" for run in runs("refine")) and bool(finished_reports())

    def finished_reports() -> list[dict[str, Any]]:
        return [run for run in runs("report") if run["state"] == "success"]

    airflow.wait_for(has_arrived, "report")
    assert {run["run_type"] for run in [*runs("refine"), *runs("report")]} == {"asset_triggered"}

    assert runs("maintain") == [], "there was no lake to check when Airflow started"

    manifest = json.loads((Path(environment["NEWSLAKE_HOME"]) / "lake" / "current" / "manifest.json").read_text())
    events = json.loads(airflow.get("/api/v2/assets/events", bearer)[1])["asset_events"]
    lake_events = [event["extra"] for event in events if event["source_task_id"] == "publish"]
    assert [event["snapshot"] for event in lake_events] == [manifest["snapshot"]], "nothing new must not be announced"
    assert lake_events[0]["rows"]["articles"] == manifest["tables"]["articles"]["rows"] > 0

    run_id = finished_reports()[0]["dag_run_id"]
    status, log = airflow.get(f"/api/v2/dags/report/dagRuns/{run_id}/taskInstances/write_pages/logs/1", bearer)
    assert status == 200
    assert "Filling up the DagBag" in log, "the log of a task is read from the disk, without a log server"

    assert airflow.get("/lake/", {})[0] == 401
    assert airflow.get("/lake/reports/index.html", {})[0] == 401
    cookie = {"Cookie": f"_token={bearer['Authorization'].removeprefix('Bearer ')}"}
    status, page = airflow.get("/lake/", cookie)
    assert status == 200
    assert manifest["snapshot"] in page
    assert f"{manifest['tables']['articles']['rows']:,}" in page
    views = json.loads(airflow.get("/api/v2/plugins", bearer)[1])["plugins"]
    assert [view["name"] for plugin in views for view in plugin["external_views"]] == ["Lake", "Validation"]

    assert airflow.stop(signal.SIGINT) == 0
    assert airflow.processes() == []
    assert "Stopped." in airflow.said()


def test_sigterm_while_starting_leaves_nothing_behind(airflow: Airflow) -> None:
    airflow.wait_for(lambda: len(airflow.processes()) > 5, "components")
    assert airflow.stop(signal.SIGTERM) == 0
    assert airflow.processes() == []


def test_a_taken_port_is_named(run_python: Any, environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["NEWSLAKE_PORT"])))
        other.listen()
        result = run_python("-m", "newslake.airflow_run", "up")
    assert result.returncode == 2
    assert f"port {environment['NEWSLAKE_PORT']} is taken" in result.stderr
    assert not (Path(environment["NEWSLAKE_AIRFLOW_HOME"]) / "airflow.db").exists()
