"""Renews the report from the newest snapshot of the lake.

Started by the asset `lake`, that is, by every new snapshot. Reads the snapshot, never changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import dag, task

from deadlines import ends_within
from handover import LAKE, MEMORY_POOL, TASK_DEFAULTS


@dag(
    schedule=[LAKE],
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=ends_within("report", hours=2),
    doc_md=__doc__,
    tags=["newslake", "report"],
)
def report() -> None:
    """The DAG's tasks and their order."""

    @task(pool=MEMORY_POOL, multiple_outputs=False)
    def write_pages() -> Mapping[str, Any]:
        """Writes the pages of the newest snapshot and returns where they are."""
        from newslake import pipeline

        return pipeline.report()

    write_pages()


report()
