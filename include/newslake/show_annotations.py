"""One article with what was found in it, in colours on the terminal, in brackets when piped, or as a page."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from newslake.errors import UsageError
from newslake.lake import database
from newslake.lake.snapshots import Snapshot
from newslake.report.annotations import LAYERS, WORDS, Annotation, Event, counts, deadline, lines, read, render
from newslake.show import find
from newslake.terminal import PIPED_WIDTH, plain, table, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST: Final = 110
"""Columns of a terminal; longer lines are hard to read."""
STYLES: Final = {
    "quote": "#a8783c",
    "directive": "underline",
    "evidence": "underline #16a34a",
    "person": "bold #3b82f6",
    "journalist": "#7c8aa0",
    "organisation": "#a855f7",
    "place": "#0d9488",
    "work": "#db2777",
    "initiative": "#ca8a04",
    "figure": "#65a30d",
}
"""Mark → its style, to be read on a dark and on a light terminal. Of several over the same words, the inner one's colour is
seen, and the outer one's line."""
NUMBERED: Final = {"quote": "bold #a8783c", "directive": "bold #ea580c", "evidence": "bold #16a34a"}
"""Mark → style of the sign and the number in front of what the tables list."""
SIGNS: Final = {
    "quote": "❝",
    "directive": "▸",
    "evidence": "●",
    "started": "○",
    "progress": "◐",
    "completed": "●",
    "cancelled": "✕",
    "rescheduled": "↷",
}
_NO_BREAK_BEFORE: Final = frozenset("，。；：、！？）》」』】”’…❞,.;:!?)")
_NO_BREAK_BEHIND: Final = frozenset("（《「『【“‘❝(")


def write(snapshot: Snapshot, wanted: str) -> None:
    """Prints an article with its annotations.

    Raises:
        UsageError: there is no such article, or several match.
    """
    from rich.console import Console

    article, annotations = _read(snapshot, wanted)
    terminal = Console()
    if terminal.is_terminal:
        console = Console(width=min(terminal.width, WIDEST))
        console.print(_heading(article), style="bold")
        console.print(_legend(annotations))
        for line in lines(article["text"], annotations):
            console.print()
            for part in wrapped(coloured(line), console.width):
                console.print(part, no_wrap=True)
    else:
        console = Console(width=PIPED_WIDTH, color_system=None)
        console.print(_heading(article), soft_wrap=True)
        for line in lines(article["text"], annotations):
            console.print(visible(bracketed(line)), soft_wrap=True, markup=False, highlight=False, emoji=False)
    _print_tables(console, annotations)


def write_page(snapshot: Snapshot, wanted: str, path: Path) -> None:
    """Writes an article with its annotations as one self-contained page.

    Raises:
        UsageError: there is no such article, several match, or the file cannot be written.
    """
    page = render(*_read(snapshot, wanted))
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


def _read(snapshot: Snapshot, wanted: str) -> tuple[dict[str, Any], list[Annotation]]:
    with database.connect(snapshot) as connection:
        article = find(connection, wanted)
        return article, read(connection, [article])[article["article_id"]]


def _heading(article: Mapping[str, Any]) -> Text:
    from rich.text import Text

    names = ("title", "published_date", "source_name", "url", "article_id")
    return Text("  ".join(plain(article[name]) for name in names if article[name] is not None))


def _legend(annotations: Sequence[Annotation]) -> Text:
    """What is marked, each in its style, with its count and its words."""
    from rich.text import Text

    legend = Text()
    for mark, count in counts(annotations).items():
        legend.append(f"\n{SIGNS.get(mark, ' ')} ", NUMBERED.get(mark, ""))
        legend.append(mark, STYLES[mark])
        legend.append(f"{' ' * (13 - len(mark))}{count:>4}  {WORDS[mark]}", "dim")
    return legend if legend else Text("nothing was found in this article", "dim")


def coloured(line: Sequence[Event]) -> Text:
    """A line of the text in colours, with a sign and a number in front of what the tables list."""
    from rich.text import Text

    text = Text()
    for event in line:
        one = event.annotation if event.covering else None
        if event.kind == "text":
            text.append(
                visible(event.text), " ".join(STYLES[one.mark] for one in event.covering if one.layer != "quotes")
            )
        elif one and event.kind == "open" and event.is_first and one.layer != "mentions":
            text.append(f"{SIGNS[one.kind]}{one.number} ", NUMBERED[one.mark])
        elif one and event.kind == "close" and one.layer == "quotes":
            text.append("❞", NUMBERED["quote"])
    return text


def wrapped(text: Text, width: int) -> list[Text]:
    """A text in lines of at most so many columns: broken at spaces, and between Chinese characters and signs.

    >>> from rich.text import Text
    >>> [line.plain for line in wrapped(Text("年底前建成，再验收"), 10)], [line.plain for line in wrapped(Text("open in May"), 9)]
    (['年底前建', '成，再验收'], ['open in ', 'May'])
    """
    from rich.cells import get_character_cell_size

    breaks: list[int] = []
    start = column = 0
    possible = 0
    sizes = [get_character_cell_size(mark) for mark in text.plain]
    for place, (mark, size) in enumerate(zip(text.plain, sizes, strict=True)):
        before = text.plain[place - 1 : place]
        is_border = before == " " or (2 in sizes[max(0, place - 1) : place + 1] and before not in _NO_BREAK_BEHIND)
        if is_border and mark not in _NO_BREAK_BEFORE and mark != " " and not _is_number_in_front(text.plain, place):
            possible = place
        if column + size > width and place > start:
            start = possible if possible > start else place
            breaks.append(start)
            column = sum(sizes[start:place])
        column += size
    return list(text.divide(breaks))


def _is_number_in_front(plain_text: str, place: int) -> bool:
    """Whether a sign and its number stand right before this place: they stay with the words they number."""
    words = plain_text[max(0, place - 6) : place].rstrip(" 0123456789")
    return plain_text[place - 1 : place] == " " and words.endswith(tuple(SIGNS.values()))


def bracketed(line: Sequence[Event]) -> str:
    """A line of the text with labels in brackets; `…` behind a label says that it goes on from before.

    >>> one = Annotation("mentions", 1, "place", 0, 3, "临江区", {})
    >>> bracketed(lines("临江区开会。", [one])[0])
    '[place: 临江区]开会。'
    """
    parts = []
    for event in line:
        if event.kind == "text":
            parts.append(event.text)
        elif event.kind == "close":
            parts.append("]")
        else:
            one = event.annotation
            number = "" if one.layer == "mentions" else f" {one.number}"
            parts.append(f"[{one.kind}{number}{'' if event.is_first else ' …'}: ")
    return "".join(parts)


def listed(annotations: Sequence[Annotation]) -> Iterator[tuple[str, tuple[str, ...], Sequence[tuple[object, ...]]]]:
    """Tasks, quotes and evidence, numbered as in the text: name of the table, columns, rows; null where nothing is said."""
    own = {layer: [one for one in annotations if one.layer == layer] for layer in LAYERS}
    tasks = [
        (
            str(one.number),
            ("  " if "parent_id" in one.fields else "") + one.fields["task"],
            "、".join(one.fields.get("responsible_bodies", [])) or None,
            deadline(one.fields) or None,
            one.fields.get("target"),
            one.fields.get("speaker"),
        )
        for one in own["directives"]
    ]
    yield "directives", ("no", "task", "responsible", "deadline", "target", "set by"), tasks
    said = [
        (
            str(one.number),
            one.fields.get("speaker") or one.fields["speaker_text"],
            one.fields.get("speaker_title"),
            one.fields["verb"],
            "direct" if one.fields["is_direct"] else "reported",
            one.text,
        )
        for one in own["quotes"]
    ]
    yield "quotes", ("no", "speaker", "title", "verb", "speech", "words"), said
    became = [
        (
            str(one.number),
            one.kind,
            one.fields["matter"],
            one.fields.get("at"),
            f"{one.fields['quantity']:,.10g} {one.fields.get('unit', '')}" if "quantity" in one.fields else None,
            one.text,
        )
        for one in own["evidence"]
    ]
    yield "evidence", ("no", "kind", "matter", "on", "figure", "words"), became


def _print_tables(console: Console, annotations: Sequence[Annotation]) -> None:
    """In a box as wide as the terminal; when piped, a line a row, with nothing cut."""
    from rich.table import Column, Table
    from rich.text import Text

    for name, columns, rows in listed(annotations):
        if not rows:
            continue
        if not console.is_terminal:
            sys.stdout.write(f"\n{name}\n{table(columns, rows)}")
            continue
        wide = {"task": 3, "words": 3, "responsible": 1, "target": 1}
        box = Table(
            *(Column(column, overflow="fold", ratio=wide.get(column), no_wrap=column == "no") for column in columns),
            title=name,
            expand=True,
        )
        for row in rows:
            box.add_row(*(Text("" if value is None else visible(str(value))) for value in row))
        console.print()
        console.print(box)
