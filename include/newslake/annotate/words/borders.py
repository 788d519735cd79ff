"""Where words begin in an article, for rules that ask whether a string may begin or end there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from newslake.annotate.article import Article


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one.

    >>> is_han("区"), is_han("、"), is_han("A")
    (True, False, False)
    """
    return "一" <= character <= "鿿"


# 捐献给, 用于: such verbs lead on to a name, whatever stands before their last character.
_ENDS_OF_STOPS = frozenset("给到于在向")


@dataclass(frozen=True)
class Borders:
    """Places of a text where fine tokens begin.

    Attributes:
        text: the text.
        marks: a byte for each code point and one behind the last; 1 where a token begins.
    """

    text: str
    marks: bytes
    _counts: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, article: Article) -> Borders:
        """The borders of an article's tokens."""
        return cls(article.text, article.marks)

    def is_border(self, place: int) -> bool:
        """Whether a token begins here, or no Chinese character stands here or before.

        >>> borders = Borders("沈怀舟说，好", bytes([1, 0, 0, 1, 1, 1, 1]))
        >>> [borders.is_border(place) for place in range(7)]
        [True, False, False, True, True, True, True]
        """
        text = self.text
        if place <= 0 or place >= len(text) or self.marks[place]:
            return True
        return not is_han(text[place]) or not is_han(text[place - 1])

    def count(self, words: str) -> int:
        """How often words stand in the text; each is counted once, however often it is asked for."""
        if words not in self._counts:
            self._counts[words] = self.text.count(words)
        return self._counts[words]

    def token_before(self, place: int, floor: int) -> int:
        """Where the token that ends at `place` begins, or `floor` where that is nearer."""
        return max(floor, self.marks.rfind(b"\1", floor, place))

    def walk_back(self, place: int, floor: int, stops: Collection[str]) -> int:
        """Goes left over tokens of Chinese characters, letters and digits, down to a stop word or a mark.

        >>> borders = Borders("由临江港务集团", bytes([1, 1, 0, 1, 0, 1, 0, 1]))
        >>> borders.walk_back(5, 0, {"由"})
        1
        """
        text, last_mark = self.text, self.marks.rfind
        while place > floor and text[place - 1].isalnum():
            first = last_mark(b"\1", floor, place)
            if first < 0:
                first = floor
            token = text[first:place]
            if token in stops or (len(token) > 1 and token[-1] in _ENDS_OF_STOPS):
                break
            place = first
        return place
