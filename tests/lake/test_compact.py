"""Small files become fewer, and every row stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import compact, raw, snapshots
from newslake.lake.change import changing
from newslake.lake.verify import verify
from newslake.sources import FilesSource
from newslake.tables import PUBLISHED, RAW_DOCUMENTS

from . import rows

pytestmark = pytest.mark.lake
RUNS = 4


def write(path: Path, numbers: range) -> FilesSource:
    path.parent.mkdir(exist_ok=True)
    records = [
        {
            "url": f"https://e.example/{number}",
            "title": f"临江区部署第{number}项任务",
            "text": f"本报讯 第{number}次会议在临江区召开，要求把责任落到人，年底前完成{number * 7}项任务。\n" * 3,
            "published_at": f"2024-0{number % 2 + 1}-1{number % 9}T08:00:00+08:00",
        }
        for number in numbers
    ]
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return FilesSource(name="input", path=path.parent)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("compact")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        for run in range(RUNS):
            pipeline.run([write(folder / "in" / f"{run}.jsonl", range(run * 6, run * 6 + 6))])
    return Home(folder / "home")


@pytest.fixture
def lake(base: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    home = Home(Path(shutil.copytree(base.root, tmp_path / "home", symlinks=True)))
    pipeline.plan()
    return home


def compacted(home: Home, target: int = compact.TARGET_BYTES) -> tuple[int, int]:
    with changing(home, is_raw_held=True) as change:
        found = compact.compact(change, target)
        if change.is_any:
            change.commit("run", "compact")
    return found


def test_one_file_a_partition_with_the_same_rows(lake: Home) -> None:
    before = rows.of(lake.root)
    old = snapshots.current(lake)
    counts = compacted(lake)
    new = snapshots.current(lake)
    assert counts[0] > counts[1] > 0
    assert (new.number, new.kind) == (old.number + 1, "compact")
    assert rows.of(lake.root) == before
    assert new.tables["validation_results"].rows == old.tables["validation_results"].rows
    for table in PUBLISHED:
        folders = [Path(file.path).parent for file in new.tables[table.name].files]
        assert len(folders) == len(set(folders)), table.name
    verify(lake)
    assert rows.digest(old) == before, "an old snapshot stays readable"


def test_rows_are_sorted_within_files(lake: Home) -> None:
    compacted(lake)
    snapshot = snapshots.current(lake)
    for table in (table for table in PUBLISHED if table.partition):
        for path in snapshot.paths(table.name):
            keys = [name for name in table.order if name != table.partition]
            found = [tuple(row.values()) for row in pq.ParquetFile(path).read(keys).to_pylist()]
            assert found == sorted(found, key=lambda row: [(value is None, value) for value in row]), table.name


def test_nothing_to_do_makes_no_snapshot(lake: Home) -> None:
    compacted(lake)
    newest = snapshots.current(lake)
    assert compacted(lake) == (0, 0)
    assert snapshots.current(lake) == newest


def test_files_are_of_bounded_size(lake: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file holds row groups as they are, and no more than the target has room for."""
    before = rows.of(lake.root)
    monkeypatch.setitem(RAW_DOCUMENTS.__dict__, "row_group_rows", 5)
    size = sum(file.bytes for file in snapshots.current(lake).tables["raw_documents"].files)
    with changing(lake, is_raw_held=True) as change:
        (group,) = [one for one in compact.groups(change) if one.table is RAW_DOCUMENTS]
        files = list(compact.written(change, group, size // 3))
        change.set_files(RAW_DOCUMENTS, files)
        change.commit("run", "compact")
    assert len(files) == 5
    assert {file.rows for file in files} == {5, 4}
    assert rows.of(lake.root) == before
    verify(lake)


def test_what_was_landed_and_not_published_yet_stays(lake: Home, tmp_path: Path) -> None:
    source = write(tmp_path / "more" / "more.jsonl", range(100, 103))
    pipeline.acquire(source)
    compacted(lake)
    verify(lake)
    assert not (lake.raw / "_changing.json").exists()
    _, published = pipeline.run([source])
    assert published["documents"] == 3
    verify(lake)
    assert rows.of(lake.root)["raw_documents"][0] == RUNS * 6 + 3


def test_watermarks_transactions_stay(lake: Home) -> None:
    folder = raw.folder(lake)
    folder.commit([], [], "run", ("acquire:site", 7))
    compacted(lake)
    assert folder.transaction_version("acquire:site") == 7
