"""Small corpora of generated articles that grow; in one, copies come before their originals."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

COPIES, FIRST, ADDED = 5, 12, 8
"""Records that are copies, of so many that come first; originals are among so many that are added."""


def first_and_all(articles: Path) -> tuple[list[bytes], list[bytes]]:
    """FIRST records, and these with ADDED more, of `generated(100)`: publishing them rewrites files that are there."""
    (path,) = articles.glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    with (articles.parent / "truth.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numbers = {row["url"]: int(row["number"]) for row in rows}
    copied = {int(row["number"]): numbers[row["copy_of"]] for row in rows if row["copy_of"]}
    copies = list(copied)[:COPIES]
    originals = list(dict.fromkeys(copied[number] for number in copies))
    others = [number for number in range(len(lines)) if number not in copied and number not in originals]
    first = copies + others[: FIRST - len(copies)]
    added = originals + others[FIRST - len(copies) :][: ADDED - len(originals)]
    return [lines[number] for number in first], [lines[number] for number in first + added]


def write(records: list[bytes], articles: Path, folder: Path) -> Path:
    """A folder with these records of `articles` in a file that looks as old as theirs."""
    (path,) = articles.glob("*.jsonl")
    folder.mkdir(exist_ok=True)
    (folder / path.name).write_bytes(b"".join(records))
    shutil.copystat(path, folder / path.name)
    return folder


def grow(source: Path, target: Path, start: int, end: int) -> Path:
    """A folder with a span of the records of the only file in `source`."""
    (path,) = source.glob("*.jsonl")
    return write(path.read_bytes().splitlines(keepends=True)[start:end], source, target)
