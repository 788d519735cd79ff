"""Commands that look after the lake."""

from __future__ import annotations

from typing import Any

import click

from newslake.cli_parts import Command


@click.command(cls=Command, epilog="newslake verify")
def verify() -> None:
    """Check every file, and that no document is missing.

    Ends with exit code 1, and the file's name, when something is not as it was published, or newslake.duckdb does
    not show the current snapshot.
    """
    from newslake import pipeline

    _tell(pipeline.verify())


def _tell(verified: dict[str, Any]) -> None:
    click.echo(f"snapshot {verified['snapshot']}: {verified['files']} files are as they were published")
    click.echo(verified["conservation"])


@click.command(cls=Command, epilog="newslake maintain")
def maintain() -> None:
    """Verify, then remove what crashed runs left behind.

    Articles, snapshots and planned work stay. It waits for a run that publishes. When verify finds a fault, nothing
    is removed.
    """
    from newslake import pipeline

    _tell(pipeline.verify())
    swept = pipeline.maintain()
    click.echo(
        f"removed {swept['unfinished']} unfinished files or folders, {swept['unplanned']} staged batches without a plan, "
        f"{swept['unreferenced']} Parquet files that nothing names and {swept['outdated']} outdated notes on web hosts: "
        f"{swept['freed_bytes']:,} bytes freed; and {swept['orphaned']} objects of the store that no commit names"
    )
