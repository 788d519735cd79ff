"""Answers of SQL queries over a snapshot, as a table for the eyes or as data."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from newslake.errors import UsageError
from newslake.lake import database
from newslake.lake.snapshots import Snapshot
from newslake.query_limits import Limits, within
from newslake.terminal import table

if TYPE_CHECKING:
    import duckdb

LIMITS = Limits()
SHOWN_ROWS = 200
READING_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
"""Kinds of queries within a query that only read; behind WITH there may be others, such as COPY_QUERY_NODE."""
RUNNING_FUNCTIONS = {
    # They run SQL that stands in a text, which may write; `query` runs what it is given, also the other one.
    "json_execute_serialized_sql",
    "query",
    # They call a function by its name.
    "create_external_resource",
    "destroy_external_resource",
    "register_external_resource",
    "register_external_resource_type",
    # They take a number for an address in memory.
    "arrow_scan",
    "arrow_scan_dumb",
    "pandas_scan",
    "python_arrow_scan",
    "python_map_function",
}
"""Functions of DuckDB that a SELECT can call and that do more than read."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins so."""
_EXPLAIN = re.compile(
    r"(?:\s|--[^\r\n]*[\r\n])*EXPLAIN\b(?:\s+ANALYZE\b|\s*\(\s*(?:ANALYZE|FORMAT)\b[\w\s,]*\))?", re.IGNORECASE
)
"""No /* comments */: they nest in SQL, which a regular expression cannot follow."""
_COPY = re.compile(r"(?<!\w)copy(?!\w)", re.IGNORECASE | re.ASCII)


def write(
    snapshot: Snapshot,
    sql: str,
    form: str,
    output: Path | None,
    limits: Limits = LIMITS,
    is_for_spreadsheets: bool = True,
) -> None:
    """Runs a query and writes its answer.

    Args:
        snapshot: what to ask.
        sql: statements that read; of several, the answers are written one below the other, as tables only.
        form: table, csv, json or parquet.
        output: a file, or None for standard output.
        limits: what it may cost.
        is_for_spreadsheets: whether csv gets an apostrophe before cells that a spreadsheet would run.

    Raises:
        UsageError: the query is wrong, wants what is not allowed, costs too much, or its answer cannot be written.
    """
    if form == "parquet" and output is None:
        raise UsageError("parquet goes to a file: add --output FILE.parquet")
    with _asked(snapshot, limits) as connection:
        with _told(connection):
            statements = connection.extract_statements(sql)
            _refuse_changes(connection, statements)
            if form == "table":
                _emit("\n".join(_table(connection.execute(statement)) for statement in statements), output)
                return
            if len(statements) > 1:
                raise UsageError(
                    f"{form} holds one answer, and these are {len(statements)} statements: ask one at a time"
                )
            rows = connection.sql(sql).to_arrow_table()
        if form == "parquet":
            _write_parquet(rows, output)
            return
        try:
            text = _csv(rows, is_for_spreadsheets) if form == "csv" else _json(rows)
        except (OverflowError, ValueError) as error:
            raise UsageError(
                f"{form} cannot hold a value of the answer ({error}); cast it: SELECT d::VARCHAR"
            ) from None
        _emit(text, output)


def first_rows(
    snapshot: Snapshot, sql: str, most: int, limits: Limits = LIMITS
) -> tuple[list[str], list[tuple[Any, ...]], bool]:
    """Columns and first rows of a query's answer, and whether there are more.

    Raises:
        UsageError: see `write`.
    """
    with _asked(snapshot, limits) as connection, _told(connection):
        statements = connection.extract_statements(sql)
        _refuse_changes(connection, statements)
        if len(statements) > 1:
            raise UsageError(f"these are {len(statements)} statements: ask one at a time")
        answer = connection.execute(statements[0])
        columns = [column[0] for column in answer.description or ()]
        rows = answer.fetchmany(most + 1)
        return columns, rows[:most], len(rows) > most


@contextmanager
def _asked(snapshot: Snapshot, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    with database.connect(snapshot, memory_bytes=limits.memory_bytes) as connection, within(connection, limits):
        yield connection


@contextmanager
def _told(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What DuckDB finds wrong with a query, as its asker's mistake."""
    import duckdb

    try:
        yield
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.CatalogException as error:
        raise UsageError(f"{error}\ntables: {', '.join(_names(connection))}") from None
    except duckdb.Error as error:
        raise UsageError(str(error)) from None


def _refuse_changes(connection: duckdb.DuckDBPyConnection, statements: Sequence[duckdb.Statement]) -> None:
    """Lets through what only reads; COPY could write into the folder that views read from."""
    if not statements:
        raise UsageError('the query is empty; try: newslake query "FROM articles LIMIT 5"')
    for statement in statements:
        kind = statement.type.name
        if kind == "SELECT":
            _refuse_writing_parts(connection, statement.query)
        elif kind == "EXPLAIN":
            # EXPLAIN ANALYZE runs what it explains.
            start = _EXPLAIN.match(statement.query)
            if not start:
                raise UsageError("EXPLAIN is understood only at the beginning of a statement, without /* comments */")
            _refuse_changes(connection, connection.extract_statements(statement.query[start.end() :]))
        elif kind == "MULTI":
            _refuse_unless_pivot(connection, statement.query)
        else:
            raise UsageError(f"{kind} is not allowed: the lake can be read, not changed; use SELECT")


def _refuse_writing_parts(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """WITH may hold statements that write, and DuckDB calls the whole a SELECT."""
    (tree,) = connection.execute("SELECT json_serialize_sql($query::VARCHAR)", {"query": query}).fetchall()[0]
    if not tree.startswith('{"error":false,'):
        raise UsageError("this query cannot be looked into, so it is not run: the lake can be read, not changed")
    for node in re.findall(r'"type":"(\w+_NODE)"', tree):
        if node not in READING_NODES:
            raise UsageError(f"{node.split('_')[0]} is not allowed: the lake can be read, not changed; use SELECT")
    for name in re.findall(r'"function_name":"((?:[^"\\]|\\.)*)"', tree):
        _refuse_running(name.lower())


def _refuse_running(name: str) -> None:
    if name in RUNNING_FUNCTIONS:
        raise UsageError(f"{name}() is not allowed: the lake can be read, not changed; write the query itself")


def _refuse_unless_pivot(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """A PIVOT whose columns depend on the rows: DuckDB finds them first, by a query that cannot be looked into."""
    import duckdb

    advice = "or name the columns: PIVOT … ON script IN ('Hans', 'Hant') …"
    if _COPY.search(query):
        raise UsageError(f"a query that holds PIVOT cannot hold the word COPY; call it something else, {advice}")
    # Names cannot be written with escapes, so that each stands there as it is.
    for name in re.findall(r"\w+", query.lower()):
        _refuse_running(name)
    try:
        # Only a query can stand in brackets; a statement that writes cannot.
        connection.extract_statements(f"FROM (\n{_without_end(query)}\n)")
    except duckdb.ParserException:
        raise UsageError(f"PIVOT is allowed only in a query; ask for it alone and without EXPLAIN, {advice}") from None


def _without_end(statement: str) -> str:
    """A statement up to its semicolon.

    >>> _without_end("SELECT '；;' /* ; */ ; -- the end")
    "SELECT '；;' /* ; */ "
    """
    import duckdb

    content = statement.encode()
    # The places are counted in bytes.
    ends = (place for place, _ in duckdb.tokenize(statement) if content[place : place + 1] == b";")
    return content[: next(ends, None)].decode()


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall()
    return [name for (name,) in rows]


def _emit(text: str, output: Path | None) -> None:
    if not output:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror or error}") from None


def _write_parquet(rows: pa.Table, output: Path | None) -> None:
    import pyarrow.parquet as pq

    try:
        pq.write_table(rows.rename_columns(_distinct(rows.column_names)), output, compression="zstd")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror or error}") from None


def _table(answer: Any) -> str:
    columns = [column[0] for column in answer.description or ()]
    rows = answer.fetchmany(SHOWN_ROWS + 1)
    text = table(columns, rows[:SHOWN_ROWS])
    if len(rows) > SHOWN_ROWS:
        text += f"… more than {SHOWN_ROWS} rows; add LIMIT, or --format csv for all of them\n"
    return text


def _csv(rows: pa.Table, is_for_spreadsheets: bool) -> str:
    import csv

    def cell(value: object) -> object:
        is_run = is_for_spreadsheets and isinstance(value, str) and value.startswith(FORMULA_STARTS)
        return f"'{value}" if is_run else value

    lines = _Lines()
    # Python 3.11 quotes a carriage return only where it is part of the line's end.
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow([cell(name) for name in rows.column_names])
    for values in zip(*_columns(rows), strict=True):
        writer.writerow([cell(value) for value in values])
    return "".join(f"{line[:-2]}\n" for line in lines)


class _Lines(list[str]):
    """Keeps what is written to it, one text a line."""

    write = list.append


def _json(rows: pa.Table) -> str:
    import orjson

    option = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    names = _distinct(rows.column_names)
    try:
        text = orjson.dumps(_records(names, _columns(rows)), default=str, option=option)
    except orjson.JSONEncodeError:
        # Keys that cannot be JSON's, such as decimals: pairs of key and value instead.
        text = orjson.dumps(
            _records(names, [column.to_pylist() for column in rows.columns]), default=str, option=option
        )
    return text.decode() + "\n"


def _records(names: Sequence[str], columns: Sequence[list[object]]) -> list[dict[str, object]]:
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _columns(rows: pa.Table) -> list[list[object]]:
    """Values by column, since two columns may have one name; maps as dictionaries where their keys can be."""
    columns = []
    for column in rows.columns:
        try:
            columns.append(column.to_pylist(maps_as_pydicts="strict"))
        except TypeError:
            columns.append(column.to_pylist())
    return columns


def _distinct(names: Sequence[str]) -> list[str]:
    """Names for a form in which each can stand once.

    >>> _distinct(["a", "b", "a", "a_1"])
    ['a', 'b', 'a_2', 'a_1']
    """
    found: list[str] = []
    for name in names:
        number = 0
        new = name
        while new in found or (number and new in names):
            number += 1
            new = f"{name}_{number}"
        found.append(new)
    return found
