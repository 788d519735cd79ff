"""Terms: what stays whole on top of the words, from lists and from what was found in the articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from newslake.config import reference_lines
from newslake.tables.sentences import SENTENCES, TERM, TOKEN

LISTS = {"terms": "term", "titles": "office"}
"""Lists in seeds/reference, and the kind of their lines; a user extends them by adding a line."""
SURE_LENGTH = 4
"""Shorter lines count only where words begin and end: 专班 is no term in 专班车."""


class Term(NamedTuple):
    """A term of one sentence: `start` and `end` in code points of `articles.text`."""

    sentence: int
    start: int
    end: int
    kind: str


def add_terms(sentences: pa.Table, mentions: pa.Table) -> pa.Table:
    """Lays terms over the words of a batch.

    Of overlapping terms the longest stays, of equal ones the first. A person's office and name are two terms;
    figures are none.

    Args:
        sentences: `tables.SENTENCES`.
        mentions: `tables.MENTIONS` of the same articles.

    Returns:
        The sentences with `terms`, and `in_term` set for every word that a term covers.
    """
    if not len(sentences):
        return sentences
    starts = sentences["start"].to_numpy()
    texts = sentences["text"].to_pylist()
    lists = sentences["tokens"].combine_chunks()
    words = lists.flatten()
    borders = lists.offsets.to_numpy() - lists.offsets[0].as_py()
    found = [*_mentioned(sentences, mentions), *_listed(texts, starts, words, borders)]
    kept = _longest(found)
    covered = _covered(kept, words, borders)
    fields = [words.field(name) for name in ("text", "start", "end", "pos", "is_stop")]
    tokens = pa.ListArray.from_arrays(
        pa.array(borders, pa.int32()), pa.StructArray.from_arrays([*fields, pa.array(covered)], fields=list(TOKEN))
    )
    named = {"tokens": tokens, "terms": _lists(kept, texts, starts)}
    columns = [named.get(name, sentences[name]) for name in SENTENCES.column_names]
    return pa.Table.from_arrays(columns, schema=SENTENCES.schema)


def _lists(terms: list[Term], texts: list[str], starts: npt.NDArray[np.int32]) -> pa.ListArray:
    """The terms of each sentence, as a column."""
    first = starts.tolist()
    spans = [(texts[one.sentence], one.start - first[one.sentence], one.end - first[one.sentence]) for one in terms]
    fields = [
        pa.array([text[start:end] for text, start, end in spans], pa.string()),
        pa.array([one.start for one in terms], pa.int32()),
        pa.array([one.end for one in terms], pa.int32()),
        pa.array([one.kind for one in terms], pa.string()),
    ]
    borders = np.searchsorted([one.sentence for one in terms], np.arange(len(texts) + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(borders), pa.StructArray.from_arrays(fields, fields=list(TERM)))


def _mentioned(sentences: pa.Table, mentions: pa.Table) -> Iterator[Term]:
    """Terms from what was found; those that reach beyond their sentence are left out."""
    names = ("article_id", "sentence_no", "start", "end")
    place = {
        (article_id, number): (row, start, end)
        for row, (article_id, number, start, end) in enumerate(
            zip(*(sentences[name].to_pylist() for name in names), strict=True)
        )
    }
    fields = ("kind", "name", "title", "text", "start", "end")
    rows = zip(*(mentions[name].to_pylist() for name in ("article_id", "sentence_no", *fields)), strict=True)
    for article_id, number, *mention in rows:
        row, first, last = place[article_id, number]
        for kind, start, end in _parts(*mention):
            if first <= start and end <= last:
                yield Term(row, start, end, kind)


def _parts(kind: str, name: str, title: str | None, text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """The terms of one mention.

    >>> list(_parts("person", "沈怀舟", "区委书记", "区委书记沈怀舟", 10, 17))
    [('person', 14, 17), ('office', 10, 14)]
    """
    if kind in ("person", "journalist"):
        first = text.rfind(name)
        yield "person", start + first, start + first + len(name)
        if title and (at := text.find(title)) >= 0:
            yield "office", start + at, start + at + len(title)
    elif kind != "figure":
        yield kind, start, end


def _listed(
    texts: list[str], starts: npt.NDArray[np.int32], words: pa.StructArray, borders: npt.NDArray[np.int32]
) -> Iterator[Term]:
    """Terms from the lists."""
    matcher, kinds = _matcher()
    offsets = list(accumulate((len(text) + 1 for text in texts), initial=0))
    matches = np.array(matcher.find_matches_as_indexes("\n".join(texts)), np.int64).reshape(-1, 3)
    rows = np.searchsorted(offsets, matches[:, 1], side="right") - 1
    shift = starts[rows] - np.array(offsets)[rows]
    begins, ends = matches[:, 1] + shift, matches[:, 2] + shift
    is_sure = matches[:, 2] - matches[:, 1] >= SURE_LENGTH
    # Places of words of all sentences in one rising order: a sentence's number above, the place below.
    of_word = np.repeat(np.arange(len(texts), dtype=np.int64), np.diff(borders)) << 32
    is_start = _holds(of_word + words.field("start").to_numpy(), (rows << 32) + begins)
    is_end = _holds(of_word + words.field("end").to_numpy(), (rows << 32) + ends)
    for position in np.flatnonzero(is_sure | (is_start & is_end)).tolist():
        kind = kinds[int(matches[position, 0])]
        yield Term(int(rows[position]), int(begins[position]), int(ends[position]), kind)


@cache
def _matcher() -> tuple[Any, list[str]]:
    """Finds the longest line of the lists at each place, and the kind of each line."""
    from ahocorasick_rs import AhoCorasick, MatchKind

    kinds = {line: kind for name, kind in LISTS.items() for line in reference_lines(name) if len(line) > 1}
    return AhoCorasick(list(kinds), matchkind=MatchKind.LeftmostLongest), list(kinds.values())


def _longest(found: Iterable[Term]) -> list[Term]:
    """Terms that do not overlap, in order.

    >>> _longest([Term(0, 2, 4, "term"), Term(0, 0, 4, "organisation"), Term(0, 4, 6, "term")])
    [Term(sentence=0, start=0, end=4, kind='organisation'), Term(sentence=0, start=4, end=6, kind='term')]
    """
    kept: list[Term] = []
    taken: dict[int, list[Term]] = {}
    for term in sorted(found, key=lambda one: (one.start - one.end, one.sentence, one.start)):
        others = taken.setdefault(term.sentence, [])
        if all(term.end <= other.start or other.end <= term.start for other in others):
            others.append(term)
            kept.append(term)
    return sorted(kept, key=lambda one: (one.sentence, one.start))


def _holds(rising: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which numbers are among rising ones.

    >>> _holds(np.array([1, 4, 9]), np.array([4, 5, 12])).tolist()
    [True, False, False]
    """
    if not len(rising):
        return np.zeros(len(wanted), bool)
    found: npt.NDArray[np.bool_] = rising[np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)] == wanted
    return found


def _covered(terms: list[Term], words: pa.StructArray, borders: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which words a term covers, in whole or in part."""
    of_word = np.repeat(np.arange(len(borders) - 1, dtype=np.int64) << 32, np.diff(borders))
    sentence = np.array([one.sentence for one in terms], np.int64) << 32
    starts, ends = (of_word + words.field(name).to_numpy() for name in ("start", "end"))
    first = np.searchsorted(ends, sentence + [one.start for one in terms], side="right")
    last = np.searchsorted(starts, sentence + [one.end for one in terms], side="left")
    # +1 where a term begins and -1 behind its end: sums above 0 are words within.
    steps = np.bincount(first, minlength=len(words) + 1) - np.bincount(last, minlength=len(words) + 1)
    return np.cumsum(steps)[: len(words)] > 0
