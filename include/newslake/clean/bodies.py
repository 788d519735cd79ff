"""Which lines of a page are its article: a fast extractor, and a careful one where it is unsure."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any, Final, NamedTuple

from newslake.clean import clues
from newslake.clean.page import LONGEST_CAPTION, Page, PageLine
from newslake.clean.scoring import PARAGRAPH, Scores, find_article

LEAST_LENGTH: Final = 120
"""Code points; a shorter fast extract is looked at again."""

MOST_LINKED: Final = 0.6
"""Share of code points in pointers, from which a block inside an article is none of its text."""

LEAST_KEPT_ASIDE: Final = 0.3
"""Share of the article's paragraphs that a block named as beside it must hold to stay."""

LARGEST_END: Final = 0.35
"""Share of the text that may be cut off at its end."""

LONGEST_NOTICE: Final = 200
NOTICE_REACH: Final = 30
"""Code points; further on in a sentence the wording of a notice is an article's."""

NOTICES: Final = 6
"""Lines between one notice and the next."""

LEAD_REACH: Final = 12
"""Lines between headline and article in which a lead is looked for."""

LEAST_VERSE: Final = 3
"""Lines of one block that end in a mark, from which they are verse rather than labels."""

VERSE: Final = re.compile(r"[，。！？；、…]$")

LEAST_BLOCK: Final = 20
"""Code points outside links, from which the lines of a block are taken; with less, sentences below the headline are looked for."""

LEAST_SENTENCE: Final = 24
"""Width of a sentence that is news by itself."""

BRIEF_REACH: Final = 12
"""Lines below the headline in which such sentences stand."""

LEAST_NAMED_ROWS: Final = 3
"""Rows of a table of data below the headline, from which they are what the page is about."""

LEAST_REPEATED: Final = 2
"""Pairs of characters of the headline that such a sentence repeats."""

LEAST_POSTS: Final = 3
"""Posts one below another, from which a page is the front page of a blog."""

STAMP: Final = re.compile(r"((?:19|20)\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s+\d{1,2}:\d\d(?::\d\d)?")
"""Day and time in a line of their own, as above each post of a blog."""

MOST_PUT_ASIDE: Final = 40
"""Lines of comments or of pointers to other articles that are kept beside the text."""


SURE: Final = 0.8
"""Share of a page's paragraphs that the fast extract holds, from which nothing else is asked."""

AGREEMENT: Final = (0.4, 2.5)
"""Lengths of the fast extract and of turbohtml's over one another; outside they disagree."""


class Body(NamedTuple):
    """The lines of an article, and of what stands inside it but is none of its text.

    Attributes:
        lines: the article.
        comments: readers' comments below or inside it.
        related: pointers to other articles.
        share: of the page's paragraphs, how much the article holds.
        is_chinese: whether a quarter of the page are Han characters.
        is_brief: whether it is a sentence or two that repeat their headline: news, however short.
    """

    lines: list[PageLine]
    comments: list[PageLine]
    related: list[PageLine]
    share: float
    is_chinese: bool
    is_brief: bool = False


def find_body(page: Page, title: str) -> Body:
    """The lines of the article, in order, by the worth of the blocks they stand in.

    Args:
        page: the page.
        title: its `title` element.
    """
    if not page.lines:
        return Body([], [], [], 0.0, False)
    scores = Scores(page, title)
    article = find_article(scores)
    inside, comments, related = _sides(scores, article)
    lines = [line for line in page.lines if inside[line.block] and not clues.is_no_text(line.text)]
    lines = _leads(scores, lines) + lines
    if sum(len(line.text) for line in lines if not line.linked or line.is_terminated) < LEAST_BLOCK:
        brief = _brief(scores)
        if brief:
            return Body(brief, [], [], 1.0, scores.wide == 2, True)
    end = min(_end(lines), _first_post(scores, lines))
    below = comments if end < len(lines) and clues.is_about_remarks(lines[end].text) else related
    below += lines[end:]
    total = scores.text[0]
    share = (
        sum(len(line.text) for line in lines[:end] if line.is_terminated or line.is_figures)
        * scores.wide
        / max(1, total)
    )
    return Body(lines[:end], comments[:MOST_PUT_ASIDE], related[:MOST_PUT_ASIDE], share, scores.wide == 2)


def is_unsure(body: Body, root: Any) -> bool:
    """Whether the careful extractor is to be asked.

    It is not on Chinese pages: on those measured on which the fast one may be wrong it has a F1 of
    .83, trafilatura .60 and readability .69. On others it is where next to nothing was found, or
    turbohtml's own choice is much longer or shorter and a fifth of the paragraphs lie elsewhere:
    there the fast one has .73, trafilatura .94.

    Args:
        body: the fast extract.
        root: the page, a turbohtml document.
    """
    length = sum(len(line.text) for line in body.lines)
    if body.is_chinese or body.share >= SURE:
        return False
    if length < LEAST_LENGTH:
        return True
    other = root.main_content()
    low, high = AGREEMENT
    return not low <= length / max(1, 0 if other is None else len(other.text)) <= high


def _leads(scores: Scores, lines: list[PageLine]) -> list[PageLine]:
    """The paragraphs between headline and article, which some Chinese pages put into a block of their own."""
    page = scores.page
    start = next((number for number, line in enumerate(page.lines) if lines and line is lines[0]), 0)
    if scores.wide == 1 or not scores.headline or not 0 < start - scores.headline <= LEAD_REACH:
        return []
    between = [
        line
        for line in page.lines[scores.headline + 1 : start]
        if not line.linked and not scores.is_aside[line.block] and clues.NOTICE.search(line.text) is None
    ]
    verse = Counter(line.block for line in between if VERSE.search(line.text))
    return [
        line
        for line in between
        if verse[line.block] >= LEAST_VERSE or (line.is_terminated and len(line.text) * scores.wide >= PARAGRAPH)
    ]


def _brief(scores: Scores) -> list[PageLine]:
    """Sentences and rows of figures below the headline, for pages whose links outweigh them.

    The first has to repeat words of the headline; what a list of articles says of itself seldom does.
    """
    lines = scores.page.lines
    headline = lines[scores.headline]
    if (scores.headline == 0 and headline.tag != "h1") or clues.is_section(headline.text):
        return []
    below = [
        line
        for line, is_notice in zip(lines, scores.notices, strict=True)
        if not line.linked and not is_notice and not scores.is_aside[line.block] and not clues.is_no_text(line.text)
    ]
    start = next((number + 1 for number, line in enumerate(below) if line is headline), len(below))
    near = below[start : start + BRIEF_REACH]
    found = [
        line
        for line in near + [line for line in below[start + BRIEF_REACH :] if line.tag == "table"]
        if line.tag == "table"
        or ((line.is_terminated or line.is_beside_image) and len(line.text) * scores.wide >= LEAST_SENTENCE)
    ]
    sentences = [line.text for line in found if line.tag != "table"]
    pairs = set(map("".join, pairwise(headline.text)))
    is_told = any(len(pairs & set(map("".join, pairwise(text)))) >= LEAST_REPEATED for text in sentences)
    return found if is_told or len(found) - len(sentences) >= LEAST_NAMED_ROWS else []


def _sides(scores: Scores, article: int) -> tuple[list[bool], list[PageLine], list[PageLine]]:
    """Whether each block is part of the article, and the comments and pointers that stand in it."""
    page = scores.page
    inside, side = [False] * len(page.tags), [""] * len(page.tags)
    inside[article] = True
    for block in range(article + 1, len(page.tags)):
        parent = page.parents[block]
        if side[parent]:
            side[block] = side[parent]
        elif inside[parent]:
            side[block] = _side(scores, article, block)
            inside[block] = not side[block]
    comments = [line for line in page.lines if side[line.block] == "comment"]
    related = [line for line in page.lines if side[line.block] == "related"]
    return inside, comments, related


def _side(scores: Scores, article: int, block: int) -> str:
    """What a block inside the article is, where it is none of its text."""
    if scores.page.tags[block] == "figcaption" or clues.is_caption(scores.page.clues[block]):
        return ""
    page, text = scores.page, scores.text
    is_aside = scores.is_aside[block] and not scores.is_aside[article]
    if is_aside and text[block] < LEAST_KEPT_ASIDE * text[article]:
        if clues.is_discussion(page.clues[block]):
            return "comment"
        return "related" if scores.linked[block] * 2 > scores.length[block] else "aside"
    if page.clues[block] and text[block] * 2 < text[article] and clues.is_sources(page.clues[block]):
        return "aside"
    is_pointer = scores.length[block] > 0 and scores.linked[block] > MOST_LINKED * scores.length[block]
    is_small = page.tags[block] in ("p", "h2", "h3", "td", "tr", "li")
    return "related" if is_pointer and (not is_small or not text[block]) else ""


def _end(lines: list[PageLine]) -> int:
    """Where the article ends: at the heading of what sites put below, or at their notices."""
    total = sum(len(line.text) for line in lines)
    end, below = len(lines), 0
    for number in range(len(lines) - 1, 0, -1):
        text = lines[number].text
        is_notice = number >= end - NOTICES and _is_notice(lines[number])
        if is_notice and number == end - 1:
            total -= len(text)  # However long a notice is, it says nothing of where the text ends.
        else:
            below += len(text)
        if below > LARGEST_END * total:
            break
        if is_notice or clues.is_end(text):
            end = number
    above = 0
    for number, line in enumerate(lines[:end]):
        if number and above >= max(200, 0.3 * total) and clues.is_sure_end(line.text):
            return number
        above += len(line.text)
    return end


def _is_notice(line: PageLine) -> bool:
    """Whether a line is a site's notice; a sentence of an article may speak of rights further on, too."""
    notice = clues.NOTICE.search(line.text) if len(line.text) < LONGEST_NOTICE else None
    return notice is not None and (not line.is_terminated or notice.start() <= NOTICE_REACH)


def _first_post(scores: Scores, lines: list[PageLine]) -> int:
    """Where the second post begins on the front page of a blog; the number of lines on other pages.

    Such a page holds posts of several days, the newest first, each below a day and time in blocks named alike.
    """
    page = scores.page
    stamps = [number for number, line in enumerate(lines) if STAMP.fullmatch(line.text)]
    if len(stamps) < LEAST_POSTS:
        return len(lines)
    matches = [STAMP.fullmatch(lines[number].text) for number in stamps]
    days = [tuple(map(int, match.groups())) for match in matches if match is not None]
    named = {(page.tags[lines[number].block], page.clues[lines[number].block]) for number in stamps}
    texts = [
        any(line.is_terminated or len(line.text) > LONGEST_CAPTION for line in lines[above:below])
        for above, below in pairwise(stamps)
    ]
    if len(named) > 1 or days != sorted(days, reverse=True) or days[0] == days[-1] or not all(texts):
        return len(lines)
    end = stamps[1]
    while end > stamps[0] + 1 and not lines[end - 1].is_terminated and len(lines[end - 1].text) <= LONGEST_CAPTION:
        end -= 1
    return end
