"""From a span of a repaired text to where it came from, and back.

All offsets are code points.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

ALIGNED: Final = "script"
"""The repair whose rows map character by character; every other row maps as a whole."""


class Change(NamedTuple):
    """A span of a repaired text, and the span of the text as found that it took the place of.

    Outside of all changes of a text both are equal, character by character.

    Attributes:
        repair: its name; of repairs that touched the same characters all names, joined by `+`.
        start: where it begins in the repaired text.
        end: where it ends there, exclusive; the start where characters were only taken out.
        found_start: where it begins in the text as found.
        found_end: where it ends there, exclusive.
    """

    repair: str
    start: int
    end: int
    found_start: int
    found_end: int


def map_to_found(changes: Sequence[Change], start: int, end: int) -> tuple[int, int]:
    """The span of the text as found from which a span of the repaired text came.

    It holds exactly the characters from which those of the span were made, and what was taken out between
    them. An empty span leads to what was taken out at its place.

    Args:
        changes: of the whole text, in order.
        start: where the span begins in the repaired text.
        end: where it ends, exclusive.

    >>> changes = [Change("glosses", 1, 1, 1, 5), Change("punctuation", 2, 3, 6, 7)]  # 區(qū)長,
    >>> map_to_found(changes, 0, 1), map_to_found(changes, 0, 3), map_to_found(changes, 1, 1)
    ((0, 1), (0, 7), (1, 5))
    """
    return _image(changes, start, end)


def map_to_text(changes: Sequence[Change], start: int, end: int) -> tuple[int, int]:
    """The span of the repaired text that came from a span of the text as found.

    Args:
        changes: of the whole text, in order.
        start: where the span begins in the text as found.
        end: where it ends, exclusive.

    >>> changes = [Change("glosses", 1, 1, 1, 5), Change("punctuation", 2, 3, 6, 7)]  # 區(qū)長,
    >>> map_to_text(changes, 0, 1), map_to_text(changes, 2, 4), map_to_text(changes, 0, 7)
    ((0, 1), (1, 1), (0, 3))
    """
    turned = [Change(row.repair, row.found_start, row.found_end, row.start, row.end) for row in changes]
    return _image(turned, start, end)


def _image(rows: Sequence[Change], start: int, end: int) -> tuple[int, int]:
    if start < end:
        return _origin(rows, start)[0], _origin(rows, end - 1)[1]
    before = _origin(rows, start - 1)[1] if start else 0
    behind = _origin(rows, start)[0]
    return min(before, behind), max(before, behind)


def _origin(rows: Sequence[Change], position: int) -> tuple[int, int]:
    """The span from which one character came."""
    index = bisect_right(rows, position, key=lambda row: row.start) - 1
    if index < 0:
        return position, position + 1
    repair, start, end, there_start, there_end = rows[index]
    if position >= end:
        place = there_end + position - end
    elif repair == ALIGNED:
        place = there_start + position - start
    else:
        return there_start, there_end
    return place, place + 1
