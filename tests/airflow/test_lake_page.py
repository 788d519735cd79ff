from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.airflow

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"

VISIT = """
import json, sys
from newslake import airflow_run
airflow_run.prepare()
sys.path.insert(0, sys.argv[1])
import lake_page
built_on_import = lake_page.build_app.cache_info().currsize
from fastapi.testclient import TestClient
closed = TestClient(lake_page.serve)
answers = {"closed": {path: closed.get(path).status_code for path in ("/", "/reports/index.html", "/docs", "/openapi.json")}}
from airflow.api_fastapi.core_api.security import get_user
lake_page.build_app().dependency_overrides[get_user] = lambda: None
for path in sys.argv[2:]:
    answer = closed.get(path)
    answers[path] = [answer.status_code, answer.text, dict(answer.headers)]
print(json.dumps({"built_on_import": built_on_import, **answers}))
"""


@pytest.fixture
def visit(run_python: Any) -> Any:
    def run(*paths: str) -> dict[str, Any]:
        result = run_python("-W", "ignore", "-c", VISIT, str(PLUGINS), *paths)
        assert result.returncode == 0, result.stderr[-3000:]
        answers: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
        return answers

    return run


def test_without_a_lake_the_page_says_what_to_do(visit: Any) -> None:
    answers = visit("/")
    status, text, _ = answers["/"]
    assert status == 200
    assert "There is no lake yet" in text
    assert answers["built_on_import"] == 0


def test_the_page_is_closed_and_escapes_what_it_shows(visit: Any, environment: dict[str, str]) -> None:
    home = Path(environment["NEWSLAKE_HOME"])
    current = home / "lake" / "current"
    current.mkdir(parents=True)
    tables = {
        "articles": {"version": 3, "rows": 12345, "files": [{}, {}]},
        "<script>alert(1)</script>": {"version": 0, "rows": 0, "files": []},
    }
    manifest = {"snapshot": "000042", "created_at": "2026-01-02T03:04:05+00:00", "tables": tables}
    (current / "manifest.json").write_text(json.dumps(manifest))
    (home / "reports").mkdir()
    (home / "reports" / "index.html").write_text("<p>the report</p>")
    (home / "secret.txt").write_text("secret")

    answers = visit(
        "/", "/reports/index.html", "/reports/missing.html", "/reports/..%2Fsecret.txt", "/reports/%2Fetc%2Fpasswd"
    )

    assert set(answers["closed"].values()) <= {401, 404}
    assert answers["closed"]["/"] == answers["closed"]["/reports/index.html"] == 401
    status, text, headers = answers["/"]
    assert status == 200
    assert "000042" in text
    assert "2026-01-02T03:04:05+00:00" in text
    assert "12,345" in text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert 'href="reports/index.html"' in text
    assert headers["content-security-policy"].startswith("default-src 'none'")
    status, text, headers = answers["/reports/index.html"]
    assert (status, text) == (200, "<p>the report</p>")
    assert headers["content-security-policy"].startswith("default-src 'none'")
    for path in ("/reports/missing.html", "/reports/..%2Fsecret.txt", "/reports/%2Fetc%2Fpasswd"):
        assert answers[path][0] == 404, path
