"""Reads the DAG files as Airflow does and prints what they say, as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

HEAVY = ("deltalake", "duckdb", "great_expectations", "numpy", "pandas", "pyarrow", "trafilatura")


def describe_task(task: Any) -> dict[str, Any]:
    return {
        "doc": task.doc_md,
        "owner": task.owner,
        "pool": task.pool,
        "seconds": task.execution_timeout.total_seconds(),
        "has_policy": task.retry_policy is not None,
        "outlets": [asset.name for asset in task.outlets],
        "index": task.partial_kwargs["map_index_template"] if task.is_mapped else None,
    }


def describe_dag(dag: Any) -> dict[str, Any]:
    condition = getattr(dag.timetable, "asset_condition", None)
    return {
        "doc": dag.doc_md,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "runs": dag.max_active_runs,
        "starts_after": [asset.name for asset in condition.objects] if condition else [],
        "tasks": {task.task_id: describe_task(task) for task in dag.tasks},
    }


def main() -> None:
    from newslake import airflow_run
    from newslake.errors import BatchStopped, SourceError

    airflow_run.prepare()
    dags = airflow_run.read_dags()
    heavy = [name for name in HEAVY if name in sys.modules]
    policy = dags["ingest"].task_dict["acquire"].retry_policy
    errors = (ConnectionResetError(), TimeoutError(), SourceError(""), BatchStopped(""), ValueError(), OSError())
    print(
        json.dumps(
            {
                "heavy": heavy,
                "dags": {name: describe_dag(dag) for name, dag in dags.items()},
                "decisions": {type(error).__name__: policy.evaluate(error, 1, 2).action.value for error in errors},
            }
        )
    )


if __name__ == "__main__":
    main()
