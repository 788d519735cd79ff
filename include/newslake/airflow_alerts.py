"""Alerts to people, through Airflow's notifiers and connections: mail, a Slack webhook, any webhook.

A channel is on as soon as its connection is there: `newslake_smtp`, `newslake_slack`, `newslake_webhook`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final

import httpx
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from newslake.config import home
from newslake.errors import ConfigError
from newslake.terminal import visible

if TYPE_CHECKING:
    # Not loaded with this file: DAG files name `overdue`, and Airflow reads them every few seconds.
    from newslake.alerts import Alert

logger = logging.getLogger(__name__)

SECONDS: Final = 30

MAIL: Final = """\
<div style="font: 16px/1.5 sans-serif; max-width: 44em">
<h2 style="font-size: 18px; margin: 0 0 8px">{title}</h2>
<div style="white-space: pre-wrap; margin: 0 0 12px">{detail}</div>
<p style="margin: 0"><b>What to do:</b> {advice}</p>
</div>
"""


def tell() -> dict[str, int]:
    """Sends each alert once to each channel that is set up; returns how many were sent, by channel.

    What a channel does not take is sent with the next call; the others are told meanwhile.

    Raises:
        ConnectionError: a channel did not take an alert.
        ConfigError: a connection lacks something, or `sources.yaml` is wrong.
        LakeError: the lake is damaged, or another process has been sending for too long.
    """
    from newslake import alerts

    with alerts.telling(home()) as told:
        current = alerts.found(home())
        told.forget_all_but(current)
        for alert in current:
            logger.warning("%s", visible(alert.text))
        return _send(lambda channel: told.unsent(channel, current), told.note)


async def overdue(dag: str, hours: float, context: Mapping[str, Any]) -> None:
    """Tells that a run has not ended in time; called by Airflow's triggerer, once a run that misses its deadline.

    Args:
        dag: which one.
        hours: by how much it may take longer than usual.
        context: Airflow's, of the run.
    """
    from newslake.alerts import Alert

    run = context["dag_run"]["dag_run_id"]
    # Airflow tells of failed ones too, long after they ended.
    if context["dag_run"]["state"] == "failed":
        logger.info("run %s of %s failed: nothing is told of its deadline", run, dag)
        return
    alert = Alert(
        f"overdue:{dag}:{run}",
        "overdue",
        f"A run of {dag} has not ended",
        f"Run {run} takes more than {hours:g} hours longer than runs of {dag} usually do.",
        f"look at it in Airflow under Dags, {dag}: a task may wait for a free slot of the pool memory, or hang. Mark a task "
        "that hangs as failed; a run that is started anew goes on from what is done.",
    )
    logger.warning("%s", visible(alert.text))
    # Airflow's connections are read, and mail is sent, in ways that would stop the triggerer's loop.
    await asyncio.to_thread(_send, lambda channel: [alert], lambda channel, alert: None)


def _send(unsent: Callable[[str], list[Alert]], note: Callable[[str, Alert], None]) -> dict[str, int]:
    """Sends to all channels what each has not been sent; returns how many, by channel.

    Raises:
        ConnectionError: as `tell`, when the others were told.
        ConfigError: likewise.
    """
    counts: dict[str, int] = {}
    faults: list[Exception] = []
    for channel, send in CHANNELS.items():
        try:
            if (connection := _connection(channel)) is None:
                continue
            counts[channel] = 0
            for alert in unsent(channel):
                send(connection, alert)
                note(channel, alert)
                counts[channel] += 1
        except ConfigError as error:
            faults.append(error)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, AirflowException) as error:
            faults.append(ConnectionError(f"{channel}: {_told(error)}"))
    if faults:
        # Tried again only where that may help.
        kind = ConfigError if any(isinstance(fault, ConfigError) for fault in faults) else ConnectionError
        raise kind(f"not all alerts were sent, the next run tries again: {'; '.join(map(str, faults))}")
    return counts


def _told(error: Exception) -> str:
    """What went wrong, without the address: a webhook's is a secret, and messages quote it."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answered with status {error.response.status_code}"
    return type(error).__name__


def _connection(name: str) -> Any:
    """The connection; None where there is none.

    Raises:
        ConfigError: it is in the environment, and cannot be read: Airflow says the same as where there is none.
    """
    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        variable = f"AIRFLOW_CONN_{name.upper()}"
        if os.environ.get(variable):
            raise ConfigError(f"{variable}: neither a connection's JSON nor its URI; see docs/alerts.md") from None
        return None


def _mail(connection: Any, alert: Alert) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    to = connection.extra_dejson.get("to")
    if not to:
        raise ConfigError(f'connection {connection.conn_id}: say in its extra to whom: {{"to": "team@example.org"}}')
    notifier = SmtpNotifier(
        smtp_conn_id=connection.conn_id,
        from_email=connection.extra_dejson.get("from_email") or to,
        to=to,
        subject=f"newslake: {_line(alert.title)}",
        html_content=MAIL.format(
            title=escape(_line(alert.title)), detail=escape(visible(alert.detail)), advice=escape(visible(alert.advice))
        ),
    )
    # Not called as Airflow calls it, which takes texts for templates: what a site wrote must not become one.
    notifier.notify({})


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def _slack(connection: Any, alert: Alert) -> None:
    # & < > are all that Slack reads as commands, such as <!channel>.
    text = visible(alert.text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    _post(connection, {"text": f"*newslake*: {text}"})


def _webhook(connection: Any, alert: Alert) -> None:
    _post(
        connection,
        {"key": alert.key, "kind": alert.kind, "title": alert.title, "detail": alert.detail, "advice": alert.advice},
    )


def _post(connection: Any, content: Mapping[str, str]) -> None:
    """Posts JSON to the address in the connection's password: it is a secret, so it is kept where Airflow keeps those."""
    address = connection.password or ""
    if not address.startswith(("https://", "http://")):
        raise ConfigError(f"connection {connection.conn_id}: give the webhook's whole address as its password")
    # At its usual level, httpx logs the address.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    httpx.post(address, json=content, timeout=SECONDS).raise_for_status()


CHANNELS: Final[Mapping[str, Callable[[Any, Alert], None]]] = {
    "newslake_smtp": _mail,
    "newslake_slack": _slack,
    "newslake_webhook": _webhook,
}
"""Name of the connection → how to send."""
