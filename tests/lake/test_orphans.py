"""What crashed publishers left in a store goes, and nothing that anybody commits, whoever is at work meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import orphans, raw, remote
from newslake.lake.store import Store
from newslake.lake.sweep import Swept, sweep
from newslake.lake.watermarks import watermark
from newslake.sources import FilesSource

from .corpora import grow
from .processes import start
from .test_remote_faults import publish_until_put
from .test_remote_races import documents, home_at

pytestmark = pytest.mark.lake
NOBODYS = (
    f"raw/fetched_date=2024-01-01/{'0' * 32}.parquet",
    f"lake/delta/articles/published_month=2024-01/{'1' * 32}.parquet",
    f"lake/delta/runs/{'2' * 32}.parquet",
    "aside/raw/watermarks/site/7.json.zst",
    "probe/0123",
)
NOT_OURS = (
    "raw/notes.txt",
    "lake/delta/other/0.parquet",
    "lake/delta/runs/_delta_log/0.parquet",
    "aside/raw/notes.txt",
)


def keys() -> set[str]:
    store = Store(os.environ["NEWSLAKE_LAKE"])
    return {f"{folder}/{name}" for folder in ("raw", "lake", "aside", "probe") for name in store.names(folder)}


@pytest.fixture
def all_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "SECONDS", -60)


def test_what_nothing_names_goes_when_it_is_old(
    s3_lake: Callable[[str], None], generated: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_at(s3_lake, "one")
    for count in (3, 5):
        pipeline.run([FilesSource(name="input", path=generated(count))])
    whole, store = keys(), Store(os.environ["NEWSLAKE_LAKE"])
    assert sweep(home) == Swept()
    for key in (*NOBODYS, *NOT_OURS):
        store.put(key, b"x")
    assert sweep(home) == Swept(), "they are young: their commit may come"
    monkeypatch.setattr(orphans, "SECONDS", -60)
    two = home_at(s3_lake, "two")
    remote.refresh(two)
    assert sweep(two) == Swept(orphaned=len(NOBODYS))
    assert keys() == whole.union(NOT_OURS)
    assert sweep(home) == Swept()
    assert pipeline.verify()["snapshot"] == "000002"


def test_the_watermark_that_is_true_stays(s3_lake: Callable[[str], None], all_are_old: None) -> None:
    one = home_at(s3_lake, "one")
    with watermark(one, "site", raw.folder(one)) as mark:
        mark.value["seen"] = ["a"]
        assert list(raw.land(one, [documents("a")], "run", mark)) == [(1, 1)]
        mark.value["seen"] = ["a", "b"]
        assert mark.prepare() is not None, "and dies before its commit"
    two = home_at(s3_lake, "two")
    remote.pull_raw(two)
    assert sweep(two).orphaned == 1
    with watermark(two, "site", raw.folder(two)) as mark:
        assert mark.value == {"seen": ["a"]}
        mark.value["seen"] = ["c"]
        assert list(raw.land(two, [documents("c")], "run", mark)) == [(1, 1)]
    assert sweep(two).orphaned == 0


@pytest.fixture(scope="module")
def half_put(generated: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `one`, the mirror of `store`; its publisher was killed long ago, when it had put some of the data
    files of a staged batch. `kept` is what these two were at first."""
    folder = tmp_path_factory.mktemp("half-put")
    source = FilesSource(name="input", path=folder / "articles")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_LAKE", f"file://{folder}/store")
        patch.setenv("NEWSLAKE_HOME", str(folder / "one"))
        grow(generated(12), source.path, 0, 6)
        pipeline.run([source])
        grow(generated(12), source.path, 0, 12)
        pipeline.acquire(source)
        process = start(publish_until_put, 20, [pipeline.refine(plan) for plan in pipeline.plan()])
    process.join()
    assert process.exitcode == -signal.SIGKILL
    for path in (folder / "store").rglob("*.parquet"):
        os.utime(path, (time.time() - orphans.SECONDS - 60,) * 2)
    for name in ("one", "store"):
        shutil.copytree(folder / name, folder / "kept" / name, symlinks=True)
    return folder


@pytest.fixture
def died(half_put: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The staged batches of `half_put`, which is as it was at first."""
    for name in ("one", "store"):
        shutil.rmtree(half_put / name)
        shutil.copytree(half_put / "kept" / name, half_put / name, symlinks=True)
    monkeypatch.setenv("NEWSLAKE_LAKE", f"file://{half_put}/store")
    monkeypatch.setenv("NEWSLAKE_HOME", str(half_put / "one"))
    return [str(path) for path in (half_put / "one" / "state" / "staged").iterdir()]


def sweeper(tmp_path: Path) -> Home:
    (tmp_path / "sweeper" / "state").mkdir(parents=True, exist_ok=True)
    return Home(tmp_path / "sweeper")


def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a machine that has nothing yet finds all that it needs."""
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "reader"))
    return bool(pipeline.verify()["snapshot"] == "000002")


def test_leftovers_of_a_killed_publisher_go(died: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys()
    count = sweep(sweeper(tmp_path)).orphaned
    assert count == len(before - keys()) > 0
    assert pipeline.publish(died)["snapshot"] == "000002"
    assert whole(tmp_path, monkeypatch)


def test_swept_between_a_publishers_files_and_its_commit(
    died: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_same, swept = Store.put_same, []

    def sweep_first(store: Store, key: str, content: bytes) -> bool:
        if not swept:
            swept.append(sweep(sweeper(tmp_path)).orphaned)
        return put_same(store, key, content)

    monkeypatch.setattr(Store, "put_same", sweep_first)
    assert pipeline.publish(died)["snapshot"] == "000002"
    assert swept[0] > 0
    assert whole(tmp_path, monkeypatch)


def test_published_between_the_sweepers_look_and_its_deed(
    died: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete, published = Store.delete, []

    def publish_first(store: Store, key: str) -> None:
        if key.endswith(".parquet") and not published:
            published.append("")
            published.append(pipeline.publish(died)["snapshot"])
        delete(store, key)

    monkeypatch.setattr(Store, "delete", publish_first)
    sweep(sweeper(tmp_path))
    assert published == ["", "000002"]
    assert whole(tmp_path, monkeypatch)
