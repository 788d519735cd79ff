"""English names of bodies, by the form of their last word."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KINDS = (
    "Bureau|Commission|Committee|Hospital|School|University|College|Academy|Institute|Company|Group|Bank|Office|Department|"
    "Ministry|Authority|Association|Federation|Corporation|Council|Agency|Administration|Court|Procuratorate|Congress|Parliament|"
    "Senate|Foundation|Society|Union|Brigade|Headquarters|Cooperative|Centre|Center|Station|Police|Government|Daily|Times|Herald|"
    "News Agency|Holdings|Inc|Ltd|Corp|Co"
)
_WORD = r"[A-Z][\w'’&-]*"
_NAME = re.compile(
    rf"\b(?P<name>{_WORD}(?: (?:{_WORD}|No\. \d+|and {_WORD}|for {_WORD})){{0,12}}? (?:{_KINDS})\b\.?"
    rf"(?: (?:of|for) (?:the )?{_WORD}(?: (?:and )?{_WORD})*)*|(?:Ministry|Department|Bureau|University|Bank|Bureau) of {_WORD}(?: (?:and )?{_WORD})*)"
)
_ARTICLES = re.compile(r"(?:The|A|An|This|That|At|In|On|For|From|With|But|And|When|While|After|Before|As|If) ")
# What goes on behind such a word when it names a place or an office, not a body.
_OFFICE_BEHIND = re.compile(r" (?:Director|Chief|Secretary|Chairman|Minister|President|Spokesman|Spokeswoman|Head)\b")


def find_bodies_english(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of bodies named in English: Shiya County Health Bureau, Bank of Jianglan.

    >>> text = "The Linjiang District Health Bureau and People's Hospital said so."
    >>> [text[start:end] for start, end in find_bodies_english(text)]
    ['Linjiang District Health Bureau', "People's Hospital"]
    """
    for match in _NAME.finditer(text):
        start, end = match.span()
        while article := _ARTICLES.match(text, start, end):
            start = article.end()
        if " " in text[start:end] and not _OFFICE_BEHIND.match(text, end):
            is_abbreviated = text[start:end].endswith((" Co.", " Inc.", " Ltd.", " Corp."))
            yield start, end - (text[end - 1] == "." and not is_abbreviated)
