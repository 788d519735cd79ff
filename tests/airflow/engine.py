"""The part of a container engine: runs the services of docker-compose.yaml as processes of this machine.

What is run is what the file says: commands, settings, dependencies, health checks, and a database, a queue and workers of
their own. What is missing is the isolation: hosts are ports of 127.0.0.1, and folders of a container are folders below
one of ours. `docker`, written into `bin/` there, takes the commands of docs/deploy.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import IO

import composed
import psutil

POSTGRES = Path("/usr/lib/postgresql")
START_SECONDS = 300
STOP_SECONDS = 60
HOME = "/opt/airflow"
REQUIREMENT = re.compile(r"^([\w.-]+)==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)


class NotStarted(Exception):
    """A service ended, or did not become healthy in time."""


def missing_programs() -> list[str]:
    """Programs that the services need and that this machine has not."""
    return [name for name in ("postgres", "redis-server", "redis-cli", "setpriv") if not program(name)]


def program(name: str) -> str | None:
    """Where a program is; Debian keeps those of the database's server out of PATH."""
    folders = sorted(POSTGRES.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ["PATH"]]))


class Engine:
    """Services, their ports and their processes, in a folder that every call can begin with.

    Args:
        folder: holds `.env`, and `ports.json`: service → port, of all that listen.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports: dict[str, int] = json.loads((folder / "ports.json").read_text())
        variables = composed.settings(folder / ".env")
        self.services = composed.services({**variables, "NEWSLAKE_PORT": str(self.ports["api-server"])})
        profiles = [name for name in variables.get("COMPOSE_PROFILES", "").split(",") if name]
        self.order = composed.active(self.services, profiles)
        overrides = folder / "overrides.json"
        self.overrides: dict[str, str] = json.loads(overrides.read_text()) if overrides.exists() else {}
        self.hosts = {
            "@postgres:5432/": f"@127.0.0.1:{self.ports['postgres']}/",
            "@redis:6379/": f"@127.0.0.1:{self.ports['redis']}/",
            "//api-server:8080/": f"//127.0.0.1:{self.ports['api-server']}/",
        }

    def root(self, service: str) -> Path:
        """What stands for `/` in a service's containers; those of one image share it, as they share their volumes."""
        return self.folder / ("airflow" if "build" in self.services[service] else service)

    def here(self, service: str, text: str) -> str:
        """A command or a setting, with the hosts and folders that it has on this machine."""
        for name, address in self.hosts.items():
            text = text.replace(name, address)
        mounts = [entry.split(":")[1] for entry in self.services[service].get("volumes", ())]
        places = sorted({HOME, *mounts, *self.services[service].get("tmpfs", ())}, key=len, reverse=True)
        pattern = rf"(?<![\w./-])({'|'.join(map(re.escape, places))})(?![\w-])"
        return re.sub(pattern, lambda match: f"{self.root(service)}{match[1]}", text)

    def environment(self, service: str, name: str) -> dict[str, str]:
        """What a process of a service sees; nothing of this process's settings."""
        programs = [str(Path(sys.executable).parent), str(Path(program("postgres") or "/").parent), os.environ["PATH"]]
        image = composed.image_environment() if "build" in self.services[service] else {}
        values = {**image, **self.services[service]["environment"]}
        native = {
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.ports["api-server"]),
            "HOME": str(self.root(service)),
            "HOSTNAME": name,
            "NO_PROXY": "127.0.0.1",
            "PATH": os.pathsep.join(programs),
            "PGHOST": str(self.folder / "postgres"),
            "PGPORT": str(self.ports["postgres"]),
            "PYTHONPATH": str(composed.PROJECT / "include"),
        }
        return {**{key: self.here(service, str(value)) for key, value in values.items()}, **native, **self.overrides}

    def words(self, service: str, command: str | Sequence[str]) -> list[str]:
        """A command as its words, as they are on this machine."""
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        port = f"redis-cli -p {self.ports.get('redis')}"
        return [self.here(service, word).replace("redis-cli", port) for word in words]

    def start(self, service: str, name: str) -> None:
        """Starts a container of a service; one that runs is left alone."""
        if self.is_running(name):
            return
        self._prepare(service)
        if service == "postgres":
            command = self._postgres()
        else:
            definition = self.services[service]
            command = self.words(service, [*definition.get("entrypoint", ()), *definition["command"]])
            if service == "redis":
                command[-1] = f"{command[-1].rstrip()} --port {self.ports['redis']} --bind 127.0.0.1"
            if service == "worker":
                command += ["--celery-hostname", f"celery@{name}"]
        with (self.folder / f"{name}.log").open("ab") as output:
            process = subprocess.Popen(
                command,
                env=self.environment(service, name),
                cwd=self.root(service) / HOME.lstrip("/") if "build" in self.services[service] else self.root(service),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        (self.folder / f"{name}.pid").write_text(str(process.pid))
        if service == "init" and process.wait():
            raise NotStarted(f"init: exit code {process.returncode}\n{self.log('init')}")

    def _prepare(self, service: str) -> None:
        root = self.root(service)
        for entry in self.services[service].get("volumes", ()):
            source, target = entry.split(":")[:2]
            if not source.startswith("."):
                (root / target.lstrip("/")).mkdir(parents=True, exist_ok=True, mode=0o755)
        for target in self.services[service].get("tmpfs", ()):
            (root / target.lstrip("/")).mkdir(parents=True, exist_ok=True, mode=0o700)
        if "build" in self.services[service]:
            for part in ("dags", "include", "plugins", "seeds"):
                link = root / HOME.lstrip("/") / part
                if not link.is_symlink():
                    link.symlink_to(composed.PROJECT / part)
        root.mkdir(exist_ok=True)

    def _postgres(self) -> list[str]:
        """The server, as the image's entrypoint starts it: first makes the user and the database of its settings."""
        values = self.services["postgres"]["environment"]
        root = self.root("postgres")
        data = root / "data"
        as_user = (
            ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.getuid() == 0 else []
        )
        if not data.exists():
            password = root / "password"
            password.write_text(values["POSTGRES_PASSWORD"])
            if as_user:
                shutil.chown(root, "postgres")
                shutil.chown(password, "postgres")
            user, given = values["POSTGRES_USER"], f"--pwfile={password}"
            initdb = [program("initdb"), "--pgdata", data, "--username", user, given, "--auth-host", "scram-sha-256"]
            self._call([*as_user, *map(str, initdb), "--auth-local", "trust", "--no-sync", "--encoding", "UTF8"])
            password.unlink()
            single = [*as_user, program("postgres"), "--single", "-D", str(data), "postgres"]
            self._call([str(word) for word in single], f"CREATE DATABASE {values['POSTGRES_DB']}\n")
        options = ["-D", data, "-h", "127.0.0.1", "-p", self.ports["postgres"], "-k", root]
        return [str(word) for word in [*as_user, program("postgres"), *options]]

    def _call(self, command: Sequence[str], given: str = "") -> None:
        result = subprocess.run(command, input=given, capture_output=True, text=True, cwd="/", check=False)
        if result.returncode:
            raise NotStarted(f"{command}: {result.stdout}{result.stderr}")

    def log(self, name: str) -> str:
        """The end of what a container has printed."""
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace")[-6000:] if path.exists() else ""

    def containers(self, services: Iterable[str]) -> list[tuple[str, str]]:
        """(service, name of a container) in the order in which they start."""
        found = []
        for service in services:
            count = self.services[service].get("deploy", {}).get("replicas", 1)
            found += [(service, service if count == 1 else f"{service}-{number + 1}") for number in range(count)]
        return found

    def up(self, services: Sequence[str] = ()) -> None:
        """Starts services and what they depend on, each when those are healthy; waits until all are."""
        for service, name in self.containers([name for name in self.order if not services or name in services]):
            for other in self.services[service].get("depends_on", {}):
                for _, waited_for in self.containers([other] if other in self.order else []):
                    self.wait_until_healthy(other, waited_for)
            self.start(service, name)
        for service, name in self.containers(services or self.order):
            self.wait_until_healthy(service, name)

    def wait_until_healthy(self, service: str, name: str) -> None:
        """Asks the service's own health check, again and again.

        Raises:
            NotStarted: it ended, or did not become healthy.
        """
        check = self.services[service]["healthcheck"].get("test")
        deadline = time.monotonic() + START_SECONDS
        while check and self.check(service, name):
            if not self.is_running(name) or time.monotonic() > deadline:
                raise NotStarted(f"{name} is not healthy\n{self.log(name)}")
            time.sleep(0.5)

    def check(self, service: str, name: str) -> int:
        """The exit code of the service's health check; 0 is healthy."""
        test = self.services[service]["healthcheck"]["test"]
        words = self.words(service, test[1:] if test[0] == "CMD" else test[1])
        environment = self.environment(service, name)
        return subprocess.run(words, env=environment, cwd=self.folder, capture_output=True, check=False).returncode

    def is_running(self, name: str) -> bool:
        """Whether a container's first process is there."""
        path = self.folder / f"{name}.pid"
        try:
            return psutil.Process(int(path.read_text())).status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, psutil.NoSuchProcess):
            return False

    def processes(self, name: str) -> list[psutil.Process]:
        """All processes of a container: they stay in the session of the first."""
        path = self.folder / f"{name}.pid"
        session = int(path.read_text()) if path.exists() else -1
        found = []
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (ProcessLookupError, psutil.NoSuchProcess):
                continue
        return found

    def kill(self, name: str) -> None:
        """Ends a container as a power cut does."""
        while processes := self.processes(name):
            for process in processes:
                try:
                    process.kill()
                    process.wait(10)
                except (psutil.NoSuchProcess, psutil.TimeoutExpired):
                    continue

    def stop(self, services: Sequence[str] = ()) -> None:
        """Asks containers to end, the last started first, and ends by force what does not."""
        for _, name in reversed(self.containers([name for name in self.order if not services or name in services])):
            if self.is_running(name):
                process = psutil.Process(int((self.folder / f"{name}.pid").read_text()))
                process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
                psutil.wait_procs([process], timeout=STOP_SECONDS)
            self.kill(name)

    def call(self, service: str, command: Sequence[str], input: IO[bytes] | None = None) -> int:
        """Runs a command in a container, or in a new one of the same service; gives its exit code."""
        words = self.words(service, command)
        self._prepare(service)
        folder = self.root(service) / HOME.lstrip("/") if "build" in self.services[service] else self.root(service)
        return subprocess.run(
            words, env=self.environment(service, service), cwd=folder, stdin=input, check=False
        ).returncode

    def build(self) -> None:
        """An image cannot be built here; what it would hold is: this environment, when it has what the image gets.

        Raises:
            NotStarted: the environment has another version of a requirement.
        """
        text = (composed.PROJECT / "requirements.txt").read_text(encoding="utf-8")
        wrong = [
            f"{name} {version(name)}"
            for name, pin, marker in REQUIREMENT.findall(text)
            if not marker and version(name) != pin
        ]
        if wrong:
            raise NotStarted(f"not as in requirements.txt: {', '.join(wrong)}")


def main(arguments: list[str]) -> int:
    """`docker compose …`, as far as docs/deploy.md uses it; anything else is refused."""
    engine = Engine(Path(os.environ["NEWSLAKE_ENGINE"]))
    parser = argparse.ArgumentParser(prog="docker compose")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build").add_argument("--pull", action="store_true")
    up = commands.add_parser("up")
    up.add_argument("--build", action="store_true")
    up.add_argument("--detach", action="store_true", required=True)
    up.add_argument("--wait", action="store_true", required=True)
    for one in (up, commands.add_parser("stop")):
        one.add_argument("services", nargs="*", choices=[[], *engine.order])
    commands.add_parser("ps")
    for name in ("exec", "run"):
        one = commands.add_parser(name)
        one.add_argument("--no-TTY", "-T", action="store_true")
        if name == "run":
            one.add_argument("--rm", action="store_true", required=True)
            one.add_argument("--no-deps", action="store_true", required=True)
        one.add_argument("service", choices=engine.order)
        one.add_argument("words", nargs=argparse.REMAINDER)
    if arguments[:1] != ["compose"]:
        parser.error(f"not known: docker {' '.join(arguments)}")
    options = parser.parse_args(arguments[1:])
    actions: Mapping[str, Callable[[], int | None]] = {
        "build": engine.build,
        "up": lambda: engine.up(options.services),
        "stop": lambda: engine.stop(options.services),
        "ps": lambda: print(
            *(name for _, name in engine.containers(engine.order) if engine.is_running(name)), sep="\n"
        ),
        "exec": lambda: engine.call(options.service, options.words),
        "run": lambda: engine.call(options.service, options.words),
    }
    try:
        return actions[options.command]() or 0
    except NotStarted as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
