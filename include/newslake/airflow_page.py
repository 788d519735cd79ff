"""The pages "Lake" as a web application within Airflow's: who may see and do what, and how buttons act.

Without a login every path answers 401, and who may not see the DAG `refine` sees the report at most. Buttons trigger DAGs
through Airflow's own API, which asks for permission and keeps the audit log.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep, get_user, requires_access_dag
from airflow.configuration import conf
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from httpx import ASGITransport, AsyncClient
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.exceptions import HTTPException as StarletteHTTPException

from newslake.config import home
from newslake.lake_page import ask, content, render

AIRFLOW: Final = "newslake.airflow"
"""Where the application that we are part of stands in a request."""

HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
PREFIX: Final = "/lake"
PAGE_POLICY: Final = (
    # No scripts: under Airflow's address they could do whatever the visitor may.
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
REPORT_POLICY: Final = (
    # The scripts of its folder only, which can load nothing and send nothing.
    "default-src 'none'; script-src {assets}; style-src {assets} 'unsafe-inline'; img-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
SANDBOX: Final = "sandbox allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox; "
"""An origin of its own, so that scripts have nothing of the visitor's. Not within Airflow's frame: there, browsers would
send no login for what a page of another origin asks for, and nothing would load."""
FORM_BYTES: Final = 100_000
TOKEN_SECONDS: Final = 24 * 3600


def report_file(reports: Path, name: str) -> Path | None:
    """The file of that name in the folder of reports; None when there is none, or it lies elsewhere."""
    folder = reports.resolve()
    file = (folder / name).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None


def _signer() -> Any:
    """Makes and checks what a form must carry, which no other site can know."""
    return URLSafeTimedSerializer(conf.get("api", "secret_key"), salt="newslake.lake_page")


async def read_form(request: Request, user: Any) -> dict[str, str]:
    """The fields of a form that was sent from a page of ours, to this user.

    Raises:
        HTTPException: it was not, or is too large.
    """
    is_elsewhere = request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
    origin = request.headers.get("origin")
    # A proxy in front of Airflow may ask under another name; `base_url` says which one visitors use.
    own = (request.headers.get("host"), urlsplit(conf.get("api", "base_url", fallback="")).netloc)
    if is_elsewhere or (origin and (urlsplit(origin).netloc or "none") not in own):
        raise HTTPException(403, "this form was sent from another site")
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > FORM_BYTES:
            raise HTTPException(413, f"a form may have {FORM_BYTES:,} bytes")
    fields = {name: values[-1] for name, values in parse_qs(content.decode("utf-8", "replace")).items()}
    try:
        owner = _signer().loads(fields.pop("token", ""), max_age=TOKEN_SECONDS)
    except BadSignature:
        owner = None
    if owner is None or owner != user.get_id():
        raise HTTPException(403, "this form is too old, or another user's; load the page again")
    return fields


async def trigger(request: Request, dag_id: str, parameters: dict[str, Any]) -> str:
    """Starts a run of a DAG in the visitor's name; returns its name.

    Raises:
        HTTPException: Airflow refused.
    """
    passed_on = {name: request.headers[name] for name in ("authorization", "cookie") if name in request.headers}
    # With a referer, Airflow notes that the run was started from its pages.
    headers = {**passed_on, "referer": str(request.url)}
    transport = ASGITransport(app=request.scope[AIRFLOW], raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url=f"{request.url.scheme}://{request.url.netloc}") as client:
        answer = await client.post(
            f"/api/v2/dags/{dag_id}/dagRuns",
            json={"logical_date": None, "conf": parameters, "note": "From the page Lake"},
            headers=headers,
        )
    if answer.status_code != 200:
        raise HTTPException(answer.status_code, f"Airflow does not start {dag_id}: {answer.text[:500]}")
    return str(answer.json()["dag_run_id"])


def may_trigger(user: Any, dag_id: str) -> bool:
    """Whether a user may start a DAG."""
    return bool(
        get_auth_manager().is_authorized_dag(
            method="POST", access_entity=DagAccessEntity.RUN, details=DagDetails(id=dag_id), user=user
        )
    )


def _may_trigger(dag_id: str) -> list[Any]:
    return [Depends(requires_access_dag("POST", DagAccessEntity.RUN, dag_id))]


router: Final = APIRouter(dependencies=[Depends(requires_access_dag("GET", param_dag_id="refine"))])
reports: Final = APIRouter(prefix="/reports", dependencies=[Depends(get_user)])


@router.post("/replay", dependencies=_may_trigger("replay"))
async def replay(request: Request, user: GetUserDep) -> Response:
    """Refines what was refused for a reason once more."""
    fields = await read_form(request, user)
    return _started(await trigger(request, "replay", {"reason": fields.get("reason", "")}))


@router.post("/release", dependencies=_may_trigger("refine"))
async def release(request: Request, user: GetUserDep) -> Response:
    """Accepts what was refused of a source."""
    fields = await read_form(request, user)
    if not fields.get("source"):
        raise HTTPException(400, "a source is missing")
    return _started(await trigger(request, "refine", {"accept_refusals": [fields["source"]]}))


def _started(run: str) -> Response:
    return RedirectResponse(f"quarantine?started={quote(run)}", 303, headers=HEADERS)


@router.get("/")
def show_overview() -> Response:
    """Alerts, tables, sources and snapshots."""
    return _page("overview", content=content.overview(home()), folder=str(home().current))


@router.get("/style.css")
def show_style() -> Response:
    """How the pages look."""
    return Response(render.style(), media_type="text/css", headers=HEADERS)


@router.get("/validation")
def show_validation(run: str | None = None, caller: str | None = None) -> Response:
    """A validation: of a run of newslake, of a run of Airflow, or the newest."""
    return _page("validation", content=content.checked(home(), run, caller), is_chosen=bool(run or caller))


@router.get("/quarantine")
def show_quarantine(user: GetUserDep, reason: str | None = None, started: str | None = None) -> Response:
    """What was refused; buttons only for those who may press them."""
    return _page(
        "quarantine",
        content=content.refused(home(), reason),
        started=started,
        token=_token(user),
        may_replay=may_trigger(user, "replay"),
        may_release=may_trigger(user, "refine"),
    )


@router.get("/query")
def show_query(user: GetUserDep, sql: str = "FROM source_quality") -> Response:
    """Where a query is written. One that a link brings along is shown, not run."""
    return _query_page(user, sql, None)


@router.post("/query")
async def run_query(request: Request, user: GetUserDep) -> Response:
    """A query's answer."""
    sql = (await read_form(request, user)).get("sql", "")
    answer = await run_in_threadpool(ask.ask, sql)
    return await run_in_threadpool(_query_page, user, sql, answer)


def _query_page(user: Any, sql: str, answer: ask.Answer | None) -> Response:
    return _page(
        "query",
        token=_token(user),
        sql=sql,
        answer=answer,
        names=content.names(home()),
        columns="SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'articles'",
        limits=ask.LIMITS,
        most_rows=ask.MOST_ROWS,
    )


@reports.get("/validation/{name:path}")
def show_data_docs(name: str) -> Response:
    """Leads to the page on validations: Great Expectations' own load scripts from elsewhere."""
    return RedirectResponse("../" * (name.count("/") + 2) + "validation", headers=HEADERS)


@reports.get("/{name:path}")
def show_report(name: str, request: Request) -> Response:
    """A file of the report."""
    file = report_file(home().reports, name)
    if file is None:
        raise HTTPException(404)
    assets = f"{request.url.scheme}://{request.url.netloc}{PREFIX}/reports/assets/"
    sandbox = "" if request.headers.get("sec-fetch-dest") == "iframe" else SANDBOX
    policy = sandbox + REPORT_POLICY.format(assets=assets)
    return FileResponse(file, headers={**HEADERS, "Content-Security-Policy": policy})


@router.api_route("/{name:path}", methods=["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
def show_nothing(name: str) -> Response:
    """Tells who may see the pages that there is none of this name, and nobody else."""
    raise HTTPException(404, "there is no such page")


def _token(user: Any) -> str:
    return str(_signer().dumps(user.get_id()))


def _page(name: str, **values: Any) -> Response:
    has_report = (home().reports / "index.html").is_file()
    text = render.render(f"{name}.html", title=name.capitalize(), has_report=has_report, **values)
    return HTMLResponse(text, headers={**HEADERS, "Content-Security-Policy": PAGE_POLICY})


async def show_fault(request: Request, error: Exception) -> Response:
    """Why an answer is refused: as a page to browsers."""
    assert isinstance(error, StarletteHTTPException)
    if "text/html" not in request.headers.get("accept", ""):
        return await http_exception_handler(request, error)
    text = render.render("fault.html", status=error.status_code, detail=str(error.detail), root=f"{PREFIX}/")
    headers = {**(error.headers or {}), **HEADERS, "Content-Security-Policy": PAGE_POLICY}
    return HTMLResponse(text, error.status_code, headers=headers)


def build() -> FastAPI:
    """The application. Without its own documentation pages: those would be served to everyone."""
    app = FastAPI(openapi_url=None, exception_handlers={StarletteHTTPException: show_fault})
    app.include_router(reports)
    app.include_router(router)
    return app
