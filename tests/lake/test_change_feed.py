"""Changes between two snapshots: replayed on the one, they give the other, in whichever order of time."""

from __future__ import annotations

import base64
import csv
import hashlib
import itertools
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newslake import cli
from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import changes, database, relations
from newslake.lake.changes import AFTER, BEFORE, DELETE, INSERT, Counts
from newslake.lake.rollback import roll_back
from newslake.lake.snapshots import Snapshot, complete, find
from newslake.tables import ARTICLES, PUBLISHED, RUNS, SENTENCES, Column, Table

from . import storied

pytestmark = pytest.mark.lake
NAMES = [table.name for table in PUBLISHED]


@pytest.fixture(scope="module")
def whole(generated: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Seven snapshots, and an eighth that is the third again."""
    folder = tmp_path_factory.mktemp("feed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        home = storied.tell(folder / "home", folder, generated)
        assert roll_back(home, "3").snapshot.name == "000008"
    return home


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


@pytest.mark.parametrize("table", PUBLISHED, ids=NAMES)
def test_replayed_changes_give_the_other_snapshot(whole: Home, table: Table) -> None:
    """Between two of eight snapshots, forward and back."""
    snapshots = complete(whole)
    assert len(snapshots) == 8
    with duckdb.connect() as connection:
        contents = {snapshot.number: rows_of(connection, table, snapshot) for snapshot in snapshots}
        for old, new in itertools.permutations(snapshots, 2):
            if abs(old.number - new.number) in STEPS:
                with changes.between(whole, old, new) as found:
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


def test_every_kind_of_change_was_tried(whole: Home) -> None:
    seen = dict.fromkeys(changes.KINDS, 0)
    for old, new in itertools.pairwise(complete(whole)):
        with changes.between(whole, old, new) as found:
            for table in PUBLISHED:
                for batch in found.batches(table):
                    for kind in batch["change"].to_pylist():
                        seen[kind] += 1
    assert min(seen.values()) > 20


def test_what_was_refined_again_to_the_same_rows_did_not_change(whole: Home) -> None:
    """Its files are others: rows are in one file that were in two."""
    with changes.between(whole, find(whole, "4"), find(whole, "5")) as found:
        counts = found.counts(SENTENCES)
    assert (counts.rows, counts.files_read > 0) == (0, True)


def test_files_of_both_snapshots_are_not_read(whole: Home, tmp_path: Path) -> None:
    """They are taken away, and nothing misses them."""
    home = Home(shutil.copytree(whole.root, tmp_path / "home", symlinks=True))
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


def test_a_damaged_file_is_noticed(whole: Home, tmp_path: Path) -> None:
    home = Home(shutil.copytree(whole.root, tmp_path / "home", symlinks=True))
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


def test_a_file_written_before_a_column_was_added(whole: Home, tmp_path: Path) -> None:
    """Its rows have no value there; those in files that were written anew since are updates, others are not read."""
    old = pq.read_table(find(whole, "1").paths("runs")[0])
    for name, rows in (("old", old.drop_columns(["peak_memory_mb"])), ("new", old)):
        pq.write_table(rows, tmp_path / f"{name}.parquet")
    with duckdb.connect() as connection:
        sides = changes.Sides(connection, RUNS, [str(tmp_path / "old.parquet")], [str(tmp_path / "new.parquet")], 9, 9)
        sides.match()
        found = [connection.sql(query).to_arrow_table() for query in sides.queries()]
    assert [rows.num_rows for rows in found] == [0, 2 * old.num_rows, 0]
    assert found[1]["peak_memory_mb"].null_count == old.num_rows


# --- the command line ---


@pytest.fixture
def ask(
    whole: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("NEWSLAKE_HOME", str(whole.root))
        monkeypatch.setattr(sys, "argv", ["newslake", *arguments])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return run


Ask = Callable[..., tuple[int, str, str]]


def feed_of(home: Home, since: str, until: str, table: Table) -> list[dict[str, Any]]:
    with changes.between(home, find(home, since), find(home, until)) as found:
        rows: list[dict[str, Any]] = found.batches(table).read_all().to_pylist()
    return rows


def counts_of(home: Home, since: str, until: str, table: Table) -> Counts:
    with changes.between(home, find(home, since), find(home, until)) as found:
        return found.counts(table)


def test_counts_for_the_eyes(ask: Ask, whole: Home) -> None:
    code, out, _ = ask("changes", "--since", "000001", "--until", "2")
    lines = [line.split() for line in out.splitlines()]
    assert (code, lines[0]) == (0, ["from", "snapshot", "000001", "to", "000002"])
    assert lines[1] == ["table", "inserts", "updates", "deletes", "files_read", "files_same"]
    assert [line[0] for line in lines[2:]] == NAMES
    told = counts_of(whole, "1", "2", ARTICLES)
    assert min(told.inserts, told.updates) > told.deletes == 0
    assert next(line for line in lines if line[0] == "articles")[1:4] == [str(told.inserts), str(told.updates), "0"]


def test_rows_for_the_eyes(ask: Ask, whole: Home) -> None:
    told = counts_of(whole, "1", "2", ARTICLES)
    _, out, _ = ask("changes", "--since", "1", "--until", "2", "--table", "articles")
    assert out.count("is_duplicate: False → True") == told.updates
    assert [line.split()[0] for line in out.splitlines()] == [
        "change",
        *["update"] * told.updates,
        *["insert"] * told.inserts,
    ]
    code, out, _ = ask("changes", "--since", "1", "--until", "2", "--table", "sentences")
    assert (code, len(out.splitlines())) == (0, 202)
    assert f"… of {counts_of(whole, '1', '2', SENTENCES).inserts} inserts, 0 updates, 0 deletes" in out


def test_nothing_changed(ask: Ask) -> None:
    assert ask("changes", "--since", "8", "--format", "json") == (0, "[]\n", "")
    code, out, _ = ask("changes", "--since", "8", "--format", "csv", "--table", "runs")
    assert (code, out.count("\n")) == (0, 1)


def test_json_holds_all_tables(ask: Ask, whole: Home) -> None:
    code, out, _ = ask("changes", "--since", "6", "--until", "7", "--format", "json")
    rows = json.loads(out)
    assert code == 0
    assert {row["table"] for row in rows} >= {"articles", "article_versions", "raw_documents", "runs"}
    moved = [row for row in rows if row["table"] == "articles"]
    assert [(row["change"], row["published_month"]) for row in moved] == [(BEFORE, "2024-04"), (AFTER, "2024-06")]
    document = next(row for row in rows if row["table"] == "raw_documents")
    content = base64.b64decode(document["bytes"])
    assert hashlib.sha256(content).hexdigest() == document["raw_id"]
    # An object a line, so that a reader need not hold all of it.
    assert [json.loads(line.rstrip(",")) for line in out.splitlines()[1:-1]] == rows


def test_csv_holds_one_table(ask: Ask, whole: Home, tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    assert ask(
        "changes", "--since", "2", "--until", "3", "--table", "articles", "--format", "csv", "--output", str(path)
    ) == (0, "", "")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = feed_of(whole, "2", "3", ARTICLES)
    assert [(row["change"], row["article_id"], row["text"]) for row in rows] == [
        (row["change"], row["article_id"], row["text"]) for row in told
    ]
    assert ask("changes", "--since", "2", "--format", "csv")[0] == 2


def test_parquet_of_a_table_and_of_all(ask: Ask, whole: Home, tmp_path: Path) -> None:
    path, folder = tmp_path / "articles.parquet", tmp_path / "feed"
    assert (
        ask(
            "changes",
            "--since",
            "2",
            "--until",
            "3",
            "--table",
            "articles",
            "--format",
            "parquet",
            "--output",
            str(path),
        )[0]
        == 0
    )
    found = pq.read_table(path)
    assert found.schema.equals(changes.schema_of(ARTICLES))
    assert found.column_names == ["change", *ARTICLES.column_names]
    assert found.to_pylist() == feed_of(whole, "2", "3", ARTICLES)
    assert ask("changes", "--since", "2", "--until", "3", "--format", "parquet", "--output", str(folder))[0] == 0
    assert pq.read_table(folder / "articles.parquet").equals(found)
    assert not (folder / "evidence.parquet").exists(), "nothing changed there"
    assert sorted(tmp_path.iterdir()) == [path, folder]
    code, _, error = ask("changes", "--since", "3", "--format", "parquet", "--output", str(folder))
    assert (code, "holds files already" in error) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "9"), "no snapshot 9 in "),
        (("--since", "1", "--until", "x"), "no snapshot x in "),
        (("--since", "1", "--table", "pages"), "no table 'pages'; there are: raw_documents, articles"),
        (("--since", "1", "--format", "parquet"), "parquet goes to files: add --output"),
        (
            ("--since", "1", "--table", "runs", "--format", "csv", "--output", "/nowhere/a.csv"),
            "/nowhere/a.csv: cannot be written",
        ),
        ((), "Missing option '--since'"),
    ],
)
def test_a_wrong_call(ask: Ask, arguments: tuple[str, ...], said: str) -> None:
    code, out, error = ask("changes", *arguments)
    assert (code, out) == (2, "")
    assert said in error


def test_the_list_says_what_made_each(ask: Ask) -> None:
    _, out, _ = ask("snapshots", "list")
    lines = [line.split() for line in out.splitlines()]
    assert [line[1] for line in lines[1:8]] == ["publish"] * 7
    assert lines[8][:3] == ["000008", "current", "rollback"]


def test_diff_for_the_eyes_and_as_json(ask: Ask, whole: Home) -> None:
    code, out, _ = ask("snapshots", "diff", "1", "2")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert (code, lines[0]) == (0, "snapshot 000001 → 000002")
    assert next(line for line in lines if line.startswith("articles")).startswith("articles 22 30 +8 4 ")
    assert "columns: no difference" in lines
    assert any(line.startswith("input 12 20 ") for line in lines)
    assert any(line.startswith("articles duplicate_of 100.0%") for line in lines)
    found = json.loads(ask("snapshots", "diff", "1", "2", "--format", "json")[1])
    assert (found["old"], found["new"], len(found["tables"])) == ("000001", "000002", len(PUBLISHED))
    assert found["terms"]
    with database.connect(find(whole, "1")) as connection:
        for term in found["terms"]:
            assert connection.execute(
                "SELECT count(*) FROM terms WHERE term = $term", {"term": term["term"]}
            ).fetchall() == [(0,)]
    with database.connect(find(whole, "2")) as connection:
        for term in found["terms"]:
            known = connection.execute(
                "SELECT sum(article_count) FROM terms WHERE term = $term AND pos IS NOT NULL", {"term": term["term"]}
            )
            assert term["articles"] >= 2
            assert known.fetchall()[0][0] in (None, term["articles"])
    assert ask("snapshots", "diff", "1", "9")[0] == 2


def test_rollback_says_what_comes(ask: Ask, whole: Home) -> None:
    assert ask("snapshots", "rollback", "8") == (
        0,
        "published nothing new: snapshot 000008 is as 000008 already\n" + WAITING,
        "",
    )
    code, _, error = ask("snapshots", "rollback", "77")
    assert (code, "no snapshot 77 in" in error) == (2, True)


WAITING = (
    "6 stored documents are not in it: the next `newslake run` takes them in again, and the DAG refine too. "
    "Mend the rule first that made you go back\n"
)
