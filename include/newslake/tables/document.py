"""Writes `docs/tables.md` from the tables' definitions: `python -m newslake.tables.document`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from newslake.config import PROJECT
from newslake.tables import PUBLISHED, Table

PATH = PROJECT / "docs" / "tables.md"


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


def write(path: Path = PATH) -> None:
    """Writes the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown(), encoding="utf-8")


if __name__ == "__main__":
    write()
