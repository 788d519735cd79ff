"""Staged batches: the tables of refined batches, on disk, not yet in the lake.

A staged batch is a folder of one Arrow file a table: written and read at memory speed, since it
lives only until the next publish. It appears complete or not at all, and its name is made from the
documents in it, so a task that runs twice makes the same folder. Rows lie in order of publication,
and `facts.json` says where each month begins, so that a month is read without the others.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.ipc as ipc

from newslake.tables import ARTICLES, BLOCKS, FINGERPRINTS, MENTIONS, QUARANTINE, SENTENCES, Table

STAGED = (ARTICLES, BLOCKS, SENTENCES, MENTIONS, FINGERPRINTS, QUARANTINE)
CHILDREN = (BLOCKS, SENTENCES, MENTIONS, FINGERPRINTS)
"""Tables whose rows come and go with their article."""
CHUNK_ROWS = 5_000


def write(folder: Path, tables: Mapping[str, pa.Table], facts: Mapping[str, Any]) -> None:
    """Writes a staged batch; an existing one with the same name is left as it is.

    Args:
        folder: where the batch goes; its name is the batch_id.
        tables: one table a name in STAGED; those with a published_month in order of publication.
        facts: counts and times, JSON-serialisable; read back by `read_facts`.
    """
    if folder.exists():
        return
    building = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    months = {}
    for table in STAGED:
        rows = tables[table.name]
        batch = pa.DictionaryArray.from_arrays(pa.nulls(rows.num_rows, pa.int8()).fill_null(0), pa.array([folder.name]))
        rows = rows.append_column("batch_id", batch)
        with ipc.new_file(str(building / f"{table.name}.arrow"), rows.schema) as writer:
            writer.write_table(rows, max_chunksize=CHUNK_ROWS)
        if table.partition:
            months[table.name] = _spans(rows[table.partition])
    (building / "facts.json").write_text(json.dumps({**facts, "months": months}), encoding="utf-8")
    try:
        building.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(building)


def _spans(column: pa.ChunkedArray) -> dict[str, tuple[int, int]]:
    """Value → (first row, row after the last) of a column whose equal values are neighbours."""
    if len(column) == 0:
        return {}
    runs = pc.run_end_encode(column.combine_chunks())
    ends = runs.run_ends.to_pylist()
    values = runs.values.to_pylist()
    spans = dict(zip(values, zip([0, *ends], ends, strict=False), strict=True))
    if len(spans) < len(values):
        raise AssertionError("staged rows are not in order of publication")
    return spans


def read_facts(folder: Path) -> dict[str, Any]:
    """What was noted with a staged batch."""
    content: dict[str, Any] = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return content


def dataset(folders: Sequence[Path], table: Table) -> ds.Dataset:
    """A table of several staged batches, with a batch_id, to be scanned."""
    schema = table.schema.append(pa.field("batch_id", pa.dictionary(pa.int8(), pa.string())))
    if not folders:
        return ds.dataset(schema.empty_table())
    return ds.dataset([str(folder / f"{table.name}.arrow") for folder in folders], format="ipc", schema=schema)


def read_months(folder: Path, table: Table, spans: Mapping[str, Sequence[int]], months: Sequence[str]) -> pa.Table:
    """The rows of some months of a staged table; nothing else is read from the disk.

    Args:
        folder: the staged batch.
        table: a table with a published_month.
        spans: its entry in the facts' `months`.
        months: YYYY-MM or undated.
    """
    wanted = [spans[month] for month in months if month in spans]
    if not wanted:
        return table.empty()
    with pa.memory_map(str(folder / f"{table.name}.arrow")) as source:
        rows = ipc.open_file(source).read_all().select(table.column_names)
    return pa.concat_tables([rows.slice(start, stop - start) for start, stop in wanted])
