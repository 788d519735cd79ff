"""Staged batches: the tables of refined batches, on disk, not yet in the lake.

A staged batch is a folder of one Arrow file a table: written and read at memory speed, since it
lives only until the next publish. It appears complete or not at all, and its name is made from the
documents in it, so a task that runs twice makes the same folder. Rows lie in order of publication,
and `facts.json` says where each day begins, so that a day is read without the others.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc

from newslake.tables import ARTICLES, PUBLISHED, QUARANTINE, Table

if TYPE_CHECKING:
    import pyarrow.dataset as ds

CHILDREN = tuple(table for table in PUBLISHED if ("article_id", "articles.article_id") in table.references)
"""Tables whose rows come and go with their article."""
STAGED = (ARTICLES, *CHILDREN, QUARANTINE)
CHUNK_ROWS = 5_000
"""Rows that are read together: every chunk of a table has as many, but for the last."""
UNDATED = "undated"


def write(folder: Path, tables: Mapping[str, pa.Table], facts: Mapping[str, Any]) -> None:
    """Writes a staged batch; an existing one with the same name is left as it is.

    Args:
        folder: where the batch goes; its name is the batch_id.
        tables: one table a name in STAGED; those with a published_date in order of publication.
        facts: counts and times, JSON-serialisable; read back by `read_facts`.
    """
    if folder.exists():
        return
    building = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    days = {}
    for table in STAGED:
        rows = tables[table.name]
        batch = pa.DictionaryArray.from_arrays(pa.nulls(rows.num_rows, pa.int8()).fill_null(0), pa.array([folder.name]))
        rows = rows.append_column("batch_id", batch)
        with ipc.new_file(str(building / f"{table.name}.arrow"), rows.schema) as writer:
            writer.write_table(rows.combine_chunks(), max_chunksize=CHUNK_ROWS)
        if table.partition:
            days[table.name] = _spans(rows["published_date"])
    (building / "facts.json").write_text(json.dumps({**facts, "days": days}), encoding="utf-8")
    try:
        building.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(building)


def _spans(days: pa.ChunkedArray) -> dict[str, tuple[int, int]]:
    """YYYY-MM-DD or undated → (first row, row after the last) of a column in order of publication."""
    if len(days) == 0:
        return {}
    runs = pc.run_end_encode(days.cast(pa.string()).fill_null(UNDATED).combine_chunks())
    ends = runs.run_ends.to_pylist()
    values = runs.values.to_pylist()
    if values != sorted(set(values)):
        raise AssertionError("staged rows are not in order of publication")
    return dict(zip(values, zip([0, *ends], ends, strict=False), strict=True))


def read_facts(folder: Path) -> dict[str, Any]:
    """What was noted with a staged batch."""
    content: dict[str, Any] = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return content


def dataset(folders: Sequence[Path], table: Table) -> ds.Dataset:
    """A table of several staged batches, with a batch_id, to be scanned."""
    # It imports pandas, which takes a quarter of a second and which those who only write do not need.
    import pyarrow.dataset as ds

    schema = table.schema.append(pa.field("batch_id", pa.dictionary(pa.int8(), pa.string())))
    if not folders:
        return ds.dataset(schema.empty_table())
    return ds.dataset([str(folder / f"{table.name}.arrow") for folder in folders], format="ipc", schema=schema)


def read_days(folder: Path, table: Table, spans: Mapping[str, Sequence[int]], first: str, last: str) -> pa.Table:
    """The rows of a range of days of a staged table; nothing else is read from the disk.

    Args:
        folder: the staged batch.
        table: a table with a published_date.
        spans: its entry in the facts' `days`.
        first: YYYY-MM-DD or undated, which is after every day.
        last: likewise, inclusive.
    """
    wanted = [span for day, span in spans.items() if first <= day <= last]
    if not wanted:
        return table.empty()
    start, stop = wanted[0][0], wanted[-1][1]
    first_chunk = start // CHUNK_ROWS
    with pa.memory_map(str(folder / f"{table.name}.arrow")) as source:
        reader = ipc.open_file(source)
        chunks = [reader.get_batch(number) for number in range(first_chunk, (stop - 1) // CHUNK_ROWS + 1)]
    rows = pa.Table.from_batches(chunks).select(table.column_names)
    return rows.slice(start - first_chunk * CHUNK_ROWS, stop - start)
