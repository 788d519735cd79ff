"""Pages whose steps follow from each other, performed as a reader would: each `##` section in a copy of the project of its own.

A line "New `file`:" above a block makes that file, "In `file`:" above a diff changes it. What stands before the first
section is done first, its last sh block in every shell.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from documented import (
    PROJECT,
    Block,
    Command,
    assert_shows,
    blocks_of,
    changed,
    commands_of,
    run_in,
    write_programs,
)

pytestmark = pytest.mark.lake
PAGES = (PROJECT / "docs" / "start.md", PROJECT / "docs" / "extend.md")
PARTS = ("include", "seeds", "tests", "docs", "pyproject.toml", "CHANGELOG-schema.md")


class Walk(NamedTuple):
    """A section of a page, and what is to be done before it."""

    page: Path
    heading: str
    before: tuple[Block, ...]
    steps: tuple[Block, ...]

    def __str__(self) -> str:
        return f"{self.page.stem}: {self.heading}"


def walks() -> list[Walk]:
    found = []
    for page in PAGES:
        lines = page.read_text(encoding="utf-8").splitlines()
        starts = [number for number, line in enumerate(lines, start=1) if line.startswith("## ")]
        blocks = list(blocks_of(page))
        before = tuple(block for block in blocks if block.line < starts[0])
        for start, end in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
            steps = tuple(block for block in blocks if start < block.line < end)
            found.append(Walk(page, lines[start - 1][3:], before, steps))
    return found


class Reader:
    """Somebody who does what the page says, in a copy of the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shell = ""
        for part in PARTS:
            copy = shutil.copytree if (PROJECT / part).is_dir() else shutil.copy2
            copy(PROJECT / part, folder / part)
        write_programs(folder)

    def perform(self, block: Block) -> None:
        if block.path is not None:
            path = self.folder / block.path
            if block.language == "diff":
                path.write_text(changed(path.read_text(encoding="utf-8"), block.content, str(block)), encoding="utf-8")
                return
            assert not path.exists(), f"{block}: {block.path} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.content, encoding="utf-8")
        elif block.language == "python":
            (self.folder / "program.py").write_text(block.content, encoding="utf-8")
            self.run(Command(str(block), "python -W error::FutureWarning program.py"))
        else:
            assert block.language in ("sh", "console"), f"{block}: nobody would perform it"
            for command in commands_of(block):
                self.run(command)

    def run(self, command: Command) -> None:
        """`make run` is `newslake run` here: the rest of it is tested in tests/airflow."""
        line = command.line.replace("make run", "newslake run")
        result = run_in(self.folder, f"{self.shell}{line}", self.folder / "include")
        assert result.returncode == 0, f"{command}: exit code {result.returncode}\n{result.stderr}"
        assert_shows(result.stdout, command.shown, command)


@pytest.mark.parametrize("walk", walks(), ids=str)
def test_walk(walk: Walk, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in walk.before:
        reader.perform(block)
        if block.language == "sh":
            reader.shell = block.content
    assert walk.steps
    for block in walk.steps:
        reader.perform(block)
    for check in ("check", "format --check"):
        reader.run(Command(str(walk), f"python -m ruff {check} include"))


def test_a_change_has_one_place() -> None:
    assert changed("a\nb\nc\n", " a\n-b\n+B\n", "page:1") == "a\nB\nc\n"
    for diff in ("-d\n", " a\n c\n"):
        with pytest.raises(AssertionError, match="0 times"):
            changed("a\nb\nc\n", diff, "page:1")
    with pytest.raises(AssertionError, match="2 times"):
        changed("a\na\n", "-a\n", "page:1")


def test_pages_have_their_walks() -> None:
    headings = [walk.heading for walk in walks()]
    assert headings[:3] == ["Data engineer", "Analyst", "Downstream team"]
    assert headings[3:] == ["A source", "A repair", "A table", "A check", "A section of the report"]
