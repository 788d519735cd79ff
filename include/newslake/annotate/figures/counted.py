"""What a figure counts: the noun behind its unit, or the one before the number."""

from __future__ import annotations

import re
from functools import cache

from newslake.annotate.article import Article
from newslake.annotate.words.patterns import alternation, kinds_of_words
from newslake.annotate.words.token_places import TokenPlaces

_MOST_WORDS = 5  # words of one noun phrase; longer runs have swallowed a clause
_MOST_SIGNS = 10  # code points of one noun phrase in front of a number
_NOUNS = ("n", "j", "b", "l", "i", "eng", "a", "k", "g")
_SHARES = frozenset(("%", "个百分点", "倍", "℃", "度", "级"))
_TIMES = frozenset(
    ("天", "年", "个月", "周", "个星期", "小时", "个小时", "分钟", "秒", "秒钟", "岁", "周岁", "个工作日", "工作日")
)
_HAN = re.compile("[一-鿿]+")


@cache
def _borders() -> re.Pattern[str]:
    """What ends a noun phrase on its left (verbs that make, have or reach, particles, times), read backwards."""
    return re.compile(alternation(word[::-1] for word in kinds_of_words("counted")["before"]))


@cache
def _no_nouns() -> frozenset[str]:
    return frozenset(kinds_of_words("counted")["no_noun"])


class Counted:
    """Finds what figures of one article count."""

    def __init__(self, article: Article) -> None:
        self._text = article.text
        self._tokens = TokenPlaces(article)

    def of(self, start: int, end: int, unit: str) -> str | None:
        """The noun that a figure counts, in the article's words; None where none stands beside it.

        Args:
            start: of the figure, or of the words that say how it is meant.
            end: of the figure.
            unit: of the figure; shares (%) count nothing that follows them.
        """
        if unit in _TIMES:
            return None
        return (None if unit in _SHARES else self._behind(end)) or self._before(start)

    def _behind(self, end: int) -> str | None:
        place = end + (self._text[end : end + 1] == "的")
        if not _HAN.match(self._text, place) or not self._tokens.is_start(place):
            return None
        first = self._tokens.at(place)
        stop = place
        for position, tag in enumerate(self._tokens.tags(first, first + _MOST_WORDS), first):
            following = self._tokens.end(position)
            word = self._text[stop:following]
            if self._tokens.starts[position] != stop or not (tag or "").startswith(_NOUNS) or not _HAN.fullmatch(word):
                break
            stop = following
        noun = self._text[place:stop]
        return noun if len(noun) > 1 and noun not in _no_nouns() else None

    def _before(self, start: int) -> str | None:
        lead = self._text[max(0, start - _MOST_SIGNS - 1) : start][::-1]
        run = _HAN.match(lead)
        if run is None:
            return None
        border = _borders().search(run[0])
        noun = run[0][: border.start()] if border else run[0]
        return noun[::-1] if 1 < len(noun) <= _MOST_SIGNS and noun[::-1] not in _no_nouns() else None
