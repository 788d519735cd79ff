"""What sources say is what other parts do: when a visit is due, what a run expects, which fields a dump can name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake import pipeline, sources
from newslake.clean.record import read_record
from newslake.sources import Expected, FilesSource, patterns
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


@pytest.mark.parametrize("pattern", ["^(.*/)*x$", r"/notices/(\d+)*\.html$", "(a|aa)+$", "(x+x+)+y", "(.*a){20}b"])
def test_no_pattern_looks_for_ever(pattern: str) -> None:
    """Each of these takes Python's `re` longer than the sun will shine."""
    find = patterns.finder(pattern)
    for word in ("a/", "1", "a", "x", "/notices/1"):
        find(f"https://news.example/{word * 50_000}\0")


@pytest.mark.parametrize(
    ("pattern", "address", "is_found"),
    [
        (r"/notices/\d+\.html$", "https://news.example/notices/7.html", True),
        (r"/notices/\d+\.html$", "https://news.example/notices/7.html?page=2", False),
        ("(?i)NEWS", "https://news.example/", True),
        ("^(?P<scheme>https?)://[^/]+/会议/", "https://news.example/会议/1", True),
        ("x", "https://news.example/\udcffx", True),
        ("^news", "https://news.example/", False),
        ("x" * 1_000, f"https://news.example/{'x' * 5_000}", True),
    ],
)
def test_a_pattern_is_looked_for_anywhere(pattern: str, address: str, is_found: bool) -> None:
    assert patterns.finder(pattern)(address) is is_found


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(?!/ads/)news", r"invalid perl operator: \(\?!; RE2 does not look ahead, so write down what"),
        ("(?=/news/)", "does not look ahead"),
        ("(?<=/)news", "does not look back"),
        ("(?<!/)news", "does not look back"),
        (r"/(\d+)/\1", r"invalid escape sequence: \\1; RE2 knows no backreferences"),
        (r"/(?P<day>\d+)/(?P=day)", "knows no backreferences"),
        ("(a)?(?(1)b|c)", "knows no conditions"),
        ("(?>a)", r"write \(\?:…\)"),
        (r"html\Z", r"write \$ or \\z"),
        (r"\u4f1a", "write the character itself"),
        ("a++", "behind what is repeated"),
        ("a{2000}", "go up to 1,000 times"),
        (r"\pL{1000}", "make it shorter"),
        ("(?:unclosed", r"missing \): .*; see https://"),
        ("a\udcff", "half a character"),
    ],
)
def test_what_re2_does_not_know_says_what_to_do(pattern: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        patterns.finder(pattern)
