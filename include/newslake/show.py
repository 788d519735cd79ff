"""One article: before and after side by side with its blocks, on the terminal or as a page; sentences, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from newslake.clean import clean
from newslake.errors import UsageError
from newslake.lake import database
from newslake.lake.snapshots import Snapshot
from newslake.report.article import Block, blocks, counts, facts, render
from newslake.tables.raw_documents import RAW_DOCUMENTS
from newslake.terminal import plain, visible

if TYPE_CHECKING:
    import duckdb
    from rich.console import Console
    from rich.text import Text

PIPED_WIDTH = 160
COLOURS: Final = {
    "mojibake": "bright_red",
    **dict.fromkeys(("surrogates", "soft_hyphens", "bidi_controls", "controls", "zero_width"), "magenta"),
    "compose": "cyan",
    "glosses": "red",
    "script": "blue",
    "punctuation": "yellow",
    "whitespace": "green",
    "other": "reverse",
}
"""Repair → its colour, `other` for those without one; what was taken out is struck through as well."""


def find(connection: duckdb.DuckDBPyConnection, wanted: str) -> dict[str, Any]:
    """The one article whose id begins with, whose address is, or whose title contains the words.

    Raises:
        UsageError: there is none, or there are several; the message lists up to ten.
    """
    if not wanted.strip():
        raise UsageError("give an article_id, a web address, or words of a title")
    rows = _rows(
        connection,
        "FROM articles WHERE starts_with(article_id, $wanted) OR url = $wanted OR contains(title, $wanted) "
        "ORDER BY is_duplicate, published_date, article_id",
        wanted,
    )
    originals = [row for row in rows if not row["is_duplicate"]]
    if len(rows) == 1 or len(originals) == 1:
        return (originals or rows)[0]
    if not rows:
        raise UsageError(f"no article {wanted!r}: give an article_id, a web address, or words of a title")
    listed = "\n  ".join(
        f"{row['article_id']}  {row['published_date']}  {row['source_name'] or '–'}  {row['title']}{'  (copy)' if row['is_duplicate'] else ''}"
        for row in rows[:10]
    )
    raise UsageError(f"{len(rows)} articles match {wanted!r}; give the article_id of one:\n  {listed}")


def write_page(snapshot: Snapshot, wanted: str, path: Path) -> None:
    """Writes an article as one self-contained page.

    Raises:
        UsageError: there is no such article, or the file cannot be written.
    """
    with database.connect(snapshot) as connection:
        article = find(connection, wanted)
        page = render(article, _blocks(connection, article))
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


def write(snapshot: Snapshot, wanted: str) -> None:
    """Prints an article."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    with database.connect(snapshot) as connection:
        article = find(connection, wanted)
        shown = _blocks(connection, article)
        sentences = _rows(
            connection, "FROM sentences WHERE article_id = $wanted ORDER BY sentence_no", article["article_id"]
        )
        people = _rows(
            connection,
            "SELECT name, mode(title) AS title, count(*) AS mentions FROM mentions "
            "WHERE article_id = $wanted AND kind = 'person' GROUP BY name ORDER BY min(start)",
            article["article_id"],
        )
    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=PIPED_WIDTH, color_system=None)
    known = Table("", Column(overflow="fold"), box=None, show_header=False, pad_edge=False)
    for name, value in [("title", article["title"]), *facts(article)]:
        known.add_row(name, Text(plain(value)))
    console.print(known)
    _print_texts(console, article, shown)
    cut = Table("no", Column("sentence", overflow="fold"), "tokens", title="sentences")
    for row in sentences:
        cut.add_row(str(row["sentence_no"]), Text(visible(row["text"])), str(len(row["tokens"])))
    console.print(cut)
    if people:
        named = Table("name", "title", "mentions", title="people")
        for row in people:
            named.add_row(Text(visible(row["name"])), Text(visible(row["title"] or "")), str(row["mentions"]))
        console.print(named)


def _print_texts(console: Console, article: Mapping[str, Any], shown: Sequence[Block]) -> None:
    """Both texts, block by block, and the legend of the repairs."""
    from rich.table import Column, Table
    from rich.text import Text

    both = Table(
        Column("block"),
        Column("as found", overflow="fold", ratio=1),
        Column("restored", overflow="fold", ratio=1),
        title="text",
        show_lines=True,
        expand=True,
    )
    for block in shown:
        label = Text.assemble(visible(block.kind), (f"\n{block.confidence:.2f}", "dim"))
        found, restored = marked(block)
        both.add_row(label, found, restored, style=None if block.is_body else "dim")
    console.print(both)
    on_page = dict(article["repairs"])
    legend = Table("repair", "in the text", "on the page", title="repairs")
    for name, count in counts(article["edits"]).items():
        legend.add_row(Text(name, COLOURS.get(name, COLOURS["other"])), f"{count:,}", f"{on_page.get(name, 0):,}")
    if legend.row_count:
        console.print(legend)


def marked(block: Block) -> tuple[Text, Text]:
    """A block as found and restored, with what the repairs changed in their colours."""
    from rich.text import Text

    found, restored = Text(), Text()
    for piece in block.pieces:
        style = "" if piece.repair is None else COLOURS.get(piece.kind, COLOURS["other"])
        found.append(visible(piece.shown_found), f"{style} strike" if style and not piece.text else style)
        restored.append(visible(piece.shown_text), style)
    return found, restored


def _blocks(connection: duckdb.DuckDBPyConnection, article: Mapping[str, Any]) -> list[Block]:
    """The blocks with both texts; the lake keeps titles, headers and the like as restored, so the page is made anew."""
    rows = _rows(connection, "FROM blocks WHERE article_id = $wanted ORDER BY block_no", article["article_id"])
    documents = _rows(connection, "FROM raw_documents WHERE raw_id = $wanted ORDER BY url LIMIT 1", article["raw_id"])
    pages, _ = clean(
        RAW_DOCUMENTS.from_rows([{name: row[name] for name in RAW_DOCUMENTS.column_names} for row in documents])
    )
    return blocks(article, rows, *pages.to_pylist())


def _rows(connection: duckdb.DuckDBPyConnection, query: str, wanted: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.sql(query, params={"wanted": wanted}).to_arrow_table().to_pylist()
    return rows
