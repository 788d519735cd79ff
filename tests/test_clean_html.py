"""Pages: lines, hints, headline, header and tail lines, metadata."""

from __future__ import annotations

import time

import pytest
import turbohtml

from newslake.clean.extract import extract, extract_fragment, looks_like_html
from newslake.clean.headline import is_header, is_tail, strip_site_suffix
from newslake.clean.metadata import read_metadata
from newslake.clean.walk import read_page
from newslake.errors import ArticleRejected

PARAGRAPHS = [
    "某某网讯（记者 张三）2月19日，市里召开会议，讨论明年的工作安排，各部门负责人参加了会议，市长作了讲话。",
    "市长说，要把老百姓的事情办好，让大家的日子越过越好，不能只说不做，也不能只做表面文章，更不能推给别人。",
    "会议认为，过去一年的工作有成绩，也有不足，明年要在修路、办学、看病三件事上多下功夫，把钱花在要紧的地方。",
]
PAGE = f"""<!DOCTYPE html><html lang="zh-CN"><head><title>全市工作会议召开_时政_某某网</title>
<meta name="contentSource" content="某某日报"><meta name="PubDate" content="2024-02-20 09:00">
<meta property="og:url" content="https://example.org/a.html">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "全市工作会议召开", "author": {{"name": "张三\\ud800"}}}}</script>
</head><body>
<div class="nav"><a href="/">首页</a> <a href="/b">新闻</a> <a href="/c">体育</a></div>
<h1>全市工作会议召开</h1>
<div class="info">2024-02-20 09:00:00 来源：某某日报 编辑：李四</div>
<div class="content" id="content">
<p>{PARAGRAPHS[0]}</p>
<p><img src="a.jpg"></p><p>会议现场</p>
<p><strong>修路办学</strong></p>
<p>{PARAGRAPHS[1]}<br>{PARAGRAPHS[2]}</p>
</div>
<div class="foot">（责任编辑：王五）</div>
<div style="display: none">看不见的字</div>
<ul><li><a href="/1">别的新闻一</a></li><li><a href="/2">别的新闻二</a></li></ul>
</body></html>"""


def test_a_page_of_chinese_news():
    document = extract(PAGE)
    assert list(zip(document.lines, document.hints, strict=True)) == [
        ("全市工作会议召开", "title"),
        ("2024-02-20 09:00:00 来源：某某日报 编辑：李四", "header"),
        (PARAGRAPHS[0], None),
        ("会议现场", "caption"),
        ("修路办学", "heading"),
        (PARAGRAPHS[1], None),
        (PARAGRAPHS[2], None),
        ("（责任编辑：王五）", None),
    ]
    assert document.given == {
        "title": "全市工作会议召开",
        "deck": None,
        "author": "张三\ufffd",
        "editor": None,
        "source_name": "某某日报",
        "published": "2024-02-20 09:00",
        "place": None,
        "url": "https://example.org/a.html",
        "language": "zh-CN",
    }


def test_an_english_page():
    sentence = "The council approved a plan for the harbour on Monday after a long debate about its cost and its use. "
    html = f"<html><head><title>Harbour plan approved - The Gazette</title></head><body><h1>Harbour plan approved</h1><p>By Jane Doe</p><article><p>{sentence * 3}</p><p>{sentence * 2}</p></article></body></html>"
    document = extract(html)
    assert document.lines[0] == "Harbour plan approved"
    assert "By Jane Doe" in document.lines
    assert document.lines[-1] == (sentence * 2).strip()


def test_hidden_and_scripted_text_is_not_visible():
    root = turbohtml.parse("<p hidden>a</p><p style='display:none'>b</p><script>c</script><textarea>d</textarea><p>e")
    assert [line.text for line in read_page(root).lines] == ["e"]


def test_lines_break_at_blocks_and_not_at_inline_elements():
    root = turbohtml.parse("<div>今<b>天</b>开<span>会</span><p>明\n  天</p>后天<br>大后天\u2028以后</div>")
    assert [line.text for line in read_page(root).lines] == ["今天开会", "明 天", "后天", "大后天", "以后"]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<link rel="canonical" href="https://example.org/x">', "https://example.org/x"),
        ('<link rel="canonical" href="/x">', None),
        (
            '<link rel="canonical" href="javascript:alert(1)"><meta property="og:url" content="http://example.org/y">',
            "http://example.org/y",
        ),
        ('<meta property="og:url" content="ftp://example.org/y">', None),
    ],
)
def test_only_absolute_web_addresses_are_given(markup, expected):
    assert read_metadata(turbohtml.parse(markup))[0]["url"] == expected


def test_broken_json_ld_is_passed_over():
    page = turbohtml.parse('<script type="application/ld+json">{"a": </script><time datetime="2024-02-20T01:00Z">')
    assert read_metadata(page)[0]["published"] == "2024-02-20T01:00Z"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2024-02-20 02:03:38来源:某区融媒体中心编辑:雷某责任编辑:", True),
        ("發布時間：2024年2月20日", True),
        ("某某日报 2024年02月20日", True),
        ("2024年4月份居民消费价格同比上涨", False),
        ("2024年2月20日，会议召开，各部门参加。", False),
        ("全市工作会议召开", False),
    ],
)
def test_header_lines(line, expected):
    assert is_header(line) is expected


@pytest.mark.parametrize(
    ("line", "expected"), [("[责任编辑：王五]", True), ("編輯:王五", True), ("编辑部昨天说明了情况。", False)]
)
def test_tail_lines(line, expected):
    assert is_tail(line) is expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("会议召开_时政_某某网", "会议召开"),
        ("会议召开-某某网", "会议召开"),
        ("中-法会议召开", "中-法会议召开"),
        ("Harbour plan approved | The Gazette", "Harbour plan approved"),
        ("_网站", "_网站"),
    ],
)
def test_site_suffixes(title, expected):
    assert strip_site_suffix(title) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!DOCTYPE html>", True),
        ("\n<!-- a --><html>", True),
        ("<p>a</p><p>b</p>", True),
        ("甲<乙，丙>丁", False),
        ("一行<br>", False),
        ("普通文字", False),
        ("<!--" * 900, False),
        ("<!---->" * 500, False),
    ],
)
def test_sniffing(text, expected):
    assert looks_like_html(text) is expected


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<b>" * 3_000 + "<p>" * 3_000,
        "<table><tr><td>" * 5_000,
        "<p " + " ".join(f"a{number}=1" for number in range(50_000)) + ">x</p>",
        "<a><b>" * 5_000,
        "<!--" * 100_000,
    ],
    ids=["deep", "adoption", "tables", "attributes", "links", "comments"],
)
def test_hostile_pages_are_refused_quickly(html):
    begin = time.process_time()
    with pytest.raises(ArticleRejected) as refusal:
        extract(f"<html><body>{html}")
    assert refusal.value.reason in {"too_deep", "too_large", "no_text"}
    assert time.process_time() - begin < 5


def test_a_fragment_is_taken_whole():
    document = extract_fragment("<p>短。</p><blockquote>引文。</blockquote>")
    assert document.lines == ["短。", "引文。"]


def test_a_list_of_articles_is_no_article():
    items = "".join(
        f'<li><a href="/{n}">某县第{n}次工作会议召开 部署重点任务</a><span>2024-02-{n}</span></li>'
        for n in range(10, 28)
    )
    html = f'<html><head><title>要闻_某县网</title></head><body><div>当前位置：<a href="/">首页</a> &gt; 要闻</div><ul>{items}</ul><div><a href="?p=2">2</a> 共3页</div></body></html>'
    with pytest.raises(ArticleRejected) as rejection:
        extract(html)
    assert rejection.value.reason == "list_page"


def test_text_with_links_in_it_is_text():
    linked = "".join(f'<p><a href="/{n}">{PARAGRAPHS[n % 3]}</a></p>' for n in range(6))
    assert len(extract(f"<html><body><h1>全市工作会议召开</h1><article>{linked}</article></body></html>").lines) >= 3


def body_of(*parts):
    paragraphs = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
    return extract(
        f"<html><body><h1>全市工作会议召开</h1><article>{paragraphs}{''.join(parts)}</article></body></html>"
    )


@pytest.mark.parametrize(
    ("markup", "line", "hint"),
    [
        ("<ul><li>一是修好村里的路。</li><li>二是办好学校。</li></ul>", "一是修好村里的路。", "list_item"),
        ("<blockquote>事情要一件一件办。</blockquote>", "事情要一件一件办。", "quote"),
        ("<figure><img src=a><figcaption>会议现场。</figcaption></figure>", "会议现场。", "caption"),
        ("<div class='pic-caption'>会议在礼堂举行。</div>", "会议在礼堂举行。", "caption"),
        ("<h2>修路</h2><p>路要先修到村口。</p>", "修路", "heading"),
        (
            "<table><tr><th>项目</th><th>数量</th></tr><tr><td>道路</td><td>12</td></tr></table>",
            "道路 | 12",
            "table",
        ),
        ("<div class='related'><ul><li><a href=/1>别的新闻标题一</a></li></ul></div>", "别的新闻标题一", "related"),
        ("<p>相关新闻</p><p><a href=/1>别的新闻标题一</a></p>", "别的新闻标题一", "related"),
        ("<div class='comment-list'><p>说得好，支持！</p></div>", "说得好，支持！", "comment"),
        ("<p>网友评论</p><p>说得好，支持！</p>", "说得好，支持！", "comment"),
    ],
)
def test_hints_from_structure(markup, line, hint):
    document = body_of(markup)
    assert dict(zip(document.lines, document.hints, strict=True))[line] == hint


def test_cells_of_tables_that_lay_out_a_page_stay_apart():
    cells = "".join(f"<tr><td>{line}</td><td>旁边的话也是一段。</td></tr>" for line in PARAGRAPHS)
    assert PARAGRAPHS[0] in [line.text for line in read_page(turbohtml.parse(f"<table>{cells}</table>")).lines]


def test_a_lead_in_a_heading_is_a_paragraph():
    lead = "市里昨天召开会议，讨论明年的工作安排，各部门负责人参加了会议，会议开了整整一天，定下了三件要紧的事情，并且说好了由谁来办。"
    document = body_of(f"<h2>{lead}</h2>")
    assert dict(zip(document.lines, document.hints, strict=True))[lead] is None


def test_the_article_is_found_among_teasers_that_are_longer():
    teasers = "".join(
        f"<li><h3><a href=/{n}>别处的新闻标题之{n}</a></h3><p>{PARAGRAPHS[1]}</p></li>" for n in range(20)
    )
    html = f"<html><body><div><h1>全市工作会议召开</h1><div class=text><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[2]}</p></div></div><div><ul>{teasers}</ul></div></body></html>"
    document = extract(html)
    assert [line for line, hint in zip(document.lines, document.hints, strict=True) if hint is None] == [
        PARAGRAPHS[0],
        PARAGRAPHS[2],
    ]


def test_a_text_that_only_json_ld_gives():
    given = "\\n".join(PARAGRAPHS * 2)
    html = f'''<html><head><script type="application/ld+json">[{{"@graph": [{{"@type": ["NewsArticle"],
        "headline": "全市工作会议召开", "articleBody": "{given}",}}]}}]</script></head><body><div>载入中</div></body></html>'''
    document = extract(html)
    assert document.lines == ["全市工作会议召开", *PARAGRAPHS * 2]
    assert document.given_sources["title"] == "json_ld"


def test_where_values_come_from():
    read = read_metadata(
        turbohtml.parse(
            '<html lang="zh"><link rel=canonical href="https://example.org/a"><meta name=author content="张三">'
            '<meta property="og:title" content="会议召开"><time datetime="2024-02-20">'
            '<script type="application/ld+json">{"@type":"WebPage","mainEntity":{"@type":"Report","publisher":{"name":"某报"}}}</script>'
        )
    )
    assert read.sources == {
        "source_name": "json_ld",
        "title": "opengraph",
        "author": "meta",
        "published": "time_tag",
        "url": "link",
        "language": "html",
    }


NO_ARTICLES = {
    "login_wall": [
        "<title>会员中心</title><p>您还未登录，请先登录后查看全文。</p><input type=password>",
        "<title>Log in</title><h1>Welcome back</h1><p>Log in to continue reading this story.</p>",
    ],
    "cookie_wall": [
        "<h1>Before you continue</h1><p>We use cookies to measure how our services are used.</p><p>If you accept, we use cookies for ads as well.</p>"
    ],
    "needs_script": [
        "<title>某某新闻</title><div id=app></div><script src=a.js></script>",
        "<noscript>You need to enable JavaScript to run this app.</noscript>",
        "<noscript>请开启JavaScript后访问</noscript>",
    ],
    "robot_check": [
        "<title>Just a moment...</title><p>Checking your browser before you can go on.</p>",
        "<title>安全验证</title><p>请完成下方滑动验证后继续访问。</p>",
    ],
    "error_page": [
        "<title>某某网</title><p>抱歉，您访问的页面不存在或已被删除！</p><a href=/>返回首页</a>",
        "<title>提示信息</title><p>该文章已被删除</p>",
        "<h1>Oops! That page can’t be found.</h1><p>Maybe try a search?</p>",
    ],
    "list_page": [
        "<h1>要闻</h1>"
        + "".join(
            f"<div><h3><a href=/{n}>某市第{n}次工作会议召开</a></h3><p>昨天上午，某市召开第{n}次工作会议，部署了任务。</p></div>"
            for n in range(10, 22)
        )
    ],
}


@pytest.mark.parametrize(
    ("reason", "page"), [(reason, page) for reason, pages in NO_ARTICLES.items() for page in pages]
)
def test_pages_that_are_no_articles(reason, page):
    with pytest.raises(ArticleRejected) as rejection:
        extract(f"<html><body>{page}</body></html>")
    assert rejection.value.reason == reason


def test_a_short_article_beside_a_login_is_an_article():
    html = "<html><body><a href=/login>请登录</a><form>密码<input type=password></form><h1>某地发生三级地震</h1><div><p>某某台网测定：二月一日九时在某地发生三级地震，震源深度十千米。</p></div></body></html>"
    assert extract(html).lines[0] == "某地发生三级地震"


def test_captions_are_the_text_of_a_page_of_photographs():
    photos = "".join(
        f"<figure><img src={n}><figcaption>昨天在会场外等候的代表之{n}。</figcaption></figure>" for n in range(4)
    )
    document = extract(f"<html><body><h1>会场外的一天</h1><article>{photos}</article></body></html>")
    assert document.hints == ["title", None, None, None, None]
