"""mentions: who and what the text names."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import Check, Column, Table

KINDS = ("person", "organisation", "place", "work", "initiative", "figure")

MENTIONS = Table(
    name="mentions",
    grain="one mention in a sentence",
    description="Names as the text gives them, with the title that stands beside a person's name.",
    key=("article_id", "sentence_no", "start", "end", "kind"),
    partition="published_month",
    order=("published_date", "article_id", "sentence_no", "start"),
    references=(("article_id", "articles.article_id"),),
    columns=(
        Column("article_id", pa.string(), "the article", nullable=False),
        Column("sentence_no", pa.int32(), "the sentence", nullable=False),
        Column("kind", pa.string(), f"{', '.join(KINDS)}; only person is found so far", nullable=False),
        Column("text", pa.string(), "the words of the mention", nullable=False),
        Column("name", pa.string(), "the name within them", nullable=False),
        Column("title", pa.string(), "office held, as the text states it; null where it does not"),
        Column("start", pa.int32(), "where text begins in articles.text", unit="code points", nullable=False),
        Column("end", pa.int32(), "where text ends in articles.text, exclusive", unit="code points", nullable=False),
        Column("confidence", pa.float32(), "how sure the rule is", unit="0 to 1", nullable=False),
        Column("published_date", pa.date32(), "the article's, so that files prune by date"),
        Column("published_month", pa.string(), "the article's; the partition", nullable=False),
    ),
    checks=(
        Check("kind_is_known", f"kind NOT IN {KINDS}", "kind is one of the known kinds"),
        Check("confidence_is_a_share", "confidence NOT BETWEEN 0 AND 1", "confidence is between 0 and 1"),
        Check("offsets_inside_text", '"end" > article_char_count', "offsets lie inside articles.text"),
        Check("length_matches_offsets", 'length(text) != "end" - start', "offsets span the text"),
        Check("name_in_text", "NOT contains(text, name)", "the name is part of the mention"),
    ),
)
