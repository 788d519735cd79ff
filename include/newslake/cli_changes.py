"""The command `changes`: what consumers have to do to follow the lake from one snapshot to another."""

from __future__ import annotations

from pathlib import Path

import click

from newslake.cli_parts import Command, Text, current
from newslake.errors import UsageError


@click.command(
    cls=Command,
    epilog="""
    newslake changes --since 000041                                   how many rows of each table
    newslake changes --since 000041 --table articles                  which articles, and which of their columns
    newslake changes --since 000041 --until 000042 --table sentences --format parquet --output sentences.parquet
    newslake changes --since 000041 --format parquet --output feed/   a file for each table that changed
    """,
)
@click.option("--since", required=True, type=Text(), metavar="SNAPSHOT", help="The snapshot that you have.")
@click.option("--until", type=Text(), metavar="SNAPSHOT", help="The one that you want.  [default: the current one]")
@click.option("--table", "name", type=Text(), metavar="NAME", help="Only this table; csv holds one.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv", "parquet"]), default="table", show_default=True
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Write to a file; parquet needs one, or a folder where no table is named.",
)
def changes(since: str, until: str | None, name: str | None, form: str, output: Path | None) -> None:
    """Tell what changed between two snapshots, row by row.

    `change` is insert, delete, or a pair of update_before and update_after, by the table's key. Applied to the older
    snapshot, the changes give the newer one.
    """
    from newslake import change_feed, config
    from newslake.lake import remote
    from newslake.tables import PUBLISHED

    names = [table.name for table in PUBLISHED]
    if name is not None and name not in names:
        raise UsageError(f"no table {name!r}; there are: {', '.join(names)}")
    newest, home = current(), config.home()
    wanted = remote.find(home, until) if until else newest
    change_feed.write(home, remote.find(home, since), wanted, name, form, output)
