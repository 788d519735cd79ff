"""Runs the DAG `watch` as often as asked, and prints what became of each run, as JSON.

python run_watch.py 2
"""

from __future__ import annotations

import json
import os
import sys


def main(count: int) -> None:
    from newslake import airflow_run

    airflow_run.migrate(airflow_run.prepare())
    dag = airflow_run.read_dags()["watch"]
    failures = airflow_run._listen_for_failures()
    states = [str(dag.test().state) for _ in range(count)]
    print("\n" + json.dumps({"states": states, "said": failures}))


if __name__ == "__main__":
    sys.path.insert(0, os.environ["DAGS"])
    main(int(sys.argv[1]))
