"""quotes: who said what."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import AT_ITS_PLACE, Column, Table
from newslake.tables.spans import ARTICLE_ID, CONFIDENCE_IS_A_SHARE, FITS_THE_TEXT, FOUND_AT, IS_ORDERED

QUOTES = Table(
    name="quotes",
    grain="one statement of one speaker within one block",
    description="What the text says that somebody said. A statement that goes on through paragraphs is a row in each.",
    key=("article_id", "start", "end"),
    partition="published_month",
    order=("published_date", "article_id", "start"),
    references=(("article_id", "articles.article_id"),),
    columns=(
        ARTICLE_ID,
        Column("sentence_no", pa.int32(), "the sentence in which it begins", nullable=False),
        Column("speaker", pa.string(), "name of the person or body; null where the article does not name it"),
        Column("speaker_title", pa.string(), "the speaker's office, as the article gives it anywhere"),
        Column("speaker_entity_id", pa.string(), "the speaker's entity_id in mentions"),
        Column(
            "speaker_text", pa.string(), "the words that stand for the speaker here: 王志杰, 他, 会议", nullable=False
        ),
        Column("verb", pa.string(), "the verb of saying: 说, 强调, 指出", nullable=False),
        Column("is_direct", pa.bool_(), "whether quotation marks make the words the speaker's own", nullable=False),
        Column("text", pa.string(), "what was said, without marks around it", nullable=False),
        *FOUND_AT,
    ),
    checks=(
        CONFIDENCE_IS_A_SHARE,
        IS_ORDERED,
        *FITS_THE_TEXT,
        AT_ITS_PLACE,
    ),
)
