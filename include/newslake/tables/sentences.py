"""sentences: the body in sentences and tokens, with offsets into articles.text."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import AT_ITS_PLACE, Check, Column, Table
from newslake.tables.spans import ARTICLE_ID, DATES, FITS_THE_TEXT, IS_ORDERED

TOKEN = pa.struct(
    [
        ("text", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("pos", pa.string()),
        ("is_stop", pa.bool_()),
        ("in_term", pa.bool_()),
    ]
)
TERM_KINDS = ("term", "office", "person", "organisation", "place", "work", "initiative", "project")
TERM = pa.struct([("text", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("kind", pa.string())])

SENTENCES = Table(
    name="sentences",
    grain="one sentence of an article's body",
    description="`articles.text[start:end]` is the sentence; each token carries its own offsets there.",
    key=("article_id", "sentence_no"),
    partition="published_month",
    order=("published_date", "article_id", "sentence_no"),
    references=(("article_id", "articles.article_id"),),
    columns=(
        ARTICLE_ID,
        Column("sentence_no", pa.int32(), "position in the article, from 0", nullable=False),
        Column("block_no", pa.int32(), "the block it stands in", nullable=False),
        Column("start", pa.int32(), "where it begins in articles.text", unit="code points", nullable=False),
        Column("end", pa.int32(), "where it ends in articles.text, exclusive", unit="code points", nullable=False),
        Column("text", pa.string(), "the sentence", nullable=False, is_unique=True),
        Column(
            "tokens",
            pa.list_(TOKEN),
            "words and marks with offsets into articles.text and part of speech; whether it is a stop word, "
            "and whether a term covers it",
            nullable=False,
        ),
        Column(
            "terms",
            pa.list_(TERM),
            f"names, offices and terms that stay whole, with offsets into articles.text: {', '.join(TERM_KINDS)}",
            nullable=False,
        ),
        *DATES,
    ),
    checks=(
        IS_ORDERED,
        *FITS_THE_TEXT,
        Check("tokens_not_empty", "len(tokens) = 0", "a sentence has tokens"),
        Check(
            "tokens_inside_sentence",
            'len(tokens) > 0 AND (tokens[1].start < start OR tokens[-1]."end" > "end")',
            "tokens lie inside their sentence",
        ),
        Check(
            "terms_inside_sentence",
            'len(terms) > 0 AND (terms[1].start < start OR terms[-1]."end" > "end")',
            "terms lie inside their sentence",
        ),
        AT_ITS_PLACE,
    ),
)
