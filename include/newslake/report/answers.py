"""Asks the lake what a section shows: its rows, and the sentences behind each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from string import Formatter, Template
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from newslake.lake import database
from newslake.lake.snapshots import Snapshot
from newslake.report.section import Section, Shown
from newslake.report.values import Cell, cell, is_pasteable, sql_value

if TYPE_CHECKING:
    import duckdb

RECENT_MONTHS, BEFORE_MONTHS = 3, 12
MOST_SENTENCES: Final = 3
"""Sentences that a line of a table leads to; the query has all."""
MEMORY: Final = "1GB"
"""What DuckDB may hold; the rest goes to the disk."""
KEPT: Final = ("directive_events", "directive_register", "appearances", "offices", "league_table")
"""Views that several sections read, computed once, as are the terms of the months that are compared. In this order: each
may read those before it."""


@dataclass(frozen=True)
class Sentence:
    """What a line leads to: a sentence, or an article as a whole."""

    article_id: str
    sentence_no: int | None
    title: str
    day: str

    @property
    def anchor(self) -> str:
        """Where it stands on its article's page."""
        return "" if self.sentence_no is None else f"#s{self.sentence_no}"


@dataclass(frozen=True)
class Answer:
    """A section with its rows.

    Attributes:
        section: with its months put in.
        records: the rows by column name, as the database gave them; at most the section's limit.
        has_more: whether there are rows beyond the limit.
        rows_sql: query for the rows behind one line, or None.
        sentences: what each line leads to, by the value of its `evidence_key`.
    """

    section: Section
    records: tuple[dict[str, Any], ...]
    has_more: bool = False
    rows_sql: str | None = None
    sentences: Mapping[str, list[Sentence]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[Shown, ...]:
        """The columns of its tables."""
        return tuple(column for column in self.section.columns if column.name != "part")

    @property
    def parts(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Records of each table, with its name; one without a name where the section is not divided."""
        return [(name, list(own)) for name, own in groupby(self.records, key=lambda row: str(row.get("part", "")))]

    def cells(self, record: Mapping[str, Any]) -> list[Cell]:
        """A record as a row of its table."""
        return [cell(record[column.name], column.form) for column in self.columns]

    def leading(self, record: Mapping[str, Any]) -> list[Sentence]:
        """The sentences behind a record."""
        return self.sentences.get(str(record.get(self.section.evidence_key)), [])

    @property
    def sql(self) -> str:
        """The query as it was run."""
        return f"{self.section.sql}\nLIMIT {self.section.limit}" if self.section.sql else ""


@contextmanager
def opened(snapshot: Snapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which what several sections read is computed once."""
    with (
        TemporaryDirectory(prefix="newslake-report-") as spill,
        database.connect(snapshot, is_locked=False) as connection,
    ):
        connection.execute(f"SET memory_limit = '{MEMORY}'; SET temp_directory = {database.quoted(spill)}")
        connection.execute("SET preserve_insertion_order = false")
        _keep(connection, *KEPT)
        compared = months(connection, snapshot)
        condition = f"published_month BETWEEN '{compared['before_from']}' AND '{compared['newest']}'"
        _keep(connection, "terms", condition=condition)
        yield connection


def _keep(connection: duckdb.DuckDBPyConnection, *views: str, condition: str = "true") -> None:
    """Replaces views by what they give."""
    for view in views:
        connection.execute(f"CREATE TABLE kept_{view} AS FROM {view} WHERE {condition}")
        connection.execute(f"CREATE OR REPLACE VIEW {view} AS FROM kept_{view}")


def months(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> dict[str, str]:
    """The months that are compared; those of the snapshot itself where no article has a date."""
    query = "SELECT max(published_month) FROM articles WHERE published_date IS NOT NULL"
    newest = connection.execute(query).fetchall()[0][0] or snapshot.manifest["created_at"][:7]
    recent_from = month_after(newest, 1 - RECENT_MONTHS)
    return {"newest": newest, "recent_from": recent_from, "before_from": month_after(recent_from, -BEFORE_MONTHS)}


def month_after(month: str, distance: int) -> str:
    """The month so many months later, or earlier.

    >>> month_after("2024-11", 3), month_after("2024-01", -12)
    ('2025-02', '2023-01')
    """
    year, place = divmod(int(month[:4]) * 12 + int(month[5:7]) - 1 + distance, 12)
    return f"{year:04d}-{place + 1:02d}"


def ask(connection: duckdb.DuckDBPyConnection, section: Section, compared: Mapping[str, str]) -> Answer:
    """Runs a section's queries.

    Args:
        connection: what `opened` gave.
        section: what to ask.
        compared: what `months` gave.
    """
    sql, rows_sql, evidence = (
        Template(text).safe_substitute(compared) for text in (section.sql, section.rows, section.evidence)
    )
    section = replace(section, sql=sql, rows=rows_sql, evidence=evidence)
    if not section.sql:
        return Answer(section, ())
    rows = connection.sql(f"{section.sql}\nLIMIT {section.limit + 1}").to_arrow_table().to_pylist()
    records = tuple(rows[: section.limit])
    return Answer(
        section,
        records,
        len(rows) > section.limit,
        _rows_sql(section, records),
        _sentences(connection, section, records),
    )


def _sentences(
    connection: duckdb.DuckDBPyConnection, section: Section, records: Iterable[dict[str, Any]]
) -> dict[str, list[Sentence]]:
    """The newest sentences behind each line, at most one an article."""
    keys = sorted(
        {str(record[section.evidence_key]) for record in records if record.get(section.evidence_key) is not None}
    )
    if not section.evidence or not keys:
        return {}
    query = f"""
        WITH behind AS (
            SELECT key, article_id, min(sentence_no) AS sentence_no FROM ({section.evidence}) WHERE article_id IS NOT NULL GROUP BY ALL
        )
        SELECT key, article_id, sentence_no, title, published_date
        FROM behind JOIN (SELECT article_id, title, published_date FROM articles) USING (article_id)
        QUALIFY row_number() OVER (PARTITION BY key ORDER BY published_date DESC NULLS LAST, article_id) <= {MOST_SENTENCES}
        ORDER BY key, published_date DESC NULLS LAST, article_id"""
    found: dict[str, list[Sentence]] = {}
    for key, article_id, number, title, day in connection.execute(query, {"keys": keys}).fetchall():
        found.setdefault(key, []).append(Sentence(article_id, number, cell(title).text, str(day or article_id[:6])))
    return found


def _rows_sql(section: Section, records: Iterable[dict[str, Any]]) -> str | None:
    """The query for the rows behind the first line whose values can be pasted into a shell without harm."""
    names = [name for _, name, _, _ in Formatter().parse(section.rows) if name]
    for record in records:
        if all(is_pasteable(record[name]) for name in names):
            return section.rows.format_map({name: sql_value(record[name]) for name in names}) or None
    return None
