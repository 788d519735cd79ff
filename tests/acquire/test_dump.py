"""Dumps whose columns have names of their own."""

from __future__ import annotations

import gzip
import io
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest

from newslake.acquire import dump
from newslake.acquire.documents import Document
from newslake.acquire.visit import Visit
from newslake.clean.record import read_record
from newslake.config import Home
from newslake.errors import SourceError
from newslake.sources import DumpSource
from newslake.trial import Trial

from .sources import parquet, put

FIELDS = {"title": "Headline", "text": "Body", "published_at": "meta.first seen", "source_name": "paper"}
ROWS = [
    {
        "Headline": f"第{n}次会议",
        "Body": "正文。\n第二段。",
        "paper": "澜川日报",
        "content": "an id",
        "meta.first seen": "2024-01-02",
    }
    for n in range(5)
]


def table(suffix: str) -> bytes:
    if suffix == ".parquet":
        return parquet(pa.Table.from_pylist(ROWS))
    if suffix == ".csv":
        buffer = io.StringIO()
        import csv

        writer = csv.DictWriter(buffer, list(ROWS[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(ROWS)
        return buffer.getvalue().encode()
    lines = [json.dumps(row, ensure_ascii=suffix == ".json") for row in ROWS]
    return (f"[{','.join(lines)}]" if suffix == ".json" else "\n".join(lines)).encode()


def visit(watermark: dict[str, Any] | None = None, **entry: Any) -> Visit:
    source = DumpSource(name="d", **{"fields": FIELDS, **entry})
    return Visit(source, Home(Path("/nowhere")), {} if watermark is None else watermark)


def read(path: Path, watermark: dict[str, Any] | None = None) -> list[Document]:
    return list(dump.read(visit(watermark, path=path)))


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".parquet"])
@pytest.mark.parametrize("compression", ["", ".gz"])
def test_columns_get_our_names(tmp_path: Path, suffix: str, compression: str) -> None:
    content = gzip.compress(table(suffix)) if compression else table(suffix)
    documents = read(put(tmp_path / f"dump{suffix}{compression}", content))
    assert len(documents) == len(ROWS)
    first = json.loads(documents[0].content)
    assert first == {
        "title": "第0次会议",
        "text": "正文。\n第二段。",
        "published_at": "2024-01-02",
        "source_name": "澜川日报",
        "other": {"content": "an id"},
    }
    article = read_record(documents[0].content.decode())
    assert article.lines == ["第0次会议", "正文。", "第二段。"]
    assert (article.given["source_name"], article.given["published"]) == ("澜川日报", "2024-01-02")
    assert documents[0].content_type == "application/json"
    assert documents[0].url.startswith(f"file:dump{suffix}{compression}#")


def test_fields_within_fields_and_missing_columns(tmp_path: Path) -> None:
    rows = [{"Body": "正文", "meta": {"first seen": "2024-01-02", "x": 1}}, {"Body": None}, ["no object"], 7]
    path = put(tmp_path / "a.jsonl", b"\n".join(json.dumps(row).encode() for row in rows) + b"\n{broken\n")
    one = visit(path=path)
    contents = [document.content for document in dump.read(one)]
    assert json.loads(contents[0])["published_at"] == "2024-01-02"
    assert json.loads(contents[1]) == {"text": None}
    assert contents[2:] == [b'["no object"]', b"7", b"{broken"]
    assert one.notes == [
        "file:a.jsonl: no record has a column 'Headline', which `fields` names for title",
        "file:a.jsonl: no record has a column 'paper', which `fields` names for source_name",
    ]


def test_numbers_and_halves_of_characters_stay(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", b'{"Body": "\\ud83d", "id": 123456789012345678901234567890, "n": 1e400}\n')
    (document,) = read(path)
    record = json.loads(document.content)
    assert record["text"] == "\ud83d"
    assert record["other"]["id"] == 123456789012345678901234567890


def test_without_fields_records_stay_as_they_are(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", table(".jsonl"))
    assert [one.content for one in dump.read(visit(path=path, fields={}))] == table(".jsonl").split(b"\n")


def test_a_dump_that_breaks_off(tmp_path: Path) -> None:
    whole = gzip.compress(table(".jsonl"))
    *documents, fault = read(put(tmp_path / "a.jsonl.gz", whole[:-9]))
    assert str(fault.error).startswith("truncated_gzip")
    assert all(document.error is None for document in documents)


def test_only_what_is_new_is_read_and_a_visit_that_was_cut_off_is_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "MARK_RECORDS", 2)
    lines = [json.dumps({"Body": f"正文{number}"}).encode() for number in range(20)]
    put(tmp_path / "in" / "a.jsonl", b"\n".join(lines))
    put(tmp_path / "in" / "page.html", b"<p>no dump")
    watermark: dict[str, Any] = {}
    given = []
    for _ in range(8):
        documents = dump.read(visit(watermark, path=tmp_path / "in"))
        given += [document.content for document, _ in zip(documents, range(5), strict=False)]
        documents.close()  # type: ignore[attr-defined]
    assert {json.loads(one)["text"] for one in given} == {f"正文{number}" for number in range(20)}
    assert read(tmp_path / "in", watermark) == []
    put(tmp_path / "in" / "b.jsonl", lines[0])
    assert [one.url for one in read(tmp_path / "in", watermark)] == ["file:in/b.jsonl#line=1"]


@pytest.mark.parametrize("name", ["notes.md", "page.html"])
def test_a_file_that_is_no_dump(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=r"no files with one of \.json \.jsonl"):
        read(put(tmp_path / name, b"x"))


def test_an_address_of_a_store() -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/dumps/2024/a.jsonl", table(".jsonl"))
    try:
        documents = list(dump.read(visit(url="memory://dumps/2024")))
        assert [one.url for one in documents] == [f"memory://dumps/2024/a.jsonl#line={n}" for n in range(1, 6)]
    finally:
        store.rm("/dumps", recursive=True)
    with pytest.raises(SourceError, match="no files with one of"):
        list(dump.read(visit(url="memory://dumps/2024")))


def test_mended_fields_read_the_files_again_and_win(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", table(".jsonl"))
    watermark: dict[str, Any] = {}
    wrong = list(dump.read(visit(watermark, path=path, fields={"title": "Headlin"})))
    assert list(dump.read(visit(watermark, path=path, fields={"title": "Headlin"}))) == []
    mended = list(dump.read(visit(watermark, path=path)))
    assert [one.url for one in mended] == [one.url for one in wrong]
    assert json.loads(mended[0].content)["title"] == "第0次会议"
    assert min(one.fetched_at for one in mended) > max(one.fetched_at for one in wrong) - timedelta(seconds=1)
    assert list(dump.read(visit(watermark, path=path))) == []


def test_mended_fields_are_newer_than_old_files(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", table(".jsonl"))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    watermark: dict[str, Any] = {}
    for fields in ({"title": "Headlin"}, FIELDS):
        *_, last = dump.read(visit(watermark, path=path, fields=fields))
        assert (last.fetched_at.year > 2001) == (fields is FIELDS)


def test_a_trial_names_the_columns_that_the_first_records_lack(tmp_path: Path) -> None:
    source = DumpSource(name="d", path=put(tmp_path / "a.jsonl", table(".jsonl")), fields={"title": "Headlin"})
    trial = Trial(source, Home(tmp_path / "home"), None, 3)
    assert len(list(trial.documents())) == 3
    (note,) = trial.problems
    assert note == "file:a.jsonl: none of the first 3 records has a column 'Headlin', which `fields` names for title"
