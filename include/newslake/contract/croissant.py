"""A snapshot as a Croissant dataset, version 1.0 (https://docs.mlcommons.org/croissant/docs/croissant-spec.html)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from newslake.contract.terms import Terms
from newslake.tables import Column, Table
from newslake.tables.kinds import is_list

CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        name: f"cr:{name}"
        for name in (
            *("citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet"),
            *("format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet"),
            *("references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField"),
            "transform",
        )
    },
}


def document(
    tables: Sequence[Table], files: Mapping[str, Sequence[str]], terms: Terms, snapshot: str, created: str
) -> dict[str, Any]:
    """The document as JSON-LD; its files are looked for in its own folder.

    Args:
        tables: those of the snapshot.
        files: table → its files, relative to the snapshot's folder.
        terms: who answers for it.
        snapshot: its number.
        created: when it was made, ISO 8601.
    """
    owner = {"@type": "sc:Organization", "name": terms.owner}
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "newslake",
        "description": "News articles, restored, parsed and annotated: all tables as they were at one moment.",
        "version": f"{int(snapshot)}.0.0",
        "datePublished": created,
        "license": terms.licence,
        "citeAs": f"newslake, snapshot {snapshot} of {created[:10]}, {terms.owner}",
        "creator": owner,
        "publisher": owner,
        "distribution": [_files(table, f"{table.partition}=" in files[table.name][0]) for table in tables],
        "recordSet": [_records(table, f"{table.partition}=" in files[table.name][0]) for table in tables],
    }


def _files(table: Table, is_folded: bool) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{table.name}-files",
        "name": f"{table.name}-files",
        "encodingFormat": "application/x-parquet",
        "includes": f"{table.name}/*/*.parquet" if is_folded else f"{table.name}/*.parquet",
    }


def _records(table: Table, is_folded: bool) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": f"{table.description} One row: {table.grain}.",
        "key": [{"@id": f"{table.name}/{name}"} for name in table.key],
        "field": [_column(table, column, is_folded) for column in table.columns if not pa.types.is_map(column.type)],
    }


def _column(table: Table, column: Column, is_folded: bool) -> dict[str, Any]:
    """A column as a field; Croissant has no maps, and finds the partition in the folder's name."""
    files = {"fileSet": {"@id": f"{table.name}-files"}}
    source: dict[str, Any] = {**files, "extract": {"column": column.name}}
    if is_folded and column.name == table.partition:
        source = {**files, "extract": {"fileProperty": "fullpath"}, "transform": {"regex": f".*{column.name}=([^/]+)/"}}
    found: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.comment,
    }
    kind = column.type.value_type if is_list(column.type) else column.type
    if is_list(column.type):
        found["repeated"] = True
    if not pa.types.is_struct(kind):
        return {**found, "dataType": _type(kind), "source": source}
    parts = [
        {
            "@type": "cr:Field",
            "@id": f"{table.name}/{column.name}/{part.name}",
            "name": part.name,
            "dataType": _type(part.type),
            **({"repeated": True} if is_list(column.type) else {}),
            "source": {**source, "transform": {"jsonPath": part.name}},
        }
        for part in kind
    ]
    return {**found, "subField": parts}


def _type(kind: pa.DataType) -> str:
    tests: Mapping[str, Any] = {
        "sc:Boolean": pa.types.is_boolean,
        "sc:Integer": pa.types.is_integer,
        "sc:Float": pa.types.is_floating,
        "sc:Date": pa.types.is_date,
        "sc:DateTime": pa.types.is_timestamp,
    }
    return next((name for name, is_it in tests.items() if is_it(kind)), "sc:Text")
