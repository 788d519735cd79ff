"""The contracts beside a snapshot's data: written with it, and checked like it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from newslake.contract import documents
from newslake.lake.durable import sync

SUMS = "contract.sha256"
"""As `sha256sum -c` reads it, in the snapshot's folder."""


def write(folder: Path, manifest: str) -> None:
    """Writes the documents of a manifest into its snapshot's folder, while nobody sees that yet."""
    sums = []
    for name, text in documents.of(json.loads(manifest)).items():
        sums.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n")
        _write(folder / name, text)
    if sums:
        _write(folder / SUMS, "".join(sums))
        sync(folder / "contract")
        sync(folder)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(text, encoding="utf-8")
    sync(temporary)
    temporary.replace(path)


def files(folder: Path) -> set[Path]:
    """The documents that a snapshot has; one of before there were contracts has none."""
    return {folder / SUMS, *_sums(folder)} if (folder / SUMS).exists() else set()


def problems(folder: Path) -> Iterator[str]:
    """Documents that are missing, or not as they were written."""
    for path, sha256 in _sums(folder).items():
        if not path.exists():
            yield f"{path}: missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            yield f"{path}: changed: its SHA-256 is not the one in {SUMS}"


def _sums(folder: Path) -> dict[Path, str]:
    if not (folder / SUMS).exists():
        return {}
    lines = (folder / SUMS).read_bytes().decode(errors="replace").splitlines()
    pairs = (line.split("  ", 1) for line in lines)
    return {folder / pair[1].replace("\0", ""): pair[0] for pair in pairs if len(pair) == 2}
