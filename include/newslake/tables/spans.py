"""Columns and checks that tables of parts of articles share: whose part a row is, where it stands, how sure that is."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import Check, Column

ARTICLE_ID = Column("article_id", pa.string(), "the article", nullable=False)
SENTENCE_NO = Column("sentence_no", pa.int32(), "the sentence", nullable=False)
DATES = (
    Column("published_date", pa.date32(), "the article's, so that files prune by date"),
    Column("published_month", pa.string(), "the article's; the partition", nullable=False),
)
FOUND_AT = (
    Column("start", pa.int32(), "where text begins in articles.text", unit="code points", nullable=False),
    Column("end", pa.int32(), "where text ends in articles.text, exclusive", unit="code points", nullable=False),
    Column("confidence", pa.float32(), "how sure the rule is", unit="0 to 1", nullable=False),
    *DATES,
)
"""The last columns of what `annotate` finds."""

CONFIDENCE_IS_A_SHARE = Check(
    "confidence_is_a_share", "confidence NOT BETWEEN 0 AND 1", "confidence is between 0 and 1"
)
IS_ORDERED = Check("offsets_are_ordered", 'start < 0 OR "end" <= start', "start is before end")
FITS_THE_TEXT = (
    Check("offsets_inside_text", '"end" > article_char_count', "offsets lie inside articles.text"),
    Check("length_matches_offsets", 'length(text) != "end" - start', "offsets span the text"),
)
