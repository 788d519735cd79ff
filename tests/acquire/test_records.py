"""JSON, CSV and Parquet, whole and broken: every record is a document as it stands, and no file leaves no trace."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.acquire import records, streams
from newslake.clean import clean

from .sources import COMPRESS, LINES, RECORDS, parquet, put, read, tables


def csv_bytes(encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["title", "text"])
    writer.writeheader()
    writer.writerows(RECORDS)
    return text.getvalue().encode(encoding)


RECORD_FORMS = {
    ".json": b"[" + b",\n".join(LINES) + b"]",
    ".jsonl": b"\n\n".join(LINES),
    ".csv": csv_bytes(),
    ".parquet": parquet(pa.Table.from_pylist(RECORDS)),
}


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("suffix", RECORD_FORMS)
@pytest.mark.parametrize("is_upper", [False, True])
def test_a_record_is_one_document(tmp_path: Path, suffix: str, compression: str, is_upper: bool) -> None:
    name = f"a{suffix}{compression}"
    path = tmp_path / (name.upper() if is_upper else name)
    rows = read(put(path, COMPRESS[compression](RECORD_FORMS[suffix])))
    assert [json.loads(row["bytes"]) for row in rows] == RECORDS
    assert {row["content_type"] for row in rows} == {"application/json"}
    assert {row["error"] for row in rows} == {None}
    assert len({row["url"] for row in rows}) == len(RECORDS)


def test_lines_keep_their_bytes_and_their_number(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"a": 1.10}\r\n\n  {"a":1,"a":2} \n\xff not json\n{"last": "without an end"}'
    rows = read(put(tmp_path / "a.jsonl", content))
    assert [row["bytes"] for row in rows] == [line for line in content.split(b"\n") if line]
    assert [row["url"].rsplit("=", 1)[1] for row in rows] == ["1", "3", "4", "5"]


EMPTY = {
    "nothing.txt": b"",
    "nothing.json": b"",
    "nothing.jsonl": b"",
    "nothing.csv": b"",
    "nothing.parquet": b"",
    "blank.json": b" \n",
    "blank.jsonl": b"\n \r\n\n",
    "no element.json": b"[ ]",
    "a header alone.csv": b"\xef\xbb\xbftitle,text\r\n",
    "no row.parquet": parquet(pa.table({"title": pa.array([], pa.string())})),
}


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_file_is_refused_as_empty(tmp_path: Path, name: str, compression: str) -> None:
    content = COMPRESS[compression](EMPTY[name])
    path = put(tmp_path / f"{name}{compression}", content)
    (row,) = read(path)
    is_record_file = not name.endswith(".txt")
    assert row["bytes"] == (content if is_record_file else b"")
    (chunk,) = tables(path)
    pages, refused = clean(chunk)
    assert pages.num_rows == 0
    assert refused["reason"].to_pylist() == ["empty"]
    assert refused["stage"].to_pylist() == ["acquire" if is_record_file else "clean"]


def test_rows_of_csv_that_do_not_fit(tmp_path: Path) -> None:
    short, long, good = read(put(tmp_path / "a.csv", b"title,text\nonly a title\n1,2,3,4\na,b\n"))
    assert (json.loads(short["bytes"]), short["error"]) == ({"title": "only a title", "text": None}, None)
    assert long["error"] == "malformed_csv: row 2 has 2 fields too many"
    assert (json.loads(good["bytes"]), good["error"]) == ({"title": "a", "text": "b"}, None)
    content = b'title,text\na,b\nc,"never closed\nd,e\n'
    first, fault, last = read(put(tmp_path / "b.csv", content))
    assert (json.loads(first["bytes"]), first["error"]) == ({"title": "a", "text": "b"}, None)
    assert fault["bytes"] == b'c,"never closed\n'
    assert fault["error"] == "malformed_csv: row 2, line 3: unexpected end of data"
    assert (json.loads(last["bytes"]), last["error"]) == ({"title": "d", "text": "e"}, None)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_with_any_delimiter(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Excel writes semicolons where a comma stands in numbers; databases write tabs."""
    text = io.StringIO()
    rows = [["标题", "full, text", "a|b"], ["会议", '一，二; 三\n\t四 “五” "六"', "x,y;z"]]
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    (row,) = read(put(tmp_path / "a.csv", text.getvalue().encode(encoding)))
    assert json.loads(row["bytes"]) == dict(zip(*rows, strict=True))
    assert row["error"] is None


def test_the_header_alone_decides_on_the_delimiter(tmp_path: Path) -> None:
    (row,) = read(put(tmp_path / "a.csv", b"title;text\n1,2,3,4;a|b|c\n"))
    assert json.loads(row["bytes"]) == {"title": "1,2,3,4", "text": "a|b|c"}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_larger_than_a_document_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.setattr(streams, "DOCUMENT_BYTES", 200)
    monkeypatch.setattr(records, "IN_MEMORY_BYTES", 100)
    assert len(RECORD_FORMS[suffix]) > 200
    assert [json.loads(row["bytes"]) for row in read(put(tmp_path / f"a{suffix}", RECORD_FORMS[suffix]))] == RECORDS


def test_a_csv_without_line_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "DOCUMENT_BYTES", 100)
    first, fault = read(put(tmp_path / "a.csv", b"title,text\na,b\n" + b"1," * 100))
    assert json.loads(first["bytes"]) == {"title": "a", "text": "b"}
    assert fault["error"].startswith("too_large")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_csv_in_chinese_charsets(tmp_path: Path, encoding: str) -> None:
    rows = read(put(tmp_path / "a.csv", csv_bytes(encoding)))
    assert [json.loads(row["bytes"]) for row in rows] == RECORDS


def test_csv_in_no_known_charset(tmp_path: Path) -> None:
    (row,) = read(put(tmp_path / "a.csv", b"title\n\xff\xfe\xff"))
    assert row["error"].startswith("undecodable")


def test_nul_bytes_are_kept(tmp_path: Path) -> None:
    for name in ("a.txt", "b.html", "c.jsonl"):
        assert [row["bytes"] for row in read(put(tmp_path / name, b"a\0b\0"))] == [b"a\0b\0"]
    (row,) = read(put(tmp_path / "d.csv", b"title\na\0b\n"))
    assert json.loads(row["bytes"]) == {"title": "a\0b"}


def invalid_text() -> bytes:
    buffers = pa.array([b"fine", b"\xff\xfe\x80"], pa.binary()).buffers()
    return parquet(pa.table({"text": pa.Array.from_buffers(pa.string(), 2, buffers)}))


BROKEN: dict[str, bytes] = {
    "not json.json": b'{"title": ',
    "nested.json": b"[" * 5_000 + b"]" * 5_000,
    "surrogate.json": b'[{"title": "\\ud800"}]',
    "cut.parquet": RECORD_FORMS[".parquet"][:-9],
    "text.parquet": b"no parquet at all",
    "cut.csv.gz": gzip.compress(csv_bytes())[:-5],
    "cut.parquet.zst": zstandard.compress(RECORD_FORMS[".parquet"])[:-5],
    "not.txt.gz": b"never compressed",
    "quote.csv": b'a\n"x\n',
    "nul.csv": b"a\n\0\n",
    "header twice.csv": b"a,a\n1,2\n",
    "nested item.json": b"[" + b"[" * 300 + b"]" * 300 + b"]",
    "invalid text.parquet": invalid_text(),
    "date.parquet": parquet(pa.table({"day": pa.array([2**30], pa.date32())})),
    "time.parquet": parquet(pa.table({"at": pa.array([2**62], pa.timestamp("us"))})),
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_bad_file_never_stops_the_others(tmp_path: Path, name: str) -> None:
    put(tmp_path / "in" / "a first.txt", b"first")
    put(tmp_path / "in" / name, BROKEN[name])
    put(tmp_path / "in" / "z last.txt", b"last")
    rows = read(tmp_path / "in")
    assert rows[0]["bytes"] == b"first"
    assert rows[-1]["bytes"] == b"last"
    assert len(rows) >= 3, "the bad file left no trace"


def test_damaged_parquet_never_stops_the_others(tmp_path: Path) -> None:
    content = parquet(pa.table({"title": [f"标题{n}" for n in range(50)], "n": list(range(50))}))
    put(tmp_path / "z.txt", b"last")
    chance = random.Random(1)
    for _ in range(400):
        damaged = bytearray(content)
        damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        put(tmp_path / "a.parquet", bytes(damaged))
        assert read(tmp_path)[-1]["bytes"] == b"last"


def test_a_number_of_a_record_is_not_rounded(tmp_path: Path) -> None:
    element = b'{"id": 123456789012345678901234567890, "rate": 1.10, "digits": ' + b"9" * 200 + b"}"
    rows = read(put(tmp_path / "a.json", b"[\n  " + element + b" ,\t" + element + b"\n]\n"))
    assert [row["bytes"] for row in rows] == [element, element]


def test_bytes_in_parquet_are_read_as_text(tmp_path: Path) -> None:
    """Crawls keep pages as binary columns; Python's b'…' notation would become part of the article."""
    pages = [b"<p>page</p>", "<p>网页</p>".encode(), "<p>网页</p>".encode("gb18030"), b"\xff\xd8\xff\xe0"]
    *whole, picture = read(put(tmp_path / "a.parquet", parquet(pa.table({"html": pages}))))
    assert [json.loads(row["bytes"])["html"] for row in whole] == ["<p>page</p>", "<p>网页</p>", "<p>网页</p>"]
    assert {row["error"] for row in whole} == {None}
    assert picture["error"].startswith("malformed_parquet: row 4: 'gb18030' codec can't decode")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=8), values, max_size=4), min_size=1, max_size=8),
    st.sampled_from([*COMPRESS]),
)
@settings(max_examples=60, deadline=None)
def test_any_records_land_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], compression: str
) -> None:
    lines = [json.dumps(record, ensure_ascii=number % 2 == 0).encode() for number, record in enumerate(records)]
    content = b"".join(line + b"\n" for line in lines)
    folder = tmp_path_factory.mktemp("records")
    rows = read(put(folder / f"a.jsonl{compression}", COMPRESS[compression](content)))
    assert [row["bytes"] for row in rows] == lines
    items = read(put(folder / f"b.json{compression}", COMPRESS[compression](b"[" + b",".join(lines) + b"]")))
    assert [json.loads(row["bytes"]) for row in items] == records


@pytest.mark.parametrize(
    "content", [b"\n\r\ntitle;text\nA;B\n", b'"title";"te\nxt"\nA;B\n', b'"ti\ntle";"text"\nA;B\n']
)
def test_where_a_csv_begins(tmp_path: Path, content: bytes) -> None:
    """Empty lines before the header, and names of several lines."""
    (row,) = read(put(tmp_path / "a.csv", content))
    assert row["error"] is None
    assert list(json.loads(row["bytes"]).values()) == ["A", "B"]


@pytest.mark.parametrize("odd", [b"NaN", b'"\\ud83d"'])
def test_an_array_as_python_writes_it(tmp_path: Path, odd: bytes) -> None:
    """One odd value is no reason to refuse all others of its file."""
    elements = [b'{"a": 1}', b'{"a": ' + odd + b"}", b'{"a": 3}']
    rows = read(put(tmp_path / "a.json", b"[" + b", ".join(elements) + b"]"))
    assert [row["bytes"] for row in rows] == elements
