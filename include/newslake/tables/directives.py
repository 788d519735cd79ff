"""directives: the tasks that instructions set."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import AT_ITS_PLACE, Check, Column, Table
from newslake.tables.mentions import MODIFIERS
from newslake.tables.spans import ARTICLE_ID, CONFIDENCE_IS_A_SHARE, FITS_THE_TEXT, FOUND_AT, IS_ORDERED, SENTENCE_NO

PRECISIONS = ("day", "month", "quarter", "half_year", "year")

DIRECTIVES = Table(
    name="directives",
    grain="one task set in an article",
    description="What is to be done, by whom, by when, how much: as the text says it. What it does not say is null.",
    key=("directive_id",),
    partition="published_month",
    order=("published_date", "article_id", "start"),
    references=(("article_id", "articles.article_id"),),
    columns=(
        Column("directive_id", pa.string(), "made from the article's id and the span", nullable=False, is_unique=True),
        ARTICLE_ID,
        SENTENCE_NO,
        Column("parent_id", pa.string(), "the directive whose heading it stands under; null for headings"),
        Column("speaker", pa.string(), "who sets the task: a person or a body; null where nobody is named"),
        Column("speaker_title", pa.string(), "the speaker's office"),
        Column("verb", pa.string(), "the words that make it a task: 着力打造, 加快建设, 确保", nullable=False),
        Column("task", pa.string(), "what is to be done, from its verb to its end", nullable=False),
        Column(
            "matter",
            pa.string(),
            "what the task is about: its object without place, verb and common words",
            nullable=False,
        ),
        Column("jurisdiction", pa.string(), "the division the article is about: 重庆市/涪陵区"),
        Column("responsible_bodies", pa.list_(pa.string()), "bodies the text makes responsible, in full; null if none"),
        Column("deadline", pa.date32(), "last day of the time given; null where none is"),
        Column("deadline_precision", pa.string(), f"of that time: {', '.join(PRECISIONS)}"),
        Column("deadline_text", pa.string(), "the words that give it: 年底前, 三年内"),
        Column("target", pa.string(), "the words that give the target, figure included"),
        Column("quantity", pa.float64(), "the target's number, as in mentions"),
        Column("unit", pa.string(), "the target's unit, as in mentions"),
        Column("modifier", pa.string(), f"how the number is meant: {', '.join(MODIFIERS)}"),
        Column("domain", pa.string(), "policy domain, from seeds/reference/domains.txt; null where no word tells"),
        Column("text", pa.string(), "the span of the task in the text", nullable=False),
        *FOUND_AT,
    ),
    checks=(
        CONFIDENCE_IS_A_SHARE,
        Check("precision_is_known", f"deadline_precision NOT IN {PRECISIONS}", "precision is one of the known ones"),
        Check("modifier_is_known", f"modifier NOT IN {MODIFIERS}", "modifier is one of the known ones"),
        Check(
            "deadline_has_words",
            "(deadline IS NULL) != (deadline_precision IS NULL) OR (deadline IS NOT NULL AND deadline_text IS NULL)",
            "a deadline comes from words and has a precision",
        ),
        Check("quantity_has_target", "quantity IS NOT NULL AND target IS NULL", "a quantity comes from a target"),
        IS_ORDERED,
        *FITS_THE_TEXT,
        AT_ITS_PLACE,
    ),
)
