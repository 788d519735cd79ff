"""Repairs: take out characters that nobody sees, each kind under its name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from newslake.clean.characters import is_plain
from newslake.clean.edits import NO_EDITS, Repaired, followed, substitute

_SOFT_HYPHENS: Final = "\u00ad"
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROLS: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u206a-\u206f\ufff9-\ufffb\ufffe\uffff"
_ZERO_WIDTH: Final = "\u180e\u200b\u2060-\u2065\ufeff"
_JOINERS: Final = "\u200c\u200d"
_TAGS: Final = "\U000e0001-\U000e007f"
_ALWAYS: Final = _SOFT_HYPHENS + _BIDI + _CONTROLS + _ZERO_WIDTH
_UNJOINED: Final = "\x00-\u024f\u2e80-\ud7ff\uff00-\uffef"
_ANY: Final = re.compile(f"[{_ALWAYS}{_JOINERS}{_TAGS}\ud800-\udfff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SOFT: Final = re.compile(f"[{_SOFT_HYPHENS}]")
_TURNING: Final = re.compile(f"[{_BIDI}]")
_CONTROL: Final = re.compile(f"[{_CONTROLS}]")
_THIN: Final = (
    re.compile(f"[{_ZERO_WIDTH}]"),
    re.compile(f"(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+"),
    re.compile(f"[{_JOINERS}]+(?=[{_UNJOINED}]|$)|(?:(?<=[{_UNJOINED}])|^)[{_JOINERS}]+", re.MULTILINE),
)
"""In this order: what is removed first can lay bare what is removed after it, never the other way."""

_VISIBLE: Final = re.compile(f"[^\\s{_ALWAYS}{_JOINERS}{_TAGS}]")


def strip_soft_hyphens(text: str) -> Repaired:
    r"""Removes soft hyphens.

    >>> strip_soft_hyphens("重\u00ad庆").text
    '重庆'
    """
    return _without(text, _SOFT)


def strip_bidi_controls(text: str) -> Repaired:
    r"""Removes marks, embeddings, overrides and isolates that turn the direction of writing.

    >>> strip_bidi_controls("\u202e重\u200e庆\u202c").text
    '重庆'
    """
    return _without(text, _TURNING)


def strip_controls(text: str) -> Repaired:
    r"""Removes NULs and other control characters; line feeds and tabs stay.

    >>> strip_controls("重\0庆\x07\t市").text
    '重庆\t市'
    """
    return _without(text, _CONTROL)


def strip_zero_width(text: str) -> Repaired:
    r"""Removes zero-width spaces, inner BOMs, joiners where nothing joins, and tags outside of flags.

    Not touched: the joiners inside emoji and in scripts that need them (Persian, Indic); variation
    selectors; the tags of flag emoji. Source: UTS #51 for emoji.

    >>> strip_zero_width("重\u200b庆\ufeff市").text, strip_zero_width("می\u200cخواهم 👩\u200d🌾").text
    ('重庆市', 'می\u200cخواهم 👩\u200d🌾')
    """
    return _without(text, *_THIN)


@lru_cache(maxsize=1)
def _has_none(text: str) -> bool:
    """Whether a text holds nothing of it all: asked by one repair after the other, answered once."""
    return is_plain(text) or _ANY.search(text) is None


def _without(text: str, *patterns: re.Pattern[str]) -> Repaired:
    if _has_none(text):
        return Repaired(text, NO_EDITS)
    edits = NO_EDITS
    for pattern in patterns:
        text, removed = substitute(pattern, "", text)
        edits = followed(edits, removed)
    return Repaired(text, edits)


def mark_surrogates(text: str) -> Repaired:
    r"""Writes U+FFFD for each half of a character, which JSON's escapes can name and no file can hold.

    >>> mark_surrogates("a\ud800b").text
    'a\ufffdb'
    """
    return Repaired(text, NO_EDITS) if _has_none(text) else substitute(_SURROGATE, "\ufffd", text)


def is_blank(line: str) -> bool:
    r"""Whether nothing of a line can be seen.

    >>> is_blank("\u200b \u3000\ufeff"), is_blank("a")
    (True, False)
    """
    return _VISIBLE.search(line) is None
