"""Pages that change and change back: the lake shows what is there, and what was there stays readable."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.acquire import archives
from tests.acquire.server import Server
from tests.acquire.visits import article, feed, put_feed

from newslake import config, pipeline
from newslake.acquire import documents
from newslake.lake import database, raw
from newslake.lake.snapshots import current
from newslake.sources import FilesSource, Source, WarcSource

from . import rows

pytestmark = pytest.mark.lake
MONTHS = "123"
TEXTS = {
    "A": "临江区召开调度会，部署年底前的重点任务。会议要求，各镇街要把责任落到人。",
    "B": "临江区召开调度会，更正后的内容如下。会议要求，各镇街要把责任落到人。",
    "C": "临江区召开调度会，又有更正。会议要求，各镇街要把责任落到人。",
}


def run(*sources: Source, **settings: Any) -> int:
    """Runs, and says how many documents were refined."""
    _, published = pipeline.run(sources, **settings)
    pipeline.verify()
    return published["documents"]


def ask(query: str) -> list[tuple[Any, ...]]:
    with database.connect(current(config.home())) as connection:
        return connection.execute(query).fetchall()


def put_file(folder: Path, letter: str, day: int, place: str = "a", **more: str) -> FilesSource:
    """A record with an address, in a file that was changed on a day."""
    record = {"url": f"https://news.example/{place}.html", "title": "调度会召开", "text": TEXTS[letter], **more}
    folder.mkdir(exist_ok=True)
    path = folder / f"{place}.jsonl"
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    os.utime(path, (1_700_000_000 + 86_400 * day,) * 2)
    return FilesSource(name="input", path=folder)


def shown() -> list[str]:
    """The letter of each article."""
    letters = {text: letter for letter, text in TEXTS.items()}
    return [letters[text] for (text,) in ask("SELECT text FROM articles ORDER BY url")]


def put_archive(folder: Path, letter: str, month: int) -> None:
    body = f"<title>调度会召开</title><h1>调度会召开</h1><p>{TEXTS[letter]}</p>".encode()
    date = f"2024-0{month}-01T00:00:00Z"
    folder.mkdir(exist_ok=True)
    content = gzip.compress(archives.record(archives.http(body), WARC_Date=date), mtime=0)
    (folder / f"{month}.warc.gz").write_bytes(content)


def test_a_page_that_comes_back_is_shown_again(home: Path) -> None:
    with Server() as server:
        put_feed(server, ["0.html", "1.html"])
        server.add("/1.html", article(1))
        first = server.add("/0.html", article(0))
        run(feed(server))
        server.add("/0.html", article(0, "有更正。"))
        assert run(feed(server)) == 1
        server.pages["/0.html"] = first
        assert run(feed(server)) == 2
        page = f"FROM {{}} WHERE url = '{server.url('/0.html')}'"
        (found,) = ask(f"SELECT fetched_at, version_no, contains(text, '有更正') {page.format('articles')}")
        rows_of_raw = ask(f"SELECT fetched_at {page.format('raw_documents')} ORDER BY 1")
        assert (found, len(rows_of_raw)) == ((rows_of_raw[2][0], 1, False), 3)
        assert ask(f"SELECT contains(text, '有更正'), version_no {page.format('article_versions')}") == [(True, 0)]
        before = rows.of(home)
        landed, published = pipeline.run([feed(server)])
        assert (landed[0]["unchanged"], landed[0]["notes"], published["is_new"]) == (2, [], False)
        assert rows.of(home) == before
        run(again_since=rows_of_raw[0][0])
        assert rows.of(home) == before


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """All rows after one run over the archives of all months, in one batch."""
    folder = tmp_path_factory.mktemp("at-once")
    for month, letter in zip((1, 2, 3), "ABA", strict=True):
        put_archive(folder / "archives", letter, month)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        run(WarcSource(name="archive", path=folder / "archives"))
        assert shown() == ["A"]
    return rows.of(folder / "home")


@pytest.mark.parametrize("batch_size", [1, 2, 1000])
@pytest.mark.parametrize("runs", [(MONTHS,), ("12", "3"), ("1", "23"), ("1", "2", "3")])
def test_archives_in_one_run_or_in_several(
    at_once: dict[str, tuple[int, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    runs: tuple[str, ...],
    batch_size: int,
) -> None:
    """The same rows, however the months are divided and whatever the batches are."""
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    source = WarcSource(name="archive", path=tmp_path / "parts")
    for months in runs:
        for month in months:
            put_archive(tmp_path / "parts", "ABA"[int(month) - 1], int(month))
        run(source, batch_size=batch_size)
    assert rows.of(tmp_path / "home") == at_once
    (tmp_path / "home" / "state" / "visits" / "archive.json").unlink()
    assert run(source, WarcSource(name="other", path=tmp_path / "parts"), batch_size=batch_size) == 0
    assert rows.of(tmp_path / "home") == at_once


def test_a_file_that_goes_back_and_forth(home: Path, tmp_path: Path) -> None:
    for day, letter in enumerate("ABACAB"):
        put_file(tmp_path / "in", letter, day)
        source = put_file(tmp_path / "in", "A", 0, place="untouched")
        assert run(source) == {0: 2, 1: 1, 2: 2, 3: 1, 4: 3, 5: 3}[day]
        assert shown() == [letter, "A"]
        assert run(source) == 0
    assert ask("SELECT count(*) FROM raw_documents") == [(7,)]
    assert ask("SELECT count(*) FROM article_versions") == [(2,)]


def test_bytes_that_are_at_two_places_and_come_back_to_one(home: Path, tmp_path: Path) -> None:
    """The copy is refined once; a run after it has nothing to do."""
    for day, letter in enumerate("ABA"):
        folder = tmp_path / "in"
        source = put_file(folder, "A", 0, place="a")
        put_file(folder, letter, day, place="b")
        (folder / "b.jsonl").write_bytes((folder / "b.jsonl").read_bytes().replace(b"/b.html", b"/a.html"))
        os.utime(folder / "b.jsonl", (1_700_000_000 + 86_400 * day,) * 2)
        run(source)
        assert shown() == [letter]
        assert run(source) == 0


def test_a_refused_version_in_between(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    run(put_file(folder, "A", 0))
    run(put_file(folder, "B", 1, published_at="2099-01-02"))
    assert ask("SELECT count(*) FROM quarantine") == [(1,)]
    run(put_file(folder, "A", 2))
    assert shown() == ["A"]
    source = put_file(folder, "B", 3, published_at="2099-01-02")
    assert (run(source), run(source)) == (0, 0)
    assert ask("SELECT count(*) FROM quarantine") == [(1,)]
    assert raw.folder(config.home()).open().to_pyarrow_table().num_rows == 4


@pytest.mark.parametrize("days", [(1, 2), (1, 1)])
def test_whole_bytes_leave_quarantine(home: Path, days: tuple[int, int]) -> None:
    """First cut off behind the last byte of the text, then whole."""
    body = f"<title>调度会召开</title><h1>调度会召开</h1><p>{TEXTS['A']}</p>".encode()
    moments = [f"2024-01-0{day}T00:00:00+00:00" for day in days]

    def land(moment: str, error: str | None) -> None:
        document = documents.Document(
            "https://news.example/a.html", "text/html", body, datetime.fromisoformat(moment), error
        )
        for _ in raw.land(config.home(), [documents.table([document], "site")], "test"):
            pass

    land(moments[0], "truncated_body: 3 bytes are missing")
    run()
    assert ask("SELECT stage, reason FROM quarantine") == [("acquire", "truncated_body")]
    land(moments[1], None)
    assert run() == 1
    assert (shown(), ask("FROM quarantine")) == (["A"], [])
    assert run() == 0
    assert ask("SELECT count(*) FROM raw_documents") == [(2,)]


def test_plans_of_what_came_back_are_kept_until_they_are_done(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for day, letter in enumerate("AB"):
        run(put_file(folder, letter, day))
    pipeline.acquire(put_file(folder, "A", 2))
    (plan,) = pipeline.plan()
    staged = pipeline.refine(plan)
    assert raw.done_plans(config.home()) == []
    pipeline.acquire(put_file(folder, "B", 3))
    (newer,) = pipeline.plan()
    assert newer != plan
    pipeline.publish([staged])
    assert shown() == ["A"]
    assert run() == 2
    assert shown() == ["B"]


def test_two_machines_see_what_came_back(s3_lake: Callable[[str], None], tmp_path: Path) -> None:
    for day, letter in enumerate("ABAB"):
        s3_lake(("one", "two")[day % 2])
        run(put_file(tmp_path / "in", letter, day))
        assert shown() == [letter]
    assert ask("SELECT count(*) FROM raw_documents") == [(4,)]
    assert run() == 0


def land_page(place: int, letter: str, month: int) -> None:
    body = f"<title>调度会召开</title><h1>调度会召开</h1><p>{TEXTS[letter]}</p>".encode()
    moment = datetime(2024, month, 1, tzinfo=UTC)
    page = documents.Document(f"https://news.example/{place}.html", "text/html", body, moment)
    list(raw.land(config.home(), [documents.table([page], "site")], "test"))


def shown_at() -> dict[int, str]:
    """Place → letter of each article; a further run has nothing to do."""
    assert run() == 0
    return {
        int(url[-6]): letter
        for (url,), letter in zip(ask("SELECT url FROM articles ORDER BY url"), shown(), strict=True)
    }


@pytest.mark.parametrize("together", [1, 2, 3, 4])
def test_an_article_stays_while_a_copy_of_it_comes_and_goes(home: Path, together: int) -> None:
    """The first steps may come in one run, which may choose the other address."""
    for month, (place, letter) in enumerate([(1, "A"), (9, "A"), (9, "B"), (9, "A"), (9, "B")], start=1):
        land_page(place, letter, month)
        if month >= together:
            run()
            found = shown_at()
            assert found.get(1, found.get(9)) == "A"
            if together < 4 or month == 5:
                assert found == ({1: "A"} if month < 3 else {1: "A", 9: "B"})
    assert ask("SELECT count(*) FROM raw_documents") == [(5,)]


@pytest.mark.parametrize("first", [1, 9])
def test_a_copy_is_shown_when_the_first_page_goes_on(home: Path, first: int) -> None:
    land_page(first, "A", 1)
    land_page(10 - first, "A", 2)
    run()
    assert shown_at() == {1: "A"}
    land_page(1, "B", 3)
    run()
    assert shown_at() == {1: "B", 9: "A"}
    land_page(1, "A", 4)
    run()
    assert shown_at()[9] == "A"
    land_page(9, "C", 5)
    run()
    assert shown_at() == {1: "A", 9: "C"}
