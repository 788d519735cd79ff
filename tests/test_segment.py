from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newslake.segment import add_terms, segment
from newslake.segment.sentences import SENTENCE_MOST, find_ends_chinese, find_ends_other
from newslake.segment.words import cut_sentences
from newslake.tables import ARTICLES, BLOCKS, DIRECTIVES, EVIDENCE, MENTIONS, SENTENCES

NOTHING = {table.name: table.empty() for table in (MENTIONS, DIRECTIVES, EVIDENCE)}
Body = list[tuple[str, str]]


def batch(bodies: dict[str, tuple[str, Body]]) -> tuple[pa.Table, pa.Table]:
    """Articles and blocks of `article_id → (language, [(kind, text)])`."""
    articles: list[dict[str, object]] = []
    blocks: list[dict[str, object]] = []
    for name, (language, body) in bodies.items():
        offset = 0
        inside = [text for kind, text in body if kind in ("paragraph", "subhead")]
        script = "Hans" if language == "zh" else "Latn"
        articles.append(
            {"article_id": name, "language": language, "script": script, "text": "\n".join(inside), "reporters": [],
             "repairs": [], "published_month": "undated"}
        )  # fmt: skip
        for number, (kind, text) in enumerate(body):
            row: dict[str, object] = {
                "article_id": name, "block_no": number, "kind": kind, "text": text, "published_month": "undated"
            }  # fmt: skip
            if kind in ("paragraph", "subhead"):
                row |= {"start": offset, "end": offset + len(text)}
                offset += len(text) + 1
            blocks.append(row)
    return ARTICLES.from_rows(articles), BLOCKS.from_rows(blocks)


def sentences_of(text: str, language: str = "zh") -> list[str]:
    return list(segment(*batch({"a": (language, [("paragraph", text)])}))["text"].to_pylist())


def words_of(text: str, language: str = "zh") -> list[str]:
    rows = segment(*batch({"a": (language, [("paragraph", text)])})).to_pylist()
    return [token["text"] for row in rows for token in row["tokens"]]


def terms_of(text: str) -> list[str]:
    rows = add_terms(segment(*batch({"a": ("zh", [("paragraph", text)])})), NOTHING).to_pylist()
    return [term["text"] for row in rows for term in row["terms"]]


def assert_tiled(articles: pa.Table, sentences: pa.Table) -> None:
    """Sentences and tokens are where they say, in order, and leave out nothing but white space."""
    texts = dict(zip(articles["article_id"].to_pylist(), articles["text"].to_pylist(), strict=True))
    place = dict.fromkeys(texts, 0)
    for row in sentences.to_pylist():
        text = texts[row["article_id"]]
        assert text[row["start"] : row["end"]] == row["text"] == row["text"].strip() != ""
        assert not text[place[row["article_id"]] : row["start"]].strip()
        end = row["start"]
        for token in row["tokens"]:
            assert text[token["start"] : token["end"]] == token["text"] == token["text"].strip() != ""
            assert not text[end : token["start"]].strip()
            assert token["pos"]
            end = token["end"]
        assert end == row["end"]
        place[row["article_id"]] = end
    for name, text in texts.items():
        assert not text[place[name] :].strip()


LINE = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            '。！？!?…”’」』）)】》“"，、.:,· \u3000\u00a0\u200bＡ１９é12345%会议区委书记王志杰双城经济圈新质生产力abU.S'
        ),
        st.characters(exclude_categories=["Cs"], exclude_characters="\n"),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["zh", "en", "ja", "und"]), st.lists(LINE, max_size=4)), max_size=4))
@example([("zh", ["１,234.5亿元 12:30\u3000𠮷野家🙂", "\x1c", "区委\u1680书记"]), ("en", ["a\u2028b. C"])])
def test_sentences_and_tokens_tile_the_text(bodies: list[tuple[str, list[str]]]) -> None:
    tables = batch({str(n): (lang, [("paragraph", line) for line in lines]) for n, (lang, lines) in enumerate(bodies)})
    result = segment(*tables)
    assert result.schema == SENTENCES.schema
    assert_tiled(tables[0], result)


NEWS = {
    "a": (
        "zh",
        [("title", "标题"), ("paragraph", "区里开会。大家讨论！"), ("caption", "图注。"), ("subhead", "二、下一步")],
    ),
    "b": ("en", [("paragraph", "Mr. Lee spoke. The hall, built in 1998, was full.")]),
    "c": ("zh", [("paragraph", "新质生产力增长3.5%。"), ("paragraph", "COVID-19疫情结束")]),
    "d": ("zh", [("footer", "编辑：某某")]),
}


@settings(max_examples=20, deadline=None)
@given(st.permutations(list(NEWS)), st.integers(0, 4))
def test_rows_do_not_depend_on_the_batch(order: list[str], border: int) -> None:
    whole = segment(*batch(NEWS)).to_pylist()
    parts = [part for part in (order[:border], order[border:]) if part]
    split = [row for part in parts for row in segment(*batch({name: NEWS[name] for name in part})).to_pylist()]
    assert sorted(split, key=lambda row: (row["article_id"], row["sentence_no"])) == whole


def test_blocks_may_come_in_any_order() -> None:
    articles, blocks = batch(NEWS)
    order = list(range(len(blocks)))
    random.Random(1).shuffle(order)
    assert segment(articles, blocks.take(pa.array(order))) == segment(articles, blocks)


def test_only_body_is_cut_and_each_block_begins_a_sentence() -> None:
    rows = segment(*batch(NEWS)).to_pylist()
    assert [(row["sentence_no"], row["block_no"], row["text"]) for row in rows if row["article_id"] == "a"] == [
        (0, 1, "区里开会。"),
        (1, 1, "大家讨论！"),
        (2, 3, "二、下一步"),
    ]
    assert not [row for row in rows if row["article_id"] == "d"]


def test_blocks_of_other_articles_are_left_out() -> None:
    articles, blocks = batch(NEWS)
    assert set(segment(articles.slice(0, 1), blocks)["article_id"].to_pylist()) == {"a"}


def test_nothing_in_nothing_out() -> None:
    assert segment(ARTICLES.empty(), BLOCKS.empty()) == SENTENCES.empty()
    assert len(cut_sentences([], pa.array([], pa.int64()).to_numpy(), [])) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他说：“要快！”随后散会。", ["他说：“要快！”", "随后散会。"]),
        ("真的吗？！我不信……好吧", ["真的吗？！", "我不信……", "好吧"]),
        ("他喊“加油！”，又喊“努力！”。", ["他喊“加油！”，又喊“努力！”。"]),
        ("（记者到场时已散会。）下午继续。", ["（记者到场时已散会。）", "下午继续。"]),
        ("增长3.5%。 　全年达标", ["增长3.5%。", "全年达标"]),
        ("网址是x.cn/a?b=1。完", ["网址是x.cn/a?b=1。", "完"]),
        ("没有句号的一段", ["没有句号的一段"]),
        ("。。", ["。。"]),
        ("大家（也包括我。）都同意。", ["大家（也包括我。）都同意。"]),
        ("标语“快干！实干！”挂在墙上。他看了。", ["标语“快干！实干！”挂在墙上。", "他看了。"]),
        ("“" + "很长的话。" * 100 + "”", ["“很长的话。", *["很长的话。"] * 98, "很长的话。”"]),
    ],
)
def test_chinese_sentences(text: str, expected: list[str]) -> None:
    assert sentences_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Lee met J. R. Smith. They talked.", ["Mr. Lee met J. R. Smith.", "They talked."]),
        ("It rose 3.5 percent. Then it fell.", ["It rose 3.5 percent.", "Then it fell."]),
        ("See No. 5 on p. 12. Is it so? Yes!", ["See No. 5 on p. 12.", "Is it so?", "Yes!"]),
        ("The U.S. Senate voted. Others did not.", ["The U.S. Senate voted.", "Others did not."]),
        ("She lives in the U.S. He does not.", ["She lives in the U.S.", "He does not."]),
        ("“Stop!” he said. “Why?”", ["“Stop!” he said.", "“Why?”"]),
        ("Is it true? No. We asked.", ["Is it true?", "No.", "We asked."]),
        ("Wait ... then go. Done", ["Wait ... then go.", "Done"]),
        ("First line\u3000。Second", ["First line\u3000。", "Second"]),
        ("Open on Jan. 5 at Acme Inc. The rest follow.", ["Open on Jan. 5 at Acme Inc.", "The rest follow."]),
    ],
)
def test_english_sentences(text: str, expected: list[str]) -> None:
    assert sentences_of(text, "en") == expected


@given(LINE)
def test_ends_rise_and_lie_within(text: str) -> None:
    for find in (find_ends_chinese, lambda text: find_ends_other(text, "en")):
        ends = find(text)
        assert ends == sorted(set(ends))
        assert all(0 < end <= len(text) for end in ends)


@pytest.mark.parametrize(
    "word",
    [
        "双城经济圈",
        "新质生产力",
        "无废城市",
        "赛马比拼",
        "区委副书记",
        "1,234.5",
        "3.5%",
        "COVID-19",
        "12:30",
        "5G",
        "café",
        "１２３",
    ],
)
def test_terms_numbers_and_foreign_words_stay_whole(word: str) -> None:
    text = f"会议指出，{word}，就是这样。"
    assert word in words_of(text) + terms_of(text)


@pytest.mark.parametrize("text", ["字" * 5_000, "长句，" * 3_000, "a b " * 3_000])
def test_very_long_lines_are_bounded(text: str) -> None:
    assert max(map(len, sentences_of(text))) <= SENTENCE_MOST
    assert "".join(sentences_of(text)).replace(" ", "") == text.replace(" ", "")


def test_terms_lie_over_the_words_they_cover() -> None:
    text = "区委书记沈怀舟介绍新质生产力，主任也来了。"
    articles, blocks = batch({"a": ("zh", [("paragraph", text)])})
    mention = {"article_id": "a", "sentence_no": 0, "kind": "person", "text": "区委书记沈怀舟", "name": "沈怀舟",
               "title": "区委书记", "entity_id": "e", "start": 0, "end": 7, "confidence": 1.0, "published_month": "undated"}  # fmt: skip
    row = add_terms(segment(articles, blocks), {**NOTHING, "mentions": MENTIONS.from_rows([mention])}).to_pylist()[0]
    assert [(term["text"], term["kind"]) for term in row["terms"]] == [
        ("区委书记", "office"), ("沈怀舟", "person"), ("新质生产力", "term"), ("主任", "office")
    ]  # fmt: skip
    assert all(text[term["start"] : term["end"]] == term["text"] for term in row["terms"])
    assert "".join(token["text"] for token in row["tokens"] if token["in_term"]) == "区委书记沈怀舟新质生产力主任"


def test_projects_are_terms_wherever_they_are_named() -> None:
    text = "要加快建设龙头港铁路专用线。龙头港铁路专用线是重点。"
    task = {"directive_id": "d", "article_id": "a", "sentence_no": 0, "verb": "加快建设", "task": text[1:13],
            "matter": "龙头港铁路专用线", "text": text[1:13], "start": 1, "end": 13, "confidence": 1.0,
            "published_month": "undated"}  # fmt: skip
    sentences = segment(*batch({"a": ("zh", [("paragraph", text)])}))
    rows = add_terms(sentences, {**NOTHING, "directives": DIRECTIVES.from_rows([task])}).to_pylist()
    assert [(term["text"], term["start"], term["kind"]) for row in rows for term in row["terms"]] == [
        ("龙头港铁路专用线", 5, "project"),
        ("龙头港铁路专用线", 14, "project"),
    ]


def test_english_words() -> None:
    text = "Don't sell e-mail for $1,234.50 in the U.S., said O'Neil (45%)."
    assert words_of(text, "en") == [
        "Don't", "sell", "e-mail", "for", "$", "1,234.50", "in", "the", "U.S.", ",", "said", "O'Neil", "(", "45%", ")", "."
    ]  # fmt: skip


def test_parts_of_speech() -> None:
    rows = segment(*batch({"a": ("zh", [("paragraph", "会议，GDP增长3.5%。")])})).to_pylist()
    tags = {token["text"]: token["pos"] for token in rows[0]["tokens"]}
    assert tags == {"会议": "n", "，": "w", "GDP": "eng", "增长": "v", "3.5%": "m", "。": "w"}
