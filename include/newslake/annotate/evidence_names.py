"""Which matters a word that tells what became of something is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from newslake.annotate.article import Found
from newslake.annotate.matters import is_vague, matter

CONFIDENCE = {"beside": 0.85, "clause_before": 0.7}
"""By where the matter stands: in the clause of the word that tells, or in the clause before."""
_LONGEST_WORDS = 400  # code points in which a name is looked for
LONGEST = 30
"""Code points of a matter; longer ones are no name."""

_COUNTED = re.compile(r"\d+(?:年|月份?|[日项个件家条座])")
# What stands around a name: a description before it, and a day behind it.
_BESIDE = re.compile(
    r"^(?:第一|首)[所座个条家处栋]|^已?有(?=\d)|^[^，。]{2,20}(?:新建|承建|实施|建设|负责)的(?=\d)|(?<=[一-鿿]{3})(?:原计划|原定|原本|计划).*$|^[^，。]{0,24}?(?:日电|[报网社闻]讯】?|讯(?=\s))\s*(?:[（(][^）)]*[）)])?|^.*[：:]|^.*宣布|^为?庆祝|^.*(?<=[上中里])为(?=.{3})|^.*(?<=[一-鿿]{2})的(?=[^\d]{3})"
    r"|(?<=[一-鿿]{3})(?:位于|坐落|总投资|全长|占地|总建筑).*$"
    r"|(?:昨[日天]|今[日天]|日前|近日|目前|现已|已经?|相继|陆续|先后|双双|分别|如期|顺利|终于|上周[一二三四五六日天]?|本周[一二三四五六日天]?|[（(][^）)]{0,12}[）)]|于|(?<!创)新)+$"
)
_INSTITUTION = re.compile("(?:医院|学校|学院|大学|中学|小学|幼儿园|敬老院|福利院|园区|馆)$")
# Two characters are a name only where they end as works do (绿道).
_LIKE_A_NAME = re.compile("...|.[路桥道园馆库站厂渠湖港校院场楼区街闸坝塔井田网厕桩]$")
# A stage by itself is one of the matter of the clause before: 龙溪公路进展顺利，一期工程已完工.
_STAGE_ALONE = re.compile(r"其?第?(?P<stage>[一二三四五1-5])期(?:工程|项目|建设)*$")
_STAGE_AT_THE_END = re.compile(r"第?[一二三四五1-5]期$")
_HAN_OF_DIGIT = str.maketrans("12345", "一二三四五")
_EACH = re.compile("相继|陆续|先后|双双|分别|均|都(?!市)|同时")
_AND = re.compile("、|以及|(?<!共)和(?![平谐睦])|与|及(?!时)")
_SHORTEST_PART = 2


class Named(NamedTuple):
    """A matter, where the statement about it begins in the article, and how sure the rule is."""

    start: int
    matter: str
    confidence: float


def names_of(
    text: str,
    told: tuple[int, int],
    position: int,
    clauses: list[tuple[int, int]],
    found: Found,
    order: str,
    goes_on: bool = False,
) -> list[Named]:
    """What a word tells of; nothing where the text names nothing.

    Args:
        text: the article's.
        told: where the word that tells begins and ends.
        position: the number of its clause.
        clauses: where the clauses of the sentence begin and end.
        found: what is known of the article.
        order: where the name is looked for in the clause: before the word, behind it, and again before it with the
            bodies left in (区体育馆投入使用), as letters b, a, c.
        goes_on: the clause names no subject of its own, so that it is that of the clause before.
    """
    start, end = clauses[position]
    stage = _STAGE_ALONE.fullmatch(text[start : told[0]].lstrip("其、 ")) if position else None
    if goes_on or stage:
        return _of_the_clause_before(text, clauses[position - 1], found, stage) if position else []
    for place in order:
        first, last = (told[1], end) if place == "a" else (start, told[0])
        # Where nothing else is named, what the clause begins with is what it tells of.
        begin = _behind_places(found, first, last) if place == "c" else _behind_names(text, found, first, last)
        name = name_in(text[begin:last], found.jurisdiction)
        if name:
            return list(_each(text, name, start, first, last, found.jurisdiction))
    return []


def _of_the_clause_before(text: str, clause: tuple[int, int], found: Found, stage: re.Match[str] | None) -> list[Named]:
    """The matter of the clause before, or the stage of it that is told of."""
    first, last = clause
    name = name_in(text[_behind_names(text, found, first, last) : last], found.jurisdiction)
    if not name:
        return []
    if stage:
        name = _STAGE_AT_THE_END.sub("", name) + stage["stage"].translate(_HAN_OF_DIGIT) + "期"
    return [Named(first, name, CONFIDENCE["clause_before"])]


def _each(text: str, name: str, start: int, first: int, last: int, jurisdiction: str | None) -> Iterator[Named]:
    """Each of several names by itself (白鹭湾大桥、龙溪公路相继建成); the whole where the parts are none."""
    whole = Named(start, name, CONFIDENCE["beside"])
    if "、" not in name and not _EACH.search(text, first, last):
        yield whole
        return
    listed = name.split("、")
    parts = [*listed[:-1], *_AND.split(listed[-1])] if "、" in name else _AND.split(name)
    names = [name_in(part, jurisdiction) for part in parts]
    if len(parts) < 2 or not all(names) or any(len(part) < _SHORTEST_PART for part in parts):
        yield whole
        return
    reached = first
    for number, (part, one) in enumerate(zip(parts, names, strict=True)):
        place = text.find(part, reached, last)
        reached = place + len(part) if place >= 0 else reached
        if one and (number == 0 or place >= 0):
            yield Named(start if number == 0 else place, one, CONFIDENCE["beside"])


def name_in(words: str, jurisdiction: str | None) -> str | None:
    """The matter that words name; null where they name none.

    >>> name_in("临江大桥", "澜川市/临江区"), name_in("项目", None), name_in("", None)
    ('临江大桥', None, None)
    >>> name_in("区交通局负责的青砚镇污水处理厂昨日", "澜川市/临江区")
    '青砚镇污水处理厂'
    """
    words = _BESIDE.sub("", words[:_LONGEST_WORDS])
    if not words.strip():
        return None
    name = matter(words, jurisdiction)
    if not re.search("[一-鿿]{2}|号[一-鿿]", _COUNTED.sub("", name)):
        return None
    return (
        name if len(name) <= LONGEST and "/" not in name and _LIKE_A_NAME.match(name) and not is_vague(name) else None
    )


def _behind_names(text: str, found: Found, start: int, end: int) -> int:
    """Where words go on behind the divisions and bodies that they begin with: who did it is not what was done.

    A hospital or school in front of a noun belongs to its name (区人民医院新院区).
    """
    start = _behind_places(found, start, end)
    ends = [one.end for one in found.of_kind("organisation") if one.start == start and one.end <= end]
    behind = max(ends, default=start)
    return behind if behind == end or not _INSTITUTION.search(text, start, behind) else start


def _behind_places(found: Found, start: int, end: int) -> int:
    """Where words go on behind the divisions that they begin with."""
    for one in found.of_kind("place"):
        if one.start == start and one.end <= end and (one.end == end or one.name.endswith(tuple("省市区县州"))):
            start = one.end
    return start
