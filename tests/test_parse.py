"""The stage: pages → articles, blocks, refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.parse import parse
from newslake.tables import ARTICLES, BLOCKS, PAGES, QUARANTINE
from newslake.tables.blocks import BODY_KINDS, KINDS
from newslake.tables.pages import GIVEN

PROSE = "县里昨日公布了今年的灌溉计划，七个乡镇先后开闸放水，农户按次序引水入田。"
LINES = ["春灌工作全面展开", "2024-02-20 02:03:38来源：某县融媒体中心编辑：李明责任编辑：", "春灌工作全面展开", "七个乡镇先后开闸",
         "某县网讯（记者 吴一 程二 何三四）2月19日，全县春灌会议召开。" + PROSE, "春灌会议现场", PROSE, "（版权作品 未经许可 不得转载）", "网友评论"]  # fmt: skip


def page(
    lines: list[str], *, hints: list[str | None] | None = None, given: dict[str, str] | None = None, **columns: object
) -> dict[str, object]:
    row: dict[str, object] = {
        "raw_id": sha256("\n".join(lines).encode()).hexdigest(),
        "source": "input",
        "url": "file:news/a.txt",
        "fetched_at": datetime(2024, 3, 1, tzinfo=UTC),
        "charset": "gb18030",
        "charset_source": "meta",
        "language": "zh",
        "script": "Hant",
        "lines": lines,
        "lines_found": [f"{line}*" for line in lines],
        "hints": hints or [None] * len(lines),
        "repairs": [("glosses", 3)],
        "given": {field.name: None for field in GIVEN} | (given or {}),
    }
    return row | columns


def run(
    *pages: dict[str, object], timezones: dict[str, str] | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    articles, blocks, refused = parse(PAGES.from_rows(list(pages)), timezones or {})
    assert articles.schema.equals(ARTICLES.schema)
    assert blocks.schema.equals(BLOCKS.schema)
    assert refused.schema.equals(QUARANTINE.schema)
    for table in (articles, blocks, refused):
        table.validate(full=True)
    return articles.to_pylist(), blocks.to_pylist(), refused.to_pylist()


def article(lines: list[str], timezones: dict[str, str] | None = None, **columns: Any) -> dict[str, Any]:
    (found,), _, refused = run(page(lines, **columns), timezones=timezones)
    assert refused == []
    return found


def test_article_of_a_page() -> None:
    found = article(LINES)
    text = "\n".join([LINES[4], LINES[6]])
    expected = {
        "title": "春灌工作全面展开",
        "deck": "七个乡镇先后开闸",
        "published_at": datetime(2024, 2, 19, 18, 3, 38, tzinfo=UTC),
        "published_date": date(2024, 2, 20),
        "published_tz": "Asia/Shanghai",
        "published_month": "2024-02",
        "event_date": date(2024, 2, 19),
        "source_name": "某县融媒体中心",
        "editor": "李明",
        "responsible_editor": None,
        "reporters": ["吴一", "程二", "何三四"],
        "text": text,
        "text_as_found": f"{LINES[4]}*\n{LINES[6]}*",
        "char_count": len(text),
        "paragraph_count": 2,
        "script": "Hant",
        "charset": "gb18030",
        "repairs": [("glosses", 3)],
        "version_no": 0,
        "is_duplicate": False,
    }
    assert {name: found[name] for name in expected} == expected
    assert found["article_id"] == found["cluster_id"] == found["raw_id"][:16]


def test_blocks_carry_the_articles_partition() -> None:
    _, blocks, _ = run(page(LINES))
    assert [block["block_no"] for block in blocks] == list(range(len(LINES)))
    assert {block["published_month"] for block in blocks} == {"2024-02"}
    assert {block["published_date"] for block in blocks} == {date(2024, 2, 20)}


@pytest.mark.parametrize(
    "lines", [[], ["首页", "新闻", "登录"], ["春灌开始"], ["春灌开始", "2024-02-20 来源：某县日报"]]
)
def test_page_without_body_is_refused(lines: list[str]) -> None:
    articles, blocks, refused = run(page(LINES), page(lines))
    assert len(articles) == 1
    assert len(blocks) == len(LINES)
    assert [(row["stage"], row["reason"]) for row in refused] == [("parse", "no_body")]
    assert str(len(lines)) in refused[0]["detail"]


def test_no_pages() -> None:
    assert run() == ([], [], [])


def test_identity() -> None:
    fetched = "https://news.example/a"
    named = "https://paper.example/b"
    id_of = {url: sha256(url.encode()).hexdigest()[:16] for url in (fetched, named)}
    assert article(LINES, url=fetched, given={"url": named})["article_id"] == id_of[fetched]
    assert article(LINES, given={"url": named})["article_id"] == id_of[named]
    assert article(LINES, given={"url": named})["url"] == named
    assert article(LINES, url="https://news.example/all.jsonl#3", given={"url": named})["article_id"] == id_of[named]
    assert article(LINES, given={"url": "javascript:void(0)"})["url"] == "file:news/a.txt"


def test_what_the_page_does_not_say_is_null() -> None:
    found = article([PROSE])
    for name in (
        "title",
        "deck",
        "published_at",
        "published_date",
        "published_tz",
        "event_date",
        "place",
        "source_name",
        "editor",
    ):
        assert found[name] is None
    assert found["reporters"] == []
    assert found["published_month"] == "undated"


def test_given_fills_what_is_not_visible() -> None:
    fields = {
        "title": "春灌开始啦_某县网",
        "deck": "导语",
        "author": "李明、赵强",
        "source_name": "某县日报",
        "published": "2024-02-20T08:00:00+08:00",
        "place": "某县",
        "editor": "钱小兰",
    }
    found = article([PROSE], given=fields)
    assert (found["title"], found["deck"], found["reporters"]) == ("春灌开始啦", "导语", ["李明", "赵强"])
    assert (found["source_name"], found["place"], found["editor"]) == ("某县日报", "某县", "钱小兰")
    assert found["published_at"] == datetime(2024, 2, 20, tzinfo=UTC)


def test_visible_wins_over_given() -> None:
    found = article(LINES, given={"source_name": "别处", "published": "2020-01-01", "title": "春灌工作全面展开"})
    assert found["source_name"] == "某县融媒体中心"
    assert found["published_date"] == date(2024, 2, 20)


@pytest.mark.parametrize(("stated", "has_time"), [("2024-02-20T10:00:00", True), ("2024-02-21T10:00:00", False)])
def test_given_adds_the_time_to_the_printed_day(stated: str, has_time: bool) -> None:
    found = article(["春灌开始啦", "2024-02-20", PROSE], given={"published": stated})
    assert found["published_date"] == date(2024, 2, 20)
    assert (found["published_at"] is not None) == has_time


def test_zone_of_source_and_language() -> None:
    lines = ["春灌开始啦", "2024-02-20 02:00", PROSE]
    assert article(lines, timezones={"input": "America/New_York"})["published_at"] == datetime(
        2024, 2, 20, 7, tzinfo=UTC
    )
    assert article(lines, language="en")["published_at"] == datetime(2024, 2, 20, 2, tzinfo=UTC)
    with pytest.raises(ValueError, match="Mars"):
        article(lines, timezones={"input": "Mars/Base"})


@pytest.mark.parametrize("given_time", ["not a date", "", "2024-13-45", "99999999999999", "1e99"])
def test_unreadable_given_time_is_null(given_time: str) -> None:
    assert article([PROSE], given={"published": given_time})["published_date"] is None


def test_rows_do_not_depend_on_the_batch() -> None:
    pages = [page(LINES), page([PROSE]), page(["春灌开始", PROSE])]
    together = run(*pages)[0]
    assert together == [run(one)[0][0] for one in pages]
    assert run(*reversed(pages))[0] == together[::-1]


LINE = st.one_of(
    st.sampled_from(
        [
            *LINES,
            PROSE,
            "一、任务",
            "首页 > 新闻",
            "相关阅读",
            "· 春灌",
            "责任编辑：",
            "By Jane Doe",
            "   ",
            "会议指出：",
            "水怎么来？",
            "技术员 摄",
        ]
    ),
    st.text(alphabet="水渠。，：:；（）()“”·|>2024-年月日来源编辑记者讯电摄 AaBb.\u3000😀", max_size=80),
    st.text(max_size=30).filter(lambda line: "\n" not in line),
)
HINT = st.one_of(
    st.none(),
    st.none(),
    st.sampled_from(
        ["title", "heading", "caption", "header", "list_item", "table", "quote", "comment", "related"],
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(LINE, HINT), max_size=14),
    st.sampled_from([None, "春灌工作全面展开 - 某县网", "x"]),
    st.sampled_from(["zh", "en", "und"]),
)
def test_every_line_becomes_a_block(pairs: list[tuple[str, str | None]], title: str | None, language: str) -> None:
    lines = [line.encode("utf-8", "ignore").decode() for line, _ in pairs]
    hints = [hint for _, hint in pairs]
    articles, blocks, refused = run(
        page(lines, hints=hints, language=language, given={"title": title} if title else None)
    )
    assert len(articles) + len(refused) == 1
    if refused:
        assert blocks == []
        return
    assert [block["text"] for block in blocks] == lines
    text = articles[0]["text"]
    body = [block for block in blocks if block["kind"] in BODY_KINDS]
    assert text == "\n".join(block["text"] for block in body)
    assert text.strip()
    for block in blocks:
        assert block["kind"] in KINDS
        assert 0 <= block["confidence"] <= 1
        if block["kind"] in BODY_KINDS:
            assert text[block["start"] : block["end"]] == block["text"]
            assert block["end"] > block["start"]
        else:
            assert block["start"] is None
            assert block["end"] is None


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"source_name": "来源：某县融媒体中心"}, "source_name", "某县融媒体中心"),
        ({"source_name": "Source: Harbour Times"}, "source_name", "Harbour Times"),
        ({"source_name": "https://news.example/"}, "source_name", None),
        ({"source_name": "县" * 41}, "source_name", None),
        ({"editor": "责任编辑：李明"}, "editor", "李明"),
        ({"author": "作者：李明、赵强"}, "reporters", ["李明", "赵强"]),
        ({"author": "By Jane Doe and Ann Lee"}, "reporters", ["Jane Doe", "Ann Lee"]),
    ],
)
def test_given_values_lose_their_labels(given: dict[str, str], field: str, value: object) -> None:
    assert article(["春灌开始", PROSE], given=given)[field] == value


def test_texts_of_a_slice_and_of_nothing() -> None:
    rows = [page(["春灌开始", PROSE]), page(["秋收", PROSE * 2]), page(["首页", "登录"]), page(["冬修", PROSE * 3])]
    table = PAGES.from_rows(rows)
    articles, blocks, refused = parse(table.slice(1), {})
    assert articles["text"].to_pylist() == [PROSE * 2, PROSE * 3]
    assert articles["text_as_found"].to_pylist() == [f"{PROSE * 2}*", f"{PROSE * 3}*"]
    assert blocks["text"].to_pylist() == ["秋收", PROSE * 2, "冬修", PROSE * 3]
    assert refused.num_rows == 1
    assert [table.num_rows for table in parse(table.slice(4), {})] == [0, 0, 0]
