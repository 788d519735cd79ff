"""The clean stage as a whole: rows in, pages and refusals out."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.clean import clean, clean_document
from newslake.clean.mapping import Change, map_to_found, map_to_text
from newslake.tables.pages import PAGES
from newslake.tables.quarantine import QUARANTINE
from newslake.tables.raw_documents import RAW_DOCUMENTS

BODY = [
    "昨天下午，市里召开会议，讨论明年的工作安排，各部门负责人参加了会议。",
    "市长说，要把老百姓的事情办好，让大家的日子越过越好，不能只说不做。",
] * 3


def raw(*documents: tuple[bytes, str] | tuple[bytes, str, str | None]) -> pa.Table:
    rows: list[dict[str, object]] = []
    for number, (data, content_type, *error) in enumerate(documents):
        rows.append(
            {
                "raw_id": hashlib.sha256(data).hexdigest(),
                "source": "input",
                "url": f"file:folder/{number}",
                "fetched_at": datetime(2024, 2, 20, tzinfo=UTC),
                "content_type": content_type,
                "error": error[0] if error else None,
                "bytes": data,
                "byte_count": len(data),
                "fetched_date": "2024-02-20",
            }
        )
    return RAW_DOCUMENTS.from_rows(rows)


def page(*lines: str) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f"<!DOCTYPE html><html><head><title>会议</title></head><body>{body}</body></html>".encode()


def test_plain_text():
    pages, refused = clean(raw(("今日\u200b召開會議,討論發展。\r\n\r\n\u3000\u3000第二行".encode(), "text/plain")))
    assert refused.num_rows == 0
    assert pages.schema == PAGES.schema
    (row,) = pages.to_pylist()
    assert row["lines"] == ["今日召开会议，讨论发展。", "第二行"]
    assert row["lines_found"] == ["今日\u200b召開會議,討論發展。", "第二行"]
    assert row["hints"] == [None, None]
    assert dict(row["repairs"]) == {"zero_width": 1, "script": 6, "punctuation": 1}
    assert [tuple(edit.values()) for edit in row["edits"]] == [
        (0, "zero_width", 2, 2, 2, 3),
        (0, "script", 3, 6, 4, 7),
        (0, "punctuation", 6, 7, 7, 8),
        (0, "script", 7, 10, 8, 11),
    ]
    assert (row["language"], row["script"], row["charset"], row["charset_source"]) == ("zh", "Hant", "utf-8", "utf8")
    assert set(row["given"].values()) == {None}


def test_text_that_is_html_is_read_as_html():
    pages, _ = clean(raw((page(*BODY), "text/plain")))
    assert all("<" not in line for line in pages["lines"][0].as_py())


def test_record():
    record = {
        "Headline": "会议召开",
        "content": "今天开会。\n明天再开。",
        "authors": [{"name": "张三"}, "李四"],
        "pubDate": "2024-02-20",
        "link": "https://example.org/a",
        "description": "说明",
        "lang": "zh",
    }
    (row,) = clean(raw((json.dumps(record).encode(), "application/json")))[0].to_pylist()
    assert row["lines"] == ["会议召开", "今天开会。", "明天再开。"]
    assert row["hints"] == ["title", None, None]
    assert row["given"] == {
        "title": "会议召开",
        "deck": "说明",
        "author": "张三、李四",
        "editor": None,
        "source_name": None,
        "published": "2024-02-20",
        "url": "https://example.org/a",
        "place": None,
        "language": "zh",
    }


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("pubtime", "published"),
        ("PublishTime", "published"),
        ("date-published", "published"),
        ("发布时间", "published"),
        ("media", "source_name"),
        ("Source_Name", "source_name"),
        ("來源", "source_name"),
        ("reporters", "author"),
        ("permalink", "url"),
    ],
)
def test_names_of_record_fields(key, name):
    (row,) = clean(raw((json.dumps({"articleBody": "今天开会。", key: "值"}).encode(), "application/json")))[
        0
    ].to_pylist()
    assert row["lines"] == ["今天开会。"]
    assert {name for name, value in row["given"].items() if value} == {name}


def test_given_texts_are_repaired_like_lines_and_counted_once():
    record = {
        "title": "會議召開",
        "text": "會議召開\n今天開會。",
        "source": "某某電視\u200b臺",
        "published": "二〇二四年",
        "summary": "\u200b",
    }
    (row,) = clean(raw((json.dumps(record).encode(), "application/json")))[0].to_pylist()
    assert row["lines"] == ["会议召开", "今天开会。"]
    assert row["lines_found"] == ["會議召開", "今天開會。"]
    given = row["given"]
    assert (given["title"], given["source_name"], given["published"], given["deck"]) == (
        "会议召开",
        "某某电视台",
        "二〇二四年",
        None,
    )
    assert dict(row["repairs"]) == {"zero_width": 2, "script": 8}


def test_record_with_html_body():
    record = {
        "title": "会议召开",
        "html": "<h2>第一天</h2><p>今天<b>开</b>会。</p><figure><figcaption>会场</figcaption></figure>",
    }
    (row,) = clean(raw((json.dumps(record).encode(), "application/json; charset=utf-8")))[0].to_pylist()
    assert row["lines"] == ["会议召开", "第一天", "今天开会。", "会场"]
    assert row["hints"] == ["title", "heading", None, "caption"]


def test_half_characters_of_json_never_reach_a_table():
    (row,) = clean(
        raw((b'{"title": "a\\ud800", "author": "\\u0000x", "text": "b\\udfff\\u0000 c"}', "application/json"))
    )[0].to_pylist()
    assert row["lines"] == ["a\ufffd", "b\ufffd c"]
    assert row["given"]["author"] == "x"


@pytest.mark.parametrize(
    ("data", "content_type", "stage", "reason"),
    [
        (b" ", "text/plain", "clean", "empty"),
        ("\u200b\u200b".encode(), "text/plain", "clean", "empty"),
        (b"%PDF-1.4", "application/pdf", "clean", "binary"),
        (bytes(range(0x80, 0x100)) * 40, "text/plain", "clean", "undecodable"),
        (b"a" * 16_000_001, "text/plain", "clean", "too_large"),
        (b"<html>" + b"<i>" * 400_001, "text/html", "clean", "too_large"),
        (b"<html><body>" + b"<div>" * 20_000 + b"text", "text/html", "clean", "too_deep"),
        (b"{not json}", "application/json", "clean", "malformed_json"),
        (b"[" * 100_000, "application/json", "clean", "malformed_json"),
        (b'{"title": "a", "text": "b', "application/json", "clean", "truncated"),
        (b'{"title": "a", "text": "b"', "application/json", "clean", "truncated"),
        (b'{"title": "a", "text": "b}', "application/json", "clean", "malformed_json"),
        (b'{"title": "a" "text": "b"}', "application/json", "clean", "malformed_json"),
        (b'["a"]', "application/json", "clean", "no_text_field"),
        (b'{"title": "a", "summary": "b"}', "application/json", "clean", "no_text_field"),
        (b'{"text": ""}', "application/json", "clean", "no_text_field"),
        (
            b"<html><title>404 Not Found</title><body><h1>404 Not Found</h1><hr>nginx</body></html>",
            "text/html",
            "clean",
            "error_page",
        ),
        (
            "<html><body><p>您访问的页面不存在</p><a href=/>首页</a></body></html>".encode(),
            "text/html",
            "clean",
            "error_page",
        ),
        (b"<html><head><title>403 Forbidden</title></head></html>", "text/html", "clean", "error_page"),
        (b"502 Bad Gateway", "text/plain", "clean", "error_page"),
        (b"<html><body><script>var a = 'text';</script></body></html>", "text/html", "clean", "no_text"),
        (page(*BODY).split("，不能".encode())[0], "text/html", "clean", "truncated"),
        (page(*BODY).removesuffix(b"></body></html>"), "text/html", "clean", "truncated"),
    ],
)
def test_refusals(data, content_type, stage, reason):
    pages, refused = clean(raw((data, content_type)))
    assert pages.num_rows == 0
    assert refused.schema == QUARANTINE.schema
    (row,) = refused.to_pylist()
    assert (row["stage"], row["reason"]) == (stage, reason)
    assert row["detail"]
    assert row["raw_id"] == hashlib.sha256(data).hexdigest()


def test_what_could_not_be_fetched_keeps_its_reason():
    (row,) = clean(raw((b"half", "text/html", "truncated_body: 4 of 10 bytes came")))[1].to_pylist()
    assert (row["stage"], row["reason"], row["detail"]) == ("acquire", "truncated_body", "4 of 10 bytes came")


def test_a_page_without_closing_tags_that_ends_its_sentence_is_whole():
    data = page(*BODY).removesuffix(b"</p></body></html>")
    assert clean(raw((data, "text/html")))[0].num_rows == 1


def test_an_article_about_errors_is_no_error_page():
    pages, _ = clean(raw((page("404 Not Found是什么意思", *BODY, *BODY), "text/html")))
    assert pages.num_rows == 1


def test_rows_depend_on_nothing_but_their_bytes():
    documents = [
        (page(*BODY), "text/html"),
        (b"%PDF-", "text/html"),
        ("召開會議".encode("big5") * 9, "text/plain"),
        ("会议".encode(), "text/plain"),
    ]
    together, _ = clean(raw(*documents))
    for row in together.to_pylist():
        number = int(row["url"].rpartition("/")[2])
        (alone,) = clean(raw(documents[number]))[0].to_pylist()
        assert {**alone, "url": row["url"]} == row


def test_an_empty_batch():
    pages, refused = clean(RAW_DOCUMENTS.empty())
    assert (pages.num_rows, refused.num_rows) == (0, 0)
    assert (pages.schema, refused.schema) == (PAGES.schema, QUARANTINE.schema)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["<p>", "</p>", "<div>", "<br>", "<img>", "<b>", "区(qū)", "會議", ",", "\u200b", "&#0;", "&#xd800;"]
            ),
            st.text(max_size=8),
        )
    ),
    st.sampled_from(["text/plain", "text/html", "application/json", "image/png", ""]),
)
def test_any_document_becomes_one_row(pieces, content_type):
    data = "".join(pieces).encode("utf-8", "surrogatepass")
    pages, refused = clean(raw((data, content_type)))
    assert pages.num_rows + refused.num_rows == 1
    pages.validate(full=True)
    for row in pages.to_pylist():
        assert len(row["lines"]) == len(row["lines_found"]) == len(row["hints"]) > 0
        assert all(row["lines"])
        assert not any("\n" in line or line != line.strip() for line in row["lines"])


def test_a_record_that_was_misread_before_it_was_written_down_is_taken_back() -> None:
    title, text = "市委召开会议", "昨天下午，市委召开会议，研究部署今年的重点工作。" * 4
    misread = {"title": title.encode().decode("latin-1"), "text": text.encode().decode("latin-1")}
    found = clean_document(json.dumps(misread).encode(), "application/json", None)
    assert (found.given["title"], found.lines) == (title, [title, text])


def test_entities_that_an_export_left_in_a_record_are_read() -> None:
    record = {"title": "甲&amp;乙公司开业", "text": "甲&amp;乙公司&ldquo;开业&rdquo;的;&nbsp;第二天，" + BODY[0]}
    found = clean_document(json.dumps(record).encode(), "application/json", None)
    assert found.found == ["甲&乙公司开业", "甲&乙公司“开业”的;\u00a0第二天，" + BODY[0]]
    assert found.lines == ["甲&乙公司开业", "甲&乙公司“开业”的；第二天，" + BODY[0]]


MISREAD = "市委召开会议\n昨天下午，市委召开会议，研究部署今年的重点工作，争取5G覆盖各村。\n" + "\n".join(BODY)


def as_cp1252(data: bytes) -> str:
    """As browsers read it: the gaps of cp1252 become controls."""
    return "".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in data)


@pytest.mark.parametrize("is_page", [False, True], ids=["text", "page"])
@pytest.mark.parametrize(
    "misread",
    [
        lambda text: text.encode().decode("latin-1"),
        lambda text: as_cp1252(text.encode()),
        lambda text: text.encode("gbk").decode("latin-1"),
        lambda text: as_cp1252(text.encode("gbk")),
        lambda text: text.encode("gbk").decode("iso8859-15"),
        lambda text: as_cp1252(as_cp1252(text.encode()).encode()),
    ],
    ids=["UTF-8 as Latin-1", "UTF-8 as cp1252", "GBK as Latin-1", "GBK as cp1252", "GBK as Latin-9", "twice"],
)
def test_text_that_was_misread_leads_back_character_by_character(misread, is_page):
    lines = [misread(line) for line in MISREAD.split("\n")]
    data = "".join(f"<p>{line}</p>" for line in lines) if is_page else "\n".join(lines)
    (row,) = clean(raw((data.encode(), "text/html" if is_page else "text/plain")))[0].to_pylist()
    assert row["charset_source"] == "mojibake"
    assert row["lines"][-len(BODY) :] == BODY
    assert row["lines_found"][-len(BODY) :] == lines[-len(BODY) :]
    assert dict(row["repairs"]).keys() == {"mojibake"}
    number = len(row["lines"]) - len(BODY)
    own = [Change(*list(edit.values())[1:]) for edit in row["edits"] if edit["line_no"] == number]
    start = BODY[0].index("讨论")
    place = map_to_found(own, start, start + 2)
    assert row["lines_found"][number][slice(*place)] == misread("讨论")
    assert map_to_text(own, *place) == (start, start + 2)


def test_utf_8_read_as_gbk_leads_back_by_the_characters_that_share_bytes():
    text = "\n".join(["参加会议的有各单位负责人", "会议强调，要提高认识"] * 6)
    misread = text.encode().decode("gb18030")
    (row,) = clean(raw((misread.encode(), "text/plain")))[0].to_pylist()
    assert row["lines_found"] == misread.split("\n")
    assert row["lines"] == text.split("\n")
    assert row["edits"][1] == {
        "line_no": 0,
        "repair": "mojibake",
        "start": 2,
        "end": 4,
        "found_start": 3,
        "found_end": 6,
    }


def test_what_cannot_be_seen_is_counted_under_its_own_name():
    text = "会\u00ad议\u202e召\u202c开\0了\u200b，" + BODY[0]
    (row,) = clean(raw((text.encode(), "text/plain")))[0].to_pylist()
    assert dict(row["repairs"]) == {"soft_hyphens": 1, "bidi_controls": 2, "controls": 1, "zero_width": 1}
    assert {edit["repair"] for edit in row["edits"]} == {"soft_hyphens", "bidi_controls", "controls", "zero_width"}
    assert row["lines_found"] == [text]
    (row,) = clean(raw((b'{"title": "a", "text": "\\ud800 b\\udfff\\u0000 c"}', "application/json")))[0].to_pylist()
    assert dict(row["repairs"]) == {"surrogates": 2, "controls": 1}
    assert row["lines_found"][1] == "\ufffd b\ufffd\0 c"
    assert row["lines"][1] == "\ufffd b\ufffd c"
