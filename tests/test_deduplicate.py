"""Clusters of copies: what is one and what is not, which is the original, and that order and batches do not matter."""

from __future__ import annotations

import datetime as dt
import random
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copied import DAY, articles, closure, edited, prose, weather
from newslake import deduplicate
from newslake.deduplicate import CLUSTERS, affected, cluster
from newslake.errors import LakeError
from newslake.fingerprint import fingerprint
from newslake.known_fingerprints import COMPARED, known


def clusters(table: pa.Table, originality: dict[str, int] | None = None) -> dict[str, dict[str, object]]:
    result = cluster(table, fingerprint(table, originality=originality or {}))
    assert result.schema == CLUSTERS
    assert result["article_id"].to_pylist() == table["article_id"].to_pylist()
    return {row["article_id"]: row for row in result.to_pylist()}


def test_equal_short_texts_match_and_different_ones_do_not() -> None:
    found = clusters(articles({"b": "今天有雨。", "a": "今天有 雨。", "c": "今天有雪。"}))
    assert found["b"] == {
        "article_id": "b", "cluster_id": "a", "duplicate_of": "a", "is_duplicate": True, "similarity": 1.0
    }  # fmt: skip
    assert found["c"]["cluster_id"] == "c"
    assert found["a"]["duplicate_of"] is None
    assert found["a"]["similarity"] is None


def test_short_texts_under_other_titles_are_other_articles(tmp_path: Path) -> None:
    titles = {"a": "3月2日停水通知", "b": "3月9日停水通知", "c": "3月2日停水通知", "d": "图片", "e": "视频"}
    table = articles(dict.fromkeys("abc", "详见附件。") | {"d": "", "e": ""}, titles=titles)
    found = clusters(table)
    assert [name for name, row in found.items() if row["is_duplicate"]] == ["c"]
    pq.write_table(fingerprint(table.slice(0, 2)), tmp_path / "lake.parquet")
    in_lake = pa.table([["a", "b"], ["a", "b"]], schema=CLUSTERS_IN_LAKE)
    assert affected(fingerprint(table.slice(2)), [tmp_path / "lake.parquet"], in_lake) == {"a"}


def test_equal_texts_match_whatever_was_found_in_them(tmp_path: Path) -> None:
    table = articles(dict.fromkeys("ab", prose(3, 1, 1) + prose(4, 2, 1)))
    names = [[f"{made}{number}" for number in range(20)] for made in ("甲", "乙")]
    mentions = pa.table(
        {
            "article_id": ["a"] * 20 + ["b"] * 20,
            "kind": ["person"] * 40,
            "name": names[0] + names[1],
            "text": names[0] + names[1],
        }
    )
    prints = fingerprint(table, mentions)
    found = cluster(table, prints).to_pylist()
    assert (found[1]["duplicate_of"], found[1]["similarity"]) == ("a", 1.0)
    pq.write_table(prints.slice(0, 1), tmp_path / "lake.parquet")
    in_lake = pa.table([["a"], ["a"]], schema=CLUSTERS_IN_LAKE)
    assert affected(prints.slice(1), [tmp_path / "lake.parquet"], in_lake) == {"a"}


def test_fingerprints_of_an_older_form_say_what_to_do(tmp_path: Path) -> None:
    rows = fingerprint(articles({"a": prose(1)}))
    place = rows.column_names.index("bands")
    older = rows.set_column(place, "bands", pa.array([[1, 2]], pa.list_(pa.int32())))
    pq.write_table(older, tmp_path / "old.parquet")
    in_lake = pa.table([["a"], ["a"]], schema=CLUSTERS_IN_LAKE)
    with pytest.raises(LakeError, match=r"old\.parquet: .* older form.*Build the lake anew from its raw documents"):
        affected(fingerprint(articles({"b": prose(1)})), [tmp_path / "old.parquet"], in_lake)


def test_a_corrected_figure_is_a_copy_and_another_day_is_not() -> None:
    text = (
        "因管道检修需要，定于2024年3月5日8时至18时对滨江路沿线用户实施计划停水，涉及约1200户。停水期间请提前储水，由此带来的不便敬请谅解，"
        "服务热线96001，全天24小时为您服务。恢复供水的时间可能提前或者推迟，届时不再另行通知，请相互转告。"
    )
    changes = {
        "a": ("", ""),
        "b": ("1200", "1300"),
        "c": ("3月5日", "3月6日"),
        "d": ("2024年", "2023年"),
        "e": ("转告", "告知"),
    }
    found = clusters(articles({name: text.replace(*change) if change[0] else text for name, change in changes.items()}))
    assert [name for name, row in found.items() if row["is_duplicate"]] == ["b", "e"]
    other = (
        "The water will be off on 5 June in Aldermere. " + "Please store what you need and keep your taps closed. " * 3
    )
    found = clusters(
        articles({"a": other, "b": other.replace("5 June", "6 June"), "c": other.replace("need", "use", 1)})
    )
    assert [name for name, row in found.items() if row["is_duplicate"]] == ["c"]


@pytest.mark.parametrize("seed", range(10))
def test_edited_copies_match(seed: int) -> None:
    text = prose(seed)
    found = clusters(articles({"a": text, "b": edited(text, seed), "c": prose(seed + 100)}))
    assert found["b"]["duplicate_of"] == "a"
    assert 0.4 <= float(str(found["b"]["similarity"])) < 1
    assert found["c"]["cluster_id"] == "c"


@pytest.mark.parametrize("template", [weather, closure])
def test_notices_of_one_template_do_not_match(template: object) -> None:
    assert callable(template)
    found = clusters(articles({f"n{seed:03}": template(seed) for seed in range(60)}))
    assert [name for name, row in found.items() if row["is_duplicate"]] == []


@pytest.mark.parametrize("template", [weather, closure])
def test_edited_notices_match_their_own(template: object) -> None:
    assert callable(template)
    texts = {f"n{seed}": template(seed) for seed in range(20)}
    copies = {f"o{seed}": template(seed).replace("大家", "市民").replace("请", "敬请") for seed in range(20)}
    found = clusters(articles(texts | copies))
    assert {name: found[name]["duplicate_of"] for name in copies} == {f"o{n}": f"n{n}" for n in range(20)}


def test_english_copies_match_and_unrelated_texts_do_not() -> None:
    words = [
        f"{a}{b}"
        for a in ("riv", "mark", "lant", "stor", "bend", "corn")
        for b in ("er", "et", "ern", "ing", "y", "al")
    ]
    made = random.Random(5)
    first, second = (" ".join(made.choices(words, k=220)).capitalize() + "." for _ in range(2))
    copy = first.replace("market", "market hall", 1)
    found = clusters(articles({"a": first, "b": copy, "c": second}))
    assert found["b"]["duplicate_of"] == "a"
    assert found["c"]["is_duplicate"] is False


def test_mirror_is_no_original_whatever_its_stamp() -> None:
    early, late = dt.date(2024, 3, 1), dt.date(2024, 3, 5)
    table = articles(dict.fromkeys("abc", prose(3)), {"a": early, "b": early, "c": late})
    found = clusters(table, {"a": 2, "b": 1})
    assert {row["cluster_id"] for row in found.values()} == {"c"}
    assert found["a"]["duplicate_of"] == found["b"]["duplicate_of"] == "c"
    assert {row["cluster_id"] for row in clusters(table, {"a": 2, "b": 1, "c": 2}).values()} == {"b"}


def test_converted_article_is_that_of_a_mirror() -> None:
    table = articles(dict.fromkeys("ab", prose(3)), {"a": DAY, "b": DAY}, frozenset("a"))
    assert fingerprint(table)["originality"].to_pylist() == [1, 0]
    assert fingerprint(table, originality={"a": 2})["originality"].to_pylist() == [2, 0]
    assert clusters(table)["a"]["duplicate_of"] == "b"


def test_same_words_with_other_facts_do_not_match() -> None:
    words = prose(5, 3, 3)
    first = words + "出席会议的有12人、35人、48人，共95户、16车、27次、63元、71吨。"
    other = words + "出席会议的有13人、36人、49人，共96户、17车、28次、64元、72吨。"
    found = clusters(articles({"a": first, "b": other, "c": first.replace("95户", "94户")}))
    assert found["b"]["duplicate_of"] is None
    assert found["c"]["duplicate_of"] == "a"


def test_original_is_the_earliest_and_dates_come_before_none() -> None:
    text = prose(3)
    dates = {"a": None, "b": dt.date(2024, 3, 2), "c": dt.date(2024, 3, 1), "d": dt.date(2024, 3, 1)}
    found = clusters(articles(dict.fromkeys(dates, text), dates))
    assert {row["cluster_id"] for row in found.values()} == {"c"}
    assert [name for name, row in found.items() if not row["is_duplicate"]] == ["c"]


def chain() -> pa.Table:
    """a matches b, b matches c, but a does not match c."""
    a, b = prose(11, 10, 4).split("\n"), prose(12, 10, 4).split("\n")
    return articles({"a": "\n".join(a), "b": "\n".join(a[:7] + b[:2]), "c": "\n".join(a[:3] + b[:2])})


def test_copy_of_a_copy_names_what_it_matches() -> None:
    found = clusters(chain())
    assert {row["cluster_id"] for row in found.values()} == {"a"}
    assert found["b"]["duplicate_of"] == "a"
    assert found["c"]["duplicate_of"] == "b"


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(14)))
def test_clusters_do_not_depend_on_order(order: list[int]) -> None:
    texts = {f"p{n}": prose(n, 3) for n in range(5)}
    texts |= {f"e{n}": edited(texts[f"p{n}"], n) for n in range(4)} | {f"x{n}": "同一句短讯。" for n in range(2)}
    table = pa.concat_tables([articles(texts), chain()])
    assert clusters(table.take(pa.array(order))) == clusters(table)


def test_large_buckets_give_the_same_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {f"p{n}": prose(n, 4) for n in range(6)}
    texts |= {f"e{n}-{k}": edited(texts[f"p{n}"], 10 * n + k) for n in range(6) for k in range(5)}
    expected = clusters(articles(texts))
    monkeypatch.setattr(deduplicate, "_LARGE_BUCKET", 2)
    assert clusters(articles(texts)) == expected
    monkeypatch.setattr(deduplicate, "_LARGE_BUCKET", 100)
    monkeypatch.setattr(deduplicate, "_PAIRS_AT_ONCE", 7)
    assert clusters(articles(texts)) == expected


def test_missing_fingerprint_is_a_bug() -> None:
    table = articles({"a": "一", "b": "二"})
    with pytest.raises(KeyError, match="no fingerprint"):
        cluster(table, fingerprint(table.slice(0, 1)))


def test_nothing_in_nothing_out() -> None:
    assert cluster(articles({}), fingerprint(articles({}))).num_rows == 0
    assert (
        affected(fingerprint(articles({})), [], pa.table({"article_id": [], "cluster_id": []}, CLUSTERS_IN_LAKE))
        == set()
    )


ORIGINALITY = {"p0": 1, "p1": 2, "e1": 1, "a": 2}  # mirrors that often come before what they copy
CLUSTERS_IN_LAKE = pa.schema([("article_id", pa.string()), ("cluster_id", pa.string())])


def in_batches(table: pa.Table, borders: list[int], folder: Path) -> dict[str, dict[str, object]]:
    """The clusters of articles that come in batches, as a publisher finds them."""
    found: dict[str, dict[str, object]] = {}
    paths: list[Path] = []
    for start, end in pairwise([0, *borders, len(table)]):
        new = table.slice(start, end - start)
        columns = [list(found), [row["cluster_id"] for row in found.values()]]
        now = pa.table([pa.array(column, pa.string()) for column in columns], schema=CLUSTERS_IN_LAKE)
        prints = fingerprint(new, originality=ORIGINALITY)
        near = affected(prints, paths, now)
        old = table.slice(0, start).filter(
            pa.array([name in near for name in table["article_id"].to_pylist()[:start]], pa.bool_())
        )
        both = pa.concat_tables([new, old])
        found |= {
            row["article_id"]: row
            for row in cluster(both, pa.concat_tables([prints.select(COMPARED), known(paths, near)])).to_pylist()
        }
        paths.append(folder / f"{start}-{end}.parquet")
        pq.write_table(prints, paths[-1])
    return found


@settings(max_examples=12, deadline=None)
@given(st.permutations(range(16)), st.lists(st.integers(0, 16), max_size=6))
def test_clusters_depend_neither_on_order_nor_on_batches(order: list[int], borders: list[int]) -> None:
    texts = {f"p{n}": prose(n, 3) for n in range(5)}
    texts |= {f"e{n}": edited(texts[f"p{n}"], n) for n in range(4)} | {f"n{n}": weather(n) for n in range(4)}
    table = pa.concat_tables([articles(texts), chain()])
    with TemporaryDirectory() as folder:
        assert in_batches(table.take(pa.array(order)), sorted(borders), Path(folder)) == clusters(table, ORIGINALITY)


def test_adding_to_a_lake_gives_what_one_batch_would(tmp_path: Path) -> None:
    texts = {f"p{n}": prose(n, 3) for n in range(8)} | {"s1": "短讯一则。", "s2": "短讯一则。"}
    texts |= {f"e{n}": edited(texts[f"p{n}"], n) for n in range(5)}
    table = pa.concat_tables([articles(texts), chain()])
    expected = clusters(table)
    made = random.Random(4)
    for _ in range(5):
        order = list(range(len(table)))
        made.shuffle(order)
        lake, new = table.take(pa.array(order[:10])), table.take(pa.array(order[10:]))
        path = tmp_path / "fingerprints.parquet"
        pq.write_table(fingerprint(lake), path)
        now = cluster(lake, fingerprint(lake))
        again = affected(fingerprint(new), [path], now.select(["article_id", "cluster_id"]))
        touched = lake.filter(pa.array([name in again for name in lake["article_id"].to_pylist()]))
        both = pa.concat_tables([touched, new])
        result = {row["article_id"]: row for row in now.to_pylist()} | clusters(both)
        assert result == expected


def test_changed_article_touches_its_old_cluster_and_only_that(tmp_path: Path) -> None:
    lake = articles({"a": prose(1), "b": edited(prose(1), 1), "c": prose(2)})
    path = tmp_path / "fingerprints.parquet"
    pq.write_table(fingerprint(lake), path)
    now = cluster(lake, fingerprint(lake)).select(["article_id", "cluster_id"])
    changed = fingerprint(articles({"b": prose(9)}))
    assert affected(changed, [str(path)], now) == {"a", "b"}
