"""mentions: who and what the text names."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import AT_ITS_PLACE, Check, Column, Table
from newslake.tables.spans import ARTICLE_ID, CONFIDENCE_IS_A_SHARE, FITS_THE_TEXT, FOUND_AT, SENTENCE_NO

KINDS = ("person", "journalist", "organisation", "place", "work", "initiative", "figure")
LEVELS = ("nation", "province", "city", "district", "town", "village")
MODIFIERS = ("strive", "at_least", "at_most", "about", "more_than", "less_than", "to", "by")
"""How a figure is meant: 力争; 不低于 and 以上; 不超过 and 以内; 约; 超过; 不到; 达到 (reaching it); 增长 (changing by it)."""

MENTIONS = Table(
    name="mentions",
    grain="one mention in a sentence",
    description="Names as the text gives them, with what the article itself says of them; null where it says nothing.",
    key=("article_id", "sentence_no", "start", "end", "kind"),
    partition="published_month",
    order=("published_date", "article_id", "sentence_no", "start"),
    references=(("article_id", "articles.article_id"),),
    columns=(
        ARTICLE_ID,
        SENTENCE_NO,
        Column("kind", pa.string(), ", ".join(KINDS), nullable=False),
        Column("text", pa.string(), "the words of the mention, a person's title among them", nullable=False),
        Column("name", pa.string(), "the name within them; of a figure, the number with its unit", nullable=False),
        Column("entity_id", pa.string(), "one for all mentions of one entity in one article", nullable=False),
        Column(
            "resolved_name",
            pa.string(),
            "the name in full, as the article makes it known: 区发展改革委 of 涪陵区 is 涪陵区发展改革委",
        ),
        Column(
            "title", pa.string(), "a person's office: beside the name, or given before in the article; null if nowhere"
        ),
        Column(
            "body",
            pa.string(),
            "the body in which a person holds the office, in full as far as is known; of several offices in order, joined by 、",
        ),
        Column("division", pa.string(), "of places and bodies, the division they belong to: 重庆市/涪陵区"),
        Column("level", pa.string(), f"level of that division: {', '.join(LEVELS)}"),
        Column("quantity", pa.float64(), "of figures, the number: 3.2亿 is 320000000, 5% is 5"),
        Column("unit", pa.string(), "of figures, the unit without its power of ten: 元, %, 公里, 个"),
        Column("modifier", pa.string(), f"of figures, how it is meant: {', '.join(MODIFIERS)}"),
        Column("counted", pa.string(), "of figures, what they count, in the article's words"),
        *FOUND_AT,
    ),
    checks=(
        Check("kind_is_known", f"kind NOT IN {KINDS}", "kind is one of the known kinds"),
        Check("level_is_known", f"level NOT IN {LEVELS}", "level is one of the known levels"),
        Check("modifier_is_known", f"modifier NOT IN {MODIFIERS}", "modifier is one of the known ones"),
        CONFIDENCE_IS_A_SHARE,
        *FITS_THE_TEXT,
        Check("name_in_text", "NOT contains(text, name)", "the name is part of the mention"),
        AT_ITS_PLACE,
    ),
)
