from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake import deduplicate
from newslake.deduplicate import CLUSTERS, affected, cluster
from newslake.errors import LakeError
from newslake.fingerprint import fingerprint
from newslake.known_fingerprints import COMPARED, known
from newslake.tables import FINGERPRINTS

DAY = dt.date(2024, 3, 1)
# Written down when the rule was made: a change here means that stored fingerprints must be made again.
SIGNATURE_START = [60729, 5507, 17306]
BANDS_START = [1781666348, 1335654013]
HAN = [chr(code) for code in range(0x4E00, 0x5200)]


def articles(
    texts: dict[str, str],
    dates: dict[str, dt.date | None] | None = None,
    converted: frozenset[str] = frozenset(),
    titles: dict[str, str] | None = None,
) -> pa.Table:
    """Articles whose source has their name."""
    dates, titles = dates or {}, titles or {}
    return pa.table(
        {
            "article_id": pa.array(texts, pa.string()),
            "source": pa.array(texts, pa.string()),
            "is_converted": pa.array([True if name in converted else None for name in texts], pa.bool_()),
            "title": pa.array([titles.get(name) for name in texts], pa.string()),
            "deck": pa.nulls(len(texts), pa.string()),
            "text": pa.array(texts.values(), pa.string()),
            "published_date": pa.array([dates.get(name, DAY) for name in texts], pa.date32()),
            "published_at": pa.array([None] * len(texts), pa.timestamp("us", "UTC")),
        }
    )


def clusters(table: pa.Table, originality: dict[str, int] | None = None) -> dict[str, dict[str, object]]:
    result = cluster(table, fingerprint(table, originality=originality or {}))
    assert result.schema == CLUSTERS
    assert result["article_id"].to_pylist() == table["article_id"].to_pylist()
    return {row["article_id"]: row for row in result.to_pylist()}


def prose(seed: int, paragraphs: int = 6, sentences: int = 5) -> str:
    """Random characters, with a figure in each sentence."""
    made = random.Random(seed)
    return "\n".join(
        "".join(
            "".join(made.choices(HAN, k=made.randint(15, 40))) + f"{made.randint(100, 999)}人。"
            for _ in range(sentences)
        )
        for _ in range(paragraphs)
    )


def edited(text: str, seed: int) -> str:
    """A copy: other first line, one paragraph dropped, a word changed in a third of the sentences."""
    made = random.Random(seed)
    lines = text.split("\n")
    del lines[made.randrange(1, len(lines))]
    sentences = "\n".join(lines).split("。")
    changed = [s[:5] + "".join(made.choices(HAN, k=3)) + s[8:] if made.random() < 0.34 else s for s in sentences]
    return f"本网转发{made.randint(10, 99)}号消息\n" + "。".join(changed)


def weather(seed: int) -> str:
    made = random.Random(seed)
    number = made.randint
    return (
        f"{number(1, 12)}月{number(1, 28)}日，记者从县气象局了解到，受较强冷空气影响，预计{number(1, 28)}日夜间到"
        f"{number(1, 28)}日白天，全县以{made.choice(['多云', '阴天', '小雨', '阵雨'])}为主，气温{number(2, 15)}到"
        f"{number(16, 35)}摄氏度，风力{number(1, 3)}到{number(4, 6)}级。\n"
        f"值班预报员{made.choice('赵钱孙李周吴')}{''.join(made.choices('明华伟芳', k=2))}说，{number(1, 28)}日最低气温将降到"
        f"{number(1, 9)}摄氏度左右，相对湿度百分之{number(40, 99)}，能见度{number(1, 20)}公里。\n"
        "气象部门提醒，大家出门要注意添衣保暖，开车要减速慢行，农户要做好防寒准备，并留意最新的预报和预警。"
    )


def closure(seed: int) -> str:
    made = random.Random(seed)
    number = made.randint
    road, other = made.sample(["滨江路", "迎宾路", "建设路", "中山路", "望江路", "学府路"], 2)
    return (
        f"因{made.choice(['管道改造', '路面维修', '电缆检修', '桥梁检测'])}需要，县交警大队决定自2024年{number(1, 12)}月"
        f"{number(1, 28)}日{number(6, 9)}时起至{number(1, 12)}月{number(1, 28)}日{number(17, 22)}时止，对{road}实行临时交通管制。\n"
        f"管制期间，{road}全长{number(200, 900)}米路段禁止机动车通行，过往车辆请绕行{other}，{number(100, 130)}路公交车临时改道。\n"
        f"请过往车辆和行人服从现场民警指挥，按照交通标志通行。联系电话：72{number(100000, 999999)}。"
    )


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


def test_estimate_is_close_to_the_true_share() -> None:
    made = random.Random(8)
    text = "".join(made.choices(HAN, k=2000))
    other = text[:1400] + "".join(made.choices(HAN, k=600))
    rows = fingerprint(articles({"a": text, "b": other})).to_pylist()
    estimate = np.mean(np.array(rows[0]["signature"]) == np.array(rows[1]["signature"]))
    assert abs(estimate - 1396 / (2 * 1996 - 1396)) < 0.13
