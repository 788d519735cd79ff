"""One connection to a host: HTTP/1.1 by h11, every read under a deadline, every size under a limit."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

import h11

from newslake.acquire.addresses import Target
from newslake.acquire.answers import FetchFailed, Headers

Connect = Callable[[str, int, float], socket.socket]
"""(address, port, seconds) → a socket."""

CONNECT_SECONDS = 10.0
"""For each address of a host."""
IDLE_SECONDS = 20.0
"""A server that sends nothing for so long has forgotten us."""
HEAD_BYTES = 64 * 2**10
"""Status line and headers of one response; browsers take more, news sites send less than 8 kB."""
HEADERS_MOST = 500
READ_BYTES = 64 * 2**10
LATE_SECONDS = 0.5
"""Before a connection is used again, the server was silent for so long: what comes late would be the next answer."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came over the wire.

    Attributes:
        content: the body without chunking, still compressed; the first `most` bytes of it where `is_cut`.
        location: the bytes of that header, since servers write addresses in whatever charset.
    """

    status: int
    headers: Headers
    content: bytes
    is_cut: bool
    location: bytes | None

    def header(self, name: str) -> str | None:
        """The first value of a header, if it was sent."""
        return header(self.headers, name)


def header(headers: Headers, name: str) -> str | None:
    """The first value of a header, if it is there."""
    return next((value for key, value in headers if key.lower() == name), None)


def connect(address: str, port: int, seconds: float) -> socket.socket:
    """A socket to an address that was judged before."""
    return socket.create_connection((address, port), timeout=seconds)


class Connection:
    """An open connection; not to be used again once `is_open` is false.

    Args:
        target: the host.
        addresses: its judged addresses; they are tried in their order.
        tls: how to verify https.
        deadline: monotonic end of connecting.
        connect: opens the socket.

    Raises:
        FetchFailed: `connection_failed`, `tls_failed`, `timeout`.
    """

    def __init__(
        self, target: Target, addresses: list[str], tls: ssl.SSLContext, deadline: float, connect: Connect = connect
    ) -> None:
        self.is_open = True
        self.is_used = False
        self._origin = target.origin
        self._socket = _opened(target, addresses, deadline, connect)
        if target.scheme == "https":
            self._socket = _wrapped(self._socket, target, tls, deadline)
        self._http = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self._received = 0
        self._used_at = 0.0
        self._has_ended = False

    def close(self) -> None:
        """Ends it; harmless when it is closed."""
        self.is_open = False
        self._socket.close()

    def is_fresh(self) -> bool:
        """Whether the server has neither closed it nor sent what nobody asked for, and had time to."""
        if not self.is_open or time.monotonic() - self._used_at < LATE_SECONDS:
            return False
        self._socket.settimeout(0)
        try:
            self._socket.recv(1, 0 if isinstance(self._socket, ssl.SSLSocket) else socket.MSG_PEEK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def get(self, path: str, headers: Headers, most: int, deadline: float, may_cut: bool = False) -> Response:
        """Asks for a path.

        Args:
            path: with its query, percent-encoded.
            headers: all of them, Host too.
            most: bytes of the body on the wire.
            deadline: on the monotonic clock, for all of it.
            may_cut: take the first `most` bytes of a larger body instead of refusing it.

        Raises:
            FetchFailed: `connection_failed` (with `is_used` and nothing received: the server had closed a connection
                kept open), `timeout`, `malformed_response`, `truncated_body`, `too_large`, `unsendable_request`.
        """
        self._received = 0
        status: int | None = None
        found: Headers = ()
        content = bytearray()
        try:
            self._send(path, headers, deadline)
            head = self._head(deadline)
            status, found = head.status_code, _pairs(head)
            if len(found) > HEADERS_MOST:
                raise FetchFailed("malformed_response", f"{self._origin} sent {len(found)} headers", is_passing=True)
            _check_declared(found, most, may_cut)
            is_cut = self._body(content, most, deadline, may_cut)
            self._finish(content, is_cut)
        except FetchFailed as failure:
            self.close()
            raise FetchFailed(
                failure.reason, failure.detail, failure.is_passing, status, bytes(content), found
            ) from None
        location = next((value for name, value in head.headers if name == b"location"), None)
        return Response(head.status_code, found, bytes(content), is_cut, location)

    @property
    def has_received(self) -> bool:
        """Whether anything of the current response came."""
        return self._received > 0

    def _send(self, path: str, headers: Headers, deadline: float) -> None:
        try:
            request = h11.Request(method="GET", target=path, headers=_encoded(headers))
            data = (self._http.send(request) or b"") + (self._http.send(h11.EndOfMessage()) or b"")
        except (h11.LocalProtocolError, UnicodeEncodeError):
            # Said without the value: it may be a secret.
            detail = f"{self._origin}: the request for {path[:200]!r} has a header or a path that HTTP does not allow"
            raise FetchFailed("unsendable_request", detail, is_passing=False) from None
        try:
            self._socket.settimeout(_seconds(deadline))
            self._socket.sendall(data)
        except TimeoutError:
            raise self._late() from None
        except OSError as error:
            raise FetchFailed("connection_failed", f"{self._origin}: {error}", is_passing=True) from None

    def _head(self, deadline: float) -> h11.Response:
        while True:
            event = self._event(deadline)
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse) or self._received > 2 * HEAD_BYTES:
                raise FetchFailed("malformed_response", f"{self._origin} sent no proper response", is_passing=True)

    def _body(self, content: bytearray, most: int, deadline: float, may_cut: bool) -> bool:
        """Fills `content`; gives whether more would have come."""
        while isinstance(event := self._event(deadline), h11.Data):
            content += event.data
            # Chunks may carry more beside the body than in it.
            if len(content) > most or self._received > 2 * most + 4 * HEAD_BYTES:
                del content[most:]
                if may_cut:
                    return True
                raise FetchFailed("too_large", f"{self._origin}: a body of over {most} bytes", is_passing=False)
        return False

    def _event(self, deadline: float) -> object:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                reason = "truncated_body" if self._has_ended else "malformed_response"
                raise FetchFailed(reason, f"{self._origin}: {str(error)[:200]}", is_passing=True) from None
            if event is not h11.NEED_DATA:
                return event
            self._receive(deadline)

    def _receive(self, deadline: float) -> None:
        is_body = self._http.their_state is h11.SEND_BODY
        if time.monotonic() >= deadline:  # a server that is fast enough never lets a read wait
            raise self._late()
        try:
            self._socket.settimeout(min(_seconds(deadline), IDLE_SECONDS))
            data = self._socket.recv(READ_BYTES)
        except TimeoutError:
            raise self._late() from None
        except OSError as error:
            reason = "truncated_body" if is_body else "connection_failed"
            raise FetchFailed(reason, f"{self._origin}: {error}", is_passing=True) from None
        if not data and not is_body:
            raise FetchFailed("connection_failed", f"{self._origin} closed before it answered", is_passing=True)
        self._has_ended = not data
        self._received += len(data)
        self._http.receive_data(data)

    def _late(self) -> FetchFailed:
        return FetchFailed("timeout", f"{self._origin} did not answer in time", is_passing=True)

    def _finish(self, content: bytearray, is_cut: bool) -> None:
        """Makes ready for the next request, or closes. Bytes after the body belong to a page whose length is wrong."""
        rest, _ = self._http.trailing_data
        self.is_used = True
        self._used_at = time.monotonic()
        if not is_cut and rest.strip(b"\r\n"):
            content += rest
            raise FetchFailed("truncated_body", f"{self._origin} sent more than the length it named", is_passing=True)
        if is_cut or rest or self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            self.close()
        else:
            self._http.start_next_cycle()


def _opened(target: Target, addresses: list[str], deadline: float, connect: Connect) -> socket.socket:
    problem: OSError = TimeoutError("no time left")
    for address in addresses:
        try:
            opened = connect(address, target.port, min(_seconds(deadline), CONNECT_SECONDS))
        except OSError as error:
            problem = error
            continue
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened
    reason = "timeout" if isinstance(problem, TimeoutError) else "connection_failed"
    raise FetchFailed(reason, f"{target.origin}: {problem}", is_passing=True)


def _wrapped(opened: socket.socket, target: Target, tls: ssl.SSLContext, deadline: float) -> ssl.SSLSocket:
    try:
        opened.settimeout(min(_seconds(deadline), CONNECT_SECONDS))
        # A connection that breaks off must not look like one that was closed: the body may end with it.
        return tls.wrap_socket(opened, server_hostname=target.host, suppress_ragged_eofs=False)
    except TimeoutError:
        opened.close()
        raise FetchFailed("timeout", f"{target.origin}: no TLS handshake in time", is_passing=True) from None
    except (OSError, ValueError) as error:
        opened.close()
        raise FetchFailed("tls_failed", f"{target.origin}: {error}", is_passing=True) from None


def _check_declared(headers: Headers, most: int, may_cut: bool) -> None:
    declared = header(headers, "content-length") or ""
    if not may_cut and declared.isdigit() and int(declared) > most:
        raise FetchFailed("too_large", f"a body of {declared} bytes; {most} are allowed", is_passing=False)


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers]


def _pairs(head: h11.Response) -> Headers:
    return tuple((name.decode("ascii"), _text(value)) for name, value in head.headers.raw_items())


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _seconds(deadline: float) -> float:
    """Time left; never 0, which would mean not to wait for anything."""
    return max(deadline - time.monotonic(), 0.001)
