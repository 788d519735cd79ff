"""evidence: what articles say became of a task."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import AT_ITS_PLACE, Check, Column, Table

EVIDENCE_KINDS = ("started", "progress", "completed")

EVIDENCE = Table(
    name="evidence",
    grain="one statement that something was begun, has advanced or is done",
    description="Which directive it belongs to is found over all articles: see the view directive_events.",
    key=("evidence_id",),
    partition="published_month",
    order=("published_date", "article_id", "start"),
    references=(("article_id", "articles.article_id"),),
    columns=(
        Column("evidence_id", pa.string(), "made from the article's id and the span", nullable=False, is_unique=True),
        Column("article_id", pa.string(), "the article", nullable=False),
        Column("sentence_no", pa.int32(), "the sentence", nullable=False),
        Column("kind", pa.string(), ", ".join(EVIDENCE_KINDS), nullable=False),
        Column("matter", pa.string(), "what it is about, as in directives", nullable=False),
        Column("jurisdiction", pa.string(), "the division the article is about, as in directives"),
        Column("bodies", pa.list_(pa.string()), "bodies the sentence names as acting, in full; null if none"),
        Column("speaker", pa.string(), "who says so; null where the article itself reports it"),
        Column("quantity", pa.float64(), "the figure reached, as in mentions"),
        Column("unit", pa.string(), "its unit, as in mentions"),
        Column("at", pa.date32(), "when: the day the sentence gives, else the event's, else the publication's"),
        Column("text", pa.string(), "the words", nullable=False),
        Column("start", pa.int32(), "where text begins in articles.text", unit="code points", nullable=False),
        Column("end", pa.int32(), "where text ends in articles.text, exclusive", unit="code points", nullable=False),
        Column("confidence", pa.float32(), "how sure the rule is", unit="0 to 1", nullable=False),
        Column("published_date", pa.date32(), "the article's, so that files prune by date"),
        Column("published_month", pa.string(), "the article's; the partition", nullable=False),
    ),
    checks=(
        Check("kind_is_known", f"kind NOT IN {EVIDENCE_KINDS}", "kind is one of the known kinds"),
        Check("confidence_is_a_share", "confidence NOT BETWEEN 0 AND 1", "confidence is between 0 and 1"),
        Check("offsets_are_ordered", 'start < 0 OR "end" <= start', "start is before end"),
        Check("offsets_inside_text", '"end" > article_char_count', "offsets lie inside articles.text"),
        Check("length_matches_offsets", 'length(text) != "end" - start', "offsets span the text"),
        AT_ITS_PLACE,
    ),
)
