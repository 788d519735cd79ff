"""What is between decoding and repairing: a document as lines with what its markup says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from newslake.clean.characters import is_plain
from newslake.clean.invisible import is_blank
from newslake.clean.mojibake import Misreading

Hint = Literal["title", "heading", "caption", "header", "list_item", "table", "quote", "comment", "related"]
GIVEN_TEXTS: Final = ("title", "deck", "author", "editor", "source_name", "place")
"""Metadata that are words of the page's language, and are repaired like its lines."""

GIVEN_NAMES: Final = (*GIVEN_TEXTS, "published", "url", "language")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
Given = dict[str, str | None]


@dataclass(frozen=True)
class Document:
    """Lines as found, a hint or None for each, and the metadata given beside the text.

    `given_sources` says of each value of `given` where it came from: json_ld, opengraph, meta, time_tag,
    link, html (an attribute or a visible line) or record. `misreadings` are those of a record's fields.
    """

    lines: list[str]
    hints: list[Hint | None]
    given: Given = field(default_factory=dict)
    given_sources: dict[str, str] = field(default_factory=dict)
    misreadings: tuple[Misreading, ...] = ()


def split_lines(text: str) -> list[str]:
    r"""The visible lines of a text, without outer white space, at every line break Unicode knows.

    >>> split_lines("a\r\n \u3000\n b\u2028c\u200b")
    ['a', 'b', 'c\u200b']
    """
    if is_plain(text):
        return list(filter(None, map(str.strip, text.split("\n"))))
    # Most lines begin with a Han character or a Chinese mark, which can be seen: only others are looked at.
    return [
        line
        for line in map(str.strip, text.splitlines())
        if line and ("\u3001" <= line[0] <= "\ud7ff" or not is_blank(line))
    ]


def one_line(value: str) -> str:
    r"""A value of metadata on one line, without characters that no file can hold.

    >>> one_line(" a\n b\0\ud800")
    'a b\ufffd'
    """
    return without_surrogates(" ".join(value.split()))


def without_surrogates(text: str) -> str:
    """A text that can be written as UTF-8: JSON's escapes can name half of a character, or NUL."""
    try:
        text.encode("utf-16")  # Takes half as long as UTF-8 for Chinese text, and fails for the same characters.
    except UnicodeEncodeError:
        text = with_marks(text)
    return text.replace("\0", "")


def with_marks(text: str) -> str:
    r"""A text with U+FFFD for each half of a character: as long as before.

    >>> with_marks("a\ud800")
    'a\ufffd'
    """
    return _SURROGATE.sub("\ufffd", text)


def without_markup(lines: Iterable[str]) -> Document:
    """A document of plain lines."""
    found = list(lines)
    return Document(found, [None] * len(found))
