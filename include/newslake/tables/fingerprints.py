"""fingerprints: what near-copies are found by, without reading texts again."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import Column, Table

PERMUTATIONS = 256
BANDS = 64
MOST_FACTS = 32

FINGERPRINTS = Table(
    name="fingerprints",
    grain="one article",
    description="MinHash signature of the restored text, its bands for the join, and what the text states.",
    key=("article_id",),
    order=("article_id",),
    references=(("article_id", "articles.article_id"),),
    columns=(
        Column("article_id", pa.string(), "the article", nullable=False, is_unique=True),
        Column(
            "text_sha256",
            pa.string(),
            "SHA-256 of articles.text without white space; before a text too short to compare, the title",
            nullable=False,
            is_unique=True,
        ),
        Column(
            "signature",
            pa.list_(pa.int16()),
            f"{PERMUTATIONS} minima, 16 bits each; empty for texts too short to compare",
            nullable=False,
        ),
        Column(
            "facts",
            pa.list_(pa.int32()),
            f"hashes of dates (odd), figures with their units and names (even), the {MOST_FACTS} smallest of them, "
            "ascending as unsigned numbers",
            nullable=False,
        ),
        Column(
            "bands",
            pa.binary(),
            f"{BANDS} hashes of neighbouring minima, and the beginning of the text's, 4 bytes each; copies share one",
            nullable=False,
            is_unique=True,
        ),
        Column(
            "originality",
            pa.int8(),
            "how original its source is: 0 writes its articles, 1 mirrors others, 2 gathers from anywhere",
            nullable=False,
        ),
    ),
)
