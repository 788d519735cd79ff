"""Runs a DAG (`DAG`, by default `refine`) once for each JSON object of parameters, and prints what became of each run, as JSON.

python run_refine.py '{}' '{"accept_refusals": ["gazette"]}'
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def run(dag: Any, parameters: dict[str, Any], failures: list[str]) -> dict[str, Any]:
    from airflow.sdk.exceptions import ParamValidationError

    failures.clear()
    try:
        result = dag.test(run_conf=parameters)
    except ParamValidationError as error:
        return {"state": "refused", "said": str(error)}
    tasks = {one.task_id: str(one.state) for one in result.get_task_instances()}
    return {"state": str(result.state), "tasks": tasks, "said": "\n".join(map(str, failures))}


def main(*runs: str) -> None:
    from newslake import airflow_run, pipeline

    folder = airflow_run.prepare()
    airflow_run.migrate(folder)
    for source in pipeline.enabled_sources():
        pipeline.acquire(source)
    dag = airflow_run.read_dags()[os.environ.get("DAG", "refine")]
    failures = airflow_run._listen_for_failures()
    print(json.dumps([run(dag, json.loads(parameters), failures) for parameters in runs]))


if __name__ == "__main__":
    sys.path.insert(0, os.environ["DAGS"])
    main(*sys.argv[1:])
