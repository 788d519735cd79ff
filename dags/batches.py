"""How a batch is refined, by whichever DAG planned it."""

from __future__ import annotations

from airflow.sdk import task

from handover import MEMORY_POOL


# Airflow shows a function's docstring as its page, except where the task is mapped: hence doc_md.
@task(
    doc_md="Takes a batch from bytes to staged tables; safe to repeat.",
    pool=MEMORY_POOL,
    map_index_template="{{ task.op_kwargs['plan_path'].rpartition('/')[2] }}",
)
def refine_batch(plan_path: str) -> str:
    """The staged batch of a plan; both are paths."""
    from newslake import pipeline

    return pipeline.refine(plan_path)
