"""Every command with good and wrong arguments: exit codes, messages, no traceback, and what a terminal or a pipe gets."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from newslake import cli
from newslake.config import Home

from .conftest import Call


def commands(
    group: click.Group = cli.newslake, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands())


BY_COMMAND = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)


def test_the_commands_that_design_names() -> None:
    names = {" ".join(path) for path in COMMANDS}
    wanted = {
        "run",
        "query",
        "show",
        "verify",
        "maintain",
        "report",
        "snapshots list",
        "quarantine list",
        "quarantine show",
    }
    assert names >= wanted


@BY_COMMAND
def test_help_has_examples(path: tuple[str, ...], ask: Call) -> None:
    code, out, error = ask(*path, "--help")
    assert (code, error) == (0, "")
    assert "Examples:" in out
    assert f"newslake {' '.join(path)}" in out.split("Examples:")[1]
    assert ask(*path, "-h")[1] == out
    command = COMMANDS[path]
    assert command.epilog
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.opts[0] in out


@BY_COMMAND
def test_wrong_options_are_the_callers_fault(path: tuple[str, ...], ask: Call) -> None:
    code, out, error = ask(*path, "--nonsense")
    assert (code, out) == (2, "")
    assert "--nonsense" in error
    assert "--help" in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "nonsense"),
        (["query"], "SQL"),
        (["show"], "ARTICLE"),
        (["quarantine", "show"], "RAW_ID"),
        (["snapshots", "nonsense"], "nonsense"),
        (["query", "SELECT 1", "--format", "xml"], "'xml' is not one of"),
        (["query", "SELECT 1", "--format", "parquet"], "--output FILE.parquet"),
        (["query", ""], "the query is empty"),
        (["query", ";"], "the query is empty"),
        (["query", "SELEC 1"], "syntax error"),
        (["query", "SELECT nothing FROM articles"], "nothing"),
        (["query", "FROM article"], "tables: appearances, article_versions"),
        (["query", "SELECT error('boom')"], "boom"),
        (["run", "--processes", "0"], "--processes"),
        (["run", "--batch-size", "many"], "--batch-size"),
        (["run", "--input", "gone"], "'gone' does not exist"),
        (["query", "SELECT '\udcff'"], "not a text in UTF-8"),
        (["show", "\udcff"], "not a text in UTF-8"),
        (["quarantine", "list", "--reason", "\udcff"], "not a text in UTF-8"),
        (["run", "--source", "gone"], "no source 'gone'"),
        (["show", "没有这样的文章"], "give an article_id"),
        (["quarantine", "show", "zz"], "newslake quarantine list"),
        (["quarantine", "list", "--reason", ""], "is empty"),
        (["quarantine", "list", "--source", "gone"], "nothing was refused of source 'gone'; there are:"),
        (["quarantine", "list", "--stopped"], "no refined batch waits to be published"),
        (["quarantine", "replay", "--reason", " "], "is empty"),
        (["quarantine", "replay", "--reason", "gone"], "nothing was refused with reason 'gone'; there are:"),
        (["quarantine", "replay", "zz"], "no such refused document begins with 'zz'"),
        (["quarantine", "replay", ""], "is empty"),
        (["verify", "extra"], "extra"),
    ],
)
def test_wrong_calls(ask: Call, arguments: list[str], message: str) -> None:
    code, out, error = ask(*arguments)
    assert (code, out) == (2, "")
    assert message in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "FROM articles"],
        ["show", "x"],
        ["verify"],
        ["maintain"],
        ["report"],
        ["snapshots", "list"],
        ["quarantine", "list"],
        ["quarantine", "show", "0"],
        ["quarantine", "replay"],
    ],
)
def test_without_a_lake(call: Call, tmp_path: Path, arguments: list[str]) -> None:
    code, out, error = call(*arguments, home=tmp_path / "none")
    assert (code, out) == (1, "")
    assert str(tmp_path / "none") in error
    assert "newslake run" in error
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("arguments", [["verify"], ["run"]])
def test_a_home_that_is_a_file(call: Call, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").write_text("x")
    code, _, error = call(*arguments, home=tmp_path / "file")
    assert code == 2
    assert str(tmp_path / "file") in error


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["-h"]])
def test_about(ask: Call, arguments: list[str]) -> None:
    code, out, error = ask(*arguments)
    assert (code, error) == (0, "")
    assert "newslake" in out


def process(lake: Home, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "NEWSLAKE_HOME": str(lake.root), "FORCE_COLOR": "", "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "newslake.cli", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


@pytest.mark.parametrize(
    "arguments",
    [["show", "江澜"], ["show", "0"], ["quarantine", "list"], ["snapshots", "list"], ["query", "FROM runs"]],
)
def test_piped_output_has_no_colours(lake: Home, arguments: list[str]) -> None:
    out, error = process(lake, *arguments).communicate()
    assert b"\x1b" not in out
    assert b"\x1b" not in error
    assert b"Traceback" not in error


@pytest.mark.parametrize(
    "arguments",
    [["show", "正常"], ["query", "SELECT text_as_found FROM articles WHERE url LIKE 'https://e.example/%'"]],
)
def test_no_article_commands_the_terminal(ask: Call, arguments: list[str]) -> None:
    code, out, _ = ask(*arguments)
    assert code == 0
    assert "evil" in out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_a_reader_that_stops_early(lake: Home) -> None:
    """`newslake query … | head -1`: no traceback, and no fault of the data."""
    with process(lake, "query", "--format", "csv", "SELECT a.text FROM articles a, articles b") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == b"text\n"
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() in (0, 141)


@pytest.mark.parametrize("arguments", [["verify"], ["--help"], ["query", "SELECT 1"], ["snapshots", "list"]])
def test_a_reader_that_reads_nothing(lake: Home, arguments: list[str]) -> None:
    with process(lake, *arguments) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() in (0, 141)
