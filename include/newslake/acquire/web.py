"""The way of a web source: listings, then the pages they name, each asked for only as far as it may be new.

Listings and pages are asked for with the validators of the version that is there (RFC 9110, section 13). 304, or the
same bytes, store nothing; changed bytes are a new version under the same address, also where they are those of an
earlier one, unless the page goes back and forth. What fails and may pass is asked for again by the next visit.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from newslake import __version__
from newslake.acquire.canonical import shown
from newslake.acquire.documents import PLAIN_TYPE, Document, answered
from newslake.acquire.fetch import Answer, Fetcher, FetchFailed
from newslake.acquire.listing import Listing, ListingFault
from newslake.acquire.progress import PENDING_MOST, Progress, content_url, listing_state
from newslake.acquire.visit import Visit
from newslake.errors import SourceError
from newslake.lake.raw import Stored
from newslake.sources import WebSource, patterns

FAILED_VISITS_MOST = 5
"""A page that failed in so many visits is stored as it came, and ends in quarantine."""
SILENT_MOST = 5
"""After so many failures one after the other, a host is left alone until the next visit."""
TOLD_MOST = 3
"""Addresses named for each reason; the others are counted."""
TOGETHER = 3
"""So many pages of a visit that redirect to one address are no articles there, but a wall or a front page."""
TOGETHER_REASON = "redirected_together"
HELD_MOST = 10
"""Pages that were redirected wait until it is seen that they are alone; no more of them than this, the oldest go first."""
LISTING_BYTES = 16 * 2**20
FORBIDDEN = frozenset(
    {"forbidden_by_robots", "forbidden_address", "unsupported_scheme", "malformed_url", "insecure_credentials"}
)
"""Reasons for which nothing was fetched, and nothing may be."""
NOT_ASKED = frozenset({"host_busy", "robots_unreachable"})
"""Reasons that say nothing about the page: it was not asked for."""
DETAIL_CHARACTERS = 400
Seen = tuple[str | None, str | None, str | None]
"""raw_id, ETag and Last-Modified of the version that was seen last."""

Entries = Callable[[bytes, str | None, str, WebSource], Listing]
"""What a kind knows: (content, charset of the transport, address, source) → what the listing names."""


class BudgetExhausted(Exception):
    """The visit's time is over; what is pending waits for the next one."""


def read(
    visit: Visit, entries: Entries, most_listings: int, listing_bytes: int = LISTING_BYTES
) -> Iterator[Document | None]:
    """Visits a web source.

    Args:
        visit: of a source of one of the web kinds.
        entries: reads a listing.
        most_listings: how many are read at most.
        listing_bytes: size of the largest one.

    Yields:
        Documents, and None after each page that gave none.

    Raises:
        SourceError: none of the source's own listings could be read. What was pending from before is fetched first.
    """
    source = visit.source
    if not isinstance(source, WebSource):
        raise TypeError(f"source {source.name} is of kind {source.kind}")
    with _fetcher(visit, source) as fetcher:
        reading = _Reading(visit, source, fetcher)
        is_used_up = False
        try:
            yield from reading.listings(entries, most_listings, listing_bytes)
            yield from reading.pages()
        except BudgetExhausted:
            is_used_up = True
        yield from reading.released()
        if is_used_up:
            waiting = len(reading.progress.pending)
            visit.problems.append(f"the budget of {source.budget_minutes:g} minutes is used up; {waiting} pages wait")
        reading.tell(fetcher.notes)
    if reading.failed_listings and len(reading.failed_listings) == len(set(source.urls)):
        raise SourceError(f"source {source.name}: {'; '.join(reading.failed_listings)}")
    visit.problems.extend(reading.failed_listings)


def _fetcher(visit: Visit, source: WebSource) -> Fetcher:
    return Fetcher(
        f"newslake/{__version__} (+{source.contact})",
        visit.home.state,
        source.delay_seconds,
        source.allow_hosts,
        source.max_document_bytes,
        time.monotonic() + source.budget_minutes * 60,
        visit.connection,
    )


class _Reading:
    """One visit under way.

    Attributes:
        failed_listings: a line for each of the source's own listings that could not be read.
    """

    def __init__(self, visit: Visit, source: WebSource, fetcher: Fetcher) -> None:
        self.visit = visit
        self.source = source
        self.fetcher = fetcher
        self.progress = Progress(visit.watermark, f"{__version__} {source!r}")
        self.failed_listings: list[str] = []
        self._known: dict[str, Stored] = {}
        self._failures: dict[tuple[str, bool], list[str]] = defaultdict(list)
        self._silent: dict[str, int] = defaultdict(int)
        self._named = sum(len(state["entries"]) for state in self.progress.listings.values())
        self._left_out = 0
        self._redirected: dict[str, int] = defaultdict(int)
        self._held: dict[str, list[Document]] = defaultdict(list)
        self._forget_unwanted()

    def _forget_unwanted(self) -> None:
        rule = getattr(self.source, "link", None) or getattr(self.source, "match", None)
        count = self.progress.keep_wanted(rule, patterns.finder(rule or ""))
        if count:
            self.visit.notes.append(
                f"{count} pages that waited do not fit the source's rule any more and were left out"
            )

    def listings(self, entries: Entries, most: int, most_bytes: int) -> Iterator[Document | None]:
        """Reads all listings, and notes the pages to ask for; gives items that are documents themselves."""
        named: dict[str, dict[str, Any]] = {}
        waiting, before, has_failed = self.progress.begin(self.source.urls)
        queue, seen, problems = deque(waiting), dict.fromkeys(before), len(self.visit.problems)
        # The other half is for the pages, however many listings there are.
        half = time.monotonic() + self.source.budget_minutes * 30
        is_through = False
        try:
            while queue and len(seen) < most and not (len(seen) > len(before) and time.monotonic() >= half):
                url = queue[0]
                if url not in seen and (state := (yield from self._listing(url, entries, most_bytes))):
                    named[url] = self._within_limit(url, state)
                    queue.extend(state["listings"])
                seen[queue.popleft()] = None
                yield None
            is_through = not queue or len(seen) >= most
        except BudgetExhausted:
            is_through = False
        finally:
            has_failed = has_failed or bool(self.failed_listings) or len(self.visit.problems) > problems
            self.progress.take(named, seen, is_whole=not queue and not has_failed)
            if not is_through:
                self.progress.cut_off(queue, seen, has_failed)
            self._known = self.visit.known(self.progress.candidates())
            self._left_out += self.progress.plan(self._known, timedelta(days=self.source.recheck_days))
        self._tell_listings(len(queue), most, is_through)

    def _tell_listings(self, waiting: int, most: int, is_through: bool) -> None:
        if not is_through:
            minutes = self.source.budget_minutes
            self.visit.problems.append(f"the budget of {minutes:g} minutes was too short; {waiting} listings wait")
        elif waiting:
            self.visit.notes.append(f"the visit ends after {most} listings; {waiting} more were left out")
        if self._left_out:
            self.visit.notes.append(
                f"{self._left_out} addresses were left out: a source may have {PENDING_MOST}; "
                "divide it into several with narrower rules"
            )

    def _within_limit(self, url: str, state: dict[str, Any]) -> dict[str, Any]:
        """A listing's state without the addresses for which there is no room; then it is read anew next time."""
        kept = self.progress.listings.get(url)
        self._named += len(state["entries"]) - (len(kept["entries"]) if kept else 0)
        room = max(len(state["entries"]) - max(self._named - PENDING_MOST, 0), 0)
        surplus = len(state["entries"]) - room
        if not surplus:
            return state
        self._named -= surplus
        self._left_out += surplus
        return {**state, "etag": None, "last_modified": None, "entries": state["entries"][:room]}

    def _listing(self, url: str, entries: Entries, most_bytes: int) -> Generator[Document, None, dict[str, Any] | None]:
        """One listing; what is returned is its state, None where it could not be read."""
        kept = self.progress.listings.get(url)
        try:
            answer = self._get(url, (kept["etag"], kept["last_modified"]) if kept else (None, None), most_bytes)
            if answer.status == 304:
                return kept
            if answer.status >= 400:
                raise ListingFault(f"http_{answer.status}", "there is no listing at this address")
            listing = entries(answer.content, answer.charset, answer.final_url, self.source)
        except (FetchFailed, ListingFault) as fault:
            line = f"{shown(url)}: {shown(str(fault), DETAIL_CHARACTERS)}"
            (self.failed_listings if url in self.source.urls else self.visit.problems).append(line)
            return None
        self.visit.notes.extend(listing.notes)
        yield from self._contents(listing, answer)
        if listing.broken:
            # Without validators, since what was not read has to come again.
            self.visit.problems.append(f"{shown(url)}: {shown(listing.broken, DETAIL_CHARACTERS)}")
            return listing_state(listing, None, None)
        return listing_state(listing, answer.etag, answer.last_modified)

    def _contents(self, listing: Listing, answer: Answer) -> Iterator[Document]:
        """Items that are documents themselves, where they are new."""
        items = {content_url(entry): entry.content for entry in listing.entries if entry.content is not None}
        known = self.visit.known(items) if items else {}
        for url, content in items.items():
            found, stored = sha256(content).hexdigest(), known.get(url)
            if stored and found in (stored.raw_id, stored.latest, *(stored.restless or ())):
                self.visit.counts["unchanged"] += 1
                self.visit.counts["back_and_forth"] += found not in (stored.raw_id, stored.latest)
                continue
            self.visit.counts["fetched"] += 1
            yield Document(url, "application/json", content, answer.fetched_at, final_url=answer.final_url)

    def pages(self) -> Iterator[Document | None]:
        """Asks for every pending page: those never seen first, those that failed before last."""
        pending = self.progress.pending
        for url in sorted(pending, key=lambda url: (pending[url][0] > 0, url in self._known)):
            if self._silent[_host(url)] < SILENT_MOST:
                yield from self._page(url)
                yield None

    def _page(self, url: str) -> Iterator[Document]:
        stored = self._known.get(url)
        seen = self.progress.seen(url, stored)
        try:
            answer = self._get(url, seen[1:], None)
        except FetchFailed as failure:
            yield from self._failed(url, failure)
            return
        self._silent[_host(url)] = 0
        found = sha256(answer.content).hexdigest()
        if stored and answer.status == 304:
            self._unchanged(url, seen)
        elif stored and answer.status < 400 and found in (seen[0], stored.latest, *(stored.restless or ())):
            self._unchanged(url, (found, answer.etag, answer.last_modified))
        elif stored and stored.failure == f"http_{answer.status}":
            self._unchanged(url, seen, is_error=True)
        elif (document := answered(url, answer)).final_url and not document.error:
            yield from self._alone(document, document.final_url)
        else:
            yield self._given(document)

    def _unchanged(self, url: str, seen: Seen, is_error: bool = False) -> None:
        self.visit.counts["unchanged"] += 1
        self.visit.counts["unchanged_errors"] += is_error
        stored = self._known[url]
        is_shown = seen[0] in (stored.raw_id, stored.latest)
        self.visit.counts["back_and_forth"] += not is_shown and seen[0] in (stored.restless or ())
        self._settle(url, seen)

    def _settle(self, url: str, seen: Seen) -> None:
        """Keeps what was seen last where that is not what is stored last."""
        self.progress.settle(url)
        stored = self._known.get(url)
        if stored and seen[0] and seen != (stored.raw_id, stored.etag, stored.last_modified):
            self.progress.keep_validators(url, seen[0], *seen[1:])

    def _given(self, document: Document) -> Document:
        # An error is no version: what was seen before it stays what is asked for.
        before = self.progress.seen(document.url, self._known.get(document.url))
        self._settle(document.url, before if document.error else (None, None, None))
        self.visit.counts["fetched"] += 1
        return document

    def _alone(self, document: Document, final_url: str) -> Iterator[Document]:
        """A page that was redirected waits until it is known whether others lead there too."""
        self._redirected[final_url] += 1
        self._held[final_url].append(document)
        if self._redirected[final_url] >= TOGETHER:
            for held in self._held.pop(final_url):
                detail = f"led to {shown(final_url)}, as {TOGETHER} pages or more of this visit"
                failure = FetchFailed(TOGETHER_REASON, detail, is_passing=True, status=held.http_status)
                yield from self._failed(held.url, failure)
        yield from self.released(HELD_MOST)

    def released(self, most: int = 0) -> Iterator[Document]:
        """Gives the pages that were redirected, each alone, but for the last ones."""
        while len(self._held) > most:
            for document in self._held.pop(next(iter(self._held))):
                yield self._given(document)

    def _get(self, url: str, validators: tuple[str | None, str | None], most_bytes: int | None) -> Answer:
        try:
            return self.fetcher.get(url, *validators, max_bytes=most_bytes)
        except FetchFailed as failure:
            if failure.reason == "budget_exhausted":
                raise BudgetExhausted from None
            raise

    def _failed(self, url: str, failure: FetchFailed) -> Iterator[Document]:
        """Keeps the page for the next visit, or gives what came of it."""
        document = self._given_up(url, failure)
        line = f"{shown(url)}: {shown(failure.detail, DETAIL_CHARACTERS)}"
        self._failures[failure.reason, url in self.progress.pending].append(line)
        if document:
            yield document

    def _given_up(self, url: str, failure: FetchFailed) -> Document | None:
        host = _host(url)
        if failure.reason in FORBIDDEN:
            self.progress.forbid(url, failure.reason)
            return None
        if failure.is_passing:
            self.visit.counts["failed"] += 1
            if failure.reason in NOT_ASKED or (failure.reason == "rate_limited" and failure.status is None):
                self._silent[host] = SILENT_MOST
                return None
            self._silent[host] += failure.reason != TOGETHER_REASON
            if self.progress.failed(url) < FAILED_VISITS_MOST:
                return None
        stored = self._known.get(url)
        self._settle(url, self.progress.seen(url, stored))
        if stored and stored.failure == failure.reason:
            return None
        error, now = f"{failure.reason}: {failure.detail}", datetime.now(UTC)
        status, headers = failure.status, failure.headers
        return Document(url, PLAIN_TYPE, failure.content, now, error=error, http_status=status, headers=headers)

    def tell(self, notes: list[str]) -> None:
        """Says what failed: a few addresses a reason, and how many more. Only what is tried again is a problem."""
        self.visit.counts["pending"] = len(self.progress.pending)
        self.visit.counts["forbidden"] = len(self.progress.forbidden)
        self.visit.notes.extend(notes)
        if count := self.visit.counts["back_and_forth"]:
            self.visit.notes.append(
                f"{count} pages go back and forth between versions; the lake keeps the one it shows"
            )
        for (reason, is_pending), lines in self._failures.items():
            told = self.visit.problems if is_pending else self.visit.notes
            told.extend(f"{reason}: {line}" for line in lines[:TOLD_MOST])
            if len(lines) > TOLD_MOST:
                told.append(f"{reason}: and {len(lines) - TOLD_MOST} more")


def _host(url: str) -> str:
    """What one request at a time goes to, and what may be silent: whatever the port."""
    return urlsplit(url).hostname or ""
