"""What a person should hear of: each once, over when it is over, and nothing where nothing is the matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from newslake import alerts, config, pipeline, tables
from newslake.deduplicate import cluster
from newslake.errors import BatchStopped
from newslake.gate import new_run_id
from newslake.lake import takedown, targets, visits
from newslake.lake.rollback import roll_back
from newslake.tables.definition import Check

pytestmark = pytest.mark.lake
KNOWN, NEW = 120, 30
TEXT = "市图书馆第{}号分馆自下周起每天开放到晚上九点，读者可以在一楼服务台办理借书证，周末也不休息。"
SAME = {"title": "图书馆延长开放", "published_at": "2024-03-05"}
TELL = """
import sys, time
from pathlib import Path
from newslake import alerts, config
with alerts.telling(config.home()) as told:
    current = alerts.found(config.home())
    told.forget_all_but(current)
    for alert in told.unsent("mail", current):
        time.sleep(0.5)
        told.note("mail", alert)
        print(alert.key)
"""


@pytest.fixture
def folder(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the source `gazette` reads."""
    (tmp_path / "in").mkdir()
    path = tmp_path / "sources.yaml"
    path.write_text("sources:\n  - {name: gazette, kind: files, path: in, fresh_within_hours: 36}\n")
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(path))
    return tmp_path / "in"


def write(path: Path, numbers: range, **more: str) -> None:
    lines = (
        json.dumps({"url": f"https://e.example/{number}", "text": TEXT.format(number) * 2, **more}, ensure_ascii=False)
        for number in numbers
    )
    path.write_text("\n".join(lines), encoding="utf-8")


def land() -> None:
    pipeline.run(["gazette"])


def keys() -> list[str]:
    return [alert.key for alert in alerts.found(config.home())]


def told() -> list[str]:
    """Keys of what one round sends."""
    with alerts.telling(config.home()) as state:
        current = alerts.found(config.home())
        state.forget_all_but(current)
        sent = state.unsent("mail", current)
        for alert in sent:
            state.note("mail", alert)
        return [alert.key for alert in sent]


def drifted(folder: Path) -> None:
    write(folder / "a.jsonl", range(KNOWN), **SAME)
    land()
    write(folder / "b.jsonl", range(1000, 1000 + NEW), title=SAME["title"])
    land()


def test_drift_lasts_through_other_snapshots_and_ends_with_a_rollback(folder: Path) -> None:
    drifted(folder)
    (alert,) = alerts.found(config.home())
    assert alert.key == "drift:gazette:published_date"
    assert "published_date is missing in 100% of 30 new articles, usually in 0%" in alert.detail
    assert told() == [alert.key]
    write(folder / "c.jsonl", range(2000, 2001), **SAME)
    land()
    # A channel that failed meanwhile would still be told.
    assert keys() == [alert.key]
    assert told() == []
    write(folder / "d.jsonl", range(3000, 3000 + NEW), title=SAME["title"])
    land()
    assert keys() == [alert.key], "a source that goes on so is told once"
    roll_back(config.home(), "000001")
    assert told() == keys() == []


def test_a_takedown_sets_off_nothing(folder: Path) -> None:
    drifted(folder)
    assert told() == ["drift:gazette:published_date"]
    target = targets.look(config.home(), "https://e.example/1000", None)
    takedown.take_down(config.home(), target, cluster, new_run_id("takedown"))
    assert told() == []
    target = targets.look(config.home(), None, "gazette")
    takedown.take_down(config.home(), target, cluster, new_run_id("takedown"))
    assert [key for key in told() if not key.startswith("late:")] == []


def test_a_late_source_is_told_once_until_it_is_not_late(folder: Path) -> None:
    write(folder / "a.jsonl", range(3), **SAME)
    os.utime(folder / "a.jsonl", (time.time() - 40 * 3600,) * 2)
    land()
    assert told() == ["late:gazette"]
    write(folder / "b.jsonl", range(10, 12), **SAME)
    os.utime(folder / "b.jsonl", (time.time() - 39 * 3600,) * 2)
    land()
    assert told() == [], "newer, and still late"
    write(folder / "c.jsonl", range(20, 22), **SAME)
    os.utime(folder / "c.jsonl", (time.time() + 10 * 24 * 3600,) * 2)
    land()
    assert keys() == ["late:gazette"], "a clock that is wrong does not put the deadline off"
    write(folder / "d.jsonl", range(30, 32), **SAME)
    land()
    assert told() == keys() == []


def test_a_source_that_never_brought_anything_is_late_by_its_first_visit(folder: Path) -> None:
    land()
    assert keys() == ["failed_visit:gazette"], "an empty folder is a mistake"
    path = config.home().state / "visits" / "gazette.json"
    note = json.loads(path.read_text())
    path.write_text(json.dumps({**note, "first_at": "2024-01-01T00:00:00+00:00"}))
    land()
    visit = visits.last(config.home(), "gazette")
    assert visit is not None
    assert visit.since.year == 2024
    late, _ = alerts.found(config.home())
    assert late.key == "late:gazette"
    assert "it has no document yet" in late.detail


def test_a_failed_visit_is_told_once_whatever_it_says(folder: Path) -> None:
    folder.rmdir()
    land()
    assert told() == ["failed_visit:gazette"]
    path = config.home().state / "visits" / "gazette.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "error": "no answer within 3.2 s"}))
    assert told() == []
    folder.mkdir()
    write(folder / "a.jsonl", range(3), **SAME)
    land()
    assert told() == keys() == []


def test_a_batch_that_stays_stopped_is_told_once(folder: Path) -> None:
    (folder / "a.jsonl").write_text("\n".join(json.dumps({"url": str(number), "text": ""}) for number in range(25)))
    with pytest.raises(BatchStopped):
        land()
    assert told() == ["refusals:gazette"]
    (folder / "b.jsonl").write_text("\n".join(json.dumps({"url": str(number), "text": ""}) for number in range(50, 60)))
    with pytest.raises(BatchStopped, match="35 of 35"):
        land()
    assert keys() == ["refusals:gazette"]
    assert told() == []
    pipeline.run(["gazette"], accepted=["gazette"])
    assert told() == keys() == []


def test_a_failed_check_is_told_with_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = Check("has_text", "char_count > 0", "test", kind="table")
    monkeypatch.setattr(tables, "ARTICLES", replace(tables.ARTICLES, checks=(*tables.ARTICLES.checks, check)))
    write(folder / "a.jsonl", range(3), **SAME)
    with pytest.raises(BatchStopped):
        land()
    (alert,) = alerts.found(config.home())
    assert alert.kind == "gate"
    assert "articles.has_text" in alert.key
    assert told() == [alert.key]
    assert told() == []


@pytest.mark.parametrize("damage", ['{"mail": ["late:ga', "[1]", '{"mail": "late"}', "", "\x00"])
def test_a_damaged_note_is_told_and_written_anew(folder: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    folder.rmdir()
    land()
    assert told() == ["failed_visit:gazette"]
    path = config.home().state / "alerts.json"
    path.write_text(damage)
    assert told() == ["failed_visit:gazette"]
    assert f"{path}: damaged, so nobody knows which alerts were sent" in caplog.text
    assert json.loads(path.read_text()) == {"mail": ["failed_visit:gazette"]}
    assert told() == []


@pytest.fixture
def two(folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
    folder.rmdir()
    land()
    started = [subprocess.Popen([sys.executable, "-c", TELL], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    yield started
    for process in started:
        process.kill()
        process.wait()


def test_two_at_once_tell_once(two: list[subprocess.Popen[str]]) -> None:
    said = [process.communicate(timeout=120)[0] for process in two]
    assert sorted(said) == ["", "failed_visit:gazette\n"]
    assert [process.returncode for process in two] == [0, 0]
