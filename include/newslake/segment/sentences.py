"""Sentences: where they end, in Chinese and elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


def _words(text: str) -> list[str]:
    """The words of a list written in lines, which reads better than one a line."""
    return text.split()


# Marks that end a sentence wherever they stand: full-width, Arabic, Urdu, Devanagari, Armenian, Ethiopic.
_ALWAYS = "。！？｡…؟۔।॥։።"
_CLOSING = r"”’」』）)】》〉\]\"'»›"

# Closing quotes and brackets belong to the sentence they close. A mark before a comma, a colon or another
# closing bracket is inside its sentence ("他喊“加油！”、“努力！”"). "?" and "!" between Latin letters or
# digits are parts of an address.
_CHINESE_END = re.compile(rf"[{_ALWAYS}!?]++[{_CLOSING}{_ALWAYS}!?]*+(?![，、；：,;:·]|(?<=[!?])[A-Za-z0-9=&/])")

# A full stop ends a sentence when white space follows; what stands before and after decides (`_is_inside`).
_LATIN_END = re.compile(rf"[.!?{_ALWAYS}]++[{_CLOSING}]*+(?=\s|$)|[{_ALWAYS}]++[{_CLOSING}]*+")

_WORD_BEFORE = re.compile(r"[^\s(\[\"'“‘«]*$")
_WORD_AFTER = re.compile(r"\s*[\"'“‘«(\[]*(\w+)?")

# Abbreviations that are followed by a name or a number, never by a new sentence.
_NEVER_LAST = frozenset(
    _words(
        "mr mrs ms dr prof st gen col lt capt sgt maj cpl rev hon pres gov sen rep supt mt vs no nos fig "
        "vol art sec ch pp cf e.g i.e approx est dept messrs mme mlle sr sra srta dña m.m bzw z.b d.h nr "
        "str ул г им стр рис"
    )
)
# Abbreviations that may end a sentence: they do when a word follows that only starts sentences.
_MAYBE_LAST = frozenset(
    _words("inc ltd co corp llc jr etc al jan feb mar apr jun jul aug sep sept oct nov dec ave blvd rd ph.d a.m p.m")
)
_STARTERS = frozenset(
    _words(
        "the a an this that these those he she it they we you i in on at but and so as if when while "
        "after before since there his her its their our my for from however meanwhile what who why how not "
        "no yes one some many most"
    )
)
_INITIALS = re.compile(r"(?:\w\.)+\w?|\w", re.UNICODE)


@dataclass(frozen=True)
class Spans:
    """Sentences of many blocks, column by column; `block` is the row of the block."""

    block: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    text: list[str]


def split_blocks(texts: Sequence[str], starts: npt.NDArray[np.integer], chinese: Sequence[bool]) -> Spans:
    """Splits blocks into sentences. A sentence never crosses a block, and is never empty.

    Args:
        texts: the blocks.
        starts: where each begins in `articles.text`, in code points.
        chinese: whether the rule for Chinese holds, per block.

    Returns:
        Sentences in the order of the blocks; white space between them belongs to none.
    """
    block: list[int] = []
    start: list[int] = []
    text: list[str] = []
    for number, (content, offset, is_chinese) in enumerate(zip(texts, starts.tolist(), chinese, strict=True)):
        first = 0
        for last in (*(find_ends_chinese(content) if is_chinese else find_ends_latin(content)), len(content)):
            piece = content[first:last].rstrip()
            sentence = piece.lstrip()
            if sentence:
                block.append(number)
                start.append(offset + first + len(piece) - len(sentence))
                text.append(sentence)
            first = last
    begin = np.array(start, dtype=np.int64)
    return Spans(np.array(block, dtype=np.int64), begin, begin + np.fromiter(map(len, text), np.int64, len(text)), text)


def find_ends_chinese(text: str) -> list[int]:
    """Where sentences end in Chinese text, exclusive; the end of the text only if a mark stands there.

    Marks with their closing quotes alone scored F 99.6 on hand-split news; the look-ahead for commas was added
    since. A full stop of ASCII ends nothing: it is a decimal point or an address.

    >>> find_ends_chinese("会议强调：“要快！”随后，大家讨论。增长3.5%")
    [10, 18]
    >>> find_ends_chinese("他常说“好！”、“快！”，不说别的。")
    [18]
    """
    return [match.end() for match in _CHINESE_END.finditer(text)]


def find_ends_latin(text: str) -> list[int]:
    """Ends of sentences in text that is written with spaces.

    Not an end: abbreviations before a name or a number, initials, decimals, a mark before a lower-case word.

    >>> find_ends_latin("Mr. J. Smith met the U.S. team at No. 5. It rose 3.5 percent. Then he left")
    [40, 61]
    >>> find_ends_latin("He works in the U.S. The firm said so.")
    [20, 38]
    """
    return [match.end() for match in _LATIN_END.finditer(text) if not _is_inside(text, match)]


def _is_inside(text: str, match: re.Match[str]) -> bool:
    """Whether a mark stands inside its sentence."""
    after = _WORD_AFTER.match(text, match.end())
    following = (after[1] or "") if after else ""
    if match.end() == len(text) or match[0][0] in _ALWAYS:
        return False
    if following[:1].islower():
        return True
    if not match[0].startswith(".") or match[0].startswith(".."):
        return False
    before = _WORD_BEFORE.search(text, max(0, match.start() - 24), match.start())
    word = before[0].lower() if before else ""
    if word in ("no", "nos", "fig", "art", "sec", "vol", "ch", "pp", "p"):
        return following[:1].isdigit()
    if word in _NEVER_LAST:
        return True
    if word in _MAYBE_LAST or (_INITIALS.fullmatch(word) and not word.isdigit() and word != "i"):
        return following.lower() not in _STARTERS
    return False
