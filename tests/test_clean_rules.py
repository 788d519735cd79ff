"""What belongs to an article and what only stands beside it, rule by rule."""

from __future__ import annotations

import pytest

from newslake.clean.extract import extract
from newslake.clean.lines import Document

FIRST = "某某网讯（记者 张三）2月19日，市里召开会议，讨论明年的工作安排，各部门负责人参加了会议，市长作了讲话。"
SECOND = "市长说，要把老百姓的事情办好，让大家的日子越过越好，不能只说不做，也不能只做表面文章，更不能推给别人。"
THIRD = "会议认为，过去一年的工作有成绩，也有不足，明年要在修路、办学、看病三件事上多下功夫，把钱花在要紧的地方。"
TEXT = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
ENGLISH = "<p>The council approved a plan for the harbour on Monday after a long debate about its cost and its use.</p>"


def read(body: str, title: str = "全市工作会议召开") -> Document:
    return extract(f"<html><head><title>{title}</title></head><body>{body}</body></html>")


def text_of(document: Document) -> list[str]:
    return [line for line, hint in zip(document.lines, document.hints, strict=True) if hint is None]


def test_words_for_screen_readers_are_not_text():
    linked = "<a href=/x>报告<span class='sr-only'>（在新窗口打开）</span></a>"
    assert text_of(read(f"<h1>全市工作会议召开</h1><div>{TEXT}<p>会议通过了{linked}，明天公布。</p></div>"))[-1] == (
        "会议通过了报告，明天公布。"
    )


def test_tools_for_editing_are_no_part_of_a_heading():
    edit = "<span class='mw-editsection'>[<a href=/e>编辑</a>]</span>"
    document = read(f"<h1>全市工作会议召开</h1><div><h2>经过{edit}</h2>{TEXT}</div>")
    assert ("经过", "heading") in zip(document.lines, document.hints, strict=True)


def test_text_that_a_script_shows_later_is_text():
    document = read(
        f"<div class='skeleton'>载入中</div><div hidden id='S:0'><h1>全市工作会议召开</h1><div>{TEXT}</div></div>"
    )
    assert text_of(document) == [FIRST, SECOND, THIRD]


def test_hidden_text_beside_an_article_stays_hidden():
    document = read(f"<h1>全市工作会议召开</h1><div>{TEXT * 2}</div><div hidden><p>{SECOND * 9}</p></div>")
    assert SECOND * 9 not in document.lines


def posts(*days: str) -> str:
    texts = (FIRST, SECOND, THIRD, FIRST + THIRD)
    return "".join(
        f"<div class=head>第{number}篇</div><div class=day>{day}</div><div class=text>{text}</div><div>[打印]</div>"
        for number, (day, text) in enumerate(zip(days, texts, strict=False))
    )


def test_the_front_page_of_a_blog_gives_its_newest_post():
    days = ("2024-02-20 10:00:00", "2024-02-19 09:00:00", "2024-02-17 08:00:00")
    lines = text_of(read(f"<div>{posts(*days)}</div>"))
    assert FIRST in lines
    assert SECOND not in lines


@pytest.mark.parametrize(
    "days",
    [
        ("2024-02-20 08:00:00", "2024-02-20 09:00:00", "2024-02-20 10:00:00"),
        ("2024-02-17 10:00:00", "2024-02-18 09:00:00", "2024-02-19 08:00:00"),
        ("2024-02-20 10:00:00", "2024-02-20 09:00:00", "2024-02-20 08:00:00"),
        ("2024-02-20 10:00:00", "2024-02-19 09:00:00"),
    ],
    ids=["one day", "a chronicle", "a live report", "two"],
)
def test_what_is_told_hour_by_hour_or_day_by_day_is_one_article(days):
    assert SECOND in text_of(read(f"<div>{posts(*days)}</div>"))


def test_a_list_of_sources_is_no_text():
    sources = "<ol class=references><li>《市志》第三卷，1998年，第20页。</li><li>《水利年鉴》，2001年。</li></ol>"
    lines = read(f"<h1>全市工作会议召开</h1><div>{TEXT}{sources}</div>").lines
    assert "《水利年鉴》，2001年。" not in lines


def test_verse_above_its_notes_is_text():
    verse = "<div class=verse>春水绕城流，<br>新桥接两洲。<br>渡头人不见，<br>灯火满江楼。</div>"
    document = read(
        f"<div>当前位置：诗歌</div><div><h1>渡头新桥记</h1>{verse}<div class=note>{FIRST + SECOND}</div></div>",
        "渡头新桥记",
    )
    assert "新桥接两洲。" in document.lines


def test_a_form_for_comments_is_no_text():
    form = (
        "<form><legend>说两句</legend><p>留言请遵守规定，不得辱骂他人，不得发布广告，违者自负责任，编辑有权删除。</p>"
        "<textarea></textarea></form>"
    )
    document = read(f"<h1>全市工作会议召开</h1><div>{TEXT}{form}</div>")
    assert text_of(document) == [FIRST, SECOND, THIRD]


def test_a_form_around_the_whole_page_is_no_form_for_comments():
    assert text_of(read(f"<form><h1>全市工作会议召开</h1><div>{TEXT}</div><textarea></textarea></form>")) == [
        FIRST,
        SECOND,
        THIRD,
    ]


@pytest.mark.parametrize(
    "last",
    [
        "铁路部门提醒旅客尽早买票，办理团体票的具体时间和地点请看车站的公告，也可以拨打铁路局客服热线问一问。",
        "其次，节目的来源更加复杂，有些歌曲有几千个版本，制作节目必须先获得版权所有者或者制作人的许可。",
        "市里要求，有关部门要加强巡查，对乱搭乱建的一律拆除，今后在河道两边施工，未经水利部门书面许可的不得动工。",
    ],
    ids=["a hotline", "rights", "a permit"],
)
def test_a_last_sentence_that_speaks_of_rights_or_permits_is_text(last):
    assert text_of(read(f"<h1>全市工作会议召开</h1><div>{TEXT}<p>{last}</p></div>"))[-1] == last


def test_a_notice_below_the_text_is_none_of_it():
    notice = "版权声明：本网所有内容未经书面许可不得转载，违者必究。"
    assert notice not in text_of(read(f"<h1>全市工作会议召开</h1><div>{TEXT}<p>{notice}</p></div>"))


def test_the_rights_in_a_picture_end_no_article():
    figure = "<figure><img src=a><figcaption>Image copyright Reuters</figcaption></figure>"
    document = read(
        f"<h1>Harbour plan approved</h1><div>{ENGLISH * 6}{figure}<p>It will be built in May.</p></div>", "x"
    )
    assert text_of(document)[-1] == "It will be built in May."


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("江澜新闻网", "江澜新桥昨天通车 过河只要五分钟"),
        ("江澜电子报", "江澜新桥昨天通车 过河只要五分钟"),
        ("江澜日报 - 江澜新桥昨天通车 过河只要五分钟", "江澜新桥昨天通车 过河只要五分钟"),
        ("江澜视频：江澜新桥昨天通车 过河只要五分钟", "江澜新桥昨天通车 过河只要五分钟"),
        ("江澜新桥昨天通车 过河只要五分钟-《江澜网》", "江澜新桥昨天通车 过河只要五分钟"),
    ],
)
def test_a_page_title_that_names_the_site_is_no_headline(title, headline):
    body = f"<div>{title}</div><ul><li><a href=/>首页</a></li></ul><div class=big>江澜新桥昨天通车 过河只要五分钟</div><div>{TEXT}</div>"
    assert read(body, title).lines[0] == headline


POINTERS = "".join(f"<li><a href=/{n}>清水新闻频道第{n}号</a></li>" for n in range(8))
FIGURES = "".join(
    f"<tr><td>{name}</td><td>{value}</td><td>{growth}</td></tr>"
    for name, value, growth in (
        ("指标", "绝对额（亿元）", "增长（%）"),
        ("地区生产总值", "1,234.5", "5.2"),
        ("第一产业", "123.4", "-3.1"),
        ("财政收入", "98亿元", "4.4%"),
    )
)
IN_PARAGRAPHS = FIGURES.replace("<td>", "<td><p>").replace("</td>", "</p></td>")


@pytest.mark.parametrize("rows", [FIGURES, IN_PARAGRAPHS], ids=["plain", "paragraphs in cells"])
@pytest.mark.parametrize(
    ("above", "before", "after"),
    [
        ("", "", ""),
        ("", "现将主要指标公布如下。", ""),
        ("", "数据如下：", "注：绝对额按现价计算。"),
        (f"<ul>{POINTERS}</ul>", "", ""),
    ],
    ids=["alone", "announced", "between lines", "below pointers"],
)
def test_a_table_of_figures_is_text(rows, above, before, after):
    document = read(
        f"{above}<h1>全市主要经济指标</h1><div>2024-03-10 来源：某统计局</div>"
        f"<p>{before}</p><table>{rows}</table><p>{after}</p>",
        "全市主要经济指标",
    )
    hints = dict(zip(document.lines, document.hints, strict=True))
    assert hints["地区生产总值 | 1,234.5 | 5.2"] == "table"
    assert [line for line in (before, after) if line not in hints and line] == []


def test_a_calendar_beside_an_article_is_none_of_its_text():
    week = "".join(f"<td>{day}</td>" for day in range(1, 8))
    calendar = f"<table><tr>{'<td>日</td>' * 7}</tr>{f'<tr>{week}</tr>' * 5}</table>"
    document = read(f"<div><h1>全市工作会议召开</h1>{TEXT}</div><div>{calendar}</div>")
    assert text_of(document) == [FIRST, SECOND, THIRD]
    assert "table" not in document.hints


@pytest.mark.parametrize("headline", ["<h1>王芳当选区长</h1>", "<div><h1>王芳当选区长</h1></div>"])
@pytest.mark.parametrize(("above", "below"), [("", ""), ("", POINTERS), (POINTERS, POINTERS)])
def test_news_of_one_sentence_is_news(headline, above, below):
    sentence = "会议选举王芳为清水区人民政府区长。"
    document = read(f"<ul>{above}</ul>{headline}<p>{sentence}</p><ul>{below}</ul>", "王芳当选区长")
    assert text_of(document) == [sentence]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (f"<pre>{FIRST}\n　　{SECOND}</pre>", [FIRST, SECOND]),
        (f"<div style='white-space: pre-wrap'>{FIRST}\n{SECOND}</div>", [FIRST, SECOND]),
        (f"<p>{FIRST}</p><pre><code>for a in b:\n    c()\n\nd()</code></pre>", [FIRST, "for a in b:", "c()", "d()"]),
        (f"<pre><div style='white-space:normal'>{FIRST}\n{SECOND}</div></pre>", [f"{FIRST} {SECOND}"]),
    ],
    ids=["pre", "style", "code", "normal again"],
)
def test_preformatted_lines_are_lines(markup, expected):
    assert text_of(read(f"<h1>全市工作会议召开</h1>{markup}")) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<ruby>樟<rp>(</rp><rt>zhāng</rt><rp>)</rp></ruby>树", "樟树"),
        ("10<sup>4</sup>平方米", "10⁴平方米"),
        ("m·s<sup>-1</sup>", "m·s⁻¹"),
        ("种了树<sup><a href=#n>2</a></sup>和草", "种了树和草"),
        ("种了树<sup>[2]</sup>和草", "种了树[2]和草"),
        ("the 19<sup>th</sup> day", "the 19th day"),
        ("高<math><mi>h</mi><mo>=</mo><mn>5</mn></math>米", "高h=5米"),
        ("<math><msup><mi>x</mi><mn>2</mn></msup><annotation>x^2</annotation></math>", "x²"),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "1/2"),
    ],
)
def test_figures_and_signs_above_the_line(markup, expected):
    assert text_of(read(f"<h1>全市工作会议召开</h1><p>{FIRST}{markup}。</p>")) == [f"{FIRST}{expected}。"]


@pytest.mark.parametrize(
    "wall",
    ["本文为付费内容，订阅后继续阅读", "请登录后阅读全文", "剩余70%内容付费后可阅读", "Subscribe to continue reading"],
)
def test_what_a_wall_says_is_no_text(wall):
    assert text_of(read(f"<h1>全市工作会议召开</h1><div>{TEXT}<p>{wall}</p></div>")) == [FIRST, SECOND, THIRD]


def test_text_that_a_script_uncovers_is_text():
    covered = f"<div id=js_content style='visibility: hidden; opacity: 0'>{TEXT}</div>"
    assert text_of(read(f"<h1>全市工作会议召开</h1>{covered}")) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    "tools", ["字体：大 中 小", "【打印】【关闭】", "打印 | 收藏 | 返回顶部", "扫一扫在手机打开当前页"]
)
def test_the_tools_of_a_page_are_no_text(tools):
    assert text_of(read(f"<h1>全市工作会议召开</h1><div><p>{tools}</p>{TEXT}<p>{tools}</p></div>")) == [
        FIRST,
        SECOND,
        THIRD,
    ]


def test_lines_below_photographs_are_text_where_nothing_else_is():
    photos = "".join(f"<div><img src={day}><p>3月{day}日，市民在城东公园赏花。张三 摄</p></div>" for day in range(1, 5))
    assert len(text_of(read(f"<h1>春到城东公园</h1>{photos}", "春到城东公园"))) == 4


def table_of(*rows: tuple[str, ...], cell: str = "td") -> str:
    cells = ("".join(f"<td>{text}</td>" for text in row) for row in rows)
    head = f"<tr>{f'<{cell}>栏目</{cell}>' * len(rows[0])}</tr>"
    return f"<table>{head}{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


@pytest.mark.parametrize(
    ("table", "last"),
    [
        (table_of(*((f"张三{n}", f"李四{n}") for n in range(4))), "张三3 | 李四3"),
        (
            table_of(*((f"3月{n}日", "城东队", f"3:{n}", "城西队") for n in range(1, 5))),
            "3月4日 | 城东队 | 3:4 | 城西队",
        ),
        (table_of(*((f"公司{n}", SECOND, f"{n}万元") for n in range(1, 5)), cell="th"), f"公司4 | {SECOND} | 4万元"),
    ],
    ids=["names", "fixtures", "long cells below a head"],
)
def test_a_page_that_is_a_table(table, last):
    assert read(f"<h1>清水杯名单公布</h1>{table}", "清水杯名单公布").lines[-1] == last


def test_a_table_of_figures_beside_an_article_is_none_of_its_text():
    prices = table_of(*((f"指数{n}", f"{n}200.1") for n in range(1, 5)))
    assert text_of(read(f"<div><div><h1>全市工作会议召开</h1>{TEXT}</div><div>{prices}</div></div>")) == [
        FIRST,
        SECOND,
        THIRD,
    ]
