"""`newslake sources`: what is declared, what is wrong with it, and what a source gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newslake.cli_parts import Group, Text
from newslake.errors import SourceError
from newslake.terminal import plain, table, visible

if TYPE_CHECKING:
    from newslake.lake.visits import LastVisit
    from newslake.sources import Source
    from newslake.trial import Tried

TRIED_DOCUMENTS = 3


@click.group("sources", cls=Group)
def sources() -> None:
    """List, check and try the sources of articles.

    They stand in the file that NEWSLAKE_SOURCES names, else in seeds/sources.yaml. docs/sources.md explains its keys.
    """


@sources.command("list", epilog="newslake sources list")
def list_sources() -> None:
    """List all sources, with their last and next visit.

    Pending are addresses that the next visit goes on with; documents are all that are stored, with their versions.
    """
    from newslake import config
    from newslake.lake import visits
    from newslake.sources import read_sources

    home, now = config.home(), datetime.now(UTC)
    declared, stored = read_sources(), visits.documents(home)
    visited = {name: visits.last(home, name) for name in declared}
    rows = [_row(source, visited[name], stored.get(name, 0), now) for name, source in declared.items()]
    columns = (
        "name",
        "kind",
        "schedule",
        "switched on",
        "last visit",
        "came of it",
        "pending",
        "documents",
        "next due",
    )
    click.echo(table(columns, rows), nl=False)
    for name, visit in visited.items():
        if visit and visit.error:
            click.echo(visible(f"\n{name} failed: {visit.error.removeprefix(f'source {name}: ')}"))


def _row(source: Source, visit: LastVisit | None, documents: int, now: datetime) -> tuple[object, ...]:
    from newslake.sources import next_due

    due = next_due(source, visit.at if visit else None, now)
    outcome = None if visit is None else "failed" if visit.error else f"{visit.landed} new"
    return (
        source.name,
        source.kind,
        source.schedule,
        "yes" if source.is_enabled else "no",
        _moment(visit.at) if visit else "never",
        outcome,
        visit.pending if visit else None,
        documents,
        None if not source.is_enabled else "now" if due <= now else _moment(due),
    )


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@sources.command(
    "check",
    epilog="""
    newslake sources check                        the file that is used
    newslake sources check my_sources.yaml
    """,
)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_file(file: Path | None) -> None:
    """Check a file of sources: every mistake with its line.

    Exit code 2 when there is one. Nothing is fetched.
    """
    from newslake.sources import read_sources, sources_path

    declared = read_sources(file)
    enabled = sum(source.is_enabled for source in declared.values())
    click.echo(f"{file or sources_path()}: no mistakes; sources: {len(declared)}, switched on: {enabled}")
    for source in declared.values():
        path = getattr(source, "path", None)
        if source.is_enabled and path and not has_magic(str(path)) and not path.exists():
            click.echo(visible(f"note: {source.name}: nothing is at {path} on this machine"), err=True)


@sources.command("test", epilog="newslake sources test samples")
@click.argument("name", type=Text())
def try_source(name: str) -> None:
    """Fetch and read three articles of a source, and store nothing.

    Shows what would become of them. Exit code 1 when none of them is an article.
    """
    from newslake import config
    from newslake.sources import named
    from newslake.sources.connections import of_source
    from newslake.trial import Trial

    source = named(name)
    trial = Trial(source, config.home(), of_source(source), TRIED_DOCUMENTS)
    tried = []
    for document in trial.documents():
        tried.append(document)
        click.echo(_told(len(tried), document))
    for line in trial.problems:
        click.echo(visible(f"note: {line}"), err=True)
    if not tried:
        raise SourceError(f"source {name}: nothing came; see the notes above and docs/sources.md")
    if all(document.refused for document in tried):
        raise SourceError(f"source {name}: none of these is an article; see docs/sources.md")


def _told(number: int, document: Tried) -> str:
    """A document for the eyes."""
    if document.refused:
        lines = [f"refused, {document.refused}"]
    else:
        facts: Mapping[str, Any] = {
            "published": document.published or "not stated",
            "language": document.language,
            "characters": f"{document.characters:,}",
        }
        lines = [document.title or "(no title)", *(f"{fact:10}  {plain(value)}" for fact, value in facts.items())]
    first, *others = [*lines, f"{'address':10}  {document.url}"]
    return visible("\n".join([f"{number}  {first}", *(f"   {line}" for line in others)]))
