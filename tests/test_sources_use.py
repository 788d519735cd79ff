"""What sources say is what other parts do: when a visit is due, what a run expects, which fields a dump can name."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake import pipeline, sources
from newslake.clean.record import read_record
from newslake.sources import Expected, FilesSource, PagesSource, patterns
from newslake.sources.checks import OUR_FIELDS

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "last", "due"),
    [
        ("@daily", None, NOON),
        ("@daily", NOON, datetime(2024, 3, 2, tzinfo=UTC)),
        ("@hourly", NOON - timedelta(seconds=5), NOON),
        ("30 6 * * 1-5", NOON, datetime(2024, 3, 4, 6, 30, tzinfo=UTC)),
        ("@daily", datetime.fromisoformat("2024-03-01T07:00:00+08:00"), datetime(2024, 3, 1, tzinfo=UTC)),
        ("@monthly", NOON + timedelta(days=400), NOON),
    ],
)
def test_a_visit_is_due_when_the_schedule_says_so(schedule: str, last: datetime | None, due: datetime) -> None:
    source = FilesSource(name="a", path=Path("a"), schedule=schedule)
    assert sources.next_due(source, last, NOON) == due
    for now in (due - timedelta(seconds=1), due):
        if last is None or last <= now:
            assert sources.is_due(source, last, now) is (last is None or now >= due)


@given(
    last=st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)), minutes=st.integers(0, 10**6)
)
def test_a_source_that_is_not_due_becomes_due_later(last: datetime, minutes: int) -> None:
    source = FilesSource(name="a", path=Path("a"), schedule="@weekly")
    now = last + timedelta(minutes=minutes)
    due = sources.next_due(source, last, now)
    assert due > last
    assert due - last <= timedelta(days=7)
    assert sources.is_due(source, last, now) is (now >= due)


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        (Expected(), []),
        (Expected(min=2, max=2), []),
        (Expected(min=3), ["source shelf: 2 documents, fewer than the 3 expected"]),
        (Expected(max=1), ["source shelf: 2 documents, more than the 1 expected"]),
    ],
)
def test_a_run_that_brings_another_number_of_documents_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: Expected, told: list[str]
) -> None:
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    (tmp_path / "shelf").mkdir()
    for name in ("a", "b"):
        (tmp_path / "shelf" / f"{name}.txt").write_text(
            f"市图书馆{name}分馆自下周起每天开放到晚上九点。", encoding="utf-8"
        )
    landed = pipeline.acquire(FilesSource(name="shelf", path=tmp_path / "shelf", expected=expected))
    assert (landed["documents"], landed["notes"]) == (2, told)


@pytest.mark.parametrize("field", OUR_FIELDS)
def test_records_understand_every_field_that_a_dump_can_name(field: str) -> None:
    value = "市图书馆自下周起每天开放到晚上九点。"
    others = {} if field == "html" else {"text": "读者可以在网上预约座位。"}
    record = read_record(json.dumps({**others, field: value}))
    assert value in [*record.lines, *record.given.values()]


@pytest.mark.parametrize("link", ["^(.*/)*x$", r"/notices/(\d+)*\.html$", "(a|aa)+$"])
def test_a_pattern_that_may_look_for_ever_is_found(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 1.0)
    source = PagesSource(name="p", url=("https://news.example/",), link=link)
    assert patterns.endless(source) == ["link"]


@pytest.mark.parametrize(
    "link", [r"/notices/\d+\.html$", r"^https?://[^/]+/(\d{4})/(\d\d)/.*\.s?html?$", "news.*page.*x"]
)
def test_an_ordinary_pattern_is_let_through(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 60.0)
    assert patterns.endless(PagesSource(name="p", url=("https://news.example/",), link=link, follow=link)) == []


def test_an_address_too_long_fits_no_pattern() -> None:
    assert patterns.finds(re.compile("a"), "a" * patterns.ADDRESS_CHARACTERS)
    assert not patterns.finds(re.compile("a"), "a" * (patterns.ADDRESS_CHARACTERS + 1))
