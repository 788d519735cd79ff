"""The map from repaired text to text as found: exact both ways, for any text, through all repairs.

Each property runs over 500 texts; `NEWSLAKE_EXAMPLES=10000` in the environment runs it over as many.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newslake.clean import REPAIRS, STEPS, clean, clean_document, repair
from newslake.clean.edits import Trace, changed_characters, spans
from newslake.clean.line_changes import line_changes
from newslake.clean.mapping import ALIGNED, Change, map_to_found, map_to_text
from newslake.clean.whitespace import normalize_whitespace
from newslake.parse import parse
from newslake.tables.raw_documents import RAW_DOCUMENTS

EXAMPLES = int(os.environ.get("NEWSLAKE_EXAMPLES", "500"))
PROPERTY = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)

MIRRORED = "城北區(qū)昨天召開產(chǎn)業(yè)發(fā)展會議,區(qū)長說,經(jīng)濟(jì)發(fā)展要靠產(chǎn)業(yè)。"
SPRINKLED = "".join(
    f"{han}({letters})市里开会" for han, letters in zip("区长经济" * 6, ["qu", "zhang", "jing", "ji"] * 6, strict=True)
) + "😀".join("区长说要")
PIECES = [
    *(
        "區(qū)",
        "發(fā)展",
        "經（jīng）",
        "業(ye)",
        "區[QŪ]",
        "區【qu1】",
        "經((jīng))",
        "區 (qū) ",
        "區(q\nū)經",
        "區\n(qū)經",
        "綠(lv4)",
    ),
    *(
        "們?cè)趯?shí)",
        "?shí)",
        "(cbd)",
        "(記者 何乾健)",
        "原著",
        "看著",
        "於是",
        "乾燥",
        "後來",
        "區(qū)" * 12,
        "😀",
        "🌟區",
    ),
    *(",", ":", "!?", ";", "(", ")", "（", "）", "。", "“", "”", "5%,", "02:03", "1,200", "http://a.cn/?b=1,2", "Inc."),
    *(" ", "  ", "\t", "\u3000\u3000", "\u00a0", "\u2000", "\u2009 ", " ，", "。 ", "Ａｂｃ１，", "ｶﾞ", "\v", "\x85"),
    *(
        "\u200b",
        "\u200d",
        "\u200c",
        "\ufeff",
        "\u00ad",
        "\u202e",
        "\u2067",
        "\0",
        "\x07",
        "\U000e0041",
        "👩\u200d🌾",
        "می\u200cخ",
    ),
    *(
        "e\u0301",
        "u\u0308\u0304",
        "\u0304",
        "\u1112\u1161\u11ab",
        "\u0958",
        "\uf9c3",
        "\u037e",
        "\u2126",
        "\u0344",
        "\u0301" * 9,
    ),
    *("\ud800", "\udfff", "\udc00\ud800", "\ufffd", "\U0010ffff", "市里", "召開", "abc", "7", "，" * 20, "𠮷", "〇"),
]
ANY = st.characters()  # Halves of surrogate pairs included.
PIECES += [*"區发展(ū)（）: ", "\n", "\n", MIRRORED]
LISTS = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)
TEXTS = st.one_of(
    LISTS,
    LISTS.map(MIRRORED.__add__),
    LISTS.map(SPRINKLED.__add__),
    st.text(ANY, max_size=24),
)
LINES = TEXTS.map(lambda text: text.split("\n"))
SCRIPTS = st.sampled_from(["Hans", "Hant", "Latn"])


def spans_of(step, text):
    """(start, end, replacement) of a repair's edits."""
    result, edits = step.function(text)
    found, grown = [], 0
    for start, end, length in edits.rows():
        found.append((start, end, result[start + grown : start + grown + length]))
        grown += length - (end - start)
    return result, found


@PROPERTY
@given(text=TEXTS)
def test_a_repair_done_twice_is_done_once(text):
    for step in STEPS:
        once = step.function(text).text
        again = step.function(once)
        assert (step.name, again.text) == (step.name, once)
        assert len(again.edits) == 0


@PROPERTY
@given(text=TEXTS)
def test_the_edits_of_a_repair_tell_all_that_it_changed(text):
    for step in STEPS:
        result, edits = spans_of(step, text)
        position, pieces = 0, []
        for start, end, replacement in edits:
            assert position <= start < end
            assert text[start:end] != replacement
            assert "\n" not in text[start:end] + replacement
            pieces += [text[position:start], replacement]
            position = end
        assert "".join([*pieces, text[position:]]) == result


SYLLABLE = "[A-Za-züÜ\u00c0-\u01ffɡɑếềêḿ]{1,7}[1-5]?"
GLOSS = re.compile(
    rf"[ \u00a0\u3000]?[(（\[［【]{{1,2}} ?{SYLLABLE} ?[)）\]］】]{{1,2}}[ \u00a0\u3000]?"  # Whole, in one pair of brackets or two.
    rf"|[(（\[［【](?:{SYLLABLE})?|(?:{SYLLABLE})?[)）\]］】]"  # Half of one that a line break cuts.
    "|[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]+"
)
TORN = re.compile(rf"\?{SYLLABLE}[)）](?:[\u3400-\u9fff]{{1,12}}\?{SYLLABLE}[)）])?")


BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "L", "R", "AL"}


def categories(text):
    return {unicodedata.category(character) for character in text}


KINDS = {
    "surrogates": lambda before, after: categories(before) == {"Cs"} and after == "\ufffd" * len(before),
    "soft_hyphens": lambda before, after: after == "" and set(before) == {"\u00ad"},
    "bidi_controls": lambda before, after: (
        after == "" and categories(before) == {"Cf"} and {unicodedata.bidirectional(c) for c in before} <= BIDI
    ),
    "controls": lambda before, after: (
        after == "" and categories(before) <= {"Cc", "Cf", "Cn", "Zl", "Zp"} and "\t" not in before
    ),
    "zero_width": lambda before, after: after == "" and categories(before) <= {"Cf", "Cn"},
    "compose": lambda before, after: unicodedata.normalize("NFC", before) == after,
    "glosses": lambda before, after: (
        GLOSS.fullmatch(before) is not None
        if after == ""
        else TORN.fullmatch(before) is not None and re.fullmatch("\ufffd|[\u3400-\u9fff]+", after) is not None
    ),
    "script": lambda before, after: (
        len(before) == len(after) == 1 and categories(before) == categories(after) == {"Lo"}
    ),
    "punctuation": lambda before, after: (
        len(before) == len(after) == 1 and unicodedata.normalize("NFKC", after) == before and before in ",;:?!()"
    ),
    "whitespace": lambda before, after: before.isspace() and after in ("", " "),
}
"""Whether a repair may put one in place of the other."""


@PROPERTY
@given(text=TEXTS)
def test_no_repair_changes_what_is_not_of_its_kind(text):
    for step in STEPS:
        for start, end, replacement in spans_of(step, text)[1]:
            assert KINDS[step.name](text[start:end], replacement), (step.name, text[start:end], replacement)


def origins(text, script):
    """For each character of the repaired text the span it came from, step by step and character by character."""
    came_from = [(place, place + 1) for place in range(len(text))]
    for step in STEPS:
        if step.scripts is not None and script not in step.scripts:
            continue
        text, edits = spans_of(step, text)
        for start, end, replacement in reversed(edits):
            both = came_from[start][0], came_from[end - 1][1]
            came_from[start:end] = [both] * len(replacement)
    return text, came_from


def joined(lines, changes):
    """The changes of lines as changes of the texts that join them."""
    rows, text_start, found_start = [], 0, 0
    for (found, text), own in zip(lines, changes, strict=True):
        rows += [
            Change(
                c.repair,
                c.start + text_start,
                c.end + text_start,
                c.found_start + found_start,
                c.found_end + found_start,
            )
            for c in own
        ]
        text_start, found_start = text_start + len(text) + 1, found_start + len(found) + 1
    return rows


def mapped(lines, script):
    repaired, _, changes = repair(lines, script)
    rows = joined(list(zip(lines, repaired, strict=True)), changes)
    return "\n".join(lines), "\n".join(repaired), rows


def check_rows(found, text, changes):
    """Outside of the changes both are equal; in them they are not."""
    at_text = at_found = 0
    for _, start, end, found_start, found_end in changes:
        assert start <= end
        assert found_start < found_end
        assert text[at_text:start] == found[at_found:found_start]
        assert text[start:end] != found[found_start:found_end]
        at_text, at_found = end, found_end
    assert text[at_text:] == found[at_found:]


@PROPERTY
@given(lines=LINES, script=SCRIPTS)
def test_outside_of_the_changes_nothing_changed_and_each_character_leads_to_what_it_came_from(lines, script):
    found, text, changes = mapped(lines, script)
    check_rows(found, text, changes)
    again, came_from = origins(found, script)
    assert again == text
    for place, span in enumerate(came_from):
        told = map_to_found(changes, place, place + 1)
        if told != span:  # Several characters that were made together are one change.
            (change,) = [c for c in changes if c.start <= place < c.end]
            assert change.end - change.start > 1
            assert told == (change.found_start, change.found_end)
            assert told[0] <= span[0] < span[1] <= told[1]


@PROPERTY
@given(lines=LINES, script=SCRIPTS, data=st.data())
def test_a_span_leads_there_and_back(lines, script, data):
    """What was taken out leads to where it was; a span as found that is cut by a change comes back with all of it."""
    found, text, changes = mapped(lines, script)
    inside = {place for c in changes if c.repair != ALIGNED for place in range(c.start + 1, c.end)}
    ends = [place for place in range(len(text) + 1) if place not in inside]
    start, end = sorted((data.draw(st.sampled_from(ends)), data.draw(st.sampled_from(ends))))
    assert map_to_text(changes, *map_to_found(changes, start, end)) == (start, end)

    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(found))] * 2)))
    told = map_to_text(changes, start, end)
    back = map_to_found(changes, *told)
    assert 0 <= told[0] <= told[1] <= len(text)
    assert back[0] <= end
    assert start <= back[1]
    if all(not c.found_start < place < c.found_end for c in changes if c.repair != ALIGNED for place in (start, end)):
        removed = [c for c in changes if c.start == c.end]
        kept = [place for place in range(start, end) if not any(c.found_start <= place < c.found_end for c in removed)]
        if kept:
            assert back == (kept[0], kept[-1] + 1)


@PROPERTY
@given(lines=st.lists(st.text(ANY).map(lambda line: line.replace("\n", "")), max_size=4), script=SCRIPTS)
def test_nothing_raises_on_any_text(lines, script):
    repaired, counts, changes = repair(lines, script)
    assert len(repaired) == len(lines) == len(changes)
    assert all(counts.values())


def raw(data: bytes):
    row: dict[str, object] = {
        "raw_id": hashlib.sha256(data).hexdigest(),
        "source": "input",
        "url": "file:a.txt",
        "fetched_at": datetime(2024, 2, 20, tzinfo=UTC),
        "content_type": "text/plain",
        "bytes": data,
        "byte_count": len(data),
        "fetched_date": "2024-02-20",
    }
    return RAW_DOCUMENTS.from_rows([row])


BODY = "昨天\u200b下午,市裡召開會議， 討論發展(記者 何乾健)。市長說,要把\u3000\u3000老百姓的事情辦好,讓大家的日子越過越好。"


@settings(max_examples=min(EXAMPLES // 5, 1_000), deadline=None)
@given(texts=st.lists(LINES, min_size=1, max_size=3))
def test_the_changes_of_an_article_fit_its_texts(texts):
    documents = ["\n".join(["會議召開", BODY, *lines, BODY]).encode("utf-8", "replace") for lines in texts]
    rows = [row for data in dict.fromkeys(documents) for row in raw(data).to_pylist()]
    pages, _ = clean(RAW_DOCUMENTS.from_rows(rows))
    for page in pages.to_pylist():
        for number, (line, found) in enumerate(zip(page["lines"], page["lines_found"], strict=True)):
            own = [
                Change(**{k: v for k, v in row.items() if k != "line_no"})
                for row in page["edits"]
                if row["line_no"] == number
            ]
            check_rows(found, line, own)
    articles, _, _ = parse(pages, {})

    for article in articles.to_pylist():
        check_rows(article["text_as_found"], article["text"], [Change(**row) for row in article["edits"]])
    backwards, _, _ = parse(pages.take(pa.array(range(pages.num_rows), pa.int64())[::-1]), {})
    assert backwards["edits"].to_pylist()[::-1] == articles["edits"].to_pylist()


WORDS = st.lists(st.sampled_from("市里召开会议讨论明年的工作，。“”"), max_size=30).map("".join)


@settings(max_examples=min(EXAMPLES // 2, 2_000), deadline=None)
@given(lines=st.lists(st.tuples(WORDS, st.booleans()), min_size=1, max_size=6), is_page=st.booleans())
def test_a_partly_misread_page_is_found_as_it_was(lines, is_page):
    """Lines that were read as Latin-1 lead back to just that, and all others to themselves."""
    # No two lines have a stretch in common: which of two equal ones was misread, nothing tells.
    texts = [
        f"{first}说，今天下午市里召开了会议，讨论了工作{words}。"
        for first, (words, _) in zip("甲乙丙丁戊己", lines, strict=False)
    ]
    source = ["记者昨天从市里了解到，各部门负责人参加了会议，要把老百姓的事情办好，让大家的日子越过越好。"]
    source += [
        text.encode().decode("latin-1") if was_misread else text
        for text, (_, was_misread) in zip(texts, lines, strict=True)
    ]
    data = "".join(f"<p>{line}</p>" for line in source) if is_page else "\n".join(source)
    document = clean_document(data.encode(), "text/html" if is_page else "text/plain", None)
    assert document.found == source
    rows = line_changes(REPAIRS, [document.repaired], [len(source)])[0].as_py()
    for number, (line, found) in enumerate(zip(document.lines, document.found, strict=True)):
        own = [Change(**{k: v for k, v in row.items() if k != "line_no"}) for row in rows if row["line_no"] == number]
        check_rows(found, line, own)


def test_more_pages_than_are_looked_at_at_once():
    texts = [f"第{number}次會議\n{BODY * (number % 3 + 1)}\n{'區' * number}。" for number in range(250)]
    pages, _ = clean(RAW_DOCUMENTS.from_rows([row for text in texts for row in raw(text.encode()).to_pylist()]))
    articles, _, _ = parse(pages, {})
    assert articles.num_rows > 200
    for article in articles.to_pylist():
        check_rows(article["text_as_found"], article["text"], [Change(**row) for row in article["edits"]])


def test_repairs_that_meet_are_one_change():
    found = "e\u0301\u200b \u200b 區"
    lines, counts, (changes,) = repair([found], "Hant")
    assert lines == ["é 区"]
    assert counts == {"zero_width": 2, "compose": 1, "script": 1, "whitespace": 1}
    assert [(c.repair, lines[0][c.start : c.end], found[c.found_start : c.found_end]) for c in changes] == [
        ("compose", "é", "e\u0301"),
        ("zero_width", "", "\u200b"),
        ("zero_width+whitespace", " ", " \u200b "),
        ("script", "区", "區"),
    ]


def test_what_was_taken_out_leads_to_its_place():
    changes = [Change("glosses", 1, 1, 1, 5), Change("whitespace", 3, 4, 7, 10)]
    assert map_to_text(changes, 1, 5) == (1, 1)
    assert map_to_found(changes, 1, 1) == (1, 5)
    assert map_to_found(changes, 0, 2) == (0, 6)
    assert map_to_found(changes, 3, 4) == map_to_found(changes, *map_to_text(changes, 8, 9)) == (7, 10)
    assert map_to_found(changes, 5, 5) == (11, 11)
    assert map_to_found([], 3, 5) == (3, 5)
    assert map_to_text([], 3, 3) == (3, 3)


def test_neighbours_stay_apart_and_lines_too():
    trace = Trace(("glosses", "script", "punctuation"))
    trace.add("glosses", spans([1, 6], [5, 10]))
    trace.add("script", changed_characters("區經,", "区经,"))
    trace.add("punctuation", changed_characters("区经,", "区经，"))
    assert [tuple(change) for change in trace.changes()] == [
        ("script", 0, 1, 0, 1),
        ("glosses", 1, 1, 1, 5),
        ("script", 1, 2, 5, 6),
        ("glosses", 2, 2, 6, 10),
        ("punctuation", 2, 3, 10, 11),
    ]
    assert len(normalize_whitespace("a  \n  b").edits) == 2
