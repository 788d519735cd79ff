"""The headline and the lines about the article that extractors drop."""

from __future__ import annotations

import re
from typing import Final

from newslake.clean.page import TERMINATED, PageLine

HEADER_REACH: Final = 15
"""Page lines before the body in which header lines are looked for."""

TAIL_REACH: Final = 8
"""Page lines after the body in which tail lines are looked for."""

LONGEST_HEADER: Final = 160
LONGEST_TAIL: Final = 80
LONGEST_BESIDE_DATE: Final = 12
"""Code points that may stand beside a bare date, such as the name of the paper; a headline is longer."""

LEAST_SHARE: Final = 0.4
"""Share of the page title that a visible line must cover to be the headline; kickers cover less."""

LEAST_HEADLINE: Final = 5
"""Code points; shorter lines at the start of a page title are channel names."""

_SUFFIX: Final = re.compile(r"\s*(?:[_|｜»]|--+|——|\s[-–—·•:]\s|-(?=[^-]*[网網报報站台臺页頁]$))\s*")
_LABEL: Final = (
    "来源|來源|稿源|责任编辑|責任編輯|责编|責編|编辑|編輯|记者|記者|作者|通讯员|通訊員|"
    "发布时间|發布時間|發佈時間|发表时间|更新时间|更新時間|发布日期|日期|时间|時間"
)
_DAY: Final = r"(?:19|20)\d\d\s?(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\s?\d{1,2}\s?月\s?\d{1,2}\s?日)"
_DATE: Final = re.compile(_DAY)
_MONTHS: Final = "Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec"
_LABELLED: Final = re.compile(
    rf"(?:{_LABEL})\s*[:：]|{_DAY}\D{{0,6}}\d{{1,2}}:\d\d"
    rf"|^(?:By|Published|Updated|Posted)\b.{{3,}}|^(?:\w+,? )?(?:\d{{1,2}} )?(?:{_MONTHS})[a-z]*\.? \d"
)
_OPENING: Final = re.compile(rf"\W{{0,3}}(?:(?:{_LABEL})\s*[:：]|[Bb][Yy]\b)")
_CLOCK: Final = re.compile(rf"{_DAY}\s{{0,4}}\d{{1,2}}:\d\d")
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)[A-Za-z0-9./_-]{1,80}?(?=(?:19|20)\d\d[-年/]|[^A-Za-z0-9./_-]|$)")
_TAIL: Final = re.compile(
    r"^[\[（(【［\s]*(?:本文来源|责任编辑|責任編輯|责编|責編|编辑|編輯|值班编辑|校对|校對|审核|審核|监制|監製|来源|來源|稿源|记者|記者|作者|文图|图文|文字|摄影|攝影)\s*[/／:：]"
)


def is_header(line: str) -> bool:
    """Whether a line tells when, where or by whom the article was published, and nothing else.

    >>> is_header("2024-02-20 02:03:38来源:某区融媒体中心"), is_header("2024年2月20日，会议在区里召开，来自各地的代表参加。")
    (True, False)
    >>> is_header("http://paper.example.com  [2024-02-20]   我要評論"), is_header("2024-02-20 水库开闸放水浇灌万亩春田")
    (True, False)
    """
    if len(line) > LONGEST_HEADER or TERMINATED.search(line):
        return False
    if _LABELLED.search(line):
        return True
    date = _DATE.search(line)
    if date is None:
        return False
    beside = len(line) - len(date[0])
    if beside > LONGEST_BESIDE_DATE and ("://" in line or "www." in line):
        beside = len("".join(_ADDRESS.sub("", line).split())) - len("".join(date[0].split()))
    return beside <= LONGEST_BESIDE_DATE


def is_tail(line: str) -> bool:
    """Whether a line under an article names its editors, source or authors.

    >>> is_tail("（责任编辑：张三）"), is_tail("编辑部昨天说，事情已经办好")
    (True, False)
    """
    return len(line) <= LONGEST_TAIL and _TAIL.match(line) is not None


def strip_site_suffix(title: str) -> str:
    """A page title without the names of site and channel behind it.

    >>> strip_site_suffix("全区工作会议召开_时政频道_某某网"), strip_site_suffix("全区工作会议召开-某某网")
    ('全区工作会议召开', '全区工作会议召开')
    """
    return _SUFFIX.split(title.strip(), maxsplit=1)[0] or title.strip()


def find_headline(page: list[PageLine], page_title: str, given_title: str | None) -> str | None:
    """The headline as it stands on the page, else as the markup gives it.

    A visible line with which the page title begins is the headline; an h1 comes next, if the page
    title holds it or nothing else is known (an h1 may be the site's logo).

    Args:
        page: visible lines.
        page_title: the `title` element, empty if there is none.
        given_title: `og:title` or the like.
    """
    stripped = strip_site_suffix(page_title)
    texts = [line.text for line in page if len(line.text) >= LEAST_HEADLINE]
    if given_title in texts:
        return given_title
    named = [name for name in (page_title.strip(), given_title) if name]
    least = LEAST_SHARE * len(stripped)
    starting = [text for text in texts if len(text) >= least and any(name.startswith(text) for name in named)]
    if starting:
        longest = max(starting, key=len)
        # The page title itself may be visible, with the names of site and channel.
        return stripped if longest == page_title.strip() and stripped in starting else longest
    headings = [line.text for line in page if line.tag == "h1" and len(line.text) >= LEAST_HEADLINE]
    inside = [heading for heading in headings if len(heading) >= least and any(heading in name for name in named)]
    if inside:
        return max(inside, key=len)
    if given_title:
        return strip_site_suffix(given_title)
    return headings[0] if len(headings) == 1 else stripped or None


def headers_before(page: list[PageLine], start: int) -> list[str]:
    """Header lines that stand on the page within reach before line number `start`."""
    near = page[max(0, start - HEADER_REACH) : start]
    headline = max((number for number, line in enumerate(near) if line.tag == "h1"), default=-1)
    return [line.text for line in near[headline + 1 :] if is_header(line.text) and not _is_pointer(line)]


def _is_pointer(line: PageLine) -> bool:
    """Whether a line that reads like a header leads elsewhere; a publisher or author that is a link beside a date or label does not.

    Sites link the source's name, their own address and the author: `http://www.example.cn 2024-02-20 15:24 某报`.
    """
    plain = len(line.text) - line.linked
    if line.linked <= plain or _CLOCK.search(line.text):
        return False
    told = _DATE.search(line.text) or _OPENING.match(line.text)
    return told is None or len(told[0]) > plain


def tails_after(page: list[PageLine], end: int) -> list[str]:
    """Tail lines that stand on the page within reach behind line number `end`."""
    return [line.text for line in page[end + 1 : end + 1 + TAIL_REACH] if is_tail(line.text)]
