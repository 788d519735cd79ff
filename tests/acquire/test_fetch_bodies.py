"""Compressed bodies: whole, or refused, wherever they are cut."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.acquire.test_fetch import outcome

from newslake.acquire.answers import FetchFailed
from newslake.acquire.bodies import decoded

MOST = 2**20
REASONS = {"truncated_body", "corrupt_body", "too_large"}
PAGE = "<p>全市召开动员部署会。</p>".encode() * 300


def bare_deflate(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(content) + stream.flush()


def streamed_zstd(content: bytes) -> bytes:
    """A frame that does not say how long it will be, with a checksum."""
    stream = zstandard.ZstdCompressor(write_checksum=True, write_content_size=False).compressobj()
    return stream.compress(content) + stream.flush()


COMPRESSED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", bare_deflate),
    "brotli": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "streamed zstd": ("zstd", streamed_zstd),
    "zstd in gzip": ("zstd, gzip", lambda content: gzip.compress(zstandard.compress(content))),
}


@pytest.mark.parametrize("name", COMPRESSED)
@settings(max_examples=25, deadline=None)
@given(content=st.binary(max_size=5_000) | st.binary(max_size=50).map(lambda part: part * 2_000))
def test_what_was_compressed_comes_back(name: str, content: bytes) -> None:
    encodings, compress = COMPRESSED[name]
    assert decoded(compress(content), encodings, MOST) == content


@pytest.mark.parametrize("name", COMPRESSED)
def test_cut_anywhere_it_is_told(name: str) -> None:
    encodings, compress = COMPRESSED[name]
    whole = compress(PAGE)
    for end in range(len(whole)):
        with pytest.raises(FetchFailed) as caught:
            decoded(whole[:end], encodings, MOST)
        assert caught.value.reason in {"truncated_body", "corrupt_body"}, end
        assert caught.value.is_passing


@pytest.mark.parametrize("name", ["gzip", "deflate", "streamed zstd"])
def test_a_flipped_bit_never_gives_another_page(name: str) -> None:
    """Where the format has a checksum; brotli and bare deflate have none."""
    encodings, compress = COMPRESSED[name]
    whole = compress(PAGE)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        assert outcome(decoded, bytes(damaged), encodings, MOST) in {PAGE, *REASONS}, place


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=500),
    encodings=st.sampled_from(["gzip", "deflate", "br", "zstd", "br, gzip", "x", ",", ""]),
)
def test_anything_gives_bytes_or_a_reason(content: bytes, encodings: str) -> None:
    result = outcome(decoded, content, encodings, MOST)
    assert isinstance(result, bytes) or result in REASONS


def test_members_follow_each_other_and_what_is_no_member_is_left_out() -> None:
    assert decoded(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", MOST) == b"ab"
    assert decoded(gzip.compress(b"a") + b"\0\0\r\n", "gzip", MOST) == b"a"
    with pytest.raises(FetchFailed, match="truncated_body"):
        decoded(gzip.compress(b"a") + gzip.compress(b"b")[:1], "gzip", MOST)
    assert decoded(zstandard.compress(b"a") + zstandard.compress(b"b"), "zstd", MOST) == b"ab"
    assert decoded(PAGE, "identity", MOST) == PAGE


def test_a_member_for_each_byte_is_no_page() -> None:
    with pytest.raises(FetchFailed, match="corrupt_body: over 1000 gzip members"):
        decoded(gzip.compress(b"") * 200_000, "gzip", MOST)
    assert decoded(gzip.compress(b"a") * 1_000, "gzip", MOST) == b"a" * 1_000


@pytest.mark.parametrize("name", COMPRESSED)
def test_decompressing_ends_with_the_time(name: str) -> None:
    encodings, compress = COMPRESSED[name]
    with pytest.raises(FetchFailed, match="timeout"):
        decoded(compress(PAGE), encodings, MOST, deadline=time.monotonic() - 1)
    assert decoded(compress(PAGE), encodings, MOST, deadline=time.monotonic() + 600) == PAGE


@pytest.mark.parametrize(
    "name", ["utf-8", "UTF8", "gb2312", "binary", "none", "identity", "chunked", "8bit, utf-8", ";"]
)
def test_what_is_no_coding_does_not_count(name: str) -> None:
    """Many servers name the charset there."""
    assert decoded(PAGE, name, MOST) == PAGE
    assert decoded(gzip.compress(PAGE), f"{name}, gzip;q=1.0", MOST) == PAGE


@pytest.mark.parametrize("name", ["x-zstd", "application/gzip", "zip", "utf-8, x-gzipped", "lzma"])
@pytest.mark.parametrize("packed", [gzip.compress(PAGE), zstandard.compress(PAGE), b"PK\x03\x04" + PAGE])
def test_what_is_still_compressed_is_no_page(name: str, packed: bytes) -> None:
    with pytest.raises(FetchFailed, match="corrupt_body: still compressed"):
        decoded(packed, name, MOST)
    assert decoded(PAGE, name, MOST) == PAGE
    assert decoded(packed, "binary", MOST) == packed, "a sitemap may be a compressed file"
    assert decoded(gzip.compress(packed), "gzip", MOST) == packed


@pytest.mark.parametrize("name", ["compress", "exi", "aes128gcm", "dcz"])
def test_a_coding_that_was_not_asked_for_is_refused(name: str) -> None:
    with pytest.raises(FetchFailed, match=f"corrupt_body: the encoding '{name}' was not asked for"):
        decoded(PAGE, name, MOST)
