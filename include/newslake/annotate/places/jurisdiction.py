"""The division that an article is about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

# Who publishes and from where says more than what is named in passing.
WEIGHTS = {"source": 6.0, "paper": 2.0, "dateline": 3.0, "title": 2.0, "text": 1.0}
_MOST_IN_TEXT = 6.0  # what one division's mentions in the text count at most
_LEAST = 3.0  # a mention or two in passing say nothing, nor does a paper's name alone
_OF_SIBLINGS = 0.6  # share among the divisions of one parent that makes the article about one of them
_OF_PARENT = 0.3  # share of what speaks for the parent and all below it


class Seen(NamedTuple):
    """A mention of a division, and where: source (an office or a local news centre), paper (its name), dateline, title or text."""

    path: str
    where: str


def find_jurisdiction(seen: Iterable[Seen]) -> str | None:
    """The most specific division on which source, dateline, title and text agree; None where nothing tells.

    A mention speaks for its division and all above. From the top, the way leads down as long as one division has most of
    what speaks for its siblings, and enough of what speaks for the one above: a province's paper on one district
    is about the district, a city's meeting that names ten districts about the city.

    >>> find_jurisdiction([Seen("澜川市", "source"), Seen("澜川市/临江区", "title"), Seen("澜川市/临江区", "text")])
    '澜川市/临江区'
    >>> find_jurisdiction([Seen("澜川市", "source"), Seen("澜川市/临江区", "text"), Seen("澜川市/青砚县", "text")])
    '澜川市'
    >>> find_jurisdiction([Seen("四川省/成都市", "text")]) is None
    True
    """
    scores: defaultdict[str, float] = defaultdict(float)
    for one, times in Counter(seen).items():
        score = WEIGHTS[one.where] * times
        score = min(score, _MOST_IN_TEXT) if one.where == "text" else score
        for path in _down_to(one.path):
            scores[path] += score
    children = defaultdict(list)
    for path in scores:
        children[path.rpartition("/")[0]].append(path)
    chosen = ""
    while below := children[chosen]:
        best = max(below, key=lambda path: (scores[path], path))
        together = sum(scores[path] for path in below)
        whole = scores[chosen] if chosen else together
        if scores[best] < max(_LEAST, _OF_SIBLINGS * together, _OF_PARENT * whole):
            break
        chosen = best
    return chosen or None


@lru_cache(maxsize=50_000)
def _down_to(path: str) -> tuple[str, ...]:
    """The divisions on the way down to one, itself the last.

    >>> _down_to("澜川市/临江区")
    ('澜川市', '澜川市/临江区')
    """
    return tuple(accumulate(path.split("/"), "{}/{}".format))
