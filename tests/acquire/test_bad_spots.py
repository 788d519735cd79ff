"""One bad spot in a file of records is one refused document: what stands behind it is read."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.acquire import csv_rows, streams

from .sources import put, read

TEXT = "全市召开动员部署会，强调抓好落实。" * 5
ROWS = [[f"第{number}次会议", TEXT, f"2024-01-{number + 1:02}"] for number in range(20)]


def table(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in [["title", "text", "date"], *rows])


def outcome(rows: list[dict[str, Any]]) -> list[str]:
    """Of each document its title, or the reason why it was refused."""
    return [row["error"].split(":")[0] if row["error"] else json.loads(row["bytes"])["title"] for row in rows]


TITLES = [row[0] for row in ROWS]
BAD_LINES = {
    "a quote behind a quoted field": ('"a" b,c,d\n', ["malformed_csv"]),
    "a quote that does not end": ('a,"b,c\n', ["malformed_csv"]),
    "such a quote, and one behind it": ('a,"b,c\n"d",e,f\n', ["malformed_csv", "d"]),
    "a quote within several lines": ('a,"b\nc" d\n', ["malformed_csv", "malformed_csv"]),
    "a line break without quotes": ("a,b\nc\nd,2024-01-01\n", ["a", "malformed_csv", "d"]),
    "fields too many": ("a,b,c,d\n", ["malformed_csv"]),
    "a line that is too long": ("a," + "b" * 5_000 + ",c\n", ["too_large"]),
    "a row that is too long": ('a,"' + "bbbbbbb\n" * 600 + '",c\n', ["too_large", *["malformed_csv"] * 600]),
    "blank fields": ("  \n", []),
}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_row_of_csv(tmp_path: Path, name: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "DOCUMENT_BYTES", 4_000)
    line, reasons = BAD_LINES[name]
    lines = table(ROWS).splitlines(keepends=True)
    content = "".join([*lines[:11], line, *lines[11:]])
    rows = read(put(tmp_path / "a.csv", content.encode(encoding)))
    assert outcome(rows) == [*TITLES[:10], *reasons, *TITLES[10:]]
    assert len({row["url"] for row in rows}) == len(rows)
    assert all(f"row {number + 1}" in row["error"] for number, row in enumerate(rows) if row["error"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_a_bad_byte_of_csv(tmp_path: Path, encoding: str) -> None:
    content = table(ROWS).encode(encoding)
    place = content.index(TITLES[7].encode(encoding.removesuffix("-sig"))) + 1
    rows = read(put(tmp_path / "a.csv", content[:place] + b"\xff" + content[place:]))
    found = outcome(rows)
    assert [found[number] for number in range(20) if number != 7] == [t for t in TITLES if t != TITLES[7]]
    assert rows[7]["error"].startswith("undecodable: row 8, up to line 9, holds bytes that are no ")


def test_what_was_lost_before_is_no_bad_byte(tmp_path: Path) -> None:
    (row,) = read(put(tmp_path / "a.csv", "title,text\n会\ufffd,文\n".encode()))
    assert (json.loads(row["bytes"]), row["error"]) == ({"title": "会\ufffd", "text": "文"}, None)


def test_of_another_charset_only_what_is_ascii_is_believed(tmp_path: Path) -> None:
    lines = [
        "title,text",
        "fine,The council met on Monday.",
        "été,Le déjà vu — à côté.",
        "fine too,A new bridge opens.",
    ]
    rows = read(put(tmp_path / "a.csv", "\n".join(lines).encode("cp1252")))
    assert outcome(rows) == ["fine", "undecodable", "fine too"]
    (row,) = read(put(tmp_path / "b.csv", b"title\n" + random.Random(1).randbytes(5_000)))
    assert row["error"].startswith("undecodable: the CSV file is neither")


def test_quotes_that_never_end_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "DOCUMENT_BYTES", 10_000)
    rows = read(put(tmp_path / "a.csv", b'title,text\na,"b\n' + b'a","b\n' * 20_000))
    assert {row["error"].split(":")[0] for row in rows} == {"malformed_csv", "too_large"}
    assert rows[-1]["error"].endswith("too many quotes that do not end")
    assert len(rows) < 20 * csv_rows.MOST_REPEATED


def test_columns_that_a_row_leaves_off_are_null(tmp_path: Path) -> None:
    header, short = "title,text,author,tags", ["a,b,c,d", "a,b,c", "a,b", '"a",', "a"]
    rows = read(put(tmp_path / "a.csv", "\n".join([header, *short]).encode()))
    assert [list(json.loads(row["bytes"]).values()) for row in rows] == [
        ["a", "b", "c", "d"],
        ["a", "b", "c", None],
        ["a", "b", None, None],
        ["a", "", None, None],
        ["a", None, None, None],
    ]
    assert [row["error"] for row in rows[:4]] == [None] * 4
    assert rows[4]["error"] == "malformed_csv: row 5 has one field of 4: a line break without quotes?"


def test_a_file_of_nothing_but_damage_is_given_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MOST_DAMAGED_ROWS", 100)
    cut = "b\n" * 99
    *rows, fault = read(put(tmp_path / "a.csv", f"{table(ROWS)}{cut}c,d,e\n{cut}b\nc,d,e\n{cut}".encode()))
    assert outcome(rows) == [*TITLES, *["malformed_csv"] * 99, "c", *["malformed_csv"] * 100]
    assert fault["error"] == (
        "malformed_csv: rows 121 to 220, up to line 221, are all damaged; 100 lines behind them were not read"
    )


def test_a_quote_that_does_not_end_keeps_few_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MOST_ROW_LINES", 50)
    rows = read(put(tmp_path / "a.csv", ('title,text\n"x,a\n' + "c,d\n" * 200).encode()))
    assert outcome(rows) == ["too_large", *["c"] * 200]
    assert rows[0]["error"] == "too_large: row 1, line 2: 51 lines belong to it, since a quote does not end"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='ab,"\n\r; \0\u4f1a', max_size=80), st.integers(0, 5))
def test_whatever_stands_before_it_a_good_row_is_read(
    tmp_path_factory: pytest.TempPathFactory, noise: str, number: int
) -> None:
    """At the latest when the noise is over: behind it an odd quote may take one row with it."""
    good = "".join(f"good {one},text,{one}\n" for one in range(3))
    content = f"title,text,date\n{noise}\n{good}".encode()
    rows = read(put(tmp_path_factory.mktemp("noise") / f"{number}.csv", content))
    assert outcome(rows)[-3:] == ["good 0", "good 1", "good 2"]


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_a_line_that_is_too_long(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "DOCUMENT_BYTES", 1_000)
    monkeypatch.setattr(streams, "PART_BYTES", size)
    long = b'{"title": "' + b"x" * 5_000 + b'"}'
    lines = [b'{"title": "a"}', long, b'{"title": "b"}', long, b'{"title": "c"}', long]
    rows = read(put(tmp_path / "a.jsonl", b"\n".join(lines)))
    assert outcome(rows) == ["a", "too_large", "b", "too_large", "c", "too_large"]
    assert rows[1]["error"] == f"too_large: line 2 has {len(long)} bytes"
    assert rows[1]["bytes"] == long[:size]


@pytest.mark.parametrize("rest", [b"\n\n", b"\0\0\r\n", b"-- \nend", b"\n" * 4_000])
def test_what_stands_behind_the_last_gzip_member(tmp_path: Path, rest: bytes) -> None:
    packed = gzip.compress(b'{"title": "a"}\n') + gzip.compress(b'{"title": "b"}\n')
    assert outcome(read(put(tmp_path / "a.jsonl.gz", packed + rest))) == ["a", "b"]


@pytest.mark.parametrize(
    "rest", [b"\x1f", b"\x1f\x8b", gzip.compress(b"{}")[:-1], b"\n" * 5_000, b"\n\xff", "文".encode()]
)
def test_what_may_be_a_member_is_told(tmp_path: Path, rest: bytes) -> None:
    *whole, fault = read(put(tmp_path / "a.jsonl.gz", gzip.compress(b'{"title": "a"}\n') + rest))
    assert outcome(whole)[:1] == ["a"]
    assert fault["error"].split("_")[0] in {"corrupt", "truncated"}


def test_a_damaged_member_is_never_taken_for_its_end(tmp_path: Path) -> None:
    members = [gzip.compress(json.dumps({"title": str(number)}).encode() + b"\n") for number in range(3)]
    chance = random.Random(1)
    for place in range(len(members[0]), len(members[0] + members[1])):
        content = bytearray(b"".join(members))
        content[place] ^= 1 << chance.randrange(8)
        rows = read(put(tmp_path / "a.jsonl.gz", bytes(content)))
        assert outcome(rows) == ["0", "1", "2"] or rows[-1]["error"], place


def test_what_was_compressed_twice_is_unpacked_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = table(ROWS).encode()
    assert outcome(read(put(tmp_path / "a.csv.gz", gzip.compress(gzip.compress(content))))) == TITLES
    *_, cut = read(put(tmp_path / "b.csv.gz", gzip.compress(gzip.compress(content)[:-9])))
    assert cut["error"].startswith("truncated_gzip")
    monkeypatch.setattr(streams, "DECOMPRESSED_BYTES", 10**6)
    (bomb,) = read(put(tmp_path / "c.txt.gz", gzip.compress(gzip.compress(bytes(10**8)))))
    assert bomb["error"].startswith("too_large: over 1000000 bytes")
