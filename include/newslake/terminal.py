"""For the eyes: tables as wide as the terminal, or as they need to be when piped, and how far a run is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

import click

PIPED_WIDTH = 2_000
"""Columns; wide enough that nothing is cut when there is no terminal to fit."""
_COMMANDS = dict.fromkeys(
    [*(set(range(0x20)) - {ord("\n"), ord("\t")}), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    "�",
)
"""C0 and C1 controls, DEL, and what turns the direction of writing."""

_MOST_EXACT = 2.0**53
"""Beyond it, a float no longer tells whole numbers apart."""


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
    """A value for the eyes: null as a dash, lists and maps without brackets, floats with six digits, whole ones with all.

    >>> plain(None), plain(["a", "b"]), plain({"glosses": 2}), plain(1 / 7), plain(312_740_000_000.0)
    ('–', 'a, b', 'glosses: 2', '0.142857', '312740000000')
    """
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(": ".join(map(plain, item)) if isinstance(item, tuple) else plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{plain(name)}: {plain(item)}" for name, item in value.items())
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < _MOST_EXACT else f"{value:.6g}"
    return visible(str(value))


@contextmanager
def following() -> Iterator[Any]:
    """A bar a stage on a terminal, a line a stage otherwise."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: click.echo(f"{stage}: {done}/{total}", err=True) if done == total else None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks: dict[str, Any] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield update
