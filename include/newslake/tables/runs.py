"""runs and validation_results: what each run did, and what was checked."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import UTC_TIMESTAMP, Column, Table

RUNS = Table(
    name="runs",
    grain="one stage of one run",
    description="Counts in and out, time and versions of every run that published.",
    key=("run_id", "stage"),
    order=("finished_at", "stage_no"),
    version="1.1.0",
    columns=(
        Column("run_id", pa.string(), "the run", nullable=False),
        Column("stage_no", pa.int32(), "position of the stage on the way, from 0", nullable=False),
        Column("stage", pa.string(), "name of the stage", nullable=False),
        Column("finished_at", UTC_TIMESTAMP, "when the run was about to be published", nullable=False),
        Column("rows_in", pa.int64(), "documents or articles given to the stage", nullable=False),
        Column("rows_out", pa.int64(), "rows that left it", nullable=False),
        Column("refused_count", pa.int64(), "documents it refused", nullable=False),
        Column("cpu_seconds", pa.float64(), "processor time, summed over processes", unit="s", nullable=False),
        Column(
            "peak_memory_mb",
            pa.float64(),
            "most memory a process had held when the stage ended",
            unit="MB",
            nullable=False,
        ),
        Column("newslake_version", pa.string(), "version of this software", nullable=False),
        Column(
            "refusals",
            pa.map_(pa.string(), pa.int64()),
            "reason → documents that the run added to quarantine for it; null for runs before this was counted",
        ),
    ),
)

VALIDATION_RESULTS = Table(
    name="validation_results",
    grain="one check of one run",
    description="What Great Expectations answered, check by check.",
    key=("run_id", "table_name", "check_name"),
    order=("run_id", "table_name", "check_name"),
    columns=(
        Column("run_id", pa.string(), "the run", nullable=False),
        Column("table_name", pa.string(), "the table checked", nullable=False),
        Column("check_name", pa.string(), "the check, as in the table's definition", nullable=False),
        Column("kind", pa.string(), "row (quarantines articles) or table (stops the batch)", nullable=False),
        Column("description", pa.string(), "what the check protects", nullable=False),
        Column("is_passed", pa.bool_(), "what Great Expectations found", nullable=False),
        Column("row_count", pa.int64(), "rows checked", nullable=False),
        Column("failed_count", pa.int64(), "rows that failed", nullable=False),
    ),
)
