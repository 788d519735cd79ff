"""What is removed from a store: taken down there and in every home, old snapshots, files that nothing needs."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from newslake import config, pipeline
from newslake.config import Home
from newslake.lake import raw, raw_change, remote, snapshots, targets, tombstones
from newslake.lake.rollback import roll_back
from newslake.lake.store import Store
from newslake.lake.verify import conservation
from newslake.sources import FilesSource

from . import rows
from .processes import start
from .test_takedown import BODY, COPY, GONE, TITLE, WORDS, other, record, take, urls_of_raw, write

pytestmark = pytest.mark.lake
ADDED = "\n更正：生产线为三条，特此说明并向读者致歉。"
HOMES = ("one", "two")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of three snapshots: others; the article and a copy; a new version of it. Home `one` has made
    them, home `two` has read the second."""
    folder = tmp_path_factory.mktemp("removal")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_LAKE", f"file://{folder}/store")
        patch.setenv("NEWSLAKE_HOME", str(folder / "one"))
        pipeline.run([write(folder / "in" / "0.jsonl", *map(other, range(3)))])
        gone = record(GONE, TITLE, BODY, 3)
        pipeline.run([write(folder / "in" / "1.jsonl", gone, record(COPY, TITLE, BODY + "\n（来源：临江日报）", 4))])
        patch.setenv("NEWSLAKE_HOME", str(folder / "two"))
        remote.refresh(config.home())
        patch.setenv("NEWSLAKE_HOME", str(folder / "one"))
        pipeline.run([write(folder / "in" / "2.jsonl", {**gone, "text": BODY + ADDED})])
    return folder


@pytest.fixture
def at(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Home]:
    """Chooses a home beside a copy of the store that is the test's own."""
    url = f"file://{tmp_path}/store"
    monkeypatch.setenv("NEWSLAKE_LAKE", url)
    shutil.copytree(prepared / "in", tmp_path / "in")
    for name in ("store", *HOMES):
        shutil.copytree(prepared / name, tmp_path / name, symlinks=True)
    for name in HOMES:
        (tmp_path / name / "store.txt").write_text(url, encoding="utf-8")

    def choose(name: str) -> Home:
        monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / name))
        return config.home()

    return choose


def holding(folder: Path, words: tuple[str, ...] = (TITLE, WORDS, GONE)) -> set[Path]:
    """A search that knows nothing of ours: every file, and every value as DuckDB reads it."""
    found = set()
    with duckdb.connect() as connection:
        for path in (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
            content = path.read_bytes()
            if path.suffix == ".parquet":
                values = connection.execute("FROM read_parquet($path, hive_partitioning = false)", {"path": str(path)})
                content += str(values.fetchall()).encode()
            if any(word.encode() in content for word in words):
                found.add(path)
    return found


def articles() -> int:
    return snapshots.current(config.home()).tables["articles"].rows


def test_taken_down_everywhere(at: Callable[[str], Home], tmp_path: Path) -> None:
    """By a machine that has nothing of it yet; the others follow when they read next."""
    for name in ("store", *HOMES):
        assert holding(tmp_path / name)
    three = at("three")
    done = take(COPY)
    assert done.snapshots == ["000002", "000003"]
    last = take(GONE)
    assert last.scanned.objects > 30
    assert holding(tmp_path / "store") == holding(three.root) == set()
    assert pipeline.verify()["snapshot"] == "000005"
    (tmp_path / "two" / "reports").mkdir()
    (tmp_path / "two" / "reports" / "index.html").write_text(TITLE, encoding="utf-8")
    for name in HOMES:
        home = at(name)
        remote.refresh(home)
        assert holding(home.root) == set()
        assert rows.of(home.root) == rows.of(three.root)
        assert tombstones.read(home).all == tombstones.read(three).all
        landed, _ = pipeline.run([FilesSource(name="input", path=tmp_path / "in")])
        assert landed[0]["landed"] == 0
        assert pipeline.verify()["snapshot"] == "000005"
    assert holding(tmp_path / "store") == set()


def test_in_a_bucket(s3_lake: Callable[[str], None], tmp_path: Path) -> None:
    s3_lake("one")
    source = write(tmp_path / "in" / "0.jsonl", record(GONE, TITLE, BODY, 3), other(1))
    pipeline.run([source])
    take(GONE)
    store = Store(os.environ["NEWSLAKE_LAKE"])
    for key in store.names(""):
        place = tmp_path / "bucket" / key
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(store.get(key) or b"")
    assert len(list((tmp_path / "bucket").rglob("*.parquet"))) > 5
    assert holding(tmp_path / "bucket") == holding(config.home().root) == set()
    assert pipeline.verify()["snapshot"] == "000002"


def test_what_is_landed_meanwhile_does_not_come_back(
    at: Callable[[str], Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine lands the article's new version, and an article beside it, while it is taken down."""
    commit, landed = raw_change.commit, []
    newer = write(tmp_path / "more" / "3.jsonl", record(GONE, TITLE, BODY * 2, 6), other(9))

    def land_first(*arguments: Any) -> int:
        if not landed:
            at("two")
            landed.append(pipeline.acquire(newer)["landed"])
            at("one")
        return commit(*arguments)

    at("one")
    take(COPY)
    monkeypatch.setattr(raw_change, "commit", land_first)
    take(GONE)
    assert landed == [1], "the tombstone was there before"
    at("two")
    pipeline.run([])
    assert articles() == 4
    assert pipeline.verify()["snapshot"] == "000006"
    assert holding(tmp_path / "store") == holding(tmp_path / "two") == set()


def take_until_deleted(number: int) -> None:
    """Is killed before the removal of this number of objects."""
    delete, left = Store.delete, [number]

    def count(store: Store, key: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        delete(store, key)

    Store.delete = count  # type: ignore[method-assign]
    take(GONE)


@pytest.mark.parametrize("number", [0, 3, 12])
def test_killed_while_it_is_removed(at: Callable[[str], Home], tmp_path: Path, number: int) -> None:
    home = at("one")
    process = start(take_until_deleted, number)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert pipeline.verify()["snapshot"] == "000004"
    (target,) = targets.unfinished(home)
    assert target.what == GONE
    take(GONE)
    assert holding(tmp_path / "store", (GONE, ADDED)) == holding(home.root, (GONE, ADDED)) == set()
    at("two")
    remote.refresh(config.home())
    assert holding(tmp_path / "two", (GONE, ADDED)) == set()
    assert pipeline.verify()["snapshot"] == "000004"


def objects(store: Path) -> set[str]:
    return {str(path.relative_to(store)) for path in store.rglob("*.parquet") if "_delta_log" not in path.parts}


def test_old_snapshots_and_their_files_leave_the_store(at: Callable[[str], Home], tmp_path: Path) -> None:
    """A machine that shows an old snapshot reads on, and finds the newest one when it looks again."""
    two, store = at("two"), tmp_path / "store"
    pinned, before = snapshots.current(two), rows.of(two.root)
    one = at("one")
    wanted = rows.of(one.root)
    dry = pipeline.maintain(is_dry=True, newest=1, days=0)
    assert dry["stored_snapshots"] == ["000001", "000002"]
    assert len(Store(os.environ["NEWSLAKE_LAKE"]).names("lake/snapshots")) == 6
    there = objects(store)
    done = pipeline.maintain(newest=1, days=0)
    assert done["stored_snapshots"] == ["000001", "000002", "000003"], "compacted, then expired"
    assert done["stored_files"] > 10
    newest = snapshots.current(one)
    assert (newest.name, rows.of(one.root)) == ("000004", wanted)
    named = {
        f"{'raw' if name == 'raw_documents' else f'lake/delta/{name}'}/{file.path}"
        for name, state in newest.tables.items()
        for file in state.files
    }
    assert {key for key in objects(store) if not key.startswith("lake/empty/")} == named
    assert named < there | named
    assert rows.digest(pinned) == before
    at("two")
    remote.refresh(two)
    assert rows.of(two.root) == wanted
    assert pipeline.verify()["snapshot"] == "000004"
    at("three")
    assert pipeline.verify()["snapshot"] == "000004"
    source = write(tmp_path / "more" / "5.jsonl", other(7))
    assert pipeline.run([source])[1]["snapshot"] == "000005"
    assert pipeline.maintain(newest=10, days=7)["stored_files"] == 0


def test_landed_while_raw_documents_are_put_together(
    at: Callable[[str], Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents that another machine lands in between stay, before the commit as well as after it."""
    commit, number = raw_change.commit, iter(range(30, 40))

    def land_elsewhere() -> None:
        at("two")
        place = tmp_path / "more" / f"{len(list(tmp_path.glob('more/*')))}.jsonl"
        assert pipeline.acquire(write(place, other(next(number))))["landed"] == 1
        at("one")

    def land_and_commit(*arguments: Any) -> int:
        if not list(tmp_path.glob("more/*")):
            land_elsewhere()
        version = commit(*arguments)
        land_elsewhere()
        return version

    monkeypatch.setattr(raw_change, "commit", land_and_commit)
    home = at("one")
    before = len(urls_of_raw(home))
    pipeline.maintain()
    take(COPY)
    monkeypatch.setattr(raw_change, "commit", commit)
    added = len(list(tmp_path.glob("more/*")))
    assert added >= 2
    assert remote.pull_raw(home) == raw.version(home)
    assert len(urls_of_raw(home)) == before + added - 1
    pipeline.run([])
    assert articles() == 3 + 2 - 1 + added
    assert conservation(snapshots.current(home)).missing == 0
    pipeline.verify()


def test_back_to_before_files_were_put_together(at: Callable[[str], Home], tmp_path: Path) -> None:
    """Later documents wait meanwhile; another machine takes them in again."""
    home = at("one")
    wanted, whole = rows.digest(snapshots.find(home, "1")), rows.of(home.root)
    pipeline.maintain()
    assert rows.of(home.root) == whole
    assert roll_back(home, "1").waiting == 3
    assert rows.of(home.root) == wanted
    assert pipeline.verify()["snapshot"] == "000005"
    two = at("two")
    pipeline.run([])
    assert rows.of(two.root) == whole
    assert pipeline.verify()["snapshot"] == "000006"


def test_tombstones_move_along_with_a_lake(
    at: Callable[[str], Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into a new home with another store, as docs/operate.md says."""
    one = at("one")
    take(GONE)
    moved = at("moved")
    moved.root.mkdir()
    shutil.copy(tombstones.path(one), tombstones.path(moved))
    monkeypatch.setenv("NEWSLAKE_LAKE", f"file://{tmp_path}/other")
    landed = pipeline.acquire(FilesSource(name="input", path=tmp_path / "in"))
    assert landed["landed"] == 4
    assert not any(GONE in url for url in urls_of_raw(moved))
    assert tombstones.read(moved).all == tombstones.read(one).all


def test_one_takedown_keeps_the_tombstones_of_others(at: Callable[[str], Home]) -> None:
    at("one")
    take(COPY)
    two = at("two")
    take(GONE)
    assert len(tombstones.read(two).all) == 2
    remote.pull_raw(at("one"))
    assert len(tombstones.read(config.home()).all) == 2
