"""Whether rows stand in the text where they say: `articles.text[start:end]` is their text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def misplaced(rows: pa.Table, articles: pa.Table) -> pa.BooleanArray:
    """Rows whose text, or that of a token or term in them, is not what their article has at that place.

    Args:
        rows: with article_id, text, start and end; rows without a start stand nowhere and are right.
        articles: article_id and text of these articles.

    Returns:
        One answer a row.

    >>> articles = pa.table({"article_id": ["a"], "text": ["龙头港开工。"]})
    >>> rows = pa.table({"article_id": ["a", "a"], "text": ["开工", "港口"], "start": [3, 2], "end": [5, 4]})
    >>> misplaced(rows, articles).to_pylist()
    [False, True]
    """
    whole = _Whole(articles)
    parent = pc.index_in(rows["article_id"], value_set=articles["article_id"].combine_chunks()).to_numpy()
    start, end = (pc.fill_null(rows[name], 0).to_numpy() for name in ("start", "end"))
    wrong = whole.differs(parent, start, end, rows["text"].combine_chunks())
    wrong &= rows["start"].is_valid().to_numpy()
    for field in rows.schema:
        if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type):
            wrong |= _parts_misplaced(whole, parent, rows[field.name].combine_chunks())
    return pa.array(wrong, pa.bool_())


def _parts_misplaced(whole: _Whole, parent: Numbers, lists: pa.ListArray) -> Flags:
    parts = lists.flatten()
    row = np.repeat(np.arange(len(lists)), pc.fill_null(pc.list_value_length(lists), 0).to_numpy())
    start, end = (parts.field(name).to_numpy() for name in ("start", "end"))
    wrong = whole.differs(parent[row], start, end, parts.field("text"))
    has_wrong: Flags = np.bincount(row[wrong], minlength=len(lists)) > 0
    return has_wrong


class _Whole:
    """The texts of all articles as one, and where each begins in it."""

    def __init__(self, articles: pa.Table) -> None:
        texts = articles["text"].combine_chunks()
        joined = "".join(texts.to_pylist()).encode()
        self._bytes = pa.py_buffer(joined)
        units = np.frombuffer(joined, np.uint8)
        # Where each code point begins: the bytes that do not continue one.
        self._places = np.append(np.flatnonzero((units & 0xC0) != 0x80), len(units))
        self._lengths = pc.utf8_length(texts).to_numpy().astype(np.int64)
        self._first = np.concatenate(([0], np.cumsum(self._lengths)))

    def differs(self, parent: Numbers, start: Numbers, end: Numbers, text: pa.StringArray) -> Flags:
        """Which texts are not found at start to end of their article."""
        is_inside = (start >= 0) & (start <= end) & (end <= self._lengths[parent])
        first = self._first[parent]
        begins = self._places[np.where(is_inside, first + start, 0)]
        ends = self._places[np.where(is_inside, first + end, 0)]
        # Each second piece between these borders is one that is asked for, where they rise; else one at a time.
        order = np.argsort(begins, kind="stable")
        borders = np.column_stack((begins[order], ends[order])).ravel()
        if len(borders) and (np.diff(borders) < 0).any():
            pieces = pa.array([self._piece(*span) for span in zip(begins, ends, strict=True)], pa.string())
        else:
            borders = np.append(borders, borders[-1:]).astype(np.int32)
            every = pa.StringArray.from_buffers(max(len(borders) - 1, 0), pa.py_buffer(borders), self._bytes)
            back = np.empty(len(order), np.int64)
            back[order] = np.arange(len(order)) * 2
            pieces = every.take(pa.array(back))
        is_equal: Flags = pc.fill_null(pc.equal(pieces, text), False).to_numpy(zero_copy_only=False)
        differs: Flags = ~(is_equal & is_inside)
        return differs

    def _piece(self, begin: int, end: int) -> str:
        piece: bytes = self._bytes[int(begin) : int(end)].to_pybytes()
        return piece.decode()
