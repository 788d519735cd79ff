"""`newslake changes` and `newslake snapshots`: changes between two snapshots for the eyes and for programs."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from newslake.config import Home
from newslake.lake import changes, database
from newslake.lake.changes import AFTER, BEFORE, Counts
from newslake.lake.snapshots import find
from newslake.tables import ARTICLES, PUBLISHED, SENTENCES, Table

pytestmark = [pytest.mark.lake, pytest.mark.xdist_group("history")]
Ask = Callable[..., tuple[int, str, str]]
WAITING = (
    "6 stored documents are not in it: the next `newslake run` takes them in again, and the DAG refine too. "
    "Mend the rule first that made you go back\n"
)


@pytest.fixture
def ask(call: Ask, history: Home) -> Ask:
    return lambda *arguments: call(*arguments, home=history)


def feed_of(home: Home, since: str, until: str, table: Table) -> list[dict[str, Any]]:
    with changes.between(home, find(home, since), find(home, until)) as found:
        rows: list[dict[str, Any]] = found.batches(table).read_all().to_pylist()
    return rows


def counts_of(home: Home, since: str, until: str, table: Table) -> Counts:
    with changes.between(home, find(home, since), find(home, until)) as found:
        return found.counts(table)


def test_counts_for_the_eyes(ask: Ask, history: Home) -> None:
    code, out, _ = ask("changes", "--since", "000001", "--until", "2")
    lines = [line.split() for line in out.splitlines()]
    assert (code, lines[0]) == (0, ["from", "snapshot", "000001", "to", "000002"])
    assert lines[1] == ["table", "inserts", "updates", "deletes", "files_read", "files_same"]
    assert [line[0] for line in lines[2:]] == [table.name for table in PUBLISHED]
    told = counts_of(history, "1", "2", ARTICLES)
    assert min(told.inserts, told.updates) > told.deletes == 0
    assert next(line for line in lines if line[0] == "articles")[1:4] == [str(told.inserts), str(told.updates), "0"]


def test_rows_for_the_eyes(ask: Ask, history: Home) -> None:
    told = counts_of(history, "1", "2", ARTICLES)
    _, out, _ = ask("changes", "--since", "1", "--until", "2", "--table", "articles")
    assert out.count("is_duplicate: False → True") == told.updates
    assert [line.split()[0] for line in out.splitlines()] == [
        "change",
        *["update"] * told.updates,
        *["insert"] * told.inserts,
    ]
    code, out, _ = ask("changes", "--since", "1", "--until", "2", "--table", "sentences")
    assert (code, len(out.splitlines())) == (0, 202)
    assert f"… of {counts_of(history, '1', '2', SENTENCES).inserts} inserts, 0 updates, 0 deletes" in out


def test_nothing_changed(ask: Ask) -> None:
    assert ask("changes", "--since", "8", "--format", "json") == (0, "[]\n", "")
    code, out, _ = ask("changes", "--since", "8", "--format", "csv", "--table", "runs")
    assert (code, out.count("\n")) == (0, 1)


def test_json_holds_all_tables(ask: Ask, history: Home) -> None:
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


def test_csv_holds_one_table(ask: Ask, history: Home, tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    assert ask(
        "changes", "--since", "2", "--until", "3", "--table", "articles", "--format", "csv", "--output", str(path)
    ) == (0, "", "")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = feed_of(history, "2", "3", ARTICLES)
    assert [(row["change"], row["article_id"], row["text"]) for row in rows] == [
        (row["change"], row["article_id"], row["text"]) for row in told
    ]
    assert ask("changes", "--since", "2", "--format", "csv")[0] == 2


def test_parquet_of_a_table_and_of_all(ask: Ask, history: Home, tmp_path: Path) -> None:
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
    assert found.to_pylist() == feed_of(history, "2", "3", ARTICLES)
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


def test_diff_for_the_eyes_and_as_json(ask: Ask, history: Home) -> None:
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
    with database.connect(find(history, "1")) as connection:
        for term in found["terms"]:
            assert connection.execute(
                "SELECT count(*) FROM terms WHERE term = $term", {"term": term["term"]}
            ).fetchall() == [(0,)]
    with database.connect(find(history, "2")) as connection:
        for term in found["terms"]:
            known = connection.execute(
                "SELECT sum(article_count) FROM terms WHERE term = $term AND pos IS NOT NULL", {"term": term["term"]}
            )
            assert term["articles"] >= 2
            assert known.fetchall()[0][0] in (None, term["articles"])
    assert ask("snapshots", "diff", "1", "9")[0] == 2


def test_rollback_says_what_comes(ask: Ask, history: Home) -> None:
    assert ask("snapshots", "rollback", "8") == (
        0,
        "published nothing new: snapshot 000008 is as 000008 already\n" + WAITING,
        "",
    )
    code, _, error = ask("snapshots", "rollback", "77")
    assert (code, "no snapshot 77 in" in error) == (2, True)
