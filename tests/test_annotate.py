from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.annotate import annotate
from newslake.config import reference_lines
from newslake.segment import segment
from newslake.tables import ARTICLES, BLOCKS, MENTIONS


def tables(texts: dict[str, str], language: str = "zh") -> tuple[pa.Table, pa.Table]:
    """Articles with their sentences, of one paragraph a line."""
    articles: list[dict[str, object]] = []
    blocks: list[dict[str, object]] = []
    for name, text in texts.items():
        articles.append(
            {"article_id": name, "language": language, "script": "Hans" if language == "zh" else "Latn", "text": text,
             "reporters": [], "repairs": [], "published_month": "undated"}
        )  # fmt: skip
        start = 0
        for number, line in enumerate(text.split("\n")):
            blocks.append(
                {"article_id": name, "block_no": number, "kind": "paragraph", "text": line, "start": start,
                 "end": start + len(line), "published_month": "undated"}
            )  # fmt: skip
            start += len(line) + 1
    made = ARTICLES.from_rows(articles)
    return made, segment(made, BLOCKS.from_rows(blocks))


def people(text: str, language: str = "zh") -> list[tuple[str | None, str]]:
    rows = annotate(*tables({"a": text}, language)).to_pylist()
    assert all(text[row["start"] : row["end"]] == row["text"] for row in rows)
    return [(row["title"], row["name"]) for row in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("区委书记王志强参加会议。", [("区委书记", "王志强")]),
        ("区委副书记、区政府区长刘忠文主持会议。", [("区委副书记、区政府区长", "刘忠文")]),
        ("市长 张三强说，要抓紧。", [("市长", "张三强")]),
        ("主任李四在会上表示，任务很重。", [("主任", "李四")]),
        ("王志强书记指出，要抓落实。", [("书记", "王志强")]),
        ("县发展改革委主任赵文海到会。", [("县发展改革委主任", "赵文海")]),
        ("会见了来访的市应急管理局局长陈晓丽。", [("市应急管理局局长", "陈晓丽")]),
        ("欧阳明华区长要求立即整改。", [("区长", "欧阳明华")]),
        ("副县长黄玉林、何建波、徐瑛参加。", [("副县长", "黄玉林"), ("副县长", "何建波"), ("副县长", "徐瑛")]),
        ("区委常委、组织部部长周海涛，副区长林晓梅出席。", [("区委常委、组织部部长", "周海涛"), ("副区长", "林晓梅")]),
    ],
)
def test_people_with_titles(text: str, expected: list[tuple[str, str]]) -> None:
    assert people(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "书记强调，要抓落实。",
        "主任会议听取了汇报。",
        "市长热线接到来电。",
        "全区长期坚持绿色发展。",
        "王书记说，大家辛苦了。",
        "武汉市长江大桥通车。",
        "谢谢主任。",
        "书记和区长一起调研。",
        "主席团成员就座。",
        "本报记者 王志强 通讯员 李明华",
        "美国总统梅里·韦斯到访。",
        "局长于上午到达现场。",
        "厂长方面没有回应。",
        "",
        "没有人名的一段话。",
    ],
)
def test_nobody(text: str) -> None:
    assert people(text) == []


def test_names_are_found_again_without_title() -> None:
    text = "区委书记王志强讲话。\n王志强说，要快。刘忠区长主持。会后刘忠到现场。\n记者 王志强"
    rows = annotate(*tables({"a": text})).to_pylist()
    assert [(row["sentence_no"], row["text"], row["title"], row["name"]) for row in rows] == [
        (0, "区委书记王志强", "区委书记", "王志强"),
        (1, "王志强", None, "王志强"),
        (2, "刘忠区长", "区长", "刘忠"),
        (3, "刘忠", None, "刘忠"),
    ]


def test_a_name_within_a_longer_word_is_not_repeated() -> None:
    assert people("局长高原讲话。青藏高原气候多变。") in ([("局长", "高原")], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mayor Jane Smith opened the park.", [("Mayor", "Jane Smith")]),
        ("Deputy Prime Minister Anna van Dyke spoke.", [("Deputy Prime Minister", "Anna van Dyke")]),
        ("Jane Smith, chief executive of Acme Steel, spoke.", [("chief executive of Acme Steel", "Jane Smith")]),
        ("Tom B. Hill, the mayor, left. Tom B. Hill came back.", [("mayor", "Tom B. Hill"), (None, "Tom B. Hill")]),
        ("President Smith left for London.", []),
        ("The director of the museum spoke.", []),
    ],
)
def test_english(text: str, expected: list[tuple[str | None, str]]) -> None:
    assert people(text, "en") == expected


PIECES = st.sampled_from(
    [
        "区委书记",
        "王志强",
        "李",
        "明",
        "、",
        "，",
        "。",
        "区长",
        "刘忠文",
        "和",
        " ",
        "\n",
        "强调",
        "副",
        "市",
        "记者 ",
        "主任",
        "·",
        "说",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(PIECES, min_size=1, max_size=12).map("".join), min_size=1, max_size=4))
def test_rows_are_valid_and_do_not_depend_on_the_batch(texts: list[str]) -> None:
    named = {str(number): text for number, text in enumerate(texts)}
    result = annotate(*tables(named))
    assert result.schema == MENTIONS.schema
    rows = result.to_pylist()
    keys = [tuple(row[name] for name in MENTIONS.key) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        assert named[row["article_id"]][row["start"] : row["end"]] == row["text"]
        assert row["name"] in row["text"]
        assert 0 <= row["confidence"] <= 1
    alone = [row for name, text in named.items() for row in annotate(*tables({name: text})).to_pylist()]
    assert alone == rows


def test_mentions_lie_in_their_sentence() -> None:
    articles, sentences = tables({"a": "区委书记王志强讲话。刘忠区长主持。王志强总结。", "b": "主任李四到会。"})
    spans = {(row["article_id"], row["sentence_no"]): (row["start"], row["end"]) for row in sentences.to_pylist()}
    rows = annotate(articles, sentences).to_pylist()
    assert len(rows) == 4
    for row in rows:
        start, end = spans[row["article_id"], row["sentence_no"]]
        assert start <= row["start"] < row["end"] <= end


def test_nothing_in_nothing_out() -> None:
    assert annotate(*tables({})) == MENTIONS.empty()


@pytest.mark.parametrize("name", ["terms", "titles", "surnames"])
def test_reference_lists_hold_no_entry_twice(name: str) -> None:
    entries = reference_lines(name)
    assert len(set(entries)) == len(entries) >= 200
    assert all(entry == entry.strip() and " " not in entry for entry in entries)


def test_a_text_with_many_mentions_is_read_in_a_moment() -> None:
    """Places are marked, not compared with each other: a thousand times the text takes a thousand times as long."""
    paragraph = "区委书记沈怀舟强调，要抓落实。沈怀舟指出，责任要到人。"
    found = people(paragraph * 2_000)
    assert len(found) == 4_000
