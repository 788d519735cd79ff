"""What was taken down and must not come back: hashes only, so that nobody can read from them what it was.

They lie in `tombstones.jsonl` in the home, beside the lake and not in `state/`, which may be deleted. Each line is one
article or one source. To let something in again, remove its line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake.durable import write_text

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

RECORDS = ("application/json", "text/json")
"""Media types of records that name their own address."""


@dataclass(frozen=True)
class Tombstone:
    """What was taken down, without a word of it.

    Attributes:
        at: when, ISO 8601.
        reason: as given by who did it.
        articles: SHA-256 of each article_id.
        addresses: SHA-256 of each canonical address.
        documents: SHA-256 of each raw_id, which is itself the SHA-256 of the bytes.
        source: SHA-256 of the name of a source that was taken down whole, or None.
    """

    at: str
    reason: str
    articles: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True)
class Tombstones:
    """All tombstones of a home, to be asked."""

    articles: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    all: tuple[Tombstone, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.all)


def hashed(value: str) -> str:
    """How a tombstone names something; article_ids are hashes of addresses themselves, so this is another one.

    >>> hashed("7f3a")[:16]
    '23f7edd9ac893270'
    """
    return sha256(f"taken down: {value}".encode()).hexdigest()


def path(home: Home) -> Path:
    """Where they lie."""
    return home.root / "tombstones.jsonl"


def read(home: Home) -> Tombstones:
    """All tombstones of a home.

    Raises:
        LakeError: the file is damaged: without it, what was taken down would come back.
    """
    place = path(home)
    if not place.exists():
        return Tombstones()
    found = []
    for number, line in enumerate(place.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(_tombstone(json.loads(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise LakeError(f"{place}: line {number} cannot be read: {error}; restore the file from a backup") from None
    return Tombstones(
        frozenset(one for stone in found for one in stone.articles),
        frozenset(one for stone in found for one in stone.addresses),
        frozenset(one for stone in found for one in stone.documents),
        frozenset(stone.source for stone in found if stone.source),
        tuple(found),
    )


def _tombstone(values: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        values["at"],
        values["reason"],
        articles=tuple(values["articles"]),
        addresses=tuple(values["addresses"]),
        documents=tuple(values["documents"]),
        source=values["source"],
    )


def add(home: Home, stone: Tombstone) -> None:
    """Adds a tombstone; one of the same hashes takes its place. The caller holds `land.lock`."""
    kept = [one for one in read(home).all if _same(one) != _same(stone)]
    write(home, map(line, (*kept, stone)))


def line(stone: Tombstone) -> str:
    """How a tombstone is written."""
    return json.dumps(asdict(stone), ensure_ascii=False)


def write(home: Home, lines: Iterable[str]) -> None:
    """Replaces all tombstones of a home."""
    write_text(path(home), "".join(f"{one}\n" for one in lines))


def _same(stone: Tombstone) -> tuple[object, ...]:
    return stone.articles, stone.source


def made(
    reason: str, articles: Iterable[str], addresses: Iterable[str], documents: Iterable[str], source: str | None = None
) -> Tombstone:
    """A tombstone of now.

    Args:
        reason: for people; must hold nothing of the text.
        articles: article_ids.
        addresses: canonical addresses.
        documents: raw_ids.
        source: the name of a source that is taken down whole.
    """
    return Tombstone(
        datetime.now(UTC).isoformat(timespec="seconds"),
        reason,
        articles=tuple(sorted(map(hashed, articles))),
        addresses=tuple(sorted(map(hashed, addresses))),
        documents=tuple(sorted(map(hashed, documents))),
        source=hashed(source) if source else None,
    )


@dataclass(frozen=True)
class Admission:
    """Which documents of a source may be stored.

    Attributes:
        address_of: gives the canonical spelling of an address.
        retention_days: of the source; what is older would leave again at the next maintenance.
        refuse: is told how many documents of a chunk were left out.
    """

    address_of: Callable[[str], str] = str.strip
    retention_days: int | None = None
    refuse: Callable[[int], None] = lambda count: None

    def let_in(self, chunk: pa.Table, stones: Tombstones) -> pa.Table:
        """The documents of a chunk that may be stored: neither taken down (their bytes, address, source) nor too old."""
        oldest = datetime.now(UTC) - timedelta(days=self.retention_days) if self.retention_days else None
        if not stones and not oldest:
            return chunk
        kept = [
            not (oldest and chunk["fetched_at"][row].as_py() < oldest)
            and not (stones and self._is_taken_down(chunk, row, stones))
            for row in range(chunk.num_rows)
        ]
        if not all(kept):
            self.refuse(kept.count(False))
            chunk = chunk.filter(pa.array(kept, pa.bool_()))
        return chunk

    def _is_taken_down(self, chunk: pa.Table, row: int, stones: Tombstones) -> bool:
        raw_id = chunk["raw_id"][row].as_py()
        if hashed(chunk["source"][row].as_py()) in stones.sources or hashed(raw_id) in stones.documents:
            return True
        named = [chunk["url"][row].as_py(), chunk["final_url"][row].as_py()]
        if stones.addresses and chunk["content_type"][row].as_py() in RECORDS:
            named += _addresses_in(chunk["bytes"][row].as_py())
        spellings = {spelling for one in named if one for spelling in (one, self.address_of(one))}
        return not stones.addresses.isdisjoint(map(hashed, spellings))


def _addresses_in(content: bytes) -> list[str]:
    """Values of a record that are addresses: which of them is the article's is known only later."""
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        return []
    values = record.values() if isinstance(record, dict) else ()
    return [value for value in values if isinstance(value, str) and value.lstrip().startswith(("http://", "https://"))]


def find_staged(connection: duckdb.DuckDBPyConnection, home: Home, outdated: Sequence[str]) -> None:
    """Makes a table `taken_down` of raw_ids: documents that were being refined while they were taken down.

    Args:
        connection: has the staged batches.
        home: where the lake is.
        outdated: batch_ids that were planned from raw documents before those of the newest snapshot. A takedown may
            have come between: then the others in them are left out too, and planned again.
    """
    stones = read(home)
    connection.execute("CREATE TABLE taken_down (raw_id VARCHAR)")
    if not stones:
        return
    staged = connection.execute(
        "SELECT DISTINCT raw_id, source, batch_id::VARCHAR FROM (SELECT raw_id, source, batch_id FROM staging_articles "
        "UNION ALL SELECT raw_id, source, batch_id FROM staging_quarantine)"
    ).fetchall()
    gone = [
        raw_id
        for raw_id, source, batch_id in staged
        if batch_id in outdated or hashed(raw_id) in stones.documents or hashed(source) in stones.sources
    ]
    connection.execute("INSERT INTO taken_down SELECT unnest($gone::VARCHAR[])", {"gone": gone})
