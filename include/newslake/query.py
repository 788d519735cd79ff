"""Answers of SQL queries over a snapshot, as a table for the eyes or as data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from newslake.errors import UsageError
from newslake.lake import database
from newslake.lake.snapshots import Snapshot
from newslake.terminal import table

if TYPE_CHECKING:
    import duckdb

SHOWN_ROWS = 200
READING = ("SELECT", "EXPLAIN")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins so."""


def write(snapshot: Snapshot, sql: str, form: str, output: Path | None) -> None:
    """Runs a query and writes its answer.

    Args:
        snapshot: what to ask.
        sql: a statement that reads; of several, the last one's answer is written.
        form: table, csv, json or parquet.
        output: a file, or None for standard output.

    Raises:
        UsageError: the query is wrong, or wants what is not allowed.
    """
    import duckdb

    if form == "parquet" and output is None:
        raise UsageError("parquet goes to a file: add --output FILE.parquet")
    with database.connect(snapshot) as connection:
        try:
            _refuse_changes(connection, sql)
            if form == "table":
                _emit(_table(connection.execute(sql)), output)
                return
            rows = connection.sql(sql).to_arrow_table()
        except duckdb.CatalogException as error:
            raise UsageError(f"{error}\ntables: {', '.join(_names(connection))}") from None
        except duckdb.Error as error:
            raise UsageError(str(error)) from None
    if form == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(rows, output, compression="zstd")
    else:
        _emit(_csv(rows) if form == "csv" else _json(rows), output)


def _refuse_changes(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Lets through what only reads; COPY could write into the folder that views read from."""
    kinds = [statement.type.name for statement in connection.extract_statements(sql)]
    if not kinds:
        raise UsageError('the query is empty; try: newslake query "FROM articles LIMIT 5"')
    if changing := [kind for kind in kinds if kind not in READING]:
        raise UsageError(f"{changing[0]} is not allowed: the lake can be read, not changed; use SELECT")


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall()
    return [name for (name,) in rows]


def _emit(text: str, output: Path | None) -> None:
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def _table(answer: Any) -> str:
    columns = [column[0] for column in answer.description or ()]
    rows = answer.fetchmany(SHOWN_ROWS + 1)
    text = table(columns, rows[:SHOWN_ROWS])
    if len(rows) > SHOWN_ROWS:
        text += f"… more than {SHOWN_ROWS} rows; add LIMIT, or --format csv for all of them\n"
    return text


def _csv(rows: pa.Table) -> str:
    import csv
    import io

    def cell(value: object) -> object:
        return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.column_names)
    for batch in rows.to_batches():
        writer.writerows([cell(value) for value in row.values()] for row in batch.to_pylist(maps_as_pydicts="strict"))
    return text.getvalue()


def _json(rows: pa.Table) -> str:
    import orjson

    return (
        orjson.dumps(rows.to_pylist(maps_as_pydicts="strict"), default=str, option=orjson.OPT_INDENT_2).decode() + "\n"
    )
