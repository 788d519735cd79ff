"""Runs the DAG `ingest` by hand or as the scheduler does, and prints what became of its tasks, as JSON.

python run_ingest.py manual|scheduled
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def as_scheduled() -> None:
    """Airflow's test run is one by hand; only its name tells tasks that it is not."""
    from airflow.models import dagrun

    make = dagrun.get_or_create_dagrun

    def make_scheduled(**given: Any) -> Any:
        run = make(**given)
        run.run_type = "scheduled"
        given["session"].commit()
        return run

    dagrun.get_or_create_dagrun = make_scheduled


def connections(names: list[str]) -> dict[str, Any]:
    """What the DAG would hand to sources for their connections, or why not."""
    from handover import connection_of
    from newslake.errors import ConfigError

    found: dict[str, Any] = {}
    for name in names:
        try:
            found[name] = connection_of(name)
        except ConfigError as error:
            found[name] = str(error)
    return found


def main(how: str) -> None:
    from newslake import airflow_run
    from newslake.sources import read_sources

    folder = airflow_run.prepare()
    airflow_run.migrate(folder)
    dag = airflow_run.read_dags()["ingest"]
    failures = airflow_run._listen_for_failures()
    if how == "scheduled":
        as_scheduled()
    result = dag.test()
    tasks = [[one.task_id, one.rendered_map_index, str(one.state)] for one in result.get_task_instances()]
    told = {"state": str(result.state), "tasks": tasks, "failures": failures, "run_type": str(result.run_type)}
    print(json.dumps({**told, "connections": connections(list(read_sources()))}))


if __name__ == "__main__":
    sys.path.insert(0, os.environ["DAGS"])
    main(sys.argv[1])
