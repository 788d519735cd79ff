"""Small files put together: many publishes leave many small files, which readers open one by one.

The rows stay the same, and so does their order within a file. Rows flow through a sort that spills to the disk, so that
memory is bounded by the size of one new file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from newslake.lake import relations
from newslake.lake.change import Change
from newslake.lake.delta import DataFile
from newslake.tables import PUBLISHED, RAW_DOCUMENTS, Table

TARGET_BYTES = 32 * 2**20
"""Of a new file, about: read in a tenth of a second, and about 0.2 GB in memory when it is written."""


@dataclass(frozen=True)
class Group:
    """Small files of one partition of a table that become fewer."""

    table: Table
    files: tuple[DataFile, ...]


def groups(change: Change, target: int = TARGET_BYTES) -> list[Group]:
    """What would be put together: where a partition has several files smaller than half of the target, in bytes."""
    found = []
    # Batches that are planned name a version of raw_documents: while some wait, the table stays as it is.
    for table in (table for table in PUBLISHED if table is not RAW_DOCUMENTS or not change.has_waiting):
        by_folder: dict[Path, list[DataFile]] = {}
        for file in change.files(table):
            if file.bytes < target // 2:
                by_folder.setdefault(Path(file.path).parent, []).append(file)
        found += [Group(table, tuple(files)) for files in by_folder.values() if len(files) > 1]
    return found


def compact(change: Change, target: int = TARGET_BYTES) -> tuple[int, int]:
    """Gives the tables fewer files with the same rows.

    Args:
        change: its next snapshot.
        target: bytes of a new file, about.

    Returns:
        Files before and after, of those that were touched.
    """
    before = after = 0
    for group in groups(change, target):
        old = {file.path for file in group.files}
        new = list(written(change, group, target))
        stays = {file.path: file for file in change.files(group.table) if file.path not in old}
        change.set_files(group.table, list({**stays, **{file.path: file for file in new}}.values()))
        before, after = before + len(old), after + len(new)
    return before, after


def written(change: Change, group: Group, target: int) -> Iterator[DataFile]:
    """Writes the rows of a group, in order, as files that are not live yet."""
    table = group.table
    size, count = (sum(getattr(file, name) for file in group.files) for name in ("bytes", "rows"))
    groups_a_file = max(1, round(target * count / max(size, 1)) // table.row_group_rows)
    rows_a_file = groups_a_file * table.row_group_rows
    partition = [table.partition] if table.partition else []
    keys = dict.fromkeys((*partition, *table.order, *table.key))
    order = ", ".join(f'"{key}" NULLS LAST' for key in keys)
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    connection = change.connection
    relations.view(connection, "small", table, [change.place(table, file.path) for file in group.files])
    relation = connection.sql(f"SELECT {columns} FROM small ORDER BY {order}")
    waiting: list[pa.RecordBatch] = []
    held = 0
    for batch in relation.to_arrow_reader(table.row_group_rows):
        waiting.append(batch)
        held += batch.num_rows
        while held >= rows_a_file:
            rows = _cast(waiting, table)
            yield from change.folders[table.name].write(rows.slice(0, rows_a_file))
            waiting, held = rows.slice(rows_a_file).to_batches(), held - rows_a_file
    if held:
        yield from change.folders[table.name].write(_cast(waiting, table))
    connection.execute("DROP VIEW small")


def _cast(batches: list[pa.RecordBatch], table: Table) -> pa.Table:
    rows = pa.Table.from_batches(batches)
    return rows.cast(pa.schema([field.with_nullable(True) for field in table.schema])).cast(table.schema)
