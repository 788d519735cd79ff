"""Schemas as they were released, one file a table; what the present ones may not do, and the changelog made from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from newslake.config import PROJECT
from newslake.contract import shape
from newslake.contract.shape import Change, Shape
from newslake.errors import UsageError
from newslake.tables import PUBLISHED, Table

RECORDED = Path(__file__).parent / "recorded"
CHANGELOG = PROJECT / "CHANGELOG-schema.md"


@dataclass(frozen=True)
class Release:
    """A released schema of a table.

    Attributes:
        version: major.minor.patch.
        date: when it was recorded, YYYY-MM-DD.
        shape: see `shape.Shape`; None where the table was removed.
    """

    version: str
    date: str
    shape: Shape | None


def numbers(version: str) -> tuple[int, int, int]:
    """A version in numbers.

    >>> numbers("1.10.0") > numbers("1.9.3")
    True
    """
    major, minor, patch = version.split(".")
    return int(major), int(minor), int(patch)


def releases(name: str, folder: Path = RECORDED) -> list[Release]:
    """What was released of a table, oldest first."""
    try:
        content = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [Release(**release) for release in content]


@cache
def before(table: str, version: str, folder: Path = RECORDED) -> Release | None:
    """The last release of the major version before a version; its readers are still served."""
    major = numbers(version)[0]
    found = [release for release in releases(table, folder) if numbers(release.version)[0] == major - 1]
    return found[-1] if found and found[-1].shape else None


def problems(tables: Iterable[Table] = PUBLISHED, folder: Path = RECORDED) -> list[str]:
    """What breaks a promise: each with what to do about it. Nothing where all is well."""
    tables = list(tables)
    found = [problem for table in tables for problem in _problems(table, releases(table.name, folder))]
    names = {table.name for table in tables}
    for path in sorted(folder.glob("*.json")):
        if path.stem not in names and releases(path.stem, folder)[-1].shape is not None:
            found.append(
                f"{path.stem}: the table is removed, which breaks its readers; bring it back, or "
                f"`python -m newslake.contract record --removed {path.stem}` for a new major version of nothing"
            )
    return found


def _problems(table: Table, released: list[Release]) -> Iterator[str]:
    if not released or released[-1].shape is None:
        return
    last = released[-1]
    if numbers(table.version) < numbers(last.version):
        yield f"{table.name}: version {table.version} is before the released {last.version}; versions only rise"
        return
    found = shape.changes(last.shape or {}, shape.of(table))
    yield from _unraised(table, last.version, found)
    known = {column["name"] for column in (last.shape or {})["columns"]}
    for column in table.columns:
        if {column.name, column.formerly}.isdisjoint(known) and not column.nullable and column.default is None:
            yield (
                f"{table.name}: `{column.name}` is never null, but rows written before it was added have no value: "
                "give the column a default (an SQL literal), or let it be null"
            )


def _unraised(table: Table, last: str, found: list[Change]) -> Iterator[str]:
    now, then = numbers(table.version), numbers(last)
    broken = [change.text for change in found if change.level == "major"]
    told = [change.text for change in found if change.level == "minor"]
    unless = f"; where nobody has got {last} yet: `python -m newslake.contract record --replace`"
    if broken and now[0] == then[0]:
        yield (
            f"{table.name}: {'; '.join(broken)}: breaks who reads {last}; take it back, or set the table's version to "
            f"{then[0] + 1}.0.0, and old readers will have the view {table.name}_v{then[0]}{unless}"
        )
    elif told and now[:2] == then[:2]:
        yield f"{table.name}: {'; '.join(told)}: set the table's version to {then[0]}.{then[1] + 1}.0{unless}"


def unrecorded(tables: Iterable[Table] = PUBLISHED, folder: Path = RECORDED) -> list[Table]:
    """Tables whose version, or shape, is not the one released last."""
    found = []
    for table in tables:
        released = releases(table.name, folder)
        if not released or (released[-1].version, released[-1].shape) != (table.version, shape.of(table)):
            found.append(table)
    return found


def record(
    tables: Iterable[Table] = PUBLISHED,
    folder: Path = RECORDED,
    *,
    today: date | None = None,
    is_replaced: bool = False,
    removed: Iterable[str] = (),
) -> list[str]:
    """Notes the present schemas as released.

    Args:
        tables: as they are defined now.
        folder: where the records are.
        today: the day of the release.
        is_replaced: write over a record of the same version, which nobody has got yet.
        removed: names of tables that are gone for good.

    Returns:
        What was recorded.

    Raises:
        UsageError: a promise would be broken, or a version has two shapes.
    """
    tables, day = list(tables), (today or date.today()).isoformat()
    done = []
    for name in removed:
        released = releases(name, folder)
        if not released or name in {table.name for table in tables}:
            raise UsageError(f"{name}: was never released, or is still there")
        _write(folder, name, [*released, Release(f"{numbers(released[-1].version)[0] + 1}.0.0", day, None)])
        done.append(f"{name} removed")
    for table in unrecorded(tables, folder):
        released = releases(table.name, folder)
        if released and released[-1].version == table.version:
            if not is_replaced and shape.changes(released[-1].shape or {}, shape.of(table)):
                raise UsageError(
                    f"{table.name}: {table.version} is recorded with another schema; raise the version in tables/, or add "
                    "--replace where nobody has got it yet"
                )
            released = released[:-1]
        if found := list(_problems(table, released)):
            raise UsageError("\n".join(found))
        _write(folder, table.name, [*released, Release(table.version, day, shape.of(table))])
        done.append(f"{table.name} {table.version}")
    return done


def _write(folder: Path, name: str, released: list[Release]) -> None:
    content: list[Any] = [{"version": one.version, "date": one.date, "shape": one.shape} for one in released]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    before.cache_clear()


def changelog(folder: Path = RECORDED) -> str:
    """The changes of all tables, the newest release of each first."""
    lines = [
        "# Changes of the tables' schemas",
        "Made from `include/newslake/contract/recorded/` by `python -m newslake.contract record`; `make check` fails when it is",
        "not up to date. What the numbers promise: [docs/contract.md](docs/contract.md).",
    ]
    for path in sorted(folder.glob("*.json")):
        released = releases(path.stem, folder)
        lines += ["", f"## {path.stem}"]
        for number in reversed(range(len(released))):
            lines += ["", f"### {released[number].version} ({released[number].date})"]
            lines += [f"- {text}" for text in _told(released[number - 1] if number else None, released[number])]
    return "\n".join(lines) + "\n"


def _told(old: Release | None, new: Release) -> list[str]:
    if new.shape is None:
        return ["**breaks readers:** the table is removed"]
    if old is None or old.shape is None:
        return [f"first version, {len(new.shape['columns'])} columns"]
    marks = {"major": "**breaks readers:** ", "minor": "", "patch": ""}
    return [marks[change.level] + change.text for change in shape.changes(old.shape, new.shape)] or [
        "nothing for readers"
    ]
