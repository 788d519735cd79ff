"""From what was found in articles to rows of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow as pa

from newslake.annotate.article import Article, Directive, Evidence, Found, Mention, Quote, identity
from newslake.tables import DIRECTIVES, EVIDENCE, MENTIONS, QUOTES, Table

Pairs = Iterable[tuple[Article, Found]]
Values = tuple[Any, ...]
_PLACE = attrgetter("start", "end")

# Columns that follow from the article and the place, for all tables.
_PLACED = ("article_id", "sentence_no", "text", "published_date", "published_month")


class Kind(NamedTuple):
    """How one kind of finding becomes rows.

    Attributes:
        finding: its class, whose fields are columns, but for `apart`.
        listed: the findings of an article.
        made: for an article, the columns `names` of each of its findings; made once an article.
    """

    table: Table
    finding: type
    listed: Callable[[Found], list[Any]]
    names: tuple[str, ...]
    made: Callable[[Article, Found], Callable[[Any], Values]]
    apart: tuple[str, ...] = ()


def tables(found: Pairs) -> dict[str, pa.Table]:
    """The rows of a batch, by table: articles in the order given, then by place in the text.

    Of two rows with the same place and kind the one found first stays.
    """
    # Tuples of plain values, made article by article: findings that were kept would cost the garbage collector dearly.
    rows: dict[str, list[Values]] = {kind.table.name: [] for kind in KINDS}
    for article, one in found:
        for kind, own in zip(KINDS, _OWN_VALUES, strict=True):
            if kind.listed(one):
                rows[kind.table.name].extend(_rows(kind, article, one, own))
    return {kind.table.name: _table(kind, rows[kind.table.name]) for kind in KINDS}


def _table(kind: Kind, rows: list[Values]) -> pa.Table:
    # Columns, not a dictionary a row: half the time.
    columns = dict(zip((*_own(kind), *_PLACED, *kind.names), zip(*rows, strict=True), strict=False))
    arrays = [pa.array(columns.get(column.name, ()), column.type) for column in kind.table.columns]
    return pa.Table.from_arrays(arrays, schema=kind.table.schema)


def _own(kind: Kind) -> tuple[str, ...]:
    return tuple(name for name in kind.finding.__annotations__ if name not in kind.apart)


def _rows(kind: Kind, article: Article, one: Found, own: Callable[[Any], Values]) -> Iterator[Values]:
    made = kind.made(article, one)
    article_id, text, sentence_at = article.article_id, article.text, article.sentence_at
    shared = (article.published_date, article.published_month)
    seen = set()
    for span in sorted(kind.listed(one), key=_PLACE):
        start, end = _PLACE(span)
        key = (start, end, getattr(span, "kind", None))
        if key not in seen:
            seen.add(key)
            yield (*own(span), article_id, sentence_at(start).number, text[start:end], *shared, *made(span))


def _entities(article: Article) -> Callable[[Mention], Values]:
    """Gives one id for all mentions of one entity in one article: by kind and name, in full where that is known."""
    known: dict[tuple[str, str], Values] = {}

    def entity_of(mention: Mention) -> Values:
        key = (mention.kind, mention.resolved_name or mention.name)
        values = known.get(key)
        if values is None:
            values = known[key] = (identity(article.article_id, *key),)
        return values

    return entity_of


def _mentions(article: Article, _: Found) -> Callable[[Mention], Values]:
    return _entities(article)


def _quotes(article: Article, found: Found) -> Callable[[Quote], Values]:
    entity_of = _entities(article)
    speakers: dict[str | None, Values] = {}
    if found.quotes:
        for mention in found.of_kind("organisation", "person"):
            speakers[mention.name] = speakers[mention.resolved_name or mention.name] = entity_of(mention)
    return lambda quote: speakers.get(quote.speaker, (None,))


def _directives(article: Article, found: Found) -> Callable[[Directive], Values]:
    def made(directive: Directive) -> Values:
        parent = identity(article.article_id, "directive", *directive.parent) if directive.parent else None
        own = identity(article.article_id, "directive", directive.start, directive.end)
        return own, parent, found.jurisdiction

    return made


def _evidence(article: Article, found: Found) -> Callable[[Evidence], Values]:
    return lambda one: (identity(article.article_id, "evidence", one.start, one.end), found.jurisdiction)


KINDS = (
    Kind(MENTIONS, Mention, attrgetter("mentions"), ("entity_id",), _mentions),
    Kind(QUOTES, Quote, attrgetter("quotes"), ("speaker_entity_id",), _quotes),
    Kind(
        DIRECTIVES,
        Directive,
        attrgetter("directives"),
        ("directive_id", "parent_id", "jurisdiction"),
        _directives,
        apart=("parent",),
    ),
    Kind(EVIDENCE, Evidence, attrgetter("evidence"), ("evidence_id", "jurisdiction"), _evidence),
)
_OWN_VALUES: tuple[Callable[[Any], Values], ...] = tuple(attrgetter(*_own(kind)) for kind in KINDS)
