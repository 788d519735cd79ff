"""blocks: every line of a page, typed as what it is."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import AT_ITS_PLACE, Check, Column, Table
from newslake.tables.spans import ARTICLE_ID, CONFIDENCE_IS_A_SHARE, DATES, FITS_THE_TEXT, IS_ORDERED

BODY_KINDS = ("dateline", "paragraph", "subhead", "list_item", "table", "quote")
"""Kinds that make up `articles.text`. A dateline is a line of its own; before running text it is part of the paragraph."""

KINDS = ("title", "deck", "header", *BODY_KINDS, "caption", "footer", "comment", "related")

BLOCKS = Table(
    name="blocks",
    grain="one block of an article",
    description="Nothing of a page is thrown away: what is not body is typed as what it is.",
    key=("article_id", "block_no"),
    partition="published_month",
    order=("published_date", "article_id", "block_no"),
    references=(("article_id", "articles.article_id"),),
    columns=(
        ARTICLE_ID,
        Column("block_no", pa.int32(), "position on the page, from 0", nullable=False),
        Column("kind", pa.string(), ", ".join(KINDS), nullable=False),
        Column("text", pa.string(), "the block, repaired", nullable=False, is_unique=True),
        Column("start", pa.int32(), "where it begins in articles.text; null where it is not body", unit="code points"),
        Column("end", pa.int32(), "where it ends in articles.text, exclusive", unit="code points"),
        Column("confidence", pa.float32(), "how sure the kind is", unit="0 to 1", nullable=False),
        *DATES,
    ),
    checks=(
        Check("kind_is_known", f"kind NOT IN {KINDS}", "kind is one of the known kinds"),
        CONFIDENCE_IS_A_SHARE,
        Check(
            "body_has_offsets", f"(kind IN {BODY_KINDS}) != (start IS NOT NULL)", "exactly the body blocks have offsets"
        ),
        IS_ORDERED,
        *FITS_THE_TEXT,
        AT_ITS_PLACE,
    ),
)
