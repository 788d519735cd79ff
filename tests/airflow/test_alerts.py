"""The DAG `watch` against a real mail server and real webhooks: one alert a fault, none where nothing is the matter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller

pytestmark = pytest.mark.airflow
HERE = Path(__file__).parent
KNOWN, NEW = 120, 30
TEXT = "市图书馆第{}号分馆自下周起每天开放到晚上九点，读者可以在一楼服务台办理借书证，周末也不休息。"
LAND = """
import sys
from newslake import pipeline
pipeline.run(pipeline.enabled_sources())
"""


class Mailbox:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mail() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


class Hooks:
    """Keeps what is posted, by path; answers 500 as often as it is told."""

    def __init__(self) -> None:
        self.posts: dict[str, list[dict[str, str]]] = {"/slack": [], "/hook": []}
        self.failures = 0
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                is_failing = hooks.failures > 0
                hooks.failures -= is_failing
                if not is_failing:
                    hooks.posts[self.path].append(body)
                self.send_response(500 if is_failing else 200)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    started = Hooks()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
def watch(run_python: Any, tmp_path: Path, mail: tuple[Mailbox, int], hooks: Hooks) -> Any:
    """Runs the DAG with all three connections."""
    (tmp_path / "in").mkdir()
    (tmp_path / "sources.yaml").write_text("sources:\n  - {name: gazette, kind: files, path: in}\n")
    smtp = {
        "conn_type": "smtp",
        "host": "127.0.0.1",
        "port": mail[1],
        "extra": {"to": "team@example.org", "disable_ssl": True, "disable_tls": True},
    }
    settings = {
        "DAGS": str(HERE.parents[1] / "dags"),
        "NEWSLAKE_SOURCES": str(tmp_path / "sources.yaml"),
        "AIRFLOW_CONN_NEWSLAKE_SMTP": json.dumps(smtp),
        "AIRFLOW_CONN_NEWSLAKE_SLACK": json.dumps({"conn_type": "http", "password": f"{hooks.address}/slack"}),
        "AIRFLOW_CONN_NEWSLAKE_WEBHOOK": json.dumps({"conn_type": "http", "password": f"{hooks.address}/hook"}),
    }

    def run(count: int = 1) -> dict[str, Any]:
        result = run_python("-W", "ignore", str(HERE / "run_watch.py"), str(count), **settings)
        assert result.returncode == 0, result.stderr[-3000:]
        answer: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
        return answer

    def land() -> None:
        result = run_python("-W", "ignore", "-c", LAND, NEWSLAKE_SOURCES=settings["NEWSLAKE_SOURCES"])
        assert result.returncode == 0, result.stderr[-3000:]

    run.land = land  # type: ignore[attr-defined]
    return run


def write(path: Path, numbers: range, **more: str) -> None:
    lines = (
        json.dumps({"url": f"https://e.example/{number}", "text": TEXT.format(number) * 2, **more}, ensure_ascii=False)
        for number in numbers
    )
    path.write_text("\n".join(lines), encoding="utf-8")


def test_drift_fires_once_and_a_clean_run_never(
    watch: Any, tmp_path: Path, mail: tuple[Mailbox, int], hooks: Hooks
) -> None:
    same = {"title": "图书馆延长开放", "published_at": "2024-03-05"}
    write(tmp_path / "in" / "a.jsonl", range(KNOWN), **same)
    watch.land()
    write(tmp_path / "in" / "b.jsonl", range(KNOWN, KNOWN + NEW), **same)
    watch.land()
    assert watch() == {"states": ["success"], "said": []}
    assert mail[0].messages == hooks.posts["/slack"] == hooks.posts["/hook"] == []

    write(tmp_path / "in" / "c.jsonl", range(1000, 1000 + NEW), title="图书馆延长开放 <!channel> {{ 1 + 1 }}")
    watch.land()
    assert watch(2) == {"states": ["success"] * 2, "said": []}
    (message,) = mail[0].messages
    assert message["To"] == "team@example.org"
    assert message["Subject"] == "newslake: Articles of source gazette are not like before"
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/html"]
    assert "published_date is missing in 100% of 30 new articles, usually in 0%" in part.get_content()
    assert "What to do: " in part.get_content()
    (told,) = hooks.posts["/hook"]
    assert (told["kind"], told["key"]) == ("drift", "drift:000003:gazette")
    (slack,) = hooks.posts["/slack"]
    assert "published_date is missing" in slack["text"]


def test_a_channel_that_fails_is_told_later_and_the_others_once(
    watch: Any, tmp_path: Path, mail: tuple[Mailbox, int], hooks: Hooks
) -> None:
    (tmp_path / "sources.yaml").write_text("sources:\n  - {name: gazette, kind: files, path: missing}\n")
    watch.land()
    hooks.failures = 1
    # The task is tried again, as on any error of the network.
    assert watch(2)["states"] == ["success"] * 2
    assert hooks.failures == 0
    assert len(mail[0].messages) == len(hooks.posts["/slack"]) == len(hooks.posts["/hook"]) == 1
    assert hooks.posts["/hook"][0]["kind"] == "failed_visit"
