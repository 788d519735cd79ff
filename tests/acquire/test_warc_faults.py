"""Archives that were cut off, damaged or made to harm: nothing passes for whole, and all that is whole is read."""

from __future__ import annotations

import base64
import gzip
import hashlib
import tracemalloc
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest

from newslake.acquire import members, streams, warc
from newslake.acquire.documents import Document

from .archives import arc, http, joined, page, read_bytes, record, response, triple, url, visit

WARC_FORMS = ["", ".gz", ".zst", "one.gz"]
SUFFIX = {form: form.removeprefix("one") for form in WARC_FORMS}


def whole(documents: list[Document]) -> list[str]:
    """Addresses of the pages that are whole; their content must be."""
    for one in documents:
        number = one.url.rsplit("/", 1)[-1].removesuffix(".html")
        assert one.error is not None or one.content == page(int(number))
    return [one.url for one in documents if one.error is None]


def faults(documents: list[Document]) -> list[str]:
    """Reasons of what is not whole."""
    return [one.error.split(":")[0] for one in documents if one.error is not None]


@pytest.mark.parametrize("form", [*WARC_FORMS, "arc", "arc.gz"])
def test_100_archives_cut_at_random_places(tmp_path: Path, form: str) -> None:
    is_arc, compression = form.startswith("arc"), form.removeprefix("arc")
    records = arc(range(10)) if is_arc else [one for number in range(10) for one in triple(number)]
    content = joined(records, compression)
    ends = list(accumulate(len(joined([one], compression)) for one in records))
    random = Random(4)
    for _ in range(100):
        cut = random.choice([place for place in range(1, len(content)) if place not in ends])
        documents = read_bytes(tmp_path, content[:cut], f"a.{'arc' if is_arc else 'warc'}{SUFFIX.get(compression, '')}")
        fault = documents[-1]
        assert fault.error is not None, f"cut at {cut} of {len(content)} passes"
        assert fault.error.startswith("truncated_"), f"cut at {cut}: {fault.error}"
        assert len(faults(documents)) == 1
        found = whole(documents)
        assert found == [url(number) for number in range(len(found))]
        if form != "one.gz":
            complete = sum(end <= cut for end in ends)
            assert len(found) == (complete - 1 if is_arc else (complete + 1) // 3) or (is_arc and complete == 0)
            start = [0, *ends][complete]
            assert fault.url.endswith(f"#offset={start}")


@pytest.mark.parametrize("form", [".gz", ".zst"])
def test_a_damaged_member_does_not_take_its_neighbours_with_it(tmp_path: Path, form: str) -> None:
    records = [response(number) for number in range(9)]
    ends = [0, *accumulate(len(joined([one], form)) for one in records)]
    content = joined(records, form)
    random = Random(5)
    unseen = 0
    for _ in range(150):
        place = random.randrange(ends[3], ends[6])
        damaged = bytearray(content)
        damaged[place] ^= 1 << random.randrange(8)
        documents = read_bytes(tmp_path, bytes(damaged), f"a.warc{form}")
        number = sum(end <= place for end in ends) - 1
        others = [url(one) for one in range(9) if one != number]
        if faults(documents):
            assert whole(documents) == others, f"flip at {place}"
            (fault,) = [one for one in documents if one.error]
            assert f"#offset={ends[number]}" in fault.url
        else:
            unseen += 1
            assert whole(documents) == [url(one) for one in range(9)], f"flip at {place}"
    assert unseen < 15  # Times and flags in the members' own headers.


@pytest.mark.parametrize("form", WARC_FORMS[:3])
@pytest.mark.parametrize("damage", ["zeros", "removed", "added", "magic of a member"])
def test_a_damaged_stretch_is_one_fault(tmp_path: Path, form: str, damage: str) -> None:
    records = [response(number) for number in range(10)]
    ends = [0, *accumulate(len(joined([one], form)) for one in records)]
    content = joined(records, form)
    first, last = ends[3] + 40, ends[6] - 40
    middle = {
        "zeros": bytes(last - first),
        "removed": b"",
        "added": content[first:last] + Random(1).randbytes(500),
        "magic of a member": b"\x1f\x8b\x08\x28\xb5\x2f\xfdWARC/1.0\r\n" * 9,
    }[damage]
    documents = read_bytes(tmp_path, content[:first] + middle + content[last:], f"a.warc{form}")
    untouched = [url(number) for number in (0, 1, 2, 6, 7, 8, 9)]
    assert [one for one in whole(documents) if one in untouched] == untouched
    assert 1 <= len(faults(documents)) <= 3


LENGTHS = [0, 1, 100, 5_000, 60 * 2**20, 10**9, 10**17, "", "-5", "12x", "9" * 30, "9" * 5_000]


@pytest.mark.parametrize("form", WARC_FORMS)
@pytest.mark.parametrize("length", LENGTHS)
def test_a_wrong_content_length(tmp_path: Path, form: str, length: object) -> None:
    wrong = record(http(page(5)), address=url(5), length=length)
    records = [*map(response, range(5)), wrong, *map(response, range(6, 12))]
    documents = read_bytes(tmp_path, joined(records, form), f"a.warc{SUFFIX[form]}")
    assert whole(documents) == [url(number) for number in range(12) if number != 5]
    assert faults(documents) == ["corrupt_warc"]
    fault = documents[5]
    assert page(5) in fault.content
    assert "#offset=" in fault.url


@pytest.mark.parametrize("form", WARC_FORMS)
def test_a_header_without_an_end(tmp_path: Path, form: str) -> None:
    for junk in (b"X: y\r\n" * 30_000, b"WARC/1.0\r\n" + b"z" * 200_000, b"\0" * 70_000):
        endless = b"WARC/1.0\r\nWARC-Type: response\r\n" + junk
        records = [response(1), endless, response(2)]
        documents = read_bytes(tmp_path, joined(records, form), f"a.warc{SUFFIX[form]}")
        assert whole(documents) == [url(1), url(2)] or (form in ("", "one.gz") and whole(documents) == [url(1)])
        assert set(faults(documents)) == {"corrupt_warc"} or faults(documents) == ["truncated_warc"]


@pytest.mark.parametrize("form", ["", ".gz"])
def test_a_record_of_100_megabytes_is_refused(tmp_path: Path, form: str) -> None:
    block = http(b"<p>" + b"a" * 100_000_000)
    film = record(http(b"0" * 80_000_000, Content_Type="video/mp4"))
    records = [response(1), record(block, address=url(2)), film, response(3)]
    compressed = {
        "": b"".join(records),
        ".gz": b"".join(gzip.compress(one, 1) for one in records),
    }
    first, refused, last = read_bytes(tmp_path, compressed[form], f"a.warc{SUFFIX[form]}")
    assert (first.url, first.error, last.url, last.error) == (url(1), None, url(3), None)
    assert (refused.url, str(refused.error).split(":")[0]) == (url(2), "too_large")
    assert len(refused.content) <= streams.PART_BYTES


@pytest.mark.parametrize("place", ["in a record", "behind a record", "a member of its own"])
def test_a_bomb(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "DOCUMENT_BYTES", 2**20)
    monkeypatch.setattr(members, "BOMB_BYTES", 60 * 2**20)
    monkeypatch.setattr(members, "MEMBER_BYTES", 2**20)
    zeros = bytes(150 * 2**20)
    bomb = {
        "in a record": record(http(b"<p>" + zeros), address=url(2)),
        "behind a record": response(2) + zeros,
        "a member of its own": zeros,
    }[place]
    content = joined([response(1)], ".gz") + gzip.compress(bomb, 1) + joined([response(3)], ".gz")
    tracemalloc.start()
    documents = read_bytes(tmp_path, content, "a.warc.gz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert whole(documents) == [url(1), url(3)]
    assert "too_large" in faults(documents)
    assert peak < 60 * 2**20
    monkeypatch.setattr(streams, "DECOMPRESSED_BYTES", 10 * 2**20)
    monkeypatch.setattr(members, "BOMB_BYTES", 2**40)
    documents = read_bytes(tmp_path, content, "a.warc.gz")
    assert whole(documents) == [url(1)], "too much for the archive, not only for the member"
    assert "too_large" in faults(documents)


def test_damage_in_an_archive_that_is_not_compressed_is_seen_by_its_digest(tmp_path: Path) -> None:
    def with_digest(number: int, name: str, stated: str) -> bytes:
        return record(http(page(number)), address=url(number), WARC_Block_Digest=f"{name}:{stated}")

    blocks = [http(page(number)) for number in range(3)]
    records = [
        with_digest(0, "sha1", base64.b32encode(hashlib.sha1(blocks[0]).digest()).decode()),
        with_digest(1, "SHA256", hashlib.sha256(blocks[1]).hexdigest()),
        with_digest(2, "sha1", "?not a digest?"),
    ]
    content = b"".join(records)
    assert whole(read_bytes(tmp_path, content)) == [url(0), url(1), url(2)]
    damaged = content.replace("第0次".encode(), "第9次".encode()).replace("第1次".encode(), "第8次".encode())
    documents = read_bytes(tmp_path, damaged)
    assert faults(documents) == ["corrupt_warc", "corrupt_warc"]
    assert [one.url for one in documents] == [url(0), url(1), url(2)]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "a.warc.zst", "a.arc"])
@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\0" * 5_000, b"no archive at all\n" * 500, b"WARC/1.0", b"WARC/1.0\r\n\r\n"]
)
def test_files_that_are_no_archives(tmp_path: Path, name: str, content: bytes) -> None:
    documents = read_bytes(tmp_path, content, name)
    assert whole(documents) == []
    assert len(faults(documents)) == 1


def test_random_damage_never_stops_the_reader(tmp_path: Path) -> None:
    random = Random(6)
    for form in ("", ".gz", ".zst", "one.gz", "arc"):
        records = arc(range(6)) if form == "arc" else [one for number in range(6) for one in triple(number)]
        content = joined(records, "" if form == "arc" else form)
        for _ in range(40):
            damaged = bytearray(content)
            for _ in range(random.choice([1, 5, 50])):
                start = random.randrange(len(damaged))
                damaged[start : start + random.randrange(9)] = random.randbytes(random.randrange(9))
            one = visit(tmp_path / f"a.warc{SUFFIX.get(form, '')}")
            (tmp_path / f"a.warc{SUFFIX.get(form, '')}").write_bytes(bytes(damaged))
            for document in warc.read(one):
                assert document.error is None or document.error.split(":")[0].islower()
            assert next(iter(one.watermark["items"].values()))[1] is None


@pytest.mark.parametrize("content", [b"", b"x"])
def test_a_member_for_each_byte_is_read_like_one(tmp_path: Path, content: bytes) -> None:
    noise = gzip.compress(content) * 30_000
    documents = read_bytes(tmp_path, joined([response(1)], ".gz") + noise + joined([response(3)], ".gz"), "a.warc.gz")
    assert whole(documents) == [url(1), url(3)]
