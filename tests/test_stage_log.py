"""What each stage did is added up exactly, over batches, processes and files."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake import gate, pipeline, stage_log
from newslake.config import Home
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.sources import FilesSource
from newslake.stage_log import STAGES, Entry, StageLog
from newslake.tables import RUNS

counts = st.integers(0, 10**9)
entries = st.builds(Entry, counts, counts, counts, st.integers(0, 2**20).map(float))
logs = st.builds(StageLog, st.dictionaries(st.sampled_from(STAGES), entries))


def copy(log: StageLog) -> StageLog:
    return StageLog.from_json(json.loads(json.dumps(log.to_json())))


@given(logs)
def test_a_log_survives_a_file(log: StageLog) -> None:
    assert copy(log) == log


@given(logs, logs, logs)
def test_adding_is_the_same_in_any_order(first: StageLog, second: StageLog, third: StageLog) -> None:
    sums = []
    for order in ((first, second, third), (third, first, second)):
        total = StageLog()
        for log in order:
            total.add(copy(log))
        sums.append(total)
    assert sums[0] == sums[1]
    for stage, entry in sums[0].entries.items():
        parts = [log.entries.get(stage, Entry()) for log in (first, second, third)]
        assert entry.rows_in == sum(part.rows_in for part in parts)
        assert entry.refused_count == sum(part.refused_count for part in parts)


@given(logs)
def test_every_stage_has_a_row_in_the_order_of_the_way(log: StageLog) -> None:
    rows = RUNS.from_rows(log.rows("run", datetime(2024, 2, 3, tzinfo=UTC))).to_pylist()
    assert [(row["stage_no"], row["stage"]) for row in rows] == list(enumerate(STAGES))
    for row in rows:
        assert row["rows_in"] == log.entries.get(row["stage"], Entry()).rows_in
        assert row["cpu_seconds"] == log.entries.get(row["stage"], Entry()).cpu_seconds


def test_runs_are_named_in_the_order_in_which_they_began() -> None:
    """Also those of one second; the newest validation is found by its name."""
    names = []
    for about in ("one", "two", "three", "four", "five", "six", "seven", "eight"):
        names.append(gate.new_run_id(about))
        time.sleep(0.001)
    assert names == sorted(names)


def fail_slowly(log: StageLog) -> None:
    with log.measure("clean") as entry:
        entry.rows_in += 2
        end = time.process_time() + 0.02
        while time.process_time() < end:
            pass
        raise ZeroDivisionError


def test_time_is_measured_even_when_a_stage_fails() -> None:
    log = StageLog()
    with pytest.raises(ZeroDivisionError):
        fail_slowly(log)
    assert log.entries["clean"].rows_in == 2
    assert 0.02 <= log.entries["clean"].cpu_seconds < 2
    with log.measure("clean") as again:
        again.rows_in += 3
    assert log.entries["clean"].rows_in == 5


def test_logs_are_summed() -> None:
    total = StageLog()
    for number in range(3):
        log = StageLog({"parse": Entry(rows_in=10 * number, cpu_seconds=0.5)})
        total.add(StageLog.from_json(json.loads(json.dumps(log.to_json()))))
    assert total == StageLog({"parse": Entry(rows_in=30, cpu_seconds=1.5)})


def test_now_is_utc_to_the_second() -> None:
    moment = stage_log.now()
    assert moment.utcoffset() == timedelta(0)
    assert moment.microsecond == 0


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[FilesSource]:
    """Two inputs with one document each; the second run would fall into the same second."""
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    found = []
    for number in range(2):
        path = tmp_path / f"{number}" / "a.txt"
        path.parent.mkdir()
        path.write_text(
            f"第{number}次会议\n\n临江区第{number}次召开会议，部署年底前的重点任务，要求责任到人。", encoding="utf-8"
        )
        found.append(FilesSource(name="input", path=path))
    moment = stage_log.now()
    monkeypatch.setattr(gate, "now", lambda: moment)
    return found


def test_two_inputs_within_a_second_are_both_counted(sources: list[FilesSource], tmp_path: Path) -> None:
    pipeline.run(sources)
    with database.connect(current(Home(tmp_path / "home"))) as connection:
        row = connection.execute("SELECT rows_in, rows_out FROM runs WHERE stage = 'acquire'").fetchall()
    assert row == [(2, 2)]
