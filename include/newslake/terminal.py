"""Tables for the eyes: as wide as the terminal, or as wide as they need to be when piped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO

PIPED_WIDTH = 2_000
"""Columns; wide enough that nothing is cut when there is no terminal to fit."""
_COMMANDS = dict.fromkeys(
    [*(set(range(0x20)) - {ord("\n"), ord("\t")}), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    "�",
)
"""C0 and C1 controls, DEL, and what turns the direction of writing."""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as aligned text.

    >>> print(table(["name", "count"], [("要闻", 2), (None, 10)]).rstrip())
    name  count
    要闻  2
    –     10
    """
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    shown = Table(*(Column(Text(visible(name))) for name in columns), box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        shown.add_row(*(Text(plain(value), overflow="fold") for value in row))
    terminal = Console()
    buffer = StringIO()
    console = Console(file=buffer, width=terminal.width if terminal.is_terminal else PIPED_WIDTH)
    console.print(shown)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def visible(text: str) -> str:
    r"""A text whose marks do nothing to a terminal but to be shown; as long as it was.

    >>> visible("要\x1b[31m闻\n\u202e")
    '要�[31m闻\n�'
    """
    return text.translate(_COMMANDS)


def plain(value: object) -> str:
    """A value for the eyes: null as a dash, lists and maps without brackets, floats with six digits.

    >>> plain(None), plain(["a", "b"]), plain({"glosses": 2}), plain(1 / 7)
    ('–', 'a, b', 'glosses: 2', '0.142857')
    """
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(": ".join(map(plain, item)) if isinstance(item, tuple) else plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{plain(name)}: {plain(item)}" for name, item in value.items())
    return f"{value:.6g}" if isinstance(value, float) else visible(str(value))
