"""When a run of a DAG has to have ended: of one that hangs, or waits for a slot for ever, no task would tell."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference  # type: ignore[attr-defined]


def ends_within(dag_id: str, hours: float) -> DeadlineAlert:
    """The deadline of each run of a DAG. Who misses it is told of once, through the channels in docs/alerts.md."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=hours),
        callback=AsyncCallback("newslake.airflow_alerts.overdue", {"dag": dag_id, "hours": hours}),
        name=f"{dag_id} ends within {hours:g} hours",
    )
