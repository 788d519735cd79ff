"""`newslake maintain`: what a crash left goes, and what anything names stays."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from unittest.mock import Mock

import pytest
from deltalake import DeltaTable

from newslake import gate, pipeline
from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import snapshots
from newslake.lake.durable import only_one
from newslake.lake.sweep import WRITTEN_SECONDS, Swept, sweep
from newslake.lake.verify import verify
from newslake.sources import FilesSource

NOTHING = Swept()


def write(path: Path, numbers: range) -> FilesSource:
    records = [
        {"url": f"https://e.example/{number}", "text": f"第{number}次会议在临江区召开，要求把责任落到人。" * 3}
        for number in numbers
    ]
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return FilesSource(name="input", path=path)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two snapshots; the second replaced files of the first."""
    folder = tmp_path_factory.mktemp("sweep")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        pipeline.run([write(folder / "in.jsonl", range(3))])
        pipeline.run([write(folder / "in.jsonl", range(1, 5))])
    return Home(folder / "home")


@pytest.fixture
def lake(good: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    home = Home(Path(shutil.copytree(good.root, tmp_path / "home", symlinks=True)))
    pipeline.plan()
    return home


def put(path: Path, size: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def age(path: Path) -> None:
    os.utime(path, (time.time() - WRITTEN_SECONDS - 60,) * 2, follow_symlinks=False)


def files(home: Home) -> set[Path]:
    return {path.relative_to(home.root) for path in home.root.rglob("*")}


def temporary_places(home: Home) -> tuple[list[Path], list[Path]]:
    """Names of every kind that is written before the real one: under a lock, and without; in a folder where it is one."""
    process = os.getpid()
    unlocked = [
        home.state / "staged" / f".0123456789abcdef.{process}" / "articles.arrow",
        home.state / "batches" / f".0123456789abcdef.json.{process}",
        home.state / "landed" / f".run.json.{process}",
        home.state / f".database.txt.{process}",
        home.reports / f".validation.{process}" / "index.html",
        home.reports / f".index.html.{process}",
    ]
    return [
        home.root / f".newslake.duckdb.{process}",
        home.root / f".newslake.duckdb.{process}.wal",
        home.current.with_name(f".current.{process}"),
        home.snapshots / f".building-000003-{process}" / "articles" / "part.parquet",
        home.delta / "articles" / "published_month=undated" / f".writing-{process}-140000000000000",
        home.delta / "runs" / f".writing-{process}-140000000000000",
        home.raw / "fetched_date=2024-01-01" / f".writing-{process}-140000000000000",
    ], unlocked


def test_a_good_lake_stays_as_it_is(lake: Home) -> None:
    before = files(lake) | {Path("state/land.lock")}
    assert sweep(lake) == NOTHING
    assert files(lake) == before
    verify(lake)


def test_what_was_written_under_a_lock_goes(lake: Home) -> None:
    places = [put(path) for path in temporary_places(lake)[0]]
    swept = sweep(lake)
    assert (swept.unfinished, swept.freed_bytes) == (len(places), 100 * len(places))
    assert not [path for path in places if path.exists()]
    assert sweep(lake) == NOTHING
    verify(lake)


def test_what_is_written_without_a_lock_stays_for_an_hour(lake: Home) -> None:
    places = [put(path) for path in temporary_places(lake)[1]]
    assert sweep(lake) == NOTHING
    for path in places:
        for part in (path, *path.parents):
            if part.name.startswith("."):
                age(part)
    assert sweep(lake).unfinished == len(places)
    assert sweep(lake) == NOTHING
    verify(lake)


@pytest.mark.parametrize(
    "place",
    [
        ".notes.123",
        "lake/.notes.4194305",
        "lake/delta/.notes.4194305",
        "state/.gitignore",
        "state/staged/.hidden",
        "state/.name.99999999999999999999",
        "lake/snapshots/.building-by-hand",
        "lake/delta/articles/.writing-me",
        "lake/delta/articles/notes.txt",
        "lake/delta/other_table/0.parquet",
    ],
)
def test_what_is_not_ours_stays(lake: Home, place: str) -> None:
    age(put(lake.root / place))
    assert sweep(lake) == NOTHING
    assert (lake.root / place).exists()


def test_a_link_that_was_never_moved_goes_and_not_its_target(lake: Home) -> None:
    link = lake.current.with_name(f".current.{os.getpid()}")
    link.symlink_to("snapshots/000002")
    assert (sweep(lake).unfinished, link.is_symlink()) == (1, False)
    verify(lake)


def test_linked_files_free_nothing(lake: Home) -> None:
    building = lake.snapshots / f".building-000003-{os.getpid()}"
    building.mkdir()
    os.link(next(lake.raw.rglob("*.parquet")), building / "part.parquet")
    assert sweep(lake) == Swept(unfinished=1, freed_bytes=0)
    verify(lake)


def test_spilled_rows_go(lake: Home) -> None:
    put(lake.state / "spill" / "duckdb_temp_block-1.block", 1_000)
    assert sweep(lake) == Swept(unfinished=1, freed_bytes=1_000)


@pytest.mark.parametrize("table", ["raw", "lake/delta/articles", "lake/delta/runs"])
@pytest.mark.parametrize("folder", ["", "month=1"])
def test_parquet_files_that_nothing_names_go(lake: Home, table: str, folder: str) -> None:
    path = put(lake.root / table / folder / f"{'0' * 32}.parquet", 500)
    assert sweep(lake) == Swept(unreferenced=1, freed_bytes=500)
    assert not path.exists()
    assert path.parent.exists() == (not folder), "a folder that nothing is in any more goes too"
    assert sweep(lake) == NOTHING
    verify(lake)


def test_parquet_files_of_any_version_stay(lake: Home) -> None:
    """Also those that only old versions have, and what was committed and taken back."""
    for folder in (lake.raw, *lake.delta.iterdir()):
        table = DeltaTable(str(folder))
        table.create_checkpoint()
        if table.version():
            table.restore(0)
    before = {path for path in lake.root.rglob("*.parquet")}
    live = {Path(uri) for folder in lake.delta.iterdir() for uri in DeltaTable(str(folder)).file_uris()}
    assert len(before) > len(live)
    assert sweep(lake) == NOTHING
    assert {path for path in lake.root.rglob("*.parquet")} == before


@pytest.mark.parametrize("missing", ["first", "last", "all"])
def test_a_log_with_gaps_names_nobody_knows_what(lake: Home, missing: str, caplog: pytest.LogCaptureFixture) -> None:
    entries = sorted((lake.delta / "articles" / "_delta_log").glob("*.json"))
    for entry in {"first": entries[:1], "last": entries[-1:], "all": entries}[missing]:
        entry.unlink()
    path = put(lake.delta / "articles" / "0.parquet")
    before = files(lake) | {Path("state/land.lock")}
    assert sweep(lake) == NOTHING
    assert path.exists()
    assert files(lake) == before
    assert "its log is not whole" in caplog.text


@pytest.mark.parametrize("place", ["lake/snapshots/000001/manifest.json", "lake/snapshots/000002/_SUCCESS", "log"])
def test_a_damaged_lake_is_not_touched(lake: Home, place: str) -> None:
    path = min((lake.delta / "runs" / "_delta_log").glob("*.json")) if place == "log" else lake.root / place
    if path.name == "_SUCCESS":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-10])
    for left in temporary_places(lake)[0]:
        put(left)
    put(lake.raw / "0.parquet")
    before = files(lake) | {Path("state/land.lock")}
    with pytest.raises(LakeError, match=path.name.replace(".", r"\.")):
        sweep(lake)
    assert files(lake) == before


def test_staged_batches_go_when_their_plan_is_gone(lake: Home, tmp_path: Path) -> None:
    pipeline.acquire(write(tmp_path / "more.jsonl", range(10, 14)))
    one, other = pipeline.plan(batch_size=2)
    staged = [Path(pipeline.refine(path)) for path in (one, other)]
    assert sweep(lake) == NOTHING
    Path(one).unlink()
    swept = sweep(lake)
    assert (swept.unplanned, swept.unfinished, swept.unreferenced) == (1, 0, 0)
    assert swept.freed_bytes > 1_000
    assert [path.exists() for path in staged] == [False, True]
    assert Path(other).exists()
    assert sweep(lake) == NOTHING
    pipeline.publish([pipeline.refine(path) for path in pipeline.plan()])
    assert snapshots.current(lake).tables["articles"].rows == 9
    verify(lake)


def test_staged_batches_go_when_the_lake_has_their_documents(
    lake: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publisher that is killed as it clears up leaves its batches with their plans."""
    pipeline.acquire(write(tmp_path / "more.jsonl", range(10, 14)))
    staged = [Path(pipeline.refine(path)) for path in pipeline.plan(batch_size=2)]
    with monkeypatch.context() as patch:
        patch.setattr(gate, "shutil", Mock(rmtree=Mock(side_effect=KeyboardInterrupt)))
        with pytest.raises(KeyboardInterrupt):
            pipeline.publish([str(path) for path in staged])
    assert all(path.is_dir() for path in staged)
    assert pipeline.plan() == []
    assert sweep(lake).unplanned == 2
    assert not [path for part in ("staged", "batches") for path in (lake.state / part).iterdir()]
    assert sweep(lake) == NOTHING
    verify(lake)


def test_plans_go_when_other_batches_took_their_documents(lake: Home, tmp_path: Path) -> None:
    """After a crash more documents come, so that batches are cut at other places."""
    pipeline.acquire(write(tmp_path / "more.jsonl", range(10, 14)))
    for path in pipeline.plan(batch_size=4):
        pipeline.refine(path)
    pipeline.acquire(write(tmp_path / "0.jsonl", range(20, 22)))
    plans = pipeline.plan(batch_size=5)
    assert sweep(lake) == NOTHING, "none of their documents are in the lake"
    pipeline.publish([pipeline.refine(path) for path in plans])
    assert sweep(lake).unplanned == 1
    assert not [path for part in ("staged", "batches") for path in (lake.state / part).iterdir()]
    verify(lake)


def test_landed_documents_stay(lake: Home, tmp_path: Path) -> None:
    """They are in no snapshot yet."""
    pipeline.acquire(write(tmp_path / "more.jsonl", range(10, 14)))
    assert sweep(lake) == NOTHING
    pipeline.run([write(tmp_path / "in.jsonl", range(1))])
    assert snapshots.current(lake).tables["articles"].rows == 9
    verify(lake)


@pytest.mark.parametrize("lock", ["publish.lock", "land.lock"])
def test_it_waits_for_who_writes(lake: Home, lock: str) -> None:
    path = put(lake.delta / "articles" / f"{'0' * 32}.parquet")
    done = threading.Event()
    thread = threading.Thread(target=lambda: (sweep(lake), done.set()))
    with only_one(lake.state / lock):
        thread.start()
        assert not done.wait(0.5)
        assert path.exists()
    thread.join()
    assert not path.exists()


def test_no_lake_is_made(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no lake here yet"):
        sweep(Home(tmp_path / "home"))
    assert not (tmp_path / "home").exists()


@pytest.mark.lake
def test_after_a_publisher_was_killed(lake: Home, tmp_path: Path) -> None:
    """Before it committed: its files are removed, and the next run publishes what it would have."""
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom newslake import pipeline\nfrom newslake.sources import FilesSource\n"
        "from newslake.lake import publish\npublish.commit = lambda *_: os.kill(os.getpid(), 9)\n"
        "pipeline.run([FilesSource(name='input', path=Path(sys.argv[1]))])\n"
    )
    source = write(tmp_path / "more.jsonl", range(10, 14))
    assert subprocess.run([sys.executable, "-c", code, str(source.path)], check=False).returncode == -9
    before = files(lake)
    swept = sweep(lake)
    assert swept.unreferenced > 5
    assert swept.unplanned == 0
    assert all(path.suffix == ".parquet" or "=" in path.name or path.name == "spill" for path in before - files(lake))
    assert sweep(lake) == NOTHING
    verify(lake)
    pipeline.run([source])
    assert snapshots.current(lake).tables["articles"].rows == 9
    verify(lake)
