"""Commands on refused documents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from newslake.cli_parts import Group, Text, current
from newslake.errors import UsageError
from newslake.terminal import following, plain, table

if TYPE_CHECKING:
    import duckdb

TEXT_BYTES: Final = 2_000
HEX_BYTES: Final = 512
"""So much is shown of a document: its beginning is what a person looks at."""
MOST_SHOWN: Final = 10
_STOPPED: Final = click.option(
    "--stopped", "is_stopped", is_flag=True, help="Of batches that were refined and not published."
)
_PROCESSES: Final = click.option(
    "--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Batches refined at a time."
)


class Name(Text):
    """A text that is not empty."""

    def convert(self, value: str, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """Refuses what names nothing: left out by mistake, by a shell's variable that is not set."""
        if not value.strip():
            self.fail("is empty; leave it out for all of them, or see `newslake quarantine list`", parameter, context)
        return super().convert(value, parameter, context)


_REASON: Final = click.option("--reason", type=Name(), help="Only this reason.")
_SOURCE: Final = click.option("--source", type=Name(), metavar="NAME", help="Only of this source.")


@click.group(cls=Group)
def quarantine() -> None:
    """Look at what was refused, and why; take it in again."""


@contextmanager
def _connected(is_stopped: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    from newslake import config
    from newslake.lake import database, waiting

    with waiting.connect(config.home()) if is_stopped else database.connect(current()) as connection:
        yield connection


@quarantine.command(
    "list",
    epilog="""
    newslake quarantine list                          how many documents were refused, by reason
    newslake quarantine list --reason error_page      which ones
    newslake quarantine list --source samples
    newslake quarantine list --stopped                what a batch that was stopped would refuse
    """,
)
@_REASON
@_SOURCE
@_STOPPED
def list_quarantine(reason: str | None, source: str | None, is_stopped: bool) -> None:
    """Count refused documents by reason, or list those of a reason or source."""
    from newslake.quarantine import counted, listed

    with _connected(is_stopped) as connection:
        if reason is None and source is None:
            columns: tuple[str, ...] = ("documents", "stage", "reason", "sources", "raw_id", "detail")
            rows = [(*row[:4], row[4][:12], row[5]) for row in counted(connection)]
        else:
            columns = ("raw_id", "stage", "reason", "url", "detail")
            rows = [(raw_id[:12], *others) for raw_id, *others in listed(connection, reason, source)]
    click.echo(table(columns, rows), nl=False)


@quarantine.command(
    "show",
    epilog="""
    newslake quarantine show 3b1f
    newslake quarantine show 3b1f --output page.html
    """,
)
@click.argument("raw_id", type=Text())
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the bytes to a file, all of them."
)
@_STOPPED
def show_quarantine(raw_id: str, output: Path | None, is_stopped: bool) -> None:
    """Show a refused document: the reason, and the first of its bytes.

    As text; what is not UTF-8, in hexadecimal too.
    """
    from newslake.quarantine import found

    with _connected(is_stopped) as connection:
        rows = found(connection, raw_id) if raw_id.strip() else []
    if not rows:
        raise UsageError(f"no refused document whose raw_id begins with {raw_id!r}; see `newslake quarantine list`")
    documents: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        documents.setdefault(row["raw_id"], []).append(row)
    if len(documents) > (1 if output else MOST_SHOWN):
        raise UsageError(f"{len(documents)} refused documents begin with {raw_id!r}; give more of the raw_id of one")
    for number, own in enumerate(documents.values()):
        click.echo("\n" * (number > 0), nl=False)
        _show(own)
    if output:
        output.write_bytes(rows[0]["bytes"])
        click.echo(f"{len(rows[0]['bytes']):,} bytes written to {plain(str(output))}")


def _show(rows: list[dict[str, Any]]) -> None:
    """A document, with all the reasons for which it was refused."""
    content = rows[0]["bytes"]
    for row in rows:
        for name, value in row.items():
            if name != "bytes":
                click.echo(f"{name:12} {plain(value)}")
        click.echo()
    charset = _charset(content, rows[0]["charset"])
    if charset != "utf-8":
        click.echo(f"{_hexadecimal(content[:HEX_BYTES])}\n")
    click.echo(f"{_printable(content[:TEXT_BYTES], charset)}\n")
    if len(content) > TEXT_BYTES:
        click.echo(f"… {len(content) - TEXT_BYTES:,} bytes more; --output FILE writes them all")


def _charset(content: bytes, told: str | None) -> str | None:
    """In which charset the whole document can be read, of UTF-8, the one it was sent with and GB 18030; None for none."""
    for charset in ("utf-8", told, "gb18030"):
        try:
            if charset and "\0" not in content.decode(charset):
                return charset
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def _printable(content: bytes, charset: str | None) -> str:
    text = content.decode(charset or "utf-8", errors="ignore" if charset else "backslashreplace")
    return "".join(mark if mark.isprintable() or mark == "\n" else f"\\x{ord(mark):02x}" for mark in text)


def _hexadecimal(content: bytes) -> str:
    r"""Bytes by sixteen, with their place and what of them is ASCII.

    >>> print(_hexadecimal(b"\x1f\x8b\x08 abc"))
    00000000  1f 8b 08 20 61 62 63                             |... abc|
    """
    lines = []
    for start in range(0, len(content), 16):
        row = content[start : start + 16]
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(f"{start:08x}  {row.hex(' '):47}  |{shown}|")
    return "\n".join(lines)


@quarantine.command(
    "replay",
    epilog="""
    newslake quarantine replay                        all that was refused
    newslake quarantine replay --reason error_page --source samples
    newslake quarantine replay 3b1f f296              these documents
    """,
)
@click.argument("raw_ids", nargs=-1, type=Name(), metavar="[RAW_ID]...")
@_REASON
@_SOURCE
@_PROCESSES
def replay_quarantine(raw_ids: tuple[str, ...], reason: str | None, source: str | None, processes: int) -> None:
    """Refine refused documents once more, after a rule was mended, and publish what passes.

    What is still refused stays, with the reason of now. Where nothing changes, nothing is published.
    """
    from newslake import pipeline
    from newslake.quarantine import chosen, outcomes

    with _connected(False) as connection:
        before = chosen(connection, reason, source, raw_ids)
    if not before:
        click.echo("nothing is refused: there is nothing to replay")
        return
    with following() as progress:
        published = pipeline.replay(before.keys(), processes, progress=progress)
    with _connected(False) as connection:
        click.echo(table(("documents", "reason", "outcome"), outcomes(connection, before)), nl=False)
    told = f"published snapshot {published['snapshot']}" if published["is_new"] else "published nothing new"
    click.echo(f"{len(before):,} documents replayed: {told}")
