"""Looks after the lake.

On Sundays, compares every file of the current snapshot with its manifest. Then, as `newslake maintain` does: documents
past their source's `retention_days` leave, small files are put together, old snapshots and the files that only they need
go, and what crashed runs left behind. A failed `verify` means that files were lost or changed after they were published:
the task's log says which, and nothing is removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from deadlines import ends_within
from handover import MEMORY_POOL, TASK_DEFAULTS


@dag(
    # With a start date, Airflow would make up for last Sunday when it is first started, and find no lake to check.
    schedule=CronTriggerTimetable("0 4 * * 0", timezone="UTC", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=ends_within("maintain", hours=6),
    doc_md=__doc__,
    tags=["newslake", "maintain"],
)
def maintain() -> None:
    """The DAG's tasks and their order."""

    @task(pool=MEMORY_POOL, multiple_outputs=False)
    def verify() -> Mapping[str, Any]:
        """Checks presence, size and SHA-256 of every file the manifest names."""
        from newslake import pipeline

        return pipeline.verify()

    @task(pool=MEMORY_POOL, multiple_outputs=False)
    def tidy() -> Mapping[str, Any]:
        """Retention, compaction, expiry, vacuum and sweep; returns how much each did, and the size of each table."""
        from newslake import pipeline

        return pipeline.maintain()

    verify() >> tidy()


maintain()
