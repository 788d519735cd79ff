"""Pages that came with status 200 and are no articles, and articles that look like them."""

from __future__ import annotations

import pytest

from newslake.clean.extract import extract
from newslake.errors import ArticleRejected

LINKS = (
    "<div class=nav><a href=/>首页</a> <a href=/a>新闻中心</a> <a href=/b>政务公开</a> <a href=/c>便民服务</a></div>"
)
FOOT = "<div class=foot>版权所有 某某网 京ICP备00000000号 <a href=/about>关于我们</a> <a href=/map>网站地图</a></div>"
POINTERS = "".join(f"<li><a href=/{n}.html>某县第{n}次工作会议召开 部署重点任务</a></li>" for n in range(10, 30))
DATED = "".join(
    f"<li><a href=/{n}.html>某县第{n}次工作会议召开 部署重点任务</a><span>2024-02-{n}</span></li>"
    for n in range(10, 30)
)
RESULTS = "".join(
    f"<div class=result><h3><a href=/{n}.html>某市第{n}次工作会议召开</a></h3>"
    f"<p>昨天上午，某市召开第{n}次工作会议，会上部署了全年的任务，并且作了分工。</p><span>2024-02-{n}</span></div>"
    for n in range(10, 25)
)
STORIES = "".join(
    f"<article><h2><a href=/story/{n}>Council approves plan number {n} for the harbour</a></h2>"
    f"<p>The council approved plan {n} on Monday after a debate that lasted three hours.</p></article>"
    for n in range(12)
)
SHORT = "".join(
    f"<div><a href=/{n}>{title}</a><p>昨日，全区有{n}件要紧的事情，许多市民都来参加，记者在现场看到了。</p></div>"
    for n, title in enumerate(("区里开大会了", "王芳当选区长", "河边补种柳树", "新桥昨日通车", "学校开设新课"))
)
PLAIN = "".join(f"<p><a href=/story/{n}>Council approves plan number {n} for the harbour</a></p>" for n in range(15))

ERRORS = {
    "a page that is gone": "<title>404 Not Found</title><h1>404 Not Found</h1><hr>nginx",
    "in Chinese": f"<title>页面不存在 - 某某网</title>{LINKS}<p>您访问的页面不存在，3秒后返回首页。</p>{FOOT}",
    "in Traditional characters": "<title>找不到網頁</title><p>抱歉，您要找的頁面不存在或已刪除。</p><a href=/>回首頁</a>",
    "an article taken down": "<title>某某网</title><p>该文章已被删除</p><p><a href=/>返回首页</a></p>",
    "content withdrawn": f"<title>提示</title>{LINKS}<div>此内容因违规无法查看</div>{FOOT}",
    "with pointers to others": f"<title>页面不存在</title><h2>抱歉，您访问的页面不存在或已被删除</h2><ul>{POINTERS}</ul>",
    "an error number alone": "<title>某某网</title><h1>404</h1><p>返回首页</p>",
    "the server's": "<title>502 Bad Gateway</title><center><h1>502 Bad Gateway</h1></center>",
    "no access": "<title>Access Denied</title><h1>Access Denied</h1><p>You don't have permission to see this.</p>",
    "in plain words": "<title>Oops</title><h1>Sorry, this page can't be found</h1><p>Try the search or go <a href=/>home</a>.</p>",
    "no longer there": "<title>The Gazette</title><h1>Sorry, this story is no longer available.</h1>",
    "no longer there, at length": "<h1>Sorry, the story you are looking for is no longer available</h1><a href=/>Home</a>",
    "under repair": "<h1>系统维护中</h1><p>网站正在升级维护，请稍后访问，给您带来不便敬请谅解。</p>",
    "busy": "<title>提示信息</title><p>系统繁忙，请稍后再试。</p>",
}
WALLS = {
    "for readers": "<title>登录</title><h1>用户登录</h1><label>账号</label><input><label>密码</label><input type=password>",
    "for members": f"<title>某某报</title>{LINKS}<h1>重要文章</h1><p>本文仅限会员阅读，登录后继续阅读。</p>{FOOT}",
    "for subscribers": "<title>某某报</title><h1>全市会议召开</h1><p>请订阅后继续阅读全文</p>",
    "in English": "<title>The Gazette</title><h1>Harbour plan</h1><p>Subscribe to continue reading. Already a subscriber? Log in.</p>",
    "with an account": "<title>Sign in</title><h1>Create a free account or sign in to read this story</h1>",
    "with terms of use": "<title>某某网</title><h1>用户登录</h1><form><input name=user><input type=password></form>"
    "<p>登录即表示同意隐私政策和用户协议。</p>",
    "of two sentences": "<title>会员登录</title><p>您还未登录，请先登录后查看全文。</p><p>有疑问时可以打热线电话。</p>",
    "in Traditional characters": "<title>某報</title><h1>會員登入</h1><p>忘記密碼</p><input type=password>",
}
LISTS = {
    "titles": f"<title>要闻_某县网</title>{LINKS}<ul>{POINTERS}</ul>{FOOT}",
    "titles with dates": f"<title>要闻</title>{LINKS}<div class=list><ul>{DATED}</ul><p>共20页 <a href=2>下一页</a></p></div>",
    "results of a search": f"<title>搜索结果</title><h1>搜索：工作会议</h1>{RESULTS}",
    "stories": f"<title>Latest - The Gazette</title><h1>Latest stories</h1>{STORIES}",
    "short titles": f"<h1>要闻</h1>{SHORT}",
    "with a sentence of its own": f"<title>要闻</title><h1>某县要闻频道</h1><p>本栏目每天更新。</p><ul>{POINTERS}</ul>",
    "with words about itself": f"<h1>清水新闻频道</h1><p>清水新闻频道为您提供清水新闻，欢迎投稿。</p><ul>{POINTERS}</ul>",
    "plain links": f"<title>Archive</title><h1>Archive</h1>{PLAIN}",
}


@pytest.mark.parametrize(
    ("reason", "page"),
    [
        pytest.param(reason, page, id=f"{reason}: {name}")
        for reason, pages in (("error_page", ERRORS), ("login_wall", WALLS), ("list_page", LISTS))
        for name, page in pages.items()
    ],
)
def test_pages_that_are_no_articles(reason: str, page: str) -> None:
    with pytest.raises(ArticleRejected) as rejection:
        extract(f"<html><body>{page}</body></html>")
    assert rejection.value.reason == reason


def paragraphs(*lines: str) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


ABOUT_ERRORS = paragraphs(
    "昨天上午，市政务网站多个栏目打不开，页面显示“您访问的页面不存在”，不少市民打电话询问。",
    "网站的工作人员说，服务器在夜里出了故障，技术人员连夜抢修，到昨天中午十二点已经恢复。",
    "市政务办表示，今后会提前公布维护的时间，让大家办事不落空，也请市民继续监督和提出意见。",
)
ABOUT_LOGINS = paragraphs(
    "从下月起，市民在网上挂号要先登录，登录后才能查看医生的出诊时间，这是为了防止有人抢号倒卖。",
    "市卫生部门说，忘记密码的市民可以拿身份证到窗口重设，老年人仍可以打电话或者到现场挂号。",
    "去年全市医院的号源有三成被人抢走转卖，市民意见很大，有关部门为此查处了十二个团伙。",
)
WITH_LISTS = f"<ul class=list>{POINTERS}</ul>"
SOUND = {
    "about errors": f"<title>404错误困扰市民 政务网站已恢复_某某网</title><h1>404错误困扰市民 政务网站已恢复</h1>{ABOUT_ERRORS}",
    "about logins": f"<title>网上挂号下月起须先登录</title><h1>网上挂号下月起须先登录</h1>{ABOUT_LOGINS}",
    "between pointers": f"<title>全市会议召开</title>{WITH_LISTS}<h1>全市会议召开</h1><div>{ABOUT_ERRORS}</div>{WITH_LISTS}",
    "with a login": f"<form>账号<input>密码<input type=password></form><h1>全市会议召开</h1><div>{ABOUT_ERRORS}</div>",
    "short": "<title>某地发生三级地震</title><h1>某地发生三级地震</h1><p>某某台网测定：二月一日九时在某地发生三级地震，震源深度十千米。</p>",
    "of a few sentences with links": "<h1>全市会议召开</h1>"
    + paragraphs(
        *(f"第{n}区的<a href=/{n}>代表团</a>昨天报到，他们带来了{n}份建议，都和老百姓的生活有关。" for n in range(3, 9))
    ),
    "about a platform": "<h1>医保服务平台上线</h1>"
    + paragraphs("首次使用请先登录国家医保服务平台，注册后即可激活。", "激活以后可以在手机上结算。"),
    "about a platform, below a search": "<form><input name=q></form><h1>医保服务平台上线</h1>"
    + paragraphs("首次使用请先登录国家医保服务平台，注册后即可激活。", "激活以后可以在手机上结算。"),
    "about proofs": "<h1>购票环节太难</h1>" + paragraphs("不少旅客抱怨购票时请输入验证码的环节太难。"),
    "in English": "<title>Why pages are not found</title><h1>Why pages are not found</h1>"
    + paragraphs(
        "Half of all links die within ten years, a study by the library says, and most readers never learn why a page was not found.",
        "Its authors looked at a million addresses that newspapers printed between 1998 and 2020 and asked each of them again.",
    ),
}


@pytest.mark.parametrize("page", SOUND.values(), ids=SOUND)
def test_articles_that_look_like_them_are_taken(page: str) -> None:
    document = extract(f"<html><body>{page}</body></html>")
    assert sum(len(line) for line, hint in zip(document.lines, document.hints, strict=True) if hint is None) > 20
