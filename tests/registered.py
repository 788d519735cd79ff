"""The views of the register over rows of tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

from newslake.lake.database import MARTS
from newslake.tables import ARTICLES, DIRECTIVES, EVIDENCE, PUBLISHED

Row = dict[str, Any]
PLACE = "澜川市/临江区"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def article(name: str, at: str, is_duplicate: bool = False) -> Row:
    return {"article_id": name, "published_date": day(at), "is_duplicate": is_duplicate, "source_name": "临江发布"}


def directive(name: str, matter: str, start: int = 0, **values: object) -> Row:
    row = {"directive_id": f"{name}.{start}", "article_id": name, "matter": matter, "jurisdiction": PLACE, "start": start,
           "sentence_no": 0, "task": f"加快建设{matter}", "text": matter}  # fmt: skip
    return row | values


def evidence(name: str, kind: str, matter: str, at: str, **values: object) -> Row:
    row = {"evidence_id": f"{name}.{kind}", "article_id": name, "kind": kind, "matter": matter, "jurisdiction": PLACE,
           "at": day(at), "text": matter, "start": 0, "sentence_no": 0}  # fmt: skip
    return row | values


ROWS: dict[Any, list[Row]] = {
    ARTICLES: [
        article("january", "2025-01-10"),
        article("march", "2025-03-02"),
        article("april", "2025-04-20"),
        article("copy", "2025-04-21", is_duplicate=True),
        article("june", "2025-06-28"),
    ],
    DIRECTIVES: [
        directive("january", "龙头港铁路专用线", deadline=day("2025-06-30"), responsible_bodies=["临江区交通局"]),
        directive("january", "老旧小区", 20, deadline=day("2025-03-31"), responsible_bodies=["临江区住建委"]),
        directive("january", "智慧农田", 40),
        directive("january", "污水处理厂", 60, deadline=day("2025-03-31"), responsible_bodies=["临江区住建委"]),
        directive("march", "龙头港铁路专用线"),
        directive("copy", "龙头港铁路专用线"),
        directive("june", "龙头港铁路专用线", jurisdiction="澜川市/望江区"),
    ],
    EVIDENCE: [
        evidence("april", "progress", "龙头港铁路专用线", "2025-04-20", quantity=70.0, unit="%", speaker="沈怀舟"),
        evidence("june", "completed", "龙头港铁路专用线", "2025-06-28"),
        evidence("april", "completed", "污水处理厂", "2025-04-19"),
        evidence("copy", "completed", "老旧小区", "2025-04-21"),
    ],
}


def register(rows: dict[Any, list[Row]] = ROWS) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table in PUBLISHED:
        connection.register("given", table.from_rows(rows.get(table, [])))
        connection.execute(f"CREATE TABLE {table.name} AS FROM given")
        connection.unregister("given")
    for path in sorted(MARTS.glob("*.sql")):
        connection.execute(path.read_text(encoding="utf-8"))
    return connection


def states(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[Any, ...]]:
    query = "SELECT jurisdiction, matter, state, said_state, shown_state, schedule_state FROM directive_register"
    return {(place, matter): tuple(rest) for place, matter, *rest in connection.execute(query).fetchall()}


def events_of(connection: duckdb.DuckDBPyConnection, task: str) -> list[tuple[str, dt.date]]:
    query = 'SELECT kind, "at" FROM directive_events WHERE directive_id = ? ORDER BY "at", kind'
    return [(kind, at) for kind, at in connection.execute(query, [task]).fetchall()]


def line(connection: duckdb.DuckDBPyConnection, matter: str) -> tuple[Any, ...]:
    query = "SELECT state, schedule_state, deadline FROM directive_register WHERE matter = ?"
    (row,) = connection.execute(query, [matter]).fetchall()
    return tuple(row)
