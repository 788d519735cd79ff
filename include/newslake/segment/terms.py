"""Terms: what stays whole on top of the words, from lists and from what was found in the articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import accumulate
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake.config import reference_lines
from newslake.tables.sentences import SENTENCES, TERM, TOKEN

LISTS = {"terms": "term", "titles": "office"}
"""Lists in seeds/reference, and the kind of their lines; a user extends them by adding a line."""
_PEOPLE = frozenset(("person", "journalist"))
PROJECT_MOST = 24
"""Code points of a project's name; longer ones have swallowed a clause."""
SURE_LENGTH = 4
"""Shorter lines count only where words begin and end: 专班 is no term in 专班车."""


# The position of its sentence, start and end in code points of `articles.text`, and its kind: plain, as there are many.
Term = tuple[int, int, int, str]
_AT_ONCE = 512  # sentences; the places found in long texts no longer fit the processor's cache


def add_terms(sentences: pa.Table, annotations: Mapping[str, pa.Table]) -> pa.Table:
    """Lays terms over the words of a batch.

    Of overlapping terms the longest stays, of equal ones the first. A person's office and name are two terms;
    figures are none. What a task or a report is about is a term wherever its article names it, if it is a project.

    Args:
        sentences: `tables.SENTENCES`.
        annotations: `tables.MENTIONS`, `DIRECTIVES` and `EVIDENCE` of the same articles, by name.

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
    found = [
        *_mentioned(sentences, annotations["mentions"]),
        *_projects(sentences, annotations),
        *_listed(texts, starts, words, borders),
    ]
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
    rows, begins, ends, kinds = zip(*terms, strict=True) if terms else ((), (), (), ())
    first = starts.tolist()
    words = [texts[row][start - first[row] : end - first[row]] for row, start, end, _ in terms]
    fields = [
        pa.array(words, pa.string()),
        pa.array(begins, pa.int32()),
        pa.array(ends, pa.int32()),
        pa.array(kinds, pa.string()),
    ]
    borders = np.searchsorted(np.array(rows, np.int64), np.arange(len(texts) + 1)).astype(np.int32)
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
    mentions = mentions.filter(pc.not_equal(mentions["kind"], "figure"))
    fields = ("article_id", "sentence_no", "kind", "name", "title", "text", "start", "end")
    for article_id, number, kind, name, title, text, start, end in zip(
        *(mentions[field].to_pylist() for field in fields), strict=True
    ):
        row, first, last = place[article_id, number]
        if kind not in _PEOPLE:
            if first <= start and end <= last:
                yield row, start, end, kind
            continue
        for part, begin, stop in _parts_of_person(name, title, text, start):
            if first <= begin and stop <= last:
                yield row, begin, stop, part


def _parts_of_person(name: str, title: str | None, text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """The terms of one mention of a person or journalist.

    >>> list(_parts_of_person("沈怀舟", "区委书记", "区委书记沈怀舟", 10))
    [('person', 14, 17), ('office', 10, 14)]
    """
    first = start + text.rfind(name)
    yield "person", first, first + len(name)
    if title and (at := text.find(title)) >= 0:
        yield "office", start + at, start + at + len(title)


def _projects(sentences: pa.Table, annotations: Mapping[str, pa.Table]) -> Iterator[Term]:
    """Named projects: matters of tasks and reports that end as projects do, wherever their article names them."""
    ends = _project_ends()
    named: dict[str, set[str]] = {}
    for table in ("directives", "evidence"):
        rows = annotations[table].select(["article_id", "matter"]).to_pydict()
        for article_id, matter in zip(rows["article_id"], rows["matter"], strict=True):
            if SURE_LENGTH <= len(matter) <= PROJECT_MOST and "、" not in matter and matter.endswith(ends):
                named.setdefault(article_id, set()).add(matter)
    if not named:
        return
    rows = sentences.select(["article_id", "start", "text"]).to_pydict()
    for row, (article_id, first, text) in enumerate(zip(*rows.values(), strict=True)):
        for matter in sorted(named.get(article_id, ())):
            place = text.find(matter)
            while place >= 0:
                yield row, first + place, first + place + len(matter), "project"
                place = text.find(matter, place + len(matter))


@cache
def _project_ends() -> tuple[str, ...]:
    """How names of projects end: the lines `named:` of seeds/reference/project_nouns.txt."""
    lines = (line.partition(":") for line in reference_lines("project_nouns"))
    return tuple(word for kind, _, words in lines if kind == "named" for word in words.split())


def _listed(
    texts: list[str], starts: npt.NDArray[np.int32], words: pa.StructArray, borders: npt.NDArray[np.int32]
) -> Iterator[Term]:
    """Terms from the lists."""
    matcher, kinds = _matcher()
    offsets = list(accumulate((len(text) + 1 for text in texts), initial=0))
    parts = [_AT_ONCE * part for part in range(-(-len(texts) // _AT_ONCE))]
    found = [
        np.array(matcher.find_matches_as_indexes("\n".join(texts[first : first + _AT_ONCE])), np.int64).reshape(-1, 3)
        + np.array((0, offsets[first], offsets[first]))
        for first in parts
    ]
    matches = np.concatenate(found)
    rows = np.searchsorted(offsets, matches[:, 1], side="right") - 1
    shift = starts[rows] - np.array(offsets)[rows]
    begins, ends = matches[:, 1] + shift, matches[:, 2] + shift
    is_sure = matches[:, 2] - matches[:, 1] >= SURE_LENGTH
    # Places of words of all sentences in one rising order: a sentence's number above, the place below.
    of_word = np.repeat(np.arange(len(texts), dtype=np.int64), np.diff(borders)) << 32
    is_start = _holds(of_word + words.field("start").to_numpy(), (rows << 32) + begins)
    is_end = _holds(of_word + words.field("end").to_numpy(), (rows << 32) + ends)
    chosen = is_sure | (is_start & is_end)
    lines = [kinds[line] for line in matches[chosen, 0].tolist()]
    yield from zip(rows[chosen].tolist(), begins[chosen].tolist(), ends[chosen].tolist(), lines, strict=True)


@cache
def _matcher() -> tuple[Any, list[str]]:
    """Finds the longest line of the lists at each place, and the kind of each line."""
    from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

    kinds = {line: kind for name, kind in LISTS.items() for line in reference_lines(name) if len(line) > 1}
    matcher = AhoCorasick(list(kinds), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
    return matcher, list(kinds.values())


def _longest(found: Iterable[Term]) -> list[Term]:
    """Terms that do not overlap, in order.

    >>> _longest([(0, 2, 4, "term"), (0, 0, 4, "organisation"), (0, 4, 6, "term")])
    [(0, 0, 4, 'organisation'), (0, 4, 6, 'term')]
    """
    taken: dict[int, list[Term]] = {}
    # Sorted twice, each time keeping the order of equals: by place, then by length.
    by_place = sorted(found, key=itemgetter(0, 1))
    by_place.sort(key=lambda term: term[1] - term[2])
    for term in by_place:
        row, first, last, _ = term
        others = taken.get(row)
        if others is None:
            taken[row] = [term]
            continue
        for other in others:
            if first < other[2] and other[1] < last:
                break
        else:
            others.append(term)
    return sorted((term for others in taken.values() for term in others), key=itemgetter(0, 1))


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
    placed = np.array([term[:3] for term in terms], np.int64).reshape(-1, 3)
    sentence = placed[:, 0] << 32
    starts, ends = (of_word + words.field(name).to_numpy() for name in ("start", "end"))
    first = np.searchsorted(ends, sentence + placed[:, 1], side="right")
    last = np.searchsorted(starts, sentence + placed[:, 2], side="left")
    # +1 where a term begins and -1 behind its end: sums above 0 are words within.
    steps = np.bincount(first, minlength=len(words) + 1) - np.bincount(last, minlength=len(words) + 1)
    return np.cumsum(steps)[: len(words)] > 0
