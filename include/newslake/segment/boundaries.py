"""Where Chinese words end: the word list's answer, corrected by a linear model of the characters around each place.

The word list (rjieba) knows many words and cuts by its own custom. The model has learnt from UD_Chinese-GSDSimp, beside which
characters there is a border, what the word list says about the place and its neighbours being one thing that it looks at.
On the dev set of that corpus the word list alone scores F1 79, corrected 94 (`newslake.segment.train` prints both).
"""

from __future__ import annotations

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
OTHER, HAN, DIGIT, LETTER, NUMERAL, MARK = TYPES = range(6)
NEWLINE = 10
MARGIN = 4
"""Line breaks taken to stand in front of the first code point and behind the last: no feature looks further."""

Codes = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

# Factors of multiplicative hashing: odd, and far from powers of two.
_FIRST, _SECOND, _THIRD = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D)
_SHIFT = np.uint32(32 - HASH_BITS)
# What is made of a part of this length stays in the processor's cache.
_CODE_POINTS_A_PART = 32_768


class _Model(NamedTuple):
    """The weights added up for fewest looks into memory; rows of four weights are stored as one number.

    Attributes:
        character: a row for a character, whether a border is before it, behind it, and behind the next one; weights for the
            places one behind it, its own, one and two before it.
        pair: a row for the hash of two neighbours; weights for the same places, counted from the second of them.
        pair_with_border: for the hash of two neighbours and the border between them.
        borders: for the borders at a place and three on each side, and the types of the characters beside it.
    """

    character: npt.NDArray[np.int64]
    pair: npt.NDArray[np.int64]
    pair_with_border: npt.NDArray[np.int16]
    borders: npt.NDArray[np.int16]


def correct(codes: Codes, is_border: Flags) -> Flags:
    """Corrects the word list's borders.

    Left as they are: borders beside marks and white space, and within numbers and Latin words.

    Args:
        codes: code points of sentences, each ended by a line break.
        is_border: behind which of them the word list ends a word.

    Returns:
        Behind which of them a word ends.
    """
    corrected = np.empty_like(is_border)
    for first in range(0, len(codes), _CODE_POINTS_A_PART):
        # The neighbours go in too, so that no border depends on where a part begins.
        start, end = max(0, first - MARGIN), first + _CODE_POINTS_A_PART
        part = _corrected(codes[start : end + MARGIN], is_border[start : end + MARGIN])
        corrected[first:end] = part[first - start :][:_CODE_POINTS_A_PART]
    return corrected


def _corrected(codes: Codes, is_border: Flags) -> Flags:
    model, count = _model(), len(codes)
    shown, border = padded(codes, is_border)
    types = types_of_characters().take(shown)
    types_2 = types[MARGIN : MARGIN + count] * np.uint8(len(TYPES)) + types[MARGIN + 1 : MARGIN + 1 + count]
    borders_3 = border[:-2] + border[1:-1] * np.uint8(2) + border[2:] * np.uint8(4)
    borders_6 = borders_3[MARGIN - 3 :][:count] + borders_3[MARGIN:][:count] * np.uint8(8)
    borders_7 = borders_6 + border[MARGIN + 3 :][:count] * np.uint8(64)
    pair, pair_with_border = hashed_pairs(shown, border)

    scores = model.borders.take(borders_7 * np.uint16(len(TYPES) ** 2) + types_2)
    scores += model.pair_with_border.take(pair_with_border[MARGIN:][:count])
    fours = model.character.take(shown[1:-1] * np.uint32(8) + borders_3).view(np.int16).reshape(-1, 4)
    fours += model.pair.take(pair[:-1]).view(np.int16).reshape(-1, 4)
    for column in range(4):
        scores += fours[MARGIN - 2 + column :][:count, column]
    return np.where(_is_fixed().take(types_2), is_border, scores > 0)


def padded(codes: Codes, is_border: Flags) -> tuple[Codes, npt.NDArray[np.uint8]]:
    """Characters of the basic plane and borders as numbers, with `MARGIN` line breaks on either side."""
    shown = np.full(len(codes) + 2 * MARGIN, NEWLINE, np.uint32)
    border = np.ones(len(shown), np.uint8)
    np.minimum(codes, 0xFFFF, out=shown[MARGIN : MARGIN + len(codes)])
    border[MARGIN : MARGIN + len(codes)] = is_border
    return shown, border


def hashed_pairs(shown: Codes, border: npt.NDArray[np.uint8]) -> tuple[Codes, Codes]:
    """Hashes of each character with the next, and of both with the border between them; of `HASH_BITS` bits."""
    pair = (shown[:-1] * _FIRST) ^ (shown[1:] * _SECOND)
    return (pair * _THIRD) >> _SHIFT, ((pair ^ (border[:-1] * np.uint32(0x5BD1E995))) * _FIRST) >> _SHIFT


@cache
def types_of_characters() -> npt.NDArray[np.uint8]:
    """The type (`HAN`, `MARK` …) of each character of the basic plane."""
    table = np.full(1 << 16, OTHER, np.uint8)
    table[0x3400:0xA000] = table[0xF900:0xFB00] = HAN
    for first, last in ((0x30, 0x39), (0xFF10, 0xFF19)):
        table[first : last + 1] = DIGIT
    for first, last in ((0x41, 0x5A), (0x61, 0x7A), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0xC0, 0x24F), (0x370, 0x52F)):
        table[first : last + 1] = LETTER
    for first, last in (
        (0x00, 0x2F),
        (0x3A, 0x40),
        (0x5B, 0x60),
        (0x7B, 0xBF),
        (0x2000, 0x206F),
        (0x3000, 0x303F),
        (0x1680, 0x1680),
    ):
        table[first : last + 1] = MARK
    for first, last in ((0xFF00, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65)):
        table[first : last + 1] = MARK
    table[[ord(character) for character in "一二三四五六七八九十百千万亿〇零两"]] = NUMERAL
    return table


@cache
def _is_fixed() -> Flags:
    """By the types of two neighbours, whether the border between them is left as it is."""
    before, after = np.divmod(np.arange(len(TYPES) ** 2), len(TYPES))
    fixed: Flags = (before == MARK) | (after == MARK) | ((before != HAN) & (after != HAN))
    return fixed


@cache
def _model() -> _Model:
    """The stored weights; sums of 16-bit integers come out the same in any order."""
    with np.load(MODEL) as stored:
        learnt = {name: stored[name] for name in stored}
    borders = np.arange(8)
    before_and_behind, behind_two = borders & 3, borders >> 1
    character = np.repeat(learnt["character"], 8, axis=0).reshape(-1, 8, 4)
    character[:, :, 1] += learnt["character_before_borders"].reshape(-1, 4)[:, behind_two]
    character[:, :, 1:3] += learnt["character_after_borders"].reshape(-1, 4, 2)[:, before_and_behind]
    borders_5 = np.arange(128) >> 1 & 31
    around = learnt["borders_5_and_types"].reshape(32, -1)[borders_5] + learnt["borders_7"] + learnt["bias"]
    return _Model(
        character.reshape(-1, 4).view(np.int64).ravel(),
        learnt["pair"].view(np.int64).ravel(),
        learnt["pair_with_border"].ravel(),
        around.ravel(),
    )
