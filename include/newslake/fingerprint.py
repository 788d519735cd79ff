"""Fingerprints of articles: MinHash signatures, the bands by which similar ones are found, and what they state."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake.tables.fingerprints import BANDS, FINGERPRINTS, MOST_FACTS, PERMUTATIONS

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Signatures = npt.NDArray[np.uint16]

SHORTEST = 50  # letters and digits; in shorter texts chance decides, so they are compared by their hash alone
# Characters a shingle: a word of English is as long as three of Chinese, and shorter runs are common to all long texts.
HAN_SHINGLE, LETTER_SHINGLE = 5, 7
ROWS_A_BAND = 3  # the last PERMUTATIONS - BANDS * ROWS_A_BAND minima are in no band
NAMES = ("person", "organisation", "place")
RELATIVE = "^[省市州区县旗镇乡街]"  # 区委, 县人民政府: words of every such body

_BUCKET_SHIFT = np.uint64(64 - (PERMUTATIONS - 1).bit_length())
_BASE = np.uint64(0x9E3779B97F4A7C15)
_NOTHING = ~np.uint64(0)  # in an empty bucket, and for shingles that do not count
_RARE_HAN = 0x20000  # stands for all characters beyond the basic plane
_DIGIT, _NUMERAL, _TIME = 1, 2, 4
_CLASSES = {"0123456789": _DIGIT, "〇零一二两三四五六七八九十百千万亿": _NUMERAL, "年月日号时点": _TIME}
# A call of numpy takes as long as a thousand hashes; with more texts their hashes outgrow the processor's cache.
_TEXTS_AT_ONCE = 16


def fingerprint(
    articles: pa.Table,
    mentions: pa.Table | None = None,
    originality: Mapping[str, int] = MappingProxyType({}),
) -> pa.Table:
    """Computes MinHash signatures by one permutation, as exact integers on every platform, and what texts state.

    Shingles are five neighbouring letters and digits where the text is mostly Han or Kana, else seven;
    case, width, white space and marks do not count, so that a copy set with other marks stays a copy.

    Args:
        articles: `tables.ARTICLES`; article_id, deck, text, source and is_converted are read.
        mentions: `tables.MENTIONS` of these articles: names among them are facts.
        originality: source → how original it is, see `tables.FINGERPRINTS`; 0 where it is not named. An article that
            a machine converted is that of a mirror, whatever its source.

    Returns:
        `tables.FINGERPRINTS`, a row an article, in the order given.
    """
    texts = articles["text"].to_pylist()
    # A first paragraph without a full stop passes for a deck.
    whole = pc.binary_join_element_wise(articles["deck"], articles["text"], "\n", null_handling="skip").to_pylist()
    signatures, counts, owners, facts = _read(whole)
    if mentions is not None:
        owners, facts = _with_names(owners, facts, articles["article_id"], mentions)
    is_long = counts > 0
    known = [originality.get(source, 0) for source in articles["source"].to_pylist()]
    is_mirror = pc.fill_null(articles["is_converted"], False).to_numpy()
    return pa.Table.from_arrays(
        [
            articles["article_id"],
            pa.array([hashlib.sha256("".join(text.split()).encode()).hexdigest() for text in texts], pa.string()),
            _lists(signatures.view(np.int16).ravel(), is_long * PERMUTATIONS),
            pa.array(counts, pa.int32()),
            _smallest(owners, facts, is_long),
            _lists(band_keys(signatures).view(np.int32).ravel(), is_long * BANDS),
            pa.array(np.maximum(np.array(known, np.int8), is_mirror), pa.int8()),
        ],
        schema=FINGERPRINTS.schema,
    )


def band_keys(signatures: Signatures) -> npt.NDArray[np.uint32]:
    """A hash a band and signature, (n, BANDS); bands of different places never share one but by chance."""
    minima = signatures[:, : BANDS * ROWS_A_BAND].astype(np.uint64).reshape(-1, BANDS, ROWS_A_BAND)
    keys = np.broadcast_to(_mix(np.arange(1, BANDS + 1, dtype=np.uint64)), minima.shape[:2])
    for row in range(ROWS_A_BAND):
        keys = _mix(keys + minima[:, :, row] + _BASE)
    return (keys >> np.uint64(32)).astype(np.uint32)


def _read(texts: Sequence[str]) -> tuple[Signatures, Rows, Rows, Hashes]:
    """Signatures of the texts that are long enough; shingles of each text; figures, and the text of each."""
    signatures = np.zeros((len(texts), PERMUTATIONS), np.uint16)
    counts = np.zeros(len(texts), np.int64)
    owners, facts = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        found = {row: _characters(text) for row, text in enumerate(texts[start : start + _TEXTS_AT_ONCE], start)}
        long = {row: characters for row, characters in found.items() if len(characters) >= SHORTEST}
        width = {row: _width(characters) for row, characters in long.items()}
        for same in (HAN_SHINGLE, LETTER_SHINGLE):
            rows = [row for row in long if width[row] == same]
            if rows:
                signatures[rows] = _minima([long[row] for row in rows], same)
                counts[rows] = [len(long[row]) - same + 1 for row in rows]
        if long:
            places, figures = _figures(list(long.values()))
            owners.append(np.array(list(long))[places])
            facts.append(figures)
    return signatures[counts > 0], counts, np.concatenate(owners), np.concatenate(facts)


def _characters(text: str) -> Hashes:
    """The letters and digits of a text, folded."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    folded = _folding().take(codes, mode="clip")
    characters: Hashes = folded[folded != 0].astype(np.uint64)
    return characters


def _width(characters: Hashes) -> int:
    """Characters a shingle of this text."""
    is_han = np.count_nonzero(characters >= 0x2E80) * 3 >= len(characters)
    return HAN_SHINGLE if is_han else LETTER_SHINGLE


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


def _minima(texts: Sequence[Hashes], width: int) -> Signatures:
    """The end of the least hash of each text in each of its `PERMUTATIONS` buckets.

    An empty bucket borrows from the first filled one of its own list: one-permutation hashing with optimal
    densification (Shrivastava 2017), by which similar sets borrow alike.
    """
    hashes = _shingles(texts, width)
    bucket = np.repeat(np.arange(0, len(texts) * PERMUTATIONS, PERMUTATIONS), [len(text) for text in texts])
    least = np.full((len(texts), PERMUTATIONS), _NOTHING)
    np.minimum.at(least.reshape(-1), bucket[: len(hashes)] + (hashes >> _BUCKET_SHIFT).view(np.int64), hashes)
    minima = least.astype(np.uint16)
    is_filled = least != _NOTHING
    row, empty = np.nonzero(~is_filled)
    lenders = _lenders()[empty]
    choice = is_filled[row[:, None], lenders].argmax(axis=1)
    minima[row, empty] = minima[row, lenders[np.arange(len(row)), choice]]
    return minima


def _shingles(texts: Sequence[Hashes], width: int) -> Hashes:
    """A hash of each run of `width` characters; runs across two texts count for nothing."""
    characters = np.concatenate(texts)
    count = len(characters) - width + 1
    hashes = characters[:count].copy()
    for shift in range(1, width):
        hashes *= _BASE
        hashes += characters[shift : shift + count]
    hashes = _mix(hashes)
    ends = np.cumsum([len(text) for text in texts[:-1]], dtype=np.int64)
    hashes[np.subtract.outer(ends, np.arange(1, width))] = _NOTHING
    return hashes


@cache
def _classes() -> npt.NDArray[np.uint8]:
    table = np.zeros(_RARE_HAN + 1, np.uint8)
    for characters, bit in _CLASSES.items():
        table[[ord(character) for character in characters]] = bit
    return table


def _figures(texts: Sequence[Hashes]) -> tuple[Rows, Hashes]:
    """The text and a hash of every figure with the character that follows it.

    A figure in Han characters counts where it has two of them or tells a time: 一 alone stands in many words.
    """
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    characters = np.concatenate(texts)
    kind = _classes()[characters.view(np.int64)]
    places = np.flatnonzero(kind & (_DIGIT | _NUMERAL))
    if not len(places):
        return places, np.empty(0, np.uint64)
    is_start = np.append(True, (np.diff(places) > 1) | (np.diff(owner[places]) > 0))
    starts = np.flatnonzero(is_start)
    sizes = np.diff(starts, append=len(places))
    within = np.arange(len(places)) - np.repeat(starts, sizes)
    hashes = np.add.reduceat(_mix(characters[places] + within.view(np.uint64) * _BASE), starts)
    after = places[starts] + sizes
    has_unit = after < len(characters)
    after = np.minimum(after, len(characters) - 1)
    has_unit &= owner[after] == owner[places[starts]]
    unit = np.where(has_unit, characters[after], np.uint64(0))
    is_time = has_unit & ((kind[after] & _TIME) > 0)
    is_kept = np.bitwise_or.reduceat(kind[places] & _DIGIT, starts).astype(bool) | (sizes > 1) | is_time
    return owner[places[starts]][is_kept], _mix(hashes + unit * _BASE)[is_kept]


def _with_names(owners: Rows, facts: Hashes, article_ids: pa.ChunkedArray, mentions: pa.Table) -> tuple[Rows, Hashes]:
    """Facts and the names among mentions."""
    is_name = pc.is_in(mentions["kind"], value_set=pa.array(NAMES))
    named = mentions.filter(pc.and_not(is_name, pc.match_substring_regex(mentions["name"], RELATIVE)))
    places = pc.index_in(named["article_id"], value_set=article_ids.combine_chunks()).to_numpy()
    names = np.fromiter(map(_name, named["name"].to_pylist()), np.uint64, len(named))
    return np.concatenate([owners, places.astype(np.int64)]), np.concatenate([facts, names])


@lru_cache(maxsize=10_000)
def _name(text: str) -> int:
    folded = "".join(filter(str.isalnum, text.lower()))
    return int.from_bytes(hashlib.blake2b(folded.encode(), digest_size=8).digest(), "little")


def _smallest(owners: Rows, facts: Hashes, is_long: npt.NDArray[np.bool_]) -> pa.ListArray:
    """The least different facts of each text that is long enough: the same sample for every text that has them."""
    short = (facts >> np.uint64(32)).astype(np.uint32)
    is_used = is_long[owners]
    pairs = np.unique(owners[is_used].astype(np.uint64) << np.uint64(32) | short[is_used])
    owners = (pairs >> np.uint64(32)).astype(np.int64)
    rank = np.arange(len(pairs)) - np.searchsorted(owners, owners)
    is_taken = rank < MOST_FACTS
    sizes = np.bincount(owners[is_taken], minlength=len(is_long))
    return _lists(pairs[is_taken].astype(np.uint32).view(np.int32), sizes)


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


def _lists(values: npt.NDArray[np.signedinteger], sizes: Rows) -> pa.ListArray:
    """A list a row, of so many values."""
    return pa.ListArray.from_arrays(pa.array(np.concatenate(([0], np.cumsum(sizes))), pa.int32()), pa.array(values))
