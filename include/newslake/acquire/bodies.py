"""Content-Encoding undone: bounded, and only where the end marker was seen."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Generator, Iterator

from newslake.acquire.answers import FetchFailed

ACCEPTED = "gzip, br, zstd"
"""Sent as Accept-Encoding."""
CODINGS = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "zstd"}
    | {"x-compress", "x-gzip"}
)
"""https://www.iana.org/assignments/http-parameters, without identity. Anything else is a mistake: many servers send a
charset (`utf-8`), some `binary`, and the body is what it is."""
SAYS_NOTHING = frozenset({"", "identity", "none", "binary", "utf-8", "utf8"})
"""Under these a compressed file, such as a sitemap, is meant as it is. Under other unknown names it is a body that the
server compressed, and no page."""
COMPRESSED_MAGIC = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
"""gzip, zstd, zip."""
ENCODINGS_MOST = 2
"""Nested encodings; more than one is rare, more than two are a bomb."""
MEMBERS_MOST = 1_000
"""Of a gzip body. Servers send one; those that compress 64 kB at a time need 256 for the largest document."""
GZIP_PART_BYTES = 16 * 2**10
"""Fed to zlib at once: what is left over behind a member is copied."""
PART_BYTES = 4 * 2**10
"""Fed to brotli at once; what comes out is bounded by `OUTPUT_BYTES`."""
ZSTD_PART_BYTES = 128
"""Fed to zstd at once, whose output cannot be bounded: four bytes may become 128 KiB, so these may become 4 MiB."""
OUTPUT_BYTES = 2**20
GZIP_MAGIC = b"\x1f\x8b"


def decoded(content: bytes, encodings: str, most: int, may_cut: bool = False, deadline: float | None = None) -> bytes:
    """A body as it was before its server compressed it.

    Args:
        content: the bytes on the wire.
        encodings: the value of Content-Encoding; names that are no registered coding do not count.
        most: bytes that the result may have.
        may_cut: give the first `most` bytes of a larger result instead of refusing it.
        deadline: on the monotonic clock; None: no end.

    Raises:
        FetchFailed: `truncated_body` where the end marker is missing, `corrupt_body`, `too_large`, `timeout`.

    >>> import gzip
    >>> decoded(gzip.compress("正文".encode()), "gzip", 100).decode()
    '正文'
    """
    stated = [part.partition(";")[0].strip() for part in encodings.lower().split(",")]
    names = [name for name in stated if name in CODINGS]
    if len(names) > ENCODINGS_MOST:
        raise _corrupt(f"{len(names)} encodings one around the other: {encodings[:80]}")
    for name in reversed(names):
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise _corrupt(f"the encoding {name!r} was not asked for and is not known")
        if not content:
            raise _truncated(name)
        result = bytearray()
        for part in decoder(content):
            if deadline is not None and time.monotonic() > deadline:
                raise FetchFailed("timeout", f"the time is over before all was decompressed ({name})", is_passing=True)
            result += part
            if len(result) > most and may_cut:
                break
            if len(result) > most:
                raise FetchFailed("too_large", f"over {most} bytes when decompressed ({name})", is_passing=False)
        content = bytes(result[:most])
    if content.startswith(COMPRESSED_MAGIC) and not set(stated) <= CODINGS | SAYS_NOTHING:
        raise _corrupt(f"still compressed, and its encoding is not known: {encodings[:80]!r}")
    return content


def _corrupt(detail: str) -> FetchFailed:
    return FetchFailed("corrupt_body", detail, is_passing=True)


def _truncated(name: str) -> FetchFailed:
    return FetchFailed("truncated_body", f"the body ends before its {name} end marker", is_passing=True)


def _gzip(content: bytes) -> Iterator[bytes]:
    """All members; bytes after the last that are no member are ignored, as browsers do."""
    rest = memoryview(content)
    members = 0
    while rest and (not members or GZIP_MAGIC.startswith(rest[:2])):
        members += 1
        if members > MEMBERS_MOST:
            raise _corrupt(f"over {MEMBERS_MOST} gzip members")
        used = yield from _inflated(zlib.decompressobj(31), rest, "gzip")
        rest = rest[used:]


def _deflate(content: bytes) -> Iterator[bytes]:
    """With a zlib header, as the standard says, or without, as some servers send it."""
    has_header = len(content) > 1 and content[0] & 0x0F == 8 and int.from_bytes(content[:2], "big") % 31 == 0
    yield from _inflated(zlib.decompressobj(15 if has_header else -15), memoryview(content), "deflate")


def _inflated(stream: zlib._Decompress, content: memoryview, name: str) -> Generator[bytes, None, int]:
    """One stream; returns how much of the content it takes."""
    data, taken = b"", 0
    try:
        while not stream.eof:
            if not data:
                data = bytes(content[taken : taken + GZIP_PART_BYTES])
                taken += len(data)
            part = stream.decompress(data, OUTPUT_BYTES)
            data = stream.unconsumed_tail
            yield part
            if not part and not data and taken == len(content) and not stream.eof:
                raise _truncated(name)
    except zlib.error as error:
        raise _corrupt(f"{name}: {error}") from None
    return taken - len(stream.unused_data)


def _brotli(content: bytes) -> Iterator[bytes]:
    import brotli  # type: ignore[import-untyped]

    stream = brotli.Decompressor()
    data, start = content[:PART_BYTES], PART_BYTES
    try:
        while not stream.is_finished():
            part = stream.process(data, output_buffer_limit=OUTPUT_BYTES)
            yield part
            data = b""
            if stream.can_accept_more_data() and not stream.is_finished():
                if start >= len(content) and not part:
                    raise _truncated("brotli")
                data, start = content[start : start + PART_BYTES], start + PART_BYTES
    except brotli.error as error:
        raise _corrupt(f"brotli: {error}") from None


def _zstd(content: bytes) -> Iterator[bytes]:
    """All frames; RFC 9659 allows windows of up to 8 MiB."""
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=8 * 2**20)
    frame = None
    start = 0
    try:
        while start < len(content):
            frame = frame or decompressor.decompressobj()
            part = content[start : start + ZSTD_PART_BYTES]
            yield frame.decompress(part)
            start += len(part)
            if frame.eof:
                start -= len(frame.unused_data)
                frame = None
    except zstandard.ZstdError as error:
        raise _corrupt(f"zstd: {error}") from None
    if frame is not None:
        raise _truncated("zstd")


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
