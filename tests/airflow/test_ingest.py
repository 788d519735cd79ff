"""The DAG `ingest`: which sources a run takes, where credentials come from, and what a source that fails leaves."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from acquire.server import Server

pytestmark = pytest.mark.airflow

HERE = Path(__file__).parent
SECRET = "hunter2-and-more"
SOURCES = """\
sources:
  - {name: never, kind: files, path: in, schedule: "@monthly"}
  - {name: fresh, kind: files, path: in, schedule: "@monthly"}
  - {name: stale, kind: files, path: in, schedule: "@hourly"}
  - {name: off, kind: files, path: in, is_enabled: false}
  - {name: gone, kind: files, path: nowhere}
  - {name: unset, kind: bucket, url: "s3://news/", connection: not_there}
  - {name: broken, kind: bucket, url: "s3://news/", connection: broken, is_enabled: false}
  - {name: store, kind: bucket, url: "s3://news/", connection: news_store, is_enabled: false}
"""


@pytest.fixture
def ingest(run_python: Any, environment: dict[str, str], tmp_path: Path) -> Any:
    """Runs the DAG over SOURCES, of which two were visited before; gives what its tasks did."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("市图书馆自下周起每天开放到晚上九点。", encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(SOURCES)
    visits = Path(environment["NEWSLAKE_HOME"]) / "state" / "visits"
    visits.mkdir(parents=True)
    (visits / "fresh.json").write_text(json.dumps({"began_at": datetime.now(UTC).isoformat()}))
    (visits / "stale.json").write_text(json.dumps({"began_at": "2024-01-01T00:00:00+00:00"}))

    def run(how: str, **more: str) -> dict[str, Any]:
        result = run_python(
            str(HERE / "run_ingest.py"),
            how,
            DAGS=str(HERE.parents[1] / "dags"),
            NEWSLAKE_SOURCES=str(tmp_path / "sources.yaml"),
            AIRFLOW_CONN_NEWS_STORE=json.dumps(
                {"conn_type": "aws", "login": "KEY", "password": SECRET, "extra": {"region_name": "eu"}}
            ),
            AIRFLOW_CONN_BROKEN=f"aws://KEY:{SECRET}://://@x",
            **more,
        )
        assert result.returncode == 0, result.stderr[-3000:]
        told: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
        told["output"] = result.stdout.rpartition('{"state"')[0] + result.stderr
        told["states"] = {index: state for task, index, state in told["tasks"] if task == "acquire"}
        return told

    return run


def test_a_scheduled_run_takes_what_is_due(ingest: Any, environment: dict[str, str]) -> None:
    told = ingest("scheduled")
    assert told["run_type"] == "scheduled"
    assert told["states"] == {"never": "success", "stale": "success", "gone": "failed", "unset": "failed"}
    assert told["state"] == "failed"
    assert {state for task, _, state in told["tasks"] if task == "announce"} == {"success"}
    reasons = "\n".join(told["failures"])
    assert "nowhere" in reasons
    assert "source unset: connection 'not_there' is not set" in reasons
    note = json.loads((Path(environment["NEWSLAKE_HOME"]) / "state" / "visits" / "gone.json").read_text())
    assert "nowhere" in note["error"]

    again = ingest("scheduled")
    assert again["states"] == {None: "skipped"}, "a visit that failed is a visit: all wait for their next time"


def test_a_run_by_hand_takes_all_that_are_switched_on(ingest: Any) -> None:
    told = ingest("manual")
    assert told["states"] == {
        "never": "success",
        "fresh": "success",
        "stale": "success",
        "gone": "failed",
        "unset": "failed",
    }
    assert told["connections"]["store"] == {
        "type": "aws",
        "host": None,
        "port": None,
        "schema": None,
        "login": "KEY",
        "password": SECRET,
        "extra": {"region_name": "eu"},
    }
    assert told["connections"]["never"] is None
    assert "connection 'broken' is not set, or cannot be read" in told["connections"]["broken"]
    assert SECRET not in told["connections"]["broken"]
    assert SECRET not in told["output"]


def test_a_site_gets_the_credentials_of_the_connection_and_nobody_else(
    ingest: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    with Server() as site:
        site.add(
            "/feed.xml", f"<rss version='2.0'><channel><item><link>{site.url('/a.html')}</link></item></channel></rss>"
        )
        site.add("/a.html", "<h1>市图书馆开馆</h1><p>市图书馆自下周起每天开放到晚上九点。</p>")
        (tmp_path / "sources.yaml").write_text(
            f"contact: desk@newsroom.example\nsources: [{{name: feed, kind: feed, url: '{site.url('/feed.xml')}', "
            "allow_hosts: [127.0.0.1], delay_seconds: 0, connection: site}]\n"
        )
        told = ingest("manual", AIRFLOW_CONN_SITE=site.url("").replace("//", f"//reader:{SECRET}@"))
        assert told["states"] == {"feed": "success"}, told["failures"]
        sent = base64.b64encode(f"reader:{SECRET}".encode()).decode()
        assert {entry.headers.get("authorization") for entry in site.asked()} == {f"Basic {sent}"}
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert [path for path in written for secret in (SECRET, sent) if secret.encode() in path.read_bytes()] == []
    assert SECRET not in told["output"]


def test_nothing_is_due(ingest: Any, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(SOURCES.splitlines()[0] + "\n" + SOURCES.splitlines()[2] + "\n")
    told = ingest("scheduled")
    assert told["state"] == "success"
    assert {task: state for task, _, state in told["tasks"]} == {
        "list_sources": "success",
        "acquire": "skipped",
        "announce": "skipped",
        "fail_if_a_source_failed": "skipped",
    }
