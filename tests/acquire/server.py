"""A real HTTP server on loopback that logs every request, and misbehaves where a test wants it to.

with Server() as server:
    server.add("/a.html", "<p>…</p>")                       # ETag, Last-Modified and 304 come by themselves
    server.pages["/b.html"] = Reply(status=500)
    server.pages["/c.html"] = in_turn(Reply(status=500), Reply(content=b"fine"))
    server.pages["/d.html"] = raw(b"HTTP/1.1 200 OK\r\n\r\n", 0.5, b"late")   # bytes and pauses, then closed
    Fetcher(…, allow_hosts=["127.0.0.1"]).get(server.url("/a.html"))
    server.log                                              # [Request(started_at, ended_at, path, headers)]
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class Request:
    """A line of the server's log; times are seconds since 1970, by the server's clock."""

    started_at: float
    path: str
    headers: dict[str, str]
    connection: int
    ended_at: float = 0.0
    status: int = 0


@dataclass
class Reply:
    """What a page answers.

    Attributes:
        is_conditional: sends ETag and Last-Modified, and 304 to whoever has them.
        parts: instead of all else: bytes sent as they are, and numbers, the seconds to wait between them; after
            them the connection is closed.
    """

    content: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    is_conditional: bool = False
    last_modified: str | None = None
    parts: Callable[[], Iterable[bytes | float]] | None = None

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


Page = Reply | Callable[[Request], Reply]


@dataclass
class Server:
    """Serves `pages` (path with query → reply) on `host`; any other path is a 404."""

    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    pages: dict[str, Page] = field(default_factory=dict)
    log: list[Request] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    connections: int = 0

    def __enter__(self) -> Self:
        self._http = _Http((self.host, self.port), self)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._http.server_close()

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def url(self, path: str) -> str:
        return self.origin + path

    def add(self, path: str, content: str | bytes, **settings: Any) -> Reply:
        """A page with validators."""
        data = content.encode() if isinstance(content, str) else content
        self.pages[path] = reply = Reply(data, is_conditional=True, **settings)
        return reply

    def robots(self, text: str, **settings: Any) -> None:
        self.pages["/robots.txt"] = Reply(text.encode(), content_type="text/plain", **settings)

    def asked(self, path: str | None = None) -> list[Request]:
        """The log's requests for a path; without one, for all but robots.txt."""
        return [entry for entry in self.log if (entry.path == path if path else entry.path != "/robots.txt")]


def in_turn(*replies: Reply) -> Callable[[Request], Reply]:
    """One after the other; the last again and again."""
    rest = list(replies)
    lock = threading.Lock()

    def answer(_: Request) -> Reply:
        with lock:
            return rest.pop(0) if len(rest) > 1 else rest[0]

    return answer


def raw(*parts: bytes | float) -> Reply:
    """Bytes as they are, and pauses in seconds."""
    return Reply(parts=lambda: parts)


def endless(first: bytes, part: bytes, pause: float = 0.0) -> Reply:
    """Something, and then the same again until nobody listens."""

    def parts() -> Iterable[bytes | float]:
        yield first
        while True:
            yield part
            yield pause

    return Reply(parts=parts)


def redirect(place: str, status: int = 302) -> Reply:
    return Reply(status=status, headers=(("Location", place),))


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], owner: Server) -> None:
        self.owner = owner
        self.sockets: set[socket.socket] = set()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Without the look-up of its own name that http.server does."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.settimeout(30)
        if self.owner.tls:
            connection = self.owner.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.owner.connections += 1
        self.sockets.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.sockets.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what many tests are about."""

    def hang_up(self) -> None:
        for connection in list(self.sockets):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def do_GET(self) -> None:
        owner = self.server.owner
        entry = Request(time.time(), self.path, {k.lower(): v for k, v in self.headers.items()}, id(self.connection))
        owner.log.append(entry)
        page = owner.pages.get(self.path, Reply(b"not here", status=404))
        reply = page if isinstance(page, Reply) else page(entry)
        try:
            if reply.parts:
                self._send_parts(reply.parts())
            else:
                self._send(reply, entry)
        finally:
            entry.ended_at = entry.ended_at or time.time()

    def _send(self, reply: Reply, entry: Request) -> None:
        headers = list(reply.headers)
        status, content = reply.status, reply.content
        if reply.is_conditional:
            headers.append(("ETag", reply.etag))
            if reply.last_modified:
                headers.append(("Last-Modified", reply.last_modified))
            if _is_unchanged(reply, entry.headers):
                status, content = 304, b""
        entry.status = status
        names = {name.lower() for name, _ in headers}
        if status != 304:
            headers += [("Content-Type", reply.content_type)] * ("content-type" not in names)
            headers += [("Content-Length", str(len(content)))] * ("content-length" not in names)
        lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers)]
        entry.ended_at = time.time()  # before the client knows, who may be faster than this thread
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("utf-8") + content)

    def _send_parts(self, parts: Iterable[bytes | float]) -> None:
        self.close_connection = True
        for part in parts:
            if isinstance(part, bytes):
                self.wfile.write(part)
            elif self.server.owner.stopped.wait(part):
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr: the log is `Server.log`."""


def _is_unchanged(reply: Reply, headers: dict[str, str]) -> bool:
    if "if-none-match" in headers:
        return headers["if-none-match"] == reply.etag
    return reply.last_modified is not None and headers.get("if-modified-since") == reply.last_modified
