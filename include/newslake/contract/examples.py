"""A few values of each column, from the project's own samples, for the published contracts."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newslake.tables import PUBLISHED, Table

if TYPE_CHECKING:
    import duckdb

PATH = Path(__file__).parent / "examples.json"
LONGEST = 60
"""Characters of an example, as JSON."""
MOST = 2


def of(table: str, column: str) -> list[Any]:
    """Values of a column, or of one of the same name in another table; none where all were long or null."""
    found = _read()
    return next((found[name][column] for name in (table, *found) if column in found.get(name, {})), [])


@cache
def _read() -> Mapping[str, Mapping[str, list[Any]]]:
    content: dict[str, dict[str, list[Any]]] = json.loads(PATH.read_text(encoding="utf-8"))
    return content


def write(connection: duckdb.DuckDBPyConnection) -> None:
    """Takes them anew from a database with the tables."""
    found = {table.name: _of_table(connection, table) for table in PUBLISHED}
    _read.cache_clear()
    PATH.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _of_table(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, list[Any]]:
    found = {}
    for name in table.column_names:
        rows = connection.execute(
            f'SELECT DISTINCT "{name}" FROM {table.name} WHERE "{name}" IS NOT NULL '
            f'AND length("{name}"::VARCHAR) BETWEEN 1 AND {LONGEST} ORDER BY "{name}" LIMIT 200'
        ).fetchall()
        values = [value for (value,) in ((_plain(value),) for (value,) in rows) if value not in ("", [], {})]
        if values := [value for value in values if len(json.dumps(value, ensure_ascii=False)) <= LONGEST]:
            found[name] = [values[0], values[len(values) // 2]][: min(MOST, len(values))]
    return found


def _plain(value: Any) -> Any:
    """A value as JSON has it; times in UTC, bytes as base64."""
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
