"""JSON, CSV and Parquet whose columns have names of their own: each record becomes one with our names.

Columns that `fields` names get our names, the others stand under `other`, where nothing is guessed of them. Without
`fields` records stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from newslake.acquire import stores
from newslake.acquire.documents import Document
from newslake.acquire.files import TYPES, content_type, contents
from newslake.acquire.records import READERS
from newslake.acquire.stores import Item
from newslake.acquire.visit import Visit
from newslake.sources import DumpSource

MARK_RECORDS = 1_000
"""How far a run may get before it notes where it is."""
RECORD_TYPES = frozenset(TYPES[suffix] for suffix in READERS)


def read(visit: Visit) -> Iterator[Document]:
    """Reads the dumps that are new or were changed; one that was cut off in the middle goes on from there.

    Args:
        visit: its notes get a line for each column that no record of a file has, as far as it was read.

    Raises:
        SourceError: there is no dump, or the store cannot be reached.
    """
    source = visit.source
    assert isinstance(source, DumpSource)
    found = stores.items(visit, source.path, source.url, lambda name: content_type(Path(name)) in RECORD_TYPES, READERS)
    since = stores.settled(visit, sorted(source.fields.items()))
    for item, note in stores.new(visit, found):
        if since and since > item.modified_at:
            # Else the records with other names would be as old as those with the former ones, and not replace them.
            item = item._replace(modified_at=since)
        yield from stores.reading(item, _dump(visit, item, source.fields, note or 0), visit)


def _dump(visit: Visit, item: Item, fields: Mapping[str, str], start: int) -> Iterator[Document]:
    missing = dict(fields)
    seen, who = 0, "no record"
    try:
        with stores.opened(item) as raw:
            for number, document in enumerate(contents(raw, item.name, item.place, item.modified_at)):
                if number < start:
                    continue
                if number % MARK_RECORDS == 0:
                    stores.mark(visit, item, number)
                is_record = document.error is None
                seen += is_record
                yield _renamed(document, fields, missing) if fields and is_record else document
        stores.mark(visit, item)
    except GeneratorExit:  # `newslake sources test` wants no more than a few.
        who = f"none of the first {seen} records"
        raise
    finally:
        if start == 0 and seen:
            for ours, theirs in missing.items():
                visit.notes.append(f"{item.place}: {who} has a column {theirs!r}, which `fields` names for {ours}")


def _renamed(document: Document, fields: Mapping[str, str], missing: dict[str, str]) -> Document:
    """A record with our names; what is no JSON object stays as it is, and is refused later."""
    try:
        record = json.loads(document.content)
    except (ValueError, RecursionError):
        return document
    if not isinstance(record, dict):
        return document
    ours: dict[str, Any] = {}
    for name, column in fields.items():
        is_there, value = _found(record, column)
        if is_there:
            ours[name] = value
            missing.pop(name, None)
    named = set(fields.values())
    other = {name: value for name, value in record.items() if name not in named}
    if other:
        ours["other"] = other
    return replace(document, content=_json(ours))


def _found(record: Mapping[str, Any], column: str) -> tuple[bool, Any]:
    """Whether a column is there, and its value; with dots it may stand for a field within fields.

    >>> _found({"a": {"b": 1}}, "a.b"), _found({"a.b": 2, "a": {"b": 1}}, "a.b"), _found({}, "a")
    ((True, 1), (True, 2), (False, None))
    """
    if column in record:
        return True, record[column]
    first, dot, rest = column.partition(".")
    inner = record.get(first)
    return _found(inner, rest) if dot and isinstance(inner, dict) else (False, None)


def _json(record: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # Halves of characters can only be written as escapes.
        return json.dumps(record).encode()
