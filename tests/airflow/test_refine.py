"""The DAG `refine`: a person who has looked at what was refused lets the batch pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.airflow
HERE = Path(__file__).parent
REFUSED = 25


def test_refusals_that_a_person_accepts_stop_nothing(
    run_python: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    lines = [json.dumps({"url": f"https://e.example/{number}", "text": ""}) for number in range(REFUSED)]
    lines.append(json.dumps({"url": "https://e.example/good", "text": "市图书馆自下周起每天开放到晚上九点。"}))
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("sources:\n  - {name: gazette, kind: files, path: in}\n")
    runs: list[dict[str, list[object]]] = [{}, *({"accept_refusals": names} for names in (["other"], [1], ["gazette"]))]
    result = run_python(
        str(HERE / "run_refine.py"),
        *map(json.dumps, runs),
        DAGS=str(HERE.parents[1] / "dags"),
        NEWSLAKE_SOURCES=str(tmp_path / "sources.yaml"),
    )
    assert result.returncode == 0, result.stderr[-3000:]
    stopped, of_another, no_name, accepted = json.loads(result.stdout.splitlines()[-1])
    for one in (stopped, of_another):
        assert (one["state"], one["tasks"]["publish"]) == ("failed", "failed")
        assert "more is refused than usual" in one["said"]
        assert "source gazette: 25 of 26 documents are refused" in one["said"]
    assert no_name["state"] == "refused"
    assert "accept_refusals" in no_name["said"]
    assert (accepted["state"], accepted["tasks"]["publish"]) == ("success", "success")
    home = Path(environment["NEWSLAKE_HOME"])
    assert [path.name for path in (home / "lake" / "snapshots").iterdir()] == ["000001"]
    manifest = json.loads((home / "lake" / "current" / "manifest.json").read_text(encoding="utf-8"))
    assert {name: manifest["tables"][name]["rows"] for name in ("articles", "quarantine")} == {
        "articles": 1,
        "quarantine": REFUSED,
    }


def test_replay_publishes_only_what_changes(run_python: Any, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    lines = [
        {"url": "https://e.example/bad", "text": ""},
        {"url": "https://e.example/good", "text": "市图书馆开放。" * 9},
    ]
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("sources:\n  - {name: gazette, kind: files, path: in}\n")
    settings = {"DAGS": str(HERE.parents[1] / "dags"), "NEWSLAKE_SOURCES": str(tmp_path / "sources.yaml")}
    result = run_python(str(HERE / "run_refine.py"), "{}", **settings)
    assert result.returncode == 0, result.stderr[-3000:]
    runs = [{}, {"reason": "no_text_field"}, {"reason": "other"}]
    result = run_python(str(HERE / "run_refine.py"), *map(json.dumps, runs), DAG="replay", **settings)
    assert result.returncode == 0, result.stderr[-3000:]
    whole, of_reason, of_another = json.loads(result.stdout.splitlines()[-1])
    for one in (whole, of_reason):
        assert (one["state"], one["tasks"]["publish"]) == ("success", "skipped"), one
    assert (of_another["state"], "nothing was refused with reason 'other'" in of_another["said"]) == ("failed", True)
