"""Commands on snapshots."""

from __future__ import annotations

import click

from newslake.cli_parts import Group, current
from newslake.terminal import table


@click.group(cls=Group)
def snapshots() -> None:
    """Look at the lake's snapshots."""


@snapshots.command("list", epilog="newslake snapshots list")
def list_snapshots() -> None:
    """List all snapshots, the newest last."""
    from newslake import config
    from newslake.lake.snapshots import complete

    now = current()
    tables = ("articles", "sentences", "mentions", "quarantine")
    rows = [
        (
            snapshot.name,
            "current" if snapshot.number == now.number else "",
            snapshot.manifest["created_at"],
            *(snapshot.tables[table].rows for table in tables),
        )
        for snapshot in complete(config.home())
    ]
    click.echo(table(("snapshot", "", "created_at", *tables), rows), nl=False)
