"""Whole archives of every form: each page is there, once, with what is known of it."""

from __future__ import annotations

import gzip
import os
import random
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import brotli
import pytest
import zstandard
from fastwarc import ArchiveIterator

from newslake.acquire import members, streams, warc
from newslake.acquire.canonical import canonical
from newslake.errors import SourceError

from .archives import arc, http, joined, page, read, read_bytes, record, response, triple, url, visit

FORMS = ["", ".gz", ".zst", "one.gz"]


@pytest.mark.parametrize("form", FORMS)
def test_every_page_is_a_document(tmp_path: Path, form: str) -> None:
    records = [record(b"software: crawler\r\n", "warcinfo", ""), *(one for n in range(30) for one in triple(n))]
    documents = read_bytes(tmp_path, joined(records, form), f"a.warc{form.removeprefix('one')}")
    assert [(one.url, one.content, one.error) for one in documents] == [(url(n), page(n), None) for n in range(30)]
    first = documents[0]
    assert (first.content_type, first.charset, first.http_status) == ("text/html", "utf-8", 200)
    assert first.fetched_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert first.headers[0] == ("Content-Type", "text/html; charset=utf-8")


@pytest.mark.parametrize("size", [1, 7, 64, 500, 4_096])
@pytest.mark.parametrize("form", ["", "one.gz", "arc"])
def test_the_parts_in_which_a_file_is_read_do_not_matter(
    tmp_path: Path, form: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PART_BYTES", size)
    monkeypatch.setattr(members, "MEMBER_BYTES", size)
    monkeypatch.setitem(members._INPUT_BYTES, ".gz", min(size, 50))
    records = arc(range(12)) if form == "arc" else [one for number in range(12) for one in triple(number)]
    content = joined(records, "" if form == "arc" else form)
    name = "a.warc.gz" if form == "one.gz" else f"a.{form or 'warc'}"
    whole = read_bytes(tmp_path, content, name)
    assert [(one.url, one.content, one.error) for one in whole] == [(url(n), page(n), None) for n in range(12)]
    for cut in random.Random(size).sample(range(1, len(content)), 10):
        documents = read_bytes(tmp_path, content[:cut], name)
        found = [one.url for one in documents if one.error is None]
        assert found == [url(number) for number in range(len(found))]
        is_end_of_record = form != "one.gz" and cut in accumulate(map(len, records))
        assert (len(documents) - len(found) == 1) or is_end_of_record


@pytest.mark.parametrize("form", FORMS)
def test_arc(tmp_path: Path, form: str) -> None:
    documents = read_bytes(tmp_path, joined(arc(range(20)), form), f"a.arc{form.removeprefix('one')}")
    assert [(one.url, one.content, one.error) for one in documents] == [(url(n), page(n), None) for n in range(20)]
    assert documents[0].fetched_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_60_megabytes_are_read_as_fastwarc_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "large.warc.gz"
    with path.open("wb") as file:
        number = 0
        while file.tell() < 60 * 10**6:
            noise = os.urandom(30_000).hex().encode()
            block = http(b"<html><body>" + noise + b"</body></html>", ETag=f'"{number}"')
            file.write(b"".join(gzip.compress(one, 1) for one in (*triple(number), record(block, address=url(number)))))
            number += 1
    own = [(one.url, one.content, one.error) for one in read(path)]
    theirs = [
        (one.headers["WARC-Target-URI"], one.reader.read(), None)
        for one in ArchiveIterator(str(path))
        if one.headers["WARC-Type"] == "response"
    ]
    assert own == theirs
    assert len(own) == 2 * number


def test_what_is_no_page_is_counted(tmp_path: Path) -> None:
    records = [
        record(http(b"%PDF", Content_Type="application/pdf")),
        record(http(b"<p>gone", "404 Not Found")),
        record(http(b"", "304 Not Modified"), "revisit"),
        record(b"\x00\x01no http at all"),
        record(b"a text", "resource"),
        record(http(b"<!DOCTYPE html><p>no type", Content_Type="")),
        record(http(b"<html/>", Content_Type="application/xhtml+xml")),
    ]
    one = visit(tmp_path / "a.warc")
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    assert [document.content for document in warc.read(one)] == [b"<!DOCTYPE html><p>no type", b"<html/>"]
    assert one.notes == [
        "source w: archives held 2 pages, 1 resource records, 5 response records, 3 responses without a page, 1 revisit records",
        "source w: 1 resource records were not read: only response records become articles",
    ]


def test_what_may_hold_pages_and_is_not_read_is_told(tmp_path: Path) -> None:
    kinds = ["resource", "conversion", "resource", "metadata"]
    (tmp_path / "a.warc").write_bytes(b"".join(record(page(1), kind) for kind in kinds) + response(2))
    one = visit(tmp_path / "a.warc")
    assert [document.url for document in warc.read(one)] == [url(2)]
    told = "source w: 2 resource records and 1 conversion records were not read: only response records become articles"
    assert one.notes[1:] == [told]


def test_a_validator_that_cannot_be_sent_back_is_not_kept(tmp_path: Path) -> None:
    blocks = [http(page(1), ETag='"a\rb"', Last_Modified="x\x01"), http(page(2), ETag='"b"', Last_Modified="Mon")]
    documents = read_bytes(tmp_path, b"".join(record(block, address=url(n)) for n, block in enumerate(blocks)))
    assert [(one.etag, one.last_modified, one.error) for one in documents] == [(None, None, None), ('"b"', "Mon", None)]


@pytest.mark.parametrize("name", ["UTF-8", "gb2312", "binary"])
def test_what_is_no_encoding_does_not_count(tmp_path: Path, name: str) -> None:
    (document,) = read_bytes(tmp_path, record(http(b"\n text " + page(1), Content_Encoding=name)))
    assert (document.content, document.error) == (b"\n text " + page(1), None)


def chunked(body: bytes) -> bytes:
    parts = [body[start : start + 50] for start in range(0, len(body), 50)]
    return b"".join(b"%x;note\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bodies_are_taken_out_of_their_encodings(tmp_path: Path, encoding: str) -> None:
    body = ENCODINGS[encoding](page(1))
    blocks = [
        http(body, Content_Encoding=encoding, Content_Length=str(len(body))),
        http(chunked(body), Content_Encoding=encoding, Transfer_Encoding="chunked"),
        http(page(1), Content_Encoding=encoding, Transfer_Encoding="chunked"),  # As many crawlers write it.
    ]
    documents = read_bytes(tmp_path, b"".join(map(record, blocks)))
    assert [(one.content, one.error) for one in documents] == [(page(1), None)] * 3
    body = body[:-5]
    broken = [http(body, Content_Encoding=encoding), http(chunked(page(1))[:-9], Transfer_Encoding="chunked")]
    documents = read_bytes(tmp_path, b"".join(map(record, broken)))
    assert [str(one.error).split(":")[0] for one in documents] == ["truncated_body"] * 2
    assert documents[0].content == body


def test_pages_that_their_crawler_cut(tmp_path: Path) -> None:
    records = [record(http(page(1)), WARC_Truncated="length"), record(http(page(1), Content_Length="99999"))]
    documents = read_bytes(tmp_path, b"".join(records))
    assert [str(one.error).split(":")[0] for one in documents] == ["truncated_by_crawler", "truncated_body"]
    assert {one.url for one in documents} == {url(1)}


def test_spellings_of_headers(tmp_path: Path) -> None:
    block = http(page(1)).replace(b"\r\n", b"\n")
    head = (
        f"WARC/1.1\r\ncontent-length:{len(block)}\r\nwarc-type:response\r\nWARC-TARGET-URI:\t<{url(1)}>\r\n"
        "X-Folded: a\r\n  b\r\nWARC-Date: 2024-01-02T03:04:05.123456Z\r\n\r\n"
    )
    (document,) = read_bytes(tmp_path, head.encode() + block + b"\r\n\r\n")
    assert (document.url, document.content, document.error) == (url(1), page(1), None)
    records = [
        record(http(page(1)), address="HTTP://News.Example:80/a?utm_source=x#top"),
        record(http(b"<p>"), address=""),
    ]
    first, second = read_bytes(tmp_path, b"".join(records))
    assert first.url == "http://news.example/a"
    assert str(second.error).startswith("corrupt_warc: at offset")


def test_ordinary_addresses_are_canonical() -> None:
    addresses = [url(1), "http://a.b-c.example/x_y/~z/1.html", "https://a.example/a/", "https://a.example/a..b/c.-"]
    for address in addresses:
        assert warc._ORDINARY.fullmatch(address)
        assert canonical(address) == address
    odd = ["https://a.example/a//b", "https://a.example/a/../b", "https://a.example/%7e", "https://A.example/a"]
    assert not any(map(warc._ORDINARY.fullmatch, odd))


def test_only_pages_that_match(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"".join(map(response, range(20))))
    documents = warc.read(visit(tmp_path / "a.warc", match=r"/1\d\.html$"))
    assert [one.url for one in documents] == [url(number) for number in range(10, 20)]


def test_nested_folders_and_globs(tmp_path: Path) -> None:
    for number, name in enumerate(["2024/01/CC-NEWS-1.warc.gz", "2024/02/CC-NEWS-2.warc.gz", "2024/02/notes.txt"]):
        path = tmp_path / "crawl-data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(response(number)))
    assert [one.url for one in read(tmp_path / "crawl-data")] == [url(0), url(1)]
    assert [one.url for one in read(tmp_path / "crawl-data" / "**" / "*-2.warc.gz")] == [url(1)]
    assert [one.url for one in read_bytes(tmp_path, gzip.compress(response(3)), "an odd name")] == [url(3)]
    with pytest.raises(SourceError, match="no files with one of"):
        read(tmp_path / "crawl-data" / "*.arc")
    with pytest.raises(SourceError, match="no such file or folder"):
        read(tmp_path / "gone")


def test_a_zstd_archive_with_a_dictionary(tmp_path: Path) -> None:
    records = [response(number) for number in range(200)]
    dictionary = zstandard.train_dictionary(8_192, records)
    compressor = zstandard.ZstdCompressor(dict_data=dictionary)
    for content in (dictionary.as_bytes(), zstandard.compress(dictionary.as_bytes())):
        start = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
        documents = read_bytes(tmp_path, start + b"".join(map(compressor.compress, records)), "a.warc.zst")
        assert [(one.url, one.error) for one in documents] == [(url(number), None) for number in range(200)]


def test_only_new_and_changed_archives_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.warc").write_bytes(response(1))
    (folder / "b.warc.gz").write_bytes(gzip.compress(response(2)))
    one = visit(folder)
    assert len(list(warc.read(one))) == 2
    assert list(warc.read(visit(folder, one.watermark))) == []
    (folder / "a.warc").write_bytes(response(1) + response(3))
    assert [document.url for document in warc.read(visit(folder, one.watermark))] == [url(1), url(3)]
    (folder / "a.warc").unlink()
    assert list(warc.read(visit(folder, one.watermark))) == []
    assert list(one.watermark["items"]) == ["file:in/b.warc.gz"]


@pytest.mark.parametrize("form", ["", ".gz"])
def test_a_visit_that_was_cut_off_is_taken_up(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc, "MARK_BYTES", 2_000)
    path = tmp_path / f"a.warc{form}"
    path.write_bytes(joined([response(number) for number in range(100)], form))
    watermark: dict[str, object] = {}
    given: list[str] = []
    for _ in range(40):
        documents = warc.read(visit(path, watermark))
        some = [document.url for document, _ in zip(documents, range(7), strict=False)]
        documents.close()  # type: ignore[attr-defined]
        given += some
    assert list(dict.fromkeys(given)) == [url(number) for number in range(100)]
    assert len(given) < 250
