"""Tables for the eyes: as wide as the terminal, or as wide as they need to be when piped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO

PIPED_WIDTH = 2_000
"""Columns; wide enough that nothing is cut when there is no terminal to fit."""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as aligned text.

    >>> print(table(["name", "count"], [("要闻", 2), (None, 10)]).rstrip())
    name  count
    要闻  2
    –     10
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        shown.add_row(*(Text(plain(value), overflow="fold") for value in row))
    terminal = Console()
    buffer = StringIO()
    console = Console(file=buffer, width=terminal.width if terminal.is_terminal else PIPED_WIDTH)
    console.print(shown)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def plain(value: object) -> str:
    """A value for the eyes: null as a dash, lists and maps without brackets, floats with six digits.

    >>> plain(None), plain(["a", "b"]), plain({"glosses": 2}), plain(1 / 7)
    ('–', 'a, b', 'glosses: 2', '0.142857')
    """
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(f"{item[0]}: {item[1]}" if isinstance(item, tuple) else plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {plain(item)}" for name, item in value.items())
    return f"{value:.6g}" if isinstance(value, float) else str(value)
