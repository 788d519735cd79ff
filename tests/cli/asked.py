"""Rows of the lake, for tests of what the command line prints."""

from __future__ import annotations

from typing import Any

from newslake.config import Home
from newslake.lake import database
from newslake.lake.snapshots import current


def ask_lake(lake: Home, query: str) -> list[dict[str, Any]]:
    with database.connect(current(lake)) as connection:
        rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return rows
