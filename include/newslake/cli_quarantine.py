"""Commands on refused documents."""

from __future__ import annotations

import click

from newslake.cli_parts import Group, Text, current
from newslake.errors import UsageError
from newslake.terminal import plain, table


@click.group(cls=Group)
def quarantine() -> None:
    """Look at what was refused, and why."""


@quarantine.command("list", epilog="newslake quarantine list --reason error_page")
@click.option("--reason", type=Text(), help="Only this reason.")
def list_quarantine(reason: str | None) -> None:
    """List refused documents with stage, reason and place."""
    from newslake.quarantine import listed

    rows = [(raw_id[:12], *others) for raw_id, *others in listed(current(), reason)]
    if reason and not rows:
        reasons = sorted({row[2] for row in listed(current())})
        raise UsageError(f"nothing was refused with reason {reason!r}; there are: {', '.join(reasons) or 'none'}")
    click.echo(table(("raw_id", "stage", "reason", "url", "detail"), rows), nl=False)


@quarantine.command("show", epilog="newslake quarantine show 3b1f")
@click.argument("raw_id", type=Text())
def show_quarantine(raw_id: str) -> None:
    """Show a refused document: the reason, and the first of its bytes."""
    from newslake.quarantine import found

    rows = found(current(), raw_id) if raw_id.strip() else []
    if not rows:
        raise UsageError(f"no refused document whose raw_id begins with {raw_id!r}; see `newslake quarantine list`")
    for row in rows:
        content = row.pop("bytes")
        for name, value in row.items():
            click.echo(f"{name:12} {plain(value)}")
        click.echo(f"\n{_printable(content[:2_000])}\n")


def _printable(content: bytes) -> str:
    text = content.decode("utf-8", errors="backslashreplace")
    return "".join(mark if mark.isprintable() or mark == "\n" else f"\\x{ord(mark):02x}" for mark in text)
