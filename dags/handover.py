"""What the DAGs share: the assets they hand on to each other, and how their tasks fail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, Connection, ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowException

# What they are, in lines so short that Airflow's page of an asset shows them whole.
RAW = Asset(
    "raw",
    uri="newslake://raw",
    group="newslake",
    extra={"holds": "documents as fetched", "event": "new ones, by source"},
)

LAKE = Asset(
    "lake",
    uri="newslake://lake",
    group="newslake",
    extra={"holds": "the lake's snapshots", "event": "the new one, its rows"},
)

MEMORY_POOL = "memory"
"""Each running batch holds one slot: the pool's size, not the number of batches, bounds memory."""

TASK_DEFAULTS = {
    "owner": "newslake",
    # A worker that dies never asks the policy, so its task is tried again. An exception does: only the network
    # may be better next time; data at fault or a bug would fail again, later and less visibly.
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception=[ConnectionError, TimeoutError],
                action=RetryAction.RETRY,
                reason="the network may be back soon",
            )
        ],
        default=RetryAction.FAIL,
    ),
    "execution_timeout": timedelta(hours=1),
}
"""`default_args` of every DAG."""


def connection_of(source: str) -> dict[str, Any] | None:
    """What Airflow knows of the connection that a source names; None where it names none.

    Raises:
        ConfigError: there is no such connection. Nothing of its value is told: Airflow's own messages may quote it.
    """
    from newslake.errors import ConfigError
    from newslake.sources import named

    name = getattr(named(source), "connection", None)
    if name is None:
        return None
    try:
        found = Connection.get(name)
    except (AirflowException, ValueError):
        raise ConfigError(
            f"source {source}: connection {name!r} is not set, or cannot be read; add it in Airflow under Admin, "
            "Connections; see docs/sources.md#connections"
        ) from None
    values = {key: getattr(found, key) for key in ("host", "port", "schema", "login", "password")}
    return {"type": found.conn_type, **values, "extra": found.extra_dejson}
