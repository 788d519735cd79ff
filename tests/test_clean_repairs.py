"""The repairs: what each changes, what it must leave alone, and that lines stay one to one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.clean import STEPS, repair
from newslake.clean.compose import compose
from newslake.clean.edits import NO_EDITS, Repaired, followed
from newslake.clean.glosses import strip_glosses
from newslake.clean.invisible import (
    is_blank,
    strip_bidi_controls,
    strip_controls,
    strip_soft_hyphens,
    strip_zero_width,
)
from newslake.clean.language import detect_writing
from newslake.clean.lines import split_lines
from newslake.clean.punctuation import widen_punctuation
from newslake.clean.script import simplify
from newslake.clean.whitespace import normalize_whitespace

MIRRORED = (
    "城北區(qū)昨天召開產(chǎn)業(yè)發(fā)展會議,區(qū)長說,經(jīng)濟(jì)發(fā)展要靠產(chǎn)業(yè)。\n"
    "各鄉(xiāng)要把農(nóng)業(yè)辦好,區(qū)里的經(jīng)濟(jì)部門要到鄉(xiāng)下去。"
)

AWKWARD = "區区(（)）,，:：?？!！ \t\u3000\u00a0\u200b\u200d\u200c\ufeff\u00ad\u0304aquūA5%。”“著乾何健記者\u202e🌾👩"


def strip_invisible(text):
    """All repairs of what nobody sees, in their order."""
    edits = NO_EDITS
    for repair_one in (strip_soft_hyphens, strip_bidi_controls, strip_controls, strip_zero_width):
        text, removed = repair_one(text)
        edits = followed(edits, removed)
    return Repaired(text, edits)


def outcome(repaired):
    """The text, and how many edits made it."""
    return repaired.text, len(repaired.edits)


LINES = st.lists(
    st.text(
        st.one_of(st.sampled_from(AWKWARD), st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        max_size=40,
    ),
    max_size=6,
)
TEXTS = LINES.map(lambda lines: "\n".join(split_lines("\n".join(lines))))


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("記者 何乾健", "记者 何乾健"),
        ("（記者何乾健攝）", "（记者何乾健摄）"),
        ("記者 何乾健。後來何乾健對我說", "记者 何乾健。后来何乾健对我说"),
        ("乾隆年間的餅乾很乾燥", "乾隆年间的饼干很干燥"),
        ("、牛肉乾、", "、牛肉干、"),
        ("原著、編著、土著、專著和著名作家", "原著、编著、土著、专著和著名作家"),
        ("看著他討論著手機的事，接著著手去辦", "看着他讨论着手机的事，接着着手去办"),
        ("互動的軟體", "互动的软体"),
        ("皇后在公里外", "皇后在公里外"),
    ],
)
def test_simplify(traditional, simplified):
    assert simplify(traditional)[0] == simplified


@pytest.mark.parametrize(
    ("found", "repaired"),
    [
        ("会议召开,市长讲话", "会议召开，市长讲话"),
        ("来源:某某网", "来源：某某网"),
        ("责任编辑:", "责任编辑："),
        ("真的吗??", "真的吗？？"),
        ("太好了!他说", "太好了！他说"),
        ("增长5.2%,其中", "增长5.2%，其中"),
        ("到2025年,5G网络", "到2025年，5G网络"),
        ("某某网讯(记者 张三)2月19日", "某某网讯（记者 张三）2月19日"),
        ("(版权所有 不得转载)", "（版权所有 不得转载）"),
        ("你好, 世界", "你好， 世界"),
    ],
)
def test_chinese_punctuation_is_widened(found, repaired):
    assert widen_punctuation(found)[0] == repaired
    assert widen_punctuation(found).edits


@pytest.mark.parametrize(
    "text",
    [
        "1,200家企业",
        "时间02:03:38整",
        "见http://example.org/a?b=1,2:3!页",
        "Hello, world: it works! (really)",
        "校准(Calibration)很重要",
        "f(x, y)是函数",
        "笑:)哭",
        "没有配对(的括号",
        "会议召开，市长讲话。",
    ],
)
def test_other_punctuation_stays(text):
    assert outcome(widen_punctuation(text)) == (text, 0)


@pytest.mark.parametrize(
    ("found", "repaired"),
    [
        ("重\u200b庆\ufeff", "重庆"),
        ("\u202e反\u202c", "反"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\u200d\u200db", "ab"),
        ("bell\x07", "bell"),
        ("hidden\U000e0041\U000e0042", "hidden"),
    ],
)
def test_invisible_characters_go(found, repaired):
    assert strip_invisible(found)[0] == repaired


@pytest.mark.parametrize(
    "text", ["می\u200cخواهم", "👩\u200d🌾", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "a\tb", "❤\ufe0f"]
)
def test_needed_invisible_characters_stay(text):
    assert outcome(strip_invisible(text)) == (text, 0)


def test_whitespace():
    assert outcome(normalize_whitespace("吴芳 程淇\u3000\u3000何乾健")) == ("吴芳 程淇 何乾健", 1)
    assert outcome(normalize_whitespace("愈高 。另外， 还有")) == ("愈高。另外，还有", 2)
    assert outcome(normalize_whitespace("a b")) == ("a b", 0)


def test_compose_leaves_fullwidth_forms():
    assert compose("ｅ\u0301，（１）ﬁ")[0] == "ｅ\u0301，（１）ﬁ"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_a_repair_keeps_the_number_of_lines(step, text):
    repaired, count = outcome(step.function(text))
    assert repaired.count("\n") == text.count("\n")
    assert len(repaired.split("\n")) == len(text.split("\n"))
    assert (count > 0) == (repaired != text)


@pytest.mark.parametrize(
    "function",
    [strip_invisible, compose, normalize_whitespace, widen_punctuation, strip_glosses],
    ids=lambda f: f.__name__,
)
@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_a_repair_done_twice_is_done_once(function, text):
    once = function(text)[0]
    assert outcome(function(once)) == (once, 0)


AWKWARD_PIECES = (
    "區(qū) 經(jīng) 發(fā) 業(yè) (qū) 區 ((qū)) 會(hui) ?shí) 們?cè)趯?shí) 區委 來源: 編輯: 責任編輯: 關于 😀 〔 〕 "
    "著 著名 著作 看著 合著 原著 乾 何乾健 記者 乾隆 乾燥 於 於姓 帳 帳篷 顎 牠 敍 薰陶 徵 麼 么 藉 畢昇 打壞 閤家 裡 幹 發 髮 "
    ", ， : ( ) ? ! ， 。 “ ” 5 % A 2024 02:03 http://a.cn/?a=1,2 \ud800 \udc00 \0 \u200b \u202e \u00ad \ufeff \u200d \u0304"
)
PIECES = st.sampled_from(AWKWARD_PIECES.split(" "))
PAGES = st.lists(st.one_of(PIECES, PIECES, PIECES, st.just("\n"), st.just(" "), st.text(max_size=3)), max_size=40).map(
    "".join
)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
@settings(max_examples=300, deadline=None)
@given(text=PAGES)
def test_a_repair_takes_any_text_and_a_second_time_finds_nothing(step, text):
    repaired = step.function(text)
    assert repaired.text.count("\n") == text.count("\n")
    assert (len(repaired.edits) > 0) == (repaired.text != text)
    assert outcome(step.function(repaired.text)) == (repaired.text, 0)


@settings(max_examples=150, deadline=None)
@given(text=PAGES)
def test_simplify_keeps_lengths_and_what_is_not_han(text):
    simplified = simplify(text).text
    assert len(simplified) == len(text)
    assert all(a == b for a, b in zip(text, simplified, strict=True) if a < "\u2e80")


@settings(max_examples=150, deadline=None)
@given(text=PAGES)
def test_glosses_take_only_brackets_letters_and_emoji(text):
    before = text.replace("趯", "")
    kept = strip_glosses(before).text.replace("\ufffd", "")
    han = [character for character in before if "\u3400" <= character <= "\u9fff"]
    assert [character for character in kept if "\u3400" <= character <= "\u9fff"] == han


@pytest.mark.parametrize(
    ("function", "found", "repaired"),
    [
        (strip_soft_hyphens, "重\u00ad庆\u200b", "重庆\u200b"),
        (strip_bidi_controls, "\u202e重\u200e庆\u2069", "重庆"),
        (strip_controls, "重\0庆\x07\t", "重庆\t"),
        (strip_zero_width, "重\u200b庆\ufeff\u2060", "重庆"),
    ],
)
def test_invisible_characters_by_name(function, found, repaired):
    assert outcome(function(found)) == (repaired, len(found) - len(repaired))
    assert outcome(function(repaired)) == (repaired, 0)


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        ("區委書記強調，要提高質量，“打造”示范區。", True),
        ("02:03:38來源:某網編輯:張三責任編輯:", True),
        (MIRRORED + MIRRORED, True),
        ("立法院昨天表示，民眾可透過網路查詢，「品質」不變。", False),
        ("港鐵昨日延誤，立法會議員要求運輸署交代。", False),
        ("今天下雨，後來轉晴。", None),
        (
            "我(wǒ)們(men)學(xué)習(xí)漢(hàn)語(yǔ)，我(wǒ)很(hěn)高(gāo)興(xìng)，你(nǐ)呢(ne)？他(tā)也(yě)來(lái)。",
            None,
        ),
    ],
)
def test_converted_text_is_told_from_text_of_taiwan_and_hong_kong(text, converted):
    assert detect_writing(text) == ("zh", "Hant", converted)


def test_a_genuine_taiwanese_article_is_only_written_in_simplified_characters():
    found = ["臺北市長昨天表示，「捷運品質」不變，作家龔(gōng)小姐說，民眾可透過網路查詢。"]
    assert repair(found, "Hant")[:2] == (
        ["台北市长昨天表示，「捷运品质」不变，作家龚(gōng)小姐说，民众可透过网路查询。"],
        {"script": 11},
    )


@settings(max_examples=150, deadline=None)
@given(lines=LINES, script=st.sampled_from(["Hans", "Hant", "Latn"]))
def test_the_chain_keeps_lines_and_leaves_none_empty(lines, script):
    found = split_lines("\n".join(lines))
    repaired, counts, _ = repair(found, script)
    assert len(repaired) == len(found)
    assert not found or all(repaired)
    assert all(counts.values())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.text("市区人民在中山大道开会讨论工作，。、；：“”《》（）0123456789", min_size=1, max_size=40),
        min_size=1,
        max_size=5,
    )
)
def test_clean_simplified_text_is_unchanged(lines):
    found = split_lines("\n".join(lines))
    assert repair(found, detect_writing("\n".join(found)).script)[:2] == (found, {})


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_a_line_is_blank_exactly_if_its_repair_is(text):
    line = text.replace("\n", "")
    assert is_blank(line) == (not normalize_whitespace(strip_invisible(line)[0])[0].strip())


@pytest.mark.parametrize(
    ("text", "writing"),
    [
        ("市里召开会议，讨论发展问题。", ("zh", "Hans")),
        ("市里召開會議，討論發展問題。", ("zh", "Hant")),
        ("市は新しい計画を発表し、来年から始める。", ("ja", "Jpan")),
        ("시는 새로운 계획을 발표했다. 내년부터 시작한다.", ("ko", "Kore")),
        ("The city council approved a new plan for the harbour on Monday.", ("en", "Latn")),
        ("Городской совет утвердил новый план развития порта в понедельник.", ("ru", "Cyrl")),
        ("وافق مجلس المدينة على خطة جديدة لتطوير الميناء يوم الاثنين", ("ar", "Arab")),
        ("A-1", ("und", "Latn")),
        ("123", ("und", "Zyyy")),
    ],
)
def test_language_and_script(text, writing):
    assert detect_writing(text)[:2] == writing
