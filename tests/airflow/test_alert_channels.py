"""Alerts against a real mail server and real webhooks: one a fault, none where nothing is the matter, no secret told.

What is the matter and when it is over stands in tests/test_alerts.py.
"""

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
SECRET = "T0-B1-w3bh00kS3cr3t"
LAND = """
from newslake import pipeline
pipeline.run(pipeline.enabled_sources())
"""
TELL = """
import json, logging
from newslake import airflow_run
from newslake.errors import NewslakeError
airflow_run.prepare()
logging.basicConfig(level=logging.INFO)
from newslake import airflow_alerts
try:
    print(json.dumps(airflow_alerts.tell()))
except (NewslakeError, ConnectionError) as error:
    print(json.dumps(f"{type(error).__name__}: {error}"))
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
        self.posts: dict[str, list[dict[str, str]]] = {f"/slack/{SECRET}": [], f"/hook/{SECRET}": []}
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
        self.slack, self.hook = self.posts.values()
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    started = Hooks()
    yield started
    started.server.shutdown()
    started.server.server_close()


class Watch:
    """Alerts of a home of its own, with all three connections."""

    def __init__(self, run_python: Any, folder: Path, port: int, hooks: Hooks) -> None:
        self.run_python = run_python
        (folder / "in").mkdir()
        self.sources = folder / "sources.yaml"
        self.sources.write_text("sources:\n  - {name: gazette, kind: files, path: in}\n")
        smtp = {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": port,
            "extra": {"to": "team@example.org", "disable_ssl": True, "disable_tls": True},
        }
        self.settings = {
            "DAGS": str(HERE.parents[1] / "dags"),
            "NEWSLAKE_SOURCES": str(self.sources),
            "AIRFLOW_CONN_NEWSLAKE_SMTP": json.dumps(smtp),
            "AIRFLOW_CONN_NEWSLAKE_SLACK": json.dumps(
                {"conn_type": "http", "password": f"{hooks.address}/slack/{SECRET}"}
            ),
            "AIRFLOW_CONN_NEWSLAKE_WEBHOOK": json.dumps(
                {"conn_type": "http", "password": f"{hooks.address}/hook/{SECRET}"}
            ),
        }

    def run(self, *arguments: str) -> Any:
        """Runs Python; what it printed last. Nothing that it says holds a secret."""
        result = self.run_python("-W", "ignore", *arguments, **self.settings)
        assert result.returncode == 0, result.stderr[-3000:]
        assert SECRET not in result.stdout + result.stderr
        return json.loads(result.stdout.splitlines()[-1]) if result.stdout.strip() else None

    def land(self) -> None:
        self.run("-c", LAND)

    def tell(self) -> Any:
        """What a round gave, or its error, without the DAG around it."""
        return self.run("-c", TELL)

    def dag(self, count: int = 1) -> Any:
        """Runs of the DAG."""
        return self.run(str(HERE / "run_watch.py"), str(count))


@pytest.fixture
def watch(run_python: Any, tmp_path: Path, mail: tuple[Mailbox, int], hooks: Hooks) -> Watch:
    return Watch(run_python, tmp_path, mail[1], hooks)


def shown(message: Any) -> str:
    """The body of a mail."""
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/html"]
    content: str = part.get_content()
    return content


def write(path: Path, numbers: range, **more: str) -> None:
    lines = (
        json.dumps({"url": f"https://e.example/{number}", "text": TEXT.format(number) * 2, **more}, ensure_ascii=False)
        for number in numbers
    )
    path.write_text("\n".join(lines), encoding="utf-8")


def test_drift_fires_once_and_a_clean_run_never(
    watch: Watch, tmp_path: Path, mail: tuple[Mailbox, int], hooks: Hooks, environment: dict[str, str]
) -> None:
    same = {"title": "图书馆延长开放", "published_at": "2024-03-05"}
    write(tmp_path / "in" / "a.jsonl", range(KNOWN), **same)
    watch.land()
    write(tmp_path / "in" / "b.jsonl", range(KNOWN, KNOWN + NEW), **same)
    watch.land()
    assert watch.dag() == {"states": ["success"], "said": []}
    assert mail[0].messages == hooks.slack == hooks.hook == []

    write(tmp_path / "in" / "c.jsonl", range(1000, 1000 + NEW), title="图书馆延长开放 <!channel> {{ 1 + 1 }}")
    watch.land()
    assert watch.dag(2) == {"states": ["success"] * 2, "said": []}
    (message,) = mail[0].messages
    assert message["To"] == "team@example.org"
    assert message["Subject"] == "newslake: Articles of source gazette are not like before"
    assert "published_date is missing in 100% of 30 new articles, usually in 0%" in shown(message)
    assert "What to do:" in shown(message)
    (told,) = hooks.hook
    assert (told["kind"], told["key"]) == ("drift", "drift:gazette:published_date")
    (slack,) = hooks.slack
    assert "published_date is missing" in slack["text"]
    for path in Path(environment["NEWSLAKE_AIRFLOW_HOME"]).rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_a_channel_that_fails_is_told_later_and_the_others_once(
    watch: Watch, mail: tuple[Mailbox, int], hooks: Hooks
) -> None:
    watch.sources.write_text("sources:\n  - {name: gazette, kind: files, path: missing}\n")
    watch.land()
    hooks.failures = 1
    # The task is tried again, as on any error of the network.
    assert watch.dag(2)["states"] == ["success"] * 2
    assert hooks.failures == 0
    assert len(mail[0].messages) == len(hooks.slack) == len(hooks.hook) == 1
    assert hooks.hook[0]["kind"] == "failed_visit"


def test_what_is_wrong_with_a_channel_is_said_and_the_others_are_told(
    watch: Watch, mail: tuple[Mailbox, int], hooks: Hooks
) -> None:
    watch.sources.write_text("sources:\n  - {name: gazette, kind: files, path: missing}\n")
    watch.land()
    whole = dict(watch.settings)
    smtp = json.loads(whole["AIRFLOW_CONN_NEWSLAKE_SMTP"])
    watch.settings["AIRFLOW_CONN_NEWSLAKE_SMTP"] = json.dumps({**smtp, "extra": {}})
    watch.settings["AIRFLOW_CONN_NEWSLAKE_SLACK"] = f'{{"conn_type": "http", "password": "{hooks.address}/{SECRET}'
    said = watch.tell()
    assert said.startswith("ConfigError: not all alerts were sent")
    assert 'newslake_smtp: say in its extra to whom: {"to": "team@example.org"}' in said
    assert "AIRFLOW_CONN_NEWSLAKE_SLACK: neither a connection's JSON nor its URI" in said
    assert len(hooks.hook) == 1

    watch.settings = {**whole, "AIRFLOW_CONN_NEWSLAKE_SMTP": json.dumps({**smtp, "port": 1})}
    hooks.failures = 1
    said = watch.tell()
    assert said.startswith("ConnectionError: not all alerts were sent, the next run tries again: newslake_smtp: ")
    assert "newslake_slack: it answered with status 500" in said
    watch.settings = whole
    assert watch.tell() == {"newslake_smtp": 1, "newslake_slack": 1, "newslake_webhook": 0}
    assert (len(mail[0].messages), len(hooks.slack), len(hooks.hook)) == (1, 1, 1)


def test_markup_is_text_in_each_channel(watch: Watch, mail: tuple[Mailbox, int], hooks: Hooks) -> None:
    hostile = "<img src=x onerror=alert(1)>\u202e<!channel>&amp; {% raw %}"
    watch.sources.write_text(
        "sources:\n  - " + json.dumps({"name": "gazette", "kind": "files", "path": hostile}, ensure_ascii=True) + "\n"
    )
    watch.land()
    assert set(watch.tell().values()) == {1}
    text = shown(mail[0].messages[0])
    assert "&lt;img src=x onerror=alert(1)&gt;\ufffd&lt;!channel&gt;&amp;amp; {% raw %}" in text
    assert "<img" not in text
    assert "&lt;!channel&gt;" in hooks.slack[0]["text"]
    assert not {"<", ">", "\u202e"} & set(hooks.slack[0]["text"])
    assert hostile in hooks.hook[0]["detail"], "JSON is told what was seen"
