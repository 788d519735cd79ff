"""Changes of the lake, of which a rollback is one: rows that go, rows that come to lie in other files."""

from __future__ import annotations

import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import database, relations
from newslake.lake.change import changing
from newslake.lake.delta import delta_folder, in_order
from newslake.lake.snapshots import current, find
from newslake.lake.verify import verify
from newslake.sources import FilesSource
from newslake.tables import ARTICLES, MENTIONS, RAW_DOCUMENTS, SENTENCES

from . import rows
from .storied import ThreeSnapshots, record, write_records

pytestmark = pytest.mark.lake


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


def test_landed_documents_survive_a_change_of_raw_documents(lake: Home, three_snapshots: ThreeSnapshots) -> None:
    """They were landed after the newest snapshot, and are in none yet."""
    extra = three_snapshots.source.path.parent / f"extra-{lake.root.parent.name}"
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
    pipeline.run([FilesSource(name="input", path=extra)])
    verify(lake)
    with database.connect(current(lake)) as connection:
        assert connection.execute("SELECT count(*) FROM articles WHERE url LIKE '%/30'").fetchall() == [(1,)]


def test_raw_documents_change_only_while_nobody_lands(lake: Home) -> None:
    with changing(lake) as change:
        assert change.keep(RAW_DOCUMENTS, "false")
        with pytest.raises(ValueError, match="is_raw_held"):
            change.commit("taken-down", "takedown")
