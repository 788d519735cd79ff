"""quotes: who said what."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import AT_ITS_PLACE, Check, Column, Table

QUOTES = Table(
    name="quotes",
    grain="one statement of one speaker within one block",
    description="What the text says that somebody said. A statement that goes on through paragraphs is a row in each.",
    key=("article_id", "start", "end"),
    partition="published_month",
    order=("published_date", "article_id", "start"),
    references=(("article_id", "articles.article_id"),),
    columns=(
        Column("article_id", pa.string(), "the article", nullable=False),
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
        Column("start", pa.int32(), "where text begins in articles.text", unit="code points", nullable=False),
        Column("end", pa.int32(), "where text ends in articles.text, exclusive", unit="code points", nullable=False),
        Column("confidence", pa.float32(), "how sure the rule is", unit="0 to 1", nullable=False),
        Column("published_date", pa.date32(), "the article's, so that files prune by date"),
        Column("published_month", pa.string(), "the article's; the partition", nullable=False),
    ),
    checks=(
        Check("confidence_is_a_share", "confidence NOT BETWEEN 0 AND 1", "confidence is between 0 and 1"),
        Check("offsets_are_ordered", 'start < 0 OR "end" <= start', "start is before end"),
        Check("offsets_inside_text", '"end" > article_char_count', "offsets lie inside articles.text"),
        Check("length_matches_offsets", 'length(text) != "end" - start', "offsets span the text"),
        AT_ITS_PLACE,
    ),
)
