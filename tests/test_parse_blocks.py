"""Kinds of blocks: one test a rule, with cases that look alike and are something else."""

from __future__ import annotations

import pytest

from newslake.parse.blocks import classify

PROSE = "县里昨日公布了今年的灌溉计划，七个乡镇先后开闸放水，农户按次序引水入田。"
OTHER = "水利站派出十二名技术员下到村里，帮助农户检修水泵和渠道。"
ENGLISH = "The council approved the new harbour plan on Tuesday after a debate of four hours."


def kinds(lines: list[str], hints: list[str | None] | None = None, title: str | None = None) -> list[str]:
    return classify(lines, hints or [None] * len(lines), title, "Asia/Shanghai")[0]


def test_page_from_title_to_comments() -> None:
    lines = {
        "春灌工作全面展开": "title",
        "2024-03-05 09:10:11来源：某县日报编辑：李明责任编辑：": "header",
        " 春灌工作全面展开 ": "title",
        "七个乡镇先后开闸": "deck",
        "农户按次序引水": "deck",
        PROSE: "paragraph",
        "水闸开启现场": "caption",
        OTHER: "paragraph",
        "一、检修渠道": "subhead",
        "随后，" + PROSE: "paragraph",
        "（版权作品 未经许可 不得转载）": "footer",
        "相关阅读": "related",
        "· 去年春灌回顾": "related",
        "网友评论": "footer",
        "说得好！": "comment",
    }
    assert dict(zip(lines, kinds(list(lines)), strict=True)) == lines


@pytest.mark.parametrize(
    "line",
    [
        PROSE * 3,
        PROSE,
        "会议指出：" + PROSE,
        "（一）" + PROSE,
        "他说：“水来了，心里就踏实了。”",
        "本报讯（记者 李明）" + PROSE[:-1],
    ],
)
def test_page_of_one_paragraph_has_no_title(line: str) -> None:
    assert kinds([line]) == ["paragraph"]
    assert kinds([line, OTHER]) == ["paragraph", "paragraph"]


@pytest.mark.parametrize(
    "line",
    [
        "会议指出：",
        "要抓好以下几件事；",
        "他称之为“家门口的水站”。",
        "老站长说：“渠通了。”",
        "全长三十公里。（完）",
        "第二天清晨，水到了田边……",
    ],
)
def test_short_body_lines_stay_paragraphs(line: str) -> None:
    assert kinds(["春灌开始", PROSE, line, OTHER]) == ["title", "paragraph", "paragraph", "paragraph"]


@pytest.mark.parametrize(
    "line", ["一、总体要求", "（二）主要任务", "(3) 保障措施", "3. 加强值守", "第一章 总则", "2、落实责任"]
)
def test_numbered_line_over_text_is_subhead(line: str) -> None:
    assert kinds(["春灌方案印发", PROSE, line, OTHER])[2] == "subhead"


@pytest.mark.parametrize("line", ["（一）渠道要在月底前检修完毕。", "3.5亿元投向水利", "2024年的水情", "十里渠"])
def test_line_that_only_looks_numbered_is_paragraph(line: str) -> None:
    assert kinds(["春灌方案印发", PROSE, line, OTHER])[2] == "paragraph"


def test_nested_subheads_and_numbered_lists() -> None:
    assert kinds(["标题在此", PROSE, "一、任务分工", "（一）检修水泵", OTHER])[2:4] == ["subhead", "subhead"]
    assert kinds(["标题在此", PROSE, "1. 水泵", "2. 水渠", "3. 水闸", OTHER])[2:5] == ["list_item"] * 3
    assert kinds(["标题在此", PROSE, "1. 水泵"])[2] == "list_item"


@pytest.mark.parametrize(
    "line",
    [
        "技术员检修水泵。李明 摄",
        "图为开闸时的渠首",
        "资料图",
        "渠首航拍（李明 摄）",
        "副县长赵强讲话",
        "开闸仪式现场",
        "老站员合影",
        "水库 赵强供图",
        "▲渠首的水闸，远处是村庄（受访者提供）",
        "△渠首的水闸",
        "技术员在渠首泵房察看水位",
        "Photo: Jane Doe",
    ],
)
def test_captions(line: str) -> None:
    assert kinds(["春灌开始", PROSE, line, OTHER])[2] == "caption"


@pytest.mark.parametrize(
    "line",
    [
        "他走进现场，听取讲话。",
        "摄影展昨日开幕。",
        "渠首的现场会开了三天",
        "▲一是检修渠道，确保水路畅通。",
        "这是一张老照片，拍的是四十年前的渠首，那时没有水泥，人们用条石一块一块地垒，足足垒了两个冬天，才有了今天灌溉万亩良田的干渠，现场",
    ],
)
def test_lines_with_caption_words_that_are_text(line: str) -> None:
    assert kinds(["春灌开始", PROSE, line, OTHER])[2] == "paragraph"


def test_lone_line_near_the_top_is_the_caption_of_a_lost_picture() -> None:
    caption = "修好以后的渠首水闸"
    assert kinds(["春灌开始", PROSE, caption, OTHER, PROSE])[2] == "caption"
    assert kinds(["春灌开始", PROSE, OTHER, OTHER, caption, OTHER, PROSE])[4] == "caption"


@pytest.mark.parametrize(
    "lines",
    [
        [PROSE, "修好以后的渠首水闸", OTHER, "七个乡镇先后放水", PROSE, OTHER],
        [PROSE, OTHER, PROSE, OTHER, "修好以后的渠首水闸", PROSE, OTHER],
        [PROSE, OTHER, "修好以后的渠首水闸", PROSE],
        ["泵站有三座：", "修好以后的渠首泵站", PROSE, OTHER],
        [PROSE, "链接：渠首的水闸怎么修", OTHER, PROSE],
        [PROSE, "渠首的水闸什么时候修", OTHER, PROSE],
        [PROSE, "渠首", OTHER, PROSE],
    ],
)
def test_other_short_lines_stay_in_the_text(lines: list[str]) -> None:
    assert kinds(["春灌开始", *lines])[1:] == ["paragraph"] * len(lines)


def test_title_may_end_like_a_caption() -> None:
    assert kinds(["李明在全县春灌会议上的讲话", PROSE])[0] == "title"


def test_hints_win() -> None:
    lines = ["导语在前", "春灌开始", "渠首", "要点", PROSE, "下一步", OTHER, "渠首的水"]
    hints: list[str | None] = [None, "title", "header", "heading", None, "heading", None, "caption"]
    assert kinds(lines, hints)[1:] == ["title", "header", "subhead", "paragraph", "subhead", "paragraph", "caption"]


def test_given_title_is_found_below_other_lines() -> None:
    lines = ["本县要闻", "春灌工作全面展开", "七个乡镇先后开闸放水", PROSE]
    assert kinds(lines, title="春灌工作全面展开_某县新闻网") == ["footer", "title", "deck", "paragraph"]


def test_given_title_that_is_not_on_the_page_makes_no_line_a_title() -> None:
    assert "title" not in kinds(["七个乡镇先后开闸放水", PROSE], title="春灌工作全面展开")


def test_breadcrumb_and_section_are_no_title() -> None:
    lines = [
        "网站导航",
        "农业要闻",
        "当前位置：主页 > 农业要闻 > 春灌开始",
        "更新时间：2012-04-13 点击次数：6590",
        PROSE,
    ]
    assert kinds(lines) == ["footer", "footer", "footer", "header", "paragraph"]
    assert kinds(["首页 > 农业 > 正文", "春灌开始", PROSE]) == ["footer", "title", "paragraph"]


@pytest.mark.parametrize("title", ["今年的水够用吗？", "开闸放水！", "Will the harbour ever reopen?"])
def test_headline_with_a_mark(title: str) -> None:
    text = ENGLISH if title.isascii() else PROSE
    assert kinds([title, text, text + text]) == ["title", "paragraph", "paragraph"]
    assert kinds([text, title, text]) == ["paragraph"] * 3


@pytest.mark.parametrize(
    "line",
    ["手机版|", "关注公众号|", "上一篇：春耕", "下一条：秋收", "返回首页", "分享到：", "责任编辑：李明", "（责任编辑：李明）", "【责编：李明】", "网友评论",
     "免责声明：本站所有文章均来自网络，如有侵权请联系删除。", "版权所有 某县融媒体中心", "转载请注明出处。", "来源：某县日报", "Copyright 2024 Example Media",
     "All rights reserved.", "Share this article", "Edited by Jane Doe", "某ICP备12345678号", "（完）",
     "抄送：各乡镇，县级有关部门", "主送：各乡镇", "（共印60份）", "咨询电话：0600-123456", "客服热线：0600-96123", "某县新闻网版权所有"],
)  # fmt: skip
def test_footers(line: str) -> None:
    assert kinds(["春灌开始", PROSE, OTHER, line]) == ["title", "paragraph", "paragraph", "footer"]


@pytest.mark.parametrize(
    "line",
    [
        "版权保护进入新阶段，法院去年审结案件两千余件，赔偿额比上年翻了一番。",
        "分享经济的成果惠及了乡村，农户把闲置的水泵租给邻居。",
        "编辑部设在老街的二楼，窗外就是渠首。",
        "记者：今年的水够用吗？",
        "转载量超过一万次，读者纷纷留言。",
    ],
)
def test_text_with_footer_words_stays_text(line: str) -> None:
    assert kinds(["春灌开始", PROSE, line]) == ["title", "paragraph", "paragraph"]


def test_notice_in_the_middle_does_not_cut_the_text() -> None:
    assert kinds(["春灌开始", PROSE, "分享到：", OTHER]) == ["title", "paragraph", "footer", "paragraph"]
    assert kinds(["春灌开始", PROSE, "相关新闻：去年春灌回顾", OTHER]) == ["title", "paragraph", "related", "paragraph"]


def test_interview_questions_are_no_header() -> None:
    lines = ["对话水利站长", "记者：今年的水够用吗？", "站长：够用，库容比往年多两成。"]
    assert kinds(lines) == ["title", "paragraph", "paragraph"]


def test_verse_and_lists_are_body_but_menus_are_not() -> None:
    assert kinds(["渠水", "从山后面来", "穿过石头的缝", "在田埂上坐下", "等一株秧苗"]) == ["title"] + ["paragraph"] * 4
    assert kinds(["渠水", "山后来，", "田埂坐，"]) == ["title", "paragraph", "paragraph"]
    assert "paragraph" not in kinds(["首页", "新闻", "视频", "农业", "登录"])


def test_verse_within_the_text_stays_in_it() -> None:
    assert kinds(["渠首的歌", PROSE, "从山后面来", "穿过石头的缝", OTHER])[2:4] == ["paragraph", "paragraph"]


def test_english_article() -> None:
    lines = ["Harbour plan approved", "By Jane Doe and John Q. Smith", "Published: Feb. 20, 2024, 6:30 p.m.", "Council votes for new piers",
             "PORT ELLIS, Feb. 20 (Agency) — " + ENGLISH, "What comes next", ENGLISH, "Related articles", "• Old harbour closes", "Copyright 2024 Example"]  # fmt: skip
    hints: list[str | None] = [None] * 5 + ["heading"] + [None] * 4
    assert kinds(lines, hints) == [
        "title",
        "header",
        "header",
        "deck",
        "paragraph",
        "subhead",
        "paragraph",
        "related",
        "related",
        "footer",
    ]


def test_hard_wrapped_text_is_no_deck() -> None:
    lines = ["渠首的春天", "水从山上下来。村里的人早早地等在", "渠边，看着第一股水", "流进自家的田里。"]
    assert kinds(lines) == ["title"] + ["paragraph"] * 3


def test_editor_closes_the_article_though_a_sentence_stands_below() -> None:
    lines = ["春灌开始", PROSE, OTHER, "[责任编辑：李明]", "对本频道有意见的读者请到反馈平台留言。"]
    assert kinds(lines)[3:] == ["footer", "footer"]
    lines = ["春灌开始", PROSE, "责任编辑：李明", OTHER, PROSE]
    assert kinds(lines)[3:] == ["paragraph", "paragraph"]


def test_running_text_that_markup_calls_header_or_title_is_paragraph() -> None:
    assert kinds(["春灌开始", PROSE, OTHER], ["title", "header", None]) == ["title", "paragraph", "paragraph"]
    assert kinds([PROSE * 4, OTHER], ["title", None]) == ["paragraph", "paragraph"]


def test_page_without_lines() -> None:
    assert kinds([]) == []
