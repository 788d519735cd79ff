"""What sentences name. An annotator takes (articles, sentences) and gives rows of `tables.MENTIONS`.

Adding one: a file beside this one, and a name in `ANNOTATORS`.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from newslake.annotate.people import find_people
from newslake.tables.mentions import MENTIONS

__all__ = ["ANNOTATORS", "annotate"]

Annotator = Callable[[pa.Table, pa.Table], pa.Table]

ANNOTATORS: tuple[Annotator, ...] = (find_people,)


def annotate(articles: pa.Table, sentences: pa.Table) -> pa.Table:
    """Runs every annotator over a batch.

    Args:
        articles: `tables.ARTICLES`.
        sentences: `tables.SENTENCES` of these articles.

    Returns:
        `tables.MENTIONS`: articles in the order given, then by place in the text.
        Of two mentions with the same key the earlier annotator's stays.
    """
    found = pa.concat_tables([find(articles, sentences) for find in ANNOTATORS])
    row = pc.index_in(found["article_id"], value_set=articles["article_id"])
    found = found.append_column("article_no", row).append_column("found_no", pa.array(range(len(found)), pa.int64()))
    by_place = [(name, "ascending") for name in ("article_no", "sentence_no", "start", "end", "kind", "found_no")]
    found = found.sort_by(by_place)
    return found.take(pa.array(_first_of_each_key(found), pa.int64())).select(MENTIONS.column_names)


def _first_of_each_key(mentions: pa.Table) -> list[int]:
    """Rows that do not repeat the key of an earlier row."""
    keys = zip(*(mentions[name].to_pylist() for name in MENTIONS.key), strict=True)
    seen: dict[tuple[object, ...], int] = {}
    for row, key in enumerate(keys):
        seen.setdefault(key, row)
    return list(seen.values())
