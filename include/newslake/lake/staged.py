"""Staged batches: the tables of refined batches, on disk, not yet in the lake.

A staged batch is a folder of one Parquet file a table. It appears complete or not at all, and its
name is made from the documents in it, so a task that runs twice makes the same folder.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from newslake.lake.delta import sort
from newslake.tables import (
    ARTICLES,
    BLOCKS,
    FINGERPRINTS,
    MENTIONS,
    QUARANTINE,
    SENTENCES,
)

STAGED = (ARTICLES, BLOCKS, SENTENCES, MENTIONS, FINGERPRINTS, QUARANTINE)
CHILDREN = (BLOCKS, SENTENCES, MENTIONS, FINGERPRINTS)
"""Tables whose rows come and go with their article."""
ROW_GROUP_ROWS = 2_000
"""Small, so that reading one month of many batches skips the others."""


def write(folder: Path, tables: Mapping[str, pa.Table], facts: Mapping[str, Any]) -> None:
    """Writes a staged batch; an existing one with the same name is left as it is.

    Args:
        folder: where the batch goes.
        tables: one table a name in STAGED.
        facts: counts and times, JSON-serialisable; read back by `facts`.
    """
    if folder.exists():
        return
    building = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    for table in STAGED:
        rows = sort(tables[table.name], table)
        pq.write_table(rows, building / f"{table.name}.parquet", compression="lz4", row_group_size=ROW_GROUP_ROWS)
    (building / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    try:
        building.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(building)


def facts(folder: Path) -> dict[str, Any]:
    """What was noted with a staged batch."""
    content: dict[str, Any] = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return content
