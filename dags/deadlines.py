"""When a run of a DAG has to have ended: of one that hangs, or waits for a slot for ever, no task would tell."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference  # type: ignore[attr-defined]


def ends_within(dag_id: str, hours: float) -> DeadlineAlert:
    """The deadline of each run of a DAG: so many hours more than the last ten that succeeded took on average.

    The first run has none. Who misses it is told of once, through the channels in docs/alerts.md.
    """
    return DeadlineAlert(
        # Not from when it was queued: Airflow 3.3.2 cannot clear a failed run with such a deadline, see docs/adr/0012.
        reference=DeadlineReference.AVERAGE_RUNTIME(max_runs=10, min_runs=1),
        # Not whole seconds: in PostgreSQL, Airflow's upgrades make integers of those, which 3.3 cannot read again, and no
        # run can be created any more (https://github.com/apache/airflow/issues/72319).
        interval=timedelta(hours=hours, milliseconds=500),
        callback=AsyncCallback("newslake.airflow_alerts.overdue", {"dag": dag_id, "hours": hours}),
        name=f"{dag_id} ends within {hours:g} hours of its usual time",
    )
