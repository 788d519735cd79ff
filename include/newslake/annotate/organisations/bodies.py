"""Where a text names bodies: organs and departments of a division, bodies known by name, and names with a telling end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from newslake.annotate.places.divisions import by_name, by_short_form
from newslake.annotate.words.borders import Borders, is_han
from newslake.annotate.words.endings import WordEndings
from newslake.annotate.words.patterns import alternation
from newslake.config import reference_lines

# What a level may have in front of its last character: 自治·区, 街·道, 高新·区.
_LEVEL = re.compile("(?:自治|街|社|高新|经开|开发|园|新|地)$")
_LONGEST = 22  # code points in front of an ending; a longer name has swallowed a clause
_LONGEST_PLACE = 9
_MOST_LEVELS = 5  # 省, 市, 区, 镇, 村
_LONGEST_VERB = 4
WORK = re.compile("《[^《》\n]{1,60}》")
"""A work's title; names within it are no mentions."""
# What makes a body's name part of another word, of a group or of a meeting: 市委员会 is one, 区委各部委, 市委六届七次全会.
_NOT_BEFORE = r"(?![员托派任屈婉曲门面落]|各|第?[一二三四五六七八九十百\d]{1,4}[届次]|全会|全委会|常委会(?:扩大)?会议|(?:常务|工作|常委|专题|党组|主席)会议|会议)"
_GOES_ON = re.compile(_NOT_BEFORE)
# What goes on behind an ending: 大学生, 公司化, 集团军, 银行业, 小学期.
_LONGER_WORD = frozenset("生化军业级法性型制界员心")
_LONGEST_PART = 8
_PARTS = re.compile(
    "(?:大学|学院|医院|中学|小学|派出所|法庭|司法所|幼儿园|研究院|支队|大队|总队|指挥中心|出版社|日报社|报社|研究所|设计院|公司|[分支]行|分局|党委|党支部|党总支|党工委|管委会|委员会|管理处)$"
)
_BEFORE_LEVEL = frozenset("的和与及由在对向是请让到从为等以要经就将把被给跟同")
_DATELINE = re.compile(r"讯[（( 　]|讯$|[一-鿿]{0,8}\d{1,2}月\d{1,2}日[电讯]")  # a paper's name that opens its report
_LEARNING = frozenset("了如怎一用做对开使运")  # 学会了驾驶
# Levels whose names no list has; 镇政府 alone is rarer than with a name.
_SMALL_LEVELS = frozenset("镇乡街村")
_TAIL = re.compile("办公室|(?:机关党委|党组|党委|党支部)(?!副?书记|成员|委员)")
_RELATIVE = frozenset("各该某两全我本")
_NO_DIVISION = _RELATIVE | frozenset("地社园景灾山库片校厂小街牧林矿战特")
_QUANTITY = re.compile(r"[\d.万]+(?:余|多)?[家所个]")
# 临江区公办幼儿园 are all of that kind.
_GROUP = re.compile("(?:公办|民办|公立|私立|普惠性?|寄宿制?|乡镇|农村|国有|民营|定点|各级|高等|基层|区属|市属|县属)$")


class Body(NamedTuple):
    """A body's name in a text.

    Attributes:
        kind: `local` behind a level or a place, `known` by its whole name, `ending` by its end.
    """

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class _Names:
    """What the reference lists say."""

    known: WordEndings
    local: re.Pattern[str]
    ending: WordEndings
    generic: frozenset[str]
    beginnings: frozenset[str]
    stops: frozenset[str]


@cache
def _names() -> _Names:
    lines = reference_lines("bodies")
    local = alternation(line for line in lines if line[0] not in "=…~^")
    far = alternation(line[1:] for line in lines if line[0] == "~")
    return _Names(
        WordEndings(line[1:] for line in lines if line[0] == "="),
        re.compile(
            f"[省市区县州镇乡村旗盟道](?P<local>(?>{local}|(?P<free>[一-鿿]{{1,8}}?)(?:{far}|(?<![布格结全大时开残败定])局(?![面势部限长])))){_NOT_BEFORE}"
        ),
        WordEndings(line[1:] for line in lines if line[0] == "…"),
        frozenset(reference_lines("generic_words")),
        frozenset(line[1:] for line in lines if line[0] == "^"),
        frozenset(reference_lines("before_bodies")),
    )


def stops() -> frozenset[str]:
    """Words behind which a body's name begins."""
    return _names().stops


def find_bodies(borders: Borders, places: Sequence[tuple[int, int]], stems: Sequence[str] = ()) -> list[Body]:
    """Bodies that a text names, those within titles (区委 in 区委书记) among them.

    Left alone: groups (区级各部门), meetings (市委六届七次全会), and names of generic words alone (上市公司).

    Args:
        borders: of the text.
        places: start and end of the places named in it, in order.
        stems: short names of the divisions at home (临江), with which names of bodies begin.

    Returns:
        Bodies in order, none within another.

    >>> text = "区发展改革委、太极集团和有关公司"
    >>> borders = Borders(text, bytes([1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1]))
    >>> [text[one.start:one.end] for one in find_bodies(borders, [])]
    ['区发展改革委', '太极集团']
    """
    starts_of_places = {end: start for start, end in places}
    ends_of_places = {start: end for end, start in starts_of_places.items()}
    works = [match.span() for match in WORK.finditer(borders.text)]
    found = list(_known(borders, works, starts_of_places, stems))
    taken = bytearray(len(borders.text) + 1)
    for start, end in (*((body.start, body.end) for body in found), *works):
        taken[start:end] = b"\1" * (end - start)
    found.extend(_by_ending(borders, taken, ends_of_places, stems))
    found.sort(key=attrgetter("start"))
    return list(_joined(borders.text, found))


def _known(
    borders: Borders, works: Sequence[tuple[int, int]], places: dict[int, int], stems: Sequence[str]
) -> Iterator[Body]:
    """Bodies of the list: those that stand alone, and those of a division; the longest at each place."""
    text, names = borders.text, _names()
    spans = [(start, end, "known") for start, end in names.known.find(text) if _stands_alone(borders, start, end)]
    last = 0
    for match in names.local.finditer(text):
        start = _start_of_local(borders, match, last, places, stems)
        if start is not None and _ends_well(borders, match.end()) and not _has_stop(borders, match):
            last = match.end()
            spans.append((start, last, "local"))
    last = 0
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= last and not any(first <= start < stop for first, stop in works):
            yield Body(start, end, kind)
            last = end


def _has_stop(borders: Borders, match: re.Match[str]) -> bool:
    """Whether a word that no name has stands within what is not of the list: 区·召开·座谈会·和·文化局."""
    return match["free"] is not None and borders.walk_back(
        match.end("free"), match.start("free"), stops()
    ) > match.start("free")


def _stands_alone(borders: Borders, start: int, end: int) -> bool:
    """Whether a name is no part of a longer word (文化部 in 文化部落) and opens no report (新华社北京3月2日电)."""
    if _DATELINE.match(borders.text, end):
        return False
    return borders.is_border(start) and _ends_well(borders, end) and _GOES_ON.match(borders.text, end) is not None


def _ends_well(borders: Borders, end: int) -> bool:
    """Whether a word may end here; the list of words behind a body stands for what the segmenter joins wrongly."""
    return borders.is_border(end) or borders.text[end - 1] not in "会办院所站处"


def _start_of_local(
    borders: Borders, match: re.Match[str], floor: int, places: dict[int, int], stems: Sequence[str]
) -> int | None:
    """Where the name of a division's body begins: at its place, at its level, or nowhere (景·区委)."""
    text, start, name = borders.text, match.start(), match.start("local")
    before = _LEVEL.search(text, max(floor, start - 2), start)
    level = before.start() if before else start
    begin: int | None
    if name in places or level in places:
        begin = places.get(name, places.get(level, 0))
    else:
        begin = _start_of_listed(text, start, name, floor, stems)
        if begin is None:
            begin = _start_of_relative(borders, level, floor) if text[start] != "道" or before else None
    if begin is not None:
        # A character left over behind a place belongs to the next: 双河乡·双·河口村.
        begin = _first_of_chain(places, begin - (begin - 1 in places and is_han(text[begin - 1])))
        begin -= 2 * (text[begin - 2 : begin] == "中共")
        begin -= begin == level and text[begin - 1 : begin] == "团" and borders.is_border(begin - 1)  # 团·区委
    return begin if begin is None or begin >= floor else floor


def _first_of_chain(places: dict[int, int], begin: int) -> int:
    """The first of places that follow each other at once: 重庆市涪陵区. No place lies deeper than in `_MOST_LEVELS` others."""
    for _ in range(_MOST_LEVELS):
        begin = places.get(begin, begin)
    return begin


def _start_of_relative(borders: Borders, level: int, floor: int) -> int | None:
    """Where a body's name begins that has a level for a place (区·委), or an unknown place (青砚·镇党委)."""
    text = borders.text
    if level > floor and text[level - 1] in (_NO_DIVISION if text[level] == "区" else _RELATIVE):
        return None
    if level <= floor or not is_han(text[level - 1]) or text[level - 1] in _BEFORE_LEVEL:
        return level
    if not borders.marks[level]:
        for size in (2, 3):
            if level - size > floor and text[level - size - 1] in _BEFORE_LEVEL:
                return level - size  # 由·望海区: tokens cut the place in two
    begin = borders.token_before(level + 1, max(floor, level - _LONGEST_PLACE))
    if level - begin >= 2:
        return begin if is_han(text[begin]) else level
    if begin == level:
        before = borders.walk_back(level, max(floor, level - _LONGEST_PLACE), stops())
        token = borders.token_before(level, floor)
        is_name = 2 <= level - token <= 3 and is_han(text[token]) and text[token:level] not in _names().generic
        if is_name and (before == token or (before < token and text[level] in _SMALL_LEVELS)):
            return token
    return level


def _start_of_listed(text: str, start: int, name: int, floor: int, stems: Sequence[str]) -> int | None:
    """Where a division begins whose name goes on to that of a body: 上海市·委, or, known at home, 临江·区委."""
    is_large = text[start] not in _SMALL_LEVELS  # 双河口村 is no village of 河口
    full_names, short_forms = by_name(), by_short_form()
    for begin in range(max(floor, start - _LONGEST_PLACE), start - 1):
        short = text[begin:start]
        if text[begin:name] in full_names or short in stems:
            return begin
        listed = short_forms.get(short)
        if listed and is_large and short not in stops() and all(one.needs != "!" for one in listed):
            return begin
    return None


def _by_ending(borders: Borders, taken: bytearray, ends: dict[int, int], stems: Sequence[str]) -> Iterator[Body]:
    """Bodies with a telling end where nothing is taken; `ends` of places by their starts."""
    text, names = borders.text, _names()
    floor = 0
    for place, end in names.ending.find(text):
        if taken[place] or place < floor or not borders.is_border(end) or _is_longer_word(text, place, end):
            continue
        lowest = max(floor, taken.rfind(b"\1", max(0, place - _LONGEST), place) + 1)
        start = _start_of_name(borders, lowest, place, ends, stems)
        if _DATELINE.match(text, end):
            continue
        if start == lowest and start and is_han(text[start - 1]):
            is_body = _is_part(text, start, place, end)
        else:
            is_body = (
                not text[start].isdigit()
                and not _GROUP.search(text, start, place)
                and not _is_generic(borders, start, place, names.generic)
            )
        if is_body:
            yield Body(start, end, "ending")
            floor = end


def _is_longer_word(text: str, place: int, end: int) -> bool:
    """Whether a word goes on behind an ending, or is no noun: 大学·生, 学会·了."""
    following = text[end : end + 1]
    return following in _LONGER_WORD or (text[place:end] == "学会" and following in _LEARNING)


def _start_of_name(borders: Borders, lowest: int, place: int, ends: dict[int, int], stems: Sequence[str]) -> int:
    """Where the name begins whose ending stands at a place."""
    text, names = borders.text, _names()
    start = borders.walk_back(place, max(lowest, place - _LONGEST), names.stops)
    start = _start_at_place(text, start, place, ends, stems)
    if start > lowest and text[start - 1 : start + 1] in names.stops:
        start += 1  # 会·同江澜: tokens cut a word that leads on to a name in two
    counted = _QUANTITY.match(text, start, place)
    return counted.end() if counted else start


def _start_at_place(text: str, start: int, end: int, ends: dict[int, int], stems: Sequence[str]) -> int:
    """Where a place stands close behind the start, the name begins with the place: 走访·临江港务集团."""
    for stem in stems:
        place = text.find(stem, start, end)
        if start < place <= start + _LONGEST_VERB and text[start:place] not in _names().beginnings:
            return place
    for place in (start + 1, start + 2):
        if place in ends and ends[place] <= end and text[start:place] not in _names().beginnings:
            return place
    return start


def _is_part(text: str, start: int, place: int, end: int) -> bool:
    """Whether what follows a body's name at once is a part of that body: 公共管理·学院 of a university, 临江·分局."""
    return place - start <= _LONGEST_PART and _PARTS.search(text, place, end) is not None


def _is_generic(borders: Borders, start: int, end: int, generic: frozenset[str]) -> bool:
    """Whether nothing stands in front of an ending but words that name nobody; one character names nobody either."""
    if end - start < 2:
        return True
    if borders.text[start:end] in generic:
        return True
    place = end
    while place > start:
        first = borders.token_before(place, start)
        if borders.text[first:place] not in generic:
            return False
        place = first
    return True


def _joined(text: str, found: Sequence[Body]) -> Iterator[Body]:
    """Bodies with the parts of them that follow at once: 澜川大学·公共管理学院, 市公安局·临江分局."""
    current: Body | None = None
    for body in found:
        if current and body.start < current.end:
            continue
        if current and body.kind == "ending" and current.end == body.start:
            current = _with_tail(text, Body(current.start, body.end, current.kind))
            continue
        if current:
            yield current
        current = _with_tail(text, body)
    if current:
        yield current


def _with_tail(text: str, body: Body) -> Body:
    """A body with the office of its own that follows at once: 领导小组·办公室."""
    tail = _TAIL.match(text, body.end)
    return Body(body.start, tail.end(), body.kind) if tail else body
