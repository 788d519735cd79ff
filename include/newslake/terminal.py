"""Tables for the eyes: as wide as the terminal, or as wide as they need to be when piped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO

PIPED_WIDTH = 2_000
"""Columns; wide enough that nothing is cut when there is no terminal to fit."""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as aligned text; None is shown as nothing.

    >>> print(table(["name", "count"], [("要闻", 2), (None, 10)]).rstrip())
    name  count
    要闻  2
          10
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        shown.add_row(*(Text("" if value is None else str(value), overflow="fold") for value in row))
    terminal = Console()
    buffer = StringIO()
    console = Console(file=buffer, width=terminal.width if terminal.is_terminal else PIPED_WIDTH)
    console.print(shown)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())
