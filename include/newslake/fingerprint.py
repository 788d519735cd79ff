"""Fingerprints of articles: MinHash signatures, the bands by which similar ones are found, and what they state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake import facts as stated
from newslake.facts import RARE, Rows
from newslake.hashes import BASE, Hashes, mix
from newslake.tables.fingerprints import BANDS, FINGERPRINTS, MOST_FACTS, PERMUTATIONS

Signatures = npt.NDArray[np.uint16]

SHORTEST = 50  # letters and digits; in shorter texts chance decides, so they are compared by their hash alone
# Characters a shingle: a word of English is as long as three of Chinese, and shorter runs are common to all long texts.
HAN_SHINGLE, LETTER_SHINGLE = 5, 7
ROWS_A_BAND = 3  # the last PERMUTATIONS - BANDS * ROWS_A_BAND minima are in no band

_BUCKET_SHIFT = np.uint64(64 - (PERMUTATIONS - 1).bit_length())
_NOTHING = ~np.uint64(0)  # in an empty bucket, and for shingles that do not count
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
        articles: `tables.ARTICLES`; article_id, title, deck, text, source and is_converted are read.
        mentions: `tables.MENTIONS` of these articles: names among them are facts.
        originality: source → how original it is, see `tables.FINGERPRINTS`; 0 where it is not named. An article that
            a machine converted is that of a mirror, whatever its source.

    Returns:
        `tables.FINGERPRINTS`, a row an article, in the order given.
    """
    texts = articles["text"].to_pylist()
    # A first paragraph without a full stop passes for a deck.
    whole = pc.binary_join_element_wise(articles["deck"], articles["text"], "\n", null_handling="skip").to_pylist()
    signatures, is_long, found = _read(whole)
    if mentions is not None:
        found.append(stated.names(articles["article_id"], mentions))
    titles = [None if long else title for long, title in zip(is_long, articles["title"].to_pylist(), strict=True)]
    hashes = [
        sha256("".join(f"{title or ''}{text}".split()).encode()) for title, text in zip(titles, texts, strict=True)
    ]
    known = [originality.get(source, 0) for source in articles["source"].to_pylist()]
    is_mirror = pc.fill_null(articles["is_converted"], False).to_numpy()
    return pa.Table.from_arrays(
        [
            articles["article_id"],
            pa.array([one.hexdigest() for one in hashes], pa.string()),
            _lists(signatures.view(np.int16).ravel(), is_long * PERMUTATIONS),
            _smallest(found, is_long),
            _bands(signatures, is_long, b"".join(one.digest()[:4] for one in hashes)),
            pa.array(np.maximum(np.array(known, np.int8), is_mirror), pa.int8()),
        ],
        schema=FINGERPRINTS.schema,
    )


def band_keys(signatures: Signatures) -> npt.NDArray[np.uint32]:
    """A hash a band and signature, (n, BANDS); bands of different places never share one but by chance."""
    minima = signatures[:, : BANDS * ROWS_A_BAND].astype(np.uint64).reshape(-1, BANDS, ROWS_A_BAND)
    keys = np.broadcast_to(mix(np.arange(1, BANDS + 1, dtype=np.uint64)), minima.shape[:2])
    for row in range(ROWS_A_BAND):
        keys = mix(keys + minima[:, :, row] + BASE)
    return (keys >> np.uint64(32)).astype(np.uint32)


def _read(texts: Sequence[str]) -> tuple[Signatures, npt.NDArray[np.bool_], list[tuple[Rows, Hashes]]]:
    """Signatures of the texts that are long enough; which are; what they state, and the text of each."""
    signatures = np.zeros((len(texts), PERMUTATIONS), np.uint16)
    is_long = np.zeros(len(texts), bool)
    facts = [(np.empty(0, np.int64), np.empty(0, np.uint64))]
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        found = {row: _characters(text) for row, text in enumerate(texts[start : start + _TEXTS_AT_ONCE], start)}
        long = {row: characters for row, characters in found.items() if len(characters) >= SHORTEST}
        width = {row: _width(characters) for row, characters in long.items()}
        is_long[list(long)] = True
        for same in (HAN_SHINGLE, LETTER_SHINGLE):
            rows = [row for row in long if width[row] == same]
            if rows:
                signatures[rows] = _minima([long[row] for row in rows], same)
        if long:
            places, hashes = stated.figures(list(long.values()))
            facts.append((np.array(list(long))[places], hashes))
        latin = np.array([row for row in long if width[row] == LETTER_SHINGLE], np.int64)
        places, hashes = stated.words([texts[row] for row in latin])
        facts.append((latin[places], hashes))
    return signatures[is_long], is_long, facts


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
    table = np.zeros(RARE + 1, np.uint32)
    for code in range(0x10000):
        character = chr(code - 0xFEE0 if 0xFF01 <= code <= 0xFF5E else code).lower()
        if len(character) == 1 and character.isalnum():
            table[code] = ord(character)
    table[RARE] = RARE
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
        hashes *= BASE
        hashes += characters[shift : shift + count]
    hashes = mix(hashes)
    ends = np.cumsum([len(text) for text in texts[:-1]], dtype=np.int64)
    hashes[np.subtract.outer(ends, np.arange(1, width))] = _NOTHING
    return hashes


def _smallest(found: Sequence[tuple[Rows, Hashes]], is_long: npt.NDArray[np.bool_]) -> pa.ListArray:
    """The least different facts of each text that is long enough: the same sample for every text that has them."""
    owners, facts = (np.concatenate(parts) for parts in zip(*found, strict=True))
    is_used = is_long[owners]
    pairs = np.unique(owners[is_used].astype(np.uint64) << np.uint64(32) | facts[is_used])
    owners = (pairs >> np.uint64(32)).astype(np.int64)
    rank = np.arange(len(pairs)) - np.searchsorted(owners, owners)
    is_taken = rank < MOST_FACTS
    sizes = np.bincount(owners[is_taken], minlength=len(is_long))
    return _lists(pairs[is_taken].astype(np.uint32).view(np.int32), sizes)


@cache
def _lenders() -> Rows:
    """For each bucket, all buckets in the order in which it asks them."""
    pairs = np.arange(PERMUTATIONS * PERMUTATIONS, dtype=np.uint64).reshape(PERMUTATIONS, PERMUTATIONS)
    return np.argsort(mix(pairs + BASE), axis=1, kind="stable")


def _bands(signatures: Signatures, is_long: npt.NDArray[np.bool_], texts: bytes) -> pa.BinaryArray:
    """The keys of each signature's bands, and as the last one of each row the beginning of the text's hash."""
    ends = np.cumsum(is_long * BANDS + 1)
    keys = np.empty(ends[-1] if len(ends) else 0, "<u4")
    is_text = np.zeros(len(keys), bool)
    is_text[ends - 1] = True
    keys[is_text], keys[~is_text] = np.frombuffer(texts, "<u4"), band_keys(signatures).ravel()
    offsets = np.concatenate(([0], ends * 4)).astype(np.int32)
    return pa.BinaryArray.from_buffers(pa.binary(), len(is_long), [None, pa.py_buffer(offsets), pa.py_buffer(keys)])


def _lists(values: npt.NDArray[np.signedinteger], sizes: Rows) -> pa.ListArray:
    """A list a row, of so many values."""
    return pa.ListArray.from_arrays(pa.array(np.concatenate(([0], np.cumsum(sizes))), pa.int32()), pa.array(values))
