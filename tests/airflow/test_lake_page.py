"""The pages "Lake", in Airflow's own server: who may see and do what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from page_server import EVIL, Server

pytestmark = pytest.mark.airflow

PAGES = ("/lake/", "/lake/validation", "/lake/quarantine", "/lake/query", "/lake/style.css")


def form(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the first form that leads there."""
    found = re.search(rf'<form[^>]* action="{action}">(.*?)</form>', page, re.DOTALL)
    assert found, page
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', found[1]))


def runs(server: Server, dag_id: str) -> list[dict[str, Any]]:
    with server.visitor("admin") as admin:
        found: list[dict[str, Any]] = admin.get(f"/api/v2/dags/{dag_id}/dagRuns").json()["dag_runs"]
        return found


@pytest.mark.parametrize("path", [*PAGES, "/lake/reports/index.html", "/lake/docs", "/lake/openapi.json", "/lake/no"])
def test_without_a_login_nothing_is_shown(server: Server, path: str) -> None:
    with server.visitor(None) as stranger:
        assert stranger.get(path).status_code == 401
        for method in ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
            status = stranger.request(method, path).status_code
            assert status == 401 or (status == 405 and path.startswith("/lake/reports/")), method
        shown = stranger.get(path, headers={"Accept": "text/html"})
        assert shown.status_code == 401
        assert "Log in first" in shown.text
        assert "gazette" not in shown.text
        for action in ("replay", "release", "query"):
            assert stranger.post(f"/lake/{action}", data={"sql": "FROM articles"}).status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_a_strict_policy(server: Server, path: str) -> None:
    with server.visitor("vera") as viewer:
        answer = viewer.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "<script" not in answer.text
        if path != "/lake/style.css":
            assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
        assert viewer.get("/lake/no").status_code == 404


def test_the_overview_tells_how_the_lake_is(server: Server) -> None:
    with server.visitor("vera") as viewer:
        page = viewer.get("/lake/").text
    assert "Snapshot <b>000001</b>" in page
    assert re.search(r'>articles</a></th><td class="form-number">\d+</td>', page)
    assert re.search(r'<th scope="row">daily</th>\s*<td class="short"><span class="passed">fresh</span>', page)
    assert "<b>1</b><span>alert</span>" in page
    assert "A batch was stopped: too much is refused" in page
    assert 'href="reports/index.html"' in page


def test_the_validation_page_shows_the_last_one_and_each_other(server: Server) -> None:
    with server.visitor("vera") as viewer:
        page = viewer.get("/lake/validation").text
        assert "stopped, nothing was published" in page
        assert "25 of 25 documents are refused" in page
        first = re.findall(r'href="(validation\?run=[^"]+)"', page)[-1]
        older = viewer.get(f"/lake/{first}").text
        assert "published</span>" in older
        assert re.search(r"articles\.\w+</th><td><span class=\"passed\">passed", older)
        assert "No validation of this run is kept" in viewer.get("/lake/validation?caller=manual__1").text
        answer = viewer.get("/lake/reports/validation/validations/x/y.html")
        assert (answer.status_code, answer.headers["location"]) == (307, "../../../../validation")


def test_a_viewer_can_neither_replay_nor_release(server: Server) -> None:
    with server.visitor("uma") as user:
        page = user.get("/lake/quarantine").text
        fields = {"replay": form(page, "replay"), "release": form(page, "release")}
    with server.visitor("vera") as viewer:
        page = viewer.get("/lake/quarantine").text
        assert "<form" not in page
        own = form(viewer.get("/lake/query").text, "query")["token"]
        for action, given in fields.items():
            for token in (given["token"], own):
                assert viewer.post(f"/lake/{action}", data={**given, "token": token}).status_code == 403
    assert runs(server, "replay") == runs(server, "refine") == []


def test_buttons_work_only_from_the_users_own_page(server: Server) -> None:
    with server.visitor("uma") as user:
        fields = form(user.get("/lake/quarantine").text, "replay")
        assert user.get("/lake/replay").status_code in (404, 405)
        assert user.post("/lake/replay", data={**fields, "token": ""}).status_code == 403
        assert user.post("/lake/replay", data={"reason": fields["reason"]}).status_code == 403
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
            assert user.post("/lake/replay", data=fields, headers=headers).status_code == 403, headers
        assert user.post("/lake/replay", data={**fields, "x": "x" * 200_000}).status_code == 413
    with server.visitor("admin") as other:
        assert other.post("/lake/replay", data=fields).status_code == 403
    assert runs(server, "replay") == []


def test_what_is_refused_is_told_as_a_page(server: Server) -> None:
    with server.visitor("vera") as viewer:
        answer = viewer.post("/lake/replay", headers={"Accept": "text/html"})
        assert (answer.status_code, "Not allowed" in answer.text) == (403, True)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        answer = viewer.get("/lake/<script>", headers={"Accept": "text/html"})
        assert (answer.status_code, "Not found" in answer.text, "<script" in answer.text) == (404, True, False)


def test_behind_a_proxy_forms_come_from_the_address_that_visitors_use(server: Server) -> None:
    """The proxy asks for 127.0.0.1 under another name; `base_url` has the visitors' one."""
    with server.visitor("vera") as viewer:
        token = form(viewer.get("/lake/query").text, "query")["token"]
        fields = {"token": token, "sql": "SELECT 42"}
        inner = {"Host": "airflow-api-server:8080"}
        given = {**inner, "Origin": server.address}
        assert viewer.post("/lake/query", data=fields, headers=given).status_code == 200
        given = {**inner, "Origin": "https://evil.example"}
        assert viewer.post("/lake/query", data=fields, headers=given).status_code == 403


def test_a_user_replays_and_releases_and_airflow_keeps_account(server: Server) -> None:
    with server.visitor("uma") as user:
        page = user.get("/lake/quarantine").text
        replay, release = form(page, "replay"), form(page, "release")
        assert release["source"] == "gazette"
        answers = [
            user.post("/lake/replay", data=replay, headers={"Origin": server.address}),
            user.post("/lake/release", data=release),
        ]
        assert [answer.status_code for answer in answers] == [303, 303], answers[0].text
        shown = user.get(httpx.URL(f"{server.address}/lake/replay").join(answers[0].headers["location"])).text
    (replayed,) = runs(server, "replay")
    assert (replayed["conf"], replayed["triggering_user_name"]) == ({"reason": replay["reason"]}, "uma")
    assert replayed["dag_run_id"] in shown
    (released,) = runs(server, "refine")
    assert (released["conf"], released["triggering_user_name"]) == ({"accept_refusals": ["gazette"]}, "uma")
    with server.visitor("admin") as admin:
        logged = admin.get("/api/v2/eventLogs", params={"event": "trigger_dag_run"}).json()["event_logs"]
    assert {(one["dag_id"], one["owner"]) for one in logged if one["owner"] == "uma"} == {
        ("replay", "uma"),
        ("refine", "uma"),
    }


def test_what_was_refused_is_listed_and_escaped(server: Server) -> None:
    with server.visitor("vera") as viewer:
        page = viewer.get("/lake/quarantine").text
        reason = re.findall(r'href="quarantine\?reason=(\w+)#documents"', page)[0]
        page = viewer.get("/lake/quarantine", params={"reason": reason, "started": EVIL}).text
        assert f"Documents: {reason}" in page
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        page = viewer.get("/lake/quarantine", params={"reason": "x' OR 1=1"}).text
        assert "nothing was refused with reason" in page


def test_queries_are_limited_and_their_answers_escaped(server: Server) -> None:
    with server.visitor("vera") as viewer:
        token = form(viewer.get("/lake/query").text, "query")["token"]

        def ask(sql: str) -> str:
            answer = viewer.post("/lake/query", data={"token": token, "sql": sql})
            assert answer.status_code == 200, answer.text
            assert "<script" not in answer.text
            return answer.text

        assert "&lt;script&gt;" in ask("SELECT title FROM articles")
        assert "\u202e" not in ask("SELECT title FROM articles")
        assert "<td>42</td><td>–</td>" in ask("SELECT 42 AS a, NULL AS b")
        assert "The first 200 rows; there are more" in ask("FROM range(1000)")
        assert "the lake can be read, not changed" in ask("CREATE TABLE t (a INT)")
        assert "file system operations are disabled" in ask("FROM read_csv('/etc/passwd')")
        assert "ask one at a time" in ask("SELECT 1; SELECT 2")
        assert "the query is empty" in ask("")
        page = ask("SELECT repeat('长', 100_000) AS a, * FROM range(10_000) t(b), (SELECT repeat('<', 100_000))")
        assert len(page.encode()) < 2_000_000
        assert "there are more" in page
        asked = viewer.get("/lake/query", params={"sql": "</textarea><script>alert(1)</script>"}).text
        assert "&lt;/textarea&gt;&lt;script&gt;" in asked
        assert '<section id="answer"' not in asked, "a link shows a query, it does not run it"
        assert "needs more than 1,000 MB" in ask("SELECT list(i) FROM range(1_000_000_000) t(i)")
        assert "does not exist" in ask("SELECT getenv('AIRFLOW__API__SECRET_KEY')")


def test_the_report_runs_no_scripts_but_its_own(server: Server, server_home: Path) -> None:
    (server_home / "data" / "secret.txt").write_text("secret")
    with server.visitor("vera") as viewer:
        answer = viewer.get("/lake/reports/index.html")
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts ")
        assert f"script-src {server.address}/lake/reports/assets/;" in answer.headers["content-security-policy"]
        for path in ("missing.html", "..%2Fsecret.txt", "%2Fetc%2Fpasswd"):
            assert viewer.get(f"/lake/reports/{path}").status_code == 404, path
