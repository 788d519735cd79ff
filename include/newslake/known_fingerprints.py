"""Fingerprints of the lake: those that new articles have to be compared with, read without the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from newslake.errors import LakeError
from newslake.facts import Rows
from newslake.tables.fingerprints import FINGERPRINTS

COMPARED = ["article_id", "text_sha256", "signature", "facts", "originality"]
"""What `deduplicate.cluster` reads of fingerprints."""
BANDS_TYPE = FINGERPRINTS.schema.field("bands").type


def known(lake_paths: Sequence[Path | str], article_ids: Iterable[str]) -> pa.Table:
    """Fingerprints of some articles of the lake; of all others only the names are read.

    Args:
        lake_paths: Parquet files of the lake's fingerprints; may be empty.
        article_ids: the articles.

    Returns:
        Columns of `tables.FINGERPRINTS` that `cluster` needs, in no order.
    """
    ids = pa.array(sorted(article_ids), pa.string())

    def is_wanted(rows: pa.Table) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = pc.is_in(rows["article_id"], value_set=ids).to_numpy()
        return found

    return _read_some(lake_paths if len(ids) else (), ["article_id"], is_wanted)


def _read_some(
    lake_paths: Sequence[Path | str], columns: list[str], is_wanted: Callable[[pa.Table], npt.NDArray[np.bool_]]
) -> pa.Table:
    """Rows of the lake's fingerprints, chosen by some columns, a group of rows at a time."""
    found = [FINGERPRINTS.empty().select(COMPARED)]
    for path in lake_paths:
        with pq.ParquetFile(path) as file:
            if file.schema_arrow.field("bands").type != BANDS_TYPE:
                raise LakeError(
                    f"{path}: fingerprints of an older form, which new ones cannot be compared with. "
                    'Build the lake anew from its raw documents, as docs/operate.md says under "When verify fails"'
                )
            for number in range(file.num_row_groups):
                is_taken = is_wanted(file.read_row_group(number, columns=columns))
                if is_taken.any():
                    rows = file.read_row_group(number, columns=COMPARED).select(COMPARED)
                    found.append(rows.filter(pa.array(is_taken)).cast(found[0].schema))
    return pa.concat_tables(found)


def near(new: pa.Table, lake_paths: Sequence[Path | str]) -> pa.Table:
    """Rows of the lake that share a band or the whole text with a new one, without earlier rows of the new ones."""
    bands = _Filter(_bands(new)[0])

    def is_near(rows: pa.Table) -> npt.NDArray[np.bool_]:
        values, ends = _bands(rows)
        found = np.zeros(len(ends), bool)
        found[np.searchsorted(ends, bands.places(values), "right")] = True
        return found

    found = _read_some(lake_paths, ["bands"], is_near)
    return found.filter(pc.invert(pc.is_in(found["article_id"], value_set=new["article_id"].combine_chunks())))


def _bands(rows: pa.Table) -> tuple[npt.NDArray[np.uint32], Rows]:
    """The bands of all rows, one after the other, and where those of each row end."""
    column = pa.concat_arrays(rows["bands"].chunks) if rows["bands"].num_chunks else pa.array([], pa.binary())
    _, offsets, values = column.buffers()
    if not len(column):
        return np.empty(0, np.uint32), np.empty(0, np.int64)
    borders = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1] // 4
    return np.frombuffer(values, "<u4")[borders[0] : borders[-1]], (borders[1:] - borders[0]).astype(np.int64)


class _Filter:
    """Which of many values are among some."""

    def __init__(self, values: npt.NDArray[np.uint32]) -> None:
        self.values = np.unique(values)
        self.has_ending = np.zeros(2**22, bool)
        self.has_ending[self.values & np.uint32(2**22 - 1)] = True

    def places(self, values: npt.NDArray[np.uint32]) -> Rows:
        """Where the values stand that are among them. Most are told apart by their last bits alone."""
        maybe = np.flatnonzero(self.has_ending[values & np.uint32(2**22 - 1)])
        at = np.searchsorted(self.values, values[maybe])
        found: Rows = maybe[self.values[np.minimum(at, len(self.values) - 1)] == values[maybe]]
        return found
