"""Pages that are no articles: too large, an error served as a page, broken off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from newslake.clean.page import PageLine, is_terminated
from newslake.errors import ArticleRejected

LARGEST: Final = 16_000_000
"""Bytes of a document; the largest article page measured had 2.5 million."""

LONGEST_PAGE: Final = 5_000_000
"""Code points of a page, twice the largest real one; more takes seconds and 100 bytes of memory each."""

MOST_TAGS: Final = 150_000
"""Tags of a page; walking more takes longer than a second. Real pages have 20,000 at most."""

MOST_ATTRIBUTES: Final = 300
"""Attributes of one element; real pages have 13 at most, and the time spent grows with the square."""

LONGEST_ERROR: Final = 300
"""Code points of text on an error page; an article about errors has more."""

ERROR_REACH: Final = 8
"""Lines at the top in which an error shows itself."""

_ERROR: Final = re.compile(
    r"\b(?:404|403|500|502|503|504)\b.{0,12}(?:not found|forbidden|error|bad gateway|unavailable|time-?out|错误|錯誤|页面|頁面)"
    r"|(?:not found|forbidden|bad gateway|error|错误|錯誤).{0,6}\b(?:404|403|500|502|503|504)\b"
    r"|^\s*(?:404|403|502|503)\s*$|\b(?:page|file) not found\b|^(?:not found|access denied|forbidden)$"
    r"|(?:页面|頁面|网页|網頁|文章|内容|內容|文件)(?:不存在|未找到|找不到|没有找到|已删除|已被删除|已刪除|無法訪問|无法访问)"
    r"|^(?:抱歉|对不起|對不起|很抱歉).{0,24}(?:不存在|已?删除|已?刪除|找不到|无法|無法)"
    r"|^(?:(?:we.?re |we are )?(?:very )?sorry|oops|unfortunately)\b.{0,60}(?:can.?t be found|can.?t find|not (?:be )?found|no longer (?:available|exists?)|has been removed)"
    r"|(?:此|该|該|本)(?:内容|內容|文章|信息|資訊|页面|頁面).{0,8}(?:违规|違規|已?删除|已?刪除|下架|不存在|无法查看)|页面(?:走丢|丢失)"
    r"|^(?:internal server error|service unavailable|bad gateway|access denied|object moved)"
    r"|(?:您|你)(?:访问|訪問|查看)的(?:页面|頁面|网页|網頁|内容).{0,8}(?:不存在|找不到|已|出错|出錯)|访问出错|訪問出錯|系统繁忙|服务器错误|访问被拒绝"
    r"|^(?:本?网站|本站|系统|系統)(?:正在|正)?(?:进行)?(?:升级|维护|維護){1,2}(?:中|，|。|$)",
    re.IGNORECASE,
)
_MANY_ATTRIBUTES: Final = f"boolean(//*[@*[{MOST_ATTRIBUTES}]])"
_BEGINNING: Final = re.compile(r"\s*<(?:!doctype|html|\?xml|head|body)", re.IGNORECASE)


def refuse_oversized(data: bytes) -> None:
    """Raises `too_large` before anything looks at the document."""
    if len(data) > LARGEST:
        raise ArticleRejected("too_large", f"{len(data)} bytes, more than {LARGEST}")


def refuse_huge_page(html: str) -> None:
    """Raises `too_large` before any parser sees the page.

    What passes is read in time and memory that grow with its size: every step on the way to the
    article looks at each tag and each character a fixed number of times.
    """
    if len(html) > LONGEST_PAGE:
        raise ArticleRejected("too_large", f"{len(html)} characters of HTML, more than {LONGEST_PAGE}")
    tags = html.count("<")
    if tags > MOST_TAGS:
        raise ArticleRejected("too_large", f"about {tags} tags, more than {MOST_TAGS}")


def refuse_many_attributes(page: Any) -> None:
    """Raises `too_large` for an element over which the careful extractors spend seconds.

    Args:
        page: a turbohtml document.
    """
    if page.xpath(_MANY_ATTRIBUTES):
        raise ArticleRejected("too_large", f"an element has {MOST_ATTRIBUTES} attributes or more")


def refuse_error_page(first_lines: Sequence[str], length: int) -> None:
    """Raises `error_page` for a document that says in its title or first lines that something failed.

    Not touched: documents with an article's worth of text, whatever their title.

    Args:
        first_lines: the title and what stands at the top.
        length: code points of text.
    """
    if length > LONGEST_ERROR:
        return
    for line in first_lines:
        if _ERROR.search(line):
            raise ArticleRejected("error_page", f"the page says: {line[:80]}")


def refuse_truncated(html: str, page: list[PageLine], body: list[str]) -> None:
    """Raises `truncated` where the page breaks off and its text with it.

    A page breaks off when it begins as a document and ends inside a tag or without closing `body`
    and `html`. Its text breaks off when the body's last line is also the page's, and ends in no
    terminal mark. Many sound pages leave out the closing tags: one sign alone is no evidence.
    """
    if not _BEGINNING.match(html[:200]) or not page or not body:
        return
    is_inside_tag = html.rfind("<") > html.rfind(">")
    is_open = is_inside_tag or not re.search(r"</(?:body|html)\s*>", html[-20_000:], re.IGNORECASE)
    last = page[-1].text
    if is_open and len(last) >= 10 and last == body[-1] and (is_inside_tag or not is_terminated(last)):
        raise ArticleRejected("truncated", f"the page breaks off behind: {last[-40:]}")
