"""Fetching over http and https: politely, within limits, and never inside our own network.

Nothing is believed of what a server sends. A whole answer comes back as `Answer`; everything else is a `FetchFailed`
with its reason and the bytes that came.
"""

from __future__ import annotations

import random
import re
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Self

from newslake.acquire import addresses, bodies, connection, networks
from newslake.acquire.addresses import Target
from newslake.acquire.answers import Answer, FetchFailed, Headers, is_field_value
from newslake.acquire.connection import Connection, Response, header
from newslake.acquire.credentials import Credentials
from newslake.acquire.hosts import Hosts, Turn
from newslake.acquire.robots import ROBOTS_BYTES, Robots

__all__ = ["Answer", "FetchFailed", "Fetcher"]

FETCH_SECONDS = 60.0
"""All time on the network for one address, with its redirects and repeats; waiting for a turn does not count."""
LOOK_UP_SECONDS = 15.0
"""Three times the patience that resolvers have with one name server."""
DOCUMENT_BYTES = 16 * 2**20
REDIRECTS_MOST = 5
TRIES = 3
PAUSE_SECONDS = 1.0
"""After the first failure; doubled after each further one, and varied by half so that processes do not keep step."""
CONNECTIONS_MOST = 8
REPEATED = frozenset({"server_error", "rate_limited", "connection_failed", "truncated_body", "malformed_response"})
"""Reasons for which the same request may work a moment later."""
WAITS = frozenset({"budget_exhausted", "rate_limited", "host_busy"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LATER = frozenset({408, 425})
"""Statuses of the 4xx that mean the moment, not the document."""
VALIDATOR_CHARACTERS = 1_000
"""A longer ETag is not sent back: servers refuse requests with large headers."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';,]+)", re.IGNORECASE)


@dataclass
class _Course:
    """One address on its way: what is left of its time, and what goes with each request."""

    conditions: Headers
    most: int
    seconds_left: float
    is_robots: bool = False
    attempt: int = 0
    redirects: int = 0


class Fetcher:
    """Fetches for one visit to a source. Not for several threads at once; for several processes, one each.

    Args:
        user_agent: with a contact, such as `newslake/0.4 (+mailto:desk@paper.example)`; what stands before the slash
            is the name that robots.txt is asked for.
        home_state: folder where what is known of hosts is kept for all processes.
        delay_seconds: between two requests to a host; a larger Crawl-delay wins.
        allow_hosts: names of hosts inside our network that may be asked all the same.
        max_bytes: of a document, on the wire and decompressed.
        deadline: end of the visit's budget on the monotonic clock; None: no end.
        credentials: of the source's connection, as `Credentials` takes them.
        fetch_seconds: network time for one address.
        pause_seconds: after a first failure, before it is tried again.
        resolve: looks names up.
        connect: opens a socket to a judged address.
        tls: how https is verified; as the system and certifi have it if not given.

    Attributes:
        notes: lines for the user, such as a Crawl-delay that was cut.

    Raises:
        ConfigError: credentials without a host, or hosts that are none.
    """

    def __init__(
        self,
        user_agent: str,
        home_state: Path,
        delay_seconds: float = 1.0,
        allow_hosts: Collection[str] = (),
        max_bytes: int = DOCUMENT_BYTES,
        deadline: float | None = None,
        credentials: Mapping[str, Any] | None = None,
        *,
        fetch_seconds: float = FETCH_SECONDS,
        pause_seconds: float = PAUSE_SECONDS,
        resolve: networks.Resolve = networks.resolve,
        connect: connection.Connect = connection.connect,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.notes: list[str] = []
        self._user_agent = user_agent
        self._delay_seconds = delay_seconds
        self._allow_hosts = frozenset(addresses.host_name(host) for host in allow_hosts)
        self._max_bytes = max_bytes
        self._deadline = deadline
        self._credentials = Credentials(credentials, self._allow_hosts)
        self._fetch_seconds = fetch_seconds
        self._pause_seconds = pause_seconds
        self._resolve = resolve
        self._connect = connect
        self._tls = tls
        self._hosts = Hosts(home_state / "hosts", deadline)
        product = user_agent.partition("/")[0].strip()
        self._robots = Robots(home_state / "robots", product, self._robots_txt, self.notes, deadline)
        self._connections: dict[str, Connection] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all connections kept open."""
        for kept in self._connections.values():
            kept.close()
        self._connections.clear()

    def get(
        self, url: str, etag: str | None = None, last_modified: str | None = None, max_bytes: int | None = None
    ) -> Answer:
        """Fetches an address.

        Args:
            url: http or https; what stands behind # is left out.
            etag: validator of the version that is there already, as it was sent.
            last_modified: the other validator.
            max_bytes: instead of the fetcher's.

        Raises:
            FetchFailed: there is no whole answer. 429 and 5xx are failures too; other 4xx are answers.
        """
        validators = (("If-None-Match", etag), ("If-Modified-Since", last_modified))
        conditions = tuple((name, value) for name, value in validators if value and _is_sent_back(value))
        most = self._max_bytes if max_bytes is None else max_bytes
        course = _Course(conditions, most, self._fetch_seconds)
        final, response = self._repeated(addresses.parse(url), course)
        media = response.header("content-type") or ""
        charset = _CHARSET.search(media)
        return Answer(
            url=url,
            final_url=final.url,
            status=response.status,
            headers=response.headers,
            content=response.content,
            fetched_at=datetime.now(UTC),
            content_type=media.partition(";")[0].strip().lower(),
            charset=charset[1].lower() if charset else None,
            etag=response.header("etag"),
            last_modified=response.header("last-modified"),
        )

    def _robots_txt(self, target: Target) -> tuple[int, bytes]:
        course = _Course((), ROBOTS_BYTES, self._fetch_seconds, is_robots=True)
        try:
            _, response = self._repeated(target, course)
        except FetchFailed as failure:
            if course.redirects and failure.reason not in WAITS | {"too_many_redirects"}:
                raise FetchFailed("unexpected_status", f"a redirect, and then {failure}", is_passing=True) from None
            raise
        return response.status, response.content

    def _repeated(self, target: Target, course: _Course) -> tuple[Target, Response]:
        """Tries again what may work a moment later; the pauses are the host's, and `Hosts` waits for them."""
        failed: FetchFailed | None = None
        while True:
            try:
                return self._followed(target, course)
            except FetchFailed as failure:
                if failed is not None and failure.status is None and failure.reason in WAITS:
                    raise failed from None
                course.attempt += 1
                if failure.reason not in REPEATED or course.attempt >= TRIES or course.seconds_left <= 0:
                    raise
                if failure.reason == "rate_limited" and failure.status is None:
                    raise
                failed = failure

    def _followed(self, target: Target, course: _Course) -> tuple[Target, Response]:
        seen: set[str] = set()
        course.redirects = 0
        while True:
            if target.url in seen or len(seen) > REDIRECTS_MOST:
                raise FetchFailed("too_many_redirects", f"{target.url[:200]} after {len(seen)}", is_passing=False)
            seen.add(target.url)
            delay = 0.0 if course.is_robots else self._robots.delay_seconds(target)
            response = self._asked(target, course, max(delay, self._delay_seconds))
            if response.status not in REDIRECTS or response.location is None:
                return target, response
            course.redirects += 1
            target = addresses.joined(target, response.location)

    def _asked(self, target: Target, course: _Course, delay: float) -> Response:
        """One request, in the host's turn."""
        with self._hosts.turn(target.host, delay) as turn:
            started = time.monotonic()
            end = started + course.seconds_left
            end = end if self._deadline is None else min(end, self._deadline)
            try:
                response = self._exchanged(target, course, end)
                _check_status(target, response, course)
                return _decoded(response, course, end)
            except FetchFailed as failure:
                self._hold(turn, failure, course.attempt)
                if failure.reason == "timeout" and self._deadline is not None and time.monotonic() >= self._deadline:
                    raise FetchFailed("budget_exhausted", failure.detail, True, failure.status) from None
                raise
            finally:
                course.seconds_left -= time.monotonic() - started

    def _hold(self, turn: Turn, failure: FetchFailed, attempt: int) -> None:
        if failure.reason in REPEATED or failure.reason == "timeout":
            pause = self._pause_seconds * 2**attempt * random.uniform(0.5, 1.5)
            turn.hold(max(pause, _retry_after(failure.headers)))

    def _exchanged(self, target: Target, course: _Course, deadline: float) -> Response:
        headers = self._headers(target, course)
        kept = self._connections.pop(target.origin, None)
        if kept is not None and not kept.is_fresh():
            kept.close()
        elif kept is not None:
            try:
                return self._keep(target, kept, kept.get(target.path, headers, course.most, deadline, course.is_robots))
            except FetchFailed as failure:
                # The server may close a connection kept open just when it is used: that is nobody's fault.
                if kept.has_received or failure.reason != "connection_failed":
                    raise
        seconds = min(deadline - time.monotonic(), LOOK_UP_SECONDS)
        found = networks.judged(target, self._resolve, self._allow_hosts, seconds)
        made = Connection(target, found, self._verifier(), deadline, self._connect)
        return self._keep(target, made, made.get(target.path, headers, course.most, deadline, course.is_robots))

    def _keep(self, target: Target, used: Connection, response: Response) -> Response:
        if used.is_open:
            self._connections[target.origin] = used
        while len(self._connections) > CONNECTIONS_MOST:
            self._connections.pop(next(iter(self._connections))).close()
        return response

    def _verifier(self) -> ssl.SSLContext:
        if self._tls is None:
            import certifi

            self._tls = ssl.create_default_context()
            self._tls.load_verify_locations(certifi.where())
        return self._tls

    def _headers(self, target: Target, course: _Course) -> Headers:
        return (
            ("Host", target.authority),
            ("User-Agent", self._user_agent),
            ("Accept", "*/*"),
            ("Accept-Encoding", bodies.ACCEPTED),
            *course.conditions,
            *self._credentials.headers(target),
        )


def _is_sent_back(validator: str) -> bool:
    return len(validator) <= VALIDATOR_CHARACTERS and is_field_value(validator)


def _check_status(target: Target, response: Response, course: _Course) -> None:
    """Raises where the status says that this is no answer about the document."""
    status = response.status
    reason = None
    if status == 429 or (status == 503 and response.header("retry-after")):
        reason = "rate_limited"
    elif status >= 500 or status in LATER:
        reason = "server_error"
    elif 200 < status < 400 and status != 203 and not (status in REDIRECTS and response.location is not None):
        reason = None if status == 304 and course.conditions else "unexpected_status"
    if reason is not None:
        detail = f"{target.url[:200]} answered with status {status}"
        raise FetchFailed(reason, detail, True, status, response.content, response.headers)


def _decoded(response: Response, course: _Course, deadline: float) -> Response:
    encodings = ", ".join(value for name, value in response.headers if name.lower() == "content-encoding")
    is_empty = response.status in REDIRECTS | {304} or header(response.headers, "content-length") == "0"
    if is_empty or not encodings:
        content = b"" if response.status == 304 else response.content
    else:
        try:
            content = bodies.decoded(response.content, encodings, course.most, course.is_robots, deadline)
        except FetchFailed as failure:
            if response.status >= 400:  # what matters is that the document is not there
                return response
            raise FetchFailed(
                failure.reason,
                failure.detail,
                failure.is_passing,
                response.status,
                response.content,
                response.headers,
            ) from None
    return Response(response.status, response.headers, content, response.is_cut, response.location)


def _retry_after(headers: Headers) -> float:
    """Seconds that a server wants to be left alone for; 0 where it does not say so in a way that can be read."""
    value = (header(headers, "retry-after") or "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max((until - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return 0.0
