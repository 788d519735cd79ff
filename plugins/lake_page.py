"""The pages "Lake" in Airflow's menu: what the lake holds, what was refused and why, queries, and the report.

Plugins are loaded by every part of Airflow, so the pages are built on their first visit: see `newslake.airflow_page`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from fastapi import FastAPI

PREFIX = "/lake"


@cache
def build_app() -> FastAPI:
    """The pages as a web application."""
    from newslake import airflow_page

    return airflow_page.build()


async def serve(
    scope: MutableMapping[str, Any], receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[None]]
) -> None:
    """Hands a request on to the application, which is built for the first one."""
    # Pages start runs through the application that they are part of.
    scope["newslake.airflow"] = scope.get("app")
    await build_app()(scope, receive, send)


class LakePlugin(AirflowPlugin):
    """Adds the pages, their entry in the menu, and one in each task that leads to its validation."""

    name = "newslake"
    fastapi_apps: ClassVar[list[dict[str, Any]]] = [{"app": serve, "url_prefix": PREFIX, "name": "Lake"}]
    external_views: ClassVar[list[dict[str, Any]]] = [
        {"name": "Lake", "href": f"{PREFIX}/", "url_route": "lake", "destination": "nav"},
        {
            "name": "Validation",
            "href": f"{PREFIX}/validation?caller={{RUN_ID}}",
            "url_route": "validation",
            "destination": "task_instance",
        },
    ]
