"""Airflow's own web server with the page Lake, three users, and what they see of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from tests.report.conftest import EVIL as EVIL
from tests.report.conftest import write_documents

PATIENCE_SECONDS = 300
REFUSED = 25
FILL = """
import os
from pathlib import Path
from newslake import pipeline
from newslake.errors import BatchStopped
from newslake.sources import FilesSource
pipeline.run([FilesSource(name="daily", path=Path("articles"))])
pipeline.report()
try:
    pipeline.run([FilesSource(name="gazette", path=Path("gazette"))])
except BatchStopped as error:
    print(error)
"""
USERS = "admin:admin,uma:user,vera:viewer"
PREPARE = """
import json, os, sys
from newslake import airflow_run
folder = airflow_run.prepare()
os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] = sys.argv[1]
airflow_run.migrate(folder)
from airflow.__main__ import main
sys.argv = ["airflow", "dags", "reserialize"]
main()
print("\\n" + json.dumps({name: value for name, value in os.environ.items() if name.startswith("AIRFLOW")}))
"""


class Server:
    """A running server."""

    def __init__(self, address: str, passwords: dict[str, str]) -> None:
        self.address = address
        self.passwords = passwords

    def token(self, user: str) -> str:
        answer = httpx.post(
            f"{self.address}/auth/token", json={"username": user, "password": self.passwords[user]}, timeout=60
        )
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["access_token"]
        return token

    @contextmanager
    def visitor(self, user: str | None) -> Iterator[httpx.Client]:
        """A browser without scripts, logged in as a user."""
        cookies = {"_token": self.token(user)} if user else {}
        with httpx.Client(base_url=self.address, cookies=cookies, timeout=120) as client:
            yield client


def fill(folder: Path) -> None:
    """Documents and sources of a small, hostile lake; all of one source is refused."""
    write_documents(folder / "articles")
    lines = [json.dumps({"url": f"https://e.example/{number}", "title": EVIL, "text": ""}) for number in range(REFUSED)]
    (folder / "gazette").mkdir()
    (folder / "gazette" / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "sources.yaml").write_text(
        "sources:\n"
        "  - {name: daily, kind: files, path: articles, fresh_within_hours: 36}\n"
        "  - {name: gazette, kind: files, path: gazette}\n"
    )


@contextmanager
def served(environment: dict[str, str], folder: Path) -> Iterator[Server]:
    """Starts it; ends it afterwards."""
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PREPARE, USERS],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-3000:]
    settings: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    address = f"http://127.0.0.1:{environment['NEWSLAKE_PORT']}"
    log = folder / "server.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "airflow", "api-server", "--apps", "core"],
            env={**environment, **settings},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _is_up(address):
            assert process.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < deadline, log.read_text()[-3000:]
            time.sleep(0.5)
        passwords = json.loads((Path(settings["AIRFLOW_HOME"]) / "passwords.json").read_text())
        yield Server(address, passwords)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/api/v2/version", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
