"""Terms: what stays whole on top of the words, from lists and from what was found in the articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake.config import reference_lines
from newslake.tables.sentences import SENTENCES, TERM, TOKEN

LISTS = {"terms": "term", "titles": "office"}
"""Lists in seeds/reference, and the kind of their lines; a user extends them by adding a line."""
_PEOPLE = pa.array(("person", "journalist"))
PROJECT_MOST = 24
"""Code points of a project's name; longer ones have swallowed a clause."""
SURE_LENGTH = 4
"""Shorter lines count only where words begin and end: 专班 is no term in 专班车."""


_AT_ONCE = 512  # sentences; the places found in long texts no longer fit the processor's cache

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Terms(NamedTuple):
    """Terms, column by column, as there are many: the row of the sentence, start and end in `articles.text`, the kind."""

    rows: Places
    starts: Places
    ends: Places
    kinds: npt.NDArray[np.object_]

    @classmethod
    def of(cls, terms: Iterable[tuple[int, int, int, str]]) -> Terms:
        """Terms from rows."""
        rows, starts, ends, kinds = zip(*terms, strict=True) if (terms := list(terms)) else ((), (), (), ())
        return cls(
            np.array(rows, np.int64), np.array(starts, np.int64), np.array(ends, np.int64), np.array(kinds, object)
        )

    @classmethod
    def joined(cls, parts: Iterable[Terms]) -> Terms:
        """Terms of several tables, in order."""
        return cls._make(map(np.concatenate, zip(*parts, strict=True)))

    def take(self, chosen: Places | Flags) -> Terms:
        """Some of the terms, by their positions or by flags."""
        return Terms._make(column[chosen] for column in self)


def add_terms(sentences: pa.Table, annotations: Mapping[str, pa.Table]) -> pa.Table:
    """Lays terms over the words of a batch.

    Of overlapping terms the longest stays, of equal ones the first. A person's office and name are two terms;
    figures are none. What a task or a report is about is a term wherever its article names it, if it is a project.

    Args:
        sentences: `tables.SENTENCES`, those of an article together and in order.
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
    kept = _longest(
        Terms.joined(
            (
                _mentioned(sentences, annotations["mentions"]),
                Terms.of(_projects(sentences, annotations)),
                _listed(texts, starts, words, borders),
            )
        )
    )
    covered = _covered(kept, words, borders)
    fields = [words.field(name) for name in ("text", "start", "end", "pos", "is_stop")]
    tokens = pa.ListArray.from_arrays(
        pa.array(borders, pa.int32()), pa.StructArray.from_arrays([*fields, pa.array(covered)], fields=list(TOKEN))
    )
    named = {"tokens": tokens, "terms": _lists(kept, texts, starts)}
    columns = [named.get(name, sentences[name]) for name in SENTENCES.column_names]
    return pa.Table.from_arrays(columns, schema=SENTENCES.schema)


def _lists(terms: Terms, texts: list[str], starts: npt.NDArray[np.int32]) -> pa.ListArray:
    """The terms of each sentence, as a column."""
    first = starts[terms.rows]
    places = zip(terms.rows.tolist(), (terms.starts - first).tolist(), (terms.ends - first).tolist(), strict=True)
    fields = [
        pa.array([texts[row][start:end] for row, start, end in places], pa.string()),
        pa.array(terms.starts, pa.int32()),
        pa.array(terms.ends, pa.int32()),
        pa.array(terms.kinds, pa.string()),
    ]
    borders = np.searchsorted(terms.rows, np.arange(len(texts) + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(borders), pa.StructArray.from_arrays(fields, fields=list(TERM)))


def _mentioned(sentences: pa.Table, mentions: pa.Table) -> Terms:
    """Terms from what was found; those that reach beyond their sentence are left out."""
    mentions = mentions.filter(pc.not_equal(mentions["kind"], "figure"))
    is_person = pc.is_in(mentions["kind"], value_set=_PEOPLE).to_numpy()
    starts, ends, kinds = (mentions[name].to_numpy() for name in ("start", "end", "kind"))
    others, people = np.flatnonzero(~is_person), np.flatnonzero(is_person)
    fields = (mentions[name].take(pa.array(people)).to_pylist() for name in ("name", "title", "text", "start"))
    parts = Terms.of(
        (position, begin, end, part)
        for position, *person in zip(people.tolist(), *fields, strict=True)
        for part, begin, end in _parts_of_person(*person)
    )
    found = Terms.joined((Terms(others, starts[others], ends[others], kinds[others]), parts))
    found = found.take(np.argsort(found.rows, kind="stable"))
    found = found._replace(rows=_rows_of(sentences, mentions)[found.rows])
    first, last = (sentences[name].to_numpy()[found.rows] for name in ("start", "end"))
    return found.take((first <= found.starts) & (found.ends <= last))


def _rows_of(sentences: pa.Table, mentions: pa.Table) -> Places:
    """The row of the sentence of each mention."""
    articles = sentences["article_id"].unique()

    def keys(table: pa.Table) -> Places:
        article = pc.index_in(table["article_id"], value_set=articles).to_numpy().astype(np.int64)
        numbered: Places = (article << 32) + table["sentence_no"].to_numpy()
        return numbered

    return np.searchsorted(keys(sentences), keys(mentions))


def _parts_of_person(name: str, title: str | None, text: str, start: int) -> list[tuple[str, int, int]]:
    """The terms of one mention of a person or journalist.

    >>> _parts_of_person("沈怀舟", "区委书记", "区委书记沈怀舟", 10)
    [('person', 14, 17), ('office', 10, 14)]
    """
    first = start + text.rfind(name)
    parts = [("person", first, first + len(name))]
    if title and (at := text.find(title)) >= 0:
        parts.append(("office", start + at, start + at + len(title)))
    return parts


def _projects(sentences: pa.Table, annotations: Mapping[str, pa.Table]) -> Iterator[tuple[int, int, int, str]]:
    """Named projects: matters of tasks and reports that end as projects do, wherever their article names them."""
    ends = _project_ends()
    named: dict[str, set[str]] = {}
    for table in ("directives", "evidence"):
        rows = annotations[table].select(["article_id", "matter"]).to_pydict()
        for article_id, matter in zip(rows["article_id"], rows["matter"], strict=True):
            if SURE_LENGTH <= len(matter) <= PROJECT_MOST and "、" not in matter and matter.endswith(ends):
                named.setdefault(article_id, set()).add(matter)
    chosen = pc.indices_nonzero(pc.is_in(sentences["article_id"], value_set=pa.array(named, pa.string())))
    columns = sentences.select(["article_id", "start", "text"]).take(chosen).to_pydict().values()
    for row, article_id, first, text in zip(chosen.to_pylist(), *columns, strict=True):
        for matter in named[article_id]:
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
) -> Terms:
    """Terms from the lists."""
    matcher, kinds = _matcher()
    offsets = np.cumsum([0, *(len(text) + 1 for text in texts)])
    parts = [_AT_ONCE * part for part in range(-(-len(texts) // _AT_ONCE))]
    found = [
        np.array(matcher.find_matches_as_indexes("\n".join(texts[first : first + _AT_ONCE])), np.int64).reshape(-1, 3)
        + np.array((0, offsets[first], offsets[first]))
        for first in parts
    ]
    matches = np.concatenate(found)
    rows = np.searchsorted(offsets, matches[:, 1], side="right") - 1
    shift = starts[rows] - offsets[rows]
    begins, ends = matches[:, 1] + shift, matches[:, 2] + shift
    is_sure = matches[:, 2] - matches[:, 1] >= SURE_LENGTH
    # Places of words of all sentences in one rising order: a sentence's number above, the place below.
    of_word = np.repeat(np.arange(len(texts), dtype=np.int64), np.diff(borders)) << 32
    is_start = _holds(of_word + words.field("start").to_numpy(), (rows << 32) + begins)
    is_end = _holds(of_word + words.field("end").to_numpy(), (rows << 32) + ends)
    chosen = is_sure | (is_start & is_end)
    return Terms(rows, begins, ends, kinds[matches[:, 0]]).take(chosen)


@cache
def _matcher() -> tuple[Any, npt.NDArray[np.object_]]:
    """Finds the longest line of the lists at each place, and the kind of each line."""
    from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

    kinds = {line: kind for name, kind in LISTS.items() for line in reference_lines(name) if len(line) > 1}
    matcher = AhoCorasick(list(kinds), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
    return matcher, np.array(list(kinds.values()), object)


def _longest(found: Terms) -> Terms:
    """Terms that do not overlap, in order.

    >>> kept = _longest(Terms.of([(0, 2, 4, "term"), (0, 0, 4, "organisation"), (0, 4, 6, "term")]))
    >>> kept.starts.tolist(), kept.kinds.tolist()
    ([0, 4], ['organisation', 'term'])
    """
    found = found.take(np.lexsort((found.starts, found.rows)))
    # Where a term begins that none before it reaches into; most stand alone between two such places.
    reach = np.maximum.accumulate((found.rows << 32) + found.ends)
    firsts = np.flatnonzero((found.rows << 32) + found.starts >= np.append(-1, reach[:-1])[: len(reach)])
    sizes = np.diff(firsts, append=len(reach))
    kept = np.repeat(sizes == 1, sizes)
    lengths = found.ends - found.starts
    pairs = firsts[sizes == 2]
    kept[pairs + (lengths[pairs + 1] > lengths[pairs])] = True
    starts, ends, is_more = found.starts.tolist(), found.ends.tolist(), sizes > 2
    for first, size in zip(firsts[is_more].tolist(), sizes[is_more].tolist(), strict=True):
        chosen: list[int] = []
        for one in sorted(range(first, first + size), key=lambda one: starts[one] - ends[one]):
            if all(ends[one] <= starts[other] or ends[other] <= starts[one] for other in chosen):
                chosen.append(one)
        kept[chosen] = True
    return found.take(kept)


def _holds(rising: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which numbers are among rising ones.

    >>> _holds(np.array([1, 4, 9]), np.array([4, 5, 12])).tolist()
    [True, False, False]
    """
    if not len(rising):
        return np.zeros(len(wanted), bool)
    found: npt.NDArray[np.bool_] = rising[np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)] == wanted
    return found


def _covered(terms: Terms, words: pa.StructArray, borders: npt.NDArray[np.int32]) -> Flags:
    """Which words a term covers, in whole or in part."""
    of_word = np.repeat(np.arange(len(borders) - 1, dtype=np.int64) << 32, np.diff(borders))
    sentence = terms.rows << 32
    starts, ends = (of_word + words.field(name).to_numpy() for name in ("start", "end"))
    first = np.searchsorted(ends, sentence + terms.starts, side="right")
    last = np.searchsorted(starts, sentence + terms.ends, side="left")
    # +1 where a term begins and -1 behind its end: sums above 0 are words within.
    steps = np.bincount(first, minlength=len(words) + 1) - np.bincount(last, minlength=len(words) + 1)
    return np.cumsum(steps)[: len(words)] > 0
