"""A table as an Open Data Contract Standard document, version 3.1 (https://bitol-io.github.io/open-data-contract-standard)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import yaml

from newslake.contract import examples, record
from newslake.contract.terms import Terms
from newslake.tables import Check, Column, Table
from newslake.tables.kinds import is_list, sql_type

API_VERSION = "v3.1.0"
UNSEEN = re.compile(r"\b(article_char_count|is_misplaced)\b|\[-1\]")
"""Parts of checks that readers cannot run: columns that are there while a batch is checked only, and shortened lists."""


def write(table: Table, terms: Terms) -> str:
    """The document as YAML."""
    return yaml.dump(document(table, terms), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Without references between equal parts, which few readers expect."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def document(table: Table, terms: Terms) -> dict[str, Any]:
    """The document as JSON."""
    support = [{"channel": "contact", "url": terms.contact}] if terms.contact and ":" in terms.contact else []
    mail = [{"channel": terms.contact, "tool": "email"}] if terms.contact and not support else []
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"newslake.{table.name}",
        "name": table.name,
        "version": table.version,
        "status": "active",
        "dataProduct": "newslake",
        "description": {
            "purpose": f"{table.description} One row: {table.grain}.",
            "usage": "Open newslake.duckdb, or the Parquet files of one snapshot; not those of several at once.",
            "limitations": terms.licence,
        },
        "servers": _servers(table),
        "schema": [_schema(table)],
        "slaProperties": [
            {"property": name, **facts, "element": table.name} for name, facts in sorted(terms.sla.items())
        ],
        "team": {"name": terms.owner},
        **({"support": [*support, *mail]} if support or mail else {}),
    }


def _servers(table: Table) -> list[dict[str, Any]]:
    return [
        {
            "server": "snapshot",
            "type": "local",
            "description": "The files of this snapshot, seen from its folder.",
            "path": f"./{table.name}/**/*.parquet",
            "format": "parquet",
        },
        {
            "server": "database",
            "type": "duckdb",
            "description": "The view of the newest snapshot.",
            "database": "newslake.duckdb",
            "schema": "main",
        },
    ]


def _schema(table: Table) -> dict[str, Any]:
    custom = [{"property": "sortedBy", "value": list(table.order)}] if table.order else []
    if older := record.before(table.name, table.version):
        major = record.numbers(older.version)[0]
        custom.append(
            {
                "property": "compatibilityView",
                "value": f"{table.name}_v{major}",
                "description": f"the columns of version {older.version}, until the next major version",
            }
        )
    return {
        "name": table.name,
        "physicalName": table.name,
        "logicalType": "object",
        "physicalType": "view",
        "description": table.description,
        "dataGranularityDescription": table.grain,
        "properties": [_property(table, column) for column in table.columns],
        "quality": list(_quality(table)),
        **({"customProperties": custom} if custom else {}),
    }


def _property(table: Table, column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": column.name,
        "description": column.comment,
        **_type(column.type),
        "required": not column.nullable,
    }
    if table.key == (column.name,):
        found["unique"] = True
    if column.name in table.key:
        found |= {"primaryKey": True, "primaryKeyPosition": table.key.index(column.name) + 1}
    if column.name == table.partition:
        found |= {"partitioned": True, "partitionKeyPosition": 1}
    targets = [target for name, target in table.references if name == column.name]
    if targets:
        found["relationships"] = [{"type": "foreignKey", "to": _reference(target)} for target in targets]
    if column.name in table.allowed:
        found["quality"] = [
            {
                "name": f"{column.name}_is_known",
                "metric": "invalidValues",
                "arguments": {"validValues": list(table.allowed[column.name])},
                "mustBe": 0,
            }
        ]
    if values := examples.of(table.name, column.name):
        found["examples"] = values
    if column.unit:
        found["customProperties"] = [{"property": "unit", "value": column.unit}]
    return found


def _reference(target: str) -> str:
    """A column of another table, in the document beside this one."""
    name, column = target.split(".")
    return f"{name}.odcs.yaml#/schema/{name}/properties/{column}"


def _type(kind: pa.DataType) -> dict[str, Any]:
    """Logical and physical type, with those of the parts."""
    physical = {"physicalType": sql_type(kind)}
    if is_list(kind):
        return {"logicalType": "array", **physical, "items": _type(kind.value_type)}
    if pa.types.is_struct(kind):
        parts = [{"name": field.name, **_type(field.type)} for field in kind]
        return {"logicalType": "object", **physical, "properties": parts}
    return {"logicalType": _logical(kind), **physical}


def _logical(kind: pa.DataType) -> str:
    tests: Mapping[str, Any] = {
        "object": pa.types.is_map,
        "boolean": pa.types.is_boolean,
        "integer": pa.types.is_integer,
        "number": pa.types.is_floating,
        "date": pa.types.is_date,
        "timestamp": pa.types.is_timestamp,
    }
    return next((name for name, is_it in tests.items() if is_it(kind)), "string")


def _quality(table: Table) -> Iterator[dict[str, Any]]:
    yield {
        "name": "key_is_unique",
        "description": f"no two rows have the same {', '.join(table.key)}",
        "dimension": "uniqueness",
        "metric": "duplicateValues",
        "arguments": {"properties": list(table.key)},
        "mustBe": 0,
    }
    for check in table.checks:
        yield _check(table, check)


def _check(table: Table, check: Check) -> dict[str, Any]:
    told = {"name": check.name, "description": check.description}
    query = check.count or f"SELECT count(*) FROM {table.name} WHERE {check.fails_if}"
    if UNSEEN.search(query):
        return {**told, "type": "text"}
    return {**told, "type": "sql", "query": query, "mustBe": 0}
