"""Tells people what is the matter: late sources, failed visits, stopped batches, articles that are not like before.

Runs every 15 minutes and after each snapshot. Each alert is sent once to each channel that is set up as a connection:
`newslake_smtp`, `newslake_slack`, `newslake_webhook`; see docs/alerts.md. Alerts also stand on the page Lake.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from deadlines import ends_within
from handover import LAKE, TASK_DEFAULTS


@dag(
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("*/15 * * * *", timezone="UTC"), assets=[LAKE]),
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    deadline=ends_within("watch", hours=1),
    doc_md=__doc__,
    tags=["newslake", "alerts"],
)
def watch() -> None:
    """The DAG's tasks and their order."""

    @task(multiple_outputs=False)
    def tell() -> Mapping[str, Any]:
        """Sends what was not sent yet; returns how many alerts each channel got."""
        from newslake import airflow_alerts

        return airflow_alerts.tell()

    tell()


watch()
