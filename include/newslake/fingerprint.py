"""Fingerprints of articles: MinHash signatures, and the bands by which similar ones are found."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from newslake.tables.fingerprints import BANDS, FINGERPRINTS, PERMUTATIONS

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Signatures = npt.NDArray[np.uint32]

SHORTEST = 50  # letters and digits; in shorter texts chance decides, so they are compared by their hash alone
HAN_SHINGLE, WORD_SHINGLE = 5, 3  # characters, words: characters would merge long English texts
FIGURE_WEIGHT = 6  # a shingle with a digit counts as often as this many others
ROWS_A_BAND = PERMUTATIONS // BANDS

_BUCKET_SHIFT = np.uint64(64 - (PERMUTATIONS - 1).bit_length())
_VALUE_SHIFT = np.uint64(25)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_NOTHING = ~np.uint64(0)  # in an empty bucket, and for shingles that do not count
_COPIES = np.arange(1, FIGURE_WEIGHT, dtype=np.uint64)
_RARE_HAN = 0x20000  # stands for all characters beyond the basic plane
# A call of numpy takes as long as a thousand hashes; with more texts their hashes outgrow the processor's cache.
_TEXTS_AT_ONCE = 16


class _Units(NamedTuple):
    """What the shingles of a text are made of: `width` neighbouring values each."""

    width: int
    values: Hashes
    is_figure: npt.NDArray[np.bool_]


def fingerprint(articles: pa.Table) -> pa.Table:
    """Computes MinHash signatures by one permutation, as exact integers on every platform.

    Shingles are five neighbouring characters where the text is mostly Han or Kana, else three neighbouring words;
    case, width, white space and marks do not count, so that a copy set with other marks stays a copy.

    Args:
        articles: `tables.ARTICLES`; only `article_id` and `text` are read.

    Returns:
        `tables.FINGERPRINTS`, a row an article, in the order given.
    """
    texts = articles["text"].to_pylist()
    signatures, has_signature = _signatures(texts)
    return pa.Table.from_arrays(
        [
            articles["article_id"],
            pa.array([hashlib.sha256("".join(text.split()).encode()).hexdigest() for text in texts], pa.string()),
            _lists(signatures.view(np.int32), has_signature),
            _lists(band_keys(signatures).view(np.int64), has_signature),
        ],
        schema=FINGERPRINTS.schema,
    )


def band_keys(signatures: Signatures) -> Hashes:
    """A hash a band and signature, (n, BANDS); bands of different places never share one."""
    minima = signatures.astype(np.uint64).reshape(-1, BANDS, ROWS_A_BAND)
    keys = np.broadcast_to(_mix(np.arange(1, BANDS + 1, dtype=np.uint64)), minima.shape[:2])
    for row in range(ROWS_A_BAND):
        keys = _mix(keys + minima[:, :, row] + _BASE)
    return keys


def _signatures(texts: Sequence[str]) -> tuple[Signatures, npt.NDArray[np.bool_]]:
    """The signatures of those texts that are long enough, and which ones these are."""
    signatures = np.zeros((len(texts), PERMUTATIONS), np.uint32)
    has_signature = np.zeros(len(texts), bool)
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        found = {row: _units(text) for row, text in enumerate(texts[start : start + _TEXTS_AT_ONCE], start)}
        for width in (HAN_SHINGLE, WORD_SHINGLE):
            alike = {row: units for row, units in found.items() if units and units.width == width}
            if alike:
                rows = list(alike)
                signatures[rows] = _minima(list(alike.values()))
                has_signature[rows] = True
    return signatures[has_signature], has_signature


def _units(text: str) -> _Units | None:
    """The characters or words of a text, or None where it is too short."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    folded = _folding().take(codes, mode="clip")
    places = np.flatnonzero(folded != 0)
    if len(places) < SHORTEST:
        return None
    characters = folded.take(places)
    is_figure = (characters >= ord("0")) & (characters <= ord("9"))
    units = characters.astype(np.uint64)
    if np.count_nonzero(characters >= 0x2E80) * 3 >= len(characters):
        return _Units(HAN_SHINGLE, units, is_figure)
    starts = np.flatnonzero(np.diff(places, prepend=-2) > 1)
    within = np.arange(len(units)) - np.repeat(starts, np.diff(starts, append=len(units)))
    words = np.add.reduceat(_mix(units + within.astype(np.uint64) * _BASE), starts)
    if len(words) < WORD_SHINGLE:
        return None
    return _Units(WORD_SHINGLE, words, np.logical_or.reduceat(is_figure, starts))


@cache
def _folding() -> npt.NDArray[np.uint32]:
    """Code point → the one as which it counts; 0 for white space and marks."""
    table = np.zeros(_RARE_HAN + 1, np.uint32)
    for code in range(0x10000):
        character = chr(code - 0xFEE0 if 0xFF01 <= code <= 0xFF5E else code).lower()
        if len(character) == 1 and character.isalnum():
            table[code] = ord(character)
    table[_RARE_HAN] = _RARE_HAN
    return table


def _minima(texts: Sequence[_Units]) -> Signatures:
    """The least hash of each text in each of its `PERMUTATIONS` buckets; a shingle with a figure has `FIGURE_WEIGHT` hashes.

    An empty bucket borrows from the first filled one of its own list: one-permutation hashing with optimal
    densification (Shrivastava 2017), by which similar sets borrow alike.
    """
    hashes, has_figure = _shingles(texts)
    bucket = np.repeat(np.arange(0, len(texts) * PERMUTATIONS, PERMUTATIONS), [len(text.values) for text in texts])
    figures = np.flatnonzero(has_figure)
    copies = _mix(np.add.outer(_COPIES, hashes[figures]).ravel())
    least = np.full((len(texts), PERMUTATIONS), _NOTHING)
    for values, first in ((hashes, bucket[: len(hashes)]), (copies, np.tile(bucket[figures], len(_COPIES)))):
        np.minimum.at(least.reshape(-1), first + (values >> _BUCKET_SHIFT).view(np.int64), values)
    minima = (least >> _VALUE_SHIFT).astype(np.uint32)
    is_filled = least != _NOTHING
    row, empty = np.nonzero(~is_filled)
    lenders = _lenders()[empty]
    choice = is_filled[row[:, None], lenders].argmax(axis=1)
    minima[row, empty] = minima[row, lenders[np.arange(len(row)), choice]]
    return minima


def _shingles(texts: Sequence[_Units]) -> tuple[Hashes, npt.NDArray[np.bool_]]:
    """A hash of each run of `width` units, and whether a figure is in it; runs across two texts count for nothing."""
    width = texts[0].width
    units = np.concatenate([text.values for text in texts])
    is_figure = np.concatenate([text.is_figure for text in texts])
    count = len(units) - width + 1
    hashes = units[:count].copy()
    has_figure = is_figure[:count].copy()
    for shift in range(1, width):
        hashes *= _BASE
        hashes += units[shift : shift + count]
        has_figure |= is_figure[shift : shift + count]
    hashes = _mix(hashes)
    ends = np.cumsum([len(text.values) for text in texts[:-1]], dtype=np.int64)
    across = np.subtract.outer(ends, np.arange(1, width))
    hashes[across] = _NOTHING
    has_figure[across] = False
    return hashes, has_figure


def _mix(values: Hashes) -> Hashes:
    """The finalizer of SplitMix64: every bit of the input changes half of the output."""
    mixed = values >> np.uint64(30)
    mixed ^= values
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


@cache
def _lenders() -> Rows:
    """For each bucket, all buckets in the order in which it asks them."""
    pairs = np.arange(PERMUTATIONS * PERMUTATIONS, dtype=np.uint64).reshape(PERMUTATIONS, PERMUTATIONS)
    return np.argsort(_mix(pairs + _BASE), axis=1, kind="stable")


def _lists(values: npt.NDArray[np.signedinteger], is_filled: npt.NDArray[np.bool_]) -> pa.ListArray:
    """A list a row of `is_filled`: the next row of `values` where it is true, else empty."""
    offsets = np.concatenate(([0], np.cumsum(is_filled * values.shape[1])))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values.ravel()))
