"""evidence: what articles say became of a task."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import AT_ITS_PLACE, Check, Column, Table
from newslake.tables.spans import ARTICLE_ID, CONFIDENCE_IS_A_SHARE, FITS_THE_TEXT, FOUND_AT, IS_ORDERED, SENTENCE_NO

EVIDENCE_KINDS = ("started", "progress", "completed", "cancelled", "rescheduled")

EVIDENCE = Table(
    name="evidence",
    grain="one statement that something was begun, has advanced, is done, or was called or put off",
    description="Which directive it belongs to is found over all articles: see the view directive_events.",
    key=("evidence_id",),
    partition="published_month",
    order=("published_date", "article_id", "start"),
    references=(("article_id", "articles.article_id"),),
    columns=(
        Column("evidence_id", pa.string(), "made from the article's id and the span", nullable=False, is_unique=True),
        ARTICLE_ID,
        SENTENCE_NO,
        Column("kind", pa.string(), ", ".join(EVIDENCE_KINDS), nullable=False),
        Column("matter", pa.string(), "what it is about, as in directives", nullable=False),
        Column("jurisdiction", pa.string(), "the division the article is about, as in directives"),
        Column("bodies", pa.list_(pa.string()), "bodies the sentence names as acting, in full; null if none"),
        Column("speaker", pa.string(), "who says so; null where the article itself reports it"),
        Column("quantity", pa.float64(), "the figure reached, as in mentions"),
        Column("unit", pa.string(), "its unit, as in mentions"),
        Column(
            "at",
            pa.date32(),
            "when: the day the sentence gives, else the event's, else the publication's; rescheduled: the new deadline, where given",
        ),
        Column("text", pa.string(), "the words", nullable=False),
        *FOUND_AT,
    ),
    checks=(
        Check("kind_is_known", f"kind NOT IN {EVIDENCE_KINDS}", "kind is one of the known kinds"),
        CONFIDENCE_IS_A_SHARE,
        IS_ORDERED,
        *FITS_THE_TEXT,
        AT_ITS_PLACE,
    ),
)
