"""What was found in articles: on the terminal and as a page."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from newslake.config import Home
from newslake.report.annotations import LAYERS, WORDS, Annotation, lines, render
from newslake.show_annotations import NUMBERED, SIGNS, STYLES, bracketed, coloured, wrapped
from newslake.tables.evidence import EVIDENCE_KINDS
from newslake.tables.mentions import KINDS

from .asked import ask_lake
from .conftest import Call

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "link", "br", "input"}
MEETING = """SELECT articles.* FROM articles JOIN directives USING (article_id) WHERE NOT is_duplicate AND language = 'zh'
             GROUP BY ALL ORDER BY count(*) DESC, article_id LIMIT 1"""


@pytest.fixture(scope="module")
def meeting(lake: Home) -> dict[str, Any]:
    """The article in which most tasks are set."""
    return ask_lake(lake, MEETING)[0]


def test_every_kind_has_words_and_a_style() -> None:
    """A kind without would break the legend."""
    assert set(WORDS) == set(STYLES) == {"quote", "directive", "evidence", *KINDS}
    assert set(SIGNS) == {"quote", "directive", "evidence", *EVIDENCE_KINDS}
    assert set(NUMBERED) == {"quote", "directive", "evidence"}


@st.composite
def annotated(draw: st.DrawFn) -> tuple[str, list[Annotation]]:
    """A text with spans anywhere: alike, within each other, crossing, over line breaks."""
    text = draw(st.text(st.sampled_from("临江区要a \n<&[]"), min_size=1, max_size=30))
    place = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(place, place, st.sampled_from(LAYERS)), max_size=8))
    kinds = {"quotes": "quote", "directives": "directive", "evidence": "completed", "mentions": "place"}
    return text, [
        Annotation(layer, number, kinds[layer], min(a, b), max(a, b), text[min(a, b) : max(a, b)], {})
        for number, (a, b, layer) in enumerate(spans, start=1)
        if a != b
    ]


@given(annotated())
def test_marks_nest_and_cover_their_spans(case: tuple[str, list[Annotation]]) -> None:
    text, annotations = case
    ordered = lines(text, annotations)
    assert "\n".join("".join(event.text for event in line) for line in ordered) == text
    covered = Counter[int]()
    first = Counter[int]()
    for line in ordered:
        open_now: list[Annotation] = []
        for event in line:
            if event.kind == "open":
                open_now.append(event.annotation)
                first[event.annotation.number] += event.is_first
            assert list(map(id, event.covering)) == list(map(id, open_now))
            if event.kind == "close":
                open_now.pop()
            covered.update({one.number: len(event.text) for one in event.covering})
        assert open_now == []
    for one in annotations:
        assert covered[one.number] == len(one.text.replace("\n", ""))
        assert first[one.number] == (text[one.start] != "\n")


@given(annotated(), st.integers(8, 40))
def test_lines_fit_the_terminal(case: tuple[str, list[Annotation]], width: int) -> None:
    for line in lines(*case):
        text = coloured(line)
        parts = wrapped(text, width)
        assert "".join(part.plain for part in parts) == text.plain
        assert all(cell_len(part.plain) <= width for part in parts)


def test_punctuation_begins_no_line() -> None:
    parts = wrapped(Text("会议要求，（一）年底前建成。" * 20), 24)
    assert len(parts) > 10
    assert not [part.plain for part in parts if part.plain[0] in "，。）" or part.plain[-1] == "（"]


def test_show_annotations_piped(ask: Call, lake: Home, meeting: dict[str, Any]) -> None:
    """Labels in brackets; without them, the text is the article's; then the tables."""
    code, out, error = ask("show", meeting["article_id"], "--annotations")
    assert (code, error) == (0, "")
    assert "\x1b" not in out
    shown = out.split("\n", 1)[1][: out.index("\ndirectives\n")]
    assert re.sub(r"\[[a-z]+(?: \d+)?(?: …)?: |\]", "", shown).startswith(meeting["text"])
    tasks = ask_lake(lake, f"FROM directives WHERE article_id = '{meeting['article_id']}' ORDER BY start")
    assert len(tasks) > 5
    for number in range(1, len(tasks) + 1):
        assert re.search(rf"\[directive {number}: ", out)
        assert re.search(rf"^{number} +[^ ]", out, re.MULTILINE)
    for task in tasks:
        if task["deadline"]:
            assert str(task["deadline"]) in out
        for body in task["responsible_bodies"] or []:
            assert body in out


def test_show_annotations_in_colour(
    ask: Call, meeting: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    code, out, error = ask("show", meeting["article_id"], "--annotations")
    assert (code, error) == (0, "")
    assert "\x1b[" in out
    plain = re.sub(r"\x1b\[[\d;]*m", "", out)
    assert all(cell_len(line) <= 90 for line in plain.splitlines())
    assert "[place" not in plain
    assert re.search(r"directive +\d+  a task that is set", plain)
    assert "▸1 " in plain


def test_every_article_can_be_shown(ask: Call, lake: Home) -> None:
    for row in ask_lake(lake, "SELECT article_id FROM articles ORDER BY 1")[::6]:
        code, out, error = ask("show", row["article_id"], "--annotations")
        assert (code, error) == (0, "")
        assert row["article_id"] in out


def test_a_terminal_is_not_steered(ask: Call) -> None:
    code, out, _ = ask("show", "正常，“标题”", "--annotations")
    assert code == 0
    assert "临江区" in out
    assert all(mark.isprintable() or mark == "\n" for mark in out)


class Page(HTMLParser):
    """Checks that elements are nested properly; collects elements and the words of the text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.paragraphs: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    @property
    def is_text(self) -> bool:
        return ("div", "text") in self.open and not any(tag == "sup" for tag, _ in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_values = dict(attrs)
        self.elements.append((tag, given_values))
        if tag not in VOID:
            self.open.append((tag, given_values.get("class") or ""))
        if tag == "p" and self.is_text:
            self.paragraphs.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.is_text and self.open[-1][0] in ("p", "span"):
            self.paragraphs[-1] += data


def test_the_page(ask: Call, lake: Home, meeting: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    assert ask("show", meeting["article_id"], "--annotations", "--html", str(path)) == (0, f"{path}\n", "")
    page = Page(path.read_text(encoding="utf-8"))
    assert "\n".join(page.paragraphs) == meeting["text"]
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "iframe", "img", "form", "object"}
    ids = [given["id"] for _, given in page.elements if "id" in given]
    assert len(ids) == len(set(ids))
    anchors = [str(given["href"]) for tag, given in page.elements if tag == "a" and str(given["href"]).startswith("#")]
    assert {anchor[1:] for anchor in anchors} <= set(ids)
    for layer, mark in (("directives", "directive"), ("quotes", "quote"), ("evidence", "evidence")):
        (row,) = ask_lake(lake, f"SELECT count(*) AS count FROM {layer} WHERE article_id = '{meeting['article_id']}'")
        assert sum(anchor.startswith(f"#{mark}-") for anchor in anchors) == row["count"]
    told = [str(given["data-about"]) for _, given in page.elements if "data-about" in given]
    assert any(text.startswith("directive ") and "\ntask: " in text for text in told)
    assert any(text.startswith("person\n") for text in told)


def test_the_page_cannot_be_written(ask: Call, meeting: dict[str, Any], tmp_path: Path) -> None:
    code, out, error = ask("show", meeting["article_id"], "--annotations", "--html", str(tmp_path / "no" / "a.html"))
    assert (code, out) == (2, "")
    assert "cannot be written" in error


EVIL = "<script>alert(1)</script>"


def crafted() -> tuple[dict[str, Any], list[Annotation]]:
    """An article that tries to break out of its page."""
    text = f'{EVIL}"会&amp;\u202e会。\n要'
    article = {
        "article_id": "0" * 16,
        "version_no": 0,
        "title": EVIL,
        "url": "javascript:alert(1)",
        "language": "zh",
        "text": text,
        "source_name": EVIL,
        "published_date": None,
    }
    fields = {"task": EVIL, "speaker": f'"{EVIL}', "target": "\u202e", "name": EVIL, "resolved_name": f"a\n{EVIL}"}
    return article, [
        Annotation("directives", 1, "directive", 0, 30, text[:30], fields),
        Annotation("mentions", 1, "person", 20, len(text), text[20:], fields),
    ]


def test_nothing_breaks_out_of_the_page() -> None:
    article, annotations = crafted()
    text = render(article, annotations)
    page = Page(text)
    assert "\u202e" not in text
    assert not [tag for tag, _ in page.elements if tag in ("script", "a") and tag == "script"]
    assert [given["href"] for tag, given in page.elements if tag == "a"] == ["#directive-1"]
    assert "\n".join(page.paragraphs) == article["text"].replace("\u202e", "⟨U+202E⟩")
    assert "[person …: 要]" in bracketed(lines(article["text"], annotations)[1])


def test_a_page_without_annotations_says_so() -> None:
    article, _ = crafted()
    assert "Nothing was found" in render(article, [])


MEASURE = """<script>addEventListener("load", () => {
  const mark = document.querySelector(".text .mention"), directive = document.querySelector(".text .directive");
  document.querySelector("#show-person").click();
  parent.postMessage(JSON.stringify({
    width: innerWidth, content: document.documentElement.scrollWidth,
    marked: getComputedStyle(document.querySelector(".text .organisation")).backgroundColor,
    hidden: getComputedStyle(document.querySelector(".text .person")).backgroundColor,
    line: getComputedStyle(directive).textDecorationLine,
    size: parseFloat(getComputedStyle(document.querySelector(".text p")).fontSize),
    requests: performance.getEntriesByType("resource").filter(entry => !entry.name.startsWith("data:")).length,
  }), "*")})</script></head>"""
FRAME = """<title></title><script>addEventListener("message", event => { document.title = event.data })</script>
<iframe src="a.html" style="border: 0; width: WIDTHpx; height: 1400px"></iframe>"""
"""A window of a browser cannot be as narrow as a phone, a frame can."""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [1200, 390])
def test_a_browser_shows_it(ask: Call, meeting: dict[str, Any], tmp_path: Path, width: int) -> None:
    """Nothing runs out of the window, on a desk and on a phone; marks can be hidden; nothing is asked of any server."""
    path = tmp_path / "a.html"
    ask("show", meeting["article_id"], "--annotations", "--html", str(path))
    opened = path.read_text(encoding="utf-8").replace("style-src", "script-src 'unsafe-inline'; style-src", 1)
    path.write_text(opened.replace("</head>", MEASURE, 1), encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
    command += ["--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"]
    command += [f"--user-data-dir={tmp_path}/profile", f"--window-size={width},1400", "--virtual-time-budget=3000"]
    command += ["--dump-dom", (tmp_path / "frame.html").as_uri()]
    out = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout.decode()
    found = re.search(r"<title>(.*?)</title>", out)
    assert found
    measured = json.loads(html.unescape(found[1]))
    assert measured["width"] == width
    assert measured["content"] <= width
    assert measured["marked"] != "rgba(0, 0, 0, 0)"
    assert measured["hidden"] == "rgba(0, 0, 0, 0)"
    assert measured["line"] == "underline"
    assert measured["size"] >= 15
    assert measured["requests"] == 0
