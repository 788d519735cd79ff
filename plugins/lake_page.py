"""The page "Lake" in Airflow's menu: what the newest snapshot holds, and its reports.

Plugins are loaded by every part of Airflow, so the page is built on its first visit. It is as private as Airflow
itself: without a login, the answer is 401.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from fastapi import FastAPI

    from newslake.config import Home

PREFIX = "/lake"
SECURITY_HEADERS = {
    # No scripts: under Airflow's address they could do whatever the visitor may.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Lake</title>
<meta name="color-scheme" content="light dark">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse }} th, td {{ padding: .25rem 1rem .25rem 0; text-align: left }}
td.number, th.number {{ text-align: right; font-variant-numeric: tabular-nums }}
</style>
<body><main><h1>Lake</h1>{content}
</main></body></html>"""


def lake_page(home: Home) -> str:
    """The page as HTML, every value escaped; when there is no snapshot yet, it says how to make one."""
    try:
        manifest = json.loads((home.current / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return PAGE.format(
            content="<p>There is no lake yet. Run the DAG <code>ingest</code>: the others follow by themselves.</p>"
        )
    rows = "".join(
        f"<tr><td>{escape(name)}<td class=number>{table['rows']:,}<td class=number>{table['version']:,}"
        f"<td class=number>{len(table['files']):,}"
        for name, table in sorted(manifest["tables"].items())
    )
    content = (
        f"<p>Snapshot <strong>{escape(manifest['snapshot'])}</strong>, published "
        f"<time>{escape(manifest['created_at'])}</time>, in <code>{escape(str(home.current))}</code></p>"
        "<table><thead><tr><th>Table<th class=number>Rows<th class=number>Version<th class=number>Files"
        f"<tbody>{rows}</table>"
    )
    if (home.reports / "index.html").is_file():
        content += '<p><a href="reports/index.html">Reports</a></p>'
    return PAGE.format(content=content)


def report_file(reports: Path, name: str) -> Path | None:
    """The file of that name in the folder of reports; None when there is none, or it lies elsewhere."""
    folder = reports.resolve()
    file = (folder / name).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None


@cache
def build_app() -> FastAPI:
    """The page as a web application, closed to visitors without a login."""
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.responses import FileResponse, HTMLResponse

    from newslake.config import home

    # Without its own documentation pages: those would be served to everyone.
    app = FastAPI(dependencies=[Depends(get_user)], openapi_url=None)

    @app.get("/")
    def show() -> HTMLResponse:
        return HTMLResponse(lake_page(home()), headers=SECURITY_HEADERS)

    @app.get("/reports/{name:path}")
    def show_report(name: str) -> FileResponse:
        file = report_file(home().reports, name)
        if file is None:
            raise HTTPException(404)
        return FileResponse(file, headers=SECURITY_HEADERS)

    return app


async def serve(
    scope: MutableMapping[str, Any], receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[None]]
) -> None:
    """Hands a request on to the application, which is built for the first one."""
    await build_app()(scope, receive, send)


class LakePlugin(AirflowPlugin):
    """Adds the page and its entry in the menu."""

    name = "newslake"
    fastapi_apps: ClassVar[list[dict[str, Any]]] = [{"app": serve, "url_prefix": PREFIX, "name": "Lake"}]
    external_views: ClassVar[list[dict[str, Any]]] = [
        {"name": "Lake", "href": f"{PREFIX}/", "url_route": "lake", "destination": "nav"}
    ]
