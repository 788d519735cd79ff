"""What a page of the report is made of: sections, each a query with the names of its columns.

Titles, notes and names are English; `labels.yaml` has each in Chinese.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Form = Literal["text", "number", "share", "code", "word"]
Layout = Literal["table", "account", "attention", "articles", "checks", "drift", "register", "accuracy", "prose"]


class Shown(NamedTuple):
    """A column of the answer: how it is called, and what it is set as.

    Attributes:
        form: `number` with thousands set apart, `share` (0 to 1) as per cent with a bar, `code` for stable names and
            places, `word` for one of a few words that `labels.yaml` translates, `text` for all else; a list is text, its
            entries set apart.
        leads: page and anchor where the rows behind the value stand; `{name}` is the line's value of a column.
    """

    name: str
    label: str
    form: Form = "text"
    leads: str = ""


class Chart(NamedTuple):
    """A chart over a section's rows; `app.js` has a function a kind.

    Attributes:
        kind: `columns` by time, stacked; `bars`, stacked; `lines`, one for each `series`; `spread`, marks in time, one
            for each of `y`; `matrix`, `x` by `series`, coloured by `y`.
        x: the column of time, or of the names of the bars.
        y: columns of numbers, or of dates in `spread`.
        series: the column that names a line, or a row of the matrix.
        most: rows that are drawn; the table has them all.
    """

    kind: Literal["columns", "bars", "lines", "spread", "matrix"]
    x: str
    y: tuple[str, ...]
    series: str = ""
    most: int = 500


@dataclass(frozen=True)
class Section:
    """A section of a page. `$recent_from`, `$newest` and `$before_from` are months (YYYY-MM) of the snapshot.

    Attributes:
        key: the section's anchor.
        note: one or two sentences under the heading, plain text.
        sql: the query, whole and ordered, so that it can be pasted behind `newslake query`; without a limit, which is
            `limit`, so that the page can tell when there is more.
        columns: the columns shown, in order. A first column named `part` divides the rows into tables of that name.
        rows: query for the rows behind a line; `{name}` stands for that line's value of a column.
        evidence: query for the sentences behind lines, with the columns `key`, article_id and sentence_no; `$keys`
            stands for the lines' values of the column `evidence_key`, as text.
        empty: what stands there when the answer has no rows.
        layout: `table`, or one of the template's own.
        is_folded: whether the table is shown on demand, under its chart.
    """

    key: str
    title: str
    note: str
    sql: str
    columns: tuple[Shown, ...] = field(repr=False)
    rows: str = ""
    evidence: str = ""
    evidence_key: str = ""
    empty: str = "None."
    limit: int = 50
    layout: Layout = "table"
    chart: Chart | None = None
    is_folded: bool = False


@dataclass(frozen=True)
class Page:
    """A page: `<name>.html`, or a part of the single file.

    Attributes:
        note: what it answers, in a sentence.
    """

    name: str
    title: str
    note: str
    sections: tuple[Section, ...]
