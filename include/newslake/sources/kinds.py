"""The kinds of sources: a class each. Adding a kind: a class here, its name in `KINDS`, its reader in `acquire/`.

A field says how its value is checked and what it means; reading, messages and docs/sources.md follow from that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from newslake.sources import checks
from newslake.sources.keys import key

MEBIBYTE = 2**20
ORIGINALITY = ("original", "mirror", "aggregator")
"""What a source can be to others that have the same articles, the most original first."""


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What may be done with a source's texts."""

    licence: str = key(checks.text, "licence or agreement in a few words", "")
    may_publish_text: bool = key(checks.flag, "whether texts may be shown outside", False)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """How many documents a run brings; outside of that, the run warns."""

    min: int | None = key(checks.whole(0, 10**9), "fewest documents", None)
    max: int | None = key(checks.whole(0, 10**9), "most documents", None)

    @staticmethod
    def mistakes(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Keys that contradict each other."""
        low, high = entry.get("min"), entry.get("max")
        if isinstance(low, int) and isinstance(high, int) and low > high:
            yield "max", f"must not be smaller than min, which is {low}"


@dataclass(frozen=True, kw_only=True)
class Source:
    """What all kinds have in common.

    Attributes:
        kind: its name in the file, fixed by the class.
        timezone: IANA zone of times printed without one, or None.
    """

    kind: ClassVar[str] = ""
    name: str = key(checks.name, "its name, once in the file: a-z, 0-9, _ and -")
    description: str = key(checks.text, "for people", "")
    owner: str = key(checks.text, "who answers for it", "")
    language: str | None = key(checks.language, "language of texts too short to tell, as a tag such as zh", None)
    timezone: str | None = key(checks.zone, "zone of times printed without one, such as Asia/Shanghai", None)
    originality: str = key(
        checks.choice(*ORIGINALITY),
        "whose articles it has: `original` its own, `mirror` those of one other site, `aggregator` those of many; "
        "of copies, the one of the most original source counts as the original",
        ORIGINALITY[0],
    )
    rights: Rights = key(Rights, "`licence` and `may_publish_text` (true or false)", Rights())
    schedule: str = key(
        checks.schedule, "when Airflow visits it: @hourly, @daily, @weekly, or five cron fields, UTC", "@daily"
    )
    retention_days: int | None = key(
        checks.whole(1, 36_500),
        "documents fetched (files: changed) longer ago leave the lake; never where missing",
        None,
    )
    fresh_within_hours: int | None = key(
        checks.whole(1, 8_760),
        "an alert is sent when its newest document in the lake is older; never where missing",
        None,
    )
    expected: Expected = key(Expected, "`min` and `max` documents a run, which warns otherwise", Expected())
    is_enabled: bool = key(checks.flag, "false: read only when it is named", True)

    @staticmethod
    def mistakes(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Pairs of key and message for keys that do not go together."""
        yield from ()


@dataclass(frozen=True, kw_only=True)
class FilesSource(Source):
    """Files and folders on this machine."""

    kind: ClassVar[str] = "files"
    path: Path = key(checks.path, "file or folder; a relative one starts at the folder of sources.yaml")


@dataclass(frozen=True, kw_only=True)
class WebSource(Source):
    """What is fetched page by page over http or https.

    Attributes:
        contact: mail or web address for the User-Agent, from the top of the file.
    """

    delay_seconds: float = key(checks.number(0, 3_600), "least time between two requests to a host", 1.0)
    budget_minutes: float = key(checks.number(0.01, 180), "how long a visit may take; the next one goes on", 30.0)
    recheck_days: float = key(
        checks.number(0, 36_500),
        "pages first fetched longer ago are asked for again only when the listing says that they changed",
        30.0,
    )
    allow_hosts: tuple[str, ...] = key(checks.hosts, "hosts inside your network that may be reached", ())
    connection: str | None = key(checks.connection, "Airflow connection with login and password or a header", None)
    max_document_bytes: int = key(checks.whole(1_024, 2**30), "larger answers are refused", 16 * MEBIBYTE)
    contact: str = ""

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses at which a visit begins."""
        url: str | tuple[str, ...] = getattr(self, "url", ())
        return (url,) if isinstance(url, str) else url


@dataclass(frozen=True, kw_only=True)
class FeedSource(WebSource):
    """RSS, Atom or JSON Feed."""

    kind: ClassVar[str] = "feed"
    url: str = key(checks.web_address, "address of the feed")
    items: str = key(
        checks.choice("pages", "content"),
        "`pages`: each item's link is fetched; `content`: the item is the article",
        "pages",
    )


@dataclass(frozen=True, kw_only=True)
class SitemapSource(WebSource):
    """A sitemap or an index of sitemaps."""

    kind: ClassVar[str] = "sitemap"
    url: str = key(checks.web_address, "address of the sitemap or its index")
    match: str | None = key(checks.pattern, "only pages whose address this regular expression finds", None)
    since: date | None = key(checks.day, "only pages changed on this day or later", None)


@dataclass(frozen=True, kw_only=True)
class PagesSource(WebSource):
    """List pages whose links lead to articles."""

    kind: ClassVar[str] = "pages"
    url: tuple[str, ...] = key(checks.web_addresses, "address of the list page, or a list of addresses")
    link: str = key(checks.pattern, "regular expression: links of the list page that are articles")
    follow: str | None = key(checks.pattern, "regular expression: links that are further list pages", None)
    list_pages_max: int = key(checks.whole(1, 10_000), "most list pages a visit", 10)


def _path_or_url(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "path" in entry and "url" in entry:
        yield "url", "path and url exclude each other; keep one"
    elif "path" not in entry and "url" not in entry:
        yield "", "needs `path` (a file, folder or glob) or `url`"


@dataclass(frozen=True, kw_only=True)
class WarcSource(Source):
    """Web archives: WARC or ARC."""

    kind: ClassVar[str] = "warc"
    path: Path | None = key(checks.path, "file, folder or glob", None)
    url: str | None = key(checks.store_address, "or an address such as s3://bucket/folder", None)
    match: str | None = key(checks.pattern, "only pages whose address this regular expression finds", None)
    connection: str | None = key(checks.connection, "Airflow connection for the url", None)

    mistakes = staticmethod(_path_or_url)


@dataclass(frozen=True, kw_only=True)
class DumpSource(Source):
    """JSON Lines, CSV or Parquet whose columns have names of their own."""

    kind: ClassVar[str] = "dump"
    path: Path | None = key(checks.path, "file, folder or glob", None)
    url: str | None = key(checks.store_address, "or an address such as s3://bucket/dump.parquet", None)
    fields: Mapping[str, str] = key(checks.columns, "our field: their column", factory=dict)
    connection: str | None = key(checks.connection, "Airflow connection for the url", None)

    mistakes = staticmethod(_path_or_url)


@dataclass(frozen=True, kw_only=True)
class BucketSource(Source):
    """Files in an object store, as in `files`."""

    kind: ClassVar[str] = "bucket"
    url: str = key(checks.store_address, "s3://bucket/prefix or another address that fsspec knows")
    connection: str | None = key(checks.connection, "Airflow connection with the store's key and endpoint", None)
    glob: str | None = key(checks.text, "only objects whose key, or the name at its end, fits, such as '*.html'", None)


KINDS: Mapping[str, type[Source]] = {
    one.kind: one for one in (FilesSource, FeedSource, SitemapSource, PagesSource, WarcSource, DumpSource, BucketSource)
}
"""All kinds by name."""

OTHER_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("rss", "atom", "jsonfeed"), "feed"),
    **dict.fromkeys(("web", "html", "site", "crawl", "list"), "pages"),
    **dict.fromkeys(("csv", "parquet", "json", "jsonl"), "dump"),
    **dict.fromkeys(("s3", "gcs", "store"), "bucket"),
    **dict.fromkeys(("folder", "file", "directory", "local"), "files"),
    **dict.fromkeys(("arc", "archive", "commoncrawl"), "warc"),
}
"""What somebody may call a kind before they know its name."""
