"""Titles without the name of the site behind them."""

from __future__ import annotations

import re
from functools import lru_cache

_SEPARATED = re.compile(
    r"^(?P<title>.{3,}\S)(?P<mark>\s+[-–—|｜]\s+|\s*[_|｜]\s*|\s*--+\s*|(?<=[\u4e00-\u9fff！？”])[-–—])(?P<suffix>[^_|｜]{2,40})$"
)
_SITE = re.compile(
    r"(?:网|报|社|台|频道|中心|在线|客户端|门户|新闻|资讯|官网|首页|政府|周刊|杂志|论坛|融媒)$|\.(?:com|cn|net|org|tw|hk)\b"
    r"|\b(?:News|Times|Post|Daily|Herald|Tribune|Reuters|BBC|CNN|Journal|Press|Online|Gazette|Magazine|Network)$",
)
# Channels of portals: "…-某门户财经".
_CHANNEL = re.compile(r"^[\u4e00-\u9fff]{2,4}(?:财经|体育|娱乐|科技|军事|时政|教育|健康|汽车|房产)$")
_LATIN_NAME = re.compile(r"(?:[A-Z][\w.'’&]*|of|the|and)(?: (?:[A-Z][\w.'’&]*|of|the|and)){0,3}$")


@lru_cache(maxsize=1024)  # A page's title is asked for twice.
def strip_site_suffix(title: str, *, is_given: bool = False) -> str:
    """Takes the names of site and section off the end of a title.

    A suffix behind a dash, bar or underscore goes where it reads like a site's name; in a given title
    (`<title>`, a feed) also where a bar sets it apart; headlines hold no underscores. Parts of the headline stay.

    Args:
        title: the title as printed or given.
        is_given: whether it comes from metadata, where sites add their names.

    >>> strip_site_suffix("春耕全面开始_新闻中心_某某网")
    '春耕全面开始'
    >>> strip_site_suffix("春耕全面开始 - 某某网")
    '春耕全面开始'
    >>> strip_site_suffix("Ports open again | Site", is_given=True), strip_site_suffix("春耕开始-农机先行")
    ('Ports open again', '春耕开始-农机先行')
    """
    title = title.strip()
    while (match := _SEPARATED.match(title)) is not None and _is_site(match, is_given):
        title = match["title"].strip()
    return title


def _is_site(match: re.Match[str], is_given: bool) -> bool:
    title, mark, suffix = match["title"], match["mark"].strip(), match["suffix"].strip()
    if len(suffix) > len(title) + 8:
        return False
    if _SITE.search(suffix):
        return True
    if is_given and _CHANNEL.match(suffix):
        return True
    if len(suffix) > len(title) or not (is_given or mark == "_"):
        return False
    return mark in ("_", "|", "｜") or (" " in title and _LATIN_NAME.match(suffix) is not None)
