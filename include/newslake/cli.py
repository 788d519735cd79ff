"""The command line. Results go to standard output, progress and errors to standard error."""

from __future__ import annotations

import errno
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newslake import __version__, config
from newslake.cli_changes import changes
from newslake.cli_maintain import backup, maintain, takedown, verify
from newslake.cli_parts import Group, ReaderGone, Size, Text, current
from newslake.cli_quarantine import quarantine
from newslake.cli_snapshots import snapshots
from newslake.cli_sources import sources
from newslake.errors import LakeError, NewslakeError, SourceError, UsageError
from newslake.terminal import following, visible

if TYPE_CHECKING:
    pass


TELLING = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk does not read or write (input/output error)",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
}
"""What the system may refuse while files are written: told in words, without a traceback."""


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="newslake")
def newslake() -> None:
    """Crawled news articles in, a clean, validated, queryable lake out.

    The lake lies in the folder named by NEWSLAKE_HOME (default ./data).
    """


@newslake.command(
    epilog="""
    newslake run                                  all sources switched on in sources.yaml
    newslake run --input articles/ --input more.jsonl.gz
    newslake run --source samples --processes 2
    newslake run --reprocess --since 2024-06-01   what was fetched since then, through better rules
    """
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A file or folder; may be repeated.",
)
@click.option("--source", "sources", multiple=True, metavar="NAME", help="A source of sources.yaml; may be repeated.")
@click.option(
    "--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Batches refined at a time."
)
@click.option(
    "--batch-size",
    type=click.IntRange(1, 100_000),
    default=1_000,
    show_default=True,
    help="Documents a batch: fewer need less memory.",
)
@click.option("--reprocess", "is_again", is_flag=True, help="Fetch nothing: refine stored documents once more.")
@click.option("--since", type=click.DateTime(), help="With --reprocess: only those fetched then (UTC) or later.")
@click.option(
    "--accept-refusals",
    "accepted",
    multiple=True,
    metavar="NAME",
    help="A source that may have as many documents refused as it has; may be repeated.",
)
def run(
    inputs: tuple[Path, ...],
    sources: tuple[str, ...],
    processes: int,
    batch_size: int,
    is_again: bool,
    since: datetime | None,
    accepted: tuple[str, ...],
) -> None:
    """Read articles and publish what is new.

    .html .htm .txt .json .jsonl .csv .tsv .parquet, also as .gz and .zst. Running it again changes nothing.
    """
    from newslake import pipeline
    from newslake.sources import FilesSource, Source

    if is_again != bool(since) or (is_again and (inputs or sources)):
        raise UsageError("--reprocess needs --since DATE, and goes without --input and --source")
    for path in inputs:
        _refuse_without_articles(path.resolve())
    wanted: list[str | Source] = [FilesSource(name="input", path=path.resolve()) for path in inputs]
    wanted += sources or ([] if inputs or is_again else pipeline.enabled_sources())
    with following() as progress:
        begin = since and since.replace(tzinfo=UTC)
        landed, published = pipeline.run(wanted, processes, batch_size, progress, begin, accepted)
    unreadable = "\n  ".join(line for one in landed for line in one["unreadable"])
    try:
        print_summary(landed, published["is_new"])
    except LakeError as error:
        if unreadable:
            raise NewslakeError(f"nothing is in the lake yet; what could not be read:\n  {unreadable}") from error
        raise
    if unreadable:
        raise NewslakeError(f"these could not be read; the others went on:\n  {unreadable}")


def _refuse_without_articles(path: Path) -> None:
    from newslake.acquire.files import COMPRESSIONS, TYPES, find, readable

    try:
        if next(find(path), None):
            return
    except SourceError as error:
        raise UsageError(f"--input {error}") from None
    endings = f"{' '.join(TYPES)}, each also with {' or '.join(COMPRESSIONS)}"
    raise UsageError(f"--input {readable(path)}: no file in it ends in one of {endings}; hidden files are not read")


@newslake.command(
    epilog="""
    newslake query "SELECT title, published_date FROM articles ORDER BY published_at DESC LIMIT 5"
    newslake query --format csv "FROM source_quality"
    newslake query --format parquet --output people.parquet "FROM people"
    newslake query "DESCRIBE articles"
    newslake query "PIVOT articles ON script USING count(*) GROUP BY source_name"
    """
)
@click.argument("sql", type=Text())
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "parquet"]), default="table", show_default=True
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file; parquet needs one.")
@click.option("--timeout", "seconds", type=click.FloatRange(0.1), default=300, show_default=True, metavar="SECONDS")
@click.option(
    "--memory", type=Size(), default="2GB", show_default=True, help="The most it may take; twice with the answer."
)
@click.option(
    "--raw-cells", "is_raw", is_flag=True, help="In csv, no apostrophe before cells that a spreadsheet would run."
)
def query(sql: str, form: str, output: Path | None, seconds: float, memory: int, is_raw: bool) -> None:
    """Ask the current snapshot in SQL (DuckDB). It can be read, not changed.

    Of several statements, each answer is shown; csv, json and parquet hold one.
    """
    from newslake import query as queries
    from newslake.query_limits import Limits

    queries.write(current(), sql, form, output, Limits(seconds, memory), not is_raw)


@newslake.command(
    epilog="""
    newslake show 4f1c2a                          an article_id, or the beginning of one
    newslake show 推进会                           words of its title
    newslake show 4f1c2a --html article.html      as a page for the browser
    newslake show 4f1c2a --annotations            with who is named, what was said, which tasks were set
    """
)
@click.argument("article", type=Text())
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a page that needs nothing else, instead of printing.",
)
@click.option("--annotations", "is_annotated", is_flag=True, help="Mark names, quotes, tasks and evidence instead.")
def show(article: str, page: Path | None, is_annotated: bool) -> None:
    """Show an article before and after, with its parts.

    Both texts stand side by side, block by block. What a repair changed is coloured, and counted below.
    """
    from newslake import show as texts
    from newslake import show_annotations

    pages = show_annotations if is_annotated else texts
    if page is None:
        pages.write(current(), article)
    else:
        pages.write_page(current(), article, page)
        click.echo(page)


@newslake.command(
    "annotations",
    epilog="""
    newslake annotations 4f1c2a                   words of an article, in CoNLL-U
    newslake annotations --format jsonld --output article.jsonld 4f1c2a
    newslake annotations --output words.conllu    of all articles
    """,
)
@click.argument("articles", nargs=-1, type=Text(), metavar="[ARTICLE]...")
@click.option("--format", "form", type=click.Choice(["conllu", "jsonld"]), default="conllu", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
def export_annotations(articles: tuple[str, ...], form: str, output: Path | None) -> None:
    """Export annotations of articles; of all where none is named.

    conllu: sentences and words with part of speech. jsonld: names, quotes, tasks and evidence as W3C Web Annotations.
    """
    from newslake import export

    export.write(current(), articles, form, output)


@newslake.command(
    "export",
    epilog="""
    newslake export lake.duckdb                   duckdb -readonly lake.duckdb "FROM search('重点项目')"
    """,
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--force", "is_forced", is_flag=True, help="Replace a file that is no export.")
def export_file(path: Path, is_forced: bool) -> None:
    """Write the lake into one file that DuckDB 1.2 and later open anywhere.

    It holds all tables, views and macros of the current snapshot. An export that is there is replaced in one step.
    """
    from newslake import export_database

    export_database.write(current(), path, is_forced)
    click.echo(path)


class ArticleCount(click.ParamType[int | None]):
    """A number of articles, or `all`."""

    name = "N|all"

    def convert(self, value: Any, param: Any, ctx: Any) -> int | None:
        """The number; None for all."""
        if value is None or value == "all":
            return None
        try:
            if int(value) >= 0:
                return int(value)
        except ValueError:
            pass
        self.fail(f"{value} is neither a number nor `all`", param, ctx)


@newslake.command(
    epilog="""
    newslake report --open
    newslake report --articles all                a page for every article
    newslake report --single-file report.html     one file to mail
    """
)
@click.option("--open", "is_opened", is_flag=True, help="Open it in a browser.")
@click.option(
    "--articles", "most", type=ArticleCount(), default="2000", show_default=True, help="How many articles get a page."
)
@click.option(
    "--single-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all but the articles' pages into one file instead.",
)
def report(is_opened: bool, most: int | None, single_file: Path | None) -> None:
    """Write the report as a static site."""
    from newslake import pipeline

    path = pipeline.report(most, single_file)["path"]
    click.echo(path)
    if is_opened:
        click.launch(path)


for command in (verify, maintain, backup, takedown, snapshots, changes, quarantine, sources):
    newslake.add_command(command)


def print_summary(landed: Any = None, is_new: bool | None = None) -> None:
    """Tells what came in, what came out, what was refused and why, and what to do next.

    Args:
        landed: what `pipeline.acquire` gave for each source, when a run was just made.
        is_new: whether the run published a snapshot.
    """
    from newslake.summary import lines

    for line in lines(landed, is_new):
        click.echo(visible(line))


def main() -> None:
    """Entry point: errors that are meant for the user are one message, and an exit code."""
    try:
        newslake(standalone_mode=False)
    except NewslakeError as error:
        click.echo(visible(f"newslake: {error}"), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except OSError as error:
        if error.errno not in TELLING:
            raise
        # A relative name is one within a folder that is not told.
        is_told = isinstance(error.filename, str) and Path(error.filename).is_absolute()
        place = error.filename if is_told else config.home().root
        told = f"{place}: {TELLING[error.errno]}; the lake is whole, run again when that is mended"
        click.echo(visible(f"newslake: {told}"), err=True)
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        click.echo("newslake: stopped; the lake is as it was before, run again to go on", err=True)
        sys.exit(130)
    except ReaderGone:
        # What is still buffered would be written, and fail, when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
