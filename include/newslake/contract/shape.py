"""What of a table readers can depend on, as it is recorded, and what a change of it means to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from newslake.tables import Column, Table
from newslake.tables.kinds import sql_type

Level = Literal["major", "minor", "patch"]
Shape = Mapping[str, Any]
"""JSON: `columns` (name, type, nullable, description, unit, values, formerly), `key`, `partition`, `references`, `checks`."""


@dataclass(frozen=True)
class Change:
    """A difference between two shapes of a table.

    Attributes:
        level: major breaks readers, minor gives them something new, patch is only told differently.
        text: what it is, for people.
    """

    level: Level
    text: str


def of(table: Table) -> dict[str, Any]:
    """The shape of a table as it is defined now."""
    return {
        "columns": [_column(table, column) for column in table.columns],
        "key": list(table.key),
        "partition": table.partition,
        "references": [list(reference) for reference in table.references],
        "checks": sorted(check.name for check in table.checks),
    }


def _column(table: Table, column: Column) -> dict[str, Any]:
    facts = {
        "name": column.name,
        "type": sql_type(column.type),
        "nullable": column.nullable,
        "description": column.description,
        "unit": column.unit,
        "values": list(table.allowed.get(column.name, ())),
        "formerly": column.formerly,
    }
    return {name: fact for name, fact in facts.items() if fact not in (None, [])}


def changes(old: Shape, new: Shape) -> list[Change]:
    """What has changed, what breaks readers first."""
    before = {column["name"]: column for column in old["columns"]}
    after = {column["name"]: column for column in new["columns"]}
    found = [*_gone(before, after), *_added(before, after)]
    for name in before.keys() & after.keys():
        found += _changed(before[name], after[name])
    found += _of_table(old, new)
    order = ("major", "minor", "patch")
    return sorted(found, key=lambda change: (order.index(change.level), change.text))


def _gone(before: Mapping[str, Shape], after: Mapping[str, Shape]) -> Iterator[Change]:
    renamed = {column.get("formerly"): name for name, column in after.items() if name not in before}
    for name in before.keys() - after.keys():
        if name in renamed:
            yield Change("major", f"`{name}` is called `{renamed[name]}`")
            yield from _changed(before[name], {**after[renamed[name]], "name": renamed[name]})
        else:
            yield Change("major", f"`{name}` is removed")


def _added(before: Mapping[str, Shape], after: Mapping[str, Shape]) -> Iterator[Change]:
    for name in after.keys() - before.keys():
        if after[name].get("formerly") not in before:
            yield Change("minor", f"`{name}` is added: {after[name]['type']}, {after[name]['description']}")


def _changed(old: Shape, new: Shape) -> Iterator[Change]:
    name = f"`{new['name']}`"
    if old["type"] != new["type"]:
        yield Change("major", f"{name} is {new['type']} instead of {old['type']}")
    if new["nullable"] and not old["nullable"]:
        yield Change("major", f"{name} can be null")
    if old["nullable"] and not new["nullable"]:
        yield Change("minor", f"{name} is never null any more")
    if old.get("unit") != new.get("unit"):
        yield Change("major", f"{name} counts {new.get('unit', 'no unit')} instead of {old.get('unit', 'no unit')}")
    if old["description"] != new["description"]:
        yield Change("patch", f"{name}: {new['description']}")
    yield from _values(name, old.get("values", []), new.get("values", []))


def _values(name: str, old: list[str], new: list[str]) -> Iterator[Change]:
    lost = [value for value in old if value not in new]
    more = [value for value in new if value not in old]
    if new and not old:
        yield Change("major", f"{name} can only be {', '.join(new)}")
    elif old and not new:
        yield Change("minor", f"{name} can be anything")
    elif lost:
        yield Change("major", f"{name} cannot be {', '.join(lost)} any more")
    if old and more:
        yield Change("minor", f"{name} can also be {', '.join(more)}")


def _of_table(old: Shape, new: Shape) -> Iterator[Change]:
    for what in ("key", "partition"):
        if old[what] != new[what]:
            yield Change("major", f"the {what} is {new[what]} instead of {old[what]}")
    references = [[" → ".join(pair) for pair in shape["references"]] for shape in (old, new)]
    yield from (
        Change("major", f"{pair} is not promised any more") for pair in references[0] if pair not in references[1]
    )
    yield from (Change("minor", f"{pair} is promised") for pair in references[1] if pair not in references[0])
    yield from (Change("minor", f"no check `{name}` any more") for name in set(old["checks"]) - set(new["checks"]))
    yield from (Change("minor", f"check `{name}`") for name in set(new["checks"]) - set(old["checks"]))
    names = [[column["name"] for column in shape["columns"]] for shape in (old, new)]
    if names[0] != names[1] and sorted(names[0]) == sorted(names[1]):
        yield Change("patch", "columns stand in another order")
