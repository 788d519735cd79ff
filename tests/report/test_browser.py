"""The report in Chromium: nothing fails, nothing leaves the page, everything can be reached, hostile words are words."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from newslake.report.sections import PAGES

from .conftest import EVIL, Report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.lake, pytest.mark.xdist_group("report")]
NAMES = [f"{page.name}.html" for page in PAGES]
MOST_BYTES = 2_000_000
SERIOUS = ("serious", "critical")


Visit = Callable[..., "Visited"]


class Visited:
    """A page that was opened, with what it said and asked for."""

    def __init__(self, browser: Browser, path: Path, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **options})
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(f"dialog: {dialog.message}"), dialog.dismiss())[1])
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri(), wait_until="load")
        if "register-data" in self.page.content():
            self.page.wait_for_selector("html.ready")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    opened: list[Visited] = []

    def open_one(path: Path, **options: Any) -> Visited:
        opened.append(Visited(browser, path, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.context.close()


def faults(page: Page) -> list[str]:
    """What axe finds that is serious."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in SERIOUS]


def paths(report: Report) -> list[Path]:
    """Every page of the menu, and some articles of each kind."""
    articles = sorted((report.folder / "articles").glob("*.html"), key=lambda path: path.stat().st_size)
    return [report.folder / name for name in NAMES] + [articles[0], articles[len(articles) // 2], articles[-1]]


def test_every_page_is_quiet_and_asks_for_nothing_outside(visit: Visit, report: Report, samples: Report) -> None:
    for one in (report, samples):
        for path in paths(one):
            visited = visit(path)
            assert visited.said == [], path.name
            assert all(url.startswith((one.folder.as_uri(), "data:,")) for url in visited.asked), path.name
            files = {url.removeprefix("file://") for url in visited.asked if url.startswith("file:")}
            assert sum(Path(file).stat().st_size for file in files) < MOST_BYTES
            visited.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_fault(visit: Visit, samples: Report, scheme: str) -> None:
    found = {}
    for path in paths(samples):
        for width, locale in ((1280, "en-GB"), (375, "zh-CN")):
            visited = visit(path, color_scheme=scheme, locale=locale, viewport={"width": width, "height": 800})
            # Of single characters axe does not judge the contrast.
            visited.page.evaluate("document.querySelectorAll('.text sup').forEach(one => { one.textContent += '0' })")
            if serious := faults(visited.page):
                found[f"{path.name} {width}"] = serious
            visited.context.close()
    assert found == {}


def test_nothing_is_wider_than_a_phone(visit: Visit, samples: Report, report: Report) -> None:
    for one in (report, samples):
        for path in paths(one):
            visited = visit(path, viewport={"width": 375, "height": 800})
            assert visited.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path.name
            visited.context.close()


def test_charts_are_drawn(visit: Visit, samples: Report) -> None:
    for page in PAGES:
        drawn = visit(samples.folder / f"{page.name}.html").page
        charts = [section for section in page.sections if section.chart]
        assert drawn.locator("figure.chart svg.drawn").count() == len(charts), page.name


def test_language_is_chosen_and_remembered(visit: Visit, samples: Report) -> None:
    visited = visit(samples.folder / "index.html", locale="zh-CN")
    page = visited.page
    assert page.inner_text("h1") == "概览"
    page.click("#language")
    assert page.inner_text("h1") == "Overview"
    assert page.title() == "Overview · newslake"
    page.click("nav.menu a[href='sources.html']")
    assert page.inner_text("h1") == "Sources"
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_without_scripts_everything_is_in_tables(visit: Visit, samples: Report) -> None:
    page = visit(samples.folder / "sources.html", java_script_enabled=False).page
    assert page.inner_text("h1") == "Sources"
    assert page.locator("#publishers tbody tr").count() > 10
    assert not page.locator(".controls").is_visible()


def shown(page: Page) -> tuple[int, int]:
    """How many tasks are found, of how many."""
    found, _, total = page.inner_text("#found").partition(" / ")
    return int(found.replace(",", "")), int(total.replace(",", ""))


def test_the_register_is_searched_and_filtered(visit: Visit, samples: Report) -> None:
    ((total, overdue),) = samples.ask("SELECT count(*), count(*) FILTER (state = 'overdue') FROM directive_register")
    page = visit(samples.folder / "index.html").page
    page.click(".cards .overdue a")
    page.wait_for_selector("html.ready")
    assert shown(page) == (overdue, total)
    page.click("#clear")
    assert shown(page) == (total, total)
    page.fill("#by-body", "临江区交通局")
    ((own,),) = samples.ask(
        "SELECT count(*) FROM directive_register WHERE list_contains(responsible_bodies, '临江区交通局')"
    )
    assert shown(page) == (own, total)
    page.fill("#by-body", "")
    page.fill("#by-find", "专题会议")
    (first,) = samples.ask("SELECT count(*) FROM directive_register WHERE contains(task, '专题会议')")
    assert shown(page)[0] >= first[0] > 0
    page.click("#tasks .chip >> nth=0")
    page.wait_for_load_state()
    assert page.evaluate("document.querySelector(':target').classList.contains('sentence')")
    page.go_back()
    page.wait_for_selector("html.ready")
    page.click("#tasks summary >> nth=0")
    page.wait_for_selector("#tasks .timeline li >> nth=1")
    with page.expect_download() as download:
        page.click("#save")
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").startswith('"task_no"')


def test_hostile_words_are_words(visit: Visit, report: Report) -> None:
    """In the register of the page, which scripts write, as well as in what stands in the page."""
    visited = visit(report.folder / "register.html")
    assert EVIL in visited.page.inner_text("#tasks")
    assert visited.page.locator("#tasks script").count() == 0
    for name in NAMES:
        page = visit(report.folder / name).page
        assert page.locator("main script:not([type='application/json'])").count() == 0
    assert EVIL in visit(report.folder / "index.html").page.inner_text("#newest")


def test_the_single_file_works_alone(visit: Visit, samples: Report, tmp_path: Path) -> None:
    path = shutil.copy(samples.folder.parent / "single" / "single.html", tmp_path / "mail.html")
    visited = visit(Path(path))
    assert visited.said == []
    assert {url for url in visited.asked if not url.startswith("data:")} == {Path(path).as_uri()}
    charts = sum(section.chart is not None for page in PAGES for section in page.sections)
    assert visited.page.locator("figure.chart svg.drawn").count() == charts
    visited.page.click(".cards .overdue a")
    assert 0 < shown(visited.page)[0] < shown(visited.page)[1]
    assert faults(visited.page) == []


def test_it_prints(visit: Visit, samples: Report) -> None:
    page = visit(samples.folder / "index.html").page
    page.emulate_media(media="print")
    assert not page.locator("nav.menu").is_visible()
    assert page.locator("#months svg.drawn").is_visible()
    assert len(page.pdf()) > 10_000
