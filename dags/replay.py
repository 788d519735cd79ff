"""Refines refused documents once more, by the rules of now, and publishes what passes.

Started by hand, or by a button on the page Lake: after a rule was mended, or to see whether it is. What is still refused
stays refused, with the reason of now; where nothing changes, nothing is published. Without a reason, a source or documents,
all that was refused is refined again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from batches import refine_batch
from deadlines import ends_within
from handover import LAKE, MEMORY_POOL, TASK_DEFAULTS


@dag(
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=ends_within("replay", hours=12),
    params={
        "reason": Param("", type="string", description="Only what was refused for it, such as error_page."),
        "source": Param("", type="string", description="Only of this source."),
        "raw_ids": Param([], type="array", items={"type": "string"}, description="Only documents that begin so."),
    },
    doc_md=__doc__,
    tags=["newslake", "refine"],
)
def replay() -> None:
    """The DAG's tasks and their order."""

    @task
    def plan(*, params: Mapping[str, Any]) -> list[str]:
        """Writes one plan a batch of refused documents; skips the rest of the run when there is none."""
        from newslake import pipeline

        paths = pipeline.plan_replay(params["reason"] or None, params["source"] or None, params["raw_ids"])
        if not paths:
            raise AirflowSkipException("nothing is refused: there is nothing to replay")
        return paths

    @task(outlets=[LAKE], pool=MEMORY_POOL, execution_timeout=timedelta(hours=4), multiple_outputs=False)
    def publish(staged: Iterable[str], *, outlet_events: Any) -> Mapping[str, Any]:
        """Publishes what passes now as the next snapshot; skipped, without an update, where nothing changes."""
        from newslake import pipeline

        outcome = pipeline.publish(list(staged))
        if not outcome["is_new"]:
            raise AirflowSkipException("nothing changes: what was refused is still refused, for the same reasons")
        outlet_events[LAKE].extra = dict(outcome)
        return outcome

    publish(refine_batch.expand(plan_path=plan()))


replay()
