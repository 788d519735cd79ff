"""Where a text has one of many listed names: by the two characters they begin with, so that thousands cost little."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

_BITS = 20  # of the table of beginnings: a few thousand names leave it almost empty
_FACTOR = 40503  # odd, so that neighbouring characters lie apart

Codes = npt.NDArray[np.uint32]


def _slots(codes: Codes) -> npt.NDArray[np.uint32]:
    """For each character and the next one, a place in a table of 2 ** `_BITS`; different pairs may share one."""
    return (codes[:-1] * np.uint32(_FACTOR) + codes[1:]) & np.uint32(2**_BITS - 1)


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


class ListedNames:
    """Names to look for, each of at least two characters; shorter ones are left out."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name for name in names if len(name) > 1)
        lengths = defaultdict(set)
        self._may_begin = np.zeros(2**_BITS, bool)
        for name in self._names:
            lengths[name[:2]].add(len(name))
            self._may_begin[_slots(_codes(name[:2]))] = True
        self._lengths = {beginning: tuple(sorted(those, reverse=True)) for beginning, those in lengths.items()}

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Places of the names: the longest at each place, none within another.

        >>> list(ListedNames(["销号", "销号制"]).find("实行销号制，完成销号"))
        [(2, 5), (8, 10)]
        """
        stop = 0
        for start in np.flatnonzero(self._may_begin[_slots(_codes(text))]).tolist():
            if start < stop:
                continue
            for length in self._lengths.get(text[start : start + 2], ()):
                name = text[start : start + length]
                if name in self._names:
                    stop = start + len(name)
                    yield start, stop
                    break
