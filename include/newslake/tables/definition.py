"""What a table is made of, and what follows from its definition.

A table is defined once, in `tables/<name>.py`. From the definition come the Arrow schema,
the Parquet metadata, the Great Expectations suite, the DuckDB comments and `docs/tables.md`.
"""

from __future__ import annotations

import re
from ast import literal_eval
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyarrow as pa

# Arrow's usual allocator gives large blocks back to the system and fetches them anew each time: sorting a
# slice of sentences took 0.40 s of processor time with it, 0.16 s with this one.
if "jemalloc" in pa.supported_memory_backends():
    pa.set_memory_pool(pa.jemalloc_memory_pool())

_NOT_IN = re.compile(r"""(\w+) NOT IN (\((?:'[^']*'|, |,)+\))""")
UTC_TIMESTAMP = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        unit: what a number counts.
        nullable: whether "not stated" is an answer.
        is_unique: whether values hardly repeat, so that a dictionary of them would be a waste.
        default: SQL literal for rows of files written before the column was added; null by default, which a column
            that is never null cannot have.
        formerly: its name in the major version before, in files and in the view for old readers.
    """

    name: str
    type: pa.DataType
    description: str
    unit: str | None = None
    nullable: bool = True
    is_unique: bool = False
    default: str | None = None
    formerly: str | None = None

    @property
    def comment(self) -> str:
        """The description with its unit, as shown in DuckDB and in the docs."""
        return f"{self.description} [{self.unit}]" if self.unit else self.description


@dataclass(frozen=True)
class Check:
    """A rule on a table, counted in SQL and judged by Great Expectations.

    Attributes:
        name: stable snake_case, unique within its table; `quarantine.reason` for row checks.
        fails_if: DuckDB expression over one row that is true where the row *fails*; NULL passes.
            In tables that refer to articles, `article_char_count` is the length of the article's text.
            Of lists of structs, row checks see the numbers only.
        description: what the rule protects, for people.
        kind: "row" sends the failing article with all its rows to quarantine,
            "table" stops the batch before anything is published.
        count: instead of `fails_if`, a query that gives the number of failing rows; table checks only.
    """

    name: str
    fails_if: str
    description: str
    kind: Literal["row", "table"] = "row"
    count: str | None = None


AT_ITS_PLACE = Check(
    "text_is_at_its_place", "is_misplaced", "articles.text[start:end] is the text, of every word and term within too"
)
"""For tables with text, start and end: `is_misplaced` is counted over the article's text (see newslake.spans)."""


@dataclass(frozen=True)
class Table:
    """A table of the lake.

    Attributes:
        grain: what one row is.
        key: columns that identify a row.
        partition: the column whose values are folders, or None.
        order: columns by which rows are sorted within files.
        row_group_rows: rows that are read together: row groups of 2,000-10,000 rows let DuckDB skip
            most of a month when one day is asked for.
        checks: rules beside those that follow from the columns (nulls), the key (unique)
            and the references.
        references: (column, "table.column") that must hold its value, within the same batch.
        is_published: False for tables that stay between two stages.
        version: of the schema, major.minor.patch: what may change for readers rises it (see newslake.contract).
    """

    name: str
    grain: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: str | None = None
    order: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    is_published: bool = True
    row_group_rows: int = 10_000
    version: str = "1.0.0"

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema; descriptions travel as field and schema metadata."""
        fields = [
            pa.field(
                column.name,
                column.type,
                nullable=column.nullable,
                metadata={"description": column.comment},
            )
            for column in self.columns
        ]
        return pa.schema(fields, metadata={"table": self.name, "description": self.description})

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def allowed(self) -> dict[str, tuple[str, ...]]:
        """Column → the values it may have, where a check is `column NOT IN (…)` and nothing else."""
        found = ((_NOT_IN.fullmatch(check.fails_if)) for check in self.checks)
        return {match[1]: literal_eval(match[2]) for match in found if match}

    @cached_property
    def all_checks(self) -> tuple[Check, ...]:
        """Every rule: those of the columns, the own ones, those of the key and the references."""
        nulls = [
            Check(f"{column.name}_is_not_null", f'"{column.name}" IS NULL', f"{column.name} always has a value")
            for column in self.columns
            if not column.nullable
        ]
        key = ", ".join(f'"{name}"' for name in self.key)
        unique = Check(
            "key_is_unique",
            "",
            f"no two rows have the same {', '.join(self.key)}",
            kind="table",
            count=f"SELECT (SELECT count(*) FROM {self.name}) - count(*) FROM (SELECT DISTINCT {key} FROM {self.name})",
        )
        found = [
            Check(
                f"{column}_is_found",
                "",
                f"{column} is in {target}",
                kind="table",
                count=f"SELECT count(*) FROM {self.name} ANTI JOIN "
                f'(SELECT "{target.split(".")[1]}" AS "{column}" FROM {target.split(".")[0]}) USING ("{column}")',
            )
            for column, target in self.references
        ]
        return (*nulls, *self.checks, unique, *found)

    def from_rows(self, rows: list[dict[str, object]]) -> pa.Table:
        """Builds a table from rows; a missing column is null, an unknown one is a bug.

        Raises:
            KeyError: a row has a column that the table does not define.
        """
        known = set(self.column_names)
        for row in rows:
            if not known.issuperset(row):
                raise KeyError(f"{self.name}: no column {sorted(set(row) - known)}")
        arrays = [pa.array([row.get(column.name) for row in rows], column.type) for column in self.columns]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def empty(self) -> pa.Table:
        """A table without rows."""
        return self.schema.empty_table()
