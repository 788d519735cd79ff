"""An old snapshot as the newest: all tables as they were, numbers rise, and the next run goes on."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

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
from newslake.tables import ARTICLES, MENTIONS, PUBLISHED, RAW_DOCUMENTS, SENTENCES

from . import rows
from .moments import Moment, wait_for
from .processes import start
from .storied import record, write_records

pytestmark = pytest.mark.lake


class Prepared(NamedTuple):
    """A home with three snapshots, and where its source is."""

    home: Path
    source: FilesSource


def run(source: FilesSource) -> None:
    pipeline.run([source])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Snapshots of six articles; of later versions of two, and two more; of one that was refused."""
    folder = tmp_path_factory.mktemp("rollback")
    source = FilesSource(name="input", path=folder / "in")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        write_records(source.path, "a", [record(number) for number in range(6)], day=0)
        run(source)
        write_records(source.path, "b", [record(number, 1) for number in (0, 1)] + [record(6), record(7)], day=1)
        run(source)
        write_records(source.path, "c", [record(8) | {"published_at": "2099-01-02"}], day=2)
        run(source)
    return Prepared(folder / "home", source)


@pytest.fixture
def lake(prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of it that is the test's own. Links of one file stay links of one file."""
    home = tmp_path / "home"
    os.system(f"cp -a '{prepared.home}' '{home}'")
    monkeypatch.setenv("NEWSLAKE_HOME", str(home))
    return Home(home)


def test_all_tables_are_as_they_were(lake: Home, prepared: Prepared) -> None:
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


def test_the_next_run_takes_the_later_documents_in_again(lake: Home, prepared: Prepared) -> None:
    before = rows.of(lake.root)
    roll_back(lake, "1")
    run(prepared.source)
    assert rows.of(lake.root) == before
    assert current(lake).name == "000005"
    assert conservation(current(lake)).missing == 0
    verify(lake)
    run(prepared.source)
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
def test_the_newest_may_be_damaged(lake: Home, prepared: Prepared, damage: Callable[[Home], None]) -> None:
    wanted = rows.digest(find(lake, "1"))
    damage(lake)
    with pytest.raises(LakeError):
        verify(lake)
    assert roll_back(lake, "1").snapshot.name == "000004"
    assert rows.of(lake.root) == wanted
    assert_newest_is_whole(lake)
    run(prepared.source)
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


def test_back_to_before_files_were_put_together(lake: Home, prepared: Prepared) -> None:
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
    run(prepared.source)
    assert rows.of(lake.root) == whole
    verify(lake)


def die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_crash_before_the_snapshot_is_healed(lake: Home, prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    before, versions = rows.of(lake.root), {name: state.version for name, state in current(lake).tables.items()}
    with monkeypatch.context() as crash:
        crash.setattr(snapshots, "create", die)
        with pytest.raises(KeyboardInterrupt):
            roll_back(lake, "1")
    assert DeltaTable(str(lake.delta / "articles")).version() > versions["articles"]
    assert rows.of(lake.root) == before
    # A run that finds nothing new heals as well.
    run(prepared.source)
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


def test_killed_at_its_steps(lake: Home, prepared: Prepared, tmp_path: Path) -> None:
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


# --- changes of the lake, of which a rollback is one ---


def test_keep_writes_only_the_files_that_lose_rows(lake: Home) -> None:
    month = "2024-01"
    with changing(lake) as change:
        before = {file.path for file in change.files(SENTENCES)}
        total = change.connection.execute("SELECT count(*) FROM lake_sentences").fetchall()[0][0]
        lost = change.keep(SENTENCES, f"NOT (published_month = '{month}' AND sentence_no = 0)")
        assert lost > 0
        left = {file.path for file in change.files(SENTENCES)}
        assert {path.split("/")[0] for path in before ^ left} == {f"published_month={month}"}
        # What is kept is what is seen, so that one can go on from there.
        assert change.connection.execute("SELECT count(*) FROM lake_sentences").fetchall() == [(total - lost,)]
        more = change.keep(SENTENCES, "sentence_no != 1")
        assert change.keep(SENTENCES, "sentence_no != 1") == 0
        made = change.commit("kept", "retention")
    assert made.tables["sentences"].rows == total - lost - more
    assert made.kind == "retention"
    assert made.tables["articles"] == find(lake, "3").tables["articles"]
    assert delta_folder(lake, SENTENCES).live_files() == {file.path for file in made.tables["sentences"].files}


def test_keep_treats_unknown_as_lost(lake: Home) -> None:
    with changing(lake) as change:
        (count,) = change.connection.execute("SELECT count(*) FROM lake_articles WHERE deck IS NULL").fetchall()[0]
        assert count
        assert change.keep(ARTICLES, "deck != 'x'") == count
    assert current(lake).name == "000003"


def test_a_table_may_lose_all_its_rows(lake: Home) -> None:
    with changing(lake) as change:
        change.keep(MENTIONS, "false")
        assert change.files(MENTIONS) == []
        assert change.keep(MENTIONS, "false") == 0
        made = change.commit("emptied", "retention")
    assert (made.tables["mentions"].rows, rows.of(lake.root)["mentions"][0]) == (0, 0)


def test_a_change_of_nothing_is_none(lake: Home) -> None:
    with changing(lake) as change:
        assert change.keep(ARTICLES, "true") == 0
        assert not change.is_any


def test_rows_in_other_files_are_the_same_rows(lake: Home) -> None:
    """As when small files are made one."""
    before = rows.of(lake.root)
    with changing(lake) as change:
        folder = change.folders["articles"]
        change.set_files(
            ARTICLES,
            folder.write(in_order(relations.rows(change.connection, ARTICLES, "FROM lake_articles"), ARTICLES)),
        )
        assert change.is_any
        change.commit("compacted", "compact")
    assert rows.of(lake.root) == before
    verify(lake)


def test_landed_documents_survive_a_change_of_raw_documents(lake: Home, prepared: Prepared) -> None:
    """They were landed after the newest snapshot, and are in none yet."""
    extra = prepared.source.path.parent / f"extra-{lake.root.parent.name}"
    write_records(extra, "z", [record(30)], day=5)
    pipeline.acquire(FilesSource(name="input", path=extra))
    with changing(lake, is_raw_held=True) as change:
        change.keep(RAW_DOCUMENTS, "true")
        read = relations.rows(change.connection, RAW_DOCUMENTS, "FROM lake_raw_documents")
        files = [
            file
            for part in (read.slice(0, 3), read.slice(3))
            for file in change.folders["raw_documents"].write(in_order(part, RAW_DOCUMENTS))
        ]
        change.set_files(RAW_DOCUMENTS, files)
        change.commit("compacted", "compact")
    verify(lake)
    run(FilesSource(name="input", path=extra))
    verify(lake)
    with database.connect(current(lake)) as connection:
        assert connection.execute("SELECT count(*) FROM articles WHERE url LIKE '%/30'").fetchall() == [(1,)]


def test_raw_documents_change_only_while_nobody_lands(lake: Home) -> None:
    with changing(lake) as change:
        assert change.keep(RAW_DOCUMENTS, "false")
        with pytest.raises(ValueError, match="is_raw_held"):
            change.commit("taken-down", "takedown")
