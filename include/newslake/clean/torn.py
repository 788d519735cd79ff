"""What a mirror tore by putting glosses between the two bytes of GBK characters.

Mirrors that work on bytes look for 冊 (83 D4) and find it across 們 (82 83) and 在 (D4 DA). The gloss goes in
behind D4, which then has no second byte and becomes `?`, swallowing the bracket: `們?cè)`. The next bytes are
read shifted by one, until a second gloss puts them straight again: `趯?shí)`. The two lost bytes are those
that complete a glossed character, and with them the text is back: 們在實.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from newslake.clean.characters import HAN, traditional_only
from newslake.clean.edits import Edit
from newslake.clean.readings import LETTERS, first_reading

MARK: Final = "?"
LOST: Final = "\ufffd"

_SYLLABLE: Final = f"([a-z]{{0,5}}[{LETTERS[3:]}][a-z]{{0,5}})[)）]"
_PAIR: Final = re.compile(f"[?](?<=([{HAN}])[?]){_SYLLABLE}([{HAN}]{{1,12}})[?]{_SYLLABLE}")
_SINGLE: Final = re.compile(f"[?]{_SYLLABLE}")
_HAN_ONLY: Final = re.compile(f"[{HAN}]+")


def restored(text: str) -> list[Edit]:
    """The edits that put torn characters together, or write U+FFFD where what was lost cannot be told.

    >>> restored("他們?cè)趯?shí)際測量")
    [Edit(start=2, end=12, replacement='在實')]
    >>> restored("他?shí)驗")
    [Edit(start=1, end=6, replacement='�')]
    """
    edits = []
    for match in _PAIR.finditer(text):
        replacement = _whole(*match.groups())
        if replacement:
            edits.append(Edit(*match.span(), replacement))
    whole = {position for edit in edits for position in range(edit.start, edit.end)}
    edits += [Edit(*match.span(), LOST) for match in _SINGLE.finditer(text) if match.start() not in whole]
    return sorted(edits)


def _whole(before: str, first: str, shifted: str, second: str) -> str | None:
    """The characters whose bytes were shifted."""
    try:
        end, inner = before.encode("gbk")[-1], shifted.encode("gbk")
    except UnicodeEncodeError:
        return None
    head, tail = _completion(end, first), _completion(inner[-1], second)
    if head is None or tail is None:
        return None
    try:
        whole = bytes([head, *inner, tail]).decode("gbk")
    except UnicodeDecodeError:
        return None
    return whole if _HAN_ONLY.fullmatch(whole) else None


@cache
def _completion(lead: int, syllable: str) -> int | None:
    """The second byte that makes a glossed character of a first one; None if several do, or none."""
    found = []
    for second in range(0x40, 0xFF):
        try:
            character = bytes([lead, second]).decode("gbk")
        except UnicodeDecodeError:
            continue
        if len(character) == 1 and character in traditional_only() and first_reading(character) == syllable:
            found.append(second)
    return found[0] if len(found) == 1 else None
