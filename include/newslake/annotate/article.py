"""One article as annotators see it, and what they have found in it so far."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa


@dataclass(frozen=True)
class Words:
    """Words in a row with parts of speech and places, as `segment` gives them."""

    texts: Sequence[str]
    tags: Sequence[str]
    starts: Sequence[int]

    def between(self, first: int, end: int) -> str:
        """The words from `first` up to `end`, white space between them left out."""
        return "".join(self.texts[first:end])


class Sentence(NamedTuple):
    """A sentence's place in the article: `start` and `end` in code points of `Article.text`."""

    number: int
    block_no: int
    start: int
    end: int


@dataclass(frozen=True)
class Article:
    """What an annotator may use of an article.

    Attributes:
        text: `articles.text`; every span counts its code points.
        sentences: in the order of the text.
        place: of the dateline, as printed.
        tokens: `sentences.tokens` of the sentences; see `words`.
    """

    article_id: str
    text: str
    language: str
    title: str | None
    source_name: str | None
    place: str | None
    event_date: date | None
    published_date: date | None
    published_month: str
    sentences: tuple[Sentence, ...]
    tokens: pa.ListArray

    def sentence_at(self, place: int) -> Sentence:
        """The sentence that holds a place of the text, or the last one before it."""
        return self.sentences[bisect_right(self.sentence_starts, place, 1) - 1]

    @cached_property
    def sentence_starts(self) -> list[int]:
        """Where the sentences begin, in order."""
        return [sentence.start for sentence in self.sentences]

    @cached_property
    def marks(self) -> bytes:
        """A byte for each code point of the text and one behind the last; 1 where a token begins, and behind the last."""
        marks = np.zeros(len(self.text) + 1, np.uint8)
        marks[-1] = 1
        if len(self.tokens):
            marks[self._token_fields.field("start").to_numpy()] = 1
        return marks.tobytes()

    def tags(self, first: int, end: int) -> list[str | None]:
        """Parts of speech of tokens of all sentences, from position `first` up to `end`."""
        names, codes = self._tag_codes
        return [names[code] for code in codes[first : max(first, end)].tolist()]

    @cached_property
    def _tag_codes(self) -> tuple[list[str | None], npt.NDArray[np.int32]]:
        # By way of a dictionary: few strings are made.
        encoded = self._token_fields.field("pos").dictionary_encode()
        names = [*encoded.dictionary.to_pylist(), None]
        codes = encoded.indices
        return names, (codes.fill_null(len(names) - 1) if codes.null_count else codes).to_numpy()

    @cached_property
    def _token_fields(self) -> pa.StructArray:
        # `flatten` of a slice keeps to the slice; `field` of its result does too.
        return self.tokens.flatten()

    def words(self, position: int) -> Words:
        """The words of the sentence at a position of `sentences`; taking them out costs time, so ask for few."""
        listed = self.tokens[position].as_py()
        return Words(*([token[name] for token in listed] for name in ("text", "pos", "start")))

    def blocks(self) -> Iterator[tuple[Sentence, ...]]:
        """Sentences of each block, in order."""
        first = 0
        for position in range(1, len(self.sentences) + 1):
            if position == len(self.sentences) or self.sentences[position].block_no != self.sentences[first].block_no:
                yield self.sentences[first:position]
                first = position


class Mention(NamedTuple):
    """A row of `mentions` without what follows from its article; see tables/mentions.py for the fields."""

    kind: str
    start: int
    end: int
    name: str
    confidence: float
    resolved_name: str | None = None
    title: str | None = None
    body: str | None = None
    division: str | None = None
    level: str | None = None
    quantity: float | None = None
    unit: str | None = None
    modifier: str | None = None
    counted: str | None = None


class Quote(NamedTuple):
    """A row of `quotes` without what follows from its article; see tables/quotes.py for the fields."""

    start: int
    end: int
    speaker: str | None
    speaker_title: str | None
    speaker_text: str
    verb: str
    is_direct: bool
    confidence: float


class Directive(NamedTuple):
    """A row of `directives` without what follows from its article; see tables/directives.py for the fields.

    Attributes:
        parent: start and end of the directive whose heading it stands under.
    """

    start: int
    end: int
    verb: str
    task: str
    matter: str
    confidence: float
    parent: tuple[int, int] | None = None
    speaker: str | None = None
    speaker_title: str | None = None
    responsible_bodies: tuple[str, ...] | None = None
    deadline: date | None = None
    deadline_precision: str | None = None
    deadline_text: str | None = None
    target: str | None = None
    quantity: float | None = None
    unit: str | None = None
    modifier: str | None = None
    domain: str | None = None


class Evidence(NamedTuple):
    """A row of `evidence` without what follows from its article; see tables/evidence.py for the fields."""

    start: int
    end: int
    kind: str
    matter: str
    confidence: float
    bodies: tuple[str, ...] | None = None
    speaker: str | None = None
    quantity: float | None = None
    unit: str | None = None
    at: date | None = None


_START, _END = attrgetter("start"), attrgetter("end")


@dataclass
class Found:
    """What the annotators before have found; each adds its own.

    Attributes:
        jurisdiction: the division the article is about (重庆市/涪陵区), once places are known.
        mentions: in the order in which they were found.
    """

    jurisdiction: str | None = None
    mentions: list[Mention] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)

    _sorted: dict[tuple[str, ...], tuple[int, list[Mention]]] = field(default_factory=dict, repr=False)

    def of_kind(self, *kinds: str) -> list[Mention]:
        """Mentions of these kinds, by place in the text; not to be changed."""
        count, found = self._sorted.get(kinds, (-1, []))
        if count != len(self.mentions):
            # By two sorts that keep the order of equals, which take no function of ours.
            found = sorted([one for one in self.mentions if one.kind in kinds], key=_END, reverse=True)
            found.sort(key=_START)
            self._sorted[kinds] = len(self.mentions), found
        return found

    def settle(self) -> None:
        """Forgets what was sorted: an annotator may have put mentions in the place of others."""
        self._sorted.clear()


def identity(article_id: str, *parts: str) -> str:
    """An id that the same article and parts always give: 16 hexadecimal digits."""
    return sha256("\x1f".join((article_id, *parts)).encode()).hexdigest()[:16]


def articles_of(articles: pa.Table, sentences: pa.Table) -> Iterator[Article]:
    """The articles of a batch with their sentences, in the order of `articles`.

    Args:
        articles: `tables.ARTICLES`.
        sentences: `tables.SENTENCES` of these articles; an article's rows in order.
    """
    by_article: dict[str, list[Sentence]] = {}
    first: dict[str, int] = {}
    tokens = sentences["tokens"].combine_chunks()
    names = ("article_id", "sentence_no", "block_no", "start", "end")
    for row, (article_id, *place) in enumerate(zip(*(sentences[name].to_pylist() for name in names), strict=True)):
        by_article.setdefault(article_id, []).append(Sentence(*place))
        first.setdefault(article_id, row)
    columns = (
        "article_id",
        "text",
        "language",
        "title",
        "source_name",
        "place",
        "event_date",
        "published_date",
        "published_month",
    )
    for values in articles.select(list(columns)).to_pylist():
        own = tuple(by_article.get(values["article_id"], ()))
        words = tokens.slice(first.get(values["article_id"], 0), len(own))
        yield Article(**values, sentences=own, tokens=words)
