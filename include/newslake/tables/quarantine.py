"""quarantine: what was refused, at which stage and why."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import Check, Column, Table

STAGES = ("acquire", "clean", "parse", "segment", "annotate", "validate")

QUARANTINE = Table(
    name="quarantine",
    grain="one refused document and reason",
    description="Refused documents. Their bytes stay in raw_documents; a mended rule can take them in later.",
    key=("raw_id", "stage", "reason"),
    order=("stage", "reason", "raw_id"),
    columns=(
        Column("raw_id", pa.string(), "the refused bytes", nullable=False),
        Column("article_id", pa.string(), "the article, where the refusal came after it had an identity"),
        Column("source", pa.string(), "name of the source", nullable=False),
        Column("url", pa.string(), "where it was fetched", nullable=False),
        Column("stage", pa.string(), ", ".join(STAGES), nullable=False),
        Column("reason", pa.string(), "stable name of the rule", nullable=False),
        Column("detail", pa.string(), "what was seen, for a person", nullable=False),
        Column("is_replayed", pa.bool_(), "whether it has been taken in since", nullable=False),
    ),
    checks=(Check("stage_is_known", f"stage NOT IN {STAGES}", "stage is one of the known stages", kind="table"),),
)
