"""Repair: takes out characters that nobody sees."""

from __future__ import annotations

import re
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
_ANY: Final = re.compile(f"[{_ALWAYS}{_JOINERS}{_TAGS}]")
_REMOVED: Final = {
    "soft_hyphen": (re.compile(f"[{_SOFT_HYPHENS}]"),),
    "bidi": (re.compile(f"[{_BIDI}]"),),
    "control": (re.compile(f"[{_CONTROLS}]"),),
    "zero_width": (
        re.compile(f"[{_ZERO_WIDTH}]"),
        re.compile(f"(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+"),
        re.compile(f"[{_JOINERS}]+(?=[{_UNJOINED}]|$)|(?:(?<=[{_UNJOINED}])|^)[{_JOINERS}]+", re.MULTILINE),
    ),
}
"""In this order: what is removed first can lay bare what is removed after it, never the other way."""

_VISIBLE: Final = re.compile(f"[^\\s{_ALWAYS}{_JOINERS}{_TAGS}]")


def strip_soft_hyphens(text: str) -> Repaired:
    r"""Removes soft hyphens.

    >>> strip_soft_hyphens("重\u00ad庆").text
    '重庆'
    """
    return _without("soft_hyphen", text)


def strip_bidi_controls(text: str) -> Repaired:
    r"""Removes marks, embeddings, overrides and isolates that turn the direction of writing.

    >>> strip_bidi_controls("\u202e重\u200e庆\u202c").text
    '重庆'
    """
    return _without("bidi", text)


def strip_controls(text: str) -> Repaired:
    r"""Removes NULs and other control characters; line feeds and tabs stay.

    >>> strip_controls("重\0庆\x07\t市").text
    '重庆\t市'
    """
    return _without("control", text)


def strip_zero_width(text: str) -> Repaired:
    r"""Removes zero-width spaces, inner BOMs, joiners where nothing joins, and tags outside of flags.

    Not touched: the joiners inside emoji and in scripts that need them (Persian, Indic); variation
    selectors; the tags of flag emoji. Source: UTS #51 for emoji.

    >>> strip_zero_width("重\u200b庆\ufeff市").text, strip_zero_width("می\u200cخواهم 👩\u200d🌾").text
    ('重庆市', 'می\u200cخواهم 👩\u200d🌾')
    """
    return _without("zero_width", text)


def strip_invisible(text: str) -> Repaired:
    r"""All of these: soft hyphens, bidi controls, control and zero-width characters.

    Not touched: what they leave. Source of the classes: Unicode 15, categories Cc and Cf.

    >>> strip_invisible("重\u200b庆\ufeff市\u00ad").text
    '重庆市'
    >>> strip_invisible("می\u200cخواهم 👩\u200d🌾").text
    'می\u200cخواهم 👩\u200d🌾'
    """
    if is_plain(text) or _ANY.search(text) is None:
        return Repaired(text, NO_EDITS)
    edits = NO_EDITS
    for kind in _REMOVED:
        text, removed = _without(kind, text)
        edits = followed(edits, removed)
    return Repaired(text, edits)


def _without(kind: str, text: str) -> Repaired:
    if is_plain(text):
        return Repaired(text, NO_EDITS)
    edits = NO_EDITS
    for pattern in _REMOVED[kind]:
        text, removed = substitute(pattern, "", text)
        edits = followed(edits, removed)
    return Repaired(text, edits)


def is_blank(line: str) -> bool:
    r"""Whether nothing of a line can be seen.

    >>> is_blank("\u200b \u3000\ufeff"), is_blank("a")
    (True, False)
    """
    return _VISIBLE.search(line) is None
