"""The pages "Lake" in Chromium: quiet, self-contained, for everyone, and within Airflow's own frame."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from page_server import EVIL, Server

pytestmark = pytest.mark.airflow

NAMES = ("", "validation", "quarantine", "quarantine?reason=empty", "query")
ASKED = ("FROM articles", "SELECT titel FROM articles", "FROM articles WHERE false")
WIDTHS = (1280, 820, 390)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def in_a_thread(test: Callable[..., None]) -> Callable[..., None]:
    """Runs a test apart: Playwright can be started once a thread, and other tests have it open."""

    @wraps(test)
    def run(**given: Any) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(test, **given).result()

    return run


@contextmanager
def logged_in(server: Server, user: str, **options: Any) -> Iterator[Any]:
    """A page in Chromium, of a user who has logged in; skipped without Chromium, but not where everything is checked."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"])
        context = browser.new_context(**options)
        context.add_cookies([{"name": "_token", "value": server.token(user), "url": server.address, "sameSite": "Lax"}])
        yield context.new_page()
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@in_a_thread
def test_pages_are_quiet_readable_and_whole(server: Server, scheme: str) -> None:
    with logged_in(server, "admin", color_scheme=scheme) as page:
        look_at_all(page, server, scheme)


def look_at_all(page: Any, server: Server, scheme: str) -> None:
    said: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.add(request.url))
    links: set[str] = set()
    faults: dict[str, list[str]] = {}
    for name in (*NAMES, *ASKED):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{server.address}/lake/{'query' if name in ASKED else name}")
            if name in ASKED:
                page.fill("#sql", name)
                page.click("button.main")
                page.wait_for_selector("#answer")
                page.wait_for_load_state()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} {width}"
            if shots := os.environ.get("NEWSLAKE_SCREENSHOTS"):
                page.screenshot(path=Path(shots) / f"{quote(name)}-{width}-{scheme}.png", full_page=True)
            if found := serious(page):
                faults[f"{name} {width}"] = found
        links |= set(page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"))
    assert faults == {}
    assert said == []
    assert {url for url in asked if not url.startswith((server.address, "data:"))} == set()
    for link in sorted(links):
        assert page.request.get(link).status == 200, link
    page.goto(f"{server.address}/lake/nothing")
    assert serious(page) == []


def serious(page: Any) -> list[str]:
    """What axe finds."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
    ]


@in_a_thread
def test_hostile_titles_show_as_text(server: Server) -> None:
    with logged_in(server, "vera") as page:
        ask_for_titles(page, server)


def ask_for_titles(page: Any, server: Server) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(f"{server.address}/lake/query")
    page.fill("#sql", "SELECT title, source_name FROM articles")
    page.click("button")
    shown = page.inner_text("#answer")
    assert EVIL in shown
    assert "\u202e" not in shown


@in_a_thread
def test_the_pages_and_the_report_work_within_airflow(server: Server) -> None:
    with logged_in(server, "uma") as page:
        go_through_the_frame(page, server)


def go_through_the_frame(page: Any, server: Server) -> None:
    page.goto(f"{server.address}/plugin/lake")
    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name="Overview").wait_for(timeout=60_000)
    frame.get_by_role("link", name="Query").click()
    frame.locator("#sql").fill("SELECT 6 * 7 AS answer")
    frame.get_by_role("button", name="Run").click()
    assert frame.locator("#answer td").inner_text(timeout=60_000) == "42"
    frame.get_by_role("link", name="Report").click()
    frame.locator("figure.chart svg.drawn").first.wait_for(timeout=60_000)
