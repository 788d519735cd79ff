"""What a site's robots.txt allows (RFC 9309), kept for a day for all processes that share a home."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newslake.acquire.addresses import Target
from newslake.acquire.answers import FetchFailed
from newslake.acquire.hosts import file_name
from newslake.errors import LakeError
from newslake.lake.durable import LOCK_TIMEOUT_SECONDS, only_one

if TYPE_CHECKING:
    import protego

ROBOTS_BYTES = 500 * 2**10
"""RFC 9309 (2.5): at least so much is parsed; what follows is left out."""
KEPT_SECONDS = 86_400.0
"""RFC 9309 (2.4): not used for longer than 24 hours."""
UNREACHABLE_SECONDS = 600.0
"""A robots.txt that could not be had is asked for again after so long."""
CRAWL_DELAY_MOST = 60.0
"""A longer Crawl-delay would let one page a minute through at best; it is cut to this, and the user is told."""
OWN_TROUBLE = frozenset(
    {"budget_exhausted", "rate_limited", "host_busy", "forbidden_address", "dns_failed", "connection_failed"}
    | {"tls_failed", "insecure_credentials"}
)
"""Reasons that say more about the host, or about us, than about its robots.txt."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one site allows.

    Attributes:
        checked_at: seconds since 1970.
        text: of robots.txt; "" where there is none, and everything is allowed.
        problem: why nothing may be fetched now; None when the rules are known.
    """

    checked_at: float
    text: str
    problem: str | None = None

    def is_current(self, now: float) -> bool:
        """Whether they may still be used; a time in the future is a clock that was set back."""
        age = now - self.checked_at
        return 0 <= age < (KEPT_SECONDS if self.problem is None else UNREACHABLE_SECONDS)


class Robots:
    """Rules of all sites.

    Args:
        folder: where they are kept for all processes.
        product: our name, as robots.txt would have it.
        fetch: gives status and body of a robots.txt, redirects followed.
        notes: lines for the user.
        deadline: end of the visit's budget on the monotonic clock; None: no end.
    """

    def __init__(
        self,
        folder: Path,
        product: str,
        fetch: Callable[[Target], tuple[int, bytes]],
        notes: list[str],
        deadline: float | None = None,
    ) -> None:
        self._folder = folder
        self._product = product
        self._fetch = fetch
        self._notes = notes
        self._deadline = deadline
        self._known: dict[str, tuple[Rules, protego.Protego]] = {}

    def delay_seconds(self, target: Target) -> float:
        """The site's Crawl-delay (0 without one), if the address may be fetched.

        Raises:
            FetchFailed: `forbidden_by_robots`; `robots_unreachable`, where RFC 9309 has everything forbidden, and
                what befell the request for robots.txt where that says more.
        """
        rules, parsed = self._rules(target)
        if rules.problem is not None:
            raise FetchFailed("robots_unreachable", f"{target.origin}/robots.txt: {rules.problem}", is_passing=True)
        if not parsed.can_fetch(target.url, self._product):
            detail = f"{target.origin}/robots.txt does not allow {target.path[:200]} for {self._product}"
            raise FetchFailed("forbidden_by_robots", detail, is_passing=False)
        return min(parsed.crawl_delay(self._product) or 0.0, CRAWL_DELAY_MOST)

    def _rules(self, target: Target) -> tuple[Rules, protego.Protego]:
        import protego

        known = self._known.get(target.origin)
        if known is None or not known[0].is_current(time.time()):
            rules = self._shared(target)
            known = self._known[target.origin] = rules, protego.Protego.parse(rules.text)
            delay = known[1].crawl_delay(self._product) or 0.0
            if delay > CRAWL_DELAY_MOST:
                self._notes.append(
                    f"{target.origin}/robots.txt asks for {delay:.0f} s between requests; {CRAWL_DELAY_MOST:.0f} s are kept"
                )
        return known

    def _shared(self, target: Target) -> Rules:
        """From the file that other processes may have written, or from the site, by one process at a time."""
        path = self._folder / file_name(f"{target.scheme}.{target.authority}")
        rules = _read(path)
        if rules is not None and rules.is_current(time.time()):
            return rules
        with ExitStack() as stack:
            try:
                stack.enter_context(only_one(path.with_suffix(".lock"), self._patience_seconds()))
            except LakeError as error:
                raise FetchFailed("host_busy", f"{target.origin}/robots.txt: {error}", is_passing=True) from None
            rules = _read(path)
            if rules is None or not rules.is_current(time.time()):
                rules = self._asked(target)
                _write(path, rules)
        return rules

    def _patience_seconds(self) -> float:
        left = LOCK_TIMEOUT_SECONDS if self._deadline is None else self._deadline - time.monotonic()
        return max(min(left, LOCK_TIMEOUT_SECONDS), 0.0)

    def _asked(self, target: Target) -> Rules:
        place = Target(target.scheme, target.host, target.port, "/robots.txt")
        try:
            status, content = self._fetch(place)
        except FetchFailed as failure:
            if failure.reason == "too_many_redirects":
                return Rules(time.time(), "")  # RFC 9309 (2.3.1.2): as if there were none
            if failure.reason in OWN_TROUBLE and failure.status is None:
                raise FetchFailed(failure.reason, f"robots.txt: {failure.detail}", failure.is_passing) from None
            return Rules(time.time(), "", f"{failure.reason}: {failure.detail}")
        if not 200 <= status < 300:
            return Rules(time.time(), "")
        return Rules(time.time(), content[:ROBOTS_BYTES].decode("utf-8-sig", "replace"))


def _read(path: Path) -> Rules | None:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        return Rules(float(state["checked_at"]), str(state["text"]), state["problem"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return None  # broken off while it was written; asked for again


def _write(path: Path, rules: Rules) -> None:
    state = {"checked_at": rules.checked_at, "text": rules.text, "problem": rules.problem}
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    temporary.write_text(json.dumps(state), encoding="utf-8")
    temporary.replace(path)
