"""A snapshot as a Data Package, version 2 (https://datapackage.org/standard/data-package)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from newslake.contract import examples
from newslake.contract.terms import Terms
from newslake.tables import Column, Table
from newslake.tables.kinds import is_list


def document(
    tables: Sequence[Table], files: Mapping[str, Sequence[str]], terms: Terms, snapshot: str, created: str
) -> dict[str, Any]:
    """The document as JSON.

    Args:
        tables: those of the snapshot.
        files: table → its files, relative to the snapshot's folder.
        terms: who answers for it.
        snapshot: its number.
        created: when it was made, ISO 8601.
    """
    contributor = {"title": terms.owner, "roles": ["publisher"]}
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "newslake",
        "title": "News articles, restored, parsed and annotated",
        "description": "One snapshot of the lake: all tables as they were at one moment.",
        "version": f"{int(snapshot)}.0.0",
        "created": created,
        "licenses": [{"name": "LicenseRef-of-the-sources", "title": terms.licence}],
        "contributors": [contributor],
        "resources": [_resource(table, tables, list(files[table.name])) for table in tables],
    }


def _resource(table: Table, tables: Sequence[Table], files: list[str]) -> dict[str, Any]:
    names = {one.name for one in tables}
    keys = [(column, *target.split(".")) for column, target in table.references]
    foreign = [
        {"fields": [column], "reference": {"resource": other, "fields": [field]}}
        for column, other, field in keys
        if other in names
    ]
    return {
        "name": table.name,
        "type": "table",
        "title": table.name,
        "description": f"{table.description} One row: {table.grain}.",
        "path": files[0] if len(files) == 1 else files,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "version": table.version,
        "schema": {
            "fields": [_field(table, column) for column in table.columns],
            # The partition stands in the folders' names, and files of before lack what was added since.
            "fieldsMatch": "subset",
            "primaryKey": list(table.key),
            **({"foreignKeys": foreign} if foreign else {}),
        },
    }


def _field(table: Table, column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if not column.nullable else {}
    if table.key == (column.name,):
        constraints["unique"] = True
    if column.name in table.allowed:
        constraints["enum"] = list(table.allowed[column.name])
    example = next((value for value in examples.of(table.name, column.name) if isinstance(value, str)), None)
    return {
        "name": column.name,
        **_type(column.type),
        "description": column.comment,
        **({"example": example} if example and _type(column.type)["type"] == "string" else {}),
        **({"constraints": constraints} if constraints else {}),
    }


def _type(kind: pa.DataType) -> dict[str, str]:
    if is_list(kind):
        return {"type": "array"}
    if pa.types.is_struct(kind) or pa.types.is_map(kind):
        return {"type": "object"}
    if pa.types.is_binary(kind):
        return {"type": "string", "format": "binary"}
    tests: Mapping[str, Any] = {
        "boolean": pa.types.is_boolean,
        "integer": pa.types.is_integer,
        "number": pa.types.is_floating,
        "date": pa.types.is_date,
        "datetime": pa.types.is_timestamp,
    }
    return {"type": next((name for name, is_it in tests.items() if is_it(kind)), "string")}
