"""Where Chinese words end: the word list's answer, corrected by a linear model of the characters around each place.

The word list (rjieba) knows many words and cuts by its own custom. The model has learnt from UD_Chinese-GSDSimp, beside which
characters there is a border, what the word list says about the place and its neighbours being one thing that it looks at.
On the dev set of that corpus the word list alone scores F1 79, corrected 94 (`newslake.segment.train` prints both).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MODEL = Path(__file__).with_name("boundaries.npz")
"""Weights by feature, made by `newslake.segment.train`; CC BY-SA 4.0, see boundaries.LICENSE.md beside it."""

SCALE = 1024
"""Weights are stored as 16-bit integers, so many to one; sums of them stay far below 32."""
HASH_BITS = 18
OTHER, HAN, DIGIT, LETTER, NUMERAL, MARK = range(6)

Codes = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

# Factors of multiplicative hashing: odd, and far from powers of two.
_FIRST, _SECOND, _THIRD = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D)
_SHIFT = np.uint32(32 - HASH_BITS)
_NEWLINE = 10
_MARGIN = 4
# Parts of this length stay in the processor's cache: 1.4 times the speed of one pass over 800,000.
_CODE_POINTS_A_PART = 32_768


class Feature(NamedTuple):
    """A kind of feature: its table has a row a value, and a column for each place where the value is looked at."""

    rows: int
    offsets: tuple[int, ...]


# Left out because the score did not fall without them: trigrams and longer, and types of characters alone.
FEATURES: Mapping[str, Feature] = {
    "character": Feature(1 << 16, (-1, 0, 1, 2)),
    "pair": Feature(1 << HASH_BITS, (-2, -1, 0, 1)),
    "pair_with_border": Feature(1 << HASH_BITS, (0,)),
    "borders_5_and_types": Feature(32 * 36, (-2,)),
    "borders_7": Feature(128, (-3,)),
    "character_before_borders": Feature(1 << 18, (0,)),
    "character_after_borders": Feature(1 << 18, (-1, 0)),
}
"""Places are counted from the character behind which a border may be."""


def correct(codes: Codes, is_border: Flags) -> Flags:
    """Corrects the word list's borders.

    Left as they are: borders beside marks and white space, and within numbers and Latin words.

    Args:
        codes: code points of sentences, each ended by a line break.
        is_border: behind which of them the word list ends a word.

    Returns:
        Behind which of them a word ends.
    """
    corrected = is_border.copy()
    types = _types()[np.minimum(codes, 0xFFFF)]
    for first in range(0, len(codes), _CODE_POINTS_A_PART):
        # The neighbours go in too, so that no border depends on where a part begins.
        start, end = max(0, first - _MARGIN), min(len(codes), first + _CODE_POINTS_A_PART + _MARGIN)
        inside = slice(first - start, min(first + _CODE_POINTS_A_PART, len(codes)) - start)
        corrected[first : first + _CODE_POINTS_A_PART] = _scores(codes[start:end], is_border[start:end])[inside] > 0
    before, after = types, np.append(types[1:], MARK)
    is_fixed = (before == MARK) | (after == MARK) | ((before != HAN) & (after != HAN))
    return np.where(is_fixed, is_border, corrected)


def _scores(codes: Codes, is_border: Flags) -> npt.NDArray[np.int16]:
    weights = _weights()
    scores = np.full(len(codes), weights["bias"][0], np.int16)
    for name, values in values_of(codes, is_border):
        feature, table = FEATURES[name], weights[name]
        taken = table[values]
        for column, offset in enumerate(feature.offsets):
            first = _MARGIN + offset
            part = taken[first : first + len(codes)]
            # Rows of several weights are stored as one number: one look into memory for all of them.
            scores += part if len(feature.offsets) == 1 else part.view(np.int16).reshape(len(codes), -1)[:, column]
    return scores


def values_of(codes: Codes, is_border: Flags) -> Iterator[tuple[str, npt.NDArray[np.integer]]]:
    """The value of every feature at every place, from `_MARGIN` places before the first to as many behind the last."""
    shown = np.pad(np.minimum(codes, 0xFFFF), _MARGIN, constant_values=_NEWLINE)
    border = np.pad(is_border.astype(np.uint32), _MARGIN, constant_values=1)
    types = _types()[shown].astype(np.uint32)
    pair = (shown[:-1] * _FIRST) ^ (shown[1:] * _SECOND)
    borders_3 = border[:-2] + border[1:-1] * 2 + border[2:] * 4
    borders_5 = borders_3[:-2] + border[3:-1] * 8 + border[4:] * 16
    borders_2 = border[:-1] + border[1:] * 2
    yield "character", shown
    yield "pair", (pair * _THIRD) >> _SHIFT
    yield "pair_with_border", ((pair ^ (border[:-1] * np.uint32(0x5BD1E995))) * _FIRST) >> _SHIFT
    yield "borders_5_and_types", borders_5 * 36 + (types[:-1] * 6 + types[1:])[2:-1]
    yield "borders_7", borders_5[:-2] + border[5:-1] * 32 + border[6:] * 64
    yield "character_before_borders", shown[:-1] * 4 + borders_2
    yield "character_after_borders", shown[1:] * 4 + borders_2


@cache
def _types() -> npt.NDArray[np.uint8]:
    """The type of each character of the basic plane."""
    table = np.full(1 << 16, OTHER, np.uint8)
    table[0x3400:0xA000] = table[0xF900:0xFB00] = HAN
    for first, last in ((0x30, 0x39), (0xFF10, 0xFF19)):
        table[first : last + 1] = DIGIT
    for first, last in ((0x41, 0x5A), (0x61, 0x7A), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0xC0, 0x24F), (0x370, 0x52F)):
        table[first : last + 1] = LETTER
    for first, last in ((0x00, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0xBF), (0x2000, 0x206F), (0x3000, 0x303F)):
        table[first : last + 1] = MARK
    for first, last in ((0xFF00, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65)):
        table[first : last + 1] = MARK
    table[[ord(character) for character in "一二三四五六七八九十百千万亿〇零两"]] = NUMERAL
    return table


@cache
def _weights() -> dict[str, npt.NDArray[np.integer]]:
    """The model: a table a feature, rows of several weights as one number of 32 or 64 bits."""
    packed = {1: np.int16, 2: np.int32, 4: np.int64}
    with np.load(MODEL) as stored:
        weights = {"bias": stored["bias"]}
        for name, feature in FEATURES.items():
            table = np.ascontiguousarray(stored[name])
            weights[name] = table.view(packed[len(feature.offsets)])[:, 0]
    return weights
