"""The gate: a row check takes out whole articles, a table check stops everything, and no value leaks."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc
import pytest

from newslake import cli, config, pipeline, tables, validate
from newslake.config import Home
from newslake.errors import BatchStopped
from newslake.lake import database, staged
from newslake.lake.snapshots import Snapshot, current
from newslake.lake.verify import verify
from newslake.refine import refine
from newslake.sources import FilesSource
from newslake.tables import ARTICLES, QUARANTINE, RAW_DOCUMENTS, SENTENCES, Check, Table
from newslake.validate import HISTORY_DOCUMENTS, HISTORY_FACTOR, HISTORY_RUNS, Count

HOSTILE = (
    "<script>alert(1)</script>",
    "'; DROP VIEW articles; --",
    '" onmouseover="alert(2)',
    "<img src=x onerror=alert(3)>",
    "{{7*7}}${7*7}%(x)s{0}",
    "=cmd|' /C calc'!A0",
    "[bold red]rich[/bold red]",
)
REFUSED, KEPT = 500, 100
CHILDREN = ("blocks", "sentences", "mentions", "fingerprints")


def record(number: int, is_good: bool = True, hostile: str = "", **others: object) -> bytes:
    text = f"记者从现场了解到，{number}号楼改造完成{hostile}。\n区长林向东说，第{number}批任务明年{number}月前完成。"
    fields = {
        "url": f"https://e.example/{number}.html",
        "title": f"第{number}次调度会召开{hostile}",
        "author": hostile or "周明",
        "text": text,
        "published_at": "2024-02-03 10:00:00" if is_good else "2099-02-03 10:00:00",
        **others,
    }
    return json.dumps(fields, ensure_ascii=False).encode()


def write(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"\n".join(lines))
    return path


def run(path: Path, batch_size: int = 1000) -> pipeline.Published:
    return pipeline.run([FilesSource(name="input", path=path)], batch_size=batch_size)[1]


def ask(snapshot: Snapshot, sql: str) -> list[tuple[Any, ...]]:
    with database.connect(snapshot) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """Every sixth record is good."""
    return [record(n, n % 6 == 0, HOSTILE[n % len(HOSTILE)]) for n in range(REFUSED + KEPT)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> Home:
    folder = tmp_path_factory.mktemp("validate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        published = run(write(folder / "in.jsonl", lines), batch_size=170)
        assert (published["documents"], published["articles"], published["quarantined"]) == (600, KEPT, REFUSED)
        pipeline.report()
    return Home(folder / "home")


def test_all_five_hundred_are_in_quarantine(home: Home, lines: list[bytes]) -> None:
    rows = ask(current(home), "SELECT raw_id, stage, reason, is_replayed, url FROM quarantine")
    bad = {hashlib.sha256(line).hexdigest() for number, line in enumerate(lines) if number % 6}
    assert len(rows) == REFUSED
    assert {row[0] for row in rows} == bad
    assert {row[1:4] for row in rows} == {("validate", "published_not_in_future", False)}
    assert {row[4] for row in rows} == {f"https://e.example/{n}.html" for n in range(600) if n % 6}


def test_the_others_are_published_whole(home: Home, lines: list[bytes]) -> None:
    """Row by row what the stages made of the good ones alone."""
    good = [line for number, line in enumerate(lines) if number % 6 == 0]
    raw = ask(current(home), "SELECT raw_id, url, fetched_at FROM raw_documents")
    places = {raw_id: (url, fetched_at) for raw_id, url, fetched_at in raw}
    documents = []
    for line in good:
        raw_id = hashlib.sha256(line).hexdigest()
        url, fetched_at = places[raw_id]
        documents.append(
            {"raw_id": raw_id, "source": "input", "url": url, "fetched_at": fetched_at, "bytes": line}
            | {"content_type": "application/json", "byte_count": len(line), "fetched_date": f"{fetched_at:%Y-%m-%d}"}
        )
    alone, _, _ = refine(RAW_DOCUMENTS.from_rows(documents), {})
    for name in CHILDREN:
        with duckdb.connect() as connection:
            connection.register("alone", alone[name])
            expected = connection.execute("SELECT t::VARCHAR FROM alone AS t ORDER BY 1").fetchall()
        assert expected or name == "mentions"
        columns = ", ".join(f'"{column}"' for column in alone[name].column_names)
        found = ask(current(home), f"SELECT t::VARCHAR FROM (SELECT {columns} FROM {name}) AS t ORDER BY 1")
        assert found == expected, name
    assert ask(current(home), "SELECT count(*) FROM articles") == [(KEPT,)]


def test_no_row_of_a_refused_article_is_published(home: Home) -> None:
    ids = {f"https://e.example/{n}.html" for n in range(600) if n % 6}
    articles = {url for (url,) in ask(current(home), "SELECT url FROM articles UNION SELECT url FROM article_versions")}
    assert not articles & ids
    for name in CHILDREN:
        assert ask(current(home), f"SELECT count(*) FROM {name} ANTI JOIN articles USING (article_id)") == [(0,)]
    verify(home)


def test_results_count_every_failure(home: Home) -> None:
    rows = ask(
        current(home), "SELECT table_name, check_name, kind, is_passed, row_count, failed_count FROM validation_results"
    )
    failed = [row for row in rows if not row[3]]
    assert failed == [("articles", "published_not_in_future", "row", False, 600, 500)]
    assert {row[5] for row in rows if row[3]} == {0}
    counts = {row[:2]: row[4] for row in rows}
    published = dict(
        ask(current(home), " UNION ALL ".join(f"SELECT '{t}', count(*) FROM {t}" for t in ("articles", *CHILDREN)))
    )
    for name, count in published.items():
        assert counts[name, "key_is_unique"] == count
    assert counts["quarantine", "key_is_unique"] == REFUSED
    assert counts["sentences", "offsets_inside_text"] == published["sentences"]


def test_data_docs_hold_no_article_value_and_link(home: Home) -> None:
    docs = home.reports / "validation"
    pages = {path: path.read_text(encoding="utf-8") for path in docs.rglob("*.html")}
    assert docs / "index.html" in pages
    assert len(pages) >= 12
    secrets = [*HOSTILE, "e.example", "调度会", "周明", "林向东"]
    assert not [(secret, path) for path, page in pages.items() for secret in secrets if secret in unescape(page)]
    assert "published_not_in_future" in "".join(pages.values())
    links = 0
    for path, page in pages.items():
        for link in re.findall(r'href="?([^"> ]+\.html)', page):
            if not link.startswith(("http:", "https:", "//")):
                links += 1
                assert (path.parent / unquote(link)).exists(), (path, link)
    assert links >= 10


def test_hostile_values_stay_values(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    titles = {title for (title,) in ask(current(home), "SELECT title FROM articles")}
    assert {name for name in HOSTILE if any(name in title for title in titles)} >= {*HOSTILE[:2], HOSTILE[3]}
    page = (home.reports / "index.html").read_text(encoding="utf-8")
    assert not [value for value in (HOSTILE[0], HOSTILE[3], '" onmouseover=') if value in page]
    monkeypatch.setenv("NEWSLAKE_HOME", str(home.root))
    for arguments in (
        ["show", "第30次"],
        ["quarantine", "list"],
        ["show", HOSTILE[1]],
        ["quarantine", "list", "--reason", HOSTILE[1]],
    ):
        monkeypatch.setattr(sys, "argv", ["newslake", *arguments])
        with contextlib.suppress(SystemExit):
            cli.main()
    out = capsys.readouterr().out
    assert "第30次调度会召开" in out
    assert "Traceback" not in out


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def failing(name: str, fails_if: str) -> Table:
    return replace(ARTICLES, checks=(*ARTICLES.checks, Check(name, fails_if, "test", kind="table")))


def patched(monkeypatch: pytest.MonkeyPatch, table: Table) -> None:
    """Publishing takes another definition of a table; the stages before it do not."""
    monkeypatch.setattr(tables, table.name.upper(), table)
    children = tuple(table if one.name == table.name else one for one in staged.CHILDREN)
    monkeypatch.setattr(staged, "CHILDREN", children)


def checked(monkeypatch: pytest.MonkeyPatch, table: Table) -> None:
    """Refining and judging take another definition of a child table."""
    children = tuple(table if one.name == table.name else one for one in staged.CHILDREN)
    monkeypatch.setattr(sys.modules["newslake.refine"], "CHILDREN", children)
    monkeypatch.setitem(tables.TABLES, table.name, table)


@pytest.mark.lake
def test_a_table_check_stops_before_anything_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home")
    monkeypatch.setenv("NEWSLAKE_HOME", str(home.root))
    path = write(tmp_path / "in.jsonl", [record(1)])
    run(path)
    third = hashlib.sha256(b"https://e.example/3.html").hexdigest()[:16]
    before = bytes_of(home.root / "lake"), home.database.read_bytes(), home.current.readlink()
    write(path, [record(1), record(2), record(3)])
    with monkeypatch.context() as broken:
        patched(broken, failing("too_good", f"article_id = '{third}'"))
        broken.setattr(sys, "argv", ["newslake", "run", "--input", str(path)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code == 1
        error = capsys.readouterr().err
        assert "articles.too_good: 1 of 2 rows fail: test" in error
        assert "the lake is unchanged" in error
        assert str(home.reports / "validation" / "index.html") in error
        assert (bytes_of(home.root / "lake"), home.database.read_bytes(), home.current.readlink()) == before
        with pytest.raises(BatchStopped):
            run(path)
    published = run(path)
    assert (published["is_new"], published["articles"], published["snapshot"]) == (True, 2, "000002")
    assert ask(current(home), "SELECT count(*) FROM articles") == [(3,)]
    assert not list((home.state / "staged").iterdir())
    verify(home)


@pytest.mark.lake
def test_a_row_check_of_a_child_takes_the_whole_article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "own"))
    check = Check("no_poison", "contains(text, '毒')", "no poison")
    checked(monkeypatch, replace(SENTENCES, checks=(*SENTENCES.checks, check)))
    run(write(tmp_path / "in.jsonl", [record(1), record(2, hostile="毒"), record(3)]))
    snapshot = current(Home(tmp_path / "own"))
    assert ask(snapshot, "SELECT url, reason, detail FROM quarantine") == [
        ("https://e.example/2.html", "no_poison", "1 row(s) of sentences fail: no poison")
    ]
    for name in ("articles", "blocks", "sentences", "fingerprints"):
        assert ask(snapshot, f"SELECT count(DISTINCT article_id) FROM {name}") == [(2,)]
    verify(Home(tmp_path / "own"))


def rewrite(folder: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    path = folder / f"{name}.arrow"
    rows = change(ipc.open_file(path.read_bytes()).read_all())
    with ipc.new_file(str(path), rows.schema) as writer:
        writer.write_table(rows)


def doubled(rows: pa.Table) -> pa.Table:
    return pa.concat_tables([rows, rows.slice(0, 1)])


def orphaned(rows: pa.Table) -> pa.Table:
    place = rows.column_names.index("article_id")
    ids = pc.if_else(pc.equal(rows["article_id"], rows["article_id"][0]), "f" * 16, rows["article_id"])
    return rows.set_column(place, rows.schema.field(place), ids)


LOST = pytest.mark.xfail(strict=True, reason="fingerprints are limited to added articles before the check sees them")


@pytest.mark.lake
@pytest.mark.parametrize(
    ("name", "change", "broken"),
    [
        ("sentences", doubled, "sentences.key_is_unique: 1 of"),
        ("blocks", doubled, "blocks.key_is_unique: 1 of"),
        ("fingerprints", doubled, "fingerprints.key_is_unique: 1 of"),
        ("articles", doubled, "articles.key_is_unique"),
        ("sentences", orphaned, "sentences.article_id_is_found"),
        ("blocks", orphaned, "blocks.article_id_is_found"),
        pytest.param("fingerprints", orphaned, "fingerprints.article_id_is_found", marks=LOST),
    ],
)
def test_a_corrupt_batch_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[pa.Table], pa.Table], broken: str
) -> None:
    home = Home(tmp_path / "home")
    monkeypatch.setenv("NEWSLAKE_HOME", str(home.root))
    pipeline.acquire(FilesSource(name="input", path=write(tmp_path / "in.jsonl", [record(1), record(2)])))
    (folder,) = [pipeline.refine(path) for path in pipeline.plan()]
    rewrite(Path(folder), name, change)
    with pytest.raises(BatchStopped, match=re.escape(broken)):
        pipeline.publish([folder])
    assert not home.current.exists()


@pytest.mark.lake
def test_a_mended_rule_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says: mend the rule or the data, then run again. What the old rule staged is not taken."""
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    source = FilesSource(name="input", path=write(tmp_path / "in.jsonl", [record(1), record(2)]))
    pipeline.acquire(source)
    (folder,) = [pipeline.refine(path) for path in pipeline.plan()]
    rewrite(Path(folder), "sentences", doubled)
    with pytest.raises(BatchStopped):
        pipeline.publish([folder])
    monkeypatch.setattr(config, "rules", lambda: "mended")
    assert pipeline.run([source])[1]["articles"] == 2


@pytest.mark.lake
def test_a_table_check_may_name_every_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    patched(monkeypatch, failing("has_text", "char_count > 0"))
    path = write(tmp_path / "in.jsonl", [record(1)])
    with pytest.raises(BatchStopped, match="has_text: 1 of 1"):
        run(path)


@pytest.mark.parametrize(
    ("documents", "rows", "history", "failed"),
    [
        (200, 10_000, [], 0),
        (200, 10_000, [(200, 800)] * (HISTORY_RUNS - 1), 0),
        (200, 10_000, [(200, 800)] * HISTORY_RUNS, 10_000),
        (199, 10_000, [(200, 800)] * HISTORY_RUNS, 0),
        (200, 10_000, [(199, 800)] * 10, 0),
        (200, 4_000, [(200, 800)] * HISTORY_RUNS, 0),
        (200, 4_001, [(200, 800)] * HISTORY_RUNS, 4_001),
        (200, 160, [(200, 800)] * HISTORY_RUNS, 0),
        (200, 159, [(200, 800)] * HISTORY_RUNS, 159),
        (200, 0, [(200, 800)] * HISTORY_RUNS, 1),
        (200, 800, [(200, 0), (300, 1_200), (1_000, 100_000)], 0),
        (0, 0, [(200, 800)] * HISTORY_RUNS, 0),
    ],
)
def test_history(documents: int, rows: int, history: list[tuple[int, int]], failed: int) -> None:
    assert (HISTORY_RUNS, HISTORY_DOCUMENTS, HISTORY_FACTOR) == (3, 200, 5.0)
    count = validate.check_history("sentences", documents, rows, history)
    assert (count.table, count.row_count, count.failed_count) == ("sentences", rows, failed)
    assert (count.check.name, count.check.kind) == ("row_count_like_before", "table")


def test_great_expectations_judges_each_count(tmp_path: Path) -> None:
    row, table = Check("a", "", "row rule"), Check("b", "", "table rule", kind="table")
    counts = [Count("t", row, 10, 3), Count("t", table, 10, 0), Count("u", row, 0, 0), Count("u", table, 5, 1)]
    folder = tmp_path / "docs"
    # The hidden ones: what a process that was killed has left, which had the number that this one has.
    for left in ("docs", f".docs.{os.getpid()}", f".docs-before.{os.getpid()}"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "old.html").write_text("old", encoding="utf-8")
    results = validate.judge(counts, folder)
    assert [(result.count, result.is_passed) for result in results] == list(
        zip(counts, [False, True, True, False], strict=True)
    )
    assert (folder / "index.html").exists()
    assert not (folder / "old.html").exists()
    validate.stop_if_broken(results[:3], folder)
    with pytest.raises(BatchStopped, match=r"u\.b: 1 of 5 rows fail: table rule"):
        validate.stop_if_broken(results, folder)


def test_a_page_that_cannot_be_written_is_a_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_FSIZE, limits := resource.getrlimit(resource.RLIMIT_FSIZE))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
        with pytest.raises(OSError, match="File too large"):
            validate.judge([Count("t", Check("a", "", "rule"), 1, 0)], tmp_path / "docs")
    assert "Traceback" not in caplog.text


def test_every_failing_document_is_listed_with_its_count() -> None:
    """A null in a check passes, and each failing row is counted."""
    check = Check("short", "length(text) > 3", "short")
    table = replace(QUARANTINE, name="things", columns=(), checks=(check,), key=("article_id",))
    numbers = [number % 300 for number in range(600)]
    texts = ["long" if number < 250 else None if number % 2 == 0 else "ok" for number in numbers]
    things = pa.table({"article_id": [f"a{number}" for number in numbers], "text": texts})
    ids = sorted(set(numbers))
    articles = pa.table(
        {"article_id": [f"a{n}" for n in ids], "raw_id": [f"r{n}" for n in ids], "char_count": [9 for _ in ids]}
    )
    with duckdb.connect() as connection:
        (count,), failures = validate.check_rows(connection, things, table, articles)
    assert (count.row_count, count.failed_count) == (600, 500)
    assert {failure.raw_id for failure in failures} == {f"r{number}" for number in range(250)}
    assert {(failure.failed_count, failure.check) for failure in failures} == {(2, check)}
