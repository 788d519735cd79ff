"""One visit to a source: what a kind is given, and what it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from newslake.acquire.documents import Document
from newslake.config import Home
from newslake.errors import ConfigError, SourceError
from newslake.lake.raw import Stored
from newslake.sources import Source

Credentials = Mapping[str, Any] | Callable[[], Mapping[str, Any] | None]
"""Host, login, password and extra of a connection; or how to find them, so that not finding them is the visit's fault."""


def _nothing_known(urls: Collection[str]) -> dict[str, Stored]:
    return {}


class Landed(TypedDict):
    """What `acquire` did.

    Attributes:
        documents: how many the source gave; landed and already_known (same bytes, same place) are their sum.
        fetched, unchanged, failed, pending, forbidden: what happened to web addresses; pending wait for the next visit.
        unreadable: a line for each thing that could not be read and is tried again.
        notes: lines on what is worth knowing otherwise.
    """

    source: str
    documents: int
    landed: int
    already_known: int
    fetched: int
    unchanged: int
    failed: int
    pending: int
    forbidden: int
    unreadable: list[str]
    notes: list[str]


@dataclass
class Visit:
    """What a kind needs to read a source.

    Attributes:
        source: what to read.
        home: where state of the machine lies, such as when a host was last asked.
        watermark: how far the source was read; a JSON object that the kind changes as it goes. It is stored with the
            documents yielded so far, so a kind changes it *before* it yields the document that makes it true.
        known: the newest version of each address that raw_documents has.
        problems: lines for the user: what could not be read now and is tried again.
        notes: lines for the user on what is as it should be, or cannot be helped.
        counts: what happened to the addresses: fetched, unchanged, failed, pending, forbidden; and what of that was no
            whole document: with_error (given) and unchanged_errors.
        connection: host, login, password and extra of the source's Airflow connection, if it names one.
    """

    source: Source
    home: Home
    watermark: dict[str, Any] = field(default_factory=dict)
    known: Callable[[Collection[str]], dict[str, Stored]] = _nothing_known
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    connection: Mapping[str, Any] | None = None

    def landed(self, documents: int, stored: int) -> Landed:
        """What the visit has to tell when it came to its end.

        Args:
            documents: how many the kind gave.
            stored: how many of them were not stored yet.
        """
        name, expected = self.source.name, self.source.expected
        notes = list(self.notes)
        # A page that has not changed is one that the source still has.
        found = documents - self.counts["with_error"] + self.counts["unchanged"] - self.counts["unchanged_errors"]
        if expected.min is not None and found < expected.min:
            notes.append(f"source {name}: {found} documents, fewer than the {expected.min} expected")
        if expected.max is not None and found > expected.max:
            notes.append(f"source {name}: {found} documents, more than the {expected.max} expected")
        return told(name, documents, stored, self.counts, self.problems, notes)


def told(
    source: str,
    documents: int = 0,
    stored: int = 0,
    counts: Mapping[str, int] | None = None,
    unreadable: list[str] | None = None,
    notes: list[str] | None = None,
) -> Landed:
    """The form in which a visit's outcome is handed on."""
    counts = counts or {}
    return {
        "source": source,
        "documents": documents,
        "landed": stored,
        "already_known": documents - stored,
        "fetched": counts.get("fetched", 0),
        "unchanged": counts.get("unchanged", 0),
        "failed": counts.get("failed", 0),
        "pending": counts.get("pending", 0),
        "forbidden": counts.get("forbidden", 0),
        "unreadable": unreadable or [],
        "notes": notes or [],
    }


def connection_for(source: Source, given: Credentials | None) -> Mapping[str, Any] | None:
    """The connection that was given, or the one of the environment that the source names.

    Raises:
        SourceError: it is not set, or in no known form.
    """
    from newslake.sources.connections import of_source

    try:
        if given is None:
            return of_source(source)
        return given() if callable(given) else given
    except ConfigError as error:
        raise _fault(source, error) from None


def read(visit: Visit, kind: Callable[[Visit], Iterator[Document | None]]) -> Iterator[Document | None]:
    """What the source gives; a connection that is of no use for it is its own fault, and not the run's.

    Raises:
        SourceError: the source cannot be read, or not to its end.
    """
    try:
        for document in kind(visit):
            visit.counts["with_error"] += document is not None and document.error is not None
            yield document
    except ConfigError as error:
        raise _fault(visit.source, error) from None


def _fault(source: Source, error: ConfigError) -> SourceError:
    about = f"source {source.name}"
    return SourceError(str(error) if str(error).startswith(about) else f"{about}: {error}")
