"""What the documentation has in its fences: commands with what they show, queries, programs, files and changes to files."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^(?:(?:New|In) `(?P<path>[^`]+)`:\n)?```(?P<language>\w*)\n(?P<content>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, with the file that the line above it names."""

    page: str
    line: int
    language: str
    content: str
    path: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command line, and what the page shows of its output."""

    place: str
    line: str
    shown: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.place} {self.line.splitlines()[0][:60]}"


def blocks_of(page: Path) -> Iterator[Block]:
    """The blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(str(page.relative_to(PROJECT)), line, found["language"], found["content"], found["path"])


def is_complete(line: str) -> bool:
    """Whether a shell would run it as it stands: all quotes closed, no backslash at the end."""
    try:
        shlex.split(line, comments=True)
    except ValueError:
        return False
    return not line.endswith("\\")


def commands_of(block: Block) -> Iterator[Command]:
    """A command for each line of a sh block; behind each `$ ` of a console block, with the output below it."""
    if block.language == "console":
        for part in re.split(r"^\$ ", block.content, flags=re.MULTILINE)[1:]:
            line, *shown = part.splitlines()
            yield Command(str(block), line, tuple(shown))
        return
    line = ""
    for added in block.content.splitlines():
        line = f"{line}\n{added}" if line else added
        if is_complete(line) and line.strip():
            yield Command(str(block), line)
            line = ""
    assert not line, f"{block}: not a whole command: {line}"


def write_programs(folder: Path) -> None:
    """What `make run` leaves in .venv, as far as pages use it."""
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, options in {"newslake": "-m newslake.cli", "python": ""}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {options} "$@"\n')
        (programs / name).chmod(0o755)
    (programs / "activate").write_text(f"PATH={shlex.quote(str(programs))}:$PATH\n")


def run_in(folder: Path, line: str, include: Path = PROJECT / "include") -> subprocess.CompletedProcess[str]:
    """Runs a command line in a folder that `write_programs` has been in."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSLAKE", "AIRFLOW"))}
    environment |= {"PATH": f"{folder / '.venv' / 'bin'}:{environment['PATH']}", "PYTHONPATH": str(include)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def assert_shows(output: str, shown: tuple[str, ...], command: Command) -> None:
    """Every line of the page stands in the output, in this order; `…` is anything, spaces are alike."""
    lines = iter([" ".join(line.split()) for line in output.splitlines()])
    for line in shown:
        wanted = " ".join(line.split())
        pattern = re.compile(".*".join(map(re.escape, wanted.split("…"))))
        if wanted not in ("", "…"):
            assert any(pattern.fullmatch(given) for given in lines), f"{command}: not in the output: {line}\n{output}"


def changed(text: str, diff: str, place: str) -> str:
    """A file with a change in it: its lines that stay or go, as they stand in the diff, are there once, in one piece."""
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
    after = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
    assert text.count(before) == 1, f"{place}: these lines are there {text.count(before)} times:\n{before}"
    return text.replace(before, after)
