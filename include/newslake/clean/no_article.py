"""Pages that came with status 200 and are no articles: walls, shells that need JavaScript, lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from newslake.clean.characters import HAN
from newslake.clean.page import PageLine, is_terminated
from newslake.errors import ArticleRejected

LONGEST_WALL: Final = 400
"""Code points outside links on a wall; a page that shows more shows an article, or most of one."""

LONGEST_COOKIE_WALL: Final = 2_500
"""The same for consent to cookies, whose wording is long."""

LEAST_COOKIES: Final = 0.3
"""Share of a cookie wall's text in lines that speak of cookies or consent."""

LEAST_TEXT: Final = 20
"""Code points; a page with less is a stub. The shortest news item measured had 60."""

LEAST_PARAGRAPH: Final = 25
"""Code points of a line with a mark at its end, from which it says something."""

LEAST_SENTENCE: Final = 12
"""The same for a Chinese sentence of a page that asks for nothing."""

LONGEST_ADDRESS: Final = 8
"""Han characters of a clause before what a wall asks for; in sentences that tell of others more stand before it."""

LEAST_POINTERS: Final = 5
"""Lines that are links, from which a page without text of its own is a list."""

LEAST_HEADLINE: Final = {True: 5, False: 8}
"""Code points of a Chinese line that is a link, or of another, from which it is the headline of an article."""

LEAST_SUMMARIES: Final = 0.95
"""Share of a page's paragraphs that follow a link each, from which it is a list with summaries."""

_LOGIN: Final = re.compile(
    r"(?:请|請|需要?|须|須|您?尚未|您?还未|您?還未)(?:先|您)?(?:登[录錄陆入]|注册|註冊|订阅|訂閱)|登[录錄陆入]后(?:才能|方可|可|即可)?(?:查看|阅读|閱讀|浏览|访问|继续)"
    r"|(?:用户|用戶|会员|會員|扫码|账号|帳號|密码)登[录錄陆入]|忘记密码|忘記密碼|本文(?:为|仅限|限).{0,6}(?:付费|会员|會員|付費|訂戶)"
    r"|(?:付费|付費|开通会员|订阅)后?(?:继续|即可)?(?:阅读|閱讀|查看)|(?:log|sign) ?in to (?:read|continue|view|access|your)"
    r"|subscribe to (?:read|continue|unlock)|(?:already a subscriber|create (?:a free|an) account)|forgot (?:your )?password"
    r"|for subscribers only",
    re.IGNORECASE,
)
_COOKIES: Final = re.compile(
    r"cookies?\b|consent|privacy (?:policy|settings|choices)|personali[sz]ed ads|our partners|隐私政策|隱私(?:權)?政策|Einwilligung|Datenschutz",
    re.IGNORECASE,
)
_AGREEMENT: Final = re.compile(
    r"accept|agree|reject|manage|before you continue|allow|同意|接受|允许|允許|拒绝|拒絕|akzeptieren|zustimmen",
    re.IGNORECASE,
)
_SCRIPT: Final = re.compile(
    r"(?:enable|activate|turn on|requires?|need|without) (?:\w+ ){0,4}javascript|javascript (?:\w+ ){0,4}(?:disabled|required|enabled|not available)"
    r"|(?:启用|啟用|开启|開啟|打开|支持|允许)\s?(?:浏览器的?|瀏覽器的?)?\s?(?:javascript|JS)",
    re.IGNORECASE,
)
_ROBOT: Final = re.compile(
    r"just a moment|checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|are you a robot|unusual traffic|captcha"
    r"|安全验证|安全驗證|人机验证|人機驗證|访问(?:过于)?频繁|訪問(?:過於)?頻繁|请输入验证码|請輸入驗證碼|滑动.{0,6}验证|正在(?:进行)?验证",
    re.IGNORECASE,
)
_HAN: Final = re.compile(f"[{HAN}]")
_SHELL: Final = "//div[@id='root' or @id='app' or @id='__next' or @id='__nuxt' or @id='___gatsby']"
_PASSWORD: Final = "//input[@type='password']"
_FIELD: Final = re.compile(
    r"user|account|phone|mobile|e?mail|captcha|verify|vcode|code|账号|帳號|手机|手機|邮箱|验证码|驗證碼", re.IGNORECASE
)
"""Names of the fields of a form for those who log in or prove that they are human; a search has others."""

_TOLD: Final = re.compile(f"[{HAN}]{{{LONGEST_ADDRESS + 1}}}$")


def refuse_walls(root: Any, page: list[PageLine], title: str, body: Sequence[str]) -> None:
    """Raises `robot_check`, `login_wall`, `cookie_wall` or `needs_script`.

    Not touched: pages that show a paragraph of something else, whatever they ask for beside it.

    Args:
        root: a turbohtml document.
        page: its visible lines.
        title: its `title` element.
        body: the text that was found.
    """
    visible = sum(len(line.text) - line.linked for line in page)
    if visible > LONGEST_COOKIE_WALL:
        return
    is_short = visible <= LONGEST_WALL
    texts = [title, *(line.text for line in page)]
    asks_password = is_short and root.xpath(f"boolean({_PASSWORD})")
    if asks_password and not _paragraphs(body, _LOGIN):
        _refuse(_LOGIN, texts, "login_wall", "the page wants its readers to log in")
    if not _paragraphs(body, _COOKIES):
        _refuse_cookie_wall(page)
    if not is_short:
        return
    # Without a field to fill in, and a title that says so, a sentence of something else is enough to be an article.
    has_field = asks_password or _asks_who(root)
    headings = "\n".join([title, *(line.text for line in page if line.tag == "h1")])
    if not _paragraphs(body, _ROBOT, has_field or _speaks(_ROBOT, headings)):
        _refuse(_ROBOT, texts, "robot_check", "the page asks for proof of a human reader")
    if not _paragraphs(body, _LOGIN, has_field or _speaks(_LOGIN, headings)):
        _refuse(_LOGIN, texts, "login_wall", "the page wants its readers to log in")
        if asks_password:
            raise ArticleRejected("login_wall", "the page asks for a password")
    if not _paragraphs(body, _SCRIPT):
        refuse_shell(root, texts)


def _asks_who(root: Any) -> bool:
    """Whether a page has a field for a name, an address or a code."""
    fields = (
        " ".join(str(field.attr(name)) for name in ("name", "id", "placeholder")) for field in root.select("input")
    )
    return any(_FIELD.search(names) for names in fields)


def _paragraphs(body: Sequence[str], wording: re.Pattern[str], is_asked: bool = True) -> bool:
    """Whether a paragraph of the text speaks of something else; of a page that asks for nothing, a sentence does."""
    for line in body:
        least = LEAST_PARAGRAPH if is_asked or _HAN.match(line) is None else LEAST_SENTENCE
        if len(line) >= least and is_terminated(line) and not _speaks(wording, line):
            return True
    return False


def _speaks(wording: re.Pattern[str], text: str) -> bool:
    """Whether a text speaks to its reader: what stands far into a Chinese clause is told of others.

    >>> _speaks(_ROBOT, "请输入验证码"), _speaks(_ROBOT, "不少旅客抱怨购票时请输入验证码的环节太难。")
    (True, False)
    """
    return any(not _TOLD.search(text[: match.start()]) for match in wording.finditer(text))


def _refuse(wording: re.Pattern[str], texts: Sequence[str], reason: str, detail: str) -> None:
    for text in texts:
        if _speaks(wording, text):
            raise ArticleRejected(reason, f"{detail}: {text[:80]}")


def _refuse_cookie_wall(page: list[PageLine]) -> None:
    total = sum(len(line.text) for line in page)
    spoken = [line.text for line in page if _COOKIES.search(line.text)]
    is_asked = any(_AGREEMENT.search(line.text) for line in page)
    if is_asked and spoken and sum(map(len, spoken)) >= LEAST_COOKIES * total:
        raise ArticleRejected("cookie_wall", f"the page asks for consent: {spoken[0][:80]}")


def refuse_shell(root: Any, texts: Sequence[str]) -> None:
    """Raises `needs_script` for a page without text that says so, or has an empty frame for scripts to fill."""
    hidden = [element.text for element in root.select("noscript")]
    for text in (*texts, *hidden):
        if _SCRIPT.search(text):
            raise ArticleRejected(
                "needs_script", f"the page is empty without JavaScript: {' '.join(text.split())[:80]}"
            )
    if root.xpath(f"boolean({_SHELL})") and root.select_one("script") is not None:
        raise ArticleRejected("needs_script", "the page is a frame that JavaScript fills")


def refuse_list(page: list[PageLine], body: Sequence[PageLine], length: int) -> None:
    """Raises `list_page` for a page of pointers to articles, with or without a summary each.

    Args:
        page: visible lines.
        body: those that were taken for the article.
        length: code points of the article outside links.
    """
    pointers = sum(_is_pointer(line) for line in page)
    if length < LEAST_TEXT and pointers >= LEAST_POINTERS:
        raise ArticleRejected("list_page", f"the page holds {pointers} links and {length} characters of article text")
    summaries = paragraphs = 0
    was_pointer = False
    chosen = set(map(id, body))
    for line in page:
        if id(line) in chosen and line.is_terminated and len(line.text) >= LEAST_TEXT and not line.linked:
            paragraphs += 1
            summaries += was_pointer
            was_pointer = False
        else:
            was_pointer = was_pointer or _is_pointer(line)
    if summaries >= LEAST_POINTERS and summaries >= LEAST_SUMMARIES * paragraphs:
        raise ArticleRejected("list_page", f"{summaries} of {paragraphs} paragraphs stand below a link of their own")


def _is_pointer(line: PageLine) -> bool:
    least = LEAST_HEADLINE[_HAN.match(line.text) is not None]
    return len(line.text) >= least and line.linked * 2 > len(line.text) and not line.is_terminated
