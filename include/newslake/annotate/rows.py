"""From what was found in articles to rows of tables."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from newslake.annotate.article import Article, Directive, Evidence, Found, Mention, Quote, identity
from newslake.tables import DIRECTIVES, EVIDENCE, MENTIONS, QUOTES, Table

Pairs = Iterable[tuple[Article, Found]]
Columns = Sequence[Sequence[Any]]
Made = Callable[[Article, Found, Sequence[Any]], Columns]

# Columns that are the same for all findings of an article.
_SHARED = attrgetter("article_id", "published_date", "published_month")


class Kind(NamedTuple):
    """How one kind of finding becomes rows.

    Attributes:
        finding: its class; a field is the column of that name, if there is one.
        listed: the findings of an article.
        names: columns that `made` gives for an article and its findings, a list each.
    """

    table: Table
    finding: type
    listed: Callable[[Found], list[Any]]
    names: tuple[str, ...]
    made: Made


class _Rows:
    """The rows of one table, column by column: tuples that were kept would cost the garbage collector dearly."""

    def __init__(self, kind: Kind) -> None:
        fields: tuple[str, ...] = tuple(kind.finding.__annotations__)
        places = [fields.index(name) for name in ("start", "end", "kind") if name in fields]
        self._kind = kind
        self._key, self._place = itemgetter(*places), itemgetter(*places[:2])
        self._names = (*fields, "sentence_no", "text", *kind.names)
        self._columns: list[list[Any]] = [[] for _ in self._names]
        self._articles: list[tuple[Any, ...]] = []
        self._counts: list[int] = []

    def add(self, article: Article, found: Found) -> None:
        listed = self._kind.listed(found)
        if not listed:
            return
        first: dict[Any, Any] = {}
        for span in listed:
            first.setdefault(self._key(span), span)
        spans = sorted(first.values(), key=self._place)
        places = [self._place(span) for span in spans]
        begins, sentences = article.sentence_starts, article.sentences
        sentence_no = [sentences[bisect_right(begins, start, 1) - 1].number for start, _ in places]
        texts = [article.text[start:end] for start, end in places]
        made = self._kind.made(article, found, spans)
        for column, values in zip(self._columns, (*zip(*spans, strict=True), sentence_no, texts, *made), strict=True):
            column.extend(values)
        self._articles.append(_SHARED(article))
        self._counts.append(len(spans))

    def table(self) -> pa.Table:
        schema = self._kind.table.schema
        columns = dict(zip(self._names, self._columns, strict=True))
        article = pa.array(np.repeat(np.arange(len(self._counts)), self._counts))
        shared = dict(
            zip(("article_id", "published_date", "published_month"), zip(*self._articles, strict=True), strict=False)
        )
        arrays = [
            pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.array(shared.get(field.name, ()), field.type).take(article)
            for field in schema
        ]
        return pa.Table.from_arrays(arrays, schema=schema)


def tables(found: Pairs) -> dict[str, pa.Table]:
    """The rows of a batch, by table: articles in the order given, then by place in the text.

    Of two rows with the same place and kind the one found first stays.
    """
    rows = {kind.table.name: _Rows(kind) for kind in KINDS}
    for article, one in found:
        for own in rows.values():
            own.add(article, one)
    return {name: own.table() for name, own in rows.items()}


def _entity(mention: Mention) -> tuple[str, str]:
    """What mentions of one entity in one article have in common: its kind, and its name, in full where that is known."""
    return mention.kind, mention.resolved_name or mention.name


def _mentions(article: Article, _: Found, mentions: Sequence[Mention]) -> Columns:
    entities = [_entity(mention) for mention in mentions]
    ids = {entity: identity(article.article_id, *entity) for entity in set(entities)}
    return ([ids[entity] for entity in entities],)


def _quotes(article: Article, found: Found, quotes: Sequence[Quote]) -> Columns:
    speakers: dict[str | None, tuple[str, str]] = {}
    for mention in found.of_kind("organisation", "person"):
        speakers[mention.name] = speakers[mention.resolved_name or mention.name] = _entity(mention)
    entities = [speakers.get(quote.speaker) for quote in quotes]
    ids = {entity: identity(article.article_id, *entity) for entity in set(entities) if entity}
    return ([ids.get(entity) if entity else None for entity in entities],)


def _directives(article: Article, found: Found, directives: Sequence[Directive]) -> Columns:
    own = [_placed(article, "directive", one.start, one.end) for one in directives]
    parents = [_placed(article, "directive", *one.parent) if one.parent else None for one in directives]
    return own, parents, [found.jurisdiction] * len(own)


def _evidence(article: Article, found: Found, evidence: Sequence[Evidence]) -> Columns:
    own = [_placed(article, "evidence", one.start, one.end) for one in evidence]
    return own, [found.jurisdiction] * len(own)


def _placed(article: Article, name: str, start: int, end: int) -> str:
    return identity(article.article_id, name, str(start), str(end))


KINDS = (
    Kind(MENTIONS, Mention, attrgetter("mentions"), ("entity_id",), _mentions),
    Kind(QUOTES, Quote, attrgetter("quotes"), ("speaker_entity_id",), _quotes),
    Kind(DIRECTIVES, Directive, attrgetter("directives"), ("directive_id", "parent_id", "jurisdiction"), _directives),
    Kind(EVIDENCE, Evidence, attrgetter("evidence"), ("evidence_id", "jurisdiction"), _evidence),
)
