"""Queries that run away, and arguments that are SQL: each is answered with a clear error, and nothing changes."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import pytest

from newslake.config import Home

from .conftest import Call
from .test_query import files

RUNAWAY = {
    "join without a condition": "SELECT count(*) FROM range(1000000) a, range(1000000) b",
    "tokens with tokens": "SELECT count(*) FROM tokens a, tokens b, tokens c WHERE a.text < b.text",
    "recursion without an end": "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    "sorting what never ends": "SELECT * FROM range(1000000000000) ORDER BY hash(range)",
    "one huge text": "SELECT repeat('x', 4000000000)",
    "texts that grow": "SELECT string_agg(range::VARCHAR) FROM range(10000000000)",
    "lists that grow": "SELECT list(range) FROM range(10000000000)",
    "explained, and so run": "EXPLAIN ANALYZE SELECT count(*) FROM range(1000000) a, range(1000000) b",
}


@pytest.mark.parametrize("name", RUNAWAY)
@pytest.mark.parametrize("form", ["table", "csv"])
def test_what_runs_away_is_stopped(ask: Call, name: str, form: str) -> None:
    began = time.monotonic()
    code, out, error = ask("query", "--timeout", "0.5", "--memory", "200MB", "--format", form, RUNAWAY[name])
    assert (code, out) == (2, "")
    assert error.startswith(
        ("newslake: the query did not end within 0.5 seconds", "newslake: the query needs more than")
    )
    assert time.monotonic() - began < 20


def test_an_answer_that_never_ends_is_stopped(ask: Call) -> None:
    code, out, error = ask(
        "query", "--timeout", "1", "--memory", "200MB", "--format", "json", "FROM range(1000000000000)"
    )
    assert (code, out) == (2, "")
    assert "was stopped" in error or "needs more than 200 MB" in error


def test_a_query_within_its_limits_is_answered(ask: Call) -> None:
    assert ask("query", "--timeout", "60", "--memory", "1.5 GB", "SELECT 1 AS a", "--format", "csv") == (
        0,
        "a\n1\n",
        "",
    )


@pytest.mark.parametrize("size", ["3", "lots", "-1GB", "10MB", "1e99GB"])
def test_a_memory_that_is_none(ask: Call, size: str) -> None:
    code, _, error = ask("query", f"--memory={size}", "SELECT 1")
    assert code == 2
    assert "--memory" in error


def test_cells_as_they_are(ask: Call) -> None:
    sql = "SELECT title FROM articles WHERE title = '=SUM(A1)'"
    for options, cell in ((), "'=SUM(A1)"), (("--raw-cells",), "=SUM(A1)"):
        out = ask("query", sql, "--format", "csv", *options)[1]
        assert list(csv.reader(io.StringIO(out, newline=""))) == [["title"], [cell]]


HOSTILE = (
    "' OR 1=1 --",
    "'; DROP VIEW articles; --",
    "' UNION SELECT content FROM read_text('/etc/hostname') --",
    "%",
    "_",
    "\\",
    "$1",
    "{}",
    "../../../etc/passwd",
    "'); COPY articles TO '/tmp/evil.csv'; --",
    "(a+)+$",
    "\u202e\u0000".replace("\u0000", ""),
)


@pytest.mark.parametrize("argument", HOSTILE)
@pytest.mark.parametrize(
    "command",
    [
        ("show",),
        ("quarantine", "show"),
        ("quarantine", "list", "--reason"),
        ("quarantine", "replay", "--reason"),
        ("annotations",),
        ("changes", "--since"),
        ("snapshots", "diff", "000001"),
        ("snapshots", "rollback"),
        ("takedown", "--yes", "--reason", "asked for"),
        ("takedown", "--yes", "--reason", "asked for", "--source"),
        ("sources", "test"),
    ],
)
def test_arguments_are_looked_for_and_never_run(ask: Call, lake: Home, command: tuple[str, ...], argument: str) -> None:
    before = files(lake)
    code, out, error = ask(*command, argument)
    assert (code, out) == (2, "")
    assert error.startswith(("newslake: ", "Usage: "))
    assert files(lake) == before
    assert not list(Path("/tmp").glob("evil*"))
