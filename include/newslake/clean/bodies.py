"""Which lines of a page are its article: a fast extractor, and a careful one where two disagree."""

from __future__ import annotations

import logging
import re
from typing import Any, Final

import turbohtml

from newslake.clean.characters import HAN
from newslake.clean.lines import split_lines
from newslake.clean.page import PageLine, page_lines

LEAST_LENGTH: Final = 120
"""Code points; a shorter fast extract is looked at again."""

AGREEMENT: Final = (0.6, 1.15)
"""Lengths of turbohtml's and resiliparse's extracts over one another; outside they disagree."""

LONGEST_CAREFUL: Final = 2_000_000
"""Code points of a page beyond which the careful extractors, 20 ms for a usual page, take minutes."""

# Both log a traceback for each page they cannot read; here that is an answer like any other.
for _name in ("readability", "trafilatura"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

_HAN: Final = re.compile(f"[{HAN}]")
_UNREADABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def choose_body(html: str, page: list[PageLine]) -> list[str]:
    """The lines of the article, in order, as they stand on the page.

    turbohtml's choice is taken where resiliparse finds about as much (F1 .90 to .95 on the pages
    measured, 2 ms); where they disagree readability-lxml decides on Chinese pages and trafilatura
    on others, unless it finds less than `LEAST_LENGTH`: then the longest wins.

    Args:
        html: the page.
        page: its visible lines, those of turbohtml's choice marked.
    """
    if not page:
        return []
    fast = [line.text for line in page if line.is_main]
    second = _second_opinion(html)
    low, high = AGREEMENT
    length = _length(fast)
    if length >= LEAST_LENGTH and low <= length / max(1, _length(second)) <= high:
        return fast
    if len(html) > LONGEST_CAREFUL:
        return max(fast, second, key=_length)
    is_chinese = len(_HAN.findall("".join(second or fast))) * 3 >= _length(second or fast)
    careful = _readability(html) if is_chinese else _trafilatura(html)
    return careful if _length(careful) >= LEAST_LENGTH else max(fast, second, careful, key=_length)


def _length(lines: list[str]) -> int:
    return sum(map(len, lines))


def _second_opinion(html: str) -> list[str]:
    from resiliparse.extract.html2text import extract_plain_text

    return split_lines(extract_plain_text(html, main_content=True))


def _readability(html: str) -> list[str]:
    import lxml.etree
    from readability.readability import Document, Unparseable

    try:
        summary: Any = Document(_UNREADABLE.sub("", html)).summary()
    except (Unparseable, lxml.etree.LxmlError):
        return []
    return [line.text for line in page_lines(turbohtml.parse(summary))]


def _trafilatura(html: str) -> list[str]:
    import trafilatura

    return split_lines(trafilatura.extract(html, fast=True, include_comments=False) or "")
