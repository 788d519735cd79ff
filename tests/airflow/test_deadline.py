"""A run that does not end in time, in a real Airflow: told once, by its triggerer."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
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
from datetime import datetime, UTC
from airflow.sdk import dag, task
from deadlines import ends_within

@dag(schedule="@once", start_date=datetime(2024, 1, 1, tzinfo=UTC), deadline=ends_within("slow", hours=5 / 3600))
def slow():
    @task
    def hang():
        time.sleep(600)
    hang()

@dag(schedule="@once", start_date=datetime(2024, 1, 1, tzinfo=UTC), deadline=ends_within("quick", hours=1))
def quick():
    @task
    def end():
        pass
    end()

slow()
quick()
"""


@pytest.fixture
def started(run_python: Any, environment: dict[str, str], tmp_path: Path, hooks: Hooks) -> Iterator[Path]:
    """Airflow's parts over two DAGs; the file that they write to."""
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "slow.py").write_text(DAG)
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
    yield log
    end(processes)


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """With all that they started."""
    from newslake.airflow_run import _stop

    _stop(processes)
    for process in processes:
        process.wait(30)


def test_a_run_that_hangs_is_told_once(started: Path, hooks: Hooks) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not hooks.hook:
        assert time.monotonic() < deadline, started.read_text(errors="replace")[-5000:]
        time.sleep(0.5)
    time.sleep(15)
    (told,) = hooks.hook
    assert (told["kind"], told["title"]) == ("overdue", "A run of slow has not ended")
    assert told["key"].startswith("overdue:slow:")
    assert "What to do" not in told["advice"]
    assert "pool memory" in told["advice"]
    assert SECRET not in started.read_text(errors="replace")
