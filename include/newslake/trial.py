"""A source tried: a few of its articles, fetched and read, and nothing stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, cast
from zoneinfo import ZoneInfo

from newslake.acquire.documents import Document
from newslake.config import Home
from newslake.sources import Source, WebSource

MOST_MINUTES = 2.0
"""Somebody waits; hosts are asked no faster than in a visit."""


@dataclass(frozen=True)
class Tried:
    """What became of one document.

    Attributes:
        published: local time or day as text, None where the page does not say.
        refused: reason and detail; then the article's fields are None.
    """

    url: str
    title: str | None = None
    published: str | None = None
    language: str | None = None
    characters: int | None = None
    refused: str | None = None


class Trial:
    """A visit that ends after a few documents and has no memory of earlier ones.

    Attributes:
        problems: lines on what could not be read, once `documents` has come to its end.
    """

    def __init__(self, source: Source, home: Home, connection: Mapping[str, Any] | None, most: int) -> None:
        from newslake.acquire.visit import Visit

        if isinstance(source, WebSource):
            source = replace(source, budget_minutes=min(source.budget_minutes, MOST_MINUTES))
        self._visit = Visit(source, home, connection=connection)
        self._most = most

    @property
    def problems(self) -> list[str]:
        """Lines on what could not be read, or was not asked for."""
        return [*self._visit.problems, *self._visit.notes]

    def documents(self) -> Iterator[Tried]:
        """Tries one document after the other.

        Raises:
            SourceError: the source cannot be read at all.
        """
        from newslake.acquire import KINDS

        read = KINDS[self._visit.source.kind](self._visit)
        # Kinds are generators: closing them gives back files and connections.
        with closing(cast(Any, read)):
            for document in islice((one for one in read if one is not None), self._most):
                yield _tried(document, self._visit.source)


def _tried(document: Document, source: Source) -> Tried:
    from newslake.acquire.documents import table
    from newslake.clean import clean
    from newslake.parse import parse

    languages = {source.name: source.language} if source.language else {}
    pages, unclean = clean(table([document], source.name), languages)
    articles, _, unparsed = parse(pages, {source.name: source.timezone} if source.timezone else {})
    for row in (*unclean.to_pylist(), *unparsed.to_pylist()):
        return Tried(document.url, refused=f"{row['reason']}: {row['detail']}")
    (article,) = articles.to_pylist()
    return Tried(
        article["url"],
        article["title"],
        _published(article),
        article["language"],
        article["char_count"],
    )


def _published(article: Mapping[str, Any]) -> str | None:
    moment, day = article["published_at"], article["published_date"]
    if moment is None:
        return str(day) if day else None
    zone = article["published_tz"]
    return f"{moment.astimezone(ZoneInfo(zone)) if zone else moment:%Y-%m-%d %H:%M} {zone or 'UTC'}"
