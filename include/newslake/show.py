"""One article on the terminal: before and after side by side, blocks, sentences, people."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from newslake.errors import UsageError
from newslake.lake import database
from newslake.lake.snapshots import Snapshot
from newslake.terminal import plain, visible

PIPED_WIDTH = 160


def find(snapshot: Snapshot, wanted: str) -> dict[str, Any]:
    """The one article whose id begins with, whose address is, or whose title contains the words.

    Raises:
        UsageError: there is none, or there are several; the message lists up to ten.
    """
    if not wanted.strip():
        raise UsageError("give an article_id, a web address, or words of a title")
    with database.connect(snapshot) as connection:
        rows = (
            connection.sql(
                """
            FROM articles WHERE starts_with(article_id, $wanted) OR url = $wanted OR contains(title, $wanted)
            ORDER BY is_duplicate, published_date, article_id
            """,
                params={"wanted": wanted},
            )
            .to_arrow_table()
            .to_pylist()
        )
    originals = [row for row in rows if not row["is_duplicate"]]
    if len(rows) == 1 or len(originals) == 1:
        article: dict[str, Any] = (originals or rows)[0]
        return article
    if not rows:
        raise UsageError(f"no article {wanted!r}: give an article_id, a web address, or words of a title")
    listed = "\n  ".join(
        f"{row['article_id']}  {row['published_date']}  {row['source_name'] or '–'}  {row['title']}{'  (copy)' if row['is_duplicate'] else ''}"
        for row in rows[:10]
    )
    raise UsageError(f"{len(rows)} articles match {wanted!r}; give the article_id of one:\n  {listed}")


def write(snapshot: Snapshot, wanted: str) -> None:
    """Prints an article."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    article = find(snapshot, wanted)
    with database.connect(snapshot) as connection:
        blocks = connection.execute(
            "SELECT kind, text FROM blocks WHERE article_id = $id ORDER BY block_no", {"id": article["article_id"]}
        ).fetchall()
        sentences = connection.execute(
            "SELECT sentence_no, text, len(tokens) FROM sentences WHERE article_id = $id ORDER BY 1",
            {"id": article["article_id"]},
        ).fetchall()
        people = connection.execute(
            "SELECT name, mode(title), count(*) FROM mentions WHERE article_id = $id AND kind = 'person' "
            "GROUP BY name ORDER BY min(start)",
            {"id": article["article_id"]},
        ).fetchall()
    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=PIPED_WIDTH, color_system=None)
    facts = Table("", Column(overflow="fold"), box=None, show_header=False, pad_edge=False)
    for name, value in article.items():
        if name not in ("text", "text_as_found") and value not in (None, [], {}):
            facts.add_row(name, Text(plain(value)))
    console.print(facts)
    both = Table(
        Column("as found", overflow="fold"), Column("restored", overflow="fold"), title="text", show_lines=True
    )
    pairs = zip(article["text_as_found"].split("\n"), article["text"].split("\n"), strict=True)
    for found, restored in pairs:
        both.add_row(*marked(found, restored))
    console.print(both)
    typed = Table("kind", Column("block", overflow="fold"), title="blocks")
    for kind, text in blocks:
        typed.add_row(kind, Text(visible(text if len(text) <= 80 else f"{text[:80]}…")))
    console.print(typed)
    cut = Table("no", Column("sentence", overflow="fold"), "tokens", title="sentences")
    for number, text, count in sentences:
        cut.add_row(str(number), Text(visible(text)), str(count))
    console.print(cut)
    if people:
        named = Table("name", "title", "mentions", title="people")
        for name, title, count in people:
            named.add_row(Text(visible(name)), Text(visible(title or "")), str(count))
        console.print(named)


def marked(found: str, restored: str) -> tuple[Any, Any]:
    """Both texts as rich text, with what differs marked: red where it was taken, green where it was put."""
    from rich.text import Text

    before, after = Text(visible(found)), Text(visible(restored))
    for kind, start, end, new_start, new_end in SequenceMatcher(None, found, restored, autojunk=False).get_opcodes():
        if kind != "equal":
            before.stylize("red", start, end)
            after.stylize("green", new_start, new_end)
    return before, after
