"""Shared by the tests of the report: a small lake with hostile articles, its report, and a reader of pages."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import database, snapshots
from newslake.lake.snapshots import Snapshot
from newslake.sources import FilesSource

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "link", "br", "img", "rect", "line", "input"}
BODY = (
    "3月5日，临江区召开港口建设推进会。区长李明主持会议并讲话，他说，港口二期工程要在年底以前完工。\n"
    "会议听取了港务集团的汇报。区交通局局长赵强介绍，码头前沿已经浇筑到第七段，进港道路月底通车。\n"
    "会议要求，区交通局要在4月底前完成进港道路建设。与会人员还到现场看了堆场和泊位，把安全放在第一位。"
)
OTHER = (
    "区图书馆新馆昨天开门迎客，第一天来了两千多名读者。\n"
    "新馆有三层，藏书四十万册，一楼是儿童区，二楼摆满了本地作家的作品，三楼可以看见江面。\n"
    "馆长说，周末延长到晚上九点闭馆，借书不收押金，还书可以就近交到各个社区的书箱里。"
)
EVIL = "<script>alert(1)</script>"
TURNING = "\u202e夜里开馆"


class Reader(HTMLParser):
    """Checks that elements are nested properly, and collects what matters."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.cells: list[tuple[str, list[str]]] = []
        self.section = ""
        self.text = ""
        self.scripts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        assert len(given) == len(attributes), f"an attribute twice: {attributes}"
        self.elements.append((tag, given))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self.section = given["id"]
        if tag == "tr":
            self.cells.append((self.section, []))
        if tag in ("td", "th"):
            self.cells[-1][1].append("")
        if tag == "script":
            self.scripts.append("")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts[-1] += data
            return
        self.text += data
        if "td" in self.open or "th" in self.open:
            self.cells[-1][1][-1] += data

    def rows(self, section: str) -> list[list[str]]:
        """Cells of a section's tables, heads among them."""
        return [[cell.strip() for cell in row] for own, row in self.cells if own == section]

    @property
    def ids(self) -> list[str]:
        """Where links may lead."""
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    @property
    def links(self) -> list[str]:
        """Where links do lead."""
        return [attributes["href"] for tag, attributes in self.elements if tag == "a"]


@dataclass(frozen=True)
class Report:
    """A report, and the lake that it shows."""

    folder: Path
    snapshot: Snapshot

    def text(self, page: str) -> str:
        """A page's HTML."""
        return (self.folder / page).read_text(encoding="utf-8")

    def page(self, page: str) -> Reader:
        """A page, read."""
        return Reader(self.text(page))

    @property
    def pages(self) -> list[str]:
        """Names of all pages but the Data Docs."""
        return sorted(
            [path.name for path in self.folder.glob("*.html")]
            + [f"articles/{path.name}" for path in (self.folder / "articles").glob("*.html")]
        )

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """An answer of the lake, as `newslake query` sees it."""
        with database.connect(self.snapshot) as connection:
            rows: list[tuple[object, ...]] = connection.execute(sql).fetchall()
            return rows


def write_documents(folder: Path) -> None:
    """Articles: copies, an empty one, and some that try to break out of a page."""
    folder.mkdir()
    header = "2024-03-05 19:20:11 来源：临江日报 编辑：周平"
    (folder / "evil.txt").write_text(f"港口二期工程建设推进会召开{EVIL}\n{header}\n{BODY}\n", encoding="utf-8")
    (folder / "again.txt").write_text(f"港口二期工程建设推进会召开\n{header}\n{BODY}\n", encoding="utf-8")
    (folder / "same.txt").write_bytes((folder / "again.txt").read_bytes())
    (folder / "empty.txt").write_bytes(b"")
    records = [
        ("https://daily.example/1.html", f"图书馆{EVIL}新馆开门", OTHER, "2024-01-17", "晚报"),
        (
            "https://daily.example/2.html?a='\"><i>",
            "书箱进社区",
            OTHER.replace("图书馆", "文化馆") + BODY[:40],
            "2024-02-01",
            "晨报",
        ),
        ("javascript:alert(4)", TURNING, OTHER[::-1], None, "晨报<b>"),
        (
            "https://daily.example/3.html",
            "进港道路",
            f"区交通局要求，6月底前完成“{EVIL}”公路建设。" + BODY[::-1],
            "2024-05-01",
            "=1+1",
        ),
    ]
    keys = ("url", "title", "text", "published_at", "source")
    lines = (json.dumps(dict(zip(keys, record, strict=True)), ensure_ascii=False) for record in records)
    (folder / "records.jsonl").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """The report of a small, hostile lake."""
    folder = tmp_path_factory.mktemp("report")
    write_documents(folder / "articles")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        pipeline.run([FilesSource(name="input", path=folder / "articles")])
        path = Path(pipeline.report()["path"])
        yield Report(path.parent, snapshots.current(Home(folder / "home")))


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """The report of the samples, with the single file `single.html` beside it."""
    home = tmp_path_factory.mktemp("samples") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(home))
        pipeline.run(["samples"])
        path = Path(pipeline.report()["path"])
        pipeline.report(single_file=home / "single" / "single.html")
        yield Report(path.parent, snapshots.current(Home(home)))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a network; a machine without it skips these tests, but not where everything is checked."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing = "playwright is not installed: pip install -r requirements-dev.txt"
    else:
        missing = "" if CHROMIUM else "no Chromium on this machine: apt-get install chromium"
    if missing:
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    arguments += ["--disable-component-update", "--disable-sync"]
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()
