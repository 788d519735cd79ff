"""The map: which places a repair changed, and how the repairs of a page add up.

A repair gives back its text with `Edits`: spans of its input, and how long what took their place is.
`followed` adds up the edits of repairs that ran one after the other, `Trace` those of a whole page with
the names of the repairs. What comes out are rows of `Change`, see `clean/mapping.py`.

All offsets are code points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from newslake.clean.mapping import ALIGNED, Change

Column = np.ndarray
"""Whole numbers (int64)."""


class Edit(NamedTuple):
    """A span of a repair's input, never empty and never with a line feed, and what takes its place."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """Edits without their words, sorted and apart from one another.

    Attributes:
        starts: where each begins in the input.
        ends: where each ends there, exclusive; always behind its start.
        lengths: how many characters take its place.
        repairs: bits of the repairs that took part; 0 as long as it is only one.
    """

    starts: Column
    ends: Column
    lengths: Column
    repairs: Column

    def __len__(self) -> int:
        """How many they are: the count of the repair."""
        return len(self.starts)

    @property
    def growths(self) -> Column:
        """How many characters each makes the text longer."""
        growths: Column = self.lengths - (self.ends - self.starts)
        return growths

    @property
    def new_starts(self) -> Column:
        """Where what took their places begins in the output."""
        growths = self.growths
        starts: Column = self.starts + np.cumsum(growths) - growths
        return starts

    def rows(self) -> list[tuple[int, int, int]]:
        """As (start, end, length) of Python integers."""
        return list(zip(self.starts.tolist(), self.ends.tolist(), self.lengths.tolist(), strict=True))


class Repaired(NamedTuple):
    """What a repair gives back."""

    text: str
    edits: Edits


LARGEST: Final = np.iinfo(np.int64).max
_NONE: Final = np.zeros(0, np.int64)
NO_EDITS: Final = Edits(_NONE, _NONE, _NONE, _NONE)


def spans(starts: Iterable[int], ends: Iterable[int], lengths: Iterable[int] | int = 0) -> Edits:
    """Edits from their columns; by default the spans were taken out.

    >>> spans([1, 6], [3, 7], [0, 1]).rows()
    [(1, 3, 0), (6, 7, 1)]
    """
    first = np.asarray(starts, np.int64)
    new = np.full(len(first), lengths, np.int64) if isinstance(lengths, int) else np.asarray(lengths, np.int64)
    return Edits(first, np.asarray(ends, np.int64), new, np.zeros(len(first), np.int64))


def edited(text: str, edits: Sequence[Edit]) -> Repaired:
    """Puts the replacements in.

    Args:
        text: the input of a repair.
        edits: sorted and apart from one another.

    >>> edited("今日\u200b,会", [Edit(2, 3, ""), Edit(3, 4, "，")]).text
    '今日，会'
    """
    if not edits:
        return Repaired(text, NO_EDITS)
    pieces: list[str] = []
    position = 0
    for start, end, replacement in edits:
        pieces += text[position:start], replacement
        position = end
    pieces.append(text[position:])
    starts, ends, words = zip(*edits, strict=True)
    return Repaired("".join(pieces), spans(starts, ends, [len(word) for word in words]))


def substitute(pattern: re.Pattern[str], replacement: str, text: str) -> Repaired:
    """Replaces every match by the same words, which are not what the pattern matches.

    >>> substitute(re.compile("[ab]+"), "-", "xaby").text
    'x-y'
    """
    return edited(text, [Edit(*match.span(), replacement) for match in pattern.finditer(text)])


def changed_characters(before: str, after: str) -> Edits:
    """The edits of a repair that keeps the length: one a character that is not what it was.

    Args:
        before: the input.
        after: the output, as long.

    >>> changed_characters("會議召開", "会议召开").rows()
    [(0, 1, 1), (1, 2, 1), (3, 4, 1)]
    """
    if before == after:
        return NO_EDITS
    old = np.frombuffer(before.encode("utf-32-le", "surrogatepass"), np.uint32)
    new = np.frombuffer(after.encode("utf-32-le", "surrogatepass"), np.uint32)
    places = np.flatnonzero(old != new)
    return Edits(places, places + 1, np.ones(len(places), np.int64), np.zeros(len(places), np.int64))


def followed(first: Edits, second: Edits) -> Edits:
    """The edits of two repairs in a row, as spans of the input of the first.

    Edits that touch the same characters become one; neighbours stay apart.

    Args:
        first: edits of the first repair's input.
        second: edits of the first repair's output.

    >>> followed(spans([2], [5]), spans([2], [3], 1)).rows()
    [(2, 5, 0), (5, 6, 1)]
    >>> followed(spans([2], [5]), spans([1], [3], 1)).rows()
    [(1, 6, 1)]
    """
    if not len(first) or not len(second):
        return first if len(first) else second
    # Both as spans of the text between them. What was taken out there stands before what begins at its place.
    starts, growths = first.new_starts, first.growths
    ends = starts + first.lengths
    before = np.searchsorted(2 * starts + (first.lengths > 0), 2 * second.starts + 1)
    merge = _merging(len(first), before)
    is_apart = (np.append(-1, ends)[before] <= second.starts) & (second.ends <= np.append(starts, LARGEST)[before])
    repairs = merge(first.repairs, second.repairs)
    if is_apart.all():
        grown = np.append(0, np.cumsum(growths))[before]
        found, found_ends = merge(first.starts, second.starts - grown), merge(first.ends, second.ends - grown)
        return Edits(found, found_ends, merge(first.lengths, second.lengths), repairs)
    starts, ends = merge(starts, second.starts), merge(ends, second.ends)
    heads = np.flatnonzero(np.append(True, starts[1:] >= np.maximum.accumulate(ends)[:-1]))
    starts, widths = starts[heads], np.maximum.reduceat(ends, heads) - starts[heads]
    before_growths, growths = (np.add.reduceat(merge(*both), heads) for both in ((growths, 0), (0, second.growths)))
    found = starts - np.cumsum(before_growths) + before_growths
    lengths = widths + growths
    return Edits(found, found + widths - before_growths, lengths, np.bitwise_or.reduceat(repairs, heads))


def _merging(count: int, before: Column) -> Callable[[Column | int, Column | int], Column]:
    """Gives a function that merges two columns: `before` says how many of the first stand before each of the second."""
    from_second = before + np.arange(len(before))
    is_first = np.ones(count + len(before), bool)
    is_first[from_second] = False
    from_first = np.flatnonzero(is_first)

    def merge(a: Column | int, b: Column | int) -> Column:
        merged = np.empty(len(is_first), np.int64)
        merged[from_first], merged[from_second] = a, b
        return merged

    return merge


class Changes(NamedTuple):
    """Rows of `Change` as columns: `repairs` are bits, see `Trace.names_of`."""

    repairs: Column
    starts: Column
    ends: Column
    found_starts: Column
    found_ends: Column


class Trace:
    """Adds up what repairs do to a text, one after the other.

    >>> trace = Trace(("glosses", "script"))
    >>> trace.add("glosses", spans([1], [5]))
    >>> trace.add("script", changed_characters("區長會", "区长会"))
    >>> for change in trace.changes(): print(*change)
    script 0 1 0 1
    glosses 1 1 1 5
    script 1 3 5 7
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Begins with an untouched text, on which the named repairs may run, in any order."""
        self._names = tuple(names)
        self._steps: list[Edits] = []

    def add(self, repair: str, edits: Edits) -> None:
        """Takes the edits of the next repair, whose input is the output of the one before."""
        if len(edits):
            bits = np.full(len(edits), 1 << self._names.index(repair), np.int64)
            self._steps.append(Edits(edits.starts, edits.ends, edits.lengths, bits))

    def columns(self) -> Changes:
        """All changes so far; neighbouring characters of `script` are one."""
        edits = NO_EDITS
        for step in reversed(self._steps):  # The last repairs find least to do: most additions are small this way.
            edits = followed(step, edits)
        starts = edits.new_starts
        ends = starts + edits.lengths
        if ALIGNED in self._names and len(edits):
            is_aligned = edits.repairs == 1 << self._names.index(ALIGNED)
            is_head = np.ones(len(edits) + 1, bool)
            is_head[1:-1] = ~(
                is_aligned[1:] & is_aligned[:-1] & (starts[1:] == ends[:-1]) & (edits.starts[1:] == edits.ends[:-1])
            )
            heads, tails = is_head[:-1], is_head[1:]
            return Changes(edits.repairs[heads], starts[heads], ends[tails], edits.starts[heads], edits.ends[tails])
        return Changes(edits.repairs, starts, ends, edits.starts, edits.ends)

    def changes(self) -> list[Change]:
        """The same as rows."""
        repairs, *offsets = (column.tolist() for column in self.columns())
        return [Change(self.names_of(bits), *row) for bits, *row in zip(repairs, *offsets, strict=True)]

    def names_of(self, bits: int) -> str:
        """The repairs of some bits, in their order, joined by `+`."""
        return "+".join(name for number, name in enumerate(self._names) if bits >> number & 1)


def joined(parts: Iterable[tuple[int, Edits]]) -> Edits:
    """The edits of texts that are joined by line feeds.

    Args:
        parts: length and edits of each text.

    >>> joined([(4, spans([1], [2])), (2, NO_EDITS), (5, spans([0], [3], 1))]).rows()
    [(1, 2, 0), (8, 11, 1)]
    """
    base = 0
    bases: list[int] = []
    kept: list[Edits] = []
    for length, edits in parts:
        if len(edits):
            bases.append(base)
            kept.append(edits)
        base += length + 1
    if not kept:
        return NO_EDITS
    shifts = np.repeat(bases, [len(edits) for edits in kept])
    starts, ends, lengths, repairs = (
        np.concatenate([getattr(edits, name) for edits in kept]) for name in Edits.__slots__
    )
    return Edits(starts + shifts, ends + shifts, lengths, repairs)
