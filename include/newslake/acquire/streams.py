"""The bytes of a file, decompressed, a part at a time; a fault where they do not come to their proper end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

COMPRESSIONS = (".gz", ".zst")
DOCUMENT_BYTES = 64 * 2**20
"""A larger document is no article; it is cut here and refused with this as its reason."""
PART_BYTES = 2**20
COMPRESSED_PART_BYTES = 16 * 2**10
"""Small, since 16 kB of a hostile zstd frame may already give hundreds of megabytes."""
DECOMPRESSED_BYTES = 8 * 2**30
"""A compressed file that grows beyond this is taken for a bomb."""


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
    total = 0
    for part in _decompressed(raw, suffix) if suffix in COMPRESSIONS else iter(lambda: raw.read(PART_BYTES), b""):
        total += len(part)
        if total > DECOMPRESSED_BYTES:
            raise Fault("too_large", f"over {DECOMPRESSED_BYTES} bytes when decompressed")
        yield part


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


def lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    r"""All lines without their ends, empty ones too; the last may have no end.

    Raises:
        Fault: a line is larger than a document may be.

    >>> list(lines([b"a\nb", b"c", b"\n\nd"]))
    [b'a', b'bc', b'', b'd']
    """
    rest = bytearray()
    for part in parts:
        first, *others = part.split(b"\n")
        rest += first
        if others:
            yield bytes(rest)
            yield from others[:-1]
            rest = bytearray(others[-1])
        if len(rest) > DOCUMENT_BYTES:
            raise Fault("too_large", f"a line of over {DOCUMENT_BYTES} bytes")
    yield bytes(rest)


def _decompressed(raw: BinaryIO, suffix: str) -> Iterator[bytes]:
    """Frame by frame, so that all that stands before a fault is given, and a missing end mark is seen."""
    import zlib

    import zstandard

    name = {".gz": "gzip", ".zst": "zstd"}[suffix]
    frame = None
    data = raw.read(COMPRESSED_PART_BYTES)
    while data:
        if frame is None:
            frame = zlib.decompressobj(31) if suffix == ".gz" else zstandard.ZstdDecompressor().decompressobj()
        try:
            yield frame.decompress(data)
        except (zlib.error, zstandard.ZstdError) as error:
            raise Fault(f"corrupt_{name}", str(error)) from None
        data = b""
        if frame.eof:
            data, frame = frame.unused_data.lstrip(b"\0"), None
        while not data and (part := raw.read(COMPRESSED_PART_BYTES)):
            data = part if frame else part.lstrip(b"\0")
    if frame is not None:
        raise Fault(f"truncated_{name}", "the file ends within its compressed data")
