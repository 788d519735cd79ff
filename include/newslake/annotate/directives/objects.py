"""Objects of a task: whether they are concrete, and which of several are named projects."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from newslake.annotate.words.patterns import alternation, kinds_of_words, searchable

_NAME_IN_MARKS = re.compile(r"“[^”，。]{2,20}”|《[^》]{2,60}》")
_TAIL = re.compile(r"等(?![级候等待闲于同额价])[^，；。]*$")
_PIECE = re.compile(r"(?:“[^”]*”|《[^》]*》|（[^）]*）|[^、])+")
_JOINED = re.compile(r"[和与及](?!谐|平|睦)|以及")
_LONGEST = 160  # code points; what is longer is no list of objects
_BEHIND = (
    "(?=$|[、和与及”等]|[并且](?:建成|通车|投用|投入|开放|验收|完工|交付|启用|试?运[营行]|投产)|(?:的)?(?:一期|二期|三期|项目|工程)?(?:改革|建设|工作|项目|工程|改造|运行|投用|投入|落地|见效|取得|突破|整治|排查|提质|扩容|"
    "功能|完善|建成|开工|升级|达到|完工|任务|发展|攻坚|培育|管理|征地|施工|前期|招标|申报|创建|收集|验收|落实|目标|成果|数量|开放|开通|做法|细化|融入|作为))"
)


class _Nouns(NamedTuple):
    concrete: re.Pattern[str]
    named: re.Pattern[str]
    plain: re.Pattern[str]


@cache
def _nouns() -> _Nouns:
    nouns = kinds_of_words("project_nouns")
    named = alternation(nouns["named"])
    every = searchable(nouns["named"] + nouns["general"])
    return _Nouns(
        concrete=re.compile(f"(?<!为)(?:{every}){_BEHIND}"),
        named=re.compile(
            f"^(?P<name>.{{2,}}?)(?:{named})(?:[一二三四]期)?(?:改扩建|扩建|新建|改造|迁建)?(?:建设|项目|工程)?$"
        ),
        plain=re.compile(f"(?:{alternation(nouns['plain'])}|[的、])+$"),
    )


class Item(NamedTuple):
    """One object: `start` and `end` in code points of the text."""

    start: int
    end: int


def is_concrete(text: str, start: int, end: int) -> bool:
    """Whether an object is a project, a place of work, a programme, a rule or a document (docs/annotation.md, rule 8).

    >>> [is_concrete(words, 0, len(words)) for words in ("龙头港铁路专用线", "年度评价机制", "“无废城市”建设", "发展能级")]
    [True, True, True, False]
    """
    end = min(end, start + _LONGEST)
    return bool(_NAME_IN_MARKS.search(text, start, end) or _nouns().concrete.search(text[start:end]))


def is_named(words: str) -> bool:
    """Whether an object has a name of its own.

    >>> is_named("临江综保区"), is_named("绿色园区"), is_named("“智慧港口”平台")
    (True, False, True)
    """
    found = _nouns().named.match(words)
    if found is None:
        return False
    return "“" in words or _nouns().plain.fullmatch(found["name"]) is None


def split_objects(text: str, start: int, end: int) -> list[Item]:
    """Objects under one verb: named projects apart, all others together; what follows 等 behind named ones is left out.

    >>> words = "临江综保区、澜川自贸区临江创新区等开放平台"
    >>> [words[item.start : item.end] for item in split_objects(words, 0, len(words))]
    ['临江综保区', '澜川自贸区临江创新区']
    >>> split_objects("绿色工厂、绿色园区", 0, 9)
    [Item(start=0, end=9)]
    """
    if end - start > _LONGEST:
        return [Item(start, end)]
    tail = _TAIL.search(text, start, end)
    last = tail.start() if tail else end
    items = list(_pieces(text, start, last))
    if len(items) > 1 and all(is_named(text[item.start : item.end]) for item in items):
        return items
    whole = text[start:last]
    if tail and last - start > 2 and "、" not in whole and is_named(whole):
        return [Item(start, last)]
    return [Item(start, end)]


def _pieces(text: str, start: int, end: int) -> list[Item]:
    """What stands between pause marks, and between 和 where both sides are named."""
    found: list[Item] = []
    for piece in _PIECE.finditer(text, start, end):
        first = piece.start()
        for joint in _JOINED.finditer(text, piece.start(), piece.end()):
            if is_named(text[first : joint.start()]) and is_named(text[joint.end() : piece.end()]):
                found.append(Item(first, joint.start()))
                first = joint.end()
        found.append(Item(first, piece.end()))
    return found
