"""Tables as other programs write them: Excel's first line, tabs, names that come twice; and arrays without a size."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake.acquire import json_arrays, records, streams
from newslake.acquire.streams import Fault

from .sources import LINES, RECORDS, put, read


def test_columns_that_share_a_name_keep_their_values(tmp_path: Path) -> None:
    (row,) = read(put(tmp_path / "a.csv", b"text,title,text,text\none,t,two,three\n"))
    assert json.loads(row["bytes"]) == {"text": "one", "title": "t", "text (2)": "two", "text (3)": "three"}


@pytest.mark.parametrize("line", [b"sep=;\r\n", b'"sep=;"\n', b"\xef\xbb\xbfSEP=;\n"])
def test_the_line_that_excel_puts_first(tmp_path: Path, line: bytes) -> None:
    (row,) = read(put(tmp_path / "a.csv", line + b"title;a,b,c,d,e\nx;y\n"))
    assert json.loads(row["bytes"]) == {"title": "x", "a,b,c,d,e": "y"}


def test_tab_separated_values(tmp_path: Path) -> None:
    (row,) = read(put(tmp_path / "a.TSV.gz", gzip.compress("title\ttext\n会议\t甲,乙\n".encode())))
    assert json.loads(row["bytes"]) == {"title": "会议", "text": "甲,乙"}


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_its_mark(tmp_path: Path, order: str) -> None:
    content = "\ufefftitle,text\r\n会议,正文\r\n".encode(order)
    (row,) = read(put(tmp_path / "a.csv", content))
    assert json.loads(row["bytes"]) == {"title": "会议", "text": "正文"}
    row, end = read(put(tmp_path / "b.csv", content[:-1]))
    assert json.loads(row["bytes"]) == {"title": "会议", "text": "正文"}
    assert end["error"].startswith("undecodable: row 2")


def test_an_array_larger_than_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "DOCUMENT_BYTES", 1_000)
    monkeypatch.setattr(streams, "PART_BYTES", 64)
    array = b"\xef\xbb\xbf [" + b",\n".join(LINES * 20) + b"]"
    rows = read(put(tmp_path / "a.json", array))
    assert [json.loads(row["bytes"]) for row in rows] == RECORDS * 20
    assert rows[3]["url"] == "file:a.json#item=3"
    *whole, fault = read(put(tmp_path / "b.json", array[:-200]))
    assert 50 < len(whole) < 60
    assert fault["error"].startswith("truncated")
    *whole, fault = read(put(tmp_path / "c.json", b"[" + b",".join([*LINES * 10, b"{nonsense}", *LINES * 10]) + b"]"))
    assert (len(whole), fault["error"].split(":")[0]) == (30, "malformed_json")
    (fault,) = read(put(tmp_path / "d.json", b'[{"text": "' + b"x" * 5_000 + b'"}]'))
    assert fault["error"].startswith("too_large")
    (fault,) = read(put(tmp_path / "e.json", b'{"text": "' + b"x" * 5_000 + b'"}'))
    assert fault["error"].startswith("too_large")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(st.lists(VALUES), st.integers(1, 40), st.booleans(), st.sampled_from([None, 1]))
def test_elements_do_not_depend_on_the_parts(
    values: list[object], size: int, is_ascii: bool, indent: int | None
) -> None:
    content = json.dumps(values, ensure_ascii=is_ascii, indent=indent).encode("utf-8", "surrogatepass")
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    if not is_utf8(content):  # Halves of characters that were not escaped.
        with pytest.raises(Fault, match="undecodable"):
            list(json_arrays.elements(parts))
        return
    found = list(json_arrays.elements(parts))
    assert [json.loads(one) for one in found] == values
    assert [json.loads(one) for one in records._json_elements(content) or []] == values
