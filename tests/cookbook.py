"""docs/cookbook.md: its queries, and the answers below them. `python -m tests.cookbook` writes the answers anew."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from newslake.cli import newslake
from newslake.config import Home
from newslake.lake import snapshots
from newslake.lake.snapshots import Snapshot
from newslake.query import write

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cookbook.md"
RECIPE = re.compile(r"^```sql\n(?P<sql>.*?)^```\n(?:```\n(?P<answer>.*?)^```\n)?", re.MULTILINE | re.DOTALL)


class Recipe(NamedTuple):
    """A query with the answer that the page shows."""

    sql: str
    answer: str

    def __str__(self) -> str:
        return self.sql.splitlines()[0][:60]


def recipes() -> Iterator[Recipe]:
    """Those of the page, in its order."""
    for found in RECIPE.finditer(PAGE.read_text(encoding="utf-8")):
        yield Recipe(found["sql"], found["answer"] or "")


def answer(snapshot: Snapshot, sql: str, folder: Path) -> str:
    """What `newslake query` prints."""
    write(snapshot, sql, "table", folder / "answer.txt")
    lines = (folder / "answer.txt").read_text(encoding="utf-8").splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def main() -> None:
    """Runs the samples, and writes the answers into the page."""
    with TemporaryDirectory() as folder:
        os.environ["NEWSLAKE_HOME"] = folder
        newslake(["run"], standalone_mode=False)
        snapshot = snapshots.current(Home(Path(folder)))
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(
            RECIPE.sub(
                lambda found: f"```sql\n{found['sql']}```\n```\n{answer(snapshot, found['sql'], Path(folder))}```\n",
                text,
            ),
            encoding="utf-8",
        )


if __name__ == "__main__":
    sys.exit(main())
