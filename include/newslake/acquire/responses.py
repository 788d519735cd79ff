"""A response as an archive keeps it → the page: chunks joined and encodings undone, and checked to be whole."""

from __future__ import annotations

import re
from typing import NamedTuple

from newslake.acquire import streams
from newslake.acquire.answers import FetchFailed, is_field_value
from newslake.acquire.bodies import decoded
from newslake.acquire.heads import HEAD_BYTES, first_values, pairs

HTML = ("text/html", "application/xhtml+xml")
_USUAL_HEAD_BYTES = 4 * 2**10
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<[!?a-zA-Z]")


class Response(NamedTuple):
    """An HTTP response.

    Attributes:
        headers: pairs, as they were sent.
        fields: the same with names in lower case.
        body: what stands behind the headers, chunked and encoded as it came.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    fields: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """In lower case, without parameters; empty where the server named none."""
        return self.fields.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """As the server named it."""
        found = _CHARSET.search(self.fields.get("content-type", ""))
        return found[1] if found else None

    def validator(self, name: str) -> str | None:
        """A validator as it was sent; None where there is none that could be sent back."""
        value = self.fields.get(name)
        return value if value and is_field_value(value) else None

    @property
    def is_page(self) -> bool:
        """Whether it is HTML, by its type, or by its beginning where no type is named."""
        return self.media_type in HTML or (not self.media_type and bool(_MARKUP.match(self.body)))


def parse(block: bytes | memoryview) -> Response | None:
    r"""The response in a record's block; None where it holds none.

    >>> parse(b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=gbk\r\n\r\n<p>").media_type
    'text/html'
    """
    status = _STATUS.match(block)
    if status is None:
        return None
    end, size, head = -1, 0, b""
    for reach in (_USUAL_HEAD_BYTES, HEAD_BYTES):
        head = bytes(block[:reach])
        end, size = head.find(b"\r\n\r\n"), 4
        if end < 0:
            end, size = head.find(b"\n\n"), 2
        if end >= 0:
            break
    else:
        return None
    headers = pairs(head[head.find(b"\n") + 1 : end].decode("utf-8", "replace"))
    return Response(int(status[1]), tuple(headers), first_values(headers), bytes(block[end + size :]))


def page(response: Response) -> tuple[bytes, str | None]:
    """The page, and why it is not whole, if so; what came of it then is given as it came.

    Many crawlers undo chunks and encodings and leave the headers as they were: a header that the body contradicts
    does not count.
    """
    body, fields = response.body, response.fields
    fault = None
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body, fault = _joined(body)
    elif (length := fields.get("content-length", "")).isdigit() and int(length) > len(body):
        fault = f"truncated_body: {len(body)} of {length} bytes came"
    encodings = fields.get("content-encoding", "")
    if fault or not encodings or _MARKUP.match(body) or not body:
        return body, fault
    try:
        return decoded(body, encodings, streams.DOCUMENT_BYTES), None
    except FetchFailed as failed:
        return body, f"{failed.reason}: {failed.detail}"


def _joined(body: bytes) -> tuple[bytes, str | None]:
    r"""A chunked body without its marks; as it stands where it begins with none.

    >>> _joined(b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n"), _joined(b"<p>")
    ((b'abcde', None), (b'<p>', None))
    >>> _joined(b"3\r\nabc\r\n9\r\nde")
    (b'abcde', 'truncated_body: the body ends before its last chunk')
    """
    if not _CHUNK.match(body):
        return body, None
    chunks: list[bytes] = []
    place = 0
    while mark := _CHUNK.match(body, place):
        size = int(mark[1], 16)
        if size == 0:
            return b"".join(chunks), None
        chunks.append(body[mark.end() : mark.end() + size])
        place = mark.end() + size
        place += 2 if body.startswith(b"\r\n", place) else int(body.startswith(b"\n", place))
    return b"".join(chunks), "truncated_body: the body ends before its last chunk"
