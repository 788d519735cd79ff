"""What a takedown is about: the documents, articles and words of an article or a source, wherever a home has them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from newslake.config import Home
from newslake.errors import UsageError
from newslake.lake import remote, scan
from newslake.lake.delta import delta_folder
from newslake.tables import ARTICLE_VERSIONS, ARTICLES, QUARANTINE, RAW_DOCUMENTS, Table

MANY = 50
"""Of more articles, the longest paragraphs are looked for, not all."""


@dataclass
class Target:
    """What goes.

    Attributes:
        what: as it was called: an article_id, an address, or a source's name.
        articles: article_ids.
        documents: raw_ids that go wherever they were fetched.
        addresses: web addresses of the articles.
        shared: those of the documents that another source has fetched too: they are that one's from now on.
        source: the source that goes, or None.
        titles: of all versions.
        paragraphs: of all versions, as they are and as they were found.
        reason: for the tombstone.
    """

    what: str
    articles: set[str] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    source: str | None = None
    titles: set[str] = field(default_factory=set)
    paragraphs: set[str] = field(default_factory=set)
    reason: str = ""

    @property
    def is_any(self) -> bool:
        """Whether anything of it is there."""
        return bool(self.articles or self.documents)

    @property
    def needles(self) -> scan.Needles:
        """What must not be found afterwards."""
        kept = {raw_id[:16] for raw_id in self.shared}
        ids = (self.articles - kept) | (self.documents - self.shared)
        return scan.Needles(ids, self.titles | self.paragraphs, self.addresses)


def look(home: Home, what: str | None = None, source: str | None = None) -> Target:
    """Finds what would go, in all files of the lake, also those that no snapshot names any more. From a store, all data
    files are fetched.

    Args:
        home: where the lake is.
        what: an article_id or a canonical address.
        source: instead, the name of a source.

    Raises:
        UsageError: nothing of that name is there, or anywhere in an unfinished takedown.
    """
    remote.pull_everything(home)
    target = Target(what or source or "", source=source)
    if what:
        _find_article(home, what, target)
    else:
        _find_source(home, target)
    for note in _notes(home):
        if note.what == target.what:
            target = _joined(target, note)
    if not target.is_any:
        kind = f"source {source!r} has no documents" if source else f"{what!r} is neither an article_id nor an address"
        raise UsageError(
            f'{home.root}: {kind} in the lake; see `newslake query "SELECT article_id, url FROM articles"`'
        )
    return target


def parts(home: Home, table: Table, columns: Collection[str]) -> Iterator[tuple[Path, pa.Table]]:
    """Some columns of every file of a table, those that no snapshot names as well."""
    for path in sorted(delta_folder(home, table).path.rglob("*.parquet")):
        if "_delta_log" not in path.parts:
            with pq.ParquetFile(path) as file:
                names = [name for name in columns if name in file.schema_arrow.names]
                yield path, file.read(names)


def _find_article(home: Home, what: str, target: Target) -> None:
    column = "url" if "://" in what or what.startswith("file:") else "article_id"
    for table in (ARTICLES, ARTICLE_VERSIONS, QUARANTINE):
        for _, part in parts(home, table, ("article_id", "url")):
            target.articles |= set(part.filter(pc.equal(part[column], what))["article_id"].drop_null().to_pylist())
    _find_versions(home, target)
    if is_web(what):
        target.addresses.add(what)
    # Pages of the address that have no article: refused, or not refined yet.
    others = _documents_of_others(home, target.articles)
    for _, part in parts(home, RAW_DOCUMENTS, ("raw_id", "url")):
        found = part.filter(among(part["url"], target.addresses | ({what} if not target.articles else set())))
        target.documents |= set(found["raw_id"].to_pylist()) - others


def is_web(address: str) -> bool:
    """Whether an address is one of the web; a file's may hold another article next time."""
    return address.startswith(("http://", "https://"))


def _find_source(home: Home, target: Target) -> None:
    for _, part in parts(home, RAW_DOCUMENTS, ("raw_id", "source")):
        found = part.filter(pc.equal(part["source"], target.source))
        target.documents |= set(found["raw_id"].to_pylist())
    for _, part in parts(home, RAW_DOCUMENTS, ("raw_id", "source")):
        found = part.filter(pc.not_equal(part["source"], target.source))
        target.shared |= target.documents & set(found["raw_id"].to_pylist())
    for table in (ARTICLES, ARTICLE_VERSIONS):
        for _, part in parts(home, table, ("article_id", "raw_id")):
            mine = pc.is_in(part["raw_id"], pa.array(sorted(target.documents), pa.string()))
            target.articles |= set(part.filter(mine)["article_id"].to_pylist())
    _find_versions(home, target)


def _find_versions(home: Home, target: Target) -> None:
    """Adds the documents, addresses and words of the target's articles."""
    columns = ("article_id", "raw_id", "url", "title", "text", "text_as_found")
    for table in (ARTICLES, ARTICLE_VERSIONS, QUARANTINE):
        for _, part in parts(home, table, columns):
            ids = pa.array(sorted(target.articles), pa.string())
            for row in part.filter(pc.is_in(part["article_id"], ids)).to_pylist():
                target.documents.add(row["raw_id"])
                target.addresses |= {row["url"]} if is_web(row["url"]) else set()
                target.titles |= {row["title"]} if row.get("title") else set()
                for text in (row.get("text"), row.get("text_as_found")):
                    lines = sorted(filter(None, map(str.strip, (text or "").split("\n"))), key=len)
                    target.paragraphs |= set(lines if len(target.articles) <= MANY else lines[-1:])


def _documents_of_others(home: Home, articles: Collection[str]) -> set[str]:
    found: set[str] = set()
    for table in (ARTICLES, ARTICLE_VERSIONS):
        for _, part in parts(home, table, ("article_id", "raw_id")):
            others = pc.invert(pc.is_in(part["article_id"], pa.array(sorted(articles), pa.string())))
            found |= set(part.filter(others)["raw_id"].to_pylist())
    return found


def _joined(one: Target, other: Target) -> Target:
    for name in ("articles", "documents", "addresses", "shared", "titles", "paragraphs"):
        getattr(one, name).update(getattr(other, name))
    one.reason = one.reason or other.reason
    return one


def _folder(home: Home) -> Path:
    return home.state / "takedown"


def note(home: Home, target: Target) -> Path:
    """Where an unfinished takedown is noted."""
    return _folder(home) / f"{sha256(target.what.encode()).hexdigest()[:16]}.json"


def _notes(home: Home) -> Iterator[Target]:
    for path in sorted(_folder(home).glob("[!.]*.json")):
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        sets = {name: set(one) for name, one in values.items() if isinstance(one, list)}
        found = Target(values["what"], source=values["source"], reason=values["reason"])
        for name, one in sets.items():
            getattr(found, name).update(one)
        yield found


def unfinished(home: Home) -> list[Target]:
    """What a crash kept from being taken down whole."""
    return list(_notes(home))


def among(values: pa.ChunkedArray, wanted: Iterable[str]) -> pa.ChunkedArray:
    """Which values of a column are in a set; nulls are not."""
    return pc.fill_null(pc.is_in(values, value_set=pa.array(sorted(wanted), pa.string())), False)
