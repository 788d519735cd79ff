"""Writes `docs/tables.md` and `docs/views.md`, from definitions and comments: `python -m newslake.tables.document`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from newslake.config import PROJECT
from newslake.tables import PUBLISHED, Table

PATH = PROJECT / "docs" / "tables.md"
VIEWS_PATH = PROJECT / "docs" / "views.md"
_VIEWS = Path(__file__).resolve().parents[1] / "sql"
_COMMENT = re.compile(r"""^COMMENT ON (VIEW|COLUMN) (\w+)(?:\."(\w+)")? IS '((?:[^']|'')*)';$""", re.MULTILINE)


def markdown() -> str:
    """The whole page."""
    lines = [
        "# Tables",
        "Made from `include/newslake/tables/` by `python -m newslake.tables.document`; a test fails when it is not up to date.",
        "Times are UTC; character offsets count Unicode code points; `text[start:end]` is Python's notation.",
        'In SQL write `"end"` in quotes. A *row* check sends the failing article to quarantine, a *table* check stops the batch.',
        "What a version promises stands in [contract.md](contract.md).",
        "",
    ]
    for table in PUBLISHED:
        lines += _section(table)
    return "\n".join(lines)


def _section(table: Table) -> Iterator[str]:
    yield f"## {table.name}"
    yield f"{table.description} One row: {table.grain}. Key: {', '.join(f'`{name}`' for name in table.key)}. Version {table.version}."
    if table.partition:
        yield f"Partitioned by `{table.partition}`, sorted by {', '.join(f'`{name}`' for name in table.order)}."
    yield ""
    yield "| column | type | null | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        kind = str(column.type).replace("|", "\\|")
        yield f"| `{column.name}` | {kind} | {'yes' if column.nullable else ''} | {column.comment} |"
    yield ""
    yield "| check | kind | what it protects |"
    yield "|---|---|---|"
    for check in table.all_checks:
        if not check.name.endswith("_is_not_null"):
            yield f"| `{check.name}` | {check.kind} | {check.description} |"
    yield ""


def views_markdown() -> str:
    """The page of the views."""
    lines = [
        "# Views",
        "Made from the comments in `include/newslake/sql/` by `python -m newslake.tables.document`; a test fails when it is not up to date.",
        "They are in `newslake.duckdb` and `newslake query`, beside the [tables](tables.md), and are computed when they are asked.",
        "They have no version and may change. The view `sources` stands in [sources.md](sources.md#rights), macros in [search.md](search.md).",
        'Types are those of `DESCRIBE`. In SQL write `"at"` and `"end"` in quotes.',
        "",
    ]
    for path in sorted(_VIEWS.glob("*.sql")):
        for kind, view, column, words in _COMMENT.findall(path.read_text(encoding="utf-8")):
            meaning = words.replace("''", "'")
            if kind == "VIEW":
                lines += [f"## {view}", meaning, "", "| column | meaning |", "|---|---|"]
            else:
                lines.append(f"| `{column}` | {meaning} |")
        if lines[-1]:
            lines.append("")
    return "\n".join(lines)


def write(path: Path = PATH, text: str | None = None) -> None:
    """Writes a page; by default that of the tables."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown() if text is None else text, encoding="utf-8")


if __name__ == "__main__":
    write()
    write(VIEWS_PATH, views_markdown())
