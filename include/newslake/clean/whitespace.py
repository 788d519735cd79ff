"""Repair: one kind of space, once."""

from __future__ import annotations

import re
from typing import Final

from newslake.clean.characters import is_plain
from newslake.clean.edits import NO_EDITS, Repaired, followed, substitute

_SPACES: Final = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
# The patterns that follow the runs begin with a space: the engine then tries few places.
_RUN: Final = re.compile(f"[{_SPACES}]{{2,}}|[{_SPACES[1:]}]")
_AT_MARK: Final = re.compile(" (?:(?=[，。、；：？！）》」』”])|(?<=[，。、；：？！（《「『“] ))")
_EDGE: Final = re.compile(" (?:$|(?<=^ ))", re.MULTILINE)


def normalize_whitespace(text: str) -> Repaired:
    r"""Writes every run of spaces, tabs, no-break and ideographic spaces as one space.

    No space is left at line ends, nor beside fullwidth marks, which bring their own.

    Not touched: a single space between Han characters, which separates names (吳芳 程淇) and words
    of headlines.

    >>> normalize_whitespace("\u3000\u3000本报讯 记者\u00a0 吴芳 程淇").text
    '本报讯 记者 吴芳 程淇'
    """
    edits = NO_EDITS
    if "  " in text or not is_plain(text):
        text, edits = substitute(_RUN, " ", text)
    if " " not in text:
        return Repaired(text, edits)
    for pattern in (_AT_MARK, _EDGE):
        text, removed = substitute(pattern, "", text)
        edits = followed(edits, removed)
    return Repaired(text, edits)
