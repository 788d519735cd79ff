"""An old snapshot as the newest: all tables as they were, numbers rise, and the next run goes on."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from newslake import pipeline
from newslake.config import Home
from newslake.errors import LakeError, UsageError
from newslake.lake import changes, database, relations, remote, snapshots
from newslake.lake.change import changing
from newslake.lake.delta import delta_folder, in_order
from newslake.lake.rollback import roll_back
from newslake.lake.snapshots import complete, current, find
from newslake.lake.verify import conservation, verify
from newslake.sources import FilesSource
from newslake.tables import ARTICLES, PUBLISHED, RAW_DOCUMENTS

from . import rows
from .moments import Moment, wait_for
from .processes import start
from .storied import ThreeSnapshots, record, write_records

pytestmark = pytest.mark.lake


def run(source: FilesSource) -> None:
    pipeline.run([source])


def test_all_tables_are_as_they_were(lake: Home) -> None:
    wanted = {snapshot.number: rows.digest(snapshot) for snapshot in complete(lake)}
    versions = {name: state.version for name, state in current(lake).tables.items()}
    done = roll_back(lake, "1")
    assert (done.snapshot.name, done.old.name, done.is_new, done.waiting) == ("000004", "000001", True, 5)
    assert rows.of(lake.root) == wanted[1] != wanted[3]
    manifest = current(lake).manifest
    assert (manifest["kind"], manifest["parent"], manifest["run_id"]) == ("rollback", "000003", "rollback-to-000001")
    verify(lake)
    for name, state in current(lake).tables.items():
        assert state.files == find(lake, "1").tables[name].files
        if name != RAW_DOCUMENTS.name:
            assert state.version >= versions[name]
            assert DeltaTable(str(lake.delta / name)).version() == state.version
    with database.connect(current(lake)) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(6,)]
    # The snapshots between stay, and one can go forward again.
    assert {snapshot.number: rows.digest(snapshot) for snapshot in complete(lake)[:3]} == wanted
    assert roll_back(lake, "000003").snapshot.name == "000005"
    assert rows.of(lake.root) == wanted[3]
    verify(lake)


def test_the_next_run_takes_the_later_documents_in_again(lake: Home, three_snapshots: ThreeSnapshots) -> None:
    before = rows.of(lake.root)
    roll_back(lake, "1")
    run(three_snapshots.source)
    assert rows.of(lake.root) == before
    assert current(lake).name == "000005"
    assert conservation(current(lake)).missing == 0
    verify(lake)
    run(three_snapshots.source)
    assert current(lake).name == "000005"


def test_a_rollback_to_what_is_there_does_nothing(lake: Home) -> None:
    for name in ("3", "000003"):
        assert not roll_back(lake, name).is_new
    roll_back(lake, "2")
    assert not roll_back(lake, "2").is_new
    assert len(complete(lake)) == 4


@pytest.mark.parametrize("name", ["4", "0", "-1", "", "first", "１", "../000001"])
def test_an_unknown_snapshot_is_refused(lake: Home, name: str) -> None:
    with pytest.raises(UsageError, match="there are: 000001, 000002, 000003"):
        roll_back(lake, name)
    assert len(complete(lake)) == 3


def assert_newest_is_whole(lake: Home) -> None:
    """What `verify` says of the newest snapshot; it looks at the damaged ones before it as well."""
    newest = current(lake)
    for table in PUBLISHED:
        state = newest.tables[table.name]
        paths = {file.path for file in state.files}
        assert not delta_folder(lake, table).check_live(state.version, paths)
        for file in state.files:
            assert snapshots.whole_copy(lake, newest, table, file) == newest.path / table.name / file.path
    assert conservation(newest).missing == 0


def test_a_file_that_only_one_place_has_is_put_back(lake: Home) -> None:
    """A vacuum took old files from the Delta table, or somebody took them from the snapshot."""
    old, wanted = find(lake, "1"), rows.digest(find(lake, "1"))
    articles, sentences = old.tables["articles"].files, old.tables["sentences"].files
    for file in articles:
        (lake.delta / "articles" / file.path).unlink()
    for file in sentences:
        (old.path / "sentences" / file.path).unlink()
    roll_back(lake, "1")
    assert rows.of(lake.root) == wanted
    assert_newest_is_whole(lake)


def test_a_snapshot_whose_files_are_gone_is_refused(lake: Home) -> None:
    old = find(lake, "1")
    file = old.tables["articles"].files[0]
    for place in (lake.delta, old.path):
        (place / "articles" / file.path).unlink()
    before = rows.digest(find(lake, "2"))
    with pytest.raises(LakeError, match=f"{file.path}: missing or changed\nSnapshot 000001 is not what it was"):
        roll_back(lake, "1")
    assert current(lake).name == "000003"
    assert rows.digest(find(lake, "2")) == before


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    with path.open("r+b") as file:
        file.write(content)


def test_one_flipped_bit_is_not_published_again(lake: Home) -> None:
    old = find(lake, "1")
    file = old.tables["mentions"].files[0]
    flip(old.path / "mentions" / file.path)
    with pytest.raises(LakeError, match=f"{file.path}: missing or changed"):
        roll_back(lake, "1")
    assert len(complete(lake)) == 3


def of_newest_alone(lake: Home) -> list[Path]:
    """Data files that the newest snapshot has and the first has not."""
    old, new = find(lake, "1"), find(lake, "3")
    return [
        new.path / name / file.path
        for name, state in new.tables.items()
        for file in state.files
        if file not in old.tables[name].files and name != RAW_DOCUMENTS.name
    ]


def damage_data(lake: Home) -> None:
    for path in of_newest_alone(lake):
        flip(path)


def remove_data(lake: Home) -> None:
    for path in of_newest_alone(lake):
        (lake.delta / path.relative_to(current(lake).path)).unlink()
        path.unlink()


def damage_manifest(lake: Home) -> None:
    flip(current(lake).path / "manifest.json")


@pytest.mark.parametrize("damage", [damage_data, remove_data, damage_manifest])
def test_the_newest_may_be_damaged(lake: Home, three_snapshots: ThreeSnapshots, damage: Callable[[Home], None]) -> None:
    wanted = rows.digest(find(lake, "1"))
    damage(lake)
    with pytest.raises(LakeError):
        verify(lake)
    assert roll_back(lake, "1").snapshot.name == "000004"
    assert rows.of(lake.root) == wanted
    assert_newest_is_whole(lake)
    run(three_snapshots.source)
    assert_newest_is_whole(lake)


def test_a_newest_without_its_seal_is_named(lake: Home) -> None:
    (current(lake).path / "_SUCCESS").unlink()
    with pytest.raises(LakeError, match="000003/_SUCCESS: missing; restore it from a backup, or remove"):
        roll_back(lake, "1")


def test_documents_that_were_removed_do_not_come_back(lake: Home) -> None:
    """As after a takedown, or when they were kept for long enough."""
    with changing(lake, is_raw_held=True) as change:
        gone = "(SELECT article_id, raw_id FROM lake_articles WHERE url = 'https://e.example/3')"
        change.connection.execute(f"CREATE TABLE gone AS FROM {gone}")
        for table in PUBLISHED:
            column = "raw_id" if table is RAW_DOCUMENTS else "article_id"
            if column in table.column_names:
                change.keep(table, f"{column} IS NULL OR {column} NOT IN (SELECT {column} FROM gone)")
        assert change.is_any
        change.commit("taken-down", "takedown")
    verify(lake)
    assert conservation(current(lake)).missing == 0
    with pytest.raises(LakeError, match=r"1 documents of it were removed from .*raw since"):
        roll_back(lake, "1")
    assert current(lake).manifest["kind"] == "takedown"


def put_together(lake: Home) -> None:
    """Makes one file of all rows of each table without partitions, and one a partition of the others."""
    with changing(lake, is_raw_held=True) as change:
        for table in PUBLISHED:
            found = relations.rows(change.connection, table, f"FROM lake_{table.name}")
            change.set_files(table, change.folders[table.name].write(in_order(found, table)))
        assert change.is_any
        change.commit("compacted", "compact")


def test_back_to_before_files_were_put_together(lake: Home, three_snapshots: ThreeSnapshots) -> None:
    """Raw documents are in other files now, and some of them are of later snapshots, or of none."""
    wanted, whole = rows.digest(find(lake, "1")), rows.of(lake.root)
    put_together(lake)
    assert rows.of(lake.root) == whole
    assert roll_back(lake, "1").waiting == 5
    assert rows.of(lake.root) == wanted
    verify(lake)
    stored = DeltaTable(str(lake.raw)).to_pyarrow_table(columns=list(RAW_DOCUMENTS.key))
    assert (
        stored.num_rows == stored.group_by(list(RAW_DOCUMENTS.key)).aggregate([]).num_rows == whole["raw_documents"][0]
    )
    put_together(lake)
    verify(lake)
    run(three_snapshots.source)
    assert rows.of(lake.root) == whole
    verify(lake)


def die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_crash_before_the_snapshot_is_healed(
    lake: Home, three_snapshots: ThreeSnapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, versions = rows.of(lake.root), {name: state.version for name, state in current(lake).tables.items()}
    with monkeypatch.context() as crash:
        crash.setattr(snapshots, "create", die)
        with pytest.raises(KeyboardInterrupt):
            roll_back(lake, "1")
    assert DeltaTable(str(lake.delta / "articles")).version() > versions["articles"]
    assert rows.of(lake.root) == before
    # A run that finds nothing new heals as well.
    run(three_snapshots.source)
    assert current(lake).name == "000003"
    for table in PUBLISHED:
        live = delta_folder(lake, table).live_files()
        assert live == {file.path for file in current(lake).tables[table.name].files}
    assert roll_back(lake, "1").snapshot.name == "000004"
    verify(lake)


def roll_back_in(home: Path) -> None:
    os.environ["NEWSLAKE_HOME"] = str(home)
    roll_back(Home(home), "1")


MOMENTS = [
    *(Moment("lake/delta/*/_delta_log/*.json", number) for number in range(1, 9, 2)),
    *(Moment("lake/snapshots/.building-*/**/*.parquet", number) for number in (1, 20)),
    Moment("lake/snapshots/[!.]*", 1),
    Moment(".newslake.duckdb.*", 1),
    Moment(".newslake.duckdb.*", -1),
]


def test_killed_at_its_steps(lake: Home, tmp_path: Path) -> None:
    before, after = rows.of(lake.root), rows.digest(find(lake, "1"))
    seen = set()
    for number, moment in enumerate(MOMENTS):
        home = tmp_path / f"killed-{number}"
        os.system(f"cp -a '{lake.root}' '{home}'")
        process = start(roll_back_in, home)
        wait_for(home, moment, process)
        process.kill()
        process.join()
        found = rows.of(home)
        assert found in (before, after), f"{moment} left something in between"
        seen.add((process.exitcode == -signal.SIGKILL, found == after))
        roll_back(Home(home), "1")
        assert rows.of(home) == after
        assert current(Home(home)).name == "000004"
        verify(Home(home))
        shutil.rmtree(home)
    assert (True, False) in seen, "nobody was killed before it was visible"


def test_a_home_that_has_only_the_newest_of_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older snapshot is fetched: to tell what changed, and to roll back to. The other home sees the rollback."""
    source = FilesSource(name="input", path=tmp_path / "in")
    monkeypatch.setenv("NEWSLAKE_LAKE", f"file://{tmp_path}/store")
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "first"))
    first, second = Home(tmp_path / "first"), Home(tmp_path / "second")
    write_records(source.path, "a", [record(number) for number in range(3)], day=0)
    run(source)
    before = rows.of(first.root)
    write_records(source.path, "b", [record(0, 1), record(3)], day=1)
    run(source)
    monkeypatch.setenv("NEWSLAKE_HOME", str(second.root))
    remote.refresh(second)
    assert [snapshot.name for snapshot in complete(second)] == ["000002"]
    with changes.between(second, remote.find(second, "1"), current(second)) as found:
        assert (found.counts(ARTICLES).inserts, found.counts(ARTICLES).updates) == (1, 1)
    assert current(second).name == "000002"
    with pytest.raises(UsageError, match="no snapshot 9 in"):
        remote.find(second, "9")
    assert roll_back(second, "1").waiting == 2
    verify(second)
    monkeypatch.setenv("NEWSLAKE_HOME", str(first.root))
    verify(first)
    assert (current(first).name, rows.of(first.root)) == ("000003", before)
