"""The pages as text: nothing leaves them, links lead somewhere, and hostile values stay in their places."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake import pipeline
from newslake.config import Home
from newslake.report import article_pages, charts, labels, site, values
from newslake.report.sections import PAGES
from newslake.sources import FilesSource

from .conftest import EVIL, TURNING, Reader, Report

pytestmark = [pytest.mark.lake, pytest.mark.xdist_group("report")]
LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "xlink:href", "srcdoc", "ping"}
SOURCES = Path(site.__file__).parent


def test_pages_are_self_contained(report: Report) -> None:
    urls = {url for (url,) in report.ask("SELECT url FROM articles")}
    for name in report.pages:
        reader = report.page(name)
        root = "../" if "/" in name else ""
        policies = [attributes["content"] for _, attributes in reader.elements if attributes.get("http-equiv")]
        assert len(policies) == 1
        assert policies[0].startswith(
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:;"
        )
        for tag, attributes in reader.elements:
            assert tag not in {"iframe", "object", "embed", "img", "base", "use", "image"}
            assert not (LOADING - ({"src"} if tag == "script" else set())) & set(attributes)
            assert not [one for one in attributes if one.startswith("on")]
            if tag == "script":
                assert attributes.get("type") == "application/json" or attributes["src"].startswith(f"{root}assets/")
            if tag == "link":
                assert attributes["href"] in ("data:,", f"{root}assets/style.css")
            if attributes.get("href", "").startswith("http"):
                assert attributes["href"] in urls
                assert attributes["rel"].split() == ["noopener", "noreferrer", "nofollow"]
        assert "url(" not in report.text(name)
        assert "@import" not in report.text(name)


def test_every_link_leads_somewhere(report: Report, samples: Report) -> None:
    for one in (report, samples):
        ids = {name: one.page(name).ids for name in one.pages}
        for name in one.pages:
            assert len(ids[name]) == len(set(ids[name])), name
            for link in one.page(name).links:
                if link.startswith("http"):
                    continue
                file, _, anchor = link.partition("#")
                target = (one.folder / name).parent / unquote(file) if file else one.folder / name
                assert target.is_file(), f"{name}: {link}"
                if anchor and not anchor.startswith("?"):
                    assert anchor in ids[str(target.relative_to(one.folder))], f"{name}: {link}"


def test_values_of_articles_are_escaped(report: Report) -> None:
    titles = report.ask(f"SELECT title FROM articles WHERE contains(title, '{EVIL}')")
    assert len(titles) == 2
    for (title,) in titles:
        assert html.escape(str(title)) in report.text("index.html")
    for name in report.pages:
        text = report.text(name)
        assert EVIL not in text
        assert TURNING[0] not in text
        assert 'href="javascript' not in text
        assert all(json.loads(script) is not None for script in report.page(name).scripts if script)
    assert "<b>" not in [row[0] for row in report.page("sources.html").rows("publishers")]


def test_one_file_has_all_pages(samples: Report) -> None:
    path = samples.folder.parent / "single" / "single.html"
    text = path.read_text(encoding="utf-8")
    reader = Reader(text)
    assert path.stat().st_size < 2_000_000
    assert len(reader.ids) == len(set(reader.ids))
    assert {f"page-{page.name}" for page in PAGES} <= set(reader.ids)
    assert {section.key for page in PAGES for section in page.sections} <= set(reader.ids)
    for link in reader.links:
        assert link.startswith("#") or link.startswith("http"), link
        assert not link.startswith("#") or link[1:] in reader.ids or link.startswith("#?"), link
    assert not [attributes for tag, attributes in reader.elements if tag == "link" and attributes["href"] != "data:,"]
    assert not [attributes for tag, attributes in reader.elements if "src" in attributes]


def test_writing_again_gives_the_same_bytes_and_leaves_nothing_behind(report: Report) -> None:
    def found() -> dict[str, bytes]:
        paths = (path for path in report.folder.rglob("*") if path.is_file() and ".sites" not in path.parts)
        return {str(path.relative_to(report.folder)): path.read_bytes() for path in paths}

    before, names = found(), sorted(path.name for path in report.folder.iterdir())
    home = Home(report.folder.parent)
    assert site.write(home, report.snapshot) == report.folder / "index.html"
    assert found() == before
    assert sorted(path.name for path in report.folder.iterdir()) == names
    assert len(list((report.folder / ".sites").iterdir())) == 1


def test_few_articles_get_pages_and_the_others_are_named(report: Report, home: Path, tmp_path: Path) -> None:
    target = Home(home)
    site.write(target, report.snapshot, 2)
    pages = list((target.reports / "articles").iterdir())
    assert len(pages) == 2
    text = (target.reports / "sources.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="articles/(\w+)\.html', text))
    assert linked <= {path.stem for path in pages}
    assert '<code class="chip"' in text


def test_a_page_of_before_makes_room(home: Path, report: Report) -> None:
    """The report was one file once; a name that is a real file or folder becomes a part of the site."""
    reports = Home(home).reports
    (reports / "articles").mkdir(parents=True)
    (reports / "articles" / "old.html").write_text("old")
    (reports / "index.html").write_text("old")
    (reports / "validation").mkdir()
    (reports / "validation" / "index.html").write_text("kept")
    site.write(Home(home), report.snapshot)
    assert "<h1>" in (reports / "index.html").read_text(encoding="utf-8")
    assert not (reports / "articles" / "old.html").exists()
    assert (reports / "validation" / "index.html").read_text() == "kept"
    assert 'href="validation/index.html"' in (reports / "methods.html").read_text(encoding="utf-8")


def test_an_empty_lake_has_a_report(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "empty.txt").write_bytes(b"")
    pipeline.run([FilesSource(name="input", path=folder)])
    written = Path(pipeline.report()["path"]).parent
    for page in PAGES:
        reader = Reader((written / f"{page.name}.html").read_text(encoding="utf-8"))
        assert "nan" not in reader.text.lower().split()
    assert "No article copies another one." in (written / "sources.html").read_text(encoding="utf-8")


def test_drift_is_told(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(
            f"标题{number}\n2024-03-0{number + 1} 来源：临江日报\n"
            + f"第{number}次会议在临江区召开，会议听取了情况汇报。" * 4,
            encoding="utf-8",
        )
        if number != 1:
            pipeline.run([FilesSource(name="input", path=folder)])
    reader = Reader(Path(pipeline.report()["path"]).read_text(encoding="utf-8"))
    (row,) = reader.rows("drift")[1:]
    assert row[:2] == ["input", "1 → 3"]


def said_in_code() -> set[str]:
    """Every label that pages, templates and code ask for."""
    said = set(article_pages.FACTS.values())
    for page in PAGES:
        said |= {page.title, page.note}
        for section in page.sections:
            said |= {section.title, section.note, section.empty, *(column.label for column in section.columns)}
    for path in SOURCES.glob("*.html"):
        for call in re.findall(r'say\(((?:[^()"]|"(?:[^"\\]|\\.)*")*)\)', path.read_text(encoding="utf-8")):
            said |= set(re.findall(r'"((?:[^"\\]|\\.)*)"', call))
        said |= {one for one in re.findall(r'^  "([A-Z][^"]+\.)",$', path.read_text(encoding="utf-8"), re.MULTILINE)}
    return said - {""}


def test_every_label_is_in_both_languages() -> None:
    missing = said_in_code() - labels.chinese().keys()
    assert not missing
    assert all(labels.chinese().values())


def test_no_label_is_there_for_nothing() -> None:
    """What no template says is a word of the data or of app.js."""
    script = (SOURCES / "assets" / "app.js").read_text(encoding="utf-8")
    said = said_in_code()
    code = script + "".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    code += "".join(path.read_text(encoding="utf-8") for path in SOURCES.parent.joinpath("sql").glob("*.sql"))
    code += (SOURCES.parents[2] / "seeds" / "reference" / "domains.txt").read_text(encoding="utf-8")
    unused = {one for one in labels.chinese() if one not in said and one not in code}
    assert not unused


@given(st.text())
def test_cells_hold_no_steering_marks(text: str) -> None:
    shown = values.cell(text).text
    assert len(shown) <= values.LONGEST_VALUE + 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@given(st.text())
def test_no_value_leaves_its_place_in_a_query(text: str) -> None:
    quoted = values.sql_value(text)
    assert quoted[0] == quoted[-1] == "'"
    assert "'" not in quoted[1:-1].replace("''", "")


@given(st.text(st.sampled_from("<>\"'&/= \n!-[]{}%abjscript:\x00\u2028"), max_size=60))
def test_no_value_leaves_its_place_in_a_script(text: str) -> None:
    data = charts.embedded({"title": text})
    assert json.loads(data) == {"title": text}
    assert not set(data) & set("<>&\u2028\u2029")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", " https://a.example", "https://a.example/ x", "//a.example"]
)
def test_other_addresses_are_no_links(url: str) -> None:
    assert values.web_address(url) is None
