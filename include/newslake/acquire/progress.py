"""How far a web source was read: the watermark's shape, and which pages are to be asked for.

`listings`: address → validators and what the listing named, so that a 304 tells as much as the listing would.
`pending`: pages to ask for → (visits in which they failed, when the listing says they changed). A visit that is cut off
leaves the others in it, and the next one goes on there, whatever the feed names by then.
`forbidden`: pages that may not be fetched → reason. They are tried again, since robots.txt may change.
`modified`: pages → when the listing said they changed, at the time they were fetched.
`validators`: pages whose bytes stayed the same under new validators, or became what another source has stored → (raw_id,
ETag, Last-Modified) of what was seen last.
`round`: listings that a visit was cut off from: those to read (`queue`), those read before (`read`), and whether
one of them failed (`has_failed`).
`wanted`: the rule that pages had to fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from newslake.acquire.canonical import canonical
from newslake.acquire.listing import Entry, Listing
from newslake.lake.raw import Stored

PARTS = ("listings", "pending", "forbidden", "modified", "validators")
PENDING_MOST = 1_000_000
"""Pages of one source that wait, or that its listings name: about 0.5 GB of memory."""


class Progress:
    """The watermark of a web source; every change shows in it at once.

    Args:
        watermark: as the last visit left it; {} before the first.
        rules: stands for what decides how a listing is read; when it changes, listings are read anew.
    """

    def __init__(self, watermark: dict[str, Any], rules: str) -> None:
        for part in PARTS:
            watermark.setdefault(part, {})
        if watermark.get("rules") != rules:
            watermark["rules"], watermark["listings"] = rules, {}
            watermark.pop("round", None)
        self._watermark = watermark

    def keep_wanted(self, rule: str | None, wants: Callable[[str], object]) -> int:
        """Forgets what waits and does not fit the source's rule, where that has changed; gives how much."""
        if self._watermark.get("wanted") == rule:
            return 0
        self._watermark["wanted"] = rule
        unwanted = [url for url in {**self.pending, **self.forbidden} if not wants(url)]
        for url in unwanted:
            self.pending.pop(url, None)
            self.forbidden.pop(url, None)
        return len(unwanted)

    def begin(self, listings: Iterable[str]) -> tuple[list[str], list[str], bool]:
        """Listings to read; those that earlier visits, which were cut off, have read; whether one of these failed."""
        begun = self._watermark.get("round") or {"queue": listings, "read": (), "has_failed": False}
        return list(begun["queue"]), list(begun["read"]), begun["has_failed"]

    def cut_off(self, queue: Iterable[str], read: Iterable[str], has_failed: bool) -> None:
        """The next visit goes on with the listings of the queue."""
        self._watermark["round"] = {"queue": list(queue), "read": list(read), "has_failed": has_failed}

    @property
    def listings(self) -> dict[str, dict[str, Any]]:
        """What the last answer of each listing was; see `listing_state`."""
        found: dict[str, dict[str, Any]] = self._watermark["listings"]
        return found

    @property
    def pending(self) -> dict[str, list[Any]]:
        """Pages to ask for."""
        found: dict[str, list[Any]] = self._watermark["pending"]
        return found

    @property
    def forbidden(self) -> dict[str, str]:
        """Pages that may not be fetched."""
        found: dict[str, str] = self._watermark["forbidden"]
        return found

    def take(self, named: Mapping[str, dict[str, Any]], read: Iterable[str], is_whole: bool) -> None:
        """Takes over what listings named. No document may be yielded between this and `plan`.

        Args:
            named: listing → its state.
            read: all listings of the round; earlier visits may have read some of them.
            is_whole: whether every listing could be read; then those that nothing names any more are forgotten.
        """
        listings = {**self.listings, **named}
        self._watermark["listings"] = {url: listings[url] for url in read if url in listings} if is_whole else listings
        self._watermark.pop("round", None)

    def candidates(self) -> set[str]:
        """Every page that the visit may ask for."""
        named = {url for state in self.listings.values() for url, _ in state["entries"]}
        return named | set(self.pending) | set(self.forbidden)

    def plan(self, known: Mapping[str, Stored], recheck: timedelta) -> int:
        """Adds the pages to ask for to those that are pending, and gives how many had no room.

        Args:
            known: stored versions of the candidates.
            recheck: pages first fetched longer ago are asked for again only where the listing says they changed.
        """
        for url in self.forbidden:
            self.pending.setdefault(url, [0, None])
        since = datetime.now(UTC) - recheck
        left_out = 0
        for url, modified_at in _pages(self.listings.values()):
            if url in self.pending:
                self.pending[url][1] = modified_at
            elif self._is_due(modified_at, known.get(url), url, since):
                if len(self.pending) < PENDING_MOST:
                    self.pending[url] = [0, modified_at]
                else:
                    left_out += 1
        self._prune()
        return left_out

    def _prune(self) -> None:
        """Of addresses that nothing names any more, nothing is kept."""
        named = self.candidates()
        for part in ("modified", "validators"):
            self._watermark[part] = {url: value for url, value in self._watermark[part].items() if url in named}

    def _is_due(self, modified_at: str | None, stored: Stored | None, url: str, since: datetime) -> bool:
        if stored is None or stored.first_fetched_at >= since:
            return True
        last = self._watermark["modified"].get(url) or stored.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return modified_at is not None and modified_at > last

    def seen(self, url: str, stored: Stored | None) -> tuple[str | None, str | None, str | None]:
        """raw_id, ETag and Last-Modified of the version that was there last, as they were sent."""
        if stored is None:
            return None, None, None
        raw_id, etag, last_modified = self._watermark["validators"].get(url, stored[:3])
        return raw_id, etag, last_modified

    def settle(self, url: str) -> None:
        """A page was asked for, and answered or given up."""
        _, modified_at = self.pending.pop(url)
        self.forbidden.pop(url, None)
        self._watermark["validators"].pop(url, None)
        if modified_at:
            self._watermark["modified"][url] = modified_at

    def keep_validators(self, url: str, raw_id: str, etag: str | None, last_modified: str | None) -> None:
        """The bytes are stored; the source's own newest version, or its validators, are others."""
        self._watermark["validators"][url] = [raw_id, etag, last_modified]

    def forbid(self, url: str, reason: str) -> None:
        """A page may not be fetched."""
        self.pending.pop(url, None)
        self.forbidden[url] = reason

    def failed(self, url: str) -> int:
        """A page failed; gives in how many visits it has by now."""
        self.pending[url][0] += 1
        return int(self.pending[url][0])


def listing_state(listing: Listing, etag: str | None, last_modified: str | None) -> dict[str, Any]:
    """What is kept of a listing's answer. Items that are documents themselves are not."""
    entries = [[canonical(entry.url), entry.modified_at] for entry in listing.entries if entry.content is None]
    return {"etag": etag, "last_modified": last_modified, "entries": entries, "listings": listing.listings}


def _pages(listings: Iterable[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
    """Each page once, with the latest time at which a listing says that it changed."""
    latest: dict[str, str | None] = {}
    for state in listings:
        for url, modified_at in state["entries"]:
            latest[url] = max(filter(None, (latest.get(url), modified_at)), default=None)
    return list(latest.items())


def content_url(entry: Entry) -> str:
    """The address of an item that is a document itself; one made from its identity stays as it is."""
    return entry.url if "#item=" in entry.url else canonical(entry.url)
