"""Airflow on this machine: the DAGs once, in one process, or all of Airflow with its pages.

    python -m newslake.airflow_run          ingest, refine, report; then what came out (`make run`)
    python -m newslake.airflow_run up       scheduler, pages, DAG processor, triggerer until Ctrl-C (`make up`)
    python -m newslake.airflow_run check    whether all DAG files can be read (`make check`)

Everything Airflow writes goes to one folder of our own: `NEWSLAKE_AIRFLOW_HOME`, else `.airflow` beside `dags/`. An
Airflow installed for something else is neither read nor written. Nothing listens beyond this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO
from urllib.error import URLError
from urllib.request import urlopen

from psutil import STATUS_ZOMBIE, NoSuchProcess, Process, process_iter

from newslake.config import PROJECT, home
from newslake.errors import NewslakeError, UsageError

CHAIN = (("ingest", "announce"), ("refine", "publish"), ("report", "write_pages"))
"""DAGs in the order in which assets start them, each with the task that hands on to the next."""

SQLITE_OPTIONS = {"timeout": 20}
"""Seconds to wait for another process's write."""

DEFAULT_PORT = 8080

START_SECONDS = 300
STOP_SECONDS = 20
"""How long a component may take to end by itself; tasks that still run are stopped with it, and are safe to repeat."""


class AirflowFailed(NewslakeError):
    """Airflow itself, or a task in it, failed; the message says which and where the log is."""


def airflow_home() -> Path:
    """The folder that holds Airflow's database, logs and secrets."""
    return Path(os.environ.get("NEWSLAKE_AIRFLOW_HOME") or PROJECT / ".airflow").expanduser().resolve()


def port() -> int:
    """The port of Airflow's pages: `NEWSLAKE_PORT`, else 8080. Tasks speak to the one after it.

    Raises:
        UsageError: it is not a port that everyone may open.
    """
    text = os.environ.get("NEWSLAKE_PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 1024 <= int(text) <= 65534:
        raise UsageError(f"NEWSLAKE_PORT={text}: must be a number from 1024 to 65534")
    return int(text)


def parallelism() -> int:
    """Tasks that may run at once: one a core, 2 to 4, since each holds a batch in memory."""
    return min(4, max(2, os.cpu_count() or 1))


def environment(folder: Path) -> dict[str, str]:
    """Airflow's settings, as environment variables.

    Args:
        folder: Airflow's home; secrets are generated there on first use, readable by their owner only.
    """
    base = f"http://127.0.0.1:{port()}"
    # Fernet takes keys of 32 bytes; SHA-512, which signs logins, wants 64.
    keys = _once(folder / "secrets.json", {"fernet": _key(32), "api": _key(64), "jwt": _key(64)})
    _once(folder / "passwords.json", {"admin": secrets.token_urlsafe(16)})
    settings: dict[str, dict[str, object]] = {
        "core": {
            "dags_folder": PROJECT / "dags",
            "plugins_folder": PROJECT / "plugins",
            "load_examples": False,
            "dags_are_paused_at_creation": False,
            "executor": "LocalExecutor",
            "parallelism": parallelism(),
            "fernet_key": keys["fernet"],
            "execution_api_server_url": f"http://127.0.0.1:{port() + 1}/execution/",
            "simple_auth_manager_users": "admin:admin",
            "simple_auth_manager_passwords_file": folder / "passwords.json",
        },
        "database": {
            "sql_alchemy_conn": f"sqlite:///{folder / 'airflow.db'}",
            "sql_alchemy_connect_args": "newslake.airflow_run.SQLITE_OPTIONS",
            "sql_alchemy_connect_args_async": "newslake.airflow_run.SQLITE_OPTIONS",
        },
        "api": {"host": "127.0.0.1", "port": port(), "base_url": base, "workers": 1, "secret_key": keys["api"]},
        "api_auth": {"jwt_secret": keys["jwt"]},
        "logging": {"base_log_folder": folder / "logs"},
        "usage_data_collection": {"enabled": False},
    }
    variables = {
        f"AIRFLOW__{section}__{key}".upper(): str(value)
        for section, entries in settings.items()
        for key, value in entries.items()
    }
    return {"AIRFLOW_HOME": str(folder), "NEWSLAKE_HOME": str(home().root), **variables}


def _key(size: int) -> str:
    return urlsafe_b64encode(secrets.token_bytes(size)).decode()


def _once(path: Path, content: dict[str, str]) -> dict[str, str]:
    """Writes the content unless the file exists, and returns what the file holds."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        existing: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return existing
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
    return content


def prepare() -> Path:
    """Makes Airflow's folder and sets its settings, before Airflow is first imported; returns the folder."""
    os.umask(0o077)
    folder = airflow_home()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ.update(environment(folder))
    return folder


def migrate(folder: Path) -> None:
    """Creates or upgrades Airflow's database, and the pool that bounds memory."""
    from airflow.models.pool import Pool
    from airflow.utils import db

    from airflow import __version__, settings

    settings.initialize()
    done = folder / f"database-{__version__}"
    if not (done.exists() and (folder / "airflow.db").exists()):
        db.initdb()
        done.touch()
    Pool.create_or_update_pool("memory", parallelism(), "batches in memory at once", include_deferred=False)


def _listen_for_failures() -> list[str]:
    """Returns a list that is empty now; each task that fails in this process adds a line to it."""
    from airflow.listeners import hookimpl
    from airflow.sdk.listener import get_listener_manager

    failures: list[str] = []

    class Listener:
        @hookimpl
        def on_task_instance_failed(self, task_instance: Any, error: object) -> None:
            message = str(error) if isinstance(error, NewslakeError) else repr(error)
            failures.append(f"{task_instance.dag_id}.{task_instance.task_id}: {message}")

    get_listener_manager().add_listener(Listener())
    return failures


def run() -> None:
    """Runs ingest, refine and report in this process, then prints what came out.

    Raises:
        AirflowFailed: a task failed; what it hands on, and the DAGs behind it, were not run.
    """
    folder = prepare()
    log = folder / "run.log"
    before = _newest_snapshot()
    with _output_to(log) as terminal:
        print("Starting Airflow ...", file=terminal)
        failures = _run_chain(folder, terminal)
    if failures:
        raise AirflowFailed("\n".join([*failures, f"The log is {log}"]))
    from newslake.cli import print_summary

    print_summary(is_new=_newest_snapshot() != before)


def _newest_snapshot() -> str | None:
    from newslake import config
    from newslake.lake.snapshots import newest

    snapshot = newest(config.home())
    return snapshot.name if snapshot else None


def _run_chain(folder: Path, terminal: TextIO) -> list[str]:
    """Runs the DAGs of the chain, telling each result, up to the first one that hands nothing on."""
    migrate(folder)
    dags, failures = read_dags(), _listen_for_failures()
    for dag_id, handing_task in CHAIN:
        started = time.monotonic()
        result = dags[dag_id].test()
        states = {ti.task_id: ti.state for ti in result.get_task_instances()}
        count = len(result.get_task_instances(state=["success"]))
        outcome = "nothing is new" if states[handing_task] == "skipped" else f"{count} tasks done"
        if result.state != "success":
            outcome = "FAILED"
            if not failures:
                failures.append(f"{dag_id}: failed")
        print(f"  {dag_id:8}{outcome}, {time.monotonic() - started:.1f} s", file=terminal)
        if states[handing_task] not in ("success", "skipped"):
            break
    return failures


def read_dags() -> dict[str, Any]:
    """All DAGs by name, without their deadlines.

    Raises:
        AirflowFailed: a file cannot be read as DAGs; the message holds its traceback.
    """
    from airflow.dag_processing.dagbag import BundleDagBag

    bag = BundleDagBag(dag_folder=PROJECT / "dags", bundle_path=PROJECT / "dags", bundle_name="dags-folder")
    if bag.import_errors:
        raise AirflowFailed("\n".join(f"{path}: {error}" for path, error in bag.import_errors.items()))
    for dag in bag.dags.values():
        # No scheduler looks at deadlines here, and `dag.test()` of Airflow 3.3.2 cannot write a run of a DAG that has one.
        dag.deadline = None
    return dict(bag.dags)


@contextmanager
def _output_to(log: Path) -> Iterator[TextIO]:
    """Sends everything this process prints to a file, also what other threads and libraries print; yields the terminal."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(descriptor) for descriptor in (1, 2)]
    with log.open("w", encoding="utf-8") as file, os.fdopen(os.dup(1), "w", 1, encoding="utf-8") as terminal:
        try:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            yield terminal
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, copy in zip((1, 2), saved, strict=True):
                os.dup2(copy, descriptor)
                os.close(copy)


def components() -> dict[str, list[str]]:
    """What `up` starts: a name for messages, and the arguments of `airflow`.

    Pages and tasks get a server each: when a page writes (who started which run), Airflow waits for SQLite in the
    server's event loop, and in one server that stops the very request of a task it waits for, until both time out.
    The log servers are left out: they listen on every address, and the pages read the same files from the disk.
    """
    return {
        "scheduler": ["scheduler", "--skip-serve-logs"],
        "dag-processor": ["dag-processor"],
        "api-server": ["api-server", "--apps", "core"],
        "execution-server": ["api-server", "--apps", "execution", "--port", str(port() + 1)],
        "triggerer": ["triggerer", "--skip-serve-logs"],
    }


def up() -> None:
    """Starts all of Airflow and waits until it is told to stop (Ctrl-C, SIGTERM) or a part of it ends.

    Raises:
        UsageError: the port is taken.
        AirflowFailed: a component ended by itself, or did not come up in time.
    """
    stop_requests: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Set, not inherited: a background job starts with SIGINT ignored, and could not be stopped cleanly.
        signal.signal(number, lambda received, _: stop_requests.append(received))
    folder = prepare()
    _check_port(port())
    _check_port(port() + 1)
    log = folder / "up.log"
    with _output_to(log) as terminal:
        print("Starting Airflow ...", file=terminal)
        migrate(folder)
        processes = {name: _start(arguments) for name, arguments in components().items()}
        try:
            _watch(processes, stop_requests, terminal, log)
        finally:
            print("Stopping Airflow ...", file=terminal)
            _stop(list(processes.values()))
        print("Stopped.", file=terminal)


def _check_port(number: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            raise UsageError(f"port {number} is taken: stop what uses it, or set NEWSLAKE_PORT") from None


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    """Starts a component in a session of its own: Ctrl-C reaches only us, and all it starts can be found again."""
    command = [sys.executable, "-m", "airflow", *arguments]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def _watch(
    processes: dict[str, subprocess.Popen[bytes]], stop_requests: list[int], terminal: TextIO, log: Path
) -> None:
    """Tells when Airflow is ready, and returns when it shall stop."""
    deadline = time.monotonic() + START_SECONDS
    is_ready = False
    while not stop_requests:
        for name, process in processes.items():
            if process.poll() is not None:
                raise AirflowFailed(f"{name} ended by itself with code {process.returncode}; see {log}")
        if not is_ready and _is_healthy():
            is_ready = True
            print(f"Airflow is ready: http://127.0.0.1:{port()}", file=terminal)
            print(f"  user admin, password in {airflow_home() / 'passwords.json'}; log {log}", file=terminal)
            print("  Ctrl-C stops it.", file=terminal)
        if not is_ready and time.monotonic() > deadline:
            raise AirflowFailed(f"Airflow did not come up within {START_SECONDS} s; see {log}")
        time.sleep(0.5)


def _is_healthy() -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port()}/api/v2/monitor/health", timeout=5) as answer:
            states = json.load(answer)
    except (URLError, OSError, ValueError):
        return False
    return all(states[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Asks all components to end, then ends by force whatever is left of their sessions."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and any(process.poll() is None for process in processes):
        time.sleep(0.1)
    for member in _members({process.pid for process in processes}):
        try:
            member.kill()
            member.wait(STOP_SECONDS)
        except NoSuchProcess:
            continue


def _members(sessions: set[int]) -> list[Process]:
    """Processes of these sessions: tasks have process groups of their own, but stay in their component's session."""
    members = []
    for process in process_iter():
        try:
            if os.getsid(process.pid) in sessions and process.status() != STATUS_ZOMBIE:
                members.append(process)
        except (ProcessLookupError, PermissionError, NoSuchProcess):
            continue
    return members


def check() -> None:
    """Reads all DAG files.

    Raises:
        AirflowFailed: a file cannot be read as DAGs.
    """
    with _output_to(prepare() / "check.log") as terminal:
        print(f"DAGs: {', '.join(sorted(read_dags()))}", file=terminal)


def main(arguments: list[str] | None = None) -> int:
    """Runs one of the commands; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m newslake.airflow_run", description=__doc__.splitlines()[0])
    parser.add_argument("command", nargs="?", choices=("run", "up", "check"), default="run")
    try:
        {"run": run, "up": up, "check": check}[parser.parse_args(arguments).command]()
    except NewslakeError as error:
        print(f"newslake: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
