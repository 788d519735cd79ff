"""The bytes of a file, decompressed, a part at a time; a fault where they do not come to their proper end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

COMPRESSIONS = (".gz", ".zst")
DOCUMENT_BYTES = 64 * 2**20
"""A larger document is no article; it is cut here and refused with this as its reason."""
PART_BYTES = 2**20
COMPRESSED_PART_BYTES = 16 * 2**10
"""Small, since 16 kB of a hostile zstd frame may already give hundreds of megabytes."""
DECOMPRESSED_BYTES = 8 * 2**30
"""A compressed file that grows beyond this is taken for a bomb."""
TRAILING_BYTES = 4 * 2**10
"""Behind the last gzip member, so much ASCII does not count, such as line ends. gzip ignores all that is no member, but
that may be articles whose member is damaged."""
GZIP_MAGIC = b"\x1f\x8b\x08"


class Fault(Exception):
    """A file that ends or breaks off where it should not; caught in `files`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")


def parts(raw: BinaryIO, suffix: str) -> Iterator[bytes]:
    """What can be read of a file.

    Args:
        raw: the file as it lies there.
        suffix: the last one of its name; says how it is compressed.

    Raises:
        Fault: the compressed data is damaged, breaks off or grows without end.
    """
    if suffix not in COMPRESSIONS:
        yield from iter(lambda: raw.read(PART_BYTES), b"")
        return
    once = _limited(_decompressed(iter(lambda: raw.read(COMPRESSED_PART_BYTES), b""), suffix))
    beginning = b""
    for part in once:
        beginning += part
        if len(beginning) >= len(GZIP_MAGIC):
            break
    all_of_it = chain([beginning], once)
    if beginning.startswith(GZIP_MAGIC):  # A server, or who kept its answer, compressed what was compressed.
        yield from _limited(_decompressed(_small(all_of_it), ".gz"))
    else:
        yield from all_of_it


def _limited(parts: Iterable[bytes]) -> Iterator[bytes]:
    total = 0
    for part in parts:
        total += len(part)
        if total > DECOMPRESSED_BYTES:
            raise Fault("too_large", f"over {DECOMPRESSED_BYTES} bytes when decompressed")
        yield part


def _small(parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        for start in range(0, len(part), COMPRESSED_PART_BYTES):
            yield part[start : start + COMPRESSED_PART_BYTES]


def whole(parts: Iterable[bytes]) -> bytes:
    """All parts as one.

    Raises:
        Fault: they are larger than a document may be.
    """
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > DOCUMENT_BYTES:
            raise Fault("too_large", f"over {DOCUMENT_BYTES} bytes")
    return bytes(content)


def lines(parts: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    r"""All lines without their ends, empty ones too, each with its size; the last may have no end.

    Of a line that is larger than a document may be, its beginning is given: PART_BYTES at most.

    >>> list(lines([b"a\nb", b"c", b"\n\nd"]))
    [(b'a', 1), (b'bc', 2), (b'', 0), (b'd', 1)]
    """
    rest, size = bytearray(), 0
    for part in parts:
        first, *others = part.split(b"\n")
        size += len(first)
        rest += first if size <= DOCUMENT_BYTES else first[: max(PART_BYTES - len(rest), 0)]
        if size > DOCUMENT_BYTES:
            del rest[PART_BYTES:]
        if others:
            yield bytes(rest), size
            yield from ((line, len(line)) for line in others[:-1])
            rest, size = bytearray(others[-1]), len(others[-1])
    yield bytes(rest), size


def _decompressed(compressed: Iterator[bytes], suffix: str) -> Iterator[bytes]:
    """Frame by frame, so that all that stands before a fault is given, and a missing end mark is seen."""
    import zlib

    import zstandard

    name = {".gz": "gzip", ".zst": "zstd"}[suffix]
    frame, is_first = None, True
    data = next(compressed, b"")
    while data:
        if frame is None and suffix == ".gz" and not is_first and not _begins_a_member(data):
            _pass_over(data, compressed)
            return
        if frame is None:
            is_first = False
            frame = zlib.decompressobj(31) if suffix == ".gz" else zstandard.ZstdDecompressor().decompressobj()
        try:
            yield frame.decompress(data)
        except (zlib.error, zstandard.ZstdError) as error:
            raise Fault(f"corrupt_{name}", str(error)) from None
        data = b""
        if frame.eof:
            data, frame = frame.unused_data.lstrip(b"\0"), None
        while not data and (part := next(compressed, b"")):
            data = part if frame else part.lstrip(b"\0")
    if frame is not None:
        raise Fault(f"truncated_{name}", "the file ends within its compressed data")


def _begins_a_member(data: bytes) -> bool:
    """Also where only the first byte of one is there."""
    return data.startswith(GZIP_MAGIC) or GZIP_MAGIC.startswith(data)


def _pass_over(data: bytes, compressed: Iterator[bytes]) -> None:
    while len(data) <= TRAILING_BYTES and (part := next(compressed, b"")):
        data += part
    if len(data) > TRAILING_BYTES or not data.isascii():
        raise Fault("corrupt_gzip", "behind its last whole member stands what is none")
