"""Lands raw documents from the sources that are due.

Sources stand in `sources.yaml`. A scheduled run, every hour, takes those whose own schedule has come; a run started by
hand takes all that are switched on. Each source is a mapped task of its own: when one cannot be read, the others still
land, and the run ends as failed. Documents already known are not landed twice. Credentials come from the Airflow
connection that a source names. Landing updates the asset `raw`, which starts `refine`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import TriggerRule, dag, task

from deadlines import ends_within
from handover import RAW, TASK_DEFAULTS, connection_of


@dag(
    schedule="@hourly",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=ends_within("ingest", hours=5),
    doc_md=__doc__,
    tags=["newslake", "acquire"],
)
def ingest() -> None:
    """The DAG's tasks and their order."""

    @task
    def list_sources(*, dag_run: Any) -> list[str]:
        """Names of the sources to read: those that are due, or in a run started by hand all that are switched on."""
        from newslake import pipeline

        return pipeline.due_sources() if dag_run.run_type == "scheduled" else pipeline.enabled_sources()

    # Airflow shows a function's docstring as its page, except where the task is mapped: hence doc_md.
    @task(
        doc_md="Keeps a source's documents byte for byte, with address and time; tried again on network errors.",
        map_index_template="{{ task.op_kwargs['source'] }}",
        multiple_outputs=False,
        # Longer than the longest `budget_minutes`.
        execution_timeout=timedelta(hours=4),
    )
    def acquire(source: str) -> Mapping[str, Any]:
        from newslake import pipeline

        return pipeline.acquire(source, lambda: connection_of(source))

    @task(outlets=[RAW], trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def announce(landed: Iterable[Mapping[str, Any]], *, outlet_events: Any) -> None:
        """Updates the asset `raw` once for all sources that could be read, so that `refine` starts once."""
        outlet_events[RAW].extra = {"new_documents": {counts["source"]: counts["landed"] for counts in landed}}

    @task(trigger_rule=TriggerRule.ONE_FAILED, retries=0)
    def fail_if_a_source_failed() -> None:
        """Fails the run when a source failed, although the others were announced; skipped otherwise."""
        from newslake.errors import SourceError

        raise SourceError("at least one source could not be read: see the failed `acquire` tasks")

    landed = acquire.expand(source=list_sources())
    announce(landed)
    landed >> fail_if_a_source_failed()


ingest()
