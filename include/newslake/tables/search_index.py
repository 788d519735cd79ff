"""search_index: where each pair of characters stands, so that phrases are found without reading texts."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import Check, Column, Table
from newslake.tables.spans import ARTICLE_ID

FIRST_CLASSES, SECOND_CLASSES = 32, 16
"""A bucket is a class of a term's first character and one of its second: code points modulo these."""
BUCKETS = FIRST_CLASSES * SECOND_CLASSES

SEARCH_INDEX = Table(
    name="search_index",
    grain="one bucket of terms of one article",
    description=(
        "Terms of title and text with their places, for the macro `search`. A term is a Latin word or number in lower case, "
        "or a character of another script with the one behind it, | being any mark; where a word ends before such a "
        "character, also the two characters that meet there."
    ),
    key=("article_id", "bucket"),
    # By bucket alone: a search reads a few buckets of all articles.
    order=("bucket",),
    references=(("article_id", "articles.article_id"),),
    row_group_rows=60_000,
    columns=(
        ARTICLE_ID,
        Column(
            "bucket",
            pa.int32(),
            f"code point of a term's first character modulo {FIRST_CLASSES}, times {SECOND_CLASSES}, plus that of its "
            f"second modulo {SECOND_CLASSES}, which is 0 where there is none; every article has bucket 0",
            nullable=False,
        ),
        Column("word_count", pa.int32(), "words of the body, marks left out", nullable=False),
        Column("terms", pa.list_(pa.string()), "the terms, in the order of the text", nullable=False),
        Column("positions", pa.list_(pa.int32()), "where each stands, as many", unit="units of text", nullable=False),
    ),
    checks=(Check("bucket_is_one", f"bucket NOT BETWEEN 0 AND {BUCKETS - 1}", f"there are {BUCKETS} buckets"),),
)
