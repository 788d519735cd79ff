"""The commands that show what is in the lake: articles, snapshots, refused documents, the report."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from newslake.clean import DID
from newslake.config import Home
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.report.article import Block, Piece, blocks, render
from newslake.show import COLOURS, marked

from .conftest import Call


def test_show(ask: Call, lake: Home) -> None:
    """By id, by the beginning of an id, by address, by words; with body, blocks and sentences."""
    with database.connect(current(lake)) as connection:
        article_id, url, title = connection.execute(
            "SELECT article_id, url, title FROM articles WHERE title LIKE '%老旧小区改造全部完工%'"
        ).fetchall()[0]
    whole = ask("show", article_id)
    assert (whole[0], whole[2]) == (0, "")
    for text in (article_id, url, "许知夏", "as found", "restored", "paragraph", "sentences"):
        assert text in whole[1]
    assert title in whole[1]
    for wanted in (article_id[:10], url):
        assert ask("show", wanted)[:2] == whole[:2]


def test_every_article_can_be_shown(ask: Call, lake: Home) -> None:
    with database.connect(current(lake)) as connection:
        ids = [row[0] for row in connection.execute("SELECT article_id FROM articles ORDER BY 1").fetchall()]
    for article_id in ids[::4]:
        code, out, _ = ask("show", article_id)
        assert code == 0
        assert article_id in out


MEETING = "SELECT * FROM articles WHERE script = 'Hant' AND 'glosses' IN map_keys(repairs) ORDER BY article_id LIMIT 1"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "link", "br", "input"}


def ask_lake(lake: Home, query: str) -> list[dict[str, Any]]:
    with database.connect(current(lake)) as connection:
        rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return rows


class Page(HTMLParser):
    """Checks that elements are nested properly; collects elements, and the words of both texts block by block."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.kinds: list[str] = []
        self.words: dict[str, list[str]] = {"found": [], "text": []}
        self.side: str | None = None
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        if tag not in VOID:
            self.open.append(tag)
        classes = (given.get("class") or "").split()
        if "row" in classes and "names" not in classes:
            self.kinds.append(" ".join(classes[1:]))
        if tag == "p" and (given.get("class") or "") in self.words:
            self.side = given["class"]
            self.words[str(self.side)].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "p":
            self.side = None

    def handle_data(self, data: str) -> None:
        if self.side:
            self.words[self.side][-1] += data


def test_repairs_are_marked_and_counted(ask: Call, lake: Home) -> None:
    """From the map: each repair with its count, each block with its kind and how sure that is."""
    (article,) = ask_lake(lake, MEETING)
    code, out, _ = ask("show", article["article_id"])
    assert code == 0
    script = sum(edit["end"] - edit["start"] for edit in article["edits"] if edit["repair"] == "script")
    glosses = sum(edit["repair"] == "glosses" for edit in article["edits"])
    for name, count in (("script", script), ("glosses", glosses)):
        assert re.search(rf"{name} +│ +{count:,} +│ +{dict(article['repairs'])[name]:,} ", out)
    rows = ask_lake(lake, f"FROM blocks WHERE article_id = '{article['article_id']}'")
    for kind, confidence in {(row["kind"], row["confidence"]) for row in rows}:
        assert re.search(rf"│ {kind} +│[^│]+│[^│]+│\n│ {confidence:.2f} +│", out)


def test_the_page_shows_both_texts(ask: Call, lake: Home, tmp_path: Path) -> None:
    (article,) = ask_lake(lake, MEETING)
    assert ask("show", article["article_id"], "--html", str(tmp_path / "a.html")) == (0, f"{tmp_path / 'a.html'}\n", "")
    page = Page((tmp_path / "a.html").read_text(encoding="utf-8"))
    rows = ask_lake(lake, f"FROM blocks WHERE article_id = '{article['article_id']}' ORDER BY block_no")
    assert page.words["text"] == [row["text"] for row in rows]
    assert page.kinds == [row["kind"] + ("" if row["start"] is not None else " aside") for row in rows]
    body = [number for number, row in enumerate(rows) if row["start"] is not None]
    assert "\n".join(page.words["found"][number] for number in body) == article["text_as_found"]
    assert all(page.words["found"])
    tags = [tag for tag, _ in page.elements]
    assert tags.count("del") == tags.count("ins") >= len(article["edits"]) > 50
    assert "script" not in tags
    loading = {"src", "srcset", "data", "action", "poster", "background", "srcdoc", "style"}
    assert not any(loading & given.keys() for _, given in page.elements)
    assert {given["href"] for tag, given in page.elements if tag == "link"} == {"data:,"}
    assert any("default-src 'none'" in (given.get("content") or "") for tag, given in page.elements if tag == "meta")


def test_the_page_cannot_be_written(ask: Call, lake: Home, tmp_path: Path) -> None:
    (article,) = ask_lake(lake, MEETING)
    code, out, error = ask("show", article["article_id"], "--html", str(tmp_path / "no" / "a.html"))
    assert (code, out) == (2, "")
    assert "cannot be written" in error


def crafted(**values: Any) -> tuple[dict[str, Any], list[Block]]:
    """An article that tries to break out of its page."""
    evil = "<script>alert(1)</script>"
    found = f"{evil}\u200b會&amp;\u202e會。"
    text = f"{evil}会&amp;\u202e会。"
    start = len(evil)
    edits = [
        {"repair": "zero_width", "start": start, "end": start, "found_start": start, "found_end": start + 1},
        {"repair": "script", "start": start, "end": start + 1, "found_start": start + 1, "found_end": start + 2},
        {"repair": '"><b>', "start": start + 7, "end": start + 8, "found_start": start + 8, "found_end": start + 9},
    ]
    article = {
        "article_id": "0" * 16,
        "version_no": 0,
        "title": f"{evil}'\"",
        "url": "javascript:alert(1)",
        "language": "zh",
        "script": "Hant",
        "text": text,
        "text_as_found": found,
        "edits": edits,
        "repairs": [("script", 3)],
        "metadata_sources": [("title", evil)],
        **values,
    }
    rows = [
        {"kind": "title", "text": f"{evil}'\"", "start": None, "confidence": 0.9},
        {"kind": "paragraph", "text": text, "start": 0, "confidence": 0.8},
    ]
    return article, blocks(article, rows)


def test_nothing_breaks_out_of_the_page() -> None:
    text = render(*crafted())
    page = Page(text)
    assert "script" not in [tag for tag, _ in page.elements]
    assert "b" not in [tag for tag, given in page.elements if given.get("class") == "text"]
    assert "\u202e" not in text
    assert page.words["text"][1] == "<script>alert(1)</script>会&amp;⟨U+202E⟩会。"
    assert page.words["found"] == ["", "<script>alert(1)</script>⟨U+200B⟩會&amp;⟨U+202E⟩會。"]
    assert not any(tag == "a" for tag, _ in page.elements)
    assert 'href="https://a.example/?a=1&amp;b"' in render(*crafted(url="https://a.example/?a=1&b"))


def test_every_repair_has_words() -> None:
    assert [name for name, did in DID.items() if not did] == []


def test_a_repair_without_a_colour_of_its_own_is_shown_too() -> None:
    page = files("newslake.report").joinpath("article.html").read_text(encoding="utf-8")
    coloured = COLOURS.keys() - {"other"}
    assert coloured <= DID.keys()
    assert [name for name in coloured if not re.search(rf"\.{name}\b[^}}]*--own:", page)] == []
    assert "--own: var(--other)" in page
    unknown, restored = marked(Block("paragraph", 1.0, (Piece("of_tomorrow", "a", "b"),), is_body=True))
    assert {span.style for text in (unknown, restored) for span in text.spans} == {COLOURS["other"]}


def test_an_article_without_repairs_says_so() -> None:
    article, _ = crafted(edits=[], repairs=[], text="會", text_as_found="會", title=None)
    text = render(article, blocks(article, [{"kind": "paragraph", "text": "會", "start": 0, "confidence": 1.0}]))
    assert "nothing had to be repaired" in text
    assert Page(text).words == {"found": ["會"], "text": ["會"]}


MEASURE = """<script>addEventListener("load", () => {
  const row = document.querySelector(".paragraph"), [, found, text] = row.children;
  const style = getComputedStyle(document.querySelector("del.script"));
  parent.postMessage(JSON.stringify({
    width: innerWidth, content: document.documentElement.scrollWidth, beside: found.offsetTop === text.offsetTop,
    marked: style.backgroundColor !== "rgba(0, 0, 0, 0)" && parseFloat(style.borderBottomWidth) > 0,
    size: parseFloat(getComputedStyle(text).fontSize),
    requests: performance.getEntriesByType("resource").filter(entry => !entry.name.startsWith("data:")).length,
  }), "*")})</script></head>"""
FRAME = """<title></title><script>addEventListener("message", event => { document.title = event.data })</script>
<iframe src="a.html" style="border: 0; width: WIDTHpx; height: 1400px"></iframe>"""
"""A window of a browser cannot be as narrow as a phone, a frame can."""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize(("width", "is_beside"), [(1200, True), (390, False)])
def test_a_browser_shows_it(ask: Call, lake: Home, tmp_path: Path, width: int, is_beside: bool) -> None:
    """Nothing is cut or runs out of the window, on a desk and on a phone; nothing is asked of any server."""
    (article,) = ask_lake(lake, MEETING)
    path, picture = tmp_path / "a.html", tmp_path / "a.png"
    ask("show", article["article_id"], "--html", str(path))
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
    options += ["--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"]
    options += [f"--user-data-dir={tmp_path}/profile", f"--window-size={width},1400", "--virtual-time-budget=3000"]
    command = [str(CHROMIUM), *options]
    subprocess.run([*command, f"--screenshot={picture}", path.as_uri()], check=True, capture_output=True, timeout=120)
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert len(picture.read_bytes()) > 50_000
    # The same page, with a script that measures it.
    opened = path.read_text(encoding="utf-8").replace("style-src", "script-src 'unsafe-inline'; style-src", 1)
    path.write_text(opened.replace("</head>", MEASURE, 1), encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    command += ["--dump-dom", (tmp_path / "frame.html").as_uri()]
    out = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout.decode()
    measured = json.loads(html.unescape(re.search(r"<title>(.*?)</title>", out)[1]))
    assert measured["width"] == width
    assert measured["content"] <= width
    assert measured["beside"] == is_beside
    assert measured["marked"]
    assert measured["size"] >= 15
    assert measured["requests"] == 0


def test_show_asks_back(ask: Call) -> None:
    code, out, error = ask("show", "推进会")
    assert (code, out) == (2, "")
    assert "articles match '推进会'; give the article_id of one" in error
    assert len(re.findall(r"^  [0-9a-f]{16}  ", error, re.MULTILINE)) >= 2
    for wanted in ("%%", "' OR 1=1 --", "[bold]", "\\"):
        code, out, error = ask("show", wanted)
        assert (code, out) == (2, "")
        assert "no article" in error


def test_quarantine(ask: Call, lake: Home) -> None:
    code, out, error = ask("quarantine", "list")
    assert (code, error) == (0, "")
    count = current(lake).tables["quarantine"].rows
    assert sum(int(line.split()[0]) for line in out.splitlines()[1:]) == count
    assert len(ask("quarantine", "list", "--source", "samples")[1].splitlines()) == count + 1
    code, out, _ = ask("quarantine", "list", "--reason", "truncated_gzip")
    assert (code, len(out.splitlines())) == (0, 2)
    raw_id, stage, reason = out.splitlines()[1].split()[:3]
    assert (stage, reason) == ("acquire", "truncated_gzip")
    code, out, error = ask("quarantine", "show", raw_id)
    assert (code, error) == (0, "")
    assert "truncated_gzip" in out
    assert raw_id in out
    assert all(mark.isprintable() or mark == "\n" for mark in out)
    assert len(ask("quarantine", "list", "--reason", "no_such_reason")[1].splitlines()) <= 1


def test_every_refused_document_can_be_shown(ask: Call, lake: Home) -> None:
    """Those too whose address is not the place they lie at, since the page tells another."""
    with database.connect(current(lake)) as connection:
        rows = connection.execute("SELECT raw_id, reason FROM quarantine").fetchall()
    assert "published_not_in_future" in {reason for _, reason in rows}
    for raw_id, reason in rows:
        code, out, error = ask("quarantine", "show", raw_id)
        assert (code, error) == (0, "")
        assert reason in out
        assert re.search(r"^places +file:articles/faulty/", out, re.MULTILINE)


@pytest.mark.lake
def test_refused_bytes_at_several_places(call: Call, tmp_path: Path) -> None:
    for name in ("a.txt", "b.html", "c.txt"):
        (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"")
    (tmp_path / "in" / "d.txt").write_bytes(b" ")
    assert call("run", "--input", str(tmp_path / "in"), home=tmp_path / "home")[0] == 0
    _, out, _ = call("quarantine", "list", "--reason", "empty", home=tmp_path / "home")
    assert [re.search(r"file:\S+( \+\d more)?", line)[0] for line in out.splitlines()[1:]] == [
        "file:in/a.txt +2 more",
        "file:in/d.txt",
    ]
    _, out, _ = call("quarantine", "show", "e3b0c442", home=tmp_path / "home")
    assert re.search(r"^places +file:in/a\.txt, file:in/b\.html, file:in/c\.txt$", out, re.MULTILINE)
    assert re.search(r"^content_type text/plain$", out, re.MULTILINE)


def test_snapshots(ask: Call, lake: Home) -> None:
    code, out, _ = ask("snapshots", "list")
    assert code == 0
    (line,) = out.splitlines()[1:]
    assert line.split()[:2] == ["000001", "current"]
    assert str(current(lake).tables["articles"].rows) in line.split()


def test_verify_and_report(ask: Call, lake: Home) -> None:
    code, out, error = ask("verify")
    assert (code, error) == (0, "")
    assert re.search(r"\d+ files are as they were published", out)
    assert re.search(r"^\d+ documents = \d+ articles", out, re.MULTILINE)
    code, maintained, error = ask("maintain", "--dry-run")
    assert (code, error) == (0, "")
    assert maintained.startswith(out)
    assert "\nwould remove 0 old snapshots\n" in maintained
    code, out, error = ask("report")
    assert (code, error) == (0, "")
    assert Path(out.strip()).read_text(encoding="utf-8").startswith("<!")
