from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.airflow

DAGS = Path(__file__).resolve().parents[2] / "dags"


def test_dags_are_read_light_documented_and_safe(described: dict[str, Any]) -> None:
    assert described["heavy"] == []
    dags = described["dags"]
    assert sorted(dags) == ["ingest", "maintain", "refine", "replay", "report", "watch"]
    for name, dag in dags.items():
        assert dag["doc"], name
        assert "newslake" in dag["tags"], name
        assert (dag["catchup"], dag["runs"]) == (False, 1), name
        for task_id, task in dag["tasks"].items():
            assert task["doc"], task_id
            assert task["owner"] == "newslake", task_id
            assert task["has_policy"], task_id
            assert 0 < task["seconds"] <= 4 * 3600, task_id


def test_assets_chain_the_dags(described: dict[str, Any]) -> None:
    dags = described["dags"]
    assert {name: dag["starts_after"] for name, dag in dags.items()} == {
        "ingest": [],
        "refine": ["raw"],
        "report": ["lake"],
        "maintain": [],
        "replay": [],
        "watch": ["lake"],
    }
    outlets = {(name, task_id): task["outlets"] for name, dag in dags.items() for task_id, task in dag["tasks"].items()}
    assert {key: names for key, names in outlets.items() if names} == {
        ("ingest", "announce"): ["raw"],
        ("refine", "publish"): ["lake"],
        ("replay", "publish"): ["lake"],
    }


def test_batches_hold_a_slot_of_the_memory_pool(described: dict[str, Any]) -> None:
    pools = {task_id: task["pool"] for dag in described["dags"].values() for task_id, task in dag["tasks"].items()}
    assert {task_id for task_id, pool in pools.items() if pool == "memory"} == {
        "refine_batch",
        "publish",
        "write_pages",
        "verify",
        "tidy",
    }


def test_mapped_tasks_are_named_by_what_they_do(described: dict[str, Any]) -> None:
    dags = described["dags"]
    assert "source" in dags["ingest"]["tasks"]["acquire"]["index"]
    assert "plan_path" in dags["refine"]["tasks"]["refine_batch"]["index"]


def test_only_the_network_is_tried_again(described: dict[str, Any]) -> None:
    assert described["decisions"] == {
        "ConnectionResetError": "retry",
        "TimeoutError": "retry",
        "SourceError": "fail",
        "BatchStopped": "fail",
        "ValueError": "fail",
        "OSError": "fail",
    }


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_dag_files_are_thin(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80


def test_check_names_a_file_that_cannot_be_read(run_python: Any, tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "broken.py").write_text("from airflow.sdk import dag\nraise KeyError('broken on purpose')\n")
    result = run_python(
        "-c",
        "import sys, pathlib; from newslake import airflow_run; airflow_run.PROJECT = pathlib.Path.cwd(); "
        "sys.exit(airflow_run.main(['check']))",
    )
    assert result.returncode == 1
    assert "broken.py" in result.stderr
    assert "broken on purpose" in result.stderr
