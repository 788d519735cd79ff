"""The pages as text: nothing leaves them, links lead somewhere, and the numbers are those of the lake."""

from __future__ import annotations

import csv
import html
import json
import re
import zlib
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from newslake import pipeline, query
from newslake.config import Home
from newslake.lake.verify import conservation
from newslake.report import article_pages, charts, labels, register, site, values
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


def test_the_numbers_of_the_overview_are_those_of_the_lake(report: Report, samples: Report) -> None:
    for one in (report, samples):
        shown = {
            key: int(value.replace(",", ""))
            for key, value in re.findall(r'data-count="(\w+)"[^>]*>(?:<a [^>]*>)?([\d,]+)<', one.text("index.html"))
        }
        account = conservation(one.snapshot)
        assert account.missing == 0
        register_counts = one.ask(
            "SELECT count(*), count(*) FILTER (state = 'overdue'), count(*) FILTER (state = 'completed') FROM directive_register"
        )
        assert shown == {
            "documents": account.documents,
            "articles": account.articles,
            "superseded": account.superseded,
            "exact_copies": account.exact_copies,
            "quarantined": account.quarantined,
            "tasks": register_counts[0][0],
            "overdue": register_counts[0][1],
            "completed": register_counts[0][2],
            "due_soon": one.ask(
                "SELECT count(*) FROM directive_register WHERE state NOT IN ('completed', 'cancelled', 'overdue') "
                "AND date_diff('day', seen_until, deadline) BETWEEN 0 AND 30"
            )[0][0],
            "copies": one.ask("SELECT count(*) FROM articles WHERE duplicate_of IS NOT NULL")[0][0],
            "failed_checks": one.ask("SELECT count(*) FROM validation_results WHERE NOT is_passed")[0][0],
        }  # fmt: skip
        months = {row[0]: int(row[3]) for row in one.page("index.html").rows("months")[1:]}
        assert months == dict(one.ask("SELECT published_month, count(*) FROM articles GROUP BY ALL"))
        (fresh,) = (row for row in one.page("index.html").rows("freshness")[1:] if row[3] != "0")
        source, fetched, newest, documents, articles, refused, *_ = fresh
        assert [(source, fetched, newest, int(documents), int(articles))] == [
            (row[0], str(row[1]), str(row[2]), row[3], row[4])
            for row in one.ask(
                "SELECT source, (SELECT max(fetched_at)::DATE FROM raw_documents), max(published_date), "
                "(SELECT count(*) FROM raw_documents), count(*) FROM articles GROUP BY source"
            )
        ]
        refusals = {row[0]: int(row[2]) for row in one.page("index.html").rows("refused")[1:]}
        assert refusals == dict(
            one.ask("SELECT reason, count(DISTINCT raw_id) FROM quarantine WHERE NOT is_replayed GROUP BY ALL")
        )
        assert sum(refusals.values()) == int(refused)


def test_the_numbers_of_other_pages_are_those_of_the_lake(samples: Report) -> None:
    publishers = {row[0]: row[1:4] for row in samples.page("sources.html").rows("publishers")[1:]}
    counted = samples.ask(
        "SELECT source_name, article_count::TEXT, original_count::TEXT, copy_count::TEXT FROM source_quality"
    )
    assert {str(name): list(counts) for name, *counts in counted if name} == {
        name: row for name, row in publishers.items() if "未注明" not in name
    }
    pairs = [row[:3] for row in samples.page("sources.html").rows("pairs")[1:]]
    assert sum(int(row[2]) for row in pairs) == samples.ask("SELECT count(*) FROM articles WHERE is_duplicate")[0][0]
    league = samples.page("league.html").rows("league")[1:]
    assert len(league) == samples.ask("SELECT count(*) FROM league_table")[0][0]
    repaired = {row[0]: int(row[2].replace(",", "")) for row in samples.page("methods.html").rows("repairs")[1:]}
    assert repaired == dict(
        samples.ask("SELECT r.key, sum(r.value) FROM (SELECT unnest(map_entries(repairs)) r FROM articles) GROUP BY 1")
    )
    people = {row[0]: row[1] for row in samples.page("people.html").rows("people")[1:]}
    assert [people["沈怀舟"].split(" · ")[0]] == [
        row[0]
        for row in samples.ask(
            "SELECT usual_title FROM people WHERE name = '沈怀舟' ORDER BY article_count DESC LIMIT 1"
        )
    ]


def queries_of(text: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r"<pre tabindex=\"0\"><code>(.*?)</code></pre>", text, re.DOTALL)]


def test_queries_on_the_pages_run_and_give_their_rows(samples: Report) -> None:
    for page in PAGES:
        blocks = samples.text(f"{page.name}.html").split("<section id=")[1:]
        assert len(blocks) == len(page.sections)
        for section, block in zip(page.sections, blocks, strict=True):
            queries = [one for one in queries_of(block) if not one.startswith("newslake ")]
            answers = [samples.ask(one) for one in queries]
            tables = Reader("<section id=" + block.split("</article>")[0]).cells
            heads = block.count("<thead>")
            if queries and heads:
                assert len(tables) - heads == len(answers[0]), section.key
            assert all(answers[1:]), section.key


def test_no_query_carries_what_a_shell_would_run(report: Report) -> None:
    for page in PAGES:
        assert not [
            one for one in queries_of(report.text(f"{page.name}.html")) if set(one.replace('"at"', "")) & set('$`\\"!')
        ]


def test_lines_lead_to_sentences(samples: Report) -> None:
    for name, section in (("people", "people"), ("people", "speakers"), ("terms", "initiatives"), ("league", "league")):
        block = samples.text(f"{name}.html").split(f'<section id="{section}"')[1].split("</section>")[0]
        row = block.split("<tbody>")[1].split("<tr>")[1]
        words = html.unescape(re.sub("<[^>]*>", "", row.split("</th>")[0])).strip()
        links = re.findall(r'href="articles/(\w+)\.html#s(\d+)"', row)
        assert links
        for article_id, number in links:
            assert f'id="s{number}"' in samples.text(f"articles/{article_id}.html")
            if section == "initiatives":
                assert samples.ask(
                    f"SELECT contains(text, '{words}') FROM sentences WHERE article_id = '{article_id}' AND sentence_no = {number}"
                ) == [(True,)]


def test_articles_show_their_text_whole(report: Report, samples: Report) -> None:
    for one in (report, samples):
        for article_id, text in one.ask("SELECT article_id, text FROM articles"):
            page = one.text(f"articles/{article_id}.html")
            shown = re.search(r'<div class="text"[^>]*>(.*?)</div>', page, re.DOTALL)
            assert shown
            words = re.sub(r"<sup[^>]*>\d+</sup>", "", shown[1])
            lines = [
                html.unescape(re.sub("<[^>]*>", "", line)) for line in re.findall(r"<p>(.*?)</p>", words, re.DOTALL)
            ]
            assert "\n".join(lines) == "".join(
                f"⟨U+{ord(mark):04X}⟩" if ord(mark) < 32 and mark != "\n" else mark for mark in str(text)
            )
            numbers = re.findall(r'class="sentence" id="s(\d+)"', page)
            assert [(len(numbers),)] == one.ask(f"SELECT count(*) FROM sentences WHERE article_id = '{article_id}'")


def unpacked(text: str) -> list[list[object]]:
    (packed,) = re.findall(r'id="register-data">(.*?)</script>', text)
    lines: list[list[object]] = json.loads(zlib.decompress(b64decode(json.loads(packed)), wbits=31))
    return lines


def test_the_register_is_packed_whole(samples: Report) -> None:
    lines = unpacked(samples.text("register.html"))
    expected = samples.ask(
        "SELECT task_no, task, state, coalesce(deadline::TEXT, ''), coalesce(domain, 'none') FROM directive_register"
    )
    assert sorted((line[0], line[1], line[5], line[4], line[7]) for line in lines) == sorted(expected)
    assert [line[5] for line in lines] == sorted(
        (line[5] for line in lines), key=lambda state: (state != "overdue", state in ("completed", "cancelled"))
    )
    events = {(line[0], event[0], event[2], event[3]) for line in lines for event in line[11]}  # type: ignore[attr-defined]
    assert events == set(
        samples.ask(
            "SELECT task_no, kind, coalesce(article_id, ''), sentence_no FROM directive_events JOIN (FROM directive_register SELECT directive_id, task_no) USING (directive_id)"
        )
    )


def test_the_register_stays_small(samples: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = unpacked(samples.text("register.html"))
    monkeypatch.setattr(register, "MOST_BYTES", 8_000)
    with site.opened(samples.snapshot) as connection:
        tasks, total = register.tasks(connection)
    packed, count = register.packed(tasks, set())
    assert total == len(tasks) == len(lines) > count > 0
    assert len(packed) < 2 * 8_000
    assert len(json.loads(zlib.decompress(b64decode(packed), wbits=31))) == count


def test_the_files_have_the_whole_register(samples: Report) -> None:
    with (samples.folder / "register.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == samples.ask("SELECT count(*) FROM directive_register")[0][0]
    by_id = dict(samples.ask("SELECT directive_id, task FROM directive_register"))
    assert {row["directive_id"]: row["task"] for row in rows} == by_id
    assert {row["directive_id"]: row["task"] for row in read_sheet(samples.folder / "register.xlsx")} == by_id


def read_sheet(path: Path) -> list[dict[str, str]]:
    """Rows of a sheet that keeps texts in its cells, by name of the column."""
    with ZipFile(path) as book:
        tree = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not tree.findall(".//{*}f")
    head, *rows = (
        {cell.get("r", "").rstrip("0123456789"): "".join(cell.itertext()) for cell in row}
        for row in tree.iter("{*}row")
    )
    return [{head[place]: text for place, text in row.items()} for row in rows]


def test_formulas_are_text(report: Report, tmp_path: Path) -> None:
    assert register.FORMULA_STARTS == query.FORMULA_STARTS
    assert register._guarded("@SUM(A1)") == "'@SUM(A1)"
    with site.opened(report.snapshot) as connection:
        connection.execute(
            "CREATE OR REPLACE VIEW directive_register AS SELECT * REPLACE ('=1+1' AS task) FROM kept_directive_register"
        )
        register.write_files(connection, tmp_path, datetime(2024, 1, 1))
    assert {row["task"] for row in read_sheet(tmp_path / "register.xlsx")} == {"=1+1"}
    assert "'=1+1" in (tmp_path / "register.csv").read_text(encoding="utf-8-sig")


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


def test_recorded_accuracy_is_that_of_the_gold_articles() -> None:
    gold = Path(__file__).parents[1] / "gold"
    recorded = site.accuracy.read()
    assert recorded.floors == json.loads((gold / "floors.json").read_text(encoding="utf-8"))
    names = [path.stem for path in gold.glob("*.yaml") if not path.name.endswith(".second.yaml")]
    assert (recorded.article_count, recorded.blind_count) == (len(names), sum(int(name[:2]) % 2 == 0 for name in names))


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
