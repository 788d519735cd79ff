"""Chinese titles of office in a text: their words, the bodies before them, and several of them in a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from newslake.annotate.organisations.bodies import stops
from newslake.annotate.words.borders import Borders, is_han
from newslake.annotate.words.endings import WordEndings
from newslake.config import reference_lines

_LONGEST = 16  # code points of an unlisted body in front of a title; longer ones have swallowed a clause
_LONGEST_AT_CLAUSE = 8  # of words at the beginning of a clause that go straight on to a title: 恒舟物流总经理
_PREFIXES = (
    "副|正|原|前|代|代理|时任|现任|新任|常务|第一|执行|名誉|轮值|候任|资深|高级|中级|特级|首席|总|党组|党委|党支部|党总支|退休|老|驻村|年轻|"
    "青年|返乡|基层|专职|兼职"
)
_LONGER_WORD = frozenset("会团处制部室长们席国")
_PREFIX = re.compile(f"(?:{_PREFIXES})$")
_ENDS_OF_PREFIXES = frozenset("\n").union(prefix[-1] for prefix in _PREFIXES.split("|"))  # 总⏎书记 where a line breaks
# Parts of bodies that stand before a title without level or place: 组织部部长, 第三检察部主任, 铁路处处长.
_UNIT = re.compile(
    "(?:部|处|科|室|队|办|站|所|局|院|组|委|厂|店|社|会|中心|公司|学院|集团|学校|大学|医院|银行|党组|党委|工委|支部|政府|人大|政协|工程|项目|班|系|法庭|街道|社区|[省市区县镇乡村州])$"
)
_COUNTRIES = "俄罗斯|日本|印度|加拿大|澳大利亚|巴西|越南|老挝|柬埔寨|新加坡|马来西亚|印尼|菲律宾|乌克兰|以色列|伊朗|埃及|联合国|欧盟"
_COUNTRY = re.compile(f"(?:[一-鿿]{{1,4}}国|{_COUNTRIES})$")
_ENDS_OF_COUNTRIES = frozenset(country[-1] for country in _COUNTRIES.split("|"))


class Title(NamedTuple):
    """A title of office in a text.

    Attributes:
        start: where it begins, its body and the offices before it included.
        core: where the word for the office begins, without body and prefix.
        end: where it ends.
        parts: start, core and end of each of several offices of one person, in order.
    """

    start: int
    core: int
    end: int
    parts: tuple[tuple[int, int, int], ...]


def bare_title(title: Title) -> Title:
    """A title's last word alone, without body and other offices."""
    return Title(title.core, title.core, title.end, ((title.core, title.core, title.end),))


@cache
def _words() -> WordEndings:
    return WordEndings(reference_lines("titles"))


def _find_words(text: str) -> Iterator[tuple[int, int]]:
    """Where words for offices stand; of two that overlap the one that begins first (主任委员, not 主任)."""
    last: tuple[int, int] | None = None
    for start, end in _words().find(text):
        if end < len(text) and (text[end] in _LONGER_WORD or text.startswith("主管", end - 1)):
            continue  # 业主管部门
        if last and start < last[1]:
            last = (start, end) if start <= last[0] else last
            continue
        if last:
            yield last
        last = (start, end)
    if last:
        yield last


def find_titles(borders: Borders, bodies: Mapping[int, int], places: Mapping[int, int]) -> list[Title]:
    """Titles of office, with what belongs to them on the left.

    Args:
        borders: of the text.
        bodies: start of each body's name by its end.
        places: start of each place's name by its end.

    Returns:
        Titles in order. Offices joined by a pause mark (区委副书记、区长) are one.

    >>> text = "区委副书记、区长"
    >>> find_titles(Borders(text, bytes([1, 0, 1, 0, 0, 1, 1, 0, 1])), {2: 0}, {})
    [Title(start=0, core=6, end=8, parts=((0, 0, 5), (6, 6, 8)))]
    """
    found: list[Title] = []
    starts = set(places.values())
    for core, end in _find_words(borders.text):
        if not starts.isdisjoint(range(core + 1, end)):
            continue  # 州长 in 广州长沙
        floor = found[-1].end if found else 0
        begin = _overlapping(core, end, floor, bodies, places)
        if begin is None:
            begin = _start(borders, core, floor, bodies, places)
        part = (begin, core, end)
        if found and _is_joined(borders.text, found[-1].end, part[0]):
            before = found.pop()
            found.append(Title(before.start, part[1], part[2], (*before.parts, part)))
        else:
            found.append(Title(*part, (part,)))
    return found


def _is_joined(text: str, end: int, start: int) -> bool:
    return text[end:start] in ("、", "", "兼", "兼任", "，兼") and start > 0


def _overlapping(core: int, end: int, floor: int, bodies: Mapping[int, int], places: Mapping[int, int]) -> int | None:
    """Where a body or place begins that ends within the words of an office: 临江区·长, 临江区委·书记."""
    for stop in range(core + 1, end):
        for spans in (bodies, places):
            if floor <= spans.get(stop, -1) <= core:
                return spans[stop]
    return None


def _start(borders: Borders, core: int, floor: int, bodies: Mapping[int, int], places: Mapping[int, int]) -> int:
    """Where a title begins whose word for the office begins at `core`."""
    text, place = borders.text, core
    while place > floor:
        if bodies.get(place, -1) >= floor:
            return bodies[place]
        match = _PREFIX.search(text, max(floor, place - 4), place) if text[place - 1] in _ENDS_OF_PREFIXES else None
        if match is None:
            break
        place = match.start()
    return _start_of_unlisted(borders, place, floor, bodies, places)


def _start_of_unlisted(
    borders: Borders, place: int, floor: int, bodies: Mapping[int, int], places: Mapping[int, int]
) -> int:
    """Where a body begins that no rule has found, or a place: 铁路处·处长, 柳湾村·村民, 法国·总统."""
    text = borders.text
    if places.get(place, -1) >= floor:
        return _chain(places, place, floor)
    lowest = max(floor, place - _LONGEST)
    if text[place - 1] in _ENDS_OF_COUNTRIES and (country := _COUNTRY.search(text, max(lowest, place - 5), place)):
        return borders.walk_back(place, country.start(), stops())
    begin = borders.walk_back(place, lowest, stops())
    if place - begin == 1 and begin > lowest and is_han(text[begin - 1]) and _UNIT.search(text, begin, place):
        begin = borders.walk_back(borders.token_before(begin, lowest), lowest, stops())  # 督察·组·组长
    if not _UNIT.search(text, max(lowest, place - 2), place):
        is_clause = place - begin <= _LONGEST_AT_CLAUSE and (begin == 0 or not text[begin - 1].isalnum())
        return begin if is_clause else place
    inner = [end for end in bodies if begin <= bodies[end] < end <= place]
    if inner:
        return bodies[max(inner)] if bodies[max(inner)] <= begin + 3 else begin
    for end, start in places.items():
        if begin < start <= begin + 2 and end <= place:
            return start
    if begin == lowest and begin > floor and is_han(text[begin - 1]):
        return place
    return begin


def _chain(places: Mapping[int, int], place: int, floor: int) -> int:
    """The first of places that follow each other without a mark: 临江区青砚镇柳湾村."""
    while places.get(place, -1) >= floor:
        place = places[place]
    return place


def strip_prefixes(text: str, start: int, core: int) -> int:
    """Where the body of an office ends: before 副, 党组, 原 and the like.

    >>> strip_prefixes("区交通局党组副书记", 0, 6)
    4
    """
    while match := _PREFIX.search(text, max(start, core - 4), core):
        core = match.start()
    return core


def is_unit(text: str, end: int) -> bool:
    """Whether what ends here is a body or a part of one (铁路处), not a subject (考古学)."""
    return _UNIT.search(text, max(0, end - 2), end) is not None


def is_abroad(body: str) -> bool:
    """Whether an office is of another country, so that its holder's name may be a transliterated one.

    >>> is_abroad("美国"), is_abroad("临江区")
    (True, False)
    """
    return _COUNTRY.search(body) is not None
