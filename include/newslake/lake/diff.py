"""What is different about a snapshot: rows, files, columns, and how the articles drift. Which rows: see `changes`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from newslake.errors import LakeError
from newslake.lake import layouts, relations
from newslake.lake.changes import MEMORY_LIMIT
from newslake.lake.database import quoted
from newslake.lake.snapshots import Snapshot
from newslake.tables import ARTICLES, PUBLISHED, SENTENCES, Table

if TYPE_CHECKING:
    import duckdb

MUCH = 0.05
"""A share of nulls that changes by so much is told: of 20 rows one. Chosen, not measured."""
LEAST_ARTICLES = 2
"""A new term that one article alone has is a name or a misreading more often than news. Chosen, not measured."""
MOST_TERMS = 20
OLD, NEW = "old", "new"


@dataclass(frozen=True)
class TableDifference:
    """Size of a table in both snapshots; files that only one of them has, and that both have."""

    table: str
    rows_old: int
    rows_new: int
    files_old_alone: int
    files_new_alone: int
    files_same: int
    bytes_old: int
    bytes_new: int


@dataclass(frozen=True)
class ColumnDifference:
    """A column whose type is another one; None where a snapshot has no such column in any file."""

    table: str
    column: str
    type_old: str | None
    type_new: str | None


@dataclass(frozen=True)
class SourceDifference:
    """Articles of a source, their mean length in code points, and the share of copies; None where there are none."""

    source: str
    articles_old: int
    articles_new: int
    mean_length_old: float | None
    mean_length_new: float | None
    copies_old: float | None
    copies_new: float | None


@dataclass(frozen=True)
class NullDifference:
    """The share of nulls in a column, from 0 to 1, where it changed by MUCH or more."""

    table: str
    column: str
    share_old: float
    share_new: float


@dataclass(frozen=True)
class Term:
    """A word or name that no article of the old snapshot has, and how many articles of the new one, copies left out."""

    term: str
    articles: int


@dataclass(frozen=True)
class Difference:
    """All of it; lists without what is the same, except for the tables."""

    old: str
    new: str
    tables: list[TableDifference]
    columns: list[ColumnDifference]
    sources: list[SourceDifference]
    nulls: list[NullDifference]
    terms: list[Term]


def diff(old: Snapshot, new: Snapshot) -> Difference:
    """Compares two snapshots; sentences of the old one are read whole, for its words.

    Raises:
        LakeError: a file is missing or cannot be read.
    """
    with _opened(old, new) as connection:
        return Difference(
            old.name,
            new.name,
            [_table(old, new, table) for table in PUBLISHED],
            [found for table in PUBLISHED for found in _columns(old, new, table)],
            _sources(connection),
            [found for table in PUBLISHED for found in _nulls(connection, table)],
            _terms(connection),
        )


@contextmanager
def _opened(old: Snapshot, new: Snapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with views `old_<table>` and `new_<table>`, and the new sentences in files that the old one has not."""
    import duckdb

    with TemporaryDirectory(prefix="newslake-diff-") as spill, duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'; SET temp_directory = {quoted(spill)}")
        connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        try:
            for side, snapshot in ((OLD, old), (NEW, new)):
                for table in PUBLISHED:
                    relations.view(connection, f"{side}_{table.name}", table, snapshot.paths(table.name))
            known = {file.sha256 for file in old.tables[SENTENCES.name].files}
            added = [file for file in new.tables[SENTENCES.name].files if file.sha256 not in known]
            paths = [str(new.path / SENTENCES.name / file.path) for file in added]
            relations.view(connection, "added_sentences", SENTENCES, paths)
            yield connection
        except (duckdb.Error, OSError) as error:
            said = str(error).splitlines()[0]
            raise LakeError(
                f"{old.path} or {new.path}: cannot be read: {said}; restore the file from a backup, or compare other "
                "snapshots of `newslake snapshots list`"
            ) from None


def _table(old: Snapshot, new: Snapshot, table: Table) -> TableDifference:
    before, after = old.tables[table.name], new.tables[table.name]
    known, found = ({file.sha256 for file in state.files} for state in (before, after))
    return TableDifference(
        table.name,
        before.rows,
        after.rows,
        len(known - found),
        len(found - known),
        len(known & found),
        sum(file.bytes for file in before.files),
        sum(file.bytes for file in after.files),
    )


def _columns(old: Snapshot, new: Snapshot, table: Table) -> Iterator[ColumnDifference]:
    sides = [layouts.of_snapshot(snapshot, table) for snapshot in (old, new)]
    # The column that partitions a table stands in its files only while it has no rows.
    before, after = (
        {name: kind for name, kind in side.columns.items() if name != table.partition} if side else {} for side in sides
    )
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield ColumnDifference(table.name, name, before.get(name), after.get(name))


def _sources(connection: duckdb.DuckDBPyConnection) -> list[SourceDifference]:
    """Sources whose articles are not the same in number, length or copies; the largest change first."""
    facts = "source, count(*) AS articles, avg(char_count) AS length, avg(is_duplicate::INTEGER) AS copies"
    rows = connection.execute(
        f"""
        SELECT source, coalesce(old.articles, 0), coalesce(new.articles, 0), old.length, new.length, old.copies, new.copies
        FROM (SELECT {facts} FROM {OLD}_{ARTICLES.name} GROUP BY source) AS old
        FULL JOIN (SELECT {facts} FROM {NEW}_{ARTICLES.name} GROUP BY source) AS new USING (source)
        WHERE (old.articles, old.length, old.copies) IS DISTINCT FROM (new.articles, new.length, new.copies)
        ORDER BY abs(coalesce(new.articles, 0) - coalesce(old.articles, 0)) DESC, source
        """
    ).fetchall()
    return [SourceDifference(*row) for row in rows]


def _nulls(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[NullDifference]:
    names = [column.name for column in table.columns if column.nullable]
    if not names:
        return
    counts = ", ".join(f'count("{name}")' for name in names)
    before, after = (
        connection.execute(f"SELECT count(*), {counts} FROM {side}_{table.name}").fetchall()[0] for side in (OLD, NEW)
    )
    if not before[0] or not after[0]:
        return
    for name, filled_before, filled_after in zip(names, before[1:], after[1:], strict=True):
        shares = 1 - filled_before / before[0], 1 - filled_after / after[0]
        if abs(shares[0] - shares[1]) >= MUCH:
            yield NullDifference(table.name, name, *shares)


def _terms(connection: duckdb.DuckDBPyConnection) -> list[Term]:
    """Of content words and of all that is found as a term or name; as in the view `terms`."""
    rows = connection.execute(
        f"""
        WITH originals AS (
            FROM added_sentences SEMI JOIN (FROM {NEW}_{ARTICLES.name} WHERE NOT is_duplicate) USING (article_id)
        ), counted AS MATERIALIZED (
            SELECT term, count(DISTINCT article_id) AS articles FROM ({_terms_of("originals")}) GROUP BY term
            HAVING articles >= $least
        ), known AS (
            SELECT DISTINCT term FROM ({_terms_of(f"{OLD}_{SENTENCES.name}")}) SEMI JOIN counted USING (term)
        )
        SELECT term, articles FROM counted ANTI JOIN known USING (term) ORDER BY articles DESC, term LIMIT $most
        """,
        {"least": LEAST_ARTICLES, "most": MOST_TERMS},
    ).fetchall()
    return [Term(*row) for row in rows]


def _terms_of(sentences: str) -> str:
    return f"""
        SELECT article_id, token.text AS term FROM (SELECT article_id, unnest(tokens) AS token FROM {sentences})
        WHERE NOT token.is_stop AND NOT token.in_term AND length(token.text) > 1
        UNION ALL SELECT article_id, found.text FROM (SELECT article_id, unnest(terms) AS found FROM {sentences})
    """
