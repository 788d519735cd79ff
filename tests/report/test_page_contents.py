"""What the pages show is what the lake holds: numbers, answers of queries, sentences, articles and the register."""

from __future__ import annotations

import csv
import html
import json
import re
import zlib
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree

from newslake import query
from newslake.lake.verify import conservation
from newslake.report import register, site
from newslake.report.sections import PAGES

from .conftest import Reader, Report

pytestmark = [pytest.mark.lake, pytest.mark.xdist_group("report")]


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


def test_recorded_accuracy_is_that_of_the_gold_articles() -> None:
    gold = Path(__file__).parents[1] / "gold"
    recorded = site.accuracy.read()
    assert recorded.floors == json.loads((gold / "floors.json").read_text(encoding="utf-8"))
    names = [path.stem for path in gold.glob("*.yaml") if not path.name.endswith(".second.yaml")]
    assert (recorded.article_count, recorded.blind_count) == (len(names), sum(int(name[:2]) % 2 == 0 for name in names))
