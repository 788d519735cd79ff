from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake import pipeline
from newslake.config import Home
from newslake.lake import database, snapshots
from newslake.lake.snapshots import Snapshot
from newslake.lake.verify import conservation
from newslake.report import chart, page
from newslake.report.sections import MONTHS, NEWEST, PUBLISHERS, REFUSED, SECTIONS
from newslake.sources import FilesSource

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
VOID = {"meta", "link", "br", "img", "rect", "line"}
LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "xlink:href", "srcdoc", "ping"}

BODY = (
    "3月5日，临江区召开港口建设推进会。区长李明主持会议并讲话，他说，港口二期工程要在年底以前完工。\n"
    "会议听取了港务集团的汇报。区交通局局长赵强介绍，码头前沿已经浇筑到第七段，进港道路月底通车。\n"
    "与会人员还到现场看了堆场和泊位，向工人询问了施工安排，要求把安全放在第一位。"
)
OTHER = (
    "区图书馆新馆昨天开门迎客，第一天来了两千多名读者。\n"
    "新馆有三层，藏书四十万册，一楼是儿童区，二楼摆满了本地作家的作品，三楼可以看见江面。\n"
    "馆长说，周末延长到晚上九点闭馆，借书不收押金，还书可以就近交到各个社区的书箱里。"
)
EVIL = "<script>alert(1)</script>"


class Reader(HTMLParser):
    """Checks that elements are nested properly, and collects what matters."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.cells: list[tuple[str, list[str]]] = []
        self.section = ""
        self.text = ""

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

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data
        if "td" in self.open or "th" in self.open:
            self.cells[-1][1][-1] += data

    def rows(self, section: str) -> list[list[str]]:
        return [row for own, row in self.cells if own == section]


@dataclass(frozen=True)
class Report:
    path: Path
    text: str
    snapshot: Snapshot
    reader: Reader


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def write_documents(folder: Path) -> None:
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
        ("javascript:alert(4)", "\u202e夜里开馆", OTHER[::-1], None, "晨报"),
    ]
    keys = ("url", "title", "text", "published_at", "source")
    lines = (json.dumps(dict(zip(keys, record, strict=True)), ensure_ascii=False) for record in records)
    (folder / "records.jsonl").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    folder = tmp_path_factory.mktemp("report")
    write_documents(folder / "articles")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        pipeline.run([FilesSource(name="input", path=folder / "articles")])
        path = Path(pipeline.report()["path"])
        text = path.read_text(encoding="utf-8")
        yield Report(path, text, snapshots.current(Home(folder / "home")), read(text))


@pytest.fixture(scope="module")
def snapshot(report: Report) -> Snapshot:
    return report.snapshot


def ask(report: Report, sql: str) -> list[tuple[object, ...]]:
    with database.connect(report.snapshot) as connection:
        rows: list[tuple[object, ...]] = connection.execute(sql).fetchall()
        return rows


def test_page_is_self_contained(report: Report) -> None:
    policies = [attributes["content"] for tag, attributes in report.reader.elements if attributes.get("http-equiv")]
    assert len(policies) == 1
    assert policies[0].startswith(POLICY)
    article_urls = {url for (url,) in ask(report, "SELECT url FROM articles")}
    for tag, attributes in report.reader.elements:
        assert tag not in {"script", "iframe", "object", "embed", "form", "img", "base", "use", "image"}
        assert not LOADING & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        target = attributes.get("href", "#")
        if tag == "link":
            assert target == "data:,"
        elif target.startswith("http"):
            assert target in article_urls
            assert attributes["rel"].split() == ["noopener", "noreferrer", "nofollow"]
        else:
            assert target.startswith("#") or target == "validation/index.html"
    assert "url(" not in report.text
    assert "@import" not in report.text


def test_page_is_valid_and_its_anchors_lead_somewhere(report: Report) -> None:
    assert report.text.startswith('<!doctype html>\n<html lang="en">')
    ids = [attributes["id"] for _, attributes in report.reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    anchors = [
        attributes["href"][1:] for _, attributes in report.reader.elements if attributes.get("href", "").startswith("#")
    ]
    assert anchors == [section.key for section in SECTIONS]
    assert set(anchors) <= set(ids)
    assert {
        attributes["aria-labelledby"] for _, attributes in report.reader.elements if "aria-labelledby" in attributes
    } <= set(ids)


def test_values_of_articles_are_escaped(report: Report) -> None:
    titles = ask(report, f"SELECT title FROM articles WHERE contains(title, '{EVIL}')")
    assert len(titles) == 2
    for (title,) in titles:
        assert html.escape(str(title)) in report.text
    assert "<script" not in report.text
    assert "<img" not in report.text


def test_only_web_addresses_become_links(report: Report) -> None:
    links = [
        attributes["href"]
        for tag, attributes in report.reader.elements
        if tag == "a" and attributes["href"].startswith("http")
    ]
    assert links == ["https://daily.example/1.html"]
    assert 'href="javascript' not in report.text


def test_no_query_carries_what_a_shell_would_run(report: Report) -> None:
    queries = [html.unescape(query) for query in re.findall(r"<pre><code>(.*?)</code></pre>", report.text, re.DOTALL)]
    assert len(queries) > len(SECTIONS)
    assert not [query for query in queries if set(query) & set('$`\\"!')]


def test_queries_on_the_page_run_and_give_its_rows(report: Report) -> None:
    for block in report.text.split("<section id=")[1:]:
        queries = [html.unescape(query) for query in re.findall(r"<pre><code>(.*?)</code></pre>", block, re.DOTALL)]
        for query in queries:
            assert ask(report, query), query
        tables = [row for row in read("<section id=" + block.split("</main>")[0]).cells if row[1]]
        heads = block.count("<thead>")
        if heads:
            assert len(tables) - heads == len(ask(report, queries[0])), block[:30]


def test_counts_are_those_of_the_lake(report: Report) -> None:
    shown = dict(re.findall(r'data-count="(\w+)">([\d,]+)<', report.text))
    account = conservation(report.snapshot)
    assert account.missing == 0
    assert {name: int(value) for name, value in shown.items()} == {
        "documents": account.documents,
        "articles": account.articles,
        "superseded": account.superseded,
        "exact_copies": account.exact_copies,
        "quarantined": account.quarantined,
    }
    assert (account.documents, account.exact_copies, account.quarantined) == (7, 1, 1)
    publishers = {row[0]: int(row[1]) for row in report.reader.rows("publishers")[1:]}
    counted = ask(report, "SELECT source_name, count(*) FROM articles GROUP BY ALL")
    assert publishers == {name or "not stated": count for name, count in counted}
    months = {row[0]: int(row[3]) for row in report.reader.rows("months")[1:]}
    assert months == dict(ask(report, "SELECT published_month, count(*) FROM articles GROUP BY ALL"))
    refused = [row[0:4] for row in report.reader.rows("refused")[1:]]
    assert refused == [["empty", "clean", "1", "file:articles/empty.txt"]]
    repaired = {row[0]: int(row[2]) for row in report.reader.rows("repairs")[1:]}
    assert repaired == dict(
        ask(report, "SELECT r.key, sum(r.value) FROM (SELECT unnest(map_entries(repairs)) r FROM articles) GROUP BY 1")
    )
    checks = sum(int(row[3]) for row in report.reader.rows("checks")[1:])
    assert [(checks,)] == ask(report, "SELECT count(*) FROM validation_results WHERE is_passed")


def test_people_terms_and_copies_are_shown(report: Report) -> None:
    people = {row[0]: row[1] for row in report.reader.rows("people")[1:]}
    assert people["李明"] == "区长"
    terms = {row[0]: row[1:] for row in report.reader.rows("terms")[1:]}
    assert terms["港口"][0] == str(ask(report, "SELECT sum(article_count) FROM terms WHERE term = '港口'")[0][0])
    assert ask(report, "SELECT count(*) FROM articles WHERE is_duplicate") == [(2,)]
    assert report.text.count('class="copy"') == 2


def test_data_docs_are_linked_when_they_are_there(report: Report) -> None:
    assert (report.path.parent / "validation" / "index.html").is_file()
    assert 'href="validation/index.html"' in report.text


def test_writing_again_gives_the_same_bytes_and_leaves_nothing_behind(report: Report) -> None:
    before = sorted(report.path.parent.iterdir())
    home = Home(report.path.parents[1])
    assert page.write(home, report.snapshot) == report.path
    assert report.path.read_text(encoding="utf-8") == report.text
    assert sorted(report.path.parent.iterdir()) == before


def test_an_empty_lake_has_a_page(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "empty.txt").write_bytes(b"")
    pipeline.run([FilesSource(name="input", path=folder)])
    reader = read(Path(pipeline.report()["path"]).read_text(encoding="utf-8"))
    assert "No articles." in reader.text
    assert "nan" not in reader.text.lower().split()


@given(
    st.dictionaries(
        st.dates().map(lambda day: f"{day:%Y-%m}".zfill(7)), st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))
    )
)
def test_chart_shows_every_article_or_says_so(counts: dict[str, tuple[int, int]]) -> None:
    drawn = chart.draw([("undated", 1, 2), *((month, *count) for month, count in counts.items())])
    shown = sum(bar.originals + bar.copies for bar in drawn.bars)
    assert shown + drawn.earlier == sum(map(sum, counts.values()))
    assert drawn.undated == 3
    assert len(drawn.bars) <= chart.MOST_BARS
    assert len(drawn.lines) <= chart.MOST_LINES + 1
    for bar in drawn.bars:
        assert -1e-9 <= bar.copies_y <= bar.originals_y <= 100
        assert 0 <= bar.x <= bar.x + drawn.width <= 100


def render(snapshot: Snapshot, value: str) -> str:
    """The page with a value in every place where an article's words may stand."""
    record = dict.fromkeys(("title", "source_name", "original_title", "original_source_name", "url", "reason"), value)
    record |= dict.fromkeys(("article_id", "stage", "example", "detail", "published_date"), value)
    given: dict[str, object] = {**record, "reporters": [value], "is_duplicate": True, "similarity": 0.9}
    numbers = ("article_count", "original_count", "copy_count", "document_count")
    shares = ("title_share", "date_share", "reporter_share")
    given |= dict.fromkeys(numbers, 1) | dict.fromkeys(shares, 0.5) | dict.fromkeys(("first_date", "last_date"))
    answers = [page.Answer(MONTHS, (), False, None)]
    answers += [page.Answer(section, (given,), False, value) for section in (PUBLISHERS, NEWEST, REFUSED)]
    return page._render(snapshot, answers, has_data_docs=True)


@settings(max_examples=25, deadline=None)
@given(st.text(st.sampled_from("<>\"'&/= \n!-[]{}%abjscript:\x00"), min_size=1, max_size=40))
def test_no_value_becomes_markup(snapshot: Snapshot, value: str) -> None:
    plain, hostile = read(render(snapshot, "x")), read(render(snapshot, value))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    assert [sorted(names) for _, names in hostile.elements] == [sorted(names) for _, names in plain.elements]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", " https://a.example", "https://a.example/ x", "//a.example"]
)
def test_other_addresses_are_no_links(snapshot: Snapshot, url: str) -> None:
    assert url not in [attributes.get("href") for _, attributes in read(render(snapshot, url)).elements]


@given(st.text())
def test_cells_hold_no_steering_marks(text: str) -> None:
    shown = page.cell(text).text
    assert len(shown) <= page.LONGEST_VALUE + 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@given(st.text())
def test_no_value_leaves_its_place_in_a_query(text: str) -> None:
    quoted = page.sql_value(text)
    assert quoted[0] == quoted[-1] == "'"
    assert "'" not in quoted[1:-1].replace("''", "")
