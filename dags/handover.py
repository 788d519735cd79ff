"""What the DAGs share: the assets they hand on to each other, and how their tasks fail."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule

RAW = Asset("raw", uri="newslake://raw", group="newslake")
"""Raw documents were landed; the event's extra counts them by source."""

LAKE = Asset("lake", uri="newslake://lake", group="newslake")
"""A new snapshot of the lake was published; the event's extra names and counts it."""

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
