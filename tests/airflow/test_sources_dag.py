"""The DAG `ingest` over web sources, run by Airflow's own scheduler: several task processes ask one host at once."""

from __future__ import annotations

import base64
import itertools
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from test_scheduler import Airflow, log_in

from acquire.server import Page, Reply, Request, Server, redirect
from newslake.config import Home
from newslake.lake import database, snapshots

pytestmark = pytest.mark.airflow

DELAY_SECONDS = 0.6
PAGES = {"harbour": 7, "library": 7, "members": 5}
"""Sources that can be read, and how many articles each has."""
REASONS = {"down": "server_error", "inward": "forbidden_address"}
"""Sources that cannot be read, and why."""
LOGIN, PASSWORD, TOKEN = "desk-reader", "pa55&word-of-the-desk", "token-of-the-desk-4711"
BASIC = base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
SECRETS = (PASSWORD, quote(PASSWORD), TOKEN, BASIC)
SOURCES = """\
contact: desk@newsroom.example
sources:
  - {{name: harbour, kind: feed, url: "{origin}/harbour/feed.xml", {common}}}
  - {{name: down, kind: feed, url: "{origin}/down/feed.xml", {common}}}
  - {{name: library, kind: sitemap, url: "{origin}/library/sitemap.xml", {common}}}
  - {{name: inward, kind: feed, url: "{origin}/inward/feed.xml", {common}}}
  - {{name: members, kind: feed, url: "{origin}/members/feed.xml", connection: members_site, {common}}}
"""
ARTICLE = """<html><head><title>{name}第{number}分馆开馆</title></head><body><h1>{name}第{number}分馆开馆</h1>
<p>2026-03-02 08:30 来源:河湾晚报</p><p>{name}第{number}分馆自下周起每天开放到晚上九点。读者可以在网上预约座位，也可以到服务台办理借书证。</p>
</body></html>"""


def for_members(reply: Reply) -> Page:
    """A page that only those see who send both the login and the token."""

    def answer(request: Request) -> Reply:
        sent = (request.headers.get("authorization"), request.headers.get("x-reader-token"))
        return reply if sent == (f"Basic {BASIC}", TOKEN) else Reply(b"who?", status=401)

    return answer


def fill(server: Server) -> None:
    for name, count in PAGES.items():
        pages = [f"/{name}/{number}.html" for number in range(count)]
        for number, path in enumerate(pages):
            server.add(
                path,
                ARTICLE.format(name={"harbour": "港口", "library": "图书", "members": "文化"}[name], number=number),
            )
        items = "".join(f"<item><title>x</title><link>{server.url(path)}</link></item>" for path in pages)
        places = "".join(f"<url><loc>{server.url(path)}</loc></url>" for path in pages)
        server.add(f"/{name}/feed.xml", f"<rss version='2.0'><channel>{items}</channel></rss>", content_type="text/xml")
        server.add(f"/{name}/sitemap.xml", f"<urlset>{places}</urlset>", content_type="application/xml")
    for path in [path for path in server.pages if path.startswith("/members/")]:
        server.pages[path] = for_members(server.pages[path])  # type: ignore[arg-type]
    server.pages["/down/feed.xml"] = Reply(b"in trouble", status=500)
    server.pages["/inward/feed.xml"] = redirect("http://169.254.169.254/latest/meta-data/")


@pytest.fixture
def site() -> Iterator[Server]:
    with Server() as server:
        fill(server)
        yield server


@pytest.fixture
def airflow(site: Server, environment: dict[str, str], tmp_path: Path) -> Iterator[Airflow]:
    common = f"allow_hosts: [127.0.0.1], delay_seconds: {DELAY_SECONDS}, schedule: '@monthly'"
    (tmp_path / "sources.yaml").write_text(SOURCES.format(origin=site.origin, common=common), encoding="utf-8")
    connection = {
        "conn_type": "http",
        "host": "127.0.0.1",
        "port": site.port,
        "login": LOGIN,
        "password": PASSWORD,
        "extra": {"headers": {"X-Reader-Token": TOKEN}},
    }
    more = {
        "NEWSLAKE_SOURCES": str(tmp_path / "sources.yaml"),
        "AIRFLOW_CONN_MEMBERS_SITE": json.dumps(connection),
    }
    started = Airflow({**environment, **more}, tmp_path)
    try:
        yield started
    finally:
        for process in [*started.processes(), started.process]:
            process.kill()
        started.process.wait()


class Api:
    """What Airflow's own API tells of runs and tasks."""

    def __init__(self, airflow: Airflow) -> None:
        self._airflow = airflow
        self._headers = {"Authorization": f"Bearer {log_in(airflow)}"}

    def get(self, path: str, body: dict[str, Any] | None = None) -> Any:
        status, answer = self._airflow.get(f"/api/v2/dags/{path}", self._headers, body)
        assert status == 200, answer
        return json.loads(answer)

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"{dag_id}/dagRuns")["dag_runs"]
        return found

    def are_done(self) -> bool:
        """Whether `ingest` has ended, and a `refine` that it started."""
        states = {run["state"] for run in self.runs("ingest")}
        return bool(states) and states <= {"success", "failed"} and self.states("refine") == {"success"}

    def states(self, dag_id: str) -> set[str]:
        return {run["state"] for run in self.runs(dag_id)}

    def tasks(self, run_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"ingest/dagRuns/{run_id}/taskInstances")["task_instances"]
        return found

    def log(self, run_id: str, map_index: int) -> str:
        return json.dumps(self.get(f"ingest/dagRuns/{run_id}/taskInstances/acquire/logs/1?map_index={map_index}"))


def check_tasks(api: Api) -> None:
    """Each source is a task with its name; those that failed say why, were not tried again, and kept nobody."""
    first = min(api.runs("ingest"), key=lambda run: run["start_date"])
    tasks = api.tasks(first["dag_run_id"])
    acquired = {task["rendered_map_index"]: task for task in tasks if task["task_id"] == "acquire"}
    assert {name: task["state"] for name, task in acquired.items()} == {
        **dict.fromkeys(PAGES, "success"),
        **dict.fromkeys(REASONS, "failed"),
    }
    assert {task["try_number"] for task in acquired.values()} == {1}
    others = {task["task_id"]: task["state"] for task in tasks if task["task_id"] != "acquire"}
    assert others == {"list_sources": "success", "announce": "success", "fail_if_a_source_failed": "failed"}
    assert first["state"] == "failed"
    for name, reason in REASONS.items():
        log = api.log(first["dag_run_id"], acquired[name]["map_index"])
        assert f"source {name}: " in log
        assert reason in log
    assert {run["run_type"] for run in api.runs("refine")} == {"asset_triggered"}


def check_lake(home: Path, site: Server) -> None:
    query = "SELECT split_part(url, '/', 4), count(*) FROM articles GROUP BY 1"
    with database.connect(snapshots.current(Home(home))) as connection:
        assert dict(connection.execute(query).fetchall()) == PAGES
        quarantined = "SELECT count(*) FROM quarantine"
        assert connection.execute(quarantined).fetchall() == [(0,)]
    seen = {entry.path: entry.headers.get("authorization") for entry in site.asked()}
    sent = {path for path, header in seen.items() if header}
    assert sent == {path for path in seen if path.startswith("/members/")}, "credentials went with another source"


def check_delay(site: Server) -> None:
    """The server's own log: one request at a time, and the pause between them, whoever asked."""
    entries = sorted(site.log, key=lambda entry: entry.started_at)
    gaps = [later.started_at - earlier.ended_at for earlier, later in itertools.pairwise(entries)]
    assert min(gaps) >= DELAY_SECONDS
    assert [entry.path for entry in entries].count("/robots.txt") == 1
    spans = {
        name: [number for number, entry in enumerate(entries) if entry.path.startswith(f"/{name}/")] for name in PAGES
    }
    together = [
        (one, other)
        for one, other in itertools.combinations(spans, 2)
        if max(spans[one][0], spans[other][0]) < min(spans[one][-1], spans[other][-1])
    ]
    assert together, f"no two sources were read at once: {spans}"


def test_web_sources_are_read_at_once_politely_and_each_for_itself(
    airflow: Airflow, site: Server, environment: dict[str, str], tmp_path: Path
) -> None:
    airflow.wait_for(lambda: "Airflow is ready" in airflow.said(), "readiness")
    api = Api(airflow)
    api.get("ingest/dagRuns", {"logical_date": None})
    airflow.wait_for(api.are_done, "refined sources")
    check_tasks(api)
    check_lake(Path(environment["NEWSLAKE_HOME"]), site)
    check_delay(site)
    assert airflow.stop(signal.SIGINT) == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len([path for path in files if path.suffix == ".log"]) > len(PAGES) + len(REASONS)
    assert [path for path in files for secret in SECRETS if secret.encode() in path.read_bytes()] == []
