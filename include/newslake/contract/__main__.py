"""The contract's own commands: `python -m newslake.contract check|record|examples`."""

from __future__ import annotations

from pathlib import Path

import click

from newslake.contract import examples, record, terms
from newslake.errors import NewslakeError


@click.group()
def contract() -> None:
    """Schemas and their versions."""


@contract.command()
def check() -> None:
    """Fails where a table breaks what was released, unless its version says so."""
    terms.read()
    found = record.problems()
    if record.CHANGELOG.read_text(encoding="utf-8") != record.changelog():
        found.append(f"{record.CHANGELOG.name} is not up to date: run `python -m newslake.contract record`")
    for table in record.unrecorded():
        click.echo(f"{table.name} {table.version} is not released yet: `python -m newslake.contract record` does that")
    for problem in found:
        click.echo(problem, err=True)
    if found:
        raise SystemExit(1)


@contract.command(name="record")
@click.option("--replace", is_flag=True, help="Write over a version that nobody has got yet.")
@click.option("--removed", multiple=True, metavar="TABLE", help="A table that is gone for good.")
def record_command(replace: bool, removed: tuple[str, ...]) -> None:
    """Notes the present schemas as released, and writes CHANGELOG-schema.md."""
    for told in record.record(is_replaced=replace, removed=removed):
        click.echo(told)
    record.CHANGELOG.write_text(record.changelog(), encoding="utf-8")


@contract.command(name="examples")
@click.argument("database", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def examples_command(database: Path) -> None:
    """Takes the examples of the contracts from a newslake.duckdb over the samples."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        examples.write(connection)


def main() -> None:
    """Runs a command; errors of newslake are told in one line."""
    try:
        contract(standalone_mode=True)
    except NewslakeError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
