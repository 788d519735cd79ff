"""Finds words of a list by how they end: all are looked for at once, so that thousands cost little."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ahocorasick_rs import AhoCorasick, Implementation


class WordEndings:
    """A list of words of two or more characters, to be found in texts.

    >>> list(WordEndings(["书记", "副书记", "区长"]).find("区委副书记、区长"))
    [(2, 5), (6, 8)]
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Prepares the list; words of one character are refused.

        Raises:
            ValueError: a word has fewer than two characters.
        """
        listed = sorted(set(words))
        for word in listed:
            if len(word) < 2:
                raise ValueError(f"a word of two or more characters is needed, not {word!r}")
        self._matcher = AhoCorasick(listed, implementation=Implementation.DFA)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of the longest word that ends at each place, in the order of their ends; they may overlap."""
        longest: dict[int, int] = {}
        for _, start, end in self._matcher.find_matches_as_indexes(text, overlapping=True):
            if start < longest.get(end, end):
                longest[end] = start
        return ((start, end) for end, start in longest.items())
