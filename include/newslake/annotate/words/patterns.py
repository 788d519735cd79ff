"""Regular expressions from word lists of `seeds/reference/`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from newslake.config import reference_lines
from newslake.errors import ConfigError


def alternation(words: Iterable[str]) -> str:
    """A pattern that matches the longest of the words, nested by common beginnings so that few are tried.

    >>> alternation(["加快", "加快推进", "加强"])
    '加(?:强|快(?:推进)?)'
    """
    by_first: dict[str, list[str]] = {}
    may_end = False
    for word in sorted(set(words)):
        if word:
            by_first.setdefault(word[0], []).append(word[1:])
        else:
            may_end = True
    branches = [re.escape(first) + alternation(rests) for first, rests in by_first.items()]
    if not branches:
        return ""
    if len(branches) == 1 and not may_end:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' if may_end else ''}"


def searchable(words: Iterable[str]) -> str:
    """`alternation` for a search through a text: places where no word can begin are passed over by their character.

    >>> searchable(["加快", "加强"])
    '(?=[加])加(?:强|快)'
    """
    listed = set(words) - {""}
    firsts = "".join(sorted({re.escape(word[0]) for word in listed}))
    return f"(?=[{firsts}]){alternation(listed)}"


@cache
def kinds_of_words(name: str) -> dict[str, tuple[str, ...]]:
    """A reference list whose lines are `kind: word word …`, by kind, in the order of the list.

    Raises:
        ConfigError: there is no such list, or a line of it has no kind.
    """
    found: dict[str, list[str]] = {}
    for line in reference_lines(name):
        kind, colon, words = line.partition(":")
        if not colon or not kind.strip():
            raise ConfigError(f"seeds/reference/{name}.txt: a line without `kind:`: {line}")
        found.setdefault(kind.strip(), []).extend(words.split())
    return {kind: tuple(dict.fromkeys(words)) for kind, words in found.items()}
