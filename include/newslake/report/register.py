"""The register of tasks: its lines for the page, packed, and all of them as CSV and XLSX."""

from __future__ import annotations

import base64
import csv
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from newslake.report.sections.register import REGISTER
from newslake.report.values import clean

if TYPE_CHECKING:
    import duckdb

MOST_TASKS: Final = 20_000
MOST_BYTES: Final = 1_200_000
"""Of the packed lines; with the scripts, the page stays below 2 MB."""
MOST_EVENTS: Final = 12
"""Of one task on the page, the newest; the files and the view have all."""
BATCH: Final = 5_000
SHEET_ROWS: Final = 1_048_575
"""What a sheet holds below its head."""
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell of a CSV file that begins so."""


@dataclass(frozen=True)
class Task:
    """A line of the register, with what is known of it.

    Attributes:
        values: columns of `directive_register`.
        events: rows of `directive_events`, by time.
    """

    values: dict[str, Any]
    events: list[dict[str, Any]]

    @property
    def articles(self) -> list[str]:
        """The articles behind it."""
        return [event["article_id"] for event in self.events if event["article_id"]]


def tasks(connection: duckdb.DuckDBPyConnection) -> tuple[list[Task], int]:
    """The lines of the page, those that matter most first, and how many there are in all."""
    total: int = connection.execute("SELECT count(*) FROM directive_register").fetchall()[0][0]
    query = f"""
        WITH shown AS (SELECT *, row_number() OVER () AS line FROM ({REGISTER.sql} LIMIT {MOST_TASKS})), listed AS (
            SELECT directive_id, list(struct_pack(kind, "at", article_id, sentence_no, text)
                   ORDER BY "at" NULLS FIRST, array_position(['set', 'repeated', 'started', 'progress', 'completed'], kind), article_id, text) AS events
            FROM directive_events SEMI JOIN shown USING (directive_id) GROUP BY directive_id
        )
        SELECT line, directive_id, task_no, task, jurisdiction, domain, set_by, set_on, responsible_bodies, deadline, target, state,
               schedule_state, seen_until, events
        FROM shown JOIN listed USING (directive_id) ORDER BY line"""
    rows = connection.sql(query).to_arrow_table().to_pylist()
    return [Task(row, row.pop("events")[-MOST_EVENTS:]) for row in rows], total


def packed(found: Sequence[Task], pages: set[str]) -> tuple[str, int]:
    """Lines as compressed JSON in base64, as many as `MOST_BYTES` allow, and how many these are.

    Args:
        found: the lines.
        pages: articles that have a page.
    """
    packer = zlib.compressobj(9, wbits=31)
    parts, size, count = [packer.compress(b"[")], 0, 0
    for task in found:
        line = json.dumps(_line(task, pages), ensure_ascii=False, separators=(",", ":"))
        parts.append(packer.compress((("," if count else "") + line).encode()))
        count += 1
        if count % 100 == 0:
            parts.append(packer.flush(zlib.Z_SYNC_FLUSH))
            size = sum(map(len, parts))
        if size > MOST_BYTES * 3 // 4:
            break
    parts += [packer.compress(b"]"), packer.flush()]
    return base64.b64encode(b"".join(parts)).decode(), count


def _line(task: Task, pages: set[str]) -> list[Any]:
    """What `app.js` reads, in its order."""
    row = task.values
    events = [
        [
            event["kind"],
            _day(event["at"]),
            event["article_id"] or "",
            event["sentence_no"],
            "" if event["kind"] == "set" else clean(event["text"]),
            int(event["article_id"] in pages),
        ]
        for event in task.events
    ]
    return [
        row["task_no"],
        clean(row["task"]),
        clean(row["set_by"] or ""),
        [clean(body) for body in row["responsible_bodies"] or []],
        _day(row["deadline"]),
        row["state"],
        row["schedule_state"],
        row["domain"] or "none",
        _day(row["set_on"]),
        clean(row["jurisdiction"] or ""),
        clean(row["target"] or ""),
        events,
    ]


def _day(day: date | None) -> str:
    return "" if day is None or day.year == 1 else day.isoformat()


def write_files(connection: duckdb.DuckDBPyConnection, folder: Path, made: datetime) -> bool:
    """Writes `register.csv` and `register.xlsx`, some lines at a time.

    Args:
        connection: to the lake.
        folder: where they go.
        made: the time that the sheet states.

    Returns:
        Whether the sheet has all lines.
    """
    import xlsxwriter

    answer = connection.execute(REGISTER.sql)
    names = [column[0] for column in answer.description or []]
    book = xlsxwriter.Workbook(
        folder / "register.xlsx",
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": "newslake: directive_register", "created": made})
    sheet = book.add_worksheet("register")
    head = book.add_format({"bold": True, "bottom": 1})
    day_form = book.add_format({"num_format": "yyyy-mm-dd"})
    for place, name in enumerate(names):
        sheet.set_column(place, place, 40 if name in ("task", "last_evidence") else 16)
        sheet.write_string(0, place, name, head)
    sheet.freeze_panes(1, 0)
    count = 0
    with (folder / "register.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in _fetched(answer):
            writer.writerow([_guarded(value) for value in row])
            count += 1
            if count <= SHEET_ROWS:
                _write_row(sheet, count, row, day_form)
    sheet.autofilter(0, 0, min(count, SHEET_ROWS), len(names) - 1)
    book.close()
    return count <= SHEET_ROWS


def _fetched(answer: duckdb.DuckDBPyConnection) -> Iterator[Iterable[Any]]:
    while rows := answer.fetchmany(BATCH):
        yield from rows


def _write_row(sheet: Any, number: int, row: Iterable[Any], day_form: Any) -> None:
    """Texts are written as texts, whatever they begin with."""
    for place, value in enumerate(row):
        if isinstance(value, date):
            if value.year >= 1900:
                sheet.write_datetime(number, place, datetime(value.year, value.month, value.day), day_form)
        elif isinstance(value, int | float):
            sheet.write_number(number, place, value)
        elif value is not None:
            sheet.write_string(number, place, _text(value))


def _text(value: Any) -> str:
    text = "、".join(value) if isinstance(value, list) else str(value)
    # No control characters in XML, and no more in a cell.
    return "".join(mark for mark in text if mark >= " " or mark in "\t\n")[:32_767]


def _guarded(value: Any) -> Any:
    """A value as a cell of a CSV file that a spreadsheet may open.

    >>> _guarded("=1+1"), _guarded(["区交通局", "区水利局"]), _guarded(-3)
    ("'=1+1", '区交通局、区水利局', -3)
    """
    if isinstance(value, list):
        value = "、".join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
