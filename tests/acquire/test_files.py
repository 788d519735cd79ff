"""Folders, names and compressed files, whole and broken: nothing is lost, nothing is changed, nothing stops the others."""

from __future__ import annotations

import gzip
import json
import os
import random
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard

from newslake import pipeline
from newslake.acquire import documents, streams
from newslake.errors import SourceError
from newslake.sources import FilesSource

from .sources import COMPRESS, LINES, put, read, tables

FORMS = {
    ".html": (b"<p>\xff whole page</p>\r\n", "text/html"),
    ".htm": (b"<p>page</p>", "text/html"),
    ".txt": ("標題\n正文".encode("big5"), "text/plain"),
    ".json": (LINES[0], "application/json"),
}


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("is_upper", [False, True])
def test_a_page_is_one_document(tmp_path: Path, suffix: str, compression: str, is_upper: bool) -> None:
    content, kind = FORMS[suffix]
    name = f"a{suffix}{compression}"
    path = put(tmp_path / "in" / (name.upper() if is_upper else name), COMPRESS[compression](content))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (row,) = read(tmp_path / "in")
    assert (row["bytes"], row["content_type"], row["error"]) == (content, kind, None)
    assert row["url"] == f"file:in/{path.name}"
    assert row["fetched_at"] == datetime.fromtimestamp(1_700_000_000, UTC)
    assert row["fetched_date"] == "2023-11-14"


def test_folders_are_read_to_the_bottom_and_hidden_files_left_alone(tmp_path: Path) -> None:
    for name in ("z.txt", "a/b/c/deep.HTM", "a/.hidden/x.txt", ".x.txt", "notes.md", "archive.gz", "double.txt.gz.gz"):
        put(tmp_path / ".cache" / "in" / name, b"x")
    put(tmp_path / ".cache" / "in" / "folder.txt" / "inside.txt", b"x")
    found = [row["url"] for row in read(tmp_path / ".cache" / "in")]
    assert found == ["file:in/a/b/c/deep.HTM", "file:in/folder.txt/inside.txt", "file:in/z.txt"]


def test_files_of_other_types_are_told(tmp_path: Path, home: Path) -> None:
    for name in ("a.txt", "b.PDF", "c/d.pdf", "README", ".hidden.pdf"):
        put(tmp_path / "in" / name, b"x")
    notes = pipeline.acquire(FilesSource(name="input", path=tmp_path / "in"))["notes"]
    assert len(notes) == 1
    assert notes[0].startswith("source input: 3 files of other types than .html")
    assert notes[0].endswith("were left alone: 2 .pdf, 1 without a suffix")
    assert pipeline.acquire(FilesSource(name="input", path=tmp_path / "in" / "a.txt"))["notes"] == []


@pytest.mark.parametrize("compression", [".gz", ".zst"])
def test_files_of_several_members(tmp_path: Path, compression: str) -> None:
    parts = [COMPRESS[compression](line + b"\n") for line in LINES]
    rows = read(put(tmp_path / f"a.jsonl{compression}", b"".join(parts)))
    assert [row["bytes"] for row in rows] == LINES
    *whole, fault = read(put(tmp_path / f"c.jsonl{compression}", b"".join(parts) + "rubbish after the end…".encode()))
    assert [row["bytes"] for row in whole] == LINES
    assert fault["error"].startswith("corrupt_")


@pytest.mark.parametrize("zeros", [512, 50_000])
def test_gzip_padded_with_zeros(tmp_path: Path, zeros: int) -> None:
    """As tapes and block devices leave them; gzip itself ignores them."""
    content = (b"\0" * 3).join(gzip.compress(line + b"\n") for line in LINES) + b"\0" * zeros
    rows = read(put(tmp_path / "a.jsonl.gz", content))
    assert [(row["bytes"], row["error"]) for row in rows] == [(line, None) for line in LINES]


def test_a_skippable_zstd_frame_is_skipped(tmp_path: Path) -> None:
    frames = b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstandard.compress(b"one") + zstandard.compress(b" two")
    assert [row["bytes"] for row in read(put(tmp_path / "a.txt.zst", frames))] == [b"one two"]


def flushed(compression: str, lines: list[bytes]) -> tuple[bytes, list[int]]:
    """A stream in which each line can be read as soon as the bytes up to its end are there, and those ends."""
    if compression == ".gz":
        gz = zlib.compressobj(9, zlib.DEFLATED, 31)
        steps = [gz.compress(line) + gz.flush(zlib.Z_SYNC_FLUSH) for line in lines]
        tail = gz.flush()
    else:
        zst = zstandard.ZstdCompressor(write_checksum=True).compressobj()
        steps = [zst.compress(line) + zst.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for line in lines]
        tail = zst.flush()
    ends = [sum(map(len, steps[: number + 1])) for number in range(len(steps))]
    return b"".join(steps) + tail, ends


@pytest.mark.parametrize("compression", [".gz", ".zst"])
def test_cut_off_anywhere_nothing_before_the_cut_is_lost(tmp_path: Path, compression: str) -> None:
    lines = [json.dumps({"n": n, "text": random.Random(n).randbytes(30).hex()}).encode() for n in range(25)]
    content, ends = flushed(compression, [line + b"\n" for line in lines])
    path = tmp_path / f"a.jsonl{compression}"
    for cut in [*range(1, 40), *range(40, len(content), 11), *ends, *range(len(content) - 12, len(content))]:
        *whole, fault = read(put(path, content[:cut]))
        readable = sum(end <= cut for end in ends)
        found = [row["bytes"] for row in whole]
        assert found == lines[: len(found)], f"cut at {cut}"
        assert len(found) >= readable, f"cut at {cut}"
        assert fault["error"].split(":")[0] == {".gz": "truncated_gzip", ".zst": "truncated_zstd"}[compression]
        assert (fault["bytes"], fault["url"]) == (content[:cut], f"file:{path.name}")
        assert all(row["error"] is None for row in whole)
    assert [row["bytes"] for row in read(put(path, content))] == lines


@pytest.mark.parametrize("compression", [".gz", ".zst"])
def test_a_page_cut_off_is_a_fault_and_no_half_page(tmp_path: Path, compression: str) -> None:
    content, _ = flushed(compression, [b"<p>one</p>", b"<p>two</p>"])
    (row,) = read(put(tmp_path / f"a.html{compression}", content[:-4]))
    assert (row["bytes"], row["content_type"]) == (content[:-4], "application/octet-stream")
    assert row["error"].startswith("truncated_")


@pytest.mark.parametrize("compression", [".gz", ".zst"])
def test_no_flipped_bit_passes_unseen(tmp_path: Path, compression: str) -> None:
    """Both formats carry a checksum; a flip that changes the text must leave a fault."""
    content, _ = flushed(compression, [line + b"\n" for line in LINES])
    path = tmp_path / f"a.jsonl{compression}"
    faults = 0
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << (place % 8)
        rows = read(put(path, bytes(damaged)))
        if rows and rows[-1]["error"]:
            faults += 1
            assert rows[-1]["bytes"] == bytes(damaged)
        else:
            assert [row["bytes"] for row in rows] == LINES, f"flip at {place}"
    assert faults > len(content) * 0.8


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "DECOMPRESSED_BYTES", 3 * 2**20)
    monkeypatch.setattr(streams, "DOCUMENT_BYTES", 2**20)
    lines = [random.Random(number).randbytes(2**17).hex().encode() for number in range(40)]
    *whole, fault = read(put(tmp_path / "in" / "a.jsonl.gz", gzip.compress(b"\n".join(lines))))
    assert [row["bytes"] for row in whole] == lines[: len(whole)]
    assert 10 <= len(whole) <= 12
    assert fault["error"].startswith("too_large")
    for name in ("a.txt.zst", "b.jsonl.gz", "c.txt"):
        content = b"y" * (2**20 + 1)
        (row,) = read(put(tmp_path / name, COMPRESS[Path(name).suffix if name[0] != "c" else ""](content)))
        assert row["error"].startswith("too_large"), name
        assert row["byte_count"] <= 2**20


ODD_NAMES = [
    "with space.txt",
    "新闻 稿.txt",
    "new\nline.txt",
    "o'brien.txt",
    'q"uote.txt',
    "100%25.txt",
    "a#line=1.txt",
]
ODD_NAMES += [
    "-rf.txt",
    "back\\slash.txt",
    "$(touch x).txt",
    "e\u0301.txt",
    "*.txt",
    "\x1b[31m.txt",
    "x" * 240 + ".txt",
]


def test_odd_names(tmp_path: Path) -> None:
    for name in ODD_NAMES:
        put(tmp_path / name, name.encode())
    found = {row["url"]: row["bytes"] for row in read(tmp_path)}
    assert found == {f"file:{tmp_path.name}/{name}": name.encode() for name in ODD_NAMES}


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", b"good")
    put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff\xfe.txt")), b"odd")
    unreadable: list[str] = []
    rows = read(tmp_path, unreadable)
    assert b"good" in [row["bytes"] for row in rows]
    assert len(rows) + len(unreadable) == 2


def test_links_that_lead_in_circles(tmp_path: Path) -> None:
    put(tmp_path / "a" / "good.txt", b"good")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "self.txt").symlink_to(tmp_path / "a" / "self.txt")
    (tmp_path / "a" / "nowhere.txt").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "a" / "pipe.txt")
    assert [row["bytes"] for row in read(tmp_path / "a")] == [b"good"]


def test_the_same_bytes_twice_are_two_documents(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", b"same")
    put(tmp_path / "b" / "c.txt.gz", gzip.compress(b"same"))
    first, second = read(tmp_path)
    assert first["raw_id"] == second["raw_id"]
    assert first["url"] != second["url"]


def test_chunks_are_full_and_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "CHUNK_DOCUMENTS", 4)
    path = put(tmp_path / "a.jsonl", b"".join(b"%d\n" % number for number in range(10)))
    assert [chunk.num_rows for chunk in tables(path)] == [4, 4, 2]
    monkeypatch.setattr(documents, "CHUNK_BYTES", 2)
    chunks = tables(path)
    assert [chunk.num_rows for chunk in chunks] == [2] * 5 + [0]
    assert pa.concat_tables(chunks)["bytes"].to_pylist() == [b"%d" % number for number in range(10)]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    memory = Path("/proc/self/mem")
    if not memory.exists():
        pytest.skip("needs Linux")
    for name in ("m.txt", "n.jsonl.gz"):
        (tmp_path / name).symlink_to(memory)
    put(tmp_path / "z.txt", b"good")
    unreadable: list[str] = []
    assert [row["bytes"] for row in read(tmp_path, unreadable)] == [b"good"]
    assert [line.split(":")[0] for line in unreadable] == [str(tmp_path / "m.txt"), str(tmp_path / "n.jsonl.gz")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_without_permission_are_named(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", b"secret").chmod(0)
    put(tmp_path / "z.txt", b"good")
    unreadable: list[str] = []
    assert [row["bytes"] for row in read(tmp_path, unreadable)] == [b"good"]
    assert unreadable == [f"{tmp_path / 'a.txt'}: Permission denied"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_folders_without_permission_are_named(tmp_path: Path) -> None:
    put(tmp_path / "a" / "a.txt", b"secret").parent.chmod(0)
    put(tmp_path / "z.txt", b"good")
    unreadable: list[str] = []
    assert [row["bytes"] for row in read(tmp_path, unreadable)] == [b"good"]
    assert unreadable == [f"{tmp_path / 'a'}: Permission denied"]
    (tmp_path / "a").chmod(0o700)


def test_a_source_without_files(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no files with one of"):
        read(tmp_path)
    with pytest.raises(SourceError, match="no such file or folder"):
        read(tmp_path / "gone")
    with pytest.raises(SourceError, match="not one of"):
        read(put(tmp_path / "notes.md", b"x"))
