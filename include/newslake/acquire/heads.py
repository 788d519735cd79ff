"""What stands before a record of an archive: how long the record is, and of what kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

HEAD_BYTES = 64 * 2**10
"""A longer header is none; fastwarc stops at half of that."""


class Head(NamedTuple):
    """A record's header.

    Attributes:
        size: its length in bytes, with the blank line that ends it.
        length: of the block that follows, in bytes.
        kind: WARC-Type in lower case, or what an ARC record would be.
    """

    size: int
    length: int
    kind: bytes


class Format(NamedTuple):
    """A kind of archive.

    Attributes:
        name: for messages.
        begins: matches how a header begins.
        start: finds a line feed before what may be a header.
        ends: finds the end of a header.
        between: matches what stands between two records, or after the last one; the second may be cut off.
        read: (bytes, start and end of the header) → its Head, None where it is no header.
        fields: header → its fields, names in lower case.
    """

    name: str
    begins: re.Pattern[bytes]
    start: re.Pattern[bytes]
    ends: re.Pattern[bytes]
    between: re.Pattern[bytes]
    read: Callable[[bytes, int, int], Head | None]
    fields: Callable[[bytes], dict[str, str]]


_TYPE = re.compile(rb"\nWARC-Type:[ \t]*([A-Za-z-]+)", re.IGNORECASE)
_LENGTH = re.compile(rb"\nContent-Length:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)
_FOLDED = re.compile(r"\r?\n[ \t]+")
_ARC = re.compile(rb"([a-z][a-z0-9+.-]*:[^ \n]*) ([^ \n]*) (\d{14}) ([^\n]*?) ?(\d{1,18})\r?\n")
_ARC_START = rb"[a-z][a-z0-9+.-]{1,20}:[^ \n]* [^ \n]* \d{14} "


def pairs(lines: str) -> list[tuple[str, str]]:
    r"""Header lines as name and value, in their order; a line that begins with a space continues the one before.

    >>> pairs("Vary: a,\r\n  b\r\nno field\r\nETag:\r\n")
    [('Vary', 'a, b'), ('ETag', '')]
    """
    if "\n " in lines or "\n\t" in lines:
        lines = _FOLDED.sub(" ", lines)
    fields = [line.partition(":") for line in lines.split("\n")]
    return [(name.strip(), value.strip()) for name, colon, value in fields if colon]


def _read_warc(data: bytes, start: int, end: int) -> Head | None:
    kind, length = _TYPE.search(data, start, end), _LENGTH.search(data, start, end)
    if kind is None or length is None:
        return None
    return Head(end - start, int(length[1]), kind[1].lower())


def _warc_fields(head: bytes) -> dict[str, str]:
    r"""Fields by name; of several with one name the first.

    >>> _warc_fields(b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <http://a.example/>\r\n\r\n")
    {'warc-type': 'response', 'warc-target-uri': '<http://a.example/>'}
    """
    return first_values(pairs(head.decode("utf-8", "replace").partition("\n")[2]))


def first_values(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Names in lower case → values; of several with one name the first, which no later line can take back."""
    found: dict[str, str] = {}
    for name, value in fields:
        found.setdefault(name.lower(), value)
    return found


def _read_arc(data: bytes, start: int, end: int) -> Head | None:
    line = _ARC.match(data, start, end)
    if line is None:
        return None
    scheme = line[1].partition(b":")[0]
    kind = {b"http": b"response", b"https": b"response", b"filedesc": b"warcinfo"}.get(scheme, b"resource")
    return Head(end - start, int(line[5]), kind)


def _arc_fields(head: bytes) -> dict[str, str]:
    r"""What a WARC header would say.

    >>> _arc_fields(b"http://a.example/ 192.0.2.1 20240102030405 text/html 123\n")
    {'warc-target-uri': 'http://a.example/', 'warc-date': '2024-01-02T03:04:05+00:00'}
    """
    line = _ARC.match(head)
    if line is None:
        return {}
    fields = {"warc-target-uri": line[1].decode("utf-8", "replace")}
    try:
        date = datetime.strptime(line[3].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return fields
    return {**fields, "warc-date": date.isoformat()}


WARC = Format(
    name="warc",
    begins=re.compile(rb"WARC/\d\.\d+\r?\n"),
    start=re.compile(rb"\nWARC/\d\.\d+\r?\n"),
    ends=re.compile(rb"\n\r?\n"),
    between=re.compile(rb"\r?\n\r?\n(?=WARC/\d\.|(?:W(?:A(?:R(?:C(?:/\d?)?)?)?)?)?\Z)"),
    read=_read_warc,
    fields=_warc_fields,
)
"""ISO 28500:2017 (WARC 1.1) and the versions before it."""
ARC = Format(
    name="arc",
    begins=re.compile(_ARC_START),
    start=re.compile(rb"\n" + _ARC_START),
    ends=re.compile(rb"\n"),
    between=re.compile(rb"\r?\n(?=" + _ARC_START + rb"|[^\n]{0,300}\Z)"),
    read=_read_arc,
    fields=_arc_fields,
)
"""The format before WARC, also with the ten fields of its version 2: https://archive.org/web/researcher/ArcFileFormat.php."""
