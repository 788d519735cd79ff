"""The map of pages: what the repairs changed, line by line, for a whole batch at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from newslake.clean.edits import Changes, Edits, Trace, joined
from newslake.tables.pages import LINE_CHANGE

TOGETHER: Final = 100
"""Pages that are looked at at once: the columns of more of them do not fit the processor's caches."""


class RepairedLines(NamedTuple):
    """Lines that went through the repairs.

    Attributes:
        found: the lines before.
        lines: as many lines after.
        counts: repair → how many edits it made, zeros left out.
        steps: for each repair the length of the text that it took, all lines joined by line feeds, and its edits;
            the length is -1 where there are no lines.
    """

    found: list[str]
    lines: list[str]
    counts: dict[str, int]
    steps: list[tuple[int, Edits]]


def line_changes(names: Sequence[str], pages: Sequence[RepairedLines], kept: Sequence[int]) -> pa.ListArray:
    """The changes of each page, as `pages.edits` has them.

    Args:
        names: of the repairs, in the order of `steps`.
        pages: what the repairs made.
        kept: how many lines of each page count; changes in later lines are left out.

    Returns:
        One list of LINE_CHANGE a page.
    """
    chunks = [slice(first, first + TOGETHER) for first in range(0, len(pages) or 1, TOGETHER)]
    return pa.concat_arrays([_joined_changes(names, pages[chunk], kept[chunk]) for chunk in chunks])


def _joined_changes(names: Sequence[str], pages: Sequence[RepairedLines], kept: Sequence[int]) -> pa.ListArray:
    """The changes of some pages as if they were one text: this costs hardly more than one page."""
    trace = Trace(names)
    for number, name in enumerate(names):
        trace.add(name, joined(page.steps[number] for page in pages))
    changes = trace.columns()
    # No change spans a line feed, so the line where it begins is the line where it ends.
    found_starts, text_starts = _line_starts(page.found for page in pages), _line_starts(page.lines for page in pages)
    counts = [len(page.lines) for page in pages]
    owners = np.repeat(np.arange(len(pages)), counts)
    line_nos = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    lines = np.searchsorted(found_starts, changes.found_starts, side="right") - 1
    is_kept = (line_nos < np.repeat(kept, counts))[lines]
    if not is_kept.all():
        lines, changes = lines[is_kept], Changes(*(column[is_kept] for column in changes))
    columns: list[pa.Array] = [
        pa.array(line_nos[lines], pa.int32()),
        _names(trace, changes.repairs),
    ]
    for offsets, starts in (
        (changes.starts, text_starts),
        (changes.ends, text_starts),
        (changes.found_starts, found_starts),
        (changes.found_ends, found_starts),
    ):
        columns.append(pa.array((offsets - starts[lines]).astype(np.int32)))
    borders = np.searchsorted(owners[lines], np.arange(len(pages) + 1))
    rows = pa.StructArray.from_arrays(columns, fields=list(LINE_CHANGE))
    return pa.ListArray.from_arrays(pa.array(borders, pa.int32()), rows)


def _names(trace: Trace, repairs: np.ndarray) -> pa.StringArray:
    """The names of the repairs of each change; few of all their combinations occur."""
    combinations, numbers = np.unique(repairs, return_inverse=True)
    return pa.array(map(trace.names_of, combinations.tolist()), pa.string()).take(pa.array(numbers))


def _line_starts(pages: Iterable[list[str]]) -> np.ndarray:
    """Where each line of all pages begins in the text that joins them by line feeds."""
    widths = np.fromiter(map(len, chain.from_iterable(pages)), np.int64) + 1
    return np.cumsum(widths) - widths
