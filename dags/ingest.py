"""Lands raw documents from every source that is switched on.

Sources stand in `sources.yaml`. Each one is a mapped task of its own: when one cannot be read, the others still
land, and the run ends as failed. Documents already known are not landed twice. Landing updates the asset `raw`,
which starts `refine`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import TriggerRule, dag, task

from handover import RAW, TASK_DEFAULTS


@dag(
    schedule="@daily",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["newslake", "acquire"],
)
def ingest() -> None:
    """The DAG's tasks and their order."""

    @task
    def list_sources() -> list[str]:
        """Names of the sources that are switched on in `sources.yaml`."""
        from newslake import pipeline

        return pipeline.enabled_sources()

    # Airflow shows a function's docstring as its page, except where the task is mapped: hence doc_md.
    @task(
        doc_md="Keeps a source's documents byte for byte, with address and time; tried again on network errors.",
        map_index_template="{{ task.op_kwargs['source'] }}",
        multiple_outputs=False,
    )
    def acquire(source: str) -> Mapping[str, Any]:
        from newslake import pipeline

        return pipeline.acquire(source)

    @task(outlets=[RAW], trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def announce(landed: Iterable[Mapping[str, Any]], *, outlet_events: Any) -> None:
        """Updates the asset `raw` once for all sources that could be read, so that `refine` starts once."""
        outlet_events[RAW].extra = {counts["source"]: counts["landed"] for counts in landed}

    @task(trigger_rule=TriggerRule.ONE_FAILED, retries=0)
    def fail_if_a_source_failed() -> None:
        """Fails the run when a source failed, although the others were announced; skipped otherwise."""
        from newslake.errors import SourceError

        raise SourceError("at least one source could not be read: see the failed `acquire` tasks")

    landed = acquire.expand(source=list_sources())
    announce(landed)
    landed >> fail_if_a_source_failed()


ingest()
