"""Fingerprints: what counts in them and what does not; they are the same in every process and every batch."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from copied import HAN, articles, prose
from newslake import deduplicate
from newslake.fingerprint import fingerprint
from newslake.tables import FINGERPRINTS

# Written down when the rule was made: a change here means that stored fingerprints must be made again.
SIGNATURE_START = [60729, 5507, 17306]
BANDS_START = [1781666348, 1335654013]


def test_fingerprints_follow_the_table() -> None:
    table = fingerprint(articles({"long": prose(1), "short": "今天有雨。"}))
    assert table.schema == FINGERPRINTS.schema
    assert [len(row) for row in table["signature"].to_pylist()] == [256, 0]
    assert [len(row) for row in table["bands"].to_pylist()] == [65 * 4, 4]
    assert fingerprint(articles({})).num_rows == 0


def test_fingerprints_stay_the_same_across_releases() -> None:
    text = "街道办事处组织志愿者清理河道垃圾，共出动120人次，清运垃圾3.5吨，附近居民纷纷点赞，并表示愿意一起守护清水绿岸和美丽家园。"
    row = fingerprint(articles({"a": text})).to_pylist()[0]
    assert [minimum % 2**16 for minimum in row["signature"][:3]] == SIGNATURE_START
    assert np.frombuffer(row["bands"], "<i4")[:2].tolist() == BANDS_START
    assert row["bands"][-4:].hex() == row["text_sha256"][:8]


def test_fingerprints_are_equal_in_another_process() -> None:
    code = (
        "import pyarrow as pa; from newslake.fingerprint import fingerprint;"
        "print(hash(str(1)) and fingerprint(pa.table({'article_id': ['a'], 'title': pa.nulls(1, pa.string()), 'deck': pa.nulls(1, pa.string()), 'text': ['河道清理' * 40], 'source': ['s'], 'is_converted': pa.nulls(1, pa.bool_())}))['bands'].to_pylist())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(deduplicate.__file__).parents[1])},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=300), min_size=1, max_size=6), st.randoms())
def test_fingerprints_do_not_depend_on_the_batch(texts: list[str], shuffle: random.Random) -> None:
    table = articles({str(number): text for number, text in enumerate(texts)})
    whole = {row["article_id"]: row for row in fingerprint(table).to_pylist()}
    order = list(range(len(texts)))
    shuffle.shuffle(order)
    for place in order:
        assert fingerprint(table.slice(place, 1)).to_pylist() == [whole[str(place)]]


def test_marks_width_and_case_do_not_count() -> None:
    text = prose(2) + "全年GDP增长3.5%，达到1,200亿元。"
    other = text.replace("，", ",").replace("。", ". ").replace("GDP", "ｇｄｐ").replace("3.5", "３.５")
    first, second = fingerprint(articles({"a": text, "b": other})).to_pylist()
    assert first["signature"] == second["signature"]
    assert first["text_sha256"] != second["text_sha256"]


def test_white_space_does_not_change_the_hash() -> None:
    rows = fingerprint(articles({"a": "两会 召开。\n完", "b": "两会召开。完"})).to_pylist()
    assert rows[0]["text_sha256"] == rows[1]["text_sha256"]


def test_figures_and_names_are_facts() -> None:
    text = "临江区二十三个村修复堤防3.5公里，出动120人次，3月2日完工，一些村民说二话不说就来了，大家都很高兴，也都很满意，今后还要继续努力。"

    def facts(text: str, names: tuple[str, ...] = ()) -> set[int]:
        mentions = pa.table(
            {
                "article_id": pa.array(["a"] * len(names), pa.string()),
                "kind": pa.array(["person"] * len(names), pa.string()),
                "name": pa.array(names, pa.string()),
                "text": pa.array(names, pa.string()),
            }
        )
        return set(fingerprint(articles({"a": text}), mentions)["facts"].to_pylist()[0])

    assert len(facts(text)) == 4
    assert sum(fact % 2 for fact in facts(text)) == 1
    assert len(facts(text) & facts(text.replace("120", "121"))) == 3
    assert len(facts(text) & facts(text.replace("3月2日", "4月2日"))) == 3
    assert facts(text.replace("3.5", "３.５").replace("，", ",")) == facts(text)
    assert len(facts(text, ("沈予远", "顾知庭"))) == 6
    assert facts("今天有雨120毫米。") == set()


def test_estimate_is_close_to_the_true_share() -> None:
    made = random.Random(8)
    text = "".join(made.choices(HAN, k=2000))
    other = text[:1400] + "".join(made.choices(HAN, k=600))
    rows = fingerprint(articles({"a": text, "b": other})).to_pylist()
    estimate = np.mean(np.array(rows[0]["signature"]) == np.array(rows[1]["signature"]))
    assert abs(estimate - 1396 / (2 * 1996 - 1396)) < 0.13
