"""What class names, ids and wording say of the parts of a page."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_ASIDE: Final = re.compile(
    r"comment|disqus|relat(?:ed|ion)|recom|side-?_?bar|\bside\b|aside|footer|\bfoot\b|copyright|share|social|\bnav|navi"
    r"|menu|breadcrumb|crumb|banner|\bads?\b|\bad[s_-]|advert|promo|sponsor|newsletter|subscri|\bhot|rank|pager|pagination"
    r"|\btags?\b|login|toolbar|popup|modal|cookie|consent|widget|outbrain|taboola|xgxw|xiangguan|tuijian|pinglun|caption"
    r"|byline|author-?bio|signup|read-?more|teaser|trending|most-|latest|statement|shengming|disclaimer|keyword|prevnext"
    r"|vote|survey|player|video|gallery|carousel|infobox|toc\b"
)
_CENTRE: Final = re.compile(
    r"article|content|body|text|story|main|post|entry|zoom|detail|artical|zhengwen|neirong|wenzhang"
)
_SURELY_ASIDE: Final = re.compile(
    r"comment|disqus|relat(?:ed|ion)|recom|share|social|newsletter|outbrain|taboola|sidebar|footer|copyright|breadcrumb"
    r"|caption|promo|subscri|signup|advert"
)
_ARTICLE: Final = re.compile(
    r"article-?_?(?:body|content|text|main)|content-?_?(?:body|text|main|article)|story-?_?(?:body|content|text)"
    r"|entry-?_?content|post-?_?(?:body|content)|artibody|arti_body|cont_main|trs_u?editor|\bzoom\b|zhengwen|neirong"
    r"|wenzhang|news_?-?(?:content|text|body|txt)|text_?-?con|maintext|detail_?-?(?:content|text|con)|body-?_?text|artical"
)
_COMMENT: Final = re.compile(r"comment|disqus|pinglun|reply|replies|discuss")

_SOURCES: Final = re.compile(r"\breferences?\b|reflist|bibliography")
_CAPTION: Final = re.compile(
    r"(?:^|[ _-])(?:fig|image|img|photo|pic)?-?_?caption(?:$|[ _-])|(?:image|photo|picture|img|pic)-?_?desc|tushuo"
)

NOTICE: Final = re.compile(
    r"版权所有(?![者人])|版权声明|C(?:opyright|OPYRIGHT)(?<!Image Copyright)|copyright(?<!Image copyright)|©|ICP|A(?:ll [Rr]ights [Rr]eserved|LL RIGHTS)"
    r"|all rights reserved|免责声明|未经授权|未经.{0,12}(?:许可|书面)|网友评论仅|不良信息|举报电话|客服(?!热线)|本网站|C(?:ookie|OOKIE)|cookie"
    r"|P(?:rivacy [Pp]olicy|RIVACY POLICY)|privacy policy|T(?:erms [Oo]f (?:[Uu]se|[Ss]ervice)|ERMS OF)|terms of (?:use|service)|广告服务"
    r"|联系我们|关于我们|网站地图|最佳浏览|设为首页|声明：|Facebook.{0,6}(?:專頁|专页|L(?:ike|IKE))|粉[絲丝][團团专專]|不代表本[网網]"
    r"|转[载載]自其|轉[载載]自其|風險自擔|凡本[网網]|凡注明"
)
"""Wording of a site's legal and service lines, which no reporter writes.

Every branch begins with a letter, and none ignores its case: the expression then passes over most text in a tenth of the time.
"""

_POINTERS: Final = (
    r"(?:更多)?(?:相关|相關|延伸|推荐|推薦|热门|熱門|精彩|往期|关联|最新|新闻)(?:的)?"
    r"(?:新闻|新聞|阅读|閱讀|报道|報導|報道|文章|链接|連結|鏈接|专题|專題|推荐|推薦|热词|搜索|搜尋|微博|评论|内容|资讯|排行)"
)
_END: Final = re.compile(
    rf"^[\W_]{{0,4}}(?:{_POINTERS}|更多相[关關]"
    r"|(?:.{0,12}(?:版权|版權|著作权|著作權|免责|免責|版權與免責).{0,6}声明|.{0,12}聲明|声明)[:：]?$"
    r"|网友评论|網友評論|新聞討論|我要评论|发表评论|發表評論|我要發言|分享到|分享至|最新[：:]|热点推荐|猜你喜[欢歡]|你可能也想看"
    r"|上一篇|下一篇|跟贴|其他人也在看|Related (?:Articles?|Stories|Posts|Topics|Content|Roundup|Reading|Links|Coverage|News)"
    r"|Most (?:Popular|Read|Viewed)|Top Rated Comments|Leave a (?:Reply|Comment)|Comments?\b.{0,8}$"
    r"|\d+ (?:Comments|thoughts on|responses to)|Read (?:more|next):?$|More (?:from|on)|Share this|Sign up for"
    r"|Popular Articles|Recommended|You (?:may|might) (?:also )?like|Trending|Latest Articles|Don'?t miss|Mehr zum Thema"
    r"|Ähnliche Artikel|Lesen Sie auch|Das könnte Sie auch|Lire aussi|À lire aussi|Leggi anche|Lea también"
    r"|About the author)",
    re.IGNORECASE,
)
_SURE_END: Final = re.compile(
    r"^(?:Top Rated Comments|Leave a (?:Reply|Comment)|Comments?(?: \(\d+\))?$|\d+ (?:Comments|thoughts on|responses to)"
    r"|网友评论|網友評論|发表评论|全部评论|最新评论|热门评论|相[关關](?:新闻|新聞|阅读|閱讀)|延伸[閱阅][讀读]|Related Articles"
    r"|More from|Recommended|Mehr zum Thema)",
    re.IGNORECASE,
)
_REMARKS: Final = re.compile(r"comment|repl(?:y|ies)|thoughts on|responses to|评论|評論|跟贴|發言|发言", re.IGNORECASE)
_PAGER: Final = re.compile(
    r"[\d\s<>«»‹›\[\]|第页頁共/·.…]*(?:上一[页頁]|下一[页頁]|[尾末首][页頁]|[\d\s<>«»‹›\[\]|第页頁共/·.…])+$"
)
_WALL: Final = re.compile(
    r"(?:(?:本|该|該|此|全)文|本篇)?(?:文章|内容|內容|报道)?(?:为|為|属于|仅限|僅限|仅供|僅供|限).{0,6}(?:付费|付費|会员|會員|订阅|訂閱|订户|訂戶|登[录錄]).{0,24}"
    r"|(?:您好?，?|请|請|需|须|須)?先?.{0,4}(?:登[录錄陆入]|订阅|訂閱|付费|付費|购买|購買|开通.{0,4}会员|注册|註冊)后?(?:即可|可|才能|方可|以|，)?(?:继续|繼續)?(?:阅读|閱讀|查看|浏览|瀏覽)(?:全文|本文|更多|完整内容|剩余内容|此文|原文)?.{0,3}"
    r"|(?:剩余|剩餘|余下|餘下).{0,10}(?:付费|付費|登[录錄]|订阅|訂閱|会员|會員|解锁).{0,12}|(?:点击|點擊)?(?:展开|展開|查看|阅读|閱讀)全文.?"
    r"|(?:please )?(?:log ?in|sign ?in|sign ?up|subscribe|register)(?: (?:or|and|now|today|for free|here)(?: (?:log|sign) ?(?:in|up))?)? to (?:continue|keep|read|unlock|view|access)\b.{0,40}"
    r"|already (?:a subscriber|a member|have an account|subscribed)\b.{0,30}"
    r"|this (?:article|story|content) is (?:only )?(?:for|available to|reserved for) (?:our )?(?:paid )?(?:subscribers|members)\b.{0,30}"
    r"|(?:to )?continue reading(?: this (?:article|story))?,? ?(?:subscribe|log in|sign in).{0,30}",
    re.IGNORECASE,
)
"""What a site says where it shows the beginning of an article to those who have not paid."""

_TOOLS: Final = re.compile(
    r"[\s\[【（(「|｜·]*(?:(?:【?(?:字体|字號|字号|字體)】?[：:]?|默认|超大|[大中小]号?|打印(?:本[页文])?|列印|关闭(?:窗口|本页)?|收藏|分享|纠错"
    r"|我要纠错|返回(?:顶部|首页|列表)?|复制链接)[\s\[\]【】（）()「」|｜·]*){2,}"
    r"|(?:用?手机|微信)?扫(?:一扫|描二维码|码)，?(?:在手机|用手机|手机)?(?:上)?(?:打开|查看|访问|浏览|分享)(?:当前|此|本)?(?:页面?|文章)?(?:到朋友圈)?.?"
)
_SECTION: Final = re.compile(
    r"^.{0,6}(?:频道|頻道|栏目|專題|专题|专栏|列表|动态|要闻|公告|首页|结果|中心|[网網])$|^(?:搜索|标签|搜尋)"
)

LONGEST_END: Final = 40
"""Code points; a longer line is no heading of what stands below an article."""

LONGEST_WALL: Final = 80


@lru_cache(maxsize=4096)
def is_aside(clue: str) -> bool:
    """Whether a class name or id, in small letters, is one of what stands beside articles.

    >>> is_aside("related-news"), is_aside("article-sidebar-left"), is_aside("main-content hot")
    (True, True, False)
    """
    return _ASIDE.search(clue) is not None and (_CENTRE.search(clue) is None or _SURELY_ASIDE.search(clue) is not None)


@lru_cache(maxsize=4096)
def is_article(clue: str) -> bool:
    """Whether a class name or id, in small letters, is one that sites give to an article's text.

    >>> is_article("trs_editor"), is_article("container")
    (True, False)
    """
    return _ARTICLE.search(clue) is not None


@lru_cache(maxsize=4096)
def is_discussion(clue: str) -> bool:
    """Whether a class name or id, in small letters, is one of readers' comments.

    >>> is_discussion("comment-list"), is_discussion("related")
    (True, False)
    """
    return _COMMENT.search(clue) is not None


@lru_cache(maxsize=4096)
def is_sources(clue: str) -> bool:
    """Whether a class name or id, in small letters, is one of a list of sources that the text refers to.

    >>> is_sources("mw-references-wrap"), is_sources("preferences")
    (True, False)
    """
    return _SOURCES.search(clue) is not None


@lru_cache(maxsize=4096)
def is_caption(clue: str) -> bool:
    """Whether a class name or id, in small letters, is one of captions.

    >>> is_caption("img-desc"), is_caption("image")
    (True, False)
    """
    return _CAPTION.search(clue) is not None


def is_end(line: str) -> bool:
    """Whether a line is the heading of what sites put below an article.

    >>> is_end("相关新闻"), is_end("Most Popular"), is_end("新闻发布会昨天召开")
    (True, True, False)
    """
    return len(line) <= LONGEST_END and _END.match(line) is not None


def is_sure_end(line: str) -> bool:
    """Whether a line is such a heading wherever it stands.

    >>> is_sure_end("网友评论"), is_sure_end("上一篇")
    (True, False)
    """
    return len(line) <= LONGEST_END and _SURE_END.match(line) is not None


def is_about_remarks(line: str) -> bool:
    """Whether such a heading is one of readers' comments.

    >>> is_about_remarks("Leave a Reply"), is_about_remarks("相关新闻")
    (True, False)
    """
    return _REMARKS.search(line) is not None


def is_wall(line: str) -> bool:
    """Whether a line asks to pay or log in for the rest of the text.

    >>> is_wall("本文为付费内容，订阅后继续阅读"), is_wall("Subscribe to continue reading"), is_wall("市民登录后可以查看账单和缴费记录。")
    (True, True, False)
    """
    return len(line) <= LONGEST_WALL and _WALL.fullmatch(line) is not None


def is_no_text(line: str) -> bool:
    """Whether a line says how to read on, on another page or behind a wall, or names the page's tools.

    >>> is_no_text("字体：大 中 小"), is_no_text("【打印】【关闭】"), is_no_text("打印机坏了")
    (True, True, False)
    """
    return is_pager(line) or is_wall(line) or (len(line) <= LONGEST_END and _TOOLS.fullmatch(line) is not None)


def is_section(line: str) -> bool:
    """Whether a heading is one of a part of a site rather than of an article.

    >>> is_section("新闻频道"), is_section("搜索：会议"), is_section("会议召开")
    (True, True, False)
    """
    return _SECTION.search(line) is not None


def is_pager(line: str) -> bool:
    """Whether a line leads to other pages of the same article.

    >>> is_pager("1 2 下一页"), is_pager("[1] [2] [3]"), is_pager("1"), is_pager("下一页怎么写")
    (True, True, True, False)
    """
    return len(line) <= LONGEST_END and _PAGER.match(line) is not None
