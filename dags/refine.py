"""Turns raw documents that are not in the lake yet into the lake's next snapshot.

Started by the asset `raw`. Plans batches of documents the lake does not hold yet, takes each batch through
cleaning, parsing, segmentation and annotation, then deduplicates, validates and publishes them once, together.
Publishing updates the asset `lake`, which starts `report`. When nothing is new, the run ends with skipped tasks
and no update. When a table check fails, or more of a source is refused than usual, nothing is published: look at the
failed `publish` task. Where a source's refusals are right, trigger this DAG with its name in `accept_refusals`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from batches import refine_batch
from deadlines import ends_within
from handover import LAKE, MEMORY_POOL, RAW, TASK_DEFAULTS


@dag(
    schedule=[RAW],
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=ends_within("refine", hours=12),
    params={
        "accept_refusals": Param(
            [],
            type="array",
            items={"type": "string"},
            description="Sources of which somebody has looked at what was refused: however much it is, it stops nothing.",
        )
    },
    doc_md=__doc__,
    tags=["newslake", "refine"],
)
def refine() -> None:
    """The DAG's tasks and their order."""

    @task
    def plan() -> list[str]:
        """Writes one plan a batch of documents not yet in the lake; skips the rest of the run when there is none."""
        from newslake import pipeline

        paths = pipeline.plan()
        if not paths:
            raise AirflowSkipException("nothing is new: the lake holds every raw document")
        return paths

    @task(outlets=[LAKE], pool=MEMORY_POOL, execution_timeout=timedelta(hours=4), multiple_outputs=False)
    def publish(staged: Iterable[str], *, outlet_events: Any, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Deduplicates, validates and publishes all batches as one snapshot, or, when a check fails, nothing."""
        from newslake import pipeline

        # Nothing new here means that an earlier try published and died before it could say so.
        outcome = pipeline.publish(list(staged), accepted=params["accept_refusals"])
        outlet_events[LAKE].extra = dict(outcome)
        return outcome

    publish(refine_batch.expand(plan_path=plan()))


refine()
