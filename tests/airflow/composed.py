"""docker-compose.yaml as an engine reads it: merged, with its variables filled in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE = PROJECT / "docker-compose.yaml"
DOCKERFILE = PROJECT / "Dockerfile"
VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})")
"""`$$`, `${NAME}`, `${NAME:-default}` and `${NAME:?message}`: what the file uses of the syntax, and no more."""


class MissingVariable(Exception):
    """An engine would refuse to start anything."""


def settings(path: Path) -> dict[str, str]:
    """The variables of an `.env` file."""
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def filled(value: Any, variables: Mapping[str, str]) -> Any:
    """A value of the file with its variables filled in, however deep they stand."""

    def replace(match: re.Match[str]) -> str:
        name, kind, text = match.groups()
        if name is None:
            return "$"
        if given := variables.get(name):
            return given
        if kind == "?":
            raise MissingVariable(f"{name}: {text}")
        return text or ""

    if isinstance(value, dict):
        return {key: filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, variables) for item in value]
    return VARIABLE.sub(replace, value) if isinstance(value, str) else value


def services(variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """All services; entries of `environment` without a value have that of the variable, or are left out."""
    found: dict[str, dict[str, Any]] = filled(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")), variables)[
        "services"
    ]
    for service in found.values():
        entries = service.get("environment", {}).items()
        given = ((name, variables.get(name) if value is None else value) for name, value in entries)
        service["environment"] = {name: value for name, value in given if value is not None}
    return found


def active(found: Mapping[str, Mapping[str, Any]], profiles: Collection[str]) -> list[str]:
    """Names of the services that these profiles start, each after those it depends on."""
    wanted = [name for name, service in found.items() if set(service.get("profiles", profiles)) & set(profiles)]
    wanted += [name for name, service in found.items() if "profiles" not in service and name not in wanted]
    ordered: list[str] = []

    def add(names: Iterable[str]) -> None:
        for name in names:
            if name in wanted and name not in ordered:
                add(found[name].get("depends_on", {}))
                ordered.append(name)

    add(wanted)
    return ordered


def image_environment() -> dict[str, str]:
    """What the Dockerfile's ENV sets."""
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line.removeprefix("ENV ") for line in text.splitlines() if line.startswith("ENV "))
    return dict(word.split("=", 1) for line in lines for word in line.split())
