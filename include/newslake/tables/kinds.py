"""Types of columns, as DuckDB calls them: one name each, whichever library wrote a file."""

from __future__ import annotations

import pyarrow as pa

SQL_TYPES = {
    "string": "VARCHAR",
    "binary": "BLOB",
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date32[day]": "DATE",
    "timestamp[us]": "TIMESTAMP",
    "timestamp[us, tz=UTC]": "TIMESTAMP WITH TIME ZONE",
}


def sql_type(kind: pa.DataType) -> str:
    """What DuckDB calls a type; Arrow's own name where a table cannot have it.

    >>> sql_type(pa.list_(pa.struct([("end", pa.int32())]))), sql_type(pa.map_(pa.string(), pa.int32()))
    ('STRUCT("end" INTEGER)[]', 'MAP(VARCHAR, INTEGER)')
    >>> sql_type(pa.large_string()), sql_type(pa.dictionary(pa.int8(), pa.string())), sql_type(pa.null())
    ('VARCHAR', 'VARCHAR', 'null')
    """
    if pa.types.is_dictionary(kind):
        return sql_type(kind.value_type)
    if pa.types.is_struct(kind):
        fields = (f'"{field.name}" {sql_type(field.type)}' for field in kind)
        return f"STRUCT({', '.join(fields)})"
    if pa.types.is_map(kind):
        return f"MAP({sql_type(kind.key_type)}, {sql_type(kind.item_type)})"
    if is_list(kind):
        return f"{sql_type(kind.value_type)}[]"
    name = str(kind).removeprefix("large_").removesuffix("_view")
    return SQL_TYPES.get(name, name)


def is_list(kind: pa.DataType) -> bool:
    """Whether it is a list of any length, however it is laid out."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))
