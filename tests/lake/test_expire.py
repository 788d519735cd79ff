"""What is too old goes, what anybody may still read stays."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

from newslake import deduplicate, pipeline
from newslake.config import Home
from newslake.lake import expire, snapshots, upkeep
from newslake.lake.change import changing
from newslake.lake.upkeep import Rules, maintain
from newslake.lake.verify import verify
from newslake.sources import FilesSource
from newslake.tables import PUBLISHED

from . import rows
from .processes import finish, start
from .test_compact import write

pytestmark = pytest.mark.lake
RUNS = 4


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Four snapshots of one source and of another, whose pages say what the first one's do."""
    folder = tmp_path_factory.mktemp("expire")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        for run in range(RUNS):
            write(folder / "in" / f"{run}.jsonl", range(run * 3, run * 3 + 3))
            pipeline.run([FilesSource(name="harbour", path=folder / "in")])
        copies = [
            {**json.loads(line), "url": f"https://copy.example/{number}"}
            for number, line in enumerate((folder / "in" / "0.jsonl").read_text(encoding="utf-8").splitlines())
        ]
        (folder / "copies").mkdir()
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in copies)
        (folder / "copies" / "0.jsonl").write_text(lines, encoding="utf-8")
        pipeline.run([FilesSource(name="mirror", path=folder / "copies")])
    return Home(folder / "home")


@pytest.fixture
def lake(base: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    home = Home(Path(shutil.copytree(base.root, tmp_path / "home", symlinks=True)))
    pipeline.plan()
    return home


def done(home: Home, rules: Rules, is_dry: bool = False) -> upkeep.Done:
    return maintain(home, deduplicate.cluster, rules, "run", is_dry=is_dry)


def names(home: Home) -> list[str]:
    return [snapshot.name for snapshot in snapshots.complete(home)]


def test_the_newest_and_the_young_stay(lake: Home) -> None:
    later = datetime.now(UTC) + timedelta(days=8)
    assert [one.name for one in expire.expired(lake, 2, 7, later)] == ["000001", "000002", "000003"]
    assert expire.expired(lake, 2, 7) == []
    assert len(expire.expired(lake, 0, 7, later)) == 4, "never the newest"


def test_files_that_nothing_names_go_and_all_others_stay(lake: Home) -> None:
    told = done(lake, Rules(newest=2, days=0), is_dry=True)
    before, kept = rows.of(lake.root), snapshots.complete(lake)[-1]
    assert names(lake) == [f"00000{number}" for number in range(1, 6)], "a dry run changes nothing"
    did = done(lake, Rules(newest=2, days=0))
    assert did.unneeded_files > told.unneeded_files == 0, "what compaction will make useless is not known before"
    assert told.small_files == did.small_files > (did.compacted_files or 0) > 0
    assert names(lake) == ["000005", "000006"]
    verify(lake)
    assert rows.of(lake.root) == rows.digest(kept) == before
    for snapshot in snapshots.complete(lake):
        for table in PUBLISHED:
            folder = lake.raw if table.name == "raw_documents" else lake.delta / table.name
            opened = DeltaTable(str(folder), version=snapshot.tables[table.name].version)
            assert len(opened.file_uris()) == len(snapshot.tables[table.name].files)
            assert all(Path(uri).exists() for uri in opened.file_uris())
    assert done(lake, Rules(newest=2, days=0)).unneeded_files == 0
    assert names(lake) == ["000005", "000006"]


def test_a_reader_of_a_kept_snapshot_ends_well(lake: Home) -> None:
    old = snapshots.current(lake)
    with duckdb.connect() as connection:
        paths = old.paths("sentences")
        reader = connection.sql("SELECT text FROM read_parquet($paths)", params={"paths": paths}).to_arrow_reader(1)
        reader.read_next_batch()
        done(lake, Rules(newest=2, days=0))
        assert sum(batch.num_rows for batch in reader) == old.tables["sentences"].rows - 1


def test_planned_documents_can_be_refined_afterwards(lake: Home, tmp_path: Path) -> None:
    pipeline.acquire(write(tmp_path / "more" / "9.jsonl", range(50, 53)))
    (plan,) = pipeline.plan()
    done(lake, Rules(newest=1, days=0))
    assert pipeline.publish([pipeline.refine(plan)])["articles"] == 3
    verify(lake)


def test_documents_past_retention_leave_with_all_that_was_made_of_them(lake: Home) -> None:
    later = datetime.now(UTC) + timedelta(days=31)
    with changing(lake, is_raw_held=True) as change:
        articles, documents = expire.retain(change, {"harbour": 30, "other": 1}, deduplicate.cluster, later)
        change.commit("run", "retain")
    assert (articles, documents) == (RUNS * 3, RUNS * 3)
    verify(lake)
    snapshot = snapshots.current(lake)
    assert {
        name: count for name, (count, _) in rows.digest(snapshot).items() if name in ("articles", "raw_documents")
    } == {
        "articles": 3,
        "raw_documents": 3,
    }
    with duckdb.connect(str(lake.database), read_only=True) as connection:
        assert connection.execute("SELECT DISTINCT source, is_duplicate FROM articles").fetchall() == [
            ("mirror", False)
        ]


def maintain_in(home: Path) -> None:
    done(Home(home), Rules(newest=1, days=0, retention_days={"harbour": 36_500}))


def test_two_at_once_and_a_publisher(lake: Home, tmp_path: Path) -> None:
    before = rows.of(lake.root)
    processes = [start(maintain_in, lake.root) for _ in range(2)]
    pipeline.run([write(tmp_path / "more" / "0.jsonl", range(90, 93))])
    for process in processes:
        finish(process)
    verify(lake)
    assert rows.of(lake.root)["articles"][0] == before["articles"][0] + 3
    done(lake, Rules(newest=1, days=0))
    assert len(names(lake)) == 1
    verify(lake)


def test_what_is_past_retention_is_not_landed(lake: Home, tmp_path: Path) -> None:
    import os

    source = write(tmp_path / "old" / "0.jsonl", range(70, 73))
    os.utime(source.path / "0.jsonl", (1_600_000_000,) * 2)
    kept = FilesSource(name="harbour", path=source.path, retention_days=30)
    landed = pipeline.acquire(kept)
    assert landed["landed"] == 0
    assert any("3 documents left out" in line for line in landed["notes"])


def test_retention_is_read_from_the_list_of_sources(
    lake: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text("sources:\n  - {name: harbour, kind: files, path: in, retention_days: 36500}\n", encoding="utf-8")
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(path))
    told = pipeline.maintain(is_dry=True)
    assert (told["old_articles"], told["snapshots"]) == (0, [])
    assert told["tables"]["articles"]["rows"] == RUNS * 3 + 3
