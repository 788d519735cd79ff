"""Articles → `search_index`: terms with their places.

A text is a row of units: a Latin word or number, a character of any other script, or a gap (marks and line breaks,
as many as stand together). Spaces are nothing. So a phrase is a row of units without a word list, and is found wherever
it stands, also within words and across them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake.tables.search_index import BUCKETS, FIRST_CLASSES, SEARCH_INDEX, SECOND_CLASSES

GAP, SIGN, WORD, SPACE = range(4)
MARK = "|"
"""Stands for any gap, in the term of the sign before it."""
ARTICLES_AT_ONCE = 65_536 // BUCKETS
"""So that a row of the table has a number of 16 bits, which numpy sorts in linear time."""
_CODE_BITS = 21

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Units:
    """Words and signs of several texts, in order; gaps only count as places.

    Attributes:
        text: which text each is of.
        place: its number among the units of its text, gaps included, from 0 for the first that is none.
        first: its first character's code.
        second: of a word, its second character's; of a sign, that of the sign behind it, or MARK's where a gap is; else 0.
            A sign right behind a word stands there twice: once more as a pair with the word's last character.
        words: the words.
        is_word: which units they are.
    """

    text: Numbers
    place: Numbers
    first: Numbers
    second: Numbers
    words: pa.Array
    is_word: npt.NDArray[np.bool_]


def index(articles: pa.Table, sentences: pa.Table) -> pa.Table:
    """Finds the terms of a batch.

    Args:
        articles: `tables.ARTICLES`.
        sentences: `tables.SENTENCES` of these articles.

    Returns:
        `tables.SEARCH_INDEX`, in its order. What a row says depends on its article alone.
    """
    counts = word_counts(articles["article_id"].combine_chunks(), sentences)
    parts = [SEARCH_INDEX.empty()]
    for start in range(0, articles.num_rows, ARTICLES_AT_ONCE):
        some = articles.slice(start, ARTICLES_AT_ONCE)
        titles = pc.fill_null(some["title"], "")
        texts = pc.utf8_lower(pc.binary_join_element_wise(titles, some["text"], "\n")).to_pylist()
        ids = some["article_id"].combine_chunks()
        parts.append(_rows(ids, counts[start : start + ARTICLES_AT_ONCE], texts))
    return pa.concat_tables(parts)


def word_counts(article_ids: pa.Array, sentences: pa.Table) -> npt.NDArray[np.int32]:
    """How many words the body of each article has: tokens that are not marks (part of speech x or w)."""
    rows = pc.index_in(sentences["article_id"], value_set=article_ids).combine_chunks()
    tokens = sentences["tokens"].combine_chunks()
    is_mark = pc.is_in(tokens.flatten().field("pos"), value_set=pa.array(["x", "w"]))
    within = pc.list_parent_indices(tokens).filter(pc.invert(is_mark))
    found = np.bincount(rows.take(within).to_numpy(zero_copy_only=False), minlength=len(article_ids))
    return found.astype(np.int32)


def _rows(article_ids: pa.Array, counts: npt.NDArray[np.int32], texts: list[str]) -> pa.Table:
    units = _units(texts)
    bucket = units.first % FIRST_CLASSES * SECOND_CLASSES + units.second % SECOND_CLASSES
    row = (units.text * BUCKETS + bucket).astype(np.uint16)
    order = np.argsort(row, kind="stable")
    sizes = np.bincount(row, minlength=len(texts) * BUCKETS)
    is_there = sizes > 0
    is_there[::BUCKETS] = True
    rows = np.flatnonzero(is_there)
    offsets = pa.array(np.append(0, np.cumsum(sizes[rows])), pa.int32())
    text, buckets = rows // BUCKETS, rows % BUCKETS
    columns = {
        "article_id": article_ids.take(pa.array(text)),
        "bucket": pa.array(buckets, pa.int32()),
        "word_count": pa.array(counts[text], pa.int32()),
        "terms": pa.ListArray.from_arrays(offsets, _terms(units, order)),
        "positions": pa.ListArray.from_arrays(offsets, pa.array(units.place[order], pa.int32())),
    }
    return pa.Table.from_arrays([columns[name] for name in SEARCH_INDEX.column_names], schema=SEARCH_INDEX.schema)


def _terms(units: _Units, order: Numbers) -> pa.Array:
    """The terms of units, in an order; each different one is made once."""
    words = units.words.dictionary_encode()
    keys = units.first << _CODE_BITS | units.second
    keys[units.is_word] = -1 - words.indices.to_numpy()
    different = pa.array(keys[order]).dictionary_encode()
    spelled = words.dictionary.to_pylist()
    texts = [spelled[-1 - key] if key < 0 else _sign_term(key) for key in different.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(different.indices)


def _sign_term(key: int) -> str:
    first, second = key >> _CODE_BITS, key & (1 << _CODE_BITS) - 1
    return chr(first) + (chr(second) if second else "")


def _units(texts: list[str]) -> _Units:
    joined = "\n".join([*texts, ""])
    codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32).astype(np.int64)
    kinds = _kinds(codes)
    is_word = kinds == WORD
    begins = is_word.copy()
    begins[1:] &= ~is_word[:-1]
    ends = np.flatnonzero(is_word & ~np.append(is_word[1:], False)) + 1
    kept = np.flatnonzero(kinds != SPACE)
    kind = kinds[kept]
    is_gap = kind == GAP
    is_gap[1:] &= kind[:-1] != GAP
    is_unit = (kind == SIGN) | begins[kept]
    found = np.flatnonzero(is_unit)
    at, of_word = kept[found], kind[found] == WORD
    text = np.searchsorted(np.cumsum([len(one) + 1 for one in texts]), at, side="right")
    place = np.cumsum(is_unit | is_gap)[found]
    # Every text ends with a line break, so there is something behind each unit.
    behind = np.where(of_word, at + 1, kept[np.minimum(found + 1, len(kept) - 1)])
    is_pair = kinds[behind] == np.where(of_word, WORD, SIGN)
    is_last = ~of_word & (kinds[behind] == GAP)
    words = [joined[start:end] for start, end in zip(at[of_word].tolist(), ends.tolist(), strict=True)]
    # A sign that ends a phrase would else be looked for as the first of any pair: 年 of 2024年.
    before = kept[np.maximum(found - 1, 0)]
    place = place - _first_of_each(text, place)
    after_word = np.flatnonzero(~of_word & (kinds[before] == WORD))
    second = np.where(is_pair, codes[behind], np.where(is_last, ord(MARK), 0))
    return _Units(
        text=np.insert(text, after_word, text[after_word]),
        place=np.insert(place, after_word, place[after_word]),
        first=np.insert(codes[at], after_word, codes[before[after_word]]),
        second=np.insert(second, after_word, codes[at[after_word]]),
        words=pa.array(words, pa.string()),
        is_word=np.insert(of_word, after_word, False),
    )


def _first_of_each(groups: Numbers, values: Numbers) -> Numbers:
    """For each row, the value of the first row of its group; rows of a group are neighbours.

    >>> _first_of_each(np.array([0, 0, 2]), np.array([5, 6, 9])).tolist()
    [5, 5, 9]
    """
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    return np.repeat(values[first], np.diff(first, append=len(groups)))


def _kinds(codes: Numbers) -> npt.NDArray[np.uint8]:
    present = np.flatnonzero(np.bincount(codes))
    table = np.zeros(int(codes.max()) + 1, np.uint8)
    table[present] = [_kind(chr(code)) for code in present.tolist()]
    return table[codes]


def _kind(character: str) -> int:
    r"""What a character is in a text; the macro `search_terms` judges by the same rules.

    >>> [_kind(character) for character in "a5港，\n \u3000"]
    [2, 2, 1, 0, 0, 3, 3]
    """
    if character.isascii() and character.isalnum():
        return WORD
    category = unicodedata.category(character)[0]
    if category in "LMN":
        return SIGN
    return SPACE if character in " \t\f\r" or category == "Z" else GAP
