"""Commands that look after the lake."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newslake.cli_parts import Command, Text
from newslake.errors import UsageError
from newslake.terminal import table, visible

if TYPE_CHECKING:
    from newslake.lake.takedown import TakenDown
    from newslake.lake.targets import Target


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


@click.command(
    cls=Command,
    epilog="""
    newslake maintain
    newslake maintain --dry-run
    newslake maintain --keep 3 --days 1
    """,
)
@click.option("--dry-run", "is_dry", is_flag=True, help="Only say what would be done.")
@click.option(
    "--keep", type=click.IntRange(1), help="Newest snapshots that are kept however old they are.  [default: 10]"
)
@click.option("--days", type=click.FloatRange(0), help="Younger snapshots are kept as well.  [default: 7]")
def maintain(is_dry: bool, keep: int | None, days: float | None) -> None:
    """Verify, then remove what is too old and put small files together.

    In this order: documents older than their source's retention_days, small files, old snapshots, files that only
    they need, what crashed runs left behind. It waits for a run that publishes. When verify finds a fault, nothing is
    removed. A takedown that a crash ended is finished first.
    """
    from newslake import pipeline

    if not is_dry:
        _finish_takedowns()
    _tell(pipeline.verify())
    done = pipeline.maintain(is_dry=is_dry, newest=keep, days=days)
    would = "would " if is_dry else ""
    if done["is_retention_put_off"]:
        click.echo("retention_days: put off until what is landed is published; run `newslake run`, then this again")
    became = f" into {done['compacted_files']}" if done["compacted_files"] else ""
    gone = f": {', '.join(done['snapshots'])}" if done["snapshots"] else ""
    click.echo(
        f"{would}remove {done['old_articles']} articles and {done['old_documents']} documents past retention_days\n"
        f"{would}put {done['small_files']} small files together{became}\n"
        f"{would}remove {len(done['snapshots'])} old snapshots{gone}\n"
        f"{would}remove {done['unneeded_files']} files that nothing needs any more, {done['unneeded_bytes']:,} bytes"
    )
    if done["stored_snapshots"] or done["stored_files"]:
        click.echo(
            f"{would}remove from the store {len(done['stored_snapshots'])} old snapshots and {done['stored_files']} files "
            "that nothing needs any more"
        )
    if not is_dry:
        swept = done["swept"]
        click.echo(
            f"removed {swept['unfinished']} unfinished files or folders, {swept['unplanned']} staged batches without a plan, "
            f"{swept['unreferenced']} Parquet files that nothing names and {swept['outdated']} outdated notes on web hosts: "
            f"{swept['freed_bytes']:,} bytes freed; and {swept['orphaned']} objects of the store that no commit names"
        )
    rows = [(name, *facts.values()) for name, facts in done["tables"].items()]
    click.echo(table(("table", "rows", "files", "bytes"), rows), nl=False)


@click.command(cls=Command, epilog="newslake backup /backups/2024-03-01")
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Copy the home into a new folder, whole and of one moment, while others work on.

    On the same disk it takes no room, as both share their files, which never change; then copy it to another one. To
    restore it, put it in the home's place. See docs/deploy.md.
    """
    from newslake import config
    from newslake.lake.backup import back_up

    done = back_up(config.home(), folder)
    shared = "; its files are those of the home: copy the folder to another disk" if done.is_linked else ""
    newest = f"snapshot {done.snapshot}" if done.snapshot else "nothing published yet"
    click.echo(f"{folder}: {newest}, {done.files} files, {done.bytes:,} bytes{shared}")


@click.command(
    cls=Command,
    epilog="""
    newslake takedown https://news.linjiang.example/2024/02/3.html --reason "request of 2024-03-01"
    newslake takedown 7ac3d1f2b4e58609 --yes
    newslake takedown --source harbour_feed --reason "agreement ended" --yes
    """,
)
@click.argument("what", metavar="[ARTICLE_ID|URL]", required=False, type=Text())
@click.option("--source", type=Text(), help="Instead, everything of this source.")
@click.option("--reason", type=Text(), default="", help="Kept with the tombstone; must not quote what goes.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
def takedown(what: str | None, source: str | None, reason: str, is_sure: bool) -> None:
    """Remove an article or a source for good, and prove that it is gone.

    It leaves every table, version, snapshot, page, export inside the home, and raw document. Snapshots that hold it
    are removed. A tombstone without text keeps it from coming back. What lies outside the home is yours to remove.
    """
    from newslake import config
    from newslake.lake import targets

    if bool(what) == bool(source):
        raise UsageError("say one article (its article_id or address), or --source NAME")
    target = targets.look(config.home(), _spelled(what), source)
    target.reason = reason or target.reason
    click.echo(
        f"{len(target.articles)} articles and {len(target.documents)} documents go, with all that was made of them: "
        + visible(", ".join(sorted(target.titles)[:3]) or target.what)
    )
    if not is_sure:
        if not sys.stdin.isatty():
            raise UsageError("nobody to ask whether to go on; add --yes if it is meant")
        click.confirm("This cannot be taken back. Go on?", abort=True)
    _tell_taken_down(_take_down(target))


def _spelled(what: str | None) -> str | None:
    from newslake.acquire.canonical import canonical

    return canonical(what) if what and "://" in what else what


def _take_down(target: Target) -> TakenDown:
    from newslake import config
    from newslake.deduplicate import cluster
    from newslake.gate import new_run_id
    from newslake.lake import takedown

    return takedown.take_down(config.home(), target, cluster, new_run_id("takedown"))


def _finish_takedowns() -> None:
    from newslake import config
    from newslake.lake import targets

    for target in targets.unfinished(config.home()):
        _tell_taken_down(_take_down(target))


def _tell_taken_down(done: TakenDown) -> None:
    lost = ", ".join(f"{count} {name}" for name, count in done.lost.items())
    click.echo(f"snapshot {done.snapshot} is without it: {lost or 'the newest had none of it'}")
    if done.snapshots:
        click.echo(f"removed the snapshots that held it: {', '.join(done.snapshots)}")
    click.echo(f"removed {done.files} data files, and beside the tables: {', '.join(done.others) or 'nothing'}")
    click.echo(
        f"scan: {done.scanned.files} files, {done.scanned.bytes:,} bytes and all values in them"
        f"{f', and {done.scanned.objects} objects of the store' if done.scanned.objects else ''}: "
        f"found neither its text nor its title nor its ids{' but in other articles' if done.scanned.elsewhere else ''}"
    )
    if done.scanned.elsewhere:
        shown = sorted(done.scanned.elsewhere)
        click.echo(
            f"some of its words stand in {len(shown)} other articles or documents, which copy it, quote it or link to it; take "
            f"these down too if they must go: {' '.join(shown[:10])}{' …' if len(shown) > 10 else ''}"
        )
    click.echo("a tombstone keeps it from coming back; `newslake report` writes the pages anew")
