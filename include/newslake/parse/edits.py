"""The map of articles: changes of lines → changes of the texts that join the body lines."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from newslake.tables.articles import ARTICLES

TOGETHER: Final = 100
"""Pages that are looked at at once: the columns of more of them do not fit the processor's caches."""


def text_changes(pages: pa.Table, body: np.ndarray, starts: np.ndarray, borders: np.ndarray) -> pa.Array:
    """The column `articles.edits`.

    Args:
        pages: rows of `tables.PAGES`.
        body: numbers of the body lines among the lines of all pages, in order.
        starts: where each of them begins in its article's text, in code points.
        borders: where the body lines of each page begin in `body`, and where the last ends.
    """
    edits, lines = pages["edits"].combine_chunks(), pages["lines"].combine_chunks()
    chunks: list[pa.Array] = []
    for first in range(0, len(pages) or 1, TOGETHER):
        last = min(first + TOGETHER, len(pages))
        line_borders = lines.offsets[first : last + 1].to_numpy() if len(pages) else np.zeros(1, np.int32)
        own = slice(borders[first], borders[last])
        places = (body[own] + lines.offsets[0].as_py() - line_borders[0], starts[own], borders[first : last + 1])
        chunks.append(_shifted(edits[first:last], line_borders - line_borders[0], *places))
    return pa.concat_arrays(chunks)


def _shifted(
    edits: pa.Array, line_borders: np.ndarray, body: np.ndarray, starts: np.ndarray, borders: np.ndarray
) -> pa.Array:
    rows, counts = edits.flatten(), np.diff(edits.offsets.to_numpy())
    line_nos, *offsets = (
        rows.field(name).to_numpy() for name in ("line_no", "start", "end", "found_start", "found_end")
    )
    lines = line_nos + np.repeat(line_borders[:-1], counts)
    # A line begins as much earlier in the text as found as the body lines before it grew.
    growths = np.bincount(lines, offsets[1] - offsets[0] + offsets[2] - offsets[3], line_borders[-1])[body]
    grown = np.cumsum(growths) - growths
    is_filled = np.diff(borders) > 0
    grown -= np.repeat(grown[(borders[:-1] - borders[0])[is_filled]], np.diff(borders)[is_filled])
    shifts, found_shifts = np.full((2, line_borders[-1]), -1, np.int32)
    shifts[body], found_shifts[body] = starts, starts - grown
    is_body = shifts[lines] >= 0
    repairs = rows.field("repair")
    if not is_body.all():
        lines, repairs = lines[is_body], repairs.filter(pa.array(is_body))
        offsets = [column[is_body] for column in offsets]
    columns = [column + shift[lines] for column, shift in zip(offsets, [shifts] * 2 + [found_shifts] * 2, strict=True)]
    ends = np.concatenate(([0], np.cumsum(is_body)))[np.concatenate(([0], np.cumsum(counts)))]
    kind = ARTICLES.schema.field("edits").type.value_type
    structs = pa.StructArray.from_arrays([repairs, *map(pa.array, columns)], fields=list(kind))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs)
