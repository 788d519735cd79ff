"""Fingerprints of the lake: those that new articles have to be compared with, read without the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from newslake.fingerprint import Rows
from newslake.tables.fingerprints import FINGERPRINTS

COMPARED = ["article_id", "text_sha256", "signature", "shingle_count", "facts", "originality"]
"""What `deduplicate.cluster` reads of fingerprints."""


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
            for number in range(file.num_row_groups):
                is_taken = is_wanted(file.read_row_group(number, columns=columns))
                if is_taken.any():
                    rows = file.read_row_group(number, columns=COMPARED).select(COMPARED)
                    found.append(rows.filter(pa.array(is_taken)).cast(found[0].schema))
    return pa.concat_tables(found)


def near(new: pa.Table, lake_paths: Sequence[Path | str]) -> pa.Table:
    """Rows of the lake that share a band or the whole text with a new one, without earlier rows of the new ones."""
    bands = _Filter(_values(new).view(np.uint32))
    hashes, ids = (new[name].combine_chunks() for name in ("text_sha256", "article_id"))

    def is_near(rows: pa.Table) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = pc.is_in(rows["text_sha256"], value_set=hashes).to_numpy()
        sizes = pc.list_value_length(rows["bands"]).to_numpy()
        found[np.repeat(np.arange(len(sizes)), sizes)[bands.places(_values(rows).view(np.uint32))]] = True
        return found

    found = _read_some(lake_paths, ["text_sha256", "bands"], is_near)
    return found.filter(pc.invert(pc.is_in(found["article_id"], value_set=ids)))


def _values(rows: pa.Table) -> npt.NDArray[np.int32]:
    values: npt.NDArray[np.int32] = rows["bands"].combine_chunks().flatten().to_numpy()
    return values


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
