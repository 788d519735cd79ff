"""Changes between two snapshots: replayed on the one, they give the other, in whichever order of time."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import changes, relations
from newslake.lake.changes import AFTER, BEFORE, DELETE, INSERT, Counts
from newslake.lake.snapshots import Snapshot, complete, find
from newslake.tables import ARTICLES, PUBLISHED, RUNS, SENTENCES, Column, Table

pytestmark = [pytest.mark.lake, pytest.mark.xdist_group("history")]


def rows_of(connection: duckdb.DuckDBPyConnection, table: Table, snapshot: Snapshot) -> pa.Table:
    connection.execute("DROP VIEW IF EXISTS given")
    relations.view(connection, "given", table, snapshot.paths(table.name))
    return relations.rows(connection, table, "FROM given")


def columns_of(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.column_names)


def replayed(connection: duckdb.DuckDBPyConnection, table: Table, old: pa.Table, feed: pa.Table) -> None:
    """Makes the table `target` of an old one and its changes, as docs/snapshots.md tells consumers to."""
    names = [f'"{name}"' for name in table.column_names]
    keys = " AND ".join(f'target."{name}" = feed."{name}"' for name in table.key)
    connection.register("old", old)
    connection.register("feed", feed)
    connection.execute("CREATE OR REPLACE TABLE target AS FROM old")
    connection.execute(
        f"""
        MERGE INTO target USING (FROM feed WHERE change != 'update_before') AS feed ON {keys}
        WHEN MATCHED AND change = 'delete' THEN DELETE
        WHEN MATCHED THEN UPDATE SET {", ".join(f"{name} = feed.{name}" for name in names)}
        WHEN NOT MATCHED THEN INSERT ({", ".join(names)}) VALUES ({", ".join(f"feed.{name}" for name in names)})
        """
    )


def differing(connection: duckdb.DuckDBPyConnection, left: str, right: str, columns: str) -> int:
    """Rows of one relation that are not in the other, counted as often as they are there."""
    (count,) = connection.execute(
        f"""
        SELECT count(*) FROM (
            (SELECT {columns} FROM {left} EXCEPT ALL SELECT {columns} FROM {right})
            UNION ALL (SELECT {columns} FROM {right} EXCEPT ALL SELECT {columns} FROM {left}))
        """
    ).fetchall()[0]
    return int(count)


STEPS = (1, 7)
"""How far apart two snapshots are that are compared: all that follow each other, the first and the last."""


@pytest.mark.parametrize("table", PUBLISHED, ids=[table.name for table in PUBLISHED])
def test_replayed_changes_give_the_other_snapshot(history: Home, table: Table) -> None:
    """Between two of eight snapshots, forward and back."""
    snapshots = complete(history)
    assert len(snapshots) == 8
    with duckdb.connect() as connection:
        contents = {snapshot.number: rows_of(connection, table, snapshot) for snapshot in snapshots}
        for old, new in itertools.permutations(snapshots, 2):
            if abs(old.number - new.number) in STEPS:
                with changes.between(history, old, new) as found:
                    feed, counts = found.batches(table).read_all(), found.counts(table)
                replayed(connection, table, contents[old.number], feed)
                connection.register("new", contents[new.number])
                assert differing(connection, "target", "new", columns_of(table)) == 0, (old.name, new.name)
                assert_told_once(connection, table, feed, counts)


def assert_told_once(connection: duckdb.DuckDBPyConnection, table: Table, feed: pa.Table, counts: Counts) -> None:
    """Kinds in their order; what is said to have been was there as it is said; what is said to be new was not."""
    columns, key = columns_of(table), ", ".join(f'"{name}"' for name in table.key)
    kinds = [DELETE] * counts.deletes + [BEFORE, AFTER] * counts.updates + [INSERT] * counts.inserts
    assert feed["change"].to_pylist() == kinds
    invented = (
        f"SELECT {columns} FROM feed WHERE change IN ('{DELETE}', '{BEFORE}') EXCEPT ALL SELECT {columns} FROM old"
    )
    known = f"SELECT {key} FROM feed SEMI JOIN old USING ({key}) WHERE change = '{INSERT}'"
    same = f"SELECT {columns} FROM feed WHERE change = '{BEFORE}' INTERSECT SELECT {columns} FROM feed WHERE change = '{AFTER}'"
    for mistake in (invented, known, same):
        assert connection.execute(f"SELECT count(*) FROM ({mistake})").fetchall() == [(0,)]


def test_every_kind_of_change_was_tried(history: Home) -> None:
    seen = dict.fromkeys(changes.KINDS, 0)
    for old, new in itertools.pairwise(complete(history)):
        with changes.between(history, old, new) as found:
            for table in PUBLISHED:
                for batch in found.batches(table):
                    for kind in batch["change"].to_pylist():
                        seen[kind] += 1
    assert min(seen.values()) > 20


def test_what_was_refined_again_to_the_same_rows_did_not_change(history: Home) -> None:
    """Its files are others: rows are in one file that were in two."""
    with changes.between(history, find(history, "4"), find(history, "5")) as found:
        counts = found.counts(SENTENCES)
    assert (counts.rows, counts.files_read > 0) == (0, True)


def test_files_of_both_snapshots_are_not_read(history: Home, tmp_path: Path) -> None:
    """They are taken away, and nothing misses them."""
    home = Home(shutil.copytree(history.root, tmp_path / "home", symlinks=True))
    old, new = find(home, "2"), find(home, "3")
    both = {file.path for file in old.tables["sentences"].files} & {file.path for file in new.tables["sentences"].files}
    assert both
    with changes.between(home, old, new) as found:
        before = found.batches(SENTENCES).read_all()
    for path in both:
        for place in (old.path / "sentences", new.path / "sentences", home.delta / "sentences"):
            (place / path).unlink()
    with changes.between(home, old, new) as found:
        assert found.batches(SENTENCES).read_all() == before
        assert found.counts(SENTENCES).files_same == len(both)


def test_a_damaged_file_is_noticed(history: Home, tmp_path: Path) -> None:
    home = Home(shutil.copytree(history.root, tmp_path / "home", symlinks=True))
    old, new = find(home, "2"), find(home, "3")
    before = {file.path for file in old.tables["articles"].files}
    path = next(file.path for file in new.tables["articles"].files if file.path not in before)
    content = bytearray((new.path / "articles" / path).read_bytes())
    content[len(content) // 2] ^= 1
    (new.path / "articles" / path).write_bytes(content)
    with changes.between(home, old, new) as found:
        assert found.counts(ARTICLES).rows, "the whole copy in the Delta table serves"
    (home.delta / "articles" / path).unlink()
    with changes.between(home, old, new) as found, pytest.raises(LakeError, match=f"{path}: missing or changed"):
        found.counts(ARTICLES)


def test_keys_have_no_nulls() -> None:
    """Rows are matched by them."""
    for table in PUBLISHED:
        nullable = {column.name for column in table.columns if column.nullable}
        assert not nullable & set(table.key)
        assert "change" not in table.column_names


def test_values_that_look_alike_are_told_apart(tmp_path: Path) -> None:
    """Of lists alone, DuckDB's hash is the same for null, an empty list, and nulls in it."""
    column = Column("values", pa.list_(pa.struct([("text", pa.string()), ("start", pa.int32())])), "some")
    nested = Column("nested", pa.list_(pa.list_(pa.string())), "some")
    names = Column("names", pa.map_(pa.string(), pa.int32()), "some")
    table = Table(
        "invented",
        "one row",
        "Invented.",
        (Column("id", pa.int32(), "id", nullable=False), column, nested, names),
        ("id",),
    )
    texts = [
        None,
        [],
        [None],
        [{"text": None, "start": None}],
        [{"text": "", "start": 0}],
        [{"text": "临", "start": 0}],
        [{"text": "临", "start": None}],
    ]
    lists = [None, [], [[]], [[], []], [["a"], ["b"]], [["a", "b"]], [["a", None], ["b"]], [["a, b"]]]
    maps = [None, [], [("a", None)], [("a", 1)], [("a", 1), ("b", 2)], [("a", 2), ("b", 1)]]
    rows = (
        [(one, None, None) for one in texts]
        + [(None, one, None) for one in lists]
        + [(None, None, one) for one in maps]
    )
    pairs = list(itertools.product(rows, repeat=2))
    paths = [tmp_path / "old.parquet", tmp_path / "new.parquet"]
    for side, path in enumerate(paths):
        contents = [
            dict(zip(table.column_names, (number, *pair[side]), strict=True)) for number, pair in enumerate(pairs)
        ]
        pq.write_table(table.from_rows(contents), path)
    with duckdb.connect() as connection:
        sides = changes.Sides(connection, table, [str(paths[0])], [str(paths[1])], len(pairs), len(pairs))
        sides.match()
        found = [
            number for query in sides.queries() for number in connection.sql(query).to_arrow_table()["id"].to_pylist()
        ]
    assert found == [number for number, (old, new) in enumerate(pairs) if old != new for _ in (BEFORE, AFTER)]


def test_a_file_written_before_a_column_was_added(history: Home, tmp_path: Path) -> None:
    """Its rows have no value there; those in files that were written anew since are updates, others are not read."""
    old = pq.read_table(find(history, "1").paths("runs")[0])
    for name, rows in (("old", old.drop_columns(["peak_memory_mb"])), ("new", old)):
        pq.write_table(rows, tmp_path / f"{name}.parquet")
    with duckdb.connect() as connection:
        sides = changes.Sides(connection, RUNS, [str(tmp_path / "old.parquet")], [str(tmp_path / "new.parquet")], 9, 9)
        sides.match()
        found = [connection.sql(query).to_arrow_table() for query in sides.queries()]
    assert [rows.num_rows for rows in found] == [0, 2 * old.num_rows, 0]
    assert found[1]["peak_memory_mb"].null_count == old.num_rows
