"""Classes of characters: one table lookup over a page answers what script it is written in.

`CLASSES` holds one class number a code point; a histogram of a page's classes costs about
10 microseconds a page, a tenth of counting with regular expressions. The Traditional-only and
Simplified-only characters are those that OpenCC (Apache-2.0) changes, each looked at alone.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import numpy as np
import opencc

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af〇"
"""Han ideographs, for use inside a character class of `re`."""

HAN_RANGES: Final = ((0x3007, 0x3008), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))

(OTHER, SHARED, TRADITIONAL, SIMPLIFIED, KANA, HANGUL, LATIN, CYRILLIC, ARABIC, GREEK, HEBREW, DEVANAGARI, THAI) = (
    range(13)
)

SCRIPTS: Final = {
    LATIN: "Latn",
    CYRILLIC: "Cyrl",
    ARABIC: "Arab",
    GREEK: "Grek",
    HEBREW: "Hebr",
    DEVANAGARI: "Deva",
    THAI: "Thai",
}
"""ISO 15924 names of the alphabets told apart by their characters alone."""

_RANGES: Final = (
    (
        KANA,
        ((0x3041, 0x3097), (0x309D, 0x30A0), (0x30A1, 0x30FB), (0x31F0, 0x3200), (0xFF66, 0xFF70), (0xFF71, 0xFF9E)),
    ),
    (HANGUL, ((0x1100, 0x1200), (0x3130, 0x3190), (0xAC00, 0xD7A4))),
    (LATIN, ((0x41, 0x5B), (0x61, 0x7B), (0xC0, 0xD7), (0xD8, 0xF7), (0xF8, 0x250), (0x1E00, 0x1F00))),
    (CYRILLIC, ((0x400, 0x530),)),
    (ARABIC, ((0x620, 0x64B), (0x66E, 0x6D4), (0x750, 0x780))),
    (GREEK, ((0x370, 0x400), (0x1F00, 0x2000))),
    (HEBREW, ((0x5D0, 0x5EB),)),
    (DEVANAGARI, ((0x900, 0x980),)),
    (THAI, ((0xE01, 0xE5C),)),
)


_IN_BOTH: Final = frozenset(
    "后里面台几干斗谷于余丑云征制致范郁岳卷冬胡姜松仆朱杰布并采吃尸伙才秋游咸升厘夸沈札占志只周准注系栗溪托御欲涌岩雇凶吊唇"
)
"""Simplified forms that Traditional text writes too, with a meaning of their own (皇后, 公里)."""

_PLAIN: Final = re.compile(
    "[\n -~\u00a1-\u00ac\u00ae-\u05ff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\uff01-\uffef]*"
)


def is_plain(text: str) -> bool:
    r"""Whether a text holds only characters that can be seen, spaces and line feeds.

    Most pages do, and are spared what looks for other white space, breaks and invisible characters;
    a text that does not may hold none of these either.

    >>> is_plain("今日，会议召开。\n A"), is_plain("今日\u3000会议"), is_plain("今日\u200b")
    (True, False, False)
    """
    return _PLAIN.fullmatch(text) is not None


@cache
def traditional_only() -> frozenset[str]:
    """The Han characters that never stand in Simplified text.

    >>> "區" in traditional_only(), "区" in traditional_only(), "著" in traditional_only()
    (True, False, False)
    """
    return _changed("t2s") - {"著", "乾"}


@cache
def simplified_only() -> frozenset[str]:
    """The Han characters that never stand in Traditional text.

    Characters such as 后, 里 and 面, which both scripts use, are left out: OpenCC changes
    them, but Traditional text holds them too (皇后, 公里).

    >>> "区" in simplified_only(), "里" in simplified_only()
    (True, False)
    """
    return _changed("s2t") - _IN_BOTH


def _alone(characters: str, configuration: str) -> list[str]:
    converted: str = opencc.OpenCC(configuration).convert("\n".join(characters))
    return converted.split("\n")


@cache
def _changed(configuration: str) -> frozenset[str]:
    characters = "".join(chr(code) for start, stop in HAN_RANGES[1:3] for code in range(start, stop))
    return frozenset(a for a, b in zip(characters, _alone(characters, configuration), strict=True) if a != b)


@cache
def classes() -> np.ndarray:
    """One class number for each code point (1.1 MB of uint8)."""
    table = np.zeros(0x110000, np.uint8)
    for start, stop in HAN_RANGES:
        table[start:stop] = SHARED
    for number, ranges in _RANGES:
        for start, stop in ranges:
            table[start:stop] = number
    table[[ord(character) for character in simplified_only()]] = SIMPLIFIED
    table[[ord(character) for character in traditional_only()]] = TRADITIONAL
    return table


def histogram(text: str) -> list[int]:
    """How many characters of each class a text holds.

    >>> histogram("城區abc")[LATIN], histogram("城區abc")[TRADITIONAL]
    (3, 1)
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    # No code is too large to be in the table: "clip" only spares numpy the test of each.
    counts: list[int] = np.bincount(classes().take(codes, mode="clip"), minlength=THAI + 1).tolist()
    return counts
