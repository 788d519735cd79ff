"""Divisions that no list has: towns, villages, and districts that are new or not listed, by the form of their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from newslake.annotate.words.patterns import alternation, kinds_of_words

LEVELS = {
    "省": "province",
    "市": "city",
    "区": "district",
    "县": "district",
    "镇": "town",
    "乡": "town",
    "街道": "town",
    "村": "village",
    "社区": "village",
}
"""Level by the last word of a name that no list has."""

# What stands before the kind in common nouns (园区, 城市, 小镇, 山村) and relative words (全区, 我市, 各镇).
_RELATIVE = "各全我本该两三多每某外内的个"
_NEVER_LAST = {
    "省": frozenset("大强节反该外内"),
    "区": frozenset("误府委园社山库景灾小地片辖郊街校营战军林矿牧禁疫险厂楼宅税贸护治院雪区县市镇"),
    "县": frozenset("区市百大困脱级省属乡小郊县强"),
    "市": frozenset("城都夜超上股集闹门楼车入开休早菜后级辖省区县强百花市"),
    "镇": frozenset("场进入小古心点制名强大重城老乡村街集级色属省辖沿镇市县区"),
    "乡": frozenset("带进城下回返家故水老异他离还思同入梦侨仙之爱乡镇"),
    "村": frozenset(
        "农乡山渔政然困范中统落驻进入示丽古老出到联户强庄包带帮兴富走游居头空明色态慧型治邻城镇级点试后侨美回村省区市县"
    ),
    "街道": frozenset("乡镇区市主条条街"),
    "社区": frozenset("园住镇民小谐慧型范态驻理生农城村区市"),
}
# What makes a longer word of it: 区域, 市场, 乡村, 村庄.
_NO_LONGER = {
    "省": frozenset("级内外"),
    "区": frozenset("县域间位块别划段级"),
    "县": frozenset("域级"),
    "市": frozenset("场值容面售井级郊"),
    "镇": frozenset("压定静域痛级"),
    "乡": frozenset("村镇愁亲情土贤音风间谊思级"),
    "村": frozenset("庄落镇居级干医口容务集超里屯寨"),
    "街道": frozenset("两上边旁面口"),
    "社区": frozenset("矫团卫养工化"),
}
_RELATIVE_OR_KIND = frozenset("省市区县").union(_RELATIVE)
_NEVER_IN_NAMES = frozenset("率之的了在是和与及或等为把被让给这那其此哪每各某到从向往以于由并因我们你他她它也都就将已")
# What a name may stand behind, besides marks: words that lead to a place, and higher divisions.
_BEFORE_ONE = frozenset(
    "在到从向往赴于由与和及或对为把将让给是的了着据如像等离至经以被区县市省州镇乡驻年月日时村因至中"
)
NEVER_FIRST_TAGS = frozenset(
    ("v", "vn", "vd", "t", "m", "mq", "d", "c", "p", "r", "u", "uj", "ul", "f", "y", "a", "ad", "w")
)
"""Parts of speech of words with which no name begins, as the dictionary of words has them."""


@cache
def _kind() -> re.Pattern[str]:
    """What ends such a name, by the characters beside it; a pattern whose branches begin with letters is sought fast."""
    branches = []
    for kind, never in _NEVER_LAST.items():
        before, behind = ("".join(sorted(signs)) for signs in (never.union(_RELATIVE), _NO_LONGER[kind]))
        no_other = "(?<!社区)" if kind == "区" else ""
        branches.append(f"{kind[-1]}{no_other}(?<=[一-鿿]{{2}}{kind})(?<![{before}]{kind})(?![{behind}])")
    return re.compile("|".join(branches))


@lru_cache(maxsize=50_000)
def _may_be_stem(words: str) -> bool:
    """Whether the words before a kind may be a name, by themselves."""
    return words[0] not in _RELATIVE_OR_KIND and not _common().search(words) and _NEVER_IN_NAMES.isdisjoint(words)


@cache
def _common() -> re.Pattern[str]:
    return re.compile(f"(?:{alternation(kinds_of_words('place_words')['common'])})$")


@cache
def _before_two() -> frozenset[str]:
    return frozenset(kinds_of_words("place_words")["before"])


def find_by_form(text: str, is_border: Callable[[int], bool]) -> Iterator[tuple[int, int, str]]:
    """Places of what has the form of a division's name, with the kind of division: 区, 县, 市, 镇, 乡, 街道, 村, 社区.

    Args:
        text: any text.
        is_border: whether a word begins or ends at a place.

    Left alone: common nouns (园区, 小镇, 山村), relative words (全区, 我市, 各镇) and longer words (区域, 市场, 乡村).

    >>> text = "记者走进青砚镇柳湾村，看到全镇的农村面貌一新。"
    >>> [text[start:end] for start, end, kind in find_by_form(text, lambda place: False)]
    ['青砚镇', '柳湾村']
    """
    for match in _kind().finditer(text):
        end = match.end()
        kind = text[end - 2 : end] if text[end - 2 : end] in LEVELS else match[0]
        place = end - len(kind)
        start = _start_of_stem(text, place, 4 if len(kind) == 2 else 3, is_border)
        if start is not None and _may_be_stem(text[start:place]):
            yield start, end, kind


def _start_of_stem(text: str, place: int, longest: int, is_border: Callable[[int], bool]) -> int | None:
    """Where the name that ends in a kind of division at a place begins; None where nothing tells."""
    starts = []
    for start in range(place - 2, max(-1, place - longest - 1), -1):
        if not _is_han(text[start]):
            break
        if (
            not start
            or not _is_han(text[start - 1])
            or text[start - 1] in _BEFORE_ONE
            or text[max(0, start - 2) : start] in _before_two()
        ):
            return start
        starts.append(start)
    return next((start for start in starts[:2] if is_border(start)), None)


def _is_han(sign: str) -> bool:
    return "一" <= sign <= "鿿"
