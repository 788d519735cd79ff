"""The report: one static page over a snapshot.

What it shows comes from articles, which anybody may have written. So every value is escaped by the template, marks that
steer the text around them are shown as what they are, a link is made of web addresses only, and a content security
policy forbids scripts and every request. The same snapshot gives the same page, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from string import Formatter, Template
from typing import TYPE_CHECKING, Any

from newslake.config import Home
from newslake.lake import database
from newslake.lake.durable import write_text
from newslake.lake.snapshots import Snapshot
from newslake.report import chart
from newslake.report.sections import MONTHS, SECTIONS, Form, Section, Shown
from newslake.report.templates import render

if TYPE_CHECKING:
    import duckdb

RECENT_MONTHS, BEFORE_MONTHS = 3, 12
LONGEST_VALUE = 300
"""Longer values are cut on the page; the query has them whole. Titles are at most this long."""

# Control characters, and the marks that reverse or isolate the direction of text.
_STEERING = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd"
) | dict.fromkeys(map(ord, "\t\n\r"), " ")
_HAN, _KANA = re.compile("[㐀-鿿\U00020000-\U0003ffff]"), re.compile("[぀-ヿ]")
# Queries are pasted into shells: no quotation mark, dollar, backtick, backslash, exclamation mark or line break.
_PASTEABLE = re.compile(r"[\w '.,:;/()（），、：《》“”·&+%#@=?~—-]*")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """A value as it is shown."""

    text: str
    form: Form = "text"
    share: float | None = None

    @property
    def is_chinese(self) -> bool:
        """Whether a browser should set it in Chinese letter forms."""
        return bool(_HAN.search(self.text)) and not _KANA.search(self.text)


@dataclass(frozen=True)
class Answer:
    """A section with its rows.

    Attributes:
        section: with its months put in.
        records: the rows by column name, as the database gave them; at most the section's limit.
        has_more: whether there are rows beyond the limit.
        rows_sql: query for the rows behind one line, or None.
    """

    section: Section
    records: tuple[dict[str, Any], ...]
    has_more: bool
    rows_sql: str | None

    @property
    def columns(self) -> tuple[Shown, ...]:
        """The columns of its tables."""
        return tuple(column for column in self.section.columns if column.name != "part")

    @property
    def parts(self) -> list[tuple[str, list[list[Cell]]]]:
        """Tables with their names; one without a name where the section is not divided."""
        divided = groupby(self.records, key=lambda record: str(record.get("part", "")))
        return [(name, [self.cells(record) for record in own]) for name, own in divided]

    def cells(self, record: dict[str, Any]) -> list[Cell]:
        """A record as a row of its table."""
        first, *others = (cell(record[column.name], column.form) for column in self.columns)
        return [replace(first, text="not stated") if record[self.columns[0].name] is None else first, *others]

    @property
    def sql(self) -> str:
        """The query as it was run."""
        return f"{self.section.sql}\nLIMIT {self.section.limit}"


def write(home: Home, snapshot: Snapshot) -> Path:
    """Writes the report of a snapshot.

    Args:
        home: the page goes to its folder of reports, beside the Data Docs of the last validation.
        snapshot: what is shown.

    Returns:
        Path of the page.
    """
    path = home.reports / "index.html"
    with database.connect(snapshot) as connection:
        months = _months(connection, snapshot)
        answers = [_ask(connection, _with_months(section, months)) for section in SECTIONS]
    write_text(path, _render(snapshot, answers, has_data_docs=(home.reports / "validation" / "index.html").exists()))
    return path


def _months(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> dict[str, str]:
    """The months that are compared; those of the snapshot itself where no article has a date."""
    query = "SELECT max(published_month) FROM articles WHERE published_date IS NOT NULL"
    newest = connection.execute(query).fetchall()[0][0] or snapshot.manifest["created_at"][:7]
    recent_from = chart.month_after(newest, 1 - RECENT_MONTHS)
    return {"newest": newest, "recent_from": recent_from, "before_from": chart.month_after(recent_from, -BEFORE_MONTHS)}


def _with_months(section: Section, months: dict[str, str]) -> Section:
    note, sql, rows = (Template(text).substitute(months) for text in (section.note, section.sql, section.rows))
    return replace(section, note=note, sql=sql, rows=rows)


def _ask(connection: duckdb.DuckDBPyConnection, section: Section) -> Answer:
    """Runs a section's query, with one row more than is shown."""
    answer = connection.sql(f"{section.sql}\nLIMIT {section.limit + 1}").to_arrow_table().to_pylist()
    records = tuple(answer[: section.limit])
    return Answer(section, records, len(answer) > section.limit, _rows_sql(section, records))


def _rows_sql(section: Section, records: Iterable[dict[str, Any]]) -> str | None:
    """The query for the rows behind the first line whose values can be pasted into a shell without harm."""
    names = [name for _, name, _, _ in Formatter().parse(section.rows) if name]
    for record in records:
        if all(_PASTEABLE.fullmatch(str(record[name])) for name in names):
            return section.rows.format_map({name: sql_value(record[name]) for name in names}) or None
    return None


def sql_value(value: object) -> str:
    """A value as SQL.

    >>> sql_value("O'Neil"), sql_value(None), sql_value(3)
    ("'O''Neil'", 'NULL', '3')
    """
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def cell(value: Any, form: Form = "text") -> Cell:
    r"""A value as it is shown; what the page does not state is a dash.

    >>> cell(1234, "number").text, cell(0.125, "share").text, cell(["区长", "书记"]).text, cell(None).text
    ('1,234', '12 %', '区长 · 书记', '–')
    >>> cell("\u202eevil\x00").text
    '�evil�'
    """
    if value is None or value == []:
        return Cell("–", form)
    if form == "share":
        return Cell(f"{percent(value)} %", form, min(max(float(value), 0.0), 1.0))
    if form == "number":
        return Cell(f"{value:,}", form)
    text = " · ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text.translate(_STEERING)
    return Cell(text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…", form)


def percent(share: float) -> str:
    """Whole per cent, but never 0 or 100 for what is neither.

    >>> [percent(share) for share in (0, 0.001, 0.5, 0.999, 1)]
    ['0', '<1', '50', '>99', '100']
    """
    if 0 < share < 0.01:
        return "<1"
    return ">99" if 0.99 < share < 1 else f"{100 * share:.0f}"


def web_address(url: str) -> str | None:
    """The address where it may become a link: http or https, nothing that a browser would run.

    >>> web_address("https://daily.example/1.html"), web_address("javascript:alert(1)"), web_address("file:a/1.txt")
    ('https://daily.example/1.html', None, None)
    """
    return url if _WEB_ADDRESS.fullmatch(url) else None


def _render(snapshot: Snapshot, answers: list[Answer], has_data_docs: bool) -> str:
    months = next(answer for answer in answers if answer.section.key == MONTHS.key)
    counts = [(record["published_month"], record["originals"], record["copies"]) for record in months.records]
    return render(
        "index.html",
        functions={"cell": cell, "web_address": web_address},
        snapshot=snapshot.name,
        manifest=snapshot.manifest,
        answers=answers,
        chart=chart.draw(counts),
        has_data_docs=has_data_docs,
    )
