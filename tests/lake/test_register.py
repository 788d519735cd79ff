"""The register of the samples: one project closed through official completion, one task silent past its deadline.

Three articles over six months tell of 白鹭湾大桥: set in May, with its figures in August, accepted in November. The first
of them also sets the repair of 青石古道 by the end of September, of which no later article speaks.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from newslake import pipeline
from newslake.config import PROJECT, home
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.sources import FilesSource

pytestmark = pytest.mark.lake
SAMPLES = PROJECT / "seeds" / "articles"
BRIDGE, ROAD = "白鹭湾大桥", "青石古道"
Register = dict[str, list[dict[str, Any]]]


def ask(query: str) -> list[dict[str, Any]]:
    with database.connect(current(home())) as connection:
        rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return rows


def register() -> Register:
    """All views of the register, every row and column of them."""
    views = ("directive_register", "directive_events", "register_progress", "league_table")
    return {view: ask(f"FROM {view} ORDER BY ALL") for view in views}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("register")


@pytest.fixture(scope="module")
def whole(samples: Path) -> Register:
    """The register after one run over all samples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(samples / "whole"))
        pipeline.run(["samples"])
        return register()


def task(whole: Register, words: str) -> dict[str, Any]:
    (row,) = (row for row in whole["directive_register"] if words in row["task"])
    return row


def events(whole: Register, row: dict[str, Any]) -> list[tuple[str, dt.date]]:
    own = [one for one in whole["directive_events"] if one["directive_id"] == row["directive_id"]]
    return sorted({(one["kind"], one["at"]) for one in own}, key=lambda one: one[1])


def test_a_project_is_closed_by_official_completion(whole: Register) -> None:
    row = task(whole, BRIDGE)
    assert (row["matter"], row["set_by"], row["set_by_title"]) == (BRIDGE, "庄明礼", "县委书记")
    assert [body[-4:] for body in row["responsible_bodies"]] == ["县交通局"]
    assert (row["set_on"], row["deadline"]) == (dt.date(2024, 5, 16), dt.date(2024, 11, 30))
    assert (row["state"], row["schedule_state"]) == ("completed", "completed in time")
    assert (row["said_state"], row["shown_state"]) == ("set", "completed")
    assert row["completed_on"] == dt.date(2024, 11, 14)
    assert len(row["articles"]) == 3
    assert events(whole, row) == [
        ("set", dt.date(2024, 5, 16)),
        ("progress", dt.date(2024, 8, 14)),
        ("completed", dt.date(2024, 11, 14)),
    ]


def test_progress_tells_the_figure_reached(whole: Register) -> None:
    row = task(whole, BRIDGE)
    (progress,) = (
        one
        for one in whole["directive_events"]
        if one["directive_id"] == row["directive_id"] and one["kind"] == "progress" and one["quantity"] is not None
    )
    assert (progress["quantity"], progress["unit"]) in [(186_000_000, "元"), (62, "%")]


def test_silence_is_overdue_in_bounded_words(whole: Register) -> None:
    """The calendar says so, no article does: nothing is said of failure, and nothing is closed."""
    row = task(whole, ROAD)
    assert [body[-6:] for body in row["responsible_bodies"]] == ["县文化旅游委"]
    assert row["deadline"] == dt.date(2024, 9, 30)
    assert (row["state"], row["schedule_state"]) == ("overdue", "deadline passed, no completion seen")
    assert (row["shown_state"], row["completed_on"], row["last_evidence"]) == ("nothing reported", None, None)
    assert events(whole, row) == [("set", dt.date(2024, 5, 16)), ("overdue", dt.date(2024, 10, 1))]
    (overdue,) = (
        one
        for one in whole["directive_events"]
        if one["directive_id"] == row["directive_id"] and one["kind"] == "overdue"
    )
    assert overdue["article_id"] is None
    assert overdue["text"] == (
        f"deadline 2024-09-30 has passed; no article since {row['set_on']} up to {row['seen_until']} reports completion by then"
    )


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("龙头港专用线", dt.date(2024, 12, 20)),
        ("老旧小区", dt.date(2024, 11, 26)),
        ("公办幼儿园", dt.date(2024, 9, 1)),
        ("鲤脊石刻保护中心", dt.date(2024, 9, 28)),
        ("新院区", dt.date(2025, 3, 31)),
        ("签约合同额", dt.date.max),
    ],
)
def test_nothing_is_completed_before_it_was(whole: Register, words: str, day: dt.date) -> None:
    """What happened to the ten tasks of 临江区 stands in seeds/README.md."""
    own = [
        row for row in whole["directive_register"] if words in row["task"] and "临江区" in (row["jurisdiction"] or "")
    ]
    assert own
    assert [row["completed_on"] for row in own if row["completed_on"] and row["completed_on"] < day] == []


def test_a_task_to_begin_is_done_when_it_was_begun(whole: Register) -> None:
    row = task(whole, "江澜东站综合枢纽")
    assert "开工" in row["task"]
    assert row["schedule_state"] == "completed in time"


def test_what_is_overdue_has_a_deadline_and_later_articles(whole: Register) -> None:
    for row in whole["directive_register"]:
        assert (row["state"] == "completed") == (row["completed_on"] is not None)
        if row["state"] == "overdue":
            assert row["deadline"] < row["seen_until"]


def test_a_rerun_gives_the_same_register(whole: Register, samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLAKE_HOME", str(samples / "whole"))
    before = current(home()).name
    pipeline.run(["samples"])
    assert current(home()).name == before
    assert register() == whole


def test_another_order_of_arrival_gives_the_same_register(
    whole: Register, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files shuffled over three runs, each in several batches: completions may come before what they complete."""
    monkeypatch.setenv("NEWSLAKE_HOME", str(samples / "shuffled"))
    files = sorted(path for path in SAMPLES.rglob("*") if path.is_file())
    random.Random(5).shuffle(files)
    last = next(path for path in files if path.name == "20240517_bridge_list.txt")
    files = [path for path in files if path != last] + [last]
    for number in range(3):
        folder = samples / f"part{number}"
        for path in files[number * len(files) // 3 : (number + 1) * len(files) // 3]:
            place = folder / path.relative_to(SAMPLES)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)
        pipeline.run([FilesSource(name="samples", path=folder, timezone="Asia/Shanghai", language="zh")], batch_size=17)
    found = register()
    for view, rows in whole.items():
        assert found[view] == rows, view
