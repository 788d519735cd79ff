"""Credentials and endpoints, outside of Airflow: from AIRFLOW_CONN_<NAME>, in the two forms that Airflow knows."""

from __future__ import annotations

import json
import os
from typing import Any, TypedDict
from urllib.parse import parse_qsl, unquote, urlsplit

from newslake.errors import ConfigError
from newslake.sources.kinds import Source


class Connection(TypedDict):
    """What an Airflow connection holds. It is handed on, and never printed, logged or stored."""

    type: str | None
    host: str | None
    port: int | None
    schema: str | None
    login: str | None
    password: str | None
    extra: dict[str, Any]


def variable(name: str) -> str:
    """The environment variable of a connection.

    >>> variable("news_bucket")
    'AIRFLOW_CONN_NEWS_BUCKET'
    """
    return f"AIRFLOW_CONN_{name.upper()}"


def about(name: str) -> str:
    """A connection and where it is set, for messages.

    >>> about("store")
    "connection 'store' (outside of Airflow: AIRFLOW_CONN_STORE)"
    """
    return f"connection {name!r} (outside of Airflow: {variable(name)})"


def of_source(source: Source) -> Connection | None:
    """The connection that a source names, if it names one.

    Raises:
        ConfigError: see `from_environment`.
    """
    name = getattr(source, "connection", None)
    return from_environment(name) if name else None


def from_environment(name: str) -> Connection:
    """The connection of that name.

    Raises:
        ConfigError: it is not set, or in neither form; the message holds nothing of its value.
    """
    value = os.environ.get(variable(name), "").strip()
    if not value:
        raise ConfigError(
            f"connection {name!r} is not set: outside of Airflow, put it into the environment variable {variable(name)}; "
            "see docs/sources.md#connections"
        )
    # Errors of parsing quote what they could not parse, hence `from None`.
    try:
        return _from_json(value) if value.startswith("{") else _from_uri(value)
    except _WrongType as wrong:
        raise ConfigError(f'{variable(name)}: `{wrong}` must be a text, in quotes: {{"{wrong}": "…"}}') from None
    except (ValueError, RecursionError):
        raise ConfigError(
            f'{variable(name)}: neither JSON such as {{"login": "…", "password": "…"}} nor an address such as '
            "https://login:password@host; see docs/sources.md#connections"
        ) from None


class _WrongType(ValueError):
    """Names a field that is no text."""


def _from_json(value: str) -> Connection:
    fields = json.loads(value)
    for name in ("conn_type", "host", "schema", "login", "password"):
        if not isinstance(fields.get(name), str | None):
            raise _WrongType(name)
    port = fields.get("port")
    return {
        "type": fields.get("conn_type"),
        "host": fields.get("host"),
        "port": int(str(port)) if port is not None else None,
        "schema": fields.get("schema"),
        "login": fields.get("login"),
        "password": fields.get("password"),
        "extra": _extra(fields.get("extra") or {}),
    }


def _extra(value: Any) -> dict[str, Any]:
    extra = json.loads(value) if isinstance(value, str) else value
    if not isinstance(extra, dict):
        raise ValueError("extra is no mapping")
    return extra


def _from_uri(value: str) -> Connection:
    kind, mark, rest = value.partition("://")
    if not mark:
        raise ValueError("no scheme")
    # Airflow writes the scheme of the host behind that of the connection: http://https://login:password@host.
    protocol, mark, behind = rest.partition("://")
    if mark and protocol.isalnum():
        rest = behind
    parts = urlsplit(f"//{rest}")
    host = _decoded(parts.hostname)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    return {
        "type": kind.replace("-", "_"),
        "host": f"{protocol}://{host}" if mark and host else host,
        "port": parts.port,
        "schema": _decoded(parts.path.removeprefix("/")),
        "login": _decoded(parts.username),
        "password": _decoded(parts.password),
        "extra": _extra(given.get("__extra__", given)),
    }


def _decoded(part: str | None) -> str | None:
    return unquote(part) if part else None
