"""Repair: takes out characters that nobody sees."""

from __future__ import annotations

import re
from typing import Final

from newslake.clean.characters import is_plain

_ALWAYS: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
_UNJOINED: Final = "\x00-\u024f\u2e80-\ud7ff\uff00-\uffef"
_JOINERS: Final = "\u200c\u200d"
_ANY: Final = re.compile(f"[{_ALWAYS}{_JOINERS}\U000e0001-\U000e007f]")
_REMOVED: Final = (
    re.compile(f"[{_ALWAYS}]"),
    re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0001-\U000e007f]+"),
    re.compile(
        f"[{_JOINERS}]+(?=[{_UNJOINED}]|$)|(?:(?<=[{_UNJOINED}])|^)[{_JOINERS}]+",
        re.MULTILINE,
    ),
)
"""In this order: what is removed first can lay bare what is removed after it, never the other way."""

_VISIBLE: Final = re.compile(f"[^\\s{_ALWAYS}{_JOINERS}\U000e0001-\U000e007f]")


def strip_invisible(text: str) -> tuple[str, int]:
    r"""Removes zero-width characters, bidi controls, soft hyphens, inner BOMs and control characters.

    Not touched: line feeds and tabs; the joiners inside emoji and in scripts that need them
    (Persian, Indic); variation selectors; the tags of flag emoji. Source of the classes: Unicode
    15, categories Cc and Cf, and UTS #51 for emoji.

    >>> strip_invisible("重\u200b庆\ufeff市\u00ad")
    ('重庆市', 3)
    >>> strip_invisible("می\u200cخواهم 👩\u200d🌾")
    ('می\u200cخواهم 👩\u200d🌾', 0)
    """
    if is_plain(text) or _ANY.search(text) is None:
        return text, 0
    total = 0
    for pattern in _REMOVED:
        text, count = pattern.subn("", text)
        total += count
    return text, total


def is_blank(line: str) -> bool:
    r"""Whether nothing of a line can be seen.

    >>> is_blank("\u200b \u3000\ufeff"), is_blank("a")
    (True, False)
    """
    return _VISIBLE.search(line) is None
