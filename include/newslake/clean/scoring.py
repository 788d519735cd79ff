"""Finds the block of a page that holds its article: every line counts for or against the blocks around it.

A paragraph counts by its length, links and notices count against, and a block is worth what is in
it. The article is the most valuable block, narrowed down as long as one block inside it holds
nearly all of the worth.
"""

from __future__ import annotations

import re
from typing import Final

from newslake.clean import clues
from newslake.clean.characters import HAN
from newslake.clean.page import Page, PageLine

PARAGRAPH: Final = 50
"""Width (a Han character counts two) from which a line that a mark ends is a paragraph."""

LONG: Final = 120
"""Width from which a line is text even if no mark ends it."""

WRAPPED: Final = (40, 4)
"""Least width of lines broken at a margin, and how many of them one block has."""

LONGEST_NOTICE: Final = 500
"""Width up to which a line with a notice's wording is one."""

SHARES: Final = {"link": 0.75, "junk": 0.85, "aside": 0.15, "teaser": 0.25, "above": 0.5, "named": 1.5, "unended": 0.5}
"""Factors of a line's worth, tuned on the open half of the measured pages; each may change by a third without
changing a score by more than .005:
links; blocks of negative worth; what stands aside; list items that are links with a summary; above the headline;
inside a block named as an article; text that no mark ends."""

NARROWING: Final = 0.66
"""Share of the worth that one block inside must hold to be the article instead."""

NARROWING_WITH_HEADLINE: Final = 0.35
"""The same for a block that also holds the headline."""

LEAST_DIRECT: Final = 0.04
"""Share of the worth in paragraphs directly inside a block, from which it is not narrowed further."""

_NO_ARTICLE: Final = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "blockquote",
        "pre",
        "tr",
        "dt",
        "dd",
        "dl",
        "figcaption",
        "figure",
        "center",
        "hr",
    ]
)
_NOT_NAMED: Final = frozenset(["body", "html", "article", "main", "p", "h1", "h2", "h3", "tbody"])
_ASIDE_TAGS: Final = frozenset(("nav", "footer", "aside", "figcaption", "menu"))
_HAN: Final = re.compile(f"[{HAN}]+")
MOST_OUTSIDE: Final = 150
"""Width of text outside a block up to which the block is the article, whatever it is named."""


class Scores:
    """What each block of a page is worth.

    Attributes:
        wide: 2 on Chinese pages, where a character says as much as two letters, else 1.
        worth: of each block with what is inside.
        text: width of paragraphs inside each block.
        length: code points inside each block.
        linked: code points of pointers inside each block.
        is_aside: whether a block, or one around it, is named as beside an article.
        headline: number of the headline's line, 0 if unknown.
    """

    def __init__(self, page: Page, title: str) -> None:
        self.page = page
        joined = "".join([line.text for line in page.lines])
        self.wide = 2 if sum(map(len, _HAN.findall(joined))) * 4 > len(joined) else 1
        self.headline = _headline(page.lines, title)
        is_known = self.headline > 0 or page.lines[0].tag == "h1"
        self.around_headline = self._around(page.lines[self.headline].block) if is_known else frozenset()
        self.wrapped = self._count_wrapped()
        self.notices = [self._is_notice(line) for line in page.lines]
        self.text = self._texts()
        self.is_aside = self._asides()
        self.length, self.linked = [0] * len(page.tags), [0] * len(page.tags)
        self.worth = self._worths()

    def _around(self, block: int) -> frozenset[int]:
        around = set()
        while block:
            around.add(block)
            block = self.page.parents[block]
        return frozenset(around)

    def _count_wrapped(self) -> list[int]:
        counts = [0] * len(self.page.tags)
        for line in self.page.lines:
            if not line.linked and len(line.text) * self.wide >= WRAPPED[0]:
                counts[line.block] += 1
        return counts

    def _texts(self) -> list[int]:
        text = [0] * len(self.page.tags)
        for line, is_notice in zip(self.page.lines, self.notices, strict=True):
            if not is_notice and line.linked * 2 <= len(line.text) and self._is_text(line):
                text[line.block] += len(line.text) * self.wide
        self._add_up(text)
        return text

    def _add_up(self, values: list[int]) -> None:
        parents = self.page.parents
        for block in range(len(parents) - 1, 0, -1):
            values[parents[block]] += values[block]

    def _is_text(self, line: PageLine) -> bool:
        width = len(line.text) * self.wide
        if line.is_figures:
            return True
        if line.is_terminated:
            return width >= PARAGRAPH
        return width >= LONG or (width >= WRAPPED[0] and self.wrapped[line.block] >= WRAPPED[1])

    def _is_notice(self, line: PageLine) -> bool:
        length = len(line.text)
        if line.linked * 2 > length and not line.is_terminated:
            return False  # It counts as a pointer anyway.
        return length * self.wide < LONGEST_NOTICE and clues.NOTICE.search(line.text) is not None

    def _asides(self) -> list[bool]:
        page, asides = self.page, [False] * len(self.page.tags)
        for block in range(1, len(page.tags)):
            outside = self.text[0] - self.text[block]
            is_bulk = self.text[block] * 2 > self.text[0] > 0
            if is_bulk and (block in self.around_headline or outside < MOST_OUTSIDE):
                continue
            tag, clue = page.tags[block], page.clues[block]
            is_named = bool(clue) and tag not in _NOT_NAMED and clues.is_aside(clue)
            asides[block] = asides[page.parents[block]] or tag in _ASIDE_TAGS or is_named
        return asides

    def _worths(self) -> list[float]:
        page, worth = self.page, [0.0] * len(self.page.tags)
        named, teasers = self._named(), self._teasers()
        for number, line in enumerate(page.lines):
            block, value = line.block, self._value(line, self.notices[number])
            self.length[block] += len(line.text)
            is_paragraph = line.is_terminated and len(line.text) * self.wide >= PARAGRAPH
            self.linked[block] += 0 if is_paragraph else line.linked
            if value > 0:
                if teasers[block]:
                    value *= SHARES["teaser"]
                else:
                    value *= SHARES["named"] if named[block] else 1
                    value *= SHARES["above"] if number < self.headline else 1
                value *= SHARES["aside"] if self.is_aside[block] else 1
            worth[block] += value
        self.direct = worth[:]
        for block in range(len(worth) - 1, 0, -1):
            value = worth[block]
            worth[page.parents[block]] += value if value > 0 else value * SHARES["junk"]
        self._add_up(self.length)
        self._add_up(self.linked)
        return worth

    def _value(self, line: PageLine, is_notice: bool) -> float:
        length = len(line.text)
        width = length * self.wide
        if line.linked * 2 > length and not (line.is_terminated and width > PARAGRAPH):
            return -min(width, 60) * SHARES["link"]
        if is_notice:
            return -60
        if line.is_terminated:
            return width if width >= PARAGRAPH else width / 2
        return width * SHARES["unended"] if self._is_text(line) else -12

    def _named(self) -> list[bool]:
        page, named = self.page, [False] * len(self.page.tags)
        for block in range(1, len(page.tags)):
            clue = page.clues[block]
            is_article = page.tags[block] == "article" or (bool(clue) and clues.is_article(clue))
            named[block] = named[page.parents[block]] or is_article
        return named

    def _teasers(self) -> list[bool]:
        """List items with a line that is all link: pointers to other articles, each with its summary."""
        page, teasers = self.page, [False] * len(self.page.tags)
        for line in page.lines:
            is_pointer = line.linked * 10 > len(line.text) * 8 and len(line.text) * self.wide >= 16
            if is_pointer and not line.is_terminated:
                item = line.block
                while page.tags[item] not in ("", "li", "ul", "article", "td"):
                    item = page.parents[item]
                teasers[item] = teasers[item] or page.tags[item] == "li"
        for block in range(1, len(teasers)):
            teasers[block] = teasers[block] or teasers[page.parents[block]]
        return teasers


def _headline(lines: list[PageLine], title: str) -> int:
    for number, line in enumerate(lines):
        if line.tag == "h1" and len(line.text) >= 5:
            return number
    for number, line in enumerate(lines):
        if len(line.text) >= 5 and len(line.text) * 3 > len(title) and title.startswith(line.text):
            return number
    return 0


def find_article(scores: Scores) -> int:
    """The block that holds the article; 0 is the whole page."""
    page, worth = scores.page, scores.worth
    inner: list[list[int]] = [[] for _ in worth]
    for block in range(1, len(worth)):
        inner[page.parents[block]].append(block)
    candidates = [block for block in range(len(worth)) if page.tags[block] not in _NO_ARTICLE]
    best = max(candidates, key=lambda block: (worth[block], block))
    least = worth[best] / 2
    while (narrower := _narrower(scores, best, inner, least)) is not None:
        best = narrower
    return best


def _narrower(scores: Scores, best: int, inner: list[list[int]], least: float) -> int | None:
    page, worth = scores.page, scores.worth
    candidates = [block for block in inner[best] if page.tags[block] not in _NO_ARTICLE]
    if not candidates or worth[best] <= 0:
        return None
    choice = max(candidates, key=worth.__getitem__)
    if worth[choice] < NARROWING * worth[best] or worth[choice] < least:
        bound = NARROWING_WITH_HEADLINE * worth[best]
        with_headline = (block for block in candidates if block in scores.around_headline and worth[block] >= bound)
        choice = next(with_headline, 0)
    if not choice:
        return None
    beside = sum(
        worth[block]
        for block in inner[best]
        if block != choice and not inner[block] and not scores.is_aside[block] and _is_direct(page, block)
        if worth[block] > 0
    )
    return choice if max(scores.direct[best], 0) + beside <= LEAST_DIRECT * worth[best] else None


def _is_direct(page: Page, block: int) -> bool:
    return page.tags[block] != "div" or page.clues[block] != ""
