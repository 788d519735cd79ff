"""Names of divisions and regions in an article's header and text, before it is known what they name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from newslake.annotate.article import Article
from newslake.annotate.places.divisions import by_name, by_short_form, find_names, regions
from newslake.annotate.places.localities import NEVER_FIRST_TAGS, find_by_form
from newslake.annotate.words.token_places import TokenPlaces

# 成都市 in 成都市场, 市民: the kind begins the next word.
_NEXT_WORD = re.compile(r"市[民场值容面区郊政内]|区[域间位块划级]|县[域城级]")
# A short form before one of these is part of a longer name: 临江 in 临江区, 重庆 in 重庆路.
_LONGER_NAME = re.compile(r"[区县市镇乡村州旗省路街道江河湖山话菜帮]|大道|大街|社区|街道|小区|花园|中学|小学|站|港")
# 全市, 我区, 区委: words that mean the division of the paper they stand in.
_RELATIVE = re.compile("[省市区县](?:(?<=[全我].)|(?<![一-鿿].)(?=委|政府|人大|政协))")
_PAPERS_STEM = re.compile(r"^([一-鿿]{2,3}?)(?:[日晚晨时]报|新闻|[网台]|发布|融媒|广播|电视|广电)")


class Name(NamedTuple):
    """A name in the article, before it is known what it names.

    Attributes:
        name: as printed; of an unlisted one in full.
        form: full, short, region; of unlisted ones the kind (区, 镇), or stem where only that is printed.
    """

    start: int
    end: int
    name: str
    form: str

    @property
    def text(self) -> str:
        """The name as printed."""
        return self.name[: self.end - self.start]


class Words:
    """Where the words of an article begin and end, counted in header and text; the header has none."""

    def __init__(self, article: Article, header: str) -> None:
        self._places = TokenPlaces(article)
        self._shift = len(header)
        self._text = header + article.text
        self._marks = bytes(len(header)) + article.marks

    def is_border(self, place: int) -> bool:
        """Whether a word is known to begin or end at a place."""
        return place >= self._shift and (self._marks[place] == 1 or self._text[place].isspace())

    def is_start(self, place: int) -> bool:
        """Whether a word begins at a place, or the place lies in the header."""
        return place < self._shift or self._marks[place] == 1

    def is_end(self, place: int) -> bool:
        """Whether a word ends at a place, or the place lies in the header."""
        return place <= self._shift or self._marks[place] == 1 or self._text[place].isspace()

    def tag_at(self, place: int, end: int) -> str | None:
        """Part of speech of the word that begins at a place and ends no later than another, behind which no space is."""
        if place < self._shift or not self._marks[place] or 1 not in self._marks[place + 1 : end + 1]:
            return None
        position = self._places.at(place - self._shift)
        return self._places.tags(position, position + 1)[0]


def names_in(whole: str, words: Words) -> list[Name]:
    """Names in header and text, in order, none within another."""
    names = [name for start, end in find_names(whole) if (name := _listed(whole, start, end, words))]
    taken = bytearray(len(whole))
    for name in names:
        taken[name.start : name.end] = b"\1" * (name.end - name.start)
    for start, end, kind in find_by_form(whole, words.is_border):
        is_free = not taken[start] and not taken[end - 1]
        if is_free and words.tag_at(start, end - len(kind)) not in NEVER_FIRST_TAGS:
            words_here = whole[start:end]
            names.append(Name(start, end, words_here, "full" if words_here in by_name() else kind))
            taken[start:end] = b"\1" * (end - start)
    if not taken[0] and (paper := _PAPERS_STEM.match(whole)) and (of := _kind_of_paper(whole, paper[1], names)):
        names.append(Name(0, paper.end(1), paper[1] + of, of))
    return sorted((*names, *_again(whole, words, names, taken)))


def _again(whole: str, words: Words, names: list[Name], taken: bytearray) -> Iterator[Name]:
    """Other places of unlisted names, in full or without what says of which kind they are."""
    for full in dict.fromkeys(name.name for name in names if name.form in ("市", "区", "县")):
        stem, kind = full[:-1], full[-1]
        start = whole.find(stem)
        while start >= 0:
            end = start + len(stem)
            if not taken[start]:
                is_full = whole[end : end + 1] == kind
                if is_full or (words.is_start(start) and words.is_end(end) and not _LONGER_NAME.match(whole, end)):
                    yield Name(start, end + is_full, full, kind if is_full else "stem")
            start = whole.find(stem, end)


def _kind_of_paper(whole: str, stem: str, names: list[Name]) -> str | None:
    """What kind of division a paper is named for: 市 for 澜川日报 where the article has 澜川市, or says 全市 or 市委.

    Relative words of a kind that the article names otherwise (区委 beside 临江区) mean that other division.
    """
    if in_full := [kind for kind in "市区县" if stem + kind in whole]:
        return in_full[0]
    others = {name.name[-1] for name in names}
    kinds = Counter(_RELATIVE.findall(whole))
    return next((kind for kind, _ in kinds.most_common() if kind not in others), None)


def _listed(whole: str, start: int, end: int, words: Words) -> Name | None:
    """The name at a place where listed letters stand; None where they are part of other words."""
    name = whole[start:end]
    if name in regions():
        return Name(start, end, name, "region")
    if not words.is_start(start):
        return None
    if name in by_name():
        if not _NEXT_WORD.match(whole, end - 1):
            return Name(start, end, name, "full")
        short = name[:-1]
        return Name(start, end - 1, short, "short") if short in by_short_form() else None
    return None if _LONGER_NAME.match(whole, end) or not words.is_end(end) else Name(start, end, name, "short")
