"""Clauses of a sentence: what stands between its commas, with names in quotation marks and brackets kept whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_CLAUSE = re.compile(
    r"(?:[^，,；;。！？!?：\n…“《（(]+|“[^”“。！？；\n]{1,40}”|《[^《》\n]{1,80}》|（[^（）\n]{1,120}）|\([^()\n]{1,120}\)"
    r"|(?<=\d),(?=\d)|[“《（(])+"
)
_NEXT_TIME = re.compile(
    r"、(?=在?(?:20\d\d年|[今明后]年)?(?:\d{1,2}月(?:[底初末]|[上中下]旬|\d{1,2}日)?(?:前|开工|动工|建成|完工|投用|封顶|交付|通车)|年底前))"
    r"|(?<=[里个座处家所亩户米套台条名元%])、(?=(?:新建|改建|改造|新增|整治|完成|建成|培育|引进|维修|修复|拆除|种植)[^、，；。]{2,16}\d)"
)
_WITHIN_SPEECH = re.compile(r"[^，；。！？：\n…”]+")
_MARKS_BEHIND = re.compile(r"(?:[”’」』\"\s]|（[^（）]*）|\([^()]*\))+$")
_OPEN, _CLOSE = "“‘”’　 \t", '”’」』"） )\t　'
_LONGEST_REMARK = 130  # code points


class Clause(NamedTuple):
    """A clause's place in the text, and the marks around it.

    Attributes:
        end: before closing marks and remarks in brackets.
        before: the mark in front, empty at the sentence's beginning.
        after: the mark behind, empty at the end.
    """

    start: int
    end: int
    before: str
    after: str


def clauses(text: str, start: int, end: int) -> Iterator[Clause]:
    """Clauses of a part of a text, in order, none empty.

    >>> text = "要深化“无废、零碳，低耗”试点，建设园区；"
    >>> [text[clause.start : clause.end] for clause in clauses(text, 0, len(text))]
    ['要深化“无废、零碳，低耗”试点', '建设园区']
    >>> text = "他说：“要扩建学校，6月底前完工、年底前验收。”"
    >>> [text[clause.start : clause.end] for clause in clauses(text, 0, len(text))]
    ['他说', '要扩建学校', '6月底前完工', '年底前验收']
    """
    for found in _CLAUSE.finditer(text, start, end):
        first, last = found.span()
        if (
            text[first] == "“"
            and first > start
            and text[first - 1] in "：，"
            and not _opens_with_name(text, first, last)
        ):
            pieces = [piece.span() for piece in _WITHIN_SPEECH.finditer(text, first + 1, last)]
        else:
            pieces = [(first, last)]
        for first, last in pieces:
            for joint in _NEXT_TIME.finditer(text, first, last) if text.find("、", first, last) >= 0 else ():
                yield from _trimmed(text, first, joint.start(), start, end)
                first = joint.end()
            yield from _trimmed(text, first, last, start, end)


def _opens_with_name(text: str, first: int, last: int) -> bool:
    """Whether the quotation marks hold a name that the clause goes on from (“十五五”期间要…), and no speech."""
    closing = text.find("”", first, last)
    return 0 <= closing < last - 1 and "，" not in text[first:closing]


def _trimmed(text: str, first: int, last: int, start: int, end: int) -> tuple[Clause, ...]:
    """The clause without marks around it; nothing when nothing is left."""
    before = text[first - 1] if first > start else ""
    after = text[last] if last < end else ""
    while first < last and text[first] in _OPEN and (text[first] != "“" or text.find("”", first, last) < 0):
        first += 1
    if first < last and text[last - 1] in _CLOSE:
        behind = _MARKS_BEHIND.search(text, max(first, last - _LONGEST_REMARK), last)
        if behind and not _is_closed_name(text, first, behind.start(), last):
            last = behind.start()
    return (Clause(first, last, before, after),) if first < last else ()


def _is_closed_name(text: str, first: int, mark: int, last: int) -> bool:
    """Whether the closing mark belongs to one that opens in the clause: “一件事”."""
    return text[mark] == "”" and last - mark == 1 and text.rfind("“", first, mark) >= 0
