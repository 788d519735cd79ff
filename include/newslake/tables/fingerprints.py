"""fingerprints: what near-copies are found by, without reading texts again."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import Column, Table

PERMUTATIONS = 128
BANDS = 32

FINGERPRINTS = Table(
    name="fingerprints",
    grain="one article",
    description="MinHash signature of the restored text, and its bands for the join.",
    key=("article_id",),
    order=("article_id",),
    references=(("article_id", "articles.article_id"),),
    columns=(
        Column("article_id", pa.string(), "the article", nullable=False, is_unique=True),
        Column(
            "text_sha256", pa.string(), "SHA-256 of articles.text without white space", nullable=False, is_unique=True
        ),
        Column(
            "signature",
            pa.list_(pa.int32()),
            f"{PERMUTATIONS} minima, 32 bits each; empty for texts too short to compare",
            nullable=False,
        ),
        Column("bands", pa.list_(pa.int64()), f"{BANDS} hashes of neighbouring minima", nullable=False),
    ),
)
