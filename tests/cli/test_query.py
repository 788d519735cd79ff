"""`newslake query`: its forms, odd answers, and that it changes nothing and reads nothing else."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from newslake.config import Home
from newslake.errors import UsageError
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.query import first_rows

from .conftest import Call


def test_query_formats(ask: Call, tmp_path: Path) -> None:
    sql = "SELECT article_id, title, published_date, reporters, repairs, similarity FROM articles ORDER BY article_id"
    table = ask("query", sql)
    assert (table[0], table[2]) == (0, "")
    data = json.loads(ask("query", sql, "--format", "json")[1])
    lines = list(csv.reader(io.StringIO(ask("query", sql, "--format", "csv")[1])))
    output = tmp_path / "answer.parquet"
    assert ask("query", sql, "--format", "parquet", "--output", str(output))[:2] == (0, "")
    rows = pq.read_table(output).to_pylist()
    assert lines[0] == list(data[0]) == list(rows[0]) == table[1].splitlines()[0].split()
    ids = [row["article_id"] for row in rows]
    assert len(ids) > 60
    assert [row["article_id"] for row in data] == [line[0] for line in lines[1:]] == ids
    assert [str(row["published_date"]) for row in rows] == [str(row["published_date"]) for row in data]
    assert [line.split()[0] for line in table[1].splitlines()[1:]] == ids
    for form in ("table", "csv", "json"):
        path = tmp_path / f"answer.{form}"
        assert ask("query", sql, "--format", form, "--output", str(path))[:2] == (0, "")
        assert path.read_text(encoding="utf-8") == ask("query", sql, "--format", form)[1]


@pytest.mark.parametrize(
    "sql",
    [
        "SHOW TABLES",
        "DESCRIBE articles",
        "SUMMARIZE runs",
        "VALUES (1)",
        "EXPLAIN FROM articles",
        "EXPLAIN ANALYZE SELECT 1",
        " -- why\nEXPLAIN (FORMAT json) FROM articles",
        "PIVOT articles ON script USING count(*) GROUP BY source_name",
        "WITH a AS (FROM articles) PIVOT a ON script USING count(*) GROUP BY source_name; -- ; 完",
        "PIVOT articles ON script IN ('Hans', 'Hant') USING count(*) GROUP BY source_name",
        "DESCRIBE PIVOT articles ON script USING count(*) GROUP BY source_name;;",
        "SELECT 1 AS copy",
        """SELECT '"type":"COPY_QUERY_NODE"'""",
    ],
)
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_everything_that_reads_is_allowed(ask: Call, sql: str, form: str) -> None:
    code, out, error = ask("query", sql, "--format", form)
    assert (code, error) == (0, "")
    assert out


def test_each_of_several_statements_is_answered(ask: Call, tmp_path: Path) -> None:
    sql = "SELECT 1 AS a; PIVOT (SELECT 'x' AS b) ON b USING count(*); EXPLAIN SELECT 1;"
    code, out, error = ask("query", sql)
    assert (code, error) == (0, "")
    assert out.startswith("a\n1\n\nx\n1\n\nexplain_key")
    assert ask("query", sql, "--output", str(tmp_path / "answers.txt"))[:2] == (0, "")
    assert (tmp_path / "answers.txt").read_text(encoding="utf-8") == out
    for form in ("csv", "json", "parquet"):
        code, out, error = ask("query", sql, "--format", form, "--output", str(tmp_path / "answer"))
        assert (code, out) == (2, "")
        assert f"{form} holds one answer, and these are 3 statements: ask one at a time" in error
        assert not (tmp_path / "answer").exists()
    assert ask("query", "SELECT 1; SELECT error('boom')")[:2] == (2, "")


@pytest.mark.parametrize(
    "sql",
    [
        "EXPLAIN PIVOT articles ON script",
        "CREATE TABLE t AS PIVOT articles ON script",
        "PREPARE p AS PIVOT articles ON script",
        "PIVOT (SELECT 1 AS copy) ON copy",
    ],
)
def test_a_pivot_that_is_refused_says_what_to_write(ask: Call, sql: str) -> None:
    code, out, error = ask("query", sql)
    assert (code, out) == (2, "")
    assert "PIVOT … ON script IN ('Hans', 'Hant')" in error


def test_empty_answers(ask: Call) -> None:
    assert ask("query", "SELECT 1 AS a WHERE false")[:2] == (0, "a\n")
    assert ask("query", "SELECT 1 AS a WHERE false", "--format", "csv")[:2] == (0, "a\n")
    assert ask("query", "SELECT 1 AS a WHERE false", "--format", "json")[:2] == (0, "[]\n")


def test_long_answers_are_cut_and_say_so(ask: Call) -> None:
    out = ask("query", "SELECT range AS n FROM range(201)")[1]
    assert out.splitlines()[-2:] == ["199", "… more than 200 rows; add LIMIT, or --format csv for all of them"]
    assert len(ask("query", "SELECT range AS n FROM range(201)", "--format", "csv")[1].splitlines()) == 202
    assert "more than" not in ask("query", "SELECT range AS n FROM range(200)")[1]


def test_a_spreadsheet_runs_no_cell(ask: Call) -> None:
    out = ask(
        "query",
        "SELECT title, char_count, -1 AS n FROM articles WHERE url LIKE 'https://e.example/%' ORDER BY url",
        "--format",
        "csv",
    )[1]
    cells = [row[0] for row in csv.reader(io.StringIO(out))][1:]
    assert cells == ["'=SUM(A1)", "'+1", "'-1", "'@cmd", "正常，“标题”"]
    assert {row[2] for row in csv.reader(io.StringIO(out))} == {"n", "-1"}
    cells = ask("query", "SELECT chr(9) || 'x' AS a, ' =x' AS b, NULL AS c", "--format", "csv")[1]
    assert cells.splitlines()[1] == "'\tx, =x,"
    assert ask("query", 'SELECT 1 AS "=1+1"', "--format", "csv")[1].splitlines()[0] == "'=1+1"


def test_a_carriage_return_stays_in_its_cell(ask: Call) -> None:
    out = ask("query", "SELECT 'a' || chr(13) || 'b' AS a, chr(13) || '=1' AS b", "--format", "csv")[1]
    assert list(csv.reader(io.StringIO(out, newline=""))) == [["a", "b"], ["a\rb", "'\r=1"]]


REFUSED = (
    "COPY articles TO '{inside}/evil.csv'",
    "COPY articles TO '/tmp/evil.csv'",
    "CREATE TABLE t AS SELECT 1",
    "CREATE OR REPLACE VIEW articles AS SELECT 1",
    "DROP VIEW articles",
    "INSERT INTO articles SELECT * FROM articles",
    "DELETE FROM articles",
    "ATTACH '/tmp/evil.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "RESET threads",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "EXPORT DATABASE '/tmp/evil'",
    "SELECT 1; DROP VIEW articles",
    "WITH x AS (COPY articles TO '{inside}/evil.csv') SELECT 1",
    "FROM (WITH x AS (copy/**/articles TO '{inside}/evil.csv') FROM x)",
    "WITH x AS MATERIALIZED (COPY articles TO '{inside}/evil.csv') PIVOT x ON Count",
    "WITH x AS (COPY (PIVOT articles ON script) TO '{inside}/evil.csv') FROM x",
    "PIVOT (WITH x AS (COPY articles TO '{inside}/evil.csv') FROM x) ON Count",
    "COPY (PIVOT articles ON script) TO '{inside}/evil.csv'",
    "WITH x AS (DELETE FROM articles RETURNING *) FROM x",
    "SUMMARIZE WITH x AS (COPY articles TO '{inside}/evil.csv') FROM x",
    *(
        form.format(
            run="json_execute_serialized_sql(json_serialize_sql("
            "'WITH x AS (CO' || 'PY (SELECT 1) TO ''{inside}/evil.csv'') SELECT 1 AS a'))"
        )
        for form in (
            "FROM {run}",
            "FROM system.main.{run}",
            "SELECT 1 WHERE EXISTS (FROM {run})",
            "WITH x AS (FROM {run}) FROM x",
            "PIVOT (FROM {run}) ON a USING count(*)",
            "EXPLAIN ANALYZE FROM {run}",
        )
    ),
    """FROM "JSON_Execute_Serialized_SQL"(json_serialize_sql('SELECT 1'))""",
    "FROM query('FROM json_execute_' || 'serialized_sql(json_serialize_sql(''SELECT 1''))')",
    "PIVOT (FROM query('SELECT 1 AS a')) ON a USING count(*)",
    "FROM pandas_scan(1)",
    "FROM read_text('/etc/hostname')",
    "FROM read_text('{inside}/../../../newslake.duckdb')",
    "FROM read_blob('{inside}/../../../state/database.txt')",
    "FROM read_csv('/etc/passwd')",
    "FROM '/etc/passwd'",
    "FROM glob('/etc/*')",
    "FROM sniff_csv('/etc/passwd')",
    "FROM read_csv('https://e.example/x.csv')",
    "SELECT getenv('HOME')",
    "FROM connection",
    "SET lock_configuration = false",
)


def files(home: Home) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("sql", REFUSED)
@pytest.mark.parametrize("form", ["table", "csv", "page"])
def test_a_query_changes_nothing_and_reads_nothing_else(ask: Call, lake: Home, sql: str, form: str) -> None:
    before = files(lake)
    asked = sql.format(inside=current(lake).path)
    if form == "page":
        with pytest.raises(UsageError):
            first_rows(current(lake), asked, 10)
    else:
        code, out, error = ask("query", asked, "--format", form)
        assert (code, out) == (2, "")
        assert error.startswith("newslake: ")
    assert files(lake) == before
    assert not list(Path("/tmp").glob("evil*"))


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{inside}/evil.csv'",
        "WITH x AS (COPY articles TO '{inside}/evil.csv') FROM x",
        "CREATE TABLE t AS SELECT 1",
    ],
)
@pytest.mark.parametrize(
    "explain",
    [
        "EXPLAIN ANALYZE",
        "EXPLAIN (ANALYZE)",
        " -- EXPLAIN SELECT 1\nexplain /* */ analyze",
        "/* /* */ EXPLAIN SELECT 1 -- */ EXPLAIN ANALYZE",
        "EXPLAIN (FORMAT json)",
        "EXPLAIN SELECT 1; EXPLAIN ANALYZE",
    ],
)
def test_explaining_changes_nothing(ask: Call, lake: Home, explain: str, sql: str) -> None:
    before = files(lake)
    code, _, _ = ask("query", f"{explain} {sql.format(inside=current(lake).path)}")
    added = set(files(lake)) - set(before)
    for path in added:
        path.unlink()
    assert not added
    assert code == 2


def test_the_connection_itself_is_locked(lake: Home) -> None:
    """What stands behind the list of statements: files outside the snapshot cannot be read by any of them."""
    import duckdb

    with database.connect(current(lake)) as connection:
        for sql in (
            "FROM read_text('/etc/hostname')",
            "SET lock_configuration = false",
            "COPY (SELECT 1) TO '/tmp/evil.csv'",
            "ATTACH '/tmp/evil.db'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


BAD_ANSWERS = {
    "two columns of one name": (["SELECT 1 AS a, 2 AS a", "--format", "csv"], "a,a\n1,2\n"),
    "two keys of one name": (
        ["SELECT 1 AS a, 2 AS a", "--format", "json"],
        '[\n  {\n    "a": 1,\n    "a_1": 2\n  }\n]\n',
    ),
    "map whose keys are lists": (["SELECT MAP {[1]: 2} AS m", "--format", "csv"], 'm\n"[([1], 2)]"\n'),
    "map whose keys are numbers": (
        ["SELECT MAP {1: 2} AS m", "--format", "json"],
        '[\n  {\n    "m": {\n      "1": 2\n    }\n  }\n]\n',
    ),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_odd_answers(ask: Call, name: str) -> None:
    arguments, expected = BAD_ANSWERS[name]
    assert ask("query", *arguments)[:2] == (0, expected)


@pytest.mark.parametrize("value", ["DATE '99999-01-01'", "'infinity'::DATE", "'-infinity'::TIMESTAMP"])
@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_date_that_python_has_not(ask: Call, form: str, value: str) -> None:
    code, out, error = ask("query", f"SELECT {value} AS d", "--format", form)
    assert (code, out) == (2, "")
    assert "cast it" in error
    assert ask("query", f"SELECT ({value})::VARCHAR AS d", "--format", form)[0] == 0


@pytest.mark.parametrize("form", ["table", "csv", "json", "parquet"])
def test_an_output_that_cannot_be_written(ask: Call, tmp_path: Path, form: str) -> None:
    path = tmp_path / "gone" / "answer"
    code, _, error = ask("query", "SELECT 1", "--format", form, "--output", str(path))
    assert code == 2
    assert str(path) in error
