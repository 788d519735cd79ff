from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.airflow

RUN = ("-m", "newslake.airflow_run")
LIBRARY = """
from newslake import pipeline
for source in pipeline.enabled_sources():
    pipeline.acquire(source)
pipeline.publish([pipeline.refine(path) for path in pipeline.plan()])
"""


def rows_by_table(home: Path) -> dict[str, int]:
    manifest = json.loads((home / "lake" / "current" / "manifest.json").read_text(encoding="utf-8"))
    return {name: table["rows"] for name, table in manifest["tables"].items()}


def content(home: Path) -> dict[str, list[str]]:
    """Checksums of every table's files: the same rows make the same bytes. Tables that tell of the run are left out."""
    manifest = json.loads((home / "lake" / "current" / "manifest.json").read_text(encoding="utf-8"))
    return {
        name: sorted(file["sha256"] for file in table["files"])
        for name, table in manifest["tables"].items()
        if name not in ("runs", "validation_results")
    }


def test_dags_give_what_the_library_gives_and_then_nothing_new(
    run_python: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    first = run_python(*RUN)
    assert first.returncode == 0, first.stdout + first.stderr
    by_airflow = rows_by_table(Path(environment["NEWSLAKE_HOME"]))
    assert by_airflow["articles"] > 0
    assert "[info" not in first.stdout + first.stderr, "Airflow's log belongs into its file"

    library = run_python("-c", LIBRARY, NEWSLAKE_HOME=str(tmp_path / "library"))
    assert library.returncode == 0, library.stderr
    assert content(Path(environment["NEWSLAKE_HOME"])) == content(tmp_path / "library")

    second = run_python(*RUN)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "nothing is new" in second.stdout
    assert rows_by_table(Path(environment["NEWSLAKE_HOME"])) == by_airflow
    assert not (Path(environment["NEWSLAKE_HOME"]) / "lake" / "snapshots" / "000002").exists()


def test_a_source_that_cannot_be_read_fails_the_run_but_not_the_others(
    run_python: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "one.txt").write_text(
        "市图书馆延长开放时间\n2026-03-02 08:30 来源:河湾晚报\n\n市图书馆自下周起每天开放到晚上九点。读者可以在网上预约座位。\n",
        encoding="utf-8",
    )
    (tmp_path / "sources.yaml").write_text(
        "sources:\n  - {name: missing, kind: files, path: nowhere}\n  - {name: good, kind: files, path: good}\n"
    )
    result = run_python(*RUN, NEWSLAKE_SOURCES=str(tmp_path / "sources.yaml"))
    assert result.returncode == 1, result.stdout + result.stderr
    assert "ingest.acquire" in result.stderr
    assert "nowhere" in result.stderr
    log = Path(environment["NEWSLAKE_AIRFLOW_HOME"]) / "run.log"
    assert str(log) in result.stderr
    assert log.is_file()
    assert rows_by_table(Path(environment["NEWSLAKE_HOME"]))["articles"] == 1


def test_what_airflow_writes_is_private(run_python: Any, environment: dict[str, str]) -> None:
    assert run_python(*RUN, "check").returncode == 0
    home = Path(environment["NEWSLAKE_AIRFLOW_HOME"])
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for name in ("secrets.json", "passwords.json"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600, name
    before = (home / "secrets.json").read_text()
    assert run_python(*RUN, "check").returncode == 0
    assert (home / "secrets.json").read_text() == before


@pytest.mark.parametrize("port", ["http", "80", "65536", "-1"])
def test_a_wrong_port_is_the_callers_fault(run_python: Any, port: str) -> None:
    result = run_python(*RUN, "up", NEWSLAKE_PORT=port)
    assert result.returncode == 2
    assert f"NEWSLAKE_PORT={port}" in result.stderr
