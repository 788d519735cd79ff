"""What the wording of a single line says of its kind, wherever on the page it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

import numpy as np

from newslake.parse.dateline import read_dateline

# In one corpus 97 % of body lines over 40 characters end in terminal punctuation: beyond 60 an
# unterminated line is prose all the same. A Latin word of 6 letters weighs about two characters.
PROSE_WIDTH = 60
LATIN_PER_HAN = 2.5
FIRST_WIDE = 0x2E80
MAX_CAPTION_WIDTH = 60
MAX_SUBHEAD_WIDTH = 40
# Names of a site's sections are shorter.
MIN_HEADLINE = 7

_TERMINAL = re.compile(r"""(?:[。！？!?…；;：:]|\.)["'”’」』】》)）\]*\s]*$""")
_TITLE_TERMINAL = re.compile(r"[！？!?…]+[”」』）)]?\s*$")
_CLOSING_BRACKET = re.compile(r"\s*[(（【\[][^()（）【】\[\]]{1,60}[)）】\]]\s*$")
_SENTENCE_MARK = re.compile(r"[。！？；，,、!?;]")

_NUMBERED = re.compile(
    r"^(?:(?P<han>[一二三四五六七八九十]{1,3}[、.．])|(?P<bracket>[(（][一二三四五六七八九十]{1,3}[)）])"
    r"|(?P<digit>\d{1,2}(?:\.\d{1,2}){0,2}[.、．)）](?!\d))|(?P<digit_bracket>[(（]\d{1,2}[)）])"
    r"|(?P<chapter>第[一二三四五六七八九十\d]{1,3}[章节条部][\s:：、]?)|(?P<circled>[①-⑳]))"
)
_BULLET = re.compile(r"^\s*[·•●◆■□▪▲★※›»*–—・-]\s*\S")

# Chinese papers outside the mainland, and messengers, point at the picture above with a triangle.
_CREDIT_START = re.compile(
    r"图为|图[一二三四五六七八九十\d]*[:：]|资料图|图片说明|图片来源|图源|(?:上|下|左|右)图|Photo(?:s| by|:)|Image:|File photo"
    r"|[▲△](?!.*[。；：:]$)"
)
_CREDIT_END = re.compile(
    r"(?:摄|供图|摄影|摄影报道|资料(?:图片?|照片)|[图照]片?由.{1,20}提供|[\u4e00-\u9fff]{2,4}\s*/)[)）]?$"
    r"|[(（][^()（）]{0,20}提供[)）]$|\(Photo[^()]*\)$|/(?:Reuters|AFP|AP|Getty Images)$"
)
# What a line must end with for the pattern above to be tried; CREDIT_REACH is where it is tried.
_CREDIT_LAST = frozenset("摄图影道片照供/)）sP")
CREDIT_REACH = 120
_SCENE = re.compile(
    r"(?:现场|讲话|致辞|发言|合影|留影|剪彩|揭牌|签约)(?:图|照)?$"
    r"|^[^，。：:；！？!?“”]*在[^，。：:；！？!?“”]{2,20}(?:察看|查看|听取|观看|排练|采摘|劳作|合影|交谈)[^，。：:；！？!?“”]{0,10}$"
)
_DIGIT = re.compile(r"\d")
_UNCOMPARED = re.compile(r"[\W_]+")
_PLAIN_HAN = re.compile(r"(?!.*(?:什么|怎么|如何|为何|谁|哪|吗|呢))[\u4e00-\u9fff][\u4e00-\u9fff\d、·]*")

_NAVIGATION = re.compile(
    r"^[\s【\[|>»·•-]*(?:网站导航|当前位置|(?:您|你)?(?:现在|当前)?(?:所在)?的?位置[:：]|您(?:现在|当前|所在)|手机版|电脑版|手机看新闻|关注公众号|关注我们|"
    r"网友评论|全部评论|发表评论|最新评论|热门评论|我要评论|我来说两句|查看评论|评论列表|"
    r"上一[篇页条则]|下一[篇页条则]|返回(?:首页|顶部|列表|上一页)|(?:网站)?首页(?:$|[\s>|›»-])|主页$|关于我们|联系我们|加入收藏|设为首页|网站地图|"
    r"打印(?:本页|此页|本文)?$|微信(?:好友)?$|(?:新浪)?微博$|QQ(?:空间|好友)?$|朋友圈$|人人网$|豆瓣网?$|\d+ min(?:ute)?s? read$|关闭(?:窗口|本页)$|收藏$|点赞$|扫一扫|微信扫|扫描二维码|分享(?:到|至|工具|按钮|本文|文章|$|[:：|]|微信|让更多)|登录$|注册$|搜索$|"
    r"(?:.{0,12})ICP[备证]|[京沪渝粤浙苏]公网安备|字号[:：]|字体[:：]|更多(?:精彩|新闻|资讯|>+|$)|APP下载|下载(?:APP|客户端)|"
    r"Copyright\b|©|\(c\) \d{4}|All rights reserved|Share (?:this|on|via)|Read more\b|Subscribe|Sign up (?:for|to)|"
    r"Follow us|Click here|Advertisement$|Skip to|Home$|Print this|Comments$|Leave a (?:comment|reply)|Previous(?: article| post)?[:：]?$|Next(?: article| post)?[:：]?$)",
    re.IGNORECASE,
)
_PAGE_BUTTONS = re.compile(
    r"\s*(?:(?:[【\[(（]\s*)?(?:打印(?:本页|此页|本文|文章)?|关闭(?:窗口|本页|此页)?|收藏(?:本文|本页)?|分享|推荐(?:朋友|给朋友)?|返回(?:顶部|首页|列表|上页)?"
    r"|我要纠错|纠错|复制链接|转发|点赞|评论|大|中|小|字号|字体)[\s:：】\])）|｜/·]*){2,}"
)
# Parts of a breadcrumb: the front page or a section, then what stands behind each arrow.
LONGEST_FIRST_CRUMB = 16
LONGEST_CRUMB = 60
MOST_CRUMBS = 7
_LOCATION = re.compile(r"^[\s【\[]*(?:当前位置|您?(?:现在|当前|所在)?的?位置|您(?:现在|当前|所在)[^:：]{0,8})\s*[:：]")
_CRUMB_ARROW = re.compile(r"(?:[>›»→]|&gt;)+")
_NO_FIRST_CRUMB = re.compile("[。！？]")
_SECTION = re.compile(r"首页|主页|正文|新闻|频道|栏目|资讯|中心|位置|\bHome\b|\bNews\b", re.IGNORECASE)
_CRUMB_MARK = re.compile(r"[>›»→/]+|&gt;|[:：]")
_PAGING = re.compile(
    r"^[\s\d<>«»…]*(?:上一页|下一页|首页|尾页|末页)[\s\d<>«»…上下一首尾末页共]*$|^\d{1,3}\s*>+$|^\d(?:\s\d{1,2})+\s*$"
)
_MENU = re.compile(r"^[^|｜]{0,8}(?:[|｜][^|｜]{0,8}){2,}$|^[^|｜。，]{1,8}[|｜]$")

_NOTICE = re.compile(
    r"^[\s(（【\[*※]*(?:责任编辑|责编|编辑[:：\s]|版权(?:声明|所有|归|作品|说明|信息|属)|转载(?:请|自|须|需|声明|文章|时|本)|未经.{0,12}(?:许可|授权|允许|同意)|免责|凡(?:本网|注明|本站|来源|转载)|"
    r"(?:特别|郑重|法律)?(?:声明|提示|说明)[:：]|本文(?:来源|版权|栏目|仅代表|转自|转载|系|内容|.{0,4}内容由.{2,12}提供|原标题|图片|为.{0,10}原创|由.{0,20}(?:编辑|整理|转载))|本[网站](?:声明|所有|转载|站?内容)|以上(?:内容|信息|图片|文章).{0,12}(?:来自|来源|仅代表|不代表|由)|"
    r"原标题|[\u4e00-\u9fff]{0,6}(?:热线|电话|邮箱|信箱|传真|联系人)[:：]|欢迎(?:关注|扫码|投稿)|关注.{0,12}(?:公众号|微信|微博)|更多.{0,20}(?:关注|点击|下载|敬请)|[\u4e00-\u9fff]{2,16}版权所有|(?:主送|抄送|抄报|报送|分送)[:：]|共印\d+份|此件(?:公开|主动公开|依申请)|(?:完|结束|END)[)）】\]]?\s*$|"
    r"Copyright\b|©|All rights reserved|This (?:material|article|story) (?:may not|was (?:originally|first)|has been)|Edited by|Editing by|Reporting by|\((?:Reporting|Editing) by)",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^[\s(（【\[]*(?:责任编辑|责编)\s*[:：].{0,40}$")
_COMMENTS = re.compile(
    r"^\s*(?:网友评论|全部评论|发表评论|最新评论|热门评论|评论列表|评论区|Comments|Leave a (?:comment|reply))\s*[(（]?\d*[)）]?[:：]?\s*$",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"^[\s【\[■◆>●]*(?:相关(?:阅读|新闻|报道|推荐|链接|文章|内容|专题|稿件)|推荐阅读|延伸阅读|更多阅读|热门(?:推荐|文章|新闻|阅读)|猜你喜欢|你可能(?:还)?(?:喜欢|感兴趣)|新闻排行|点击排行|最新(?:文章|新闻)|"
    r"Related (?:articles?|stories|news|content|posts|topics|links?)|Read (?:next|also)|See also|More (?:stories|news|from|on this)|Recommended(?: for you)?|You may also like|Most read)\s*[】\]]?(?P<rest>\s*[:：>].*)?$",
    re.IGNORECASE,
)


def measure_widths(lines: Sequence[str]) -> list[float]:
    """Length of each line in Han characters: Latin letters count 2 to 5.

    >>> measure_widths(["区域协同发展", "", "Ports open again today"])
    [6.0, 0.0, 8.8]
    """
    # The line feeds, counted as narrow and taken off again, give every line a place to sum from.
    text = "\n".join(lines) + "\n"
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = list(map(len, lines))
    starts = [0, *accumulate(length + 1 for length in lengths)]
    wides: list[int] = np.add.reduceat(codes >= FIRST_WIDE, starts[:-1], dtype=np.int64).tolist() if lines else []
    return [wide + (length - wide) / LATIN_PER_HAN for wide, length in zip(wides, lengths, strict=True)]


def is_terminated(line: str) -> bool:
    """Whether a line ends as sentences do, also before closing quotes and a bracketed byline.

    Colons and semicolons count: a line that introduces the next one is body.

    >>> [is_terminated(line) for line in ("他说:“好。”", "会议指出:", "全文完毕。(记者 李明)", "“新春第一会”", "He left.")]
    [True, True, True, False, True]
    """
    if _TERMINAL.search(line[-8:]):
        return True
    tail = line[-80:]
    if tail.rstrip()[-1:] not in (")", "）", "】", "]"):
        return False
    bracket = _CLOSING_BRACKET.search(tail)
    return bracket is not None and bracket.start() > 0 and _TERMINAL.search(tail[: bracket.start()]) is not None


def is_prose(line: str, width: float) -> bool:
    """Whether a line is running text: it ends as a sentence, is long, or begins with a dateline."""
    if width > PROSE_WIDTH or is_terminated(line):
        return True
    return width > 8 and has_sentence_mark(line) and read_dateline(line).end > 0


def is_title_like(line: str, width: float) -> bool:
    """Whether a terminated line can still be a headline: one short question, exclamation or trailing off.

    >>> is_title_like("这个春天,你去哪儿?", 10), is_title_like("会议昨日召开。", 7)
    (True, False)
    """
    return width <= MAX_SUBHEAD_WIDTH and "。" not in line and _TITLE_TERMINAL.search(line) is not None


def has_sentence_mark(line: str) -> bool:
    """Whether a line holds a comma, stop or other mark of running text or verse."""
    return _SENTENCE_MARK.search(line) is not None


def is_wrapped(line: str) -> bool:
    """Whether a line is the beginning of running text that was broken off at a fixed width.

    >>> is_wrapped("会议昨日召开。与会者来自各"), is_wrapped("全力打造新渠首")
    (True, False)
    """
    return "。" in line or line.rstrip()[-1:] in ("，", ",", "、")


def numbering_of(line: str) -> str | None:
    """The style in which a line is numbered; None where it is not.

    >>> numbering_of("一、总体要求"), numbering_of("(二)主要目标"), numbering_of("3.5亿元投资")
    ('han', 'bracket', None)
    """
    match = _NUMBERED.match(line)
    return match.lastgroup if match else None


def has_digit(line: str) -> bool:
    """Whether a line holds a decimal digit."""
    return _DIGIT.search(line) is not None


def is_bulleted(line: str) -> bool:
    """Whether a line begins with a bullet."""
    return _BULLET.match(line) is not None


def is_credited(line: str) -> bool:
    """Whether a line names a photographer or says of what a picture is.

    >>> [is_credited(line) for line in ("工人在车间装配零件。李明 摄", "▲渠首（受访者提供）", "会议现场")]
    [True, True, False]
    """
    if _CREDIT_START.match(line) is not None:
        return True
    return line[-1:] in _CREDIT_LAST and _CREDIT_END.search(line[-CREDIT_REACH:]) is not None


def is_plain_han(line: str) -> bool:
    """Whether a line is Chinese words without a mark, a bracket, a quotation or a space, and asks nothing.

    >>> [is_plain_han(line) for line in ("修好的渠首水闸", "链接：渠首水闸", "(据县志)", "渠首 水闸", "Gate No. 3")]
    [True, False, False, False, False]
    """
    return _PLAIN_HAN.fullmatch(line) is not None


def is_scene(line: str) -> bool:
    """Whether a line reads like the caption of an event: it ends with 现场, 讲话, 合影, or someone looks at something.

    >>> [is_scene(line) for line in ("全区教育大会现场", "考察团在渠首工地听取介绍", "代表走进现场了解情况")]
    [True, True, False]
    """
    return _SCENE.search(line.rstrip()) is not None


@lru_cache(maxsize=4096)  # The pages of a site share their menus and footers.
def is_navigation(line: str) -> bool:
    """Whether a short line belongs to the site rather than to the article.

    >>> [is_navigation(line) for line in ("手机版|", "首页 > 新闻 > 正文", "分享经济的未来", "上一篇:春耕", "1 2 3 下一页")]
    [True, True, False, True, True]
    """
    if _NAVIGATION.match(line) or _PAGING.match(line) or _PAGE_BUTTONS.fullmatch(line):
        return True
    if "|" in line or "｜" in line:
        return _MENU.match(line) is not None
    return is_breadcrumb(line)


def is_breadcrumb(line: str) -> bool:
    """Whether a line shows the way from the front page."""
    return _LOCATION.match(line) is not None or _is_trail(line)


def _is_trail(line: str) -> bool:
    """Whether two or more arrows set the short parts of a line apart.

    >>> [_is_trail(line) for line in ("首页 > 新闻 > 正文", "首页 &gt; 新闻 &gt; " * 9, "首页 > 新闻 >", "他说。> 新闻 > 正文")]
    [True, False, False, False]
    """
    if len(line) > MOST_CRUMBS * (LONGEST_CRUMB + 2) or not has_arrow(line):
        return False
    first, *others = (part.strip() for part in _CRUMB_ARROW.split(line))
    return (
        2 <= len(others) < MOST_CRUMBS
        and len(first) <= LONGEST_FIRST_CRUMB
        and _NO_FIRST_CRUMB.search(first) is None
        and all(0 < len(part) <= LONGEST_CRUMB for part in (first, *others))
    )


def last_crumb(line: str) -> str | None:
    """The headline that a breadcrumb ends in; None where it ends in a part of the site.

    >>> last_crumb("当前位置：主页 > 农技 > 怎样检修一台旧水泵"), last_crumb("首页 > 新闻 > 正文")
    ('怎样检修一台旧水泵', None)
    """
    if not has_arrow(line) or not is_breadcrumb(line):
        return None
    last = _CRUMB_ARROW.split(line)[-1].strip()
    return last if len(last) >= MIN_HEADLINE and not _SECTION.search(last) else None


def has_arrow(line: str) -> bool:
    """Whether a line holds one of the marks that set the parts of a breadcrumb apart."""
    return _CRUMB_ARROW.search(line) is not None


def names_sections(line: str) -> bool:
    """Whether a breadcrumb names parts of a site; a headline may hold arrows, too.

    >>> names_sections("首页 > 新闻 > 正文"), names_sections("稻麦轮作>单季水稻>撂荒：一块田的账")
    (True, False)
    """
    return _LOCATION.match(line) is not None or _SECTION.search(line) is not None


def is_dateline(line: str) -> bool:
    """Whether a line is a dateline and nothing else; a byline alone is none.

    >>> [is_dateline(line) for line in ("本报讯（记者 李明）", "本报记者 李明", "本报讯 大桥通车。")]
    [True, False, False]
    """
    dateline = read_dateline(line)
    is_filed = dateline.place or dateline.month or any(word in line for word in ("讯", "电", "消息"))
    return 0 < dateline.end == len(line) and bool(is_filed)


def cells_of(line: str) -> int:
    """Number of cells in a line of a table that was set with bars; 0 where it has none.

    >>> cells_of("乡镇|面积|产量"), cells_of("| 渠首 | 12 |"), cells_of("渠首")
    (3, 2, 0)
    """
    cells = line.strip(" |｜").count("|" if "|" in line else "｜") + 1
    return cells if cells > 1 else 0


def crumbs_of(line: str) -> frozenset[str]:
    """The names in a breadcrumb."""
    return frozenset(part.strip() for part in _CRUMB_MARK.split(line))


def is_notice(line: str) -> bool:
    """Whether a line is what publishers put under an article: rights, editors, hotlines.

    Says so only of a line at the tail: an article about copyright law begins alike.

    >>> is_notice("(版权作品 未经许可 不得转载)"), is_notice("转载量超过一万次。")
    (True, False)
    """
    return _NOTICE.match(line) is not None


def is_signature(line: str) -> bool:
    """Whether a line is the responsible editor's, which closes an article."""
    return _SIGNATURE.match(line) is not None


def opens_comments(line: str) -> bool:
    """Whether a line is the heading of readers' comments."""
    return _COMMENTS.match(line) is not None


def opens_related(line: str) -> bool:
    """Whether a line is the heading of, or itself, a pointer to other articles."""
    return _RELATED.match(line) is not None


def comparable(line: str) -> str:
    """A line without spaces and punctuation, for comparing titles."""
    return _UNCOMPARED.sub("", line).lower()
