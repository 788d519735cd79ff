"""Pages that would exhaust an extractor: refused or done within limits, the batch unharmed."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import pyarrow as pa
import pytest

from newslake.clean import clean
from newslake.clean.careful import Worker, extract_carefully
from newslake.errors import ArticleRejected
from newslake.parse import parse
from newslake.tables.raw_documents import RAW_DOCUMENTS

PARAGRAPH = "<p>市里昨天召开会议，讨论了明年的工作安排和有关的事情，各部门负责人参加了会议。</p>"
SOUND = f"<html><body><h1>全市工作会议召开</h1><div>{PARAGRAPH * 4}</div></body></html>"
ENGLISH = "<p>The council met on Monday and spoke about the harbour, its cost and its use, for hours.</p>"
LIMIT_SECONDS = 5
LONGEST_RUN_SECONDS = 1
LIMIT_BYTES = 500_000_000

HOSTILE = {
    "nested": "<div>" * 20_000 + PARAGRAPH + "</div>" * 20_000,
    "nested inline": "<b>" * 20_000 + PARAGRAPH,
    "nested tables": "<table><tr><td>" * 10_000 + PARAGRAPH,
    "nested quotes": "<blockquote>" * 20_000 + PARAGRAPH,
    "a line of 50 MB": "<p>" + "a" * 50_000_000,
    "a Chinese line": "<p>" + "字" * 1_600_000 + "</p>",
    "a million entities": "<p>" + "&amp;" * 1_000_000,
    "a million long entities": "<p>" + "&CounterClockwiseContourIntegral;" * 140_000,
    "a million broken entities": "<p>" + "&" * 1_000_000,
    "a million attributes": "<p " + " ".join(f"a{n}=1" for n in range(1_000_000)) + ">字</p>",
    "many attributes": ("<p " + " ".join(f"a{n}=1" for n in range(290)) + ">字</p>") * 2_000,
    "a long attribute": "<p title='" + "x" * 4_000_000 + "'>字</p>",
    "open comments": "<!--" * 140_000,
    "open tags": "<p " * 140_000,
    "rows": "<table>" + "<tr><td>甲</td><td>乙</td></tr>" * 20_000 + "</table>",
    "lines": "<p>" + "字<br>" * 140_000,
    "links": "".join(f"<a href=/{n}>某地某日某事某人</a> " for n in range(60_000)),
    "open formatting": "<p>" + "<b><i><u><a>" * 200 + "字" + "</p><p>字" * 20_000,
    "JSON-LD": "<script type='application/ld+json'>" + "[" * 1_000_000 + "</script>" + PARAGRAPH,
    "white space": "<p>字" + " \u3000" * 1_500_000 + "字</p>",
    "marks": "<p>。" + "”" * 1_500_000 + "字</p>",
    "siblings": PARAGRAPH * 100_000,
    "fewer siblings": PARAGRAPH * 70_000,
    "siblings without end tags": "<p>市里昨天召开会议，讨论了明年的工作。" * 100_000,
    "a million breaks": "<p>" + "字<br>" * 1_000_000,
    "tables in cells": "<table><tr><td>甲</td><td>" * 40 + PARAGRAPH + "</td></tr></table>" * 40,
    "many cells": "<table>" + "<tr>" + "<td>甲</td>" * 60_000,
    "an open script": PARAGRAPH + "<script>" + "var a = 1;" * 400_000,
    "an open style": PARAGRAPH + "<style>" + "p {}" * 1_000_000,
    "an open comment": PARAGRAPH + "<!-- " + PARAGRAPH * 20_000,
    "an open CDATA section": PARAGRAPH + "<svg><![CDATA[" + "x" * 4_000_000,
    "an open title": "<title>" + "市里昨天召开会议 - " * 300_000,
    "long class names": f"<div class='{'related-' * 500_000}'>{PARAGRAPH}</div>",
    "many class names": f"<div class='{'a ' * 2_000_000}'>{PARAGRAPH}</div>",
    "forms": "<form><textarea></textarea><input type=radio><input type=radio>" * 30_000,
    "day after day": "<div>2024-01-02 10:00</div><p>字</p>" * 30_000,
    "hidden blocks": "<div hidden><p>字</p></div>" * 30_000,
}

# Runs of what the rules look for: an expression that tries them again from each place takes the square of their length.
RUNS = (
    *(
        "\t",
        "  \u3000",
        "。",
        "“",
        "…",
        "！",
        ".",
        ", ",
        "·",
        "—— ",
        "_",
        " - ",
        "|",
        "> 首页",
        "、",
        "（",
        "()",
        "((",
        "【",
        "[1] ",
    ),
    *(
        "A",
        "A ",
        "By ",
        "Photo by ",
        "Ö",
        "Jan ",
        "1 Jan ",
        "a@",
        "http://",
        "www.",
        "x",
        "é",
        "&amp;",
        "＆",
        "\u200b",
        "🀀",
    ),
    *(
        "1",
        "12:",
        "2024-",
        "2024年1月",
        "1、",
        "一、",
        "记者",
        "记者 ",
        "（记者",
        "图片 ",
        "摄",
        "图",
        "文字",
        "来源:",
        "编辑：",
        "责任编辑",
    ),
    *(
        "甲",
        "甲、",
        "甲乙 ",
        "甲🀀",
        "甲(a)",
        "甲(jiǎ)乙",
        "首席",
        "电",
        "讯",
        "新华社",
        "版权",
        "声明",
        "第",
        "日",
        "月1日",
    ),
)
RUN_LENGTH = 50_000
RUN_PLACES = {
    "paragraphs": "<h1>全市工作会议召开</h1>{body}<p>{run}字</p>{body}",
    "headers": "<h1>全市工作会议召开</h1><div>2024-01-02 {run}字</div>{body}",
    "headlines": "<title>{run}字</title><h1>{run}字</h1>{body}",
    "last lines": "<h1>全市工作会议召开</h1>{body}<div>{run}字</div>",
}


REASONS = {"too_deep", "too_large", "no_text", "truncated", "list_page"}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_are_done_or_refused_in_time(body):
    raw = raw_pages([f"<html><body>{body}"])
    begin = time.process_time()
    pages, refused = clean(raw)
    articles, _, unparsed = parse(pages, {})
    assert time.process_time() - begin < LIMIT_SECONDS
    assert articles.num_rows + unparsed.num_rows + refused.num_rows == 1
    assert set(refused["reason"].to_pylist()) <= REASONS


@pytest.mark.parametrize("place", RUN_PLACES)
def test_runs_of_what_rules_look_for_take_no_time(place):
    for run in RUNS:
        page = RUN_PLACES[place].format(run=run * (RUN_LENGTH // len(run)), body=PARAGRAPH * 4)
        raw = raw_pages([f"<html><body>{page}"])
        begin = time.process_time()
        parse(clean(raw)[0], {})
        assert time.process_time() - begin < LONGEST_RUN_SECONDS, repr(run)


def test_hostile_pages_leave_the_batch_and_the_memory_unharmed():
    """All of them in one batch, between two sound pages, in a process whose memory is counted."""
    program = (
        "import resource, sys\n"
        "sys.path[:0] = ['tests']\n"
        "import test_clean_limits as limits\n"
        "names = sys.argv[1:]\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "limits.run_batch(names)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before)\n"
    )
    for name in (
        "nested",
        "a line of 50 MB",
        "a million entities",
        "a million attributes",
        "lines",
        "many class names",
    ):
        done = subprocess.run([sys.executable, "-c", program, name], capture_output=True, text=True, check=True)
        assert int(done.stdout) < LIMIT_BYTES, name


def run_batch(names: list[str]) -> None:
    pages, refused = clean(raw_pages([SOUND, *(f"<html><body>{HOSTILE[name]}" for name in names), SOUND]))
    assert pages.num_rows + refused.num_rows == len(names) + 2
    assert [lines[0] for lines in pages["lines"].to_pylist()].count("全市工作会议召开") == 2


def raw_pages(pages: list[str]) -> pa.Table:
    rows = []
    for number, page in enumerate(pages):
        row: dict[str, object] = {column.name: None for column in RAW_DOCUMENTS.columns}
        row |= {"raw_id": f"{number:064x}", "source": "test", "url": f"file:{number}", "content_type": "text/html"}
        rows.append(row | {"bytes": page.encode()})
    return pa.Table.from_pylist(rows, schema=RAW_DOCUMENTS.schema)


def worker(extract_body: str, limits: str = "seconds=0.3, memory=100_000_000") -> Worker:
    """A worker whose extractor is the function `extract` that is given as source."""
    program = f"import time, os\nfrom newslake.clean.worker import serve\n{extract_body}\nserve(extract, {limits})"
    return Worker((sys.executable, "-c", program))


BUSY = """
def extract(html):
    while 'hang' in html: pass
    return html
"""
HUNGRY = """
def extract(html):
    taken = [bytearray(10_000_000)]
    while 'eat' in html: taken.append(bytearray(10_000_000))
    return html
"""
BROKEN = """
def extract(html):
    if 'crash' in html: os.abort()
    return html
"""


@pytest.mark.parametrize(
    ("source", "page", "reason"),
    [(BUSY, "hang", "too_slow"), (HUNGRY, "eat", "too_large"), (BROKEN, "crash", "unparsable_html")],
    ids=["time", "memory", "crash"],
)
def test_a_page_that_ends_the_worker_is_refused_and_the_next_is_extracted(source, page, reason):
    careful = worker(source)
    try:
        assert careful.extract("first\nsecond") == ["first", "second"]
        with pytest.raises(ArticleRejected) as rejection:
            careful.extract(page)
        assert rejection.value.reason == reason
        assert careful.extract("third") == ["third"]
    finally:
        careful.close()


def test_a_worker_that_waits_for_nothing_is_killed(monkeypatch):
    monkeypatch.setattr("newslake.clean.careful.PATIENCE", 0.5)
    careful = worker("def extract(html):\n    time.sleep(60)")
    with pytest.raises(ArticleRejected) as rejection:
        careful.extract("page")
    assert rejection.value.reason == "too_slow"
    assert careful.process is None


def test_a_worker_that_ended_between_pages_is_started_again():
    careful = worker(BROKEN)
    try:
        careful.extract("first")
        assert careful.process is not None
        careful.process.kill()
        careful.process.wait()
        assert careful.extract("second") == ["second"]
    finally:
        careful.close()


def test_the_careful_extractor_finds_an_article():
    lines = extract_carefully(
        f"<html><body><nav><a href=/>Home</a></nav><article>{ENGLISH * 5}</article></body></html>"
    )
    assert any(line.startswith("The council met") for line in lines)


def test_this_process_has_no_limit_of_its_own():
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
