"""What fetching gives: an answer, or a failure with its reason and whatever bytes came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newslake.errors import DataError

Headers = tuple[tuple[str, str], ...]


REASONS = {
    "budget_exhausted": "the visit's time is over",
    "connection_failed": "no connection, or one that was closed before an answer",
    "corrupt_body": "the body is not what its Content-Encoding says",
    "dns_failed": "the host has no address, or nobody says which",
    "forbidden_address": "the host, or where it redirects to, lies inside our network or speaks another protocol",
    "forbidden_by_robots": "robots.txt does not allow it",
    "host_busy": "other visits kept the host busy for ten minutes",
    "insecure_credentials": "the connection's credentials would go unencrypted",
    "malformed_response": "what came is not HTTP, or its headers are beyond all limits",
    "malformed_url": "the address can be read in more than one way, or in none",
    "rate_limited": "the host wants to be left alone for some time (429, or 503 with Retry-After)",
    "robots_unreachable": "robots.txt could not be had, so nothing may be fetched for now",
    "server_error": "the server is in trouble (5xx, 408, 425)",
    "timeout": "no whole answer in time",
    "tls_failed": "the host could not prove who it is",
    "too_large": "more bytes than allowed, on the wire or decompressed",
    "too_many_redirects": "over five redirects, or a circle",
    "truncated_body": "the body ends before its length or its end marker, or goes on behind it",
    "unexpected_status": "a status that nobody asked for, such as 206",
    "unsendable_request": "a header or the address holds what HTTP does not allow",
    "unsupported_scheme": "not http or https",
}
"""Why there is no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that came to its proper end.

    Attributes:
        url: the address asked for, as written.
        final_url: where redirects led, without fragment.
        status: 200, 304 (then there is no content), or a 4xx that says something about the document.
        headers: names and values in their order, as they came; Content-Encoding and Content-Length speak of the
            bytes on the wire.
        content: the body, unchunked and decompressed.
        fetched_at: UTC, when the last byte was there.
        content_type: media type in lower case without parameters, "" where none was sent.
        charset: the parameter of Content-Type, in lower case.
        etag: the validator as sent.
        last_modified: the validator as sent.
    """

    url: str
    final_url: str
    status: int
    headers: Headers
    content: bytes
    fetched_at: datetime
    content_type: str
    charset: str | None
    etag: str | None
    last_modified: str | None


class FetchFailed(DataError):
    """An address that did not give a whole answer.

    Args:
        reason: one of `REASONS`.
        detail: one sentence for a person: what was seen, where. Never holds credentials.
        is_passing: whether it may work later: a visit keeps the address and asks again.
        status: of the response, where there was one.
        content: the bytes that came, as they came: not decompressed.
        headers: of the response, where there was one.
    """

    def __init__(
        self,
        reason: str,
        detail: str,
        is_passing: bool,
        status: int | None = None,
        content: bytes = b"",
        headers: Headers = (),
    ) -> None:
        # Servers' words stand in it: they must not steer a terminal.
        detail = "".join(character if character.isprintable() else "\ufffd" for character in detail)
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.is_passing = is_passing
        self.status = status
        self.content = content
        self.headers = headers


def is_field_value(text: str) -> bool:
    r"""Whether a text can be sent as the value of a header (RFC 9110, 5.5); spaces other than the usual one are none.

    >>> is_field_value('W/"a b"'), is_field_value('"会"'), is_field_value('"a\rb"'), is_field_value(" a")
    (True, True, False, False)
    """
    return text.isprintable() and text == text.strip()
