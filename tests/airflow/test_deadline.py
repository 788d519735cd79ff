"""A run that does not end in time, in a real Airflow: told once, by its triggerer."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from page_server import PREPARE
from test_alert_channels import SECRET, Hooks
from test_alert_channels import hooks as hooks  # A fixture.

pytestmark = pytest.mark.airflow
PATIENCE_SECONDS = 300
DAG = """
import time
from datetime import datetime, timedelta, UTC
from airflow.sdk import dag, task
from deadlines import ends_within

def second(name, hours, act):
    # Its first run is well, so that the next ones have a usual time.
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    @dag(dag_id=name, schedule=timedelta(days=1), start_date=midnight - timedelta(days=2), catchup=True, max_active_runs=1,
         deadline=ends_within(name, hours))
    def made():
        @task(retries=0)
        def work(known):
            from pathlib import Path
            with Path(known).open("a") as tries:
                tries.write("x")
                is_first = tries.tell() == 1
            if not is_first:
                act()
        work("FOLDER/" + name)
    return made()

def fail():
    raise ValueError("on purpose")

slow = second("slow", 5 / 3600, lambda: time.sleep(600))
failing = second("failing", 5 / 3600, fail)
stopped = second("stopped", 1, fail)
"""


@pytest.fixture
def started(
    run_python: Any, environment: dict[str, str], tmp_path: Path, hooks: Hooks
) -> Iterator[tuple[Path, dict[str, str]]]:
    """Airflow's parts over three DAGs; the file that they write to, and their environment."""
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "slow.py").write_text(DAG.replace("FOLDER", str(tmp_path)))
    (dags / "deadlines.py").write_text((Path(__file__).parents[2] / "dags" / "deadlines.py").read_text())
    made = run_python("-W", "ignore", "-c", PREPARE, "admin:admin")
    assert made.returncode == 0, made.stderr[-3000:]
    settings = {
        **environment,
        **json.loads(made.stdout.splitlines()[-1]),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW_CONN_NEWSLAKE_WEBHOOK": json.dumps(
            {"conn_type": "http", "password": f"{hooks.address}/hook/{SECRET}"}
        ),
    }
    port = str(int(environment["NEWSLAKE_PORT"]) + 1)
    parts = (
        ("scheduler", "--skip-serve-logs"),
        ("dag-processor",),
        ("triggerer", "--skip-serve-logs"),
        ("api-server", "--apps", "execution", "--port", port),
    )
    log = tmp_path / "log.txt"
    with log.open("wb") as output:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "airflow", *part],
                env=settings,
                cwd=tmp_path,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            for part in parts
        ]
    yield log, settings
    end(processes)


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """With all that they started."""
    from newslake.airflow_run import _stop

    _stop(processes)
    for process in processes:
        process.wait(30)


def wait_for(log: Path, is_so: Callable[[str], bool]) -> None:
    """Until what the parts have written is as wanted."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so(written := log.read_text(errors="replace")):
        assert time.monotonic() < deadline, written[-5000:]
        time.sleep(0.5)


def test_a_run_that_hangs_is_told_once_and_a_failed_one_can_be_cleared(
    started: tuple[Path, dict[str, str]], hooks: Hooks, run_python: Any
) -> None:
    log, settings = started
    wait_for(log, lambda _: bool(hooks.hook))
    wait_for(log, lambda written: "of failing failed: nothing is told" in written)
    tries = log.with_name("stopped")
    wait_for(log, lambda _: tries.exists() and len(tries.read_text()) > 2)
    time.sleep(15)
    (told,) = hooks.hook
    assert (told["kind"], told["title"]) == ("overdue", "A run of slow has not ended")
    assert told["key"].startswith("overdue:slow:")
    assert "What to do" not in told["advice"]
    assert "pool memory" in told["advice"]
    assert SECRET not in log.read_text(errors="replace")
    # Three runs have ended by now, or four at midnight; all but the first failed, and have a deadline to come.
    before = len(tries.read_text())
    cleared = run_python("-W", "ignore", "-m", "airflow", "tasks", "clear", "stopped", "--yes", **settings)
    assert cleared.returncode == 0, cleared.stderr[-3000:]
    wait_for(log, lambda _: len(tries.read_text()) > before)
