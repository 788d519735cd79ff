"""Web archives: WARC and ARC, plain, .gz or .zst, also in nested folders as Common Crawl lays out its news.

Responses with status 200 that hold HTML are documents, under the address they were fetched from and with the time
of that fetch. What is damaged or cut off is a document with an error, which names its offset; reading goes on behind.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from newslake.acquire import responses, stores
from newslake.acquire.archive import Record, records
from newslake.acquire.canonical import canonical
from newslake.acquire.documents import Document
from newslake.acquire.heads import ARC, WARC
from newslake.acquire.members import compression, segments
from newslake.acquire.stores import Item
from newslake.acquire.visit import Visit
from newslake.sources import WarcSource, patterns

NAME = re.compile(r"\.w?arc(\.gz|\.zst)?$")
MARK_BYTES = 4 * 2**20
"""How far a run may get before it notes where it is."""
UNREAD = ("resource records", "conversion records")
"""They may hold pages too: files that a crawler was given, and texts that were made of pages."""
DIGESTS = ("sha1", "sha256", "sha512", "md5")
_IN_BRACKETS = re.compile(r"<(.*)>")
_ORDINARY = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?")
"""Addresses that are canonical already, told at a tenth of the cost."""


def read(visit: Visit) -> Iterator[Document]:
    """Reads the archives that are new or were changed; one that was cut off in the middle goes on from there.

    Args:
        visit: its notes get a line on what the archives held.

    Raises:
        SourceError: there is no archive, or the store cannot be reached.
    """
    source = visit.source
    assert isinstance(source, WarcSource)
    named = Path(source.path or source.url or "").name

    def wanted(key: str) -> bool:
        """What the source names itself may be called whatever it is."""
        return NAME.search(key.lower()) is not None or key.rsplit("/", 1)[-1] == named

    found = stores.items(visit, source.path, source.url, wanted, (".warc", ".arc"))
    counts: Counter[str] = Counter()
    stores.settled(visit, source.match)
    for item, note in stores.new(visit, found):
        archive = _Archive(visit, item, source.match, counts)
        yield from stores.reading(item, archive.documents(note or 0), visit)
    if counts:
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        visit.notes.append(f"source {source.name}: archives held {told}")
    if unread := " and ".join(f"{counts[kind]} {kind}" for kind in UNREAD if counts[kind]):
        visit.notes.append(f"source {source.name}: {unread} were not read: only response records become articles")


class _Archive:
    """One archive of a visit."""

    def __init__(self, visit: Visit, item: Item, match: str | None, counts: Counter[str]) -> None:
        self._visit = visit
        self._item = item
        self._wants = patterns.finder(match) if match else None
        self._counts = counts

    def documents(self, start: int) -> Iterator[Document]:
        """Its documents from an offset on."""
        with stores.opened(self._item) as raw:
            suffix = compression(self._item.name, _beginning(raw))
            noted, before = start, self._counts.total()
            for record in records(segments(raw, suffix, start), bool(suffix), self._counts):
                # Before the document is given: so far, all that came before it was.
                if record.resume is not None and record.resume - noted > MARK_BYTES:
                    noted = record.resume
                    stores.mark(self._visit, self._item, noted)
                if document := self._document(record, is_checked=bool(suffix)):
                    yield document
            if start == 0 and self._counts.total() == before:
                empty = Record("0", 0, b"", _beginning(raw), "empty: the archive holds no record")
                yield self._fault(empty, str(empty.fault))
        stores.mark(self._visit, self._item)

    def _document(self, record: Record, is_checked: bool) -> Document | None:
        is_refused = record.fault is not None and record.fault.startswith("too_large") and bool(record.head)
        if record.fault is not None and not is_refused:
            return self._fault(record, record.fault)
        response = responses.parse(record.block)
        if response is None or response.status != 200 or not response.is_page:
            self._counts["responses without a page"] += 1
            return None
        fields = _fields(record.head)
        address = fields.get("warc-target-uri", "")
        if bracketed := _IN_BRACKETS.fullmatch(address):
            address = bracketed[1]
        if self._wants and not self._wants(address):
            self._counts["pages that do not match"] += 1
            return None
        fetched_at = _date(fields.get("warc-date", ""))
        if fetched_at is None or not address:
            return self._fault(record, f"corrupt_warc: at offset {record.place}: no valid WARC-Date or WARC-Target-URI")
        self._counts["pages"] += 1
        content, fault = responses.page(response)
        fault = record.fault or _fault_of(fields, record.block, is_checked) or fault
        return Document(
            url=address if _ORDINARY.fullmatch(address) else canonical(address),
            content_type=response.media_type or "text/html",
            content=content,
            fetched_at=fetched_at,
            error=f"{fault} (archive {self._item.place}, offset {record.place})" if fault else None,
            charset=response.charset,
            http_status=response.status,
            etag=response.validator("etag"),
            last_modified=response.validator("last-modified"),
            headers=response.headers,
        )

    def _fault(self, record: Record, fault: str) -> Document:
        """A stretch of the archive that is no whole record, with the bytes there are."""
        place = f"{self._item.place}#offset={record.place}"
        content = record.head + record.block
        return Document(place, "application/octet-stream", content, self._item.modified_at, fault)


def _beginning(raw: BinaryIO) -> bytes:
    raw.seek(0)
    return raw.read(512)


def _fields(head: bytes) -> dict[str, str]:
    return (WARC if head.startswith(b"WARC/") else ARC).fields(head)


def _date(value: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(value)
    except ValueError:
        return None
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)


def _fault_of(fields: dict[str, str], block: bytes | memoryview, is_checked: bool) -> str | None:
    """What the header says against the block: that the crawler cut it, or another digest."""
    if reason := fields.get("warc-truncated"):
        return f"truncated_by_crawler: the archive keeps only the beginning (WARC-Truncated: {reason[:40]})"
    # A compressed member has a checksum of its own.
    name, _, value = fields.get("warc-block-digest", "").partition(":")
    if is_checked or name.lower() not in DIGESTS or not value:
        return None
    found = hashlib.new(name.lower(), block, usedforsecurity=False).digest()
    try:
        stated = bytes.fromhex(value) if len(value) == 2 * len(found) else base64.b32decode(value.upper())
    except (ValueError, binascii.Error):
        return None
    return None if stated == found else f"corrupt_warc: the block's {name} is not the one in its header"
