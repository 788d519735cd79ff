"""Snapshots: numbered once, complete or absent, never changed, one publisher at a time."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from newslake import pipeline
from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import database, merge, snapshots
from newslake.lake.delta import delta_folder
from newslake.lake.durable import holds, only_one, point, write_text
from newslake.lake.snapshots import TableState, complete, create, current, make_current, newest
from newslake.lake.turn import heal
from newslake.lake.verify import conservation, verify
from newslake.sources import FilesSource
from newslake.tables import PUBLISHED, TABLES

from . import rows

EMPTY_STATES = {table.name: TableState(0, ()) for table in PUBLISHED}


def article(number: int) -> str:
    text = f"记者从现场了解到，第{number}批任务完成。区长林向东说，{number * 7919}号楼明年{number % 12 + 1}月前改造。"
    record = {
        "url": f"https://e.example/{number}",
        "title": f"第{number}次会议",
        "text": text,
        "published_at": f"2024-{number % 12 + 1:02}-02",
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


def write(path: Path, numbers: range) -> FilesSource:
    path.write_text("".join(map(article, numbers)), encoding="utf-8")
    os.utime(path, (1_700_000_000,) * 2)
    return FilesSource(name="input", path=path)


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def urls(home: Home) -> set[str]:
    with database.connect(current(home)) as connection:
        return {url for (url,) in connection.execute("SELECT url FROM articles").fetchall()}


@pytest.fixture
def lake(home: Path) -> Home:
    """An empty home, with the folders that publishing expects."""
    found = Home(home)
    found.snapshots.mkdir(parents=True)
    return found


def make(lake: Home, accept: Callable[[Path], None] = lambda folder: None) -> snapshots.Snapshot:
    folders = {table.name: delta_folder(lake, table).path for table in PUBLISHED}
    return create(lake, snapshots.newest(lake), EMPTY_STATES, folders, "run", accept)


def test_numbers_are_given_once_and_in_order(lake: Home) -> None:
    assert [make(lake).name for _ in range(3)] == ["000001", "000002", "000003"]
    assert [snapshot.number for snapshot in complete(lake)] == [1, 2, 3]
    assert [snapshot.manifest["parent"] for snapshot in complete(lake)] == [None, "000001", "000002"]
    assert lake.current.readlink() == Path("snapshots/000003")


def test_numbers_are_ordered_as_numbers(lake: Home) -> None:
    make(lake)
    (lake.snapshots / "000001").rename(lake.snapshots / "999999")
    assert make(lake).name == "1000000"
    assert newest(lake) == snapshots.Snapshot(lake.snapshots / "1000000")
    assert current(lake).number == 1_000_000


def test_a_number_that_is_taken_is_not_taken_again(lake: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher that slept through another's publish, as if there were no lock."""
    first = make(lake)
    before = contents(first.path)
    monkeypatch.setattr(snapshots, "newest", lambda home: None)
    with pytest.raises(LakeError, match=r"000001: another publisher made this snapshot first; run again"):
        make(lake)
    monkeypatch.undo()
    assert contents(first.path) == before
    assert not list(lake.snapshots.glob(".building-*"))
    assert current(lake) == first


def test_of_many_late_publishers_one_wins(lake: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "newest", lambda home: None)
    monkeypatch.setattr(snapshots, "make_current", lambda home: None)
    numbers, outcomes = iter(range(10_000, 20_000)), []
    monkeypatch.setattr(snapshots.os, "getpid", lambda: next(numbers))

    def attempt() -> None:
        try:
            outcomes.append(make(lake).name)
        except LakeError:
            outcomes.append("late")

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["000001", *["late"] * 7]
    assert complete(lake)[0].manifest["snapshot"] == "000001"


def test_current_is_swapped_and_never_missing(lake: Home) -> None:
    for _ in range(2):
        make(lake)
    stop, missing, looks = threading.Event(), [], []

    def look() -> None:
        while not stop.is_set():
            looks.append(1)
            if not (lake.current / "_SUCCESS").exists():
                missing.append(1)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for number in range(300):
            point(lake.current, f"snapshots/00000{number % 2 + 1}")
    finally:
        stop.set()
        thread.join()
    assert len(looks) > 10
    assert not missing
    assert [path.name for path in lake.current.parent.iterdir() if path.is_symlink()] == ["current"]


@pytest.mark.parametrize("state", ["missing", "dangling", "older"])
def test_current_is_mended(lake: Home, state: str) -> None:
    make(lake)
    make(lake)
    lake.current.unlink()
    if state != "missing":
        lake.current.symlink_to("snapshots/000001" if state == "older" else "snapshots/000009")
    make_current(lake)
    assert lake.current.readlink() == Path("snapshots/000002")


def test_leftovers_of_a_crash_are_cleared_when_the_next_turn_begins(lake: Home) -> None:
    """Whoever is at work has the lock; process ids say nothing, as containers that share a home have their own."""
    (lake.snapshots / f".building-000001-{os.getppid()}" / "articles").mkdir(parents=True)
    assert complete(lake) == []
    assert newest(lake) is None
    heal(lake, None)
    assert not list(lake.snapshots.glob(".building-*"))
    assert not lake.current.is_symlink()


def lose(building: Path) -> None:
    shutil.rmtree(building)
    building.stat()


@pytest.mark.parametrize("end", [lose, shutil.rmtree])
def test_who_lost_its_turn_and_its_folder_is_told(lake: Home, end: Callable[[Path], None]) -> None:
    with pytest.raises(LakeError, match=r"000001: another publisher made this snapshot first; run again"):
        make(lake, end)
    assert complete(lake) == []


def test_a_lock_whose_file_is_another_one_now_is_not_held(tmp_path: Path) -> None:
    """A person removed it to go on without a stopped process, in whose container another has the same process id."""
    with only_one(tmp_path / "lock"):
        assert holds(tmp_path / "lock")
        (tmp_path / "lock").unlink()
        assert not holds(tmp_path / "lock")
        (tmp_path / "lock").write_text(str(os.getpid()), encoding="ascii")
        assert not holds(tmp_path / "lock")
    assert not holds(tmp_path / "lock")


def test_a_snapshot_without_its_seal_is_not_passed_over(lake: Home) -> None:
    """To go on from the one before would take back what was published."""
    make(lake)
    (make(lake).path / "_SUCCESS").unlink()
    for look in (complete, newest, make_current):
        with pytest.raises(LakeError, match=r"000002/_SUCCESS: missing"):
            look(lake)
    assert lake.current.readlink() == Path("snapshots/000002")


def test_the_manifest_is_sealed(lake: Home) -> None:
    snapshot = make(lake)
    path = snapshot.path / "manifest.json"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == (snapshot.path / "_SUCCESS").read_text().strip()
    path.write_text(path.read_text(encoding="utf-8").replace('"run"', '"ran"'), encoding="utf-8")
    with pytest.raises(LakeError, match=r"manifest\.json: changed since it was published"):
        _ = snapshots.Snapshot(snapshot.path).manifest
    path.unlink()
    with pytest.raises(LakeError, match=r"manifest\.json: missing"):
        _ = snapshots.Snapshot(snapshot.path).manifest


def test_text_files_are_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "note.json"
    write_text(path, "一")
    write_text(path, "二")
    assert [(found.name, found.read_text(encoding="utf-8")) for found in path.parent.iterdir()] == [("note.json", "二")]


def test_the_lock_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "state" / "publish.lock"
    code = (
        "import sys, pathlib\nfrom newslake.lake.durable import only_one\n"
        "with only_one(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        message = f"{path}: process {holder.pid} has held the lock for over 0 s; look whether it is stuck"
        with pytest.raises(LakeError, match=re.escape(message)), only_one(path, 0.2):
            raise AssertionError("two hold the lock")
        holder.kill()
        holder.wait()
        with only_one(path, 5):
            assert path.read_text() == str(os.getpid())


def test_the_lock_is_freed_by_an_error(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), only_one(tmp_path / "lock", 0.2):
            raise ZeroDivisionError


@pytest.mark.lake
def test_what_a_crashed_publisher_committed_is_taken_back(
    lake: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every Delta table is ahead of the snapshot; the next publisher has other articles, and gets all."""
    path = tmp_path / "in.jsonl"
    pipeline.run([write(path, range(1, 4))])
    before = rows.of(lake.root)
    with monkeypatch.context() as crash:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        crash.setattr(snapshots, "create", die)
        with pytest.raises(KeyboardInterrupt):
            pipeline.run([write(path, range(1, 6))])
    versions = {name: state.version for name, state in current(lake).tables.items()}
    ahead = DeltaTable(str(lake.delta / "articles")).version()
    assert ahead > versions["articles"]
    assert rows.of(lake.root) == before
    verify(lake)
    pipeline.run([write(path, range(1, 8))])
    assert urls(lake) == {f"https://e.example/{n}" for n in range(1, 8)}
    verify(lake)
    for name, state in current(lake).tables.items():
        delta = DeltaTable(str(delta_folder(lake, TABLES[name]).path))
        assert delta.version() == state.version
        assert delta.to_pyarrow_table().num_rows == state.rows
    assert current(lake).tables["articles"].version > ahead


@pytest.mark.lake
def test_older_snapshots_never_change(lake: Home, tmp_path: Path) -> None:
    """Copies and newer versions rewrite rows; the old files stay where an older snapshot names them."""
    path = tmp_path / "in.jsonl"
    kept: dict[str, dict[str, str]] = {}
    for end in (4, 5, 8):
        pipeline.run([write(path, range(1, end))])
        for name, files in kept.items():
            assert contents(lake.snapshots / name) == files
        kept[current(lake).name] = contents(current(lake).path)
    assert list(kept) == ["000001", "000002", "000003"]
    first, last = (snapshots.Snapshot(lake.snapshots / name) for name in ("000001", "000003"))
    shared = {file.path for file in first.tables["articles"].files} & {
        file.path for file in last.tables["articles"].files
    }
    assert shared, "every month was rewritten; nothing is shared"
    for file in shared:
        inodes = {(snapshot.path / "articles" / file).stat().st_ino for snapshot in (first, last)}
        assert inodes == {(lake.delta / "articles" / file).stat().st_ino}
    with database.connect(first) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(3,)]


def run_in_process(home: Path, path: Path, batch_size: int) -> None:
    os.environ["NEWSLAKE_HOME"] = str(home)
    pipeline.run([FilesSource(name="input", path=path)], batch_size=batch_size)


def run_at_once(lake: Home, inputs: list[tuple[Path, int]]) -> list[int | None]:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=run_in_process, args=(lake.root, *one)) for one in inputs]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    return [process.exitcode for process in processes]


@pytest.mark.lake
def test_the_same_batch_published_twice_at_once(lake: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a person types the command that a schedule has just started: the second one waits for the lock."""
    pipeline.acquire(write(tmp_path / "in.jsonl", range(3)))
    staged = [pipeline.refine(path) for path in pipeline.plan()]
    merging = merge.merging

    def second(*arguments: Any) -> Any:
        monkeypatch.setattr(merge, "merging", merging)
        assert pipeline.publish(staged)["is_new"]
        return merging(*arguments)

    monkeypatch.setattr(merge, "merging", second)
    assert not pipeline.publish(staged)["is_new"]
    assert urls(lake) == {f"https://e.example/{n}" for n in range(3)}


@pytest.mark.lake
def test_two_publishers_at_once(lake: Home, tmp_path: Path) -> None:
    """They share three documents and have nine each of their own; each may refine what the other landed."""
    for number, numbers in enumerate([range(0, 12), range(9, 21)]):
        (tmp_path / str(number)).mkdir()
        write(tmp_path / str(number) / "in.jsonl", numbers)
    exits = run_at_once(lake, [(tmp_path / "0", 5), (tmp_path / "1", 6)])
    assert exits == [0, 0]
    assert urls(lake) == {f"https://e.example/{n}" for n in range(21)}
    verify(lake)
    account = conservation(current(lake))
    assert (account.documents, account.articles, account.exact_copies) == (24, 21, 3)
    assert 1 <= len(complete(lake)) <= 2
    assert not list((lake.state / "landed").iterdir())
    for source in ("0", "1"):
        _, published = pipeline.run([FilesSource(name="input", path=tmp_path / source)])
        assert not published["is_new"]
