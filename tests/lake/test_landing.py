"""Which bytes are stored beside those of their address: new ones, those that came back, those that are whole at last."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from newslake import config
from newslake.acquire.documents import Document, table
from newslake.lake import raw
from newslake.tables import RAW_DOCUMENTS

URL = "https://news.example/1.html"


def one(content: str, month: int, error: str | None = None, url: str = URL) -> Document:
    return Document(url, "text/plain", content.encode(), datetime(2024, month, 1, tzinfo=UTC), error=error)


def land(*documents: Document, chunk: int = 100, source: str = "site") -> int:
    """Lands documents and says how many were stored."""
    parts = [table(list(documents[start : start + chunk]), source) for start in range(0, len(documents), chunk)]
    return sum(stored for _, stored in raw.land(config.home(), parts, "test"))


def stored() -> list[str]:
    """Content and month of every row, ! for an error."""
    rows = raw.folder(config.home()).open().to_pyarrow_table().to_pylist()
    keys = [tuple(row[name] for name in RAW_DOCUMENTS.key) for row in rows]
    assert len(set(keys)) == len(keys)
    return sorted(f"{row['bytes'].decode()}{row['fetched_at'].month}{'!' * bool(row['error'])}" for row in rows)


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_what_comes_back_is_stored_again_and_once(home: object, chunk: int) -> None:
    archives = [one("A", 1), one("B", 2), one("A", 3)]
    assert land(*archives, chunk=chunk) == 3
    assert land(*archives, chunk=chunk) == 0
    assert land(*archives, *archives, chunk=chunk) == 0
    assert stored() == ["A1", "A3", "B2"]
    assert land(one("A", 4), chunk=chunk) == 0
    assert land(one("B", 4), one("B", 5), one("A", 6), chunk=chunk) == 2
    assert stored() == ["A1", "A3", "A6", "B2", "B4"]


@pytest.mark.parametrize("order", itertools.permutations([("A", 1), ("B", 2), ("A", 3)]))
def test_archives_in_other_orders_converge(home: object, order: tuple[tuple[str, int], ...]) -> None:
    """What is stored last is what was there last, and then nothing more is stored."""
    archives = [one(*each) for each in order]
    assert land(*archives) >= 2
    assert land(*archives) == 0
    assert raw.known(config.home(), [URL])[URL].fetched_at.month == 3


@pytest.mark.parametrize("order", itertools.permutations([("A", 1), ("B", 2), ("A", 3)]))
def test_archives_read_one_by_one_converge(home: object, order: tuple[tuple[str, int], ...]) -> None:
    """Where March was read before February, nothing showed that it would matter: the second reading stores it."""
    archives = [one(*each) for each in order]
    land(*archives, chunk=1)
    assert land(*archives, chunk=1) == (order == (("A", 1), ("A", 3), ("B", 2)))
    assert land(*archives, chunk=1) == 0
    assert raw.known(config.home(), [URL])[URL].fetched_at.month == 3


@pytest.mark.parametrize("chunk", [1, 100])
def test_rows_that_repeat_are_stored_once(home: object, chunk: int) -> None:
    assert land(one("A", 1), one("A", 1), one("B", 2), one("B", 2), one("A", 1), chunk=chunk) == 2
    assert stored() == ["A1", "B2"]


@pytest.mark.parametrize("chunk", [1, 100])
def test_bytes_of_one_address_and_time(home: object, chunk: int) -> None:
    """Records of a dump that have one address: a file that is touched tells nothing new."""
    assert land(one("A", 1), one("B", 1), chunk=chunk) == 2
    for month in (2, 3):
        assert land(one("A", month), one("B", month), chunk=chunk) == 0
    assert land(one("C", 4), one("A", 5), chunk=chunk) == 2


@pytest.mark.parametrize("chunk", [1, 100])
def test_whole_bytes_follow_those_with_an_error(home: object, chunk: int) -> None:
    visits = [one("A", 1, "truncated_warc: at offset 7"), one("A", 1), one("A", 2), one("A", 3, "timeout: slow")]
    assert land(*visits, chunk=chunk) == 2
    assert land(*visits, chunk=chunk) == 0
    assert stored() == ["A1", "A1!"]


@pytest.mark.parametrize("chunk", [1, 100])
def test_an_error_is_nothing_to_come_back_from(home: object, chunk: int) -> None:
    visits = [one("A", 1), one("gone", 2, "http_404: not there"), one("A", 3), one("gone", 4, "http_404: not there")]
    assert land(*visits, chunk=chunk) == 2
    assert stored() == ["A1", "gone2!"]


def test_other_addresses_do_not_matter(home: object) -> None:
    other = "https://news.example/2.html"
    assert land(one("A", 1), one("B", 2, url=other), one("A", 3), one("A", 3, url=other)) == 3


def test_a_source_is_told_what_itself_has_stored(home: object) -> None:
    land(one("A", 1), source="harbour")
    land(one("B", 2), source="other")
    ids = {name: raw.known(config.home(), [URL], name)[URL] for name in ("harbour", "other", "third")}
    assert ids["harbour"].raw_id != ids["other"].raw_id == ids["third"].raw_id
    assert {one.latest for one in ids.values()} == {ids["other"].raw_id}
