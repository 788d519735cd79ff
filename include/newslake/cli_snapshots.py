"""Commands on snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newslake.cli_parts import Group, Text, current
from newslake.terminal import table

if TYPE_CHECKING:
    from newslake.lake.diff import Difference
    from newslake.lake.snapshots import Snapshot


@click.group(cls=Group)
def snapshots() -> None:
    """Look at the lake's snapshots, compare them, and go back to one."""


@snapshots.command("list", epilog="newslake snapshots list")
def list_snapshots() -> None:
    """List all snapshots, the newest last.

    kind says what made each: publish (a run), rollback, or another kind of change.
    """
    from newslake import config
    from newslake.lake.snapshots import complete

    now = current()
    names = ("articles", "sentences", "mentions", "quarantine")
    rows = [
        (snapshot.name, "current" * (snapshot.number == now.number), *_facts(snapshot, names))
        for snapshot in complete(config.home())
    ]
    click.echo(table(("snapshot", "", "kind", "created_at", *names), rows), nl=False)


def _facts(snapshot: Snapshot, names: tuple[str, ...]) -> tuple[object, ...]:
    if not snapshot.is_whole:
        return ("damaged", *[None] * (1 + len(names)))
    return (snapshot.kind, snapshot.manifest["created_at"], *(snapshot.tables[name].rows for name in names))


@snapshots.command("rollback", epilog="newslake snapshots rollback 000042")
@click.argument("name", type=Text())
def roll_back(name: str) -> None:
    """Publish an old snapshot as the newest.

    All tables become what they were, raw_documents too. Nothing that was fetched is lost: it stays stored, so the next
    run takes later documents in again, by the rules of that day. Numbers only rise, and the snapshots between stay.
    """
    from newslake import config
    from newslake.lake import rollback

    done = rollback.roll_back(config.home(), name)
    if done.is_new:
        click.echo(f"published snapshot {done.snapshot.name}: all tables are as in {done.old.name}")
    else:
        click.echo(f"published nothing new: snapshot {done.snapshot.name} is as {done.old.name} already")
    if done.waiting:
        click.echo(
            f"{done.waiting} stored documents are not in it: the next `newslake run` takes them in again, and the "
            "DAG refine too. Mend the rule first that made you go back"
        )


@snapshots.command(
    "diff",
    epilog="""
    newslake snapshots diff 000041 000042
    newslake snapshots diff 000041 000042 --format json
    """,
)
@click.argument("old", type=Text())
@click.argument("new", type=Text())
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def diff(old: str, new: str, form: str) -> None:
    """Compare two snapshots: rows, files, columns, and drift.

    Drift is articles by source with their mean length and share of copies, columns whose share of nulls changed by 5 %
    or more, and terms that only the newer one has. Which rows changed: `newslake changes`.
    """
    import json
    from dataclasses import asdict

    from newslake import config
    from newslake.lake.diff import diff as compare
    from newslake.lake.remote import find

    current()
    found = compare(find(config.home(), old), find(config.home(), new))
    click.echo(
        json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n" if form == "json" else _told(found), nl=False
    )


def _told(found: Difference) -> str:
    """A part for each kind of difference; what is the same is said in a line."""
    parts = [
        f"snapshot {found.old} → {found.new}\n",
        table(
            ("table", "rows were", "are", "change", "files gone", "new", "same", "MB were", "are"),
            [
                (
                    *(one.table, one.rows_old, one.rows_new, f"{one.rows_new - one.rows_old:+}"),
                    *(one.files_old_alone, one.files_new_alone, one.files_same),
                    *(f"{size / 1e6:.1f}" for size in (one.bytes_old, one.bytes_new)),
                )
                for one in found.tables
            ],
        ),
        _part(
            "columns",
            ("table", "column", "was", "is"),
            [(one.table, one.column, one.type_old, one.type_new) for one in found.columns],
        ),
        _part(
            "articles by source",
            ("source", "articles were", "are", "mean length was", "is", "copies were", "are"),
            [
                (
                    *(one.source, one.articles_old, one.articles_new),
                    *(value and round(value) for value in (one.mean_length_old, one.mean_length_new)),
                    *(_share(value) for value in (one.copies_old, one.copies_new)),
                )
                for one in found.sources
            ],
        ),
        _part(
            "nulls",
            ("table", "column", "was", "is"),
            [(one.table, one.column, _share(one.share_old), _share(one.share_new)) for one in found.nulls],
        ),
        _part("new terms", ("term", "articles"), [(one.term, one.articles) for one in found.terms]),
    ]
    return "\n".join(parts)


def _part(title: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    return f"{title}:\n{table(columns, rows)}" if rows else f"{title}: no difference\n"


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.1%}"
