"""What holds for the mentions of any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentioned import mentions, tables
from newslake.annotate import annotate
from newslake.config import reference_lines
from newslake.tables import MENTIONS

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
        "会",
        " ",
        "\n",
        "强调",
        "副",
        "市",
        "记者 ",
        "主任",
        "·",
        "说",
        "摄",
        "临江区",
        "交通局",
        "集团",
        "大学",
        "学院",
        "中共",
        "《",
        "》",
        "阿",
        "买买提",
        "月",
        "3",
        "为",
        "镇",
        "党支部",
        "国务院",
        "公司",
        "沈书记",
        "兼",
        "A",
        "😀",
        "\u3000",
        "习近平",
        "总",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(PIECES, min_size=1, max_size=12).map("".join), min_size=1, max_size=4))
def test_rows_are_valid_and_do_not_depend_on_the_batch(texts: list[str]) -> None:
    named = {str(number): text for number, text in enumerate(texts)}
    result = annotate(*tables(named))["mentions"]
    assert result.schema == MENTIONS.schema
    rows = result.to_pylist()
    keys = [tuple(row[name] for name in MENTIONS.key) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        assert named[row["article_id"]][row["start"] : row["end"]] == row["text"]
        assert row["name"] in row["text"]
        assert 0 <= row["confidence"] <= 1
    alone = [row for name, text in named.items() for row in annotate(*tables({name: text}))["mentions"].to_pylist()]
    assert alone == rows


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_people_and_bodies_of_one_kind_do_not_overlap(text: str) -> None:
    for kinds in (("person", "journalist"), ("organisation",)):
        end = 0
        for row in mentions(text, *kinds):
            assert row["start"] >= end
            end = row["end"]


def test_mentions_lie_in_their_sentence() -> None:
    articles, sentences = tables({"a": "区委书记王志强讲话。刘忠区长主持。王志强总结。", "b": "主任李四到会。"})
    spans = {(row["article_id"], row["sentence_no"]): (row["start"], row["end"]) for row in sentences.to_pylist()}
    rows = annotate(articles, sentences)["mentions"].to_pylist()
    assert len(rows) == 4
    for row in rows:
        start, end = spans[row["article_id"], row["sentence_no"]]
        assert start <= row["start"] < row["end"] <= end


def test_nothing_in_nothing_out() -> None:
    assert annotate(*tables({}))["mentions"] == MENTIONS.empty()


LISTS = "titles surnames bodies generic_words before_bodies not_names after_names person_verbs name_introducers"


@pytest.mark.parametrize("name", LISTS.split())
def test_reference_lists_hold_no_entry_twice(name: str) -> None:
    entries = reference_lines(name)
    assert len(set(entries)) == len(entries) >= 40
    assert all(entry == entry.strip() and " " not in entry for entry in entries)


@pytest.mark.parametrize(
    "paragraph", ["区委书记沈怀舟强调，要抓落实。沈怀舟指出，责任到人。", "区委区政府集团公司、", "王", "副"]
)
def test_a_long_line_is_read_in_a_moment(paragraph: str) -> None:
    """Ten times the text takes about ten times as long: places are marked, not compared with each other."""
    short, long = paragraph * (4_000 // len(paragraph)), paragraph * (40_000 // len(paragraph))
    seconds = []
    for text in (short, long):
        given_tables = tables({"a": text})
        began = time.process_time()
        annotate(*given_tables)
        seconds.append(time.process_time() - began)
    assert seconds[1] < max(40 * seconds[0], 2.0)
