"""What docker-compose.yaml needs from this machine; runs with any Python 3.11 and later, without anything installed.

python -m newslake.deploy secrets [--profiles celery,s3]     writes .env with new secrets (`make secrets`)
python -m newslake.deploy health PART                        whether a part of Airflow is alive (health checks)
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from base64 import urlsafe_b64encode
from collections.abc import Collection
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from newslake.errors import NewslakeError, UsageError

PROFILES = ("celery", "s3")
"""Profiles of docker-compose.yaml: workers with a queue; an object store."""
SECRETS = ("API_SECRET_KEY", "JWT_SECRET", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "ADMIN_PASSWORD")
PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
"""What Airflow's own health page knows of."""
ANSWER_SECONDS = 10


class Unhealthy(NewslakeError):
    """A part of Airflow does not run, or has not told for long that it does."""


def settings(profiles: Collection[str]) -> dict[str, str]:
    """What docker-compose.yaml reads from `.env`: secrets, new ones at every call, and what the profiles need.

    Args:
        profiles: those of PROFILES that are to run.
    """
    # Fernet takes keys of 32 bytes. The others stand in addresses, so they have letters, digits, - and _ only.
    values = {"FERNET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode()}
    values |= {name: secrets.token_urlsafe(48) for name in SECRETS}
    if profiles:
        values["COMPOSE_PROFILES"] = ",".join(profiles)
    values["EXECUTOR"] = "CeleryExecutor" if "celery" in profiles else "LocalExecutor"
    if "s3" in profiles:
        values |= {
            "NEWSLAKE_LAKE": "s3://lake/news",
            "AWS_ENDPOINT_URL": "http://s3:8333",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": secrets.token_hex(10),
            "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
        }
    return values


def write_settings(path: Path, profiles: Collection[str]) -> None:
    """Writes a new `.env`, which only its owner may read.

    Raises:
        UsageError: there is one, whose secrets may be in use.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(
            f"{path}: there is one already, and what is stored was written with its secrets; "
            "change single lines of it, or remove it together with the volumes"
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("# Made by `make secrets`. Belongs into your backups, and nowhere else: see docs/deploy.md.\n")
        file.writelines(f"{name}={value}\n" for name, value in settings(profiles).items())


def _profiles(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    if unknown := sorted(set(names) - set(PROFILES)):
        raise UsageError(f"no profile {', '.join(unknown)}; there are: {', '.join(PROFILES)}")
    return names


def check_health(part: str) -> None:
    """Asks the API server, which costs less than starting Airflow to look into its database.

    Raises:
        Unhealthy: the part, or the API server itself, does not run.
    """
    base = os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].partition("/execution")[0]
    try:
        with urlopen(f"{base}/api/v2/monitor/health", timeout=ANSWER_SECONDS) as answer:
            status = json.load(answer)[part]["status"]
    except (URLError, OSError, ValueError) as error:
        raise Unhealthy(f"{base}: {error}") from None
    if status != "healthy":
        raise Unhealthy(f"{part}: {status or 'not there'}")


def main(arguments: list[str] | None = None) -> int:
    """Runs one of the commands; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m newslake.deploy", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("secrets", help="write .env with new secrets")
    writing.add_argument("--profiles", default="", metavar="celery,s3", help="what is to run besides Airflow")
    writing.add_argument("--output", type=Path, default=Path(".env"), help="[default: .env]")
    commands.add_parser("health", help="whether a part of Airflow is alive").add_argument("part", choices=PARTS)
    options = parser.parse_args(arguments)
    try:
        if options.command == "health":
            check_health(options.part)
        else:
            write_settings(options.output, _profiles(options.profiles))
            print(f"{options.output}: written; the password of the user admin is ADMIN_PASSWORD in it")
    except NewslakeError as error:
        print(f"newslake: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
