"""The documentation is run: every command, query and program in it, in a folder laid out like the project."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import nbformat
import pytest

import cookbook
import notebook
from documented import PROJECT, Block, Command, assert_shows, blocks_of, commands_of, run_in, write_programs
from newslake import cli, sources
from newslake.config import Home
from newslake.lake import snapshots
from newslake.query import write

README = PROJECT / "README.md"
PAGES = (README, PROJECT / "CHANGELOG.md", PROJECT / "SECURITY.md", *sorted((PROJECT / "docs").rglob("*.md")))
README_LINES = 150
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
WALKED = (PROJECT / "docs" / "start.md", PROJECT / "docs" / "extend.md")
"""Pages whose steps follow from each other: tests/test_walks.py performs them."""
LANGUAGES = {"", "sh", "console", "sql", "python", "yaml"}


def blocks() -> Iterator[Block]:
    for page in PAGES:
        # tests/airflow/test_deploy.py performs those with docker compose, in their order.
        if page not in WALKED:
            yield from (block for block in blocks_of(page) if "docker compose" not in block.content)


def in_language(language: str) -> list[Block]:
    return [block for block in blocks() if block.language == language]


COMMANDS = [command for block in blocks() if block.language in ("sh", "console") for command in commands_of(block)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder like a checkout after `make run`, and what the run printed: .venv, seeds/, data/ with the samples."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "seeds").symlink_to(PROJECT / "seeds")
    write_programs(folder)
    first = run_in(folder, "newslake run && newslake report")
    assert first.returncode == 0, first.stderr
    return folder, first.stdout


@pytest.mark.lake
@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_command_runs(command: Command, workspace: tuple[Path, str]) -> None:
    """`make` is only asked whether it knows the target, since it would install, run everything or start servers.

    What its targets do is tested elsewhere: `run` and `up` in tests/airflow, `bench` in tests/test_bench.py; `check` and
    `test` are what `.ci/run` calls. What `make run` shows is compared with the summary of `newslake run`, the same function.
    """
    folder, summary = workspace
    first, *others = shlex.split(command.line, comments=True)
    if first == "make":
        result = subprocess.run(["make", "-n", *others], cwd=PROJECT, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        assert_shows(summary, command.shown, command)
        return
    result = run_in(folder, command.line)
    assert result.returncode == 0, f"{command}: exit code {result.returncode}\n{result.stderr}"
    assert_shows(result.stdout, command.shown, command)


@pytest.mark.lake
@pytest.mark.parametrize("block", in_language("sql"), ids=str)
def test_query_has_an_answer(block: Block, workspace: tuple[Path, str], tmp_path: Path) -> None:
    snapshot = snapshots.current(Home(workspace[0] / "data"))
    write(snapshot, block.content, "csv", tmp_path / "answer.csv")
    rows = (tmp_path / "answer.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) > 1, "the query finds nothing in the samples"


@pytest.mark.lake
@pytest.mark.parametrize("recipe", cookbook.recipes(), ids=str)
def test_cookbook_shows_the_answer(recipe: cookbook.Recipe, workspace: tuple[Path, str], tmp_path: Path) -> None:
    snapshot = snapshots.current(Home(workspace[0] / "data"))
    assert recipe.answer == cookbook.answer(snapshot, recipe.sql, tmp_path), "write it anew: python -m tests.cookbook"


@pytest.mark.lake
def test_notebook_shows_what_it_did(workspace: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSLAKE_HOME", raising=False)
    kept = notebook.outputs(nbformat.read(notebook.NOTEBOOK, as_version=4))
    assert len(kept) >= 8
    assert notebook.outputs(notebook.performed(workspace[0])) == kept, "write it anew: python -m tests.notebook"


def test_cookbook_has_25_recipes() -> None:
    numbers = re.findall(r"^### (\d+)\. ", cookbook.PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 26)]


@pytest.mark.lake
@pytest.mark.parametrize("block", in_language("python"), ids=str)
def test_program_runs(block: Block, workspace: tuple[Path, str]) -> None:
    program = workspace[0] / "program.py"
    program.write_text(block.content, encoding="utf-8")
    result = run_in(workspace[0], f"{shlex.quote(sys.executable)} -W error::FutureWarning program.py")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("block", in_language("yaml"), ids=str)
def test_sources_are_understood(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(block.content, encoding="utf-8")
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(path))
    assert sources.read_sources()


def test_blocks_are_of_known_languages() -> None:
    """A block in another language would be run by nobody."""
    assert {block.language for block in blocks()} <= LANGUAGES
    assert len(COMMANDS) > 10
    assert len(in_language("sql")) >= 10
    assert not [command for command in COMMANDS if "s3://" in str(command)], "it would leave this machine"


def test_wrong_documentation_is_noticed(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    assert run_in(tmp_path, "newslake_of_old run").returncode != 0
    assert run_in(tmp_path, "false | cat").returncode != 0
    command = Command("page:1", "newslake verify", ("7 files …",))
    assert_shows("7   files are fine\n", command.shown, command)
    with pytest.raises(AssertionError, match="not in the output"):
        assert_shows("8 files are fine\n", command.shown, command)
    block = Block("page", 1, "sh", 'newslake query "SELECT 1\nAS one"\nnewslake verify\n')
    assert [found.line for found in commands_of(block)] == ['newslake query "SELECT 1\nAS one"', "newslake verify"]


def test_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= README_LINES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    missing = [target for target in targets if not (page.parent / target.partition("#")[0]).exists()]
    assert not missing


def command_names(group: click.Group, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from command_names(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def test_readme_names_every_command() -> None:
    text = README.read_text(encoding="utf-8")
    names = list(command_names(cli.newslake, "newslake"))
    assert names
    assert [name for name in names if f"`{name}" not in text] == []


def test_every_variable_is_documented() -> None:
    code = [path for folder in ("include", "bench", "dags", "plugins") for path in (PROJECT / folder).rglob("*.py")]
    used = {name for path in code for name in re.findall(r"\bNEWSLAKE_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    table = (PROJECT / "docs" / "operate.md").read_text(encoding="utf-8")
    assert used
    assert sorted(name for name in used if f"| `{name}` |" not in table) == []
