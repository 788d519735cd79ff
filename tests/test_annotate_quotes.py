"""Who said what."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotated import article_of, found_up_to
from newslake.annotate.quotes import find_quotes
from newslake.annotate.words.patterns import kinds_of_words

Said = tuple[str | None, str, bool]


def quotes(text: str, language: str = "zh") -> list[Said]:
    found = found_up_to("find_quotes", article_of(text, language=language, source_name="临江区融媒体中心"))
    return [(one.speaker, text[one.start : one.end], one.is_direct) for one in found.quotes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("区委书记沈怀舟说，要守住底线。", [("沈怀舟", "要守住底线。", False)]),
        ("区委书记沈怀舟强调：“要守住底线。”", [("沈怀舟", "要守住底线。", True)]),
        ("“要守住底线。”区委书记沈怀舟说。", [("沈怀舟", "要守住底线。", True)]),
        ("区委书记沈怀舟在会上强调，“一号工程”要抓实。", [("沈怀舟", "“一号工程”要抓实。", False)]),
        ("据区教委主任邱博文介绍，学位已经够用。", [("邱博文", "学位已经够用。", False)]),
        ("会议指出，形势总体稳定。要抓好春耕。", [(None, "形势总体稳定。要抓好春耕。", False)]),
        ("通报要求，排名靠后的镇要整改。", [(None, "排名靠后的镇要整改。", False)]),
        ("有关负责人表示，工程下月开工。", [(None, "工程下月开工。", False)]),
        ("区委书记沈怀舟出席会议并讲话，强调要守住底线。", [("沈怀舟", "要守住底线。", False)]),
    ],
)
def test_statements(text: str, expected: list[Said]) -> None:
    assert quotes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "会议传达学习了全市交通大会精神。区交通局、区水务局作交流发言。",
        "按照区委书记沈怀舟的要求，各单位抓紧整改。",
        "区委书记沈怀舟对获奖者表示祝贺。",
        "也就是说，工程没有完工。",
        "区委书记沈怀舟采纳了这条建议，散会时天已黑了。",
        "人们常说“一分耕耘”的道理。",
        "村干部到院坝里听一听，累计收集意见建议326条，办结311条。",
        "会上，代表们提出意见和建议，共梳理要求12条。",
    ],
)
def test_what_is_no_quote(text: str) -> None:
    assert quotes(text) == []


def test_he_is_the_last_subject_and_not_whom_he_met() -> None:
    text = "区委书记沈怀舟来到田间，与种粮大户赵满仓交谈。他说，种粮要有账算。"
    assert quotes(text) == [("沈怀舟", "种粮要有账算。", False)]


def test_title_and_words_of_the_speaker() -> None:
    article = article_of("区委书记沈怀舟讲话。他强调，要抓实。\n沈怀舟说，要抓细。")
    found = found_up_to("find_quotes", article).quotes
    assert [(one.speaker, one.speaker_title, one.speaker_text, one.verb) for one in found] == [
        ("沈怀舟", "区委书记", "他", "强调"),
        ("沈怀舟", "区委书记", "沈怀舟", "说"),
    ]


def test_reported_speech_goes_on_until_narration_or_another_speaker() -> None:
    text = (
        "区委书记沈怀舟说，要守住底线。要压实责任。区交通局要抓紧修路。会议还听取了汇报。\n"
        "区长罗一川表示，抓落实。区教委主任邱博文介绍，学位够用。"
    )
    assert quotes(text) == [
        ("沈怀舟", "要守住底线。要压实责任。区交通局要抓紧修路。", False),
        ("罗一川", "抓落实。", False),
        ("邱博文", "学位够用。", False),
    ]


def test_a_statement_through_paragraphs_is_a_row_in_each() -> None:
    text = "区委书记沈怀舟强调，要守住底线。\n要压实责任。要抓好落实。\n会议听取了汇报。"
    assert quotes(text) == [("沈怀舟", "要守住底线。", False), ("沈怀舟", "要压实责任。要抓好落实。", False)]


def test_direct_speech_over_paragraphs_repeats_its_opening_mark() -> None:
    text = "区委书记沈怀舟说：“底线要守住。\n“责任要压实。”\n会议结束。"
    assert quotes(text) == [("沈怀舟", "底线要守住。", True), ("沈怀舟", "责任要压实。", True)]


def test_direct_speech_goes_on_over_its_speaker() -> None:
    text = "“以前路不通。”村民李桂花说，“现在车到门口。”"
    assert quotes(text) == [("李桂花", "以前路不通。”村民李桂花说，“现在车到门口。", True)]


def test_a_quotation_that_belongs_to_the_one_before_is_not_taken_by_the_next() -> None:
    text = "区教委主任邱博文在发言时没有绕弯子：“图纸上没有这根管子。”区水利局局长纪闻涛则坦言，数据不通。"
    assert quotes(text) == [("邱博文", "图纸上没有这根管子。", True), ("纪闻涛", "数据不通。", False)]


def test_english() -> None:
    text = (
        'Mayor Luo Feng said that 47 people were rescued by boat. "Nobody slept last night," he said. '
        "The river rose 1.8 meters, the Lanchuan Hydrological Bureau said on Wednesday."
    )
    assert quotes(text, "en") == [
        ("Luo Feng", "Nobody slept last night,", True),
        ("Luo Feng", "47 people were rescued by boat.", False),
        ("Lanchuan Hydrological Bureau", "The river rose 1.8 meters", False),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "More than 3,200 people were moved in Lanchuan City, the county's emergency bureau said Wednesday.",
            [(None, "More than 3,200 people were moved in Lanchuan City", False)],
        ),
        (
            "The flood has ended, the Lanchuan Hydrological Bureau said Friday morning.",
            [("Lanchuan Hydrological Bureau", "The flood has ended", False)],
        ),
        ("Luo Feng, mayor of Linjiang, said Monday.", []),
        ("Mayor Luo Feng said Monday.", []),
        ("Mayor Luo Feng said Monday the bridge was safe.", [("Luo Feng", "the bridge was safe.", False)]),
    ],
)
def test_english_days_are_not_what_was_said(text: str, expected: list[Said]) -> None:
    assert quotes(text, "en") == expected


def test_verbs_are_listed_by_kind() -> None:
    assert set(kinds_of_words("verbs_of_saying")) == {"said", "open", "colon", "english"}


PIECES = st.sampled_from(
    [
        "区委书记沈怀舟",
        "他",
        "说",
        "强调",
        "，",
        "：",
        "“",
        "”",
        "。",
        "\n",
        "要守住底线",
        "会议",
        "「",
        "」",
        "道",
        "要求",
        "！",
        " ",
        "𠮷",
        "？",
    ]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=30).map("".join).filter(lambda text: bool(text.strip())))
def test_spans_lie_in_the_text_and_do_not_begin_or_end_with_space(text: str) -> None:
    for _, words, _ in quotes(text):
        assert words == words.rstrip()
        assert words


def test_a_very_long_line_takes_linear_time() -> None:
    article = article_of("区委书记沈怀舟说，“一号工程”要抓实，" * 8_000)
    found = found_up_to("find_figures", article)
    start = time.process_time()
    find_quotes(article, found)
    assert time.process_time() - start < 5


def test_the_demands_of_somebody_named_in_passing_are_no_quote() -> None:
    text = "区委书记沈怀舟说，要学懂市委书记周砚秋重要指示要求，把握方向。"
    assert quotes(text) == [("沈怀舟", "要学懂市委书记周砚秋重要指示要求，把握方向。", False)]


def test_a_family_name_with_an_office_is_the_one_who_bears_it() -> None:
    assert quotes("区教委主任邱博文到会。散会后，邱主任说，学位够用。") == [("邱博文", "学位够用。", False)]
    assert quotes("散会后，邱主任说，学位够用。") == [(None, "学位够用。", False)]
