"""The report: a static site over a snapshot, or one file to mail.

Pages are written beside the site that is there, and then take its place in one step: `reports/<page>.html` are links into
`.current`, a link to the folder of the newest site. The same snapshot gives the same pages, byte for byte.
"""

from __future__ import annotations

import os
import shutil
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from newslake.config import Home
from newslake.errors import UsageError
from newslake.lake import diff, durable, snapshots
from newslake.lake.snapshots import Snapshot
from newslake.report import accuracy, article, article_pages, charts, register, templates
from newslake.report.annotations import deadline, marked
from newslake.report.answers import Answer, ask, months, opened
from newslake.report.labels import chinese, say, word
from newslake.report.links import Links
from newslake.report.register import Task
from newslake.report.sections import PAGES
from newslake.report.values import cell, web_address

if TYPE_CHECKING:
    import duckdb

ASSETS: Final = ("d3.min.js", "plot.umd.min.js", "app.js", "d3.LICENSE.txt", "plot.LICENSE.txt")
STYLES: Final = ("style.css", "marks.css")
"""One file in the site, in this order."""
SITES, CURRENT = ".sites", ".current"
_SOURCES: Final = templates.FOLDER / "assets"
SOON: Final = timedelta(days=30)
STATIC_TASKS: Final = 50
"""Lines of the register that stand in the page without scripts."""


@dataclass(frozen=True)
class Content:
    """What the pages show.

    Attributes:
        answers: by section's key.
        tasks: lines of the register.
        task_count: of all.
        difference: what is different from the snapshot before, if there is one.
    """

    snapshot: Snapshot
    answers: Mapping[str, Answer]
    tasks: list[Task]
    task_count: int
    difference: diff.Difference | None
    accuracy: accuracy.Accuracy = field(default_factory=accuracy.read)

    @property
    def articles(self) -> list[str]:
        """Articles that a shown row leads to, in the order in which they get a page."""
        sentences = [one for answer in self.answers.values() for own in answer.sentences.values() for one in own]
        listed = [row["article_id"] for row in self.answers["newest"].records + self.answers["copied"].records]
        return [
            *listed,
            *(one.article_id for one in sentences),
            *(name for task in self.tasks for name in task.articles),
        ]


def write(home: Home, snapshot: Snapshot, most: int | None = article_pages.MOST) -> Path:
    """Writes the site.

    Args:
        home: its folder of reports holds the site, beside the Data Docs of the last validation.
        snapshot: what is shown.
        most: articles that get a page; None for all.

    Returns:
        Path of the overview.
    """
    with durable.only_one(home.state / "report.lock"):
        folder = home.reports / SITES / f"{snapshot.name}-{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "articles").mkdir(parents=True)
        (folder / "assets").mkdir()
        with opened(snapshot) as connection:
            content = _content(connection, home, snapshot)
            ids = article_pages.choose(connection, content.articles, most)
            frame = Frame(content, Links(frozenset(ids)), (home.reports / "validation" / "index.html").exists())
            for page in PAGES:
                (folder / f"{page.name}.html").write_text(frame.page(page.name), encoding="utf-8")
            article_pages.write(connection, folder / "articles", ids, partial(frame.render, root="../"))
            register.write_files(connection, folder, datetime.fromisoformat(snapshot.manifest["created_at"]))
        for name in ("style.css", *ASSETS):
            (folder / "assets" / name).write_text(asset(name) or "", encoding="utf-8")
        _show(home.reports, folder)
    return home.reports / "index.html"


def write_single(home: Home, snapshot: Snapshot, path: Path) -> Path:
    """Writes all pages but those of articles into one file that needs nothing else.

    Raises:
        UsageError: the file cannot be written.
    """
    with opened(snapshot) as connection:
        content = _content(connection, home, snapshot)
    frame = Frame(content, Links(frozenset(), is_single=True), False)
    try:
        durable.write_text(path, frame.render("single.html", page=None, title="newslake", pages=PAGES))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None
    return path


def _content(connection: duckdb.DuckDBPyConnection, home: Home, snapshot: Snapshot) -> Content:
    compared = months(connection, snapshot)
    answers = {section.key: ask(connection, section, compared) for page in PAGES for section in page.sections}
    tasks, count = register.tasks(connection)
    before = [one for one in snapshots.complete(home) if one.number < snapshot.number]
    difference = diff.diff(max(before, key=lambda one: one.number), snapshot) if before else None
    return Content(snapshot, answers, tasks, count, difference)


def _show(reports: Path, folder: Path) -> None:
    """Puts a finished site in the place of the one that is there."""
    for path in (*sorted(folder.rglob("*")), folder):
        durable.sync(path)
    names = {path.name for path in folder.iterdir()}
    durable.point(reports / CURRENT, f"{SITES}/{folder.name}")
    for name in sorted(names):
        link = reports / name
        if not (link.is_symlink() and str(link.readlink()) == f"{CURRENT}/{name}"):
            if link.is_dir() and not link.is_symlink():
                shutil.rmtree(link)
            durable.point(link, f"{CURRENT}/{name}")
    for link in reports.iterdir():
        if link.is_symlink() and link.readlink().parts[0] == CURRENT and link.name not in names:
            link.unlink()
    for site in (reports / SITES).iterdir():
        if site != folder:
            shutil.rmtree(site)


@dataclass(frozen=True)
class Frame:
    """What all pages of a site share."""

    content: Content
    links: Links
    has_data_docs: bool

    def page(self, name: str) -> str:
        """A page of the menu."""
        page = next(one for one in PAGES if one.name == name)
        return self.render("page.html", page=page, title=page.title, pages=PAGES)

    def render(self, template: str, root: str = "", **values: Any) -> str:
        """A page from a template.

        Args:
            template: its file.
            root: from the page to the site's folder.
            values: what it shows.
        """
        content = self.content
        shared: dict[str, Any] = {
            "answers": content.answers,
            "accuracy": content.accuracy,
            "difference": content.difference,
            "has_data_docs": self.has_data_docs,
            "links": self.links,
            "manifest": content.snapshot.manifest,
            "packed": partial(register.packed, content.tasks, set(self.links.pages)),
            "pages": PAGES,
            "register_words": partial(_register_words, content),
            "root": root,
            "snapshot": content.snapshot.name,
            "static_tasks": content.tasks[:STATIC_TASKS],
            "task_count": content.task_count,
        }
        return templates.render(template, FUNCTIONS, **shared | values)


def _register_words(content: Content) -> Markup:
    """What `app.js` says of tasks, in both languages, and the days that it compares deadlines with."""
    today = content.tasks[0].values["seen_until"] if content.tasks else None
    days = {"today": str(today), "soon": str(today + SOON)} if today else {}
    return charts.embedded(
        {english: [english, translated] for english, translated in chinese().items() if len(english) < 60} | days
    )


def asset(name: str) -> str | None:
    """What a file in `assets/` of the site holds; None where there is no such file."""
    if name == "style.css":
        return "\n".join((_SOURCES / one).read_text(encoding="utf-8") for one in STYLES)
    return (_SOURCES / name).read_text(encoding="utf-8") if name in ASSETS else None


def _asset(name: str) -> Markup:
    """A file of the assets, for the single file: our own, and no `</` in it ends its element."""
    return Markup(asset(name))


def _script_hashes() -> str:
    """The scripts of the single file, as its content security policy names them."""
    digests = (sha256(_asset(name).encode()).digest() for name in ASSETS if name.endswith(".js"))
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "asset": _asset,
    "cell": cell,
    "chart": charts.data,
    "chinese": lambda english: chinese()[english],
    "embedded": charts.embedded,
    "say": say,
    "script_hashes": lambda: Markup(_script_hashes()),
    "shown": lambda value: article.shown(str(value), False),
    "deadline": deadline,
    "marked": marked,
    "web_address": web_address,
    "word": word,
}
"""What the templates may call."""
