"""The bytes of an archive, member by member: what was compressed apart is read although its neighbour is damaged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from newslake.acquire import streams

MEMBER_BYTES = 16 * 2**20
"""A member up to this size is decompressed, and its checksum seen, before any of it is given."""
MOST_RATIO = 50
"""Pages shrink to a tenth. What grows more than this, and beyond the next limit, is a bomb."""
BOMB_BYTES = 256 * 2**20
"""Such a member is left; `streams.DECOMPRESSED_BYTES` is the limit for the archive, which then is left."""
RECORD_START = re.compile(rb"WARC/\d\.\d|filedesc:|[a-z]{3,5}:\S+ [\d.a-f:]+ \d{14} ")
"""How a member of an archive begins: WARC, the head of an ARC file, a record of one."""
_MAGIC = {".gz": b"\x1f\x8b\x08", ".zst": b"\x28\xb5\x2f\xfd"}
_DICTIONARY = b"\x5d\x2a\x4d\x18"
_INPUT_BYTES = {".gz": 8 * 2**10, ".zst": 4 * 2**10}
"""Taken at a time: what is left over behind a member is copied, and little of a hostile one is a lot decompressed."""


class Segment(NamedTuple):
    """A stretch of an archive without gaps.

    Attributes:
        offset: where its member begins in the file; 0 where nothing is compressed.
        inside: where the content begins within the member, decompressed.
        content: the bytes.
        fault: why nothing more comes of this member, as `reason: detail`.
    """

    offset: int
    inside: int
    content: bytes
    fault: str | None = None


def compression(name: str, beginning: bytes) -> str:
    """How an archive is compressed: ".gz", ".zst" or "". Its first bytes decide where they are known, else its name.

    >>> compression("a.warc.gz", b"WARC/1.0"), compression("a.warc.gz", b"damaged"), compression("a", _MAGIC[".gz"])
    ('', '.gz', '.gz')
    """
    if RECORD_START.match(beginning):
        return ""
    if beginning.startswith(_DICTIONARY):
        return ".zst"
    known = [suffix for suffix, magic in _MAGIC.items() if beginning.startswith(magic)]
    named = [suffix for suffix in _MAGIC if name.lower().endswith(suffix)]
    return next(iter(known + named), "")


def segments(raw: BinaryIO, suffix: str, start: int = 0) -> Iterator[Segment]:
    """All that can be read of an archive, in order, with a fault at each gap.

    Args:
        raw: the file; it can seek.
        suffix: as `compression` tells it.
        start: where in the file to begin: at a member, or at a record of an archive that is not compressed.
    """
    return iter(_Members(raw, suffix, start)) if suffix else _plain(raw, start)


def _plain(raw: BinaryIO, start: int) -> Iterator[Segment]:
    raw.seek(start)
    while part := raw.read(streams.PART_BYTES):
        yield Segment(0, start, part)
        start += len(part)


class _Members:
    """Walks through the compressed members of a file."""

    def __init__(self, raw: BinaryIO, suffix: str, start: int) -> None:
        self._raw = raw
        self._name = {".gz": "gzip", ".zst": "zstd"}[suffix]
        self._magic = _MAGIC[suffix]
        self._input_bytes = _INPUT_BYTES[suffix]
        self._decompressor, self._error = _gzip() if suffix == ".gz" else _zstd(raw)
        self._seek(start)

    def __iter__(self) -> Iterator[Segment]:
        total = 0
        while self._skip_padding():
            offset, size, fault = self._offset, 0, None
            for segment in self._member(offset):
                size += len(segment.content)
                total += len(segment.content)
                if size > max(BOMB_BYTES, MOST_RATIO * (self._offset - offset)):
                    fault = f"too_large: the member at offset {offset} has over {size} bytes when decompressed"
                    yield segment._replace(content=b"", fault=fault)
                    break
                if total > max(streams.DECOMPRESSED_BYTES, MOST_RATIO * self._offset):
                    yield segment._replace(content=b"", fault=f"too_large: over {total} bytes when decompressed")
                    return
                fault = segment.fault
                yield segment
            if fault and not self._find_member(offset + 1):
                return

    def _seek(self, offset: int) -> None:
        self._raw.seek(offset)
        self._offset, self._part, self._at = offset, b"", 0

    def _take(self) -> bytes:
        """The next bytes of the file, none at its end."""
        if self._at == len(self._part):
            self._part, self._at = self._raw.read(streams.PART_BYTES), 0
        taken = self._part[self._at : self._at + self._input_bytes]
        self._at += len(taken)
        self._offset += len(taken)
        return taken

    def _give_back(self, count: int) -> None:
        # No more than what was taken last, so it is in the same part.
        self._at -= count
        self._offset -= count

    def _skip_padding(self) -> bool:
        """Passes over the zeros that tapes leave between members. Returns whether anything follows."""
        while taken := self._take():
            if taken[0] or (taken := taken.lstrip(b"\0")):
                self._give_back(len(taken))
                return True
        return False

    def _member(self, offset: int) -> Iterator[Segment]:
        """One member; its last segment has the fault, if there is one."""
        frame = self._decompressor()
        pieces: list[bytes] = []
        inside = size = 0
        fault = None
        while not frame.eof and fault is None:
            if size > MEMBER_BYTES:
                yield Segment(offset, inside, b"".join(pieces))
                pieces, inside, size = [], inside + size, 0
            if not (taken := self._take()):
                fault = f"truncated_{self._name}: the file ends within the member at offset {offset}"
                break
            try:
                piece = frame.decompress(taken)
            except self._error as error:
                fault = f"corrupt_{self._name}: the member at offset {offset}: {error}"
                break
            pieces.append(piece)
            size += len(piece)
        if fault is None:
            self._give_back(len(frame.unused_data))
        yield Segment(offset, inside, pieces[0] if len(pieces) == 1 else b"".join(pieces), fault)

    def _find_member(self, offset: int) -> bool:
        """Goes to the next member that begins with a record, at or behind an offset. Returns whether there is one."""
        self._seek(offset)
        tail = b""
        while part := self._raw.read(streams.PART_BYTES):
            window = tail + part
            beyond = self._raw.tell()
            found = window.find(self._magic)
            while found >= 0:
                place = beyond - len(window) + found
                if self._begins_a_record(place):
                    self._seek(place)
                    return True
                found = window.find(self._magic, found + 1)
            self._raw.seek(beyond)
            tail = window[-len(self._magic) + 1 :]
        return False

    def _begins_a_record(self, offset: int) -> bool:
        """Whether there is a member, and not only bytes that look like the first ones of one."""
        self._raw.seek(offset)
        try:
            beginning = self._decompressor().decompress(self._raw.read(self._input_bytes))
        except self._error:
            return False
        return RECORD_START.match(beginning) is not None


def _gzip() -> tuple[Any, Any]:
    # With the interpreter's zlib an archive takes 2.2 times as long (bench/archives.py).
    from isal import isal_zlib

    return lambda: isal_zlib.decompressobj(31), isal_zlib.IsalError


def _zstd(raw: BinaryIO) -> tuple[Any, Any]:
    """Members may share a dictionary, which then is the first frame: https://iipc.github.io/warc-specifications/."""
    import zstandard

    raw.seek(0)
    beginning = raw.read(8)
    if not beginning.startswith(_DICTIONARY):
        return zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError
    size = int.from_bytes(beginning[4:8], "little")
    content = raw.read(min(size, MEMBER_BYTES))
    if content.startswith(_MAGIC[".zst"]):
        content = zstandard.ZstdDecompressor().decompress(content, max_output_size=MEMBER_BYTES)
    dictionary = zstandard.ZstdCompressionDict(content)
    return zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj, zstandard.ZstdError
