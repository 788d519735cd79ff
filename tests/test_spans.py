from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from newslake.spans import misplaced

TEXT = st.text(alphabet=st.sampled_from("ab龙头港é🙂\n。"), max_size=12)
ROW = st.tuples(st.integers(0, 2), st.integers(-2, 14), st.integers(-2, 14), TEXT, st.booleans())


@given(st.lists(TEXT, min_size=3, max_size=3), st.lists(ROW, max_size=8))
def test_exactly_what_python_slices_differently_is_misplaced(
    texts: list[str], given_rows: list[tuple[int, int, int, str, bool]]
) -> None:
    articles = pa.table({"article_id": ["0", "1", "2"], "text": texts})
    rows = []
    for parent, start, end, other, is_right in given_rows:
        inside = 0 <= start <= end <= len(texts[parent])
        text = texts[parent][start:end] if is_right and inside else other
        rows.append((str(parent), text, start, end, not (inside and texts[parent][start:end] == text)))
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], [], []]
    types = (pa.string(), pa.string(), pa.int32(), pa.int32())
    names = ("article_id", "text", "start", "end")
    table = pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=False)})
    assert misplaced(table, articles).to_pylist() == columns[4]


def test_words_within_are_looked_at_too() -> None:
    articles = pa.table({"article_id": ["a"], "text": ["龙头港开工。"]})
    word = {"text": "开工", "start": 3, "end": 5}
    rows = pa.table({"article_id": ["a"] * 3, "text": ["龙头港开工。"] * 3, "start": [0] * 3, "end": [6] * 3,
                     "tokens": [[word], [word, {**word, "start": 2, "end": 4}], []]})  # fmt: skip
    assert misplaced(rows, articles).to_pylist() == [False, True, False]


def test_rows_that_stand_nowhere_are_right() -> None:
    articles = pa.table({"article_id": ["a"], "text": ["龙头港"]})
    nowhere = pa.array([None], pa.int32())
    rows = pa.table({"article_id": ["a"], "text": ["图注"], "start": nowhere, "end": nowhere})
    assert misplaced(rows, articles).to_pylist() == [False]
