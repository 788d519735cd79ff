"""What identifies us to one host and port, and goes nowhere else."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from typing import Any

from newslake.acquire.addresses import DEFAULT_PORTS, Target, host_and_port
from newslake.acquire.answers import FetchFailed, Headers
from newslake.errors import ConfigError


class Credentials:
    """Headers made from an Airflow connection.

    Args:
        connection: `host`, `port`, `login`, `password` and `extra` (`{"headers": {name: value}}`); None or empty: none. A
            password without a login is a bearer token. Without a port, that of https or http is meant.
        allow_hosts: hosts inside our network; to them, credentials go over http too.

    Raises:
        ConfigError: there are credentials but no host they are for, or a header cannot be sent.
    """

    def __init__(self, connection: Mapping[str, Any] | None, allow_hosts: Collection[str] = ()) -> None:
        connection = connection or {}
        self._allow_hosts = allow_hosts
        self._headers = _headers(connection)
        host = connection.get("host")
        if self._headers and not host:
            raise ConfigError("the connection names no host: state the one that its credentials are for")
        self._host: str | None = None
        self._port: int | None = None
        if host:
            self._host, self._port = host_and_port(str(host))
        if port := connection.get("port"):
            if not str(port).isdecimal():
                raise ConfigError("the connection's port is no number")
            self._port = int(port)

    def headers(self, target: Target) -> Headers:
        """Those to send to a host; none for any other, nor for another port of it.

        Raises:
            FetchFailed: `insecure_credentials`: they would go unencrypted.
        """
        if target.host != self._host or not self._headers:
            return ()
        if target.port != (self._port or DEFAULT_PORTS[target.scheme]):
            return ()
        if target.scheme != "https" and target.host not in self._allow_hosts:
            detail = f"{target.origin}: the connection's credentials are not sent unencrypted; use https"
            raise FetchFailed("insecure_credentials", detail, is_passing=False)
        return self._headers


def _headers(connection: Mapping[str, Any]) -> Headers:
    login, password = connection.get("login"), connection.get("password")
    found: list[tuple[str, str]] = []
    if login:
        pair = f"{login}:{password or ''}".encode()
        found.append(("Authorization", f"Basic {base64.b64encode(pair).decode('ascii')}"))
    elif password:
        found.append(("Authorization", f"Bearer {password}"))
    extra = connection.get("extra")
    more = (extra.get("headers") if isinstance(extra, Mapping) else None) or {}
    if not isinstance(more, Mapping):
        raise ConfigError('the connection\'s extra `headers` must be a mapping: {"headers": {"NAME": "VALUE"}}')
    found += [(str(name), str(value)) for name, value in more.items()]
    for name, value in found:
        # Said without the value: it is a secret.
        if not (name.isascii() and name.replace("-", "").isalnum() and value.isascii() and value.isprintable()):
            raise ConfigError(f"the connection's header {name[:40]!r} cannot be sent: it is not printable ASCII")
    return tuple(found)
