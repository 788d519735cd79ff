"""The macros: what a search finds and how it ranks, against a plain count; and any input at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import combinations
from random import Random

import duckdb
import pyarrow as pa
import pytest

import simplified
from newslake import search_index
from newslake.lake import database
from newslake.tables import PUBLISHED, SEARCH_INDEX
from newslake.tables.search_index import FIRST_CLASSES, SECOND_CLASSES

K1, B = 1.2, 0.75
WORDS = [
    "区委",
    "书记",
    "沈怀舟",
    "强调",
    "龙头港",
    "重点项目",
    "项目",
    "建设",
    "推进",
    "推进会",
    "营商环境",
    "责任",
    "落实",
    "GDP",
    "5G",
    "2024",
    "年",
    "open",
    "source",
    "port",
    "的",
    "了",
    "港口",
]
HOSTILE = (
    "'", "''", '"', '""', '"""', "%", "_", "\\", "*", ".*", "[", "(", "(?:", "a|b", "\\p{", "^$", ";", "--", "/*", "'; DROP TABLE articles; --",
    "' OR '1'='1", "\n", "\t", " ", "", "　", "，", "。。", "\u200b", "\U0001f600", "\U00020000", "e\u0301", "İ", "ß", "x" * 5_000, "港" * 2_000,
    '"港', "$1", "{", "}", "NULL", "\x01", "$asked", "区委%", "'||(SELECT 1)||'",
)  # fmt: skip


def texts_of(count: int, seed: int) -> list[str]:
    generator = Random(seed)
    marks = ["", "", "", "，", "。", "\n", " ", "、“"]
    return [
        "".join(generator.choice(WORDS) + generator.choice(marks) for _ in range(generator.randint(1, 120)))
        for _ in range(count)
    ]


def indexed(texts: list[str], titles: list[str | None] | None = None) -> pa.Table:
    ids = [f"{number:016x}" for number in range(len(texts))]
    articles = pa.table(
        {"article_id": ids, "title": pa.array(titles or [None] * len(texts), pa.string()), "text": texts}
    )
    # Words of two characters, and a mark each.
    tokens = [[{"pos": "n"}] * (len(text) // 2) + [{"pos": "w"}] for text in texts]
    kind = pa.list_(pa.struct([("pos", pa.string())]))
    return search_index.index(articles, pa.table({"article_id": ids, "tokens": pa.array(tokens, kind)}))


def connected(rows: pa.Table) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    for table in PUBLISHED:
        connection.register("given", rows if table is SEARCH_INDEX else table.empty())
        connection.execute(f"CREATE TABLE {table.name} AS FROM given")
    for path in sorted(database.MARTS.glob("*.sql")):
        connection.execute(path.read_text(encoding="utf-8"))
    return connection


TEXTS = texts_of(600, 1)


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    with connected(indexed(TEXTS)) as connection:
        yield connection


def scores(connection: duckdb.DuckDBPyConnection, asked: str | None) -> dict[str, tuple[int, float]]:
    rows = connection.execute("SELECT article_id, hit_count, score FROM search_scores($asked)", {"asked": asked})
    return {article: (hits, score) for article, hits, score in rows.fetchall()}


def units(text: str) -> list[str]:
    """By other means than the index: words, signs, and one gap for marks that stand together; spaces are nothing."""
    found: list[str] = []
    for one in re.findall(r"[0-9a-z]+|[\n]|[^\s]", text.lower()):
        is_gap = not one.isalnum()
        if not (is_gap and found and found[-1] == "|"):
            found.append("|" if is_gap else one)
    return found


def stands(phrase: list[str], text: list[str]) -> int:
    return sum(text[start : start + len(phrase)] == phrase for start in range(len(text) - len(phrase) + 1))


def reference(phrases: list[str], texts: list[str]) -> dict[str, float]:
    """BM25 as in Lucene, a phrase being one term: ln(1 + (N - n + .5) / (n + .5)) * f (k1 + 1) / (f + k1 (1 - b + b |D| / mean))."""
    cut = [units(text) for text in texts]
    lengths = [len(text) // 2 for text in texts]
    mean = sum(lengths) / len(lengths)
    found: dict[str, float] = {}
    for phrase in phrases:
        counts = {number: count for number, text in enumerate(cut) if (count := stands(units(phrase), text))}
        weight = math.log(1 + (len(texts) - len(counts) + 0.5) / (len(counts) + 0.5))
        for number, count in counts.items():
            norm = K1 * (1 - B + B * lengths[number] / mean)
            found[f"{number:016x}"] = found.get(f"{number:016x}", 0.0) + weight * count * (K1 + 1) / (count + norm)
    return found


@pytest.mark.parametrize(
    ("asked", "phrases"),
    [
        ("重点项目", ["重点项目"]),
        ("项目", ["项目"]),
        ("点项", ["点项"]),
        ("头", ["头"]),
        ("港", ["港"]),
        ("推进会", ["推进会"]),
        ("推进 责任", ["推进", "责任"]),
        ("2024年", ["2024年"]),
        ("2024推", ["2024推"]),
        ('"5G 年" 年', ["5g年", "年"]),
        ("GDP", ["gdp"]),
        ("5G建设", ["5g建设"]),
        ('"open source"', ["open source"]),
        ("port", ["port"]),
        ("会5g", ["会5g"]),
        ("书记，强调", ["书记，强调"]),
        ("龙头港，GDP 的", ["龙头港，gdp", "的"]),
        ("的的", ["的的"]),
        ("项目项目", ["项目项目"]),
        ("港口 港口", ["港口"]),
    ],
)
def test_search_counts_and_ranks_like_the_reference(
    lake: duckdb.DuckDBPyConnection, asked: str, phrases: list[str]
) -> None:
    wanted = reference(phrases, TEXTS)
    found = scores(lake, asked)
    assert wanted
    assert found.keys() == wanted.keys()
    assert all(math.isclose(found[article][1], score, rel_tol=1e-9) for article, score in wanted.items())
    ranked = sorted(wanted, key=lambda article: (-round(wanted[article], 9), article))
    given = lake.execute(
        "SELECT article_id FROM search_scores($asked) ORDER BY round(score, 9) DESC, article_id", {"asked": asked}
    )
    assert [article for (article,) in given.fetchall()] == ranked


def test_any_part_of_a_text_is_found() -> None:
    text = "临江区区委书记沈怀舟在GDP考核会上强调：要“赛马比拼”，2024年底前 5G 基站全覆盖。\n第3期 open source é中文カナ한국"
    with connected(indexed([text, "别的文章。"])) as connection:
        for run in re.findall(r"\w+", text):
            for start, end in combinations(range(len(run) + 1), 2):
                is_cut = any(run[place - 1 : place + 1].isascii() for place in (start, end) if 0 < place < len(run))
                assert bool(scores(connection, run[start:end])) is not is_cut, run[start:end]


def test_what_an_article_gives_does_not_depend_on_its_batch() -> None:
    texts = [*TEXTS[:150], "", "，，港", "。", "a"]
    together = indexed(texts).to_pylist()
    for number in (0, 70, 127, 128, 149, 150, 151, 152, 153):
        alone = [{**row, "article_id": f"{number:016x}"} for row in indexed([texts[number]]).to_pylist()]
        assert [row for row in together if row["article_id"] == f"{number:016x}"] == alone
        assert alone[0]["bucket"] == 0


def test_only_a_character_alone_reads_many_buckets(lake: duckdb.DuckDBPyConnection) -> None:
    for asked, prefixes in (("2024年", 0), ("会5g", 0), ("推进", 0), ("推进会", 0), ("年", 1)):
        rows = lake.execute("SELECT count(*) FILTER (is_prefix) FROM search_terms($asked)", {"asked": asked})
        assert rows.fetchall() == [(prefixes,)], asked


def test_titles_are_searched() -> None:
    with connected(indexed(["正文", "正文"], ["龙头港开工", None])) as connection:
        assert scores(connection, "龙头港").keys() == {"0" * 16}
        assert not scores(connection, "工正"), "a title ends before the text"


def test_macro_and_index_agree_on_buckets() -> None:
    text = (database.MARTS / "macros.sql").read_text(encoding="utf-8")
    assert f"% {FIRST_CLASSES} * {SECOND_CLASSES} +" in text
    assert f"% {SECOND_CLASSES} ELSE 0" in text


@pytest.mark.parametrize("asked", [*HOSTILE, None])
def test_any_input_is_only_looked_for(lake: duckdb.DuckDBPyConnection, asked: str | None) -> None:
    for article, (hits, score) in scores(lake, asked).items():
        assert hits > 0
        assert score > 0
        assert article < f"{len(TEXTS):016x}"


def test_nothing_asked_finds_nothing(lake: duckdb.DuckDBPyConnection) -> None:
    for asked in (None, "", " ", '""', "，", "%", ".*", "\\"):
        assert scores(lake, asked) == {}


@pytest.mark.parametrize("most", ["-1", "0", "NULL"])
def test_any_limit_is_an_answer(lake: duckdb.DuckDBPyConnection, most: str) -> None:
    assert lake.execute(f"FROM search('项目', most := {most})").fetchall() == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("營商環境", "营商环境"),
        ("責任落實", "责任落实"),
        ('"龍頭港" 項目', '"龙头港" 项目'),
        ("書記 2024年", "书记 2024年"),
    ],
)
def test_traditional_finds_what_simplified_finds(lake: duckdb.DuckDBPyConnection, asked: str, found: str) -> None:
    assert scores(lake, asked) == scores(lake, found) != {}


def test_what_is_asked_is_found_as_it_stands() -> None:
    with connected(indexed(["東京の港", "东京港口"])) as connection:
        assert scores(connection, "東京").keys() == {"0" * 16, f"{1:016x}"}
        assert scores(connection, "东京").keys() == {f"{1:016x}"}


def test_characters_are_simplified_as_texts_are() -> None:
    assert simplified.FILE.read_text(encoding="utf-8") == simplified.statement(), "python -m tests.simplified writes it"
    assert len(simplified.pairs()) > 2_500


def test_macros_are_described() -> None:
    text = (database.MARTS / "macros.sql").read_text(encoding="utf-8")
    made = re.findall(r"CREATE MACRO (\w+)", text)
    assert {"search", "articles_on", "similar_to", "register_of"} <= set(made)
    assert re.findall(r"COMMENT ON MACRO TABLE (\w+)", text) == made
