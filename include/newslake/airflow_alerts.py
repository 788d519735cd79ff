"""Alerts to people, through Airflow's notifiers and connections: mail, a Slack webhook, any webhook.

A channel is on as soon as its connection is there: `newslake_smtp`, `newslake_slack`, `newslake_webhook`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException

from newslake import alerts
from newslake.alerts import Alert
from newslake.config import home
from newslake.errors import ConfigError

logger = logging.getLogger(__name__)

SECONDS: Final = 30


def tell() -> dict[str, int]:
    """Sends each alert once to each channel that is set up; returns how many were sent, by channel.

    What a channel does not take is sent with the next call; the others are told meanwhile.

    Raises:
        ConnectionError: a channel did not take an alert.
        ConfigError: a connection lacks something, or `sources.yaml` is wrong.
    """
    current = alerts.found(home())
    alerts.forget(home(), current)
    for alert in current:
        logger.warning("%s", alert.text)
    counts, faults = {}, []
    for channel, send in CHANNELS.items():
        connection = _connection(channel)
        if connection is None:
            continue
        counts[channel] = 0
        for alert in alerts.unsent(home(), channel, current):
            try:
                send(connection, alert)
            except (httpx.HTTPError, OSError) as error:
                # An address of a webhook is a secret, and messages quote it.
                faults.append(f"{channel}: {type(error).__name__}")
                break
            alerts.sent(home(), channel, alert)
            counts[channel] += 1
    if faults:
        raise ConnectionError(f"not all alerts were sent, the next run tries again: {', '.join(faults)}")
    return counts


def _connection(name: str) -> Any:
    """The connection; None where there is none."""
    try:
        return Connection.get(name)
    except AirflowException:
        return None


def _mail(connection: Any, alert: Alert) -> None:
    from html import escape

    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    to = connection.extra_dejson.get("to")
    if not to:
        raise ConfigError(f'connection {connection.conn_id}: say in its extra to whom: {{"to": "team@example.org"}}')
    notifier = SmtpNotifier(
        smtp_conn_id=connection.conn_id,
        from_email=connection.extra_dejson.get("from_email") or to,
        to=to,
        subject=f"newslake: {alert.title}",
        html_content=f"<pre>{escape(alert.text)}</pre>",
    )
    # Not called as Airflow calls it, which takes texts for templates: what a site wrote must not become one.
    notifier.notify({})


def _slack(connection: Any, alert: Alert) -> None:
    # & < > are all that Slack reads as commands, such as <!channel>.
    text = alert.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
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
    httpx.post(address, json=content, timeout=SECONDS).raise_for_status()


CHANNELS: Final[Mapping[str, Callable[[Any, Alert], None]]] = {
    "newslake_smtp": _mail,
    "newslake_slack": _slack,
    "newslake_webhook": _webhook,
}
"""Name of the connection → how to send."""
