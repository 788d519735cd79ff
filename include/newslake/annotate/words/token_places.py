"""Where an article's tokens begin and end, looked up by place in the text."""

from __future__ import annotations

from bisect import bisect_left

from newslake.annotate.article import Article


class TokenPlaces:
    """Tokens of one article by place. They tile its sentences but for white space, so a token ends where the next begins.

    Attributes:
        starts: where the tokens of all sentences begin, in order.
    """

    def __init__(self, article: Article) -> None:
        # A view: few places are looked up, so the others need not become Python objects.
        self.starts = memoryview(article.tokens.flatten().field("start").to_numpy())
        self._marks = article.marks
        self.tags = article.tags
        self._text = article.text

    def is_start(self, place: int) -> bool:
        """Whether a token begins at a place."""
        return 0 <= place < len(self._text) and self._marks[place] == 1

    def is_end(self, place: int) -> bool:
        """Whether a token ends at a place, or white space stands there."""
        return place >= len(self._text) or self.is_start(place) or self._text[place].isspace()

    def at(self, place: int) -> int:
        """Position of the first token that begins at a place or behind it."""
        return bisect_left(self.starts, place)

    def end(self, position: int) -> int:
        """Where the token at a position ends, white space behind it left out."""
        stop = self.starts[position + 1] if position + 1 < len(self.starts) else len(self._text)
        while stop > self.starts[position] + 1 and self._text[stop - 1].isspace():
            stop -= 1
        return stop
