"""Refining again what is stored: those articles' rows are replaced, and nothing else."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.acquire.server import Server
from tests.acquire.visits import article, feed, put_feed

from newslake import clean, config, pipeline
from newslake.clean import Step
from newslake.clean.edits import NO_EDITS
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.sources import FilesSource

pytestmark = pytest.mark.lake

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
TABLES = (
    "articles",
    "article_versions",
    "blocks",
    "sentences",
    "mentions",
    "fingerprints",
    "quarantine",
    "raw_documents",
)


def rows(table: str) -> list[dict[str, Any]]:
    with database.connect(current(config.home())) as connection:
        found: list[dict[str, Any]] = connection.sql(f"FROM {table} ORDER BY ALL").to_arrow_table().to_pylist()
    return found


def everything() -> dict[str, list[dict[str, Any]]]:
    return {table: rows(table) for table in TABLES}


def louder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that became better: 今天 is 今日 from now on."""
    step = Step("louder", lambda text: (text.replace("今天", "今日"), NO_EDITS))
    monkeypatch.setattr(clean, "STEPS", (*clean.STEPS, step))
    monkeypatch.setattr(clean, "REPAIRS", (*clean.REPAIRS, "louder"))
    monkeypatch.setattr(config, "rules", lambda: "louder")


def test_the_same_code_gives_the_same_rows(home: Path) -> None:
    pipeline.run([FilesSource(name="samples", path=config.PROJECT / "seeds" / "articles")])
    before = everything()
    _, published = pipeline.run([], again_since=BEGINNING, batch_size=50)
    assert published["documents"] == 120
    assert everything() == before
    pipeline.verify()


def test_only_what_was_fetched_since_is_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as server:
        server.add("/1.html", article(1))
        put_feed(server, ["1.html"])
        pipeline.run([feed(server)])
        since = datetime.now(UTC)
        server.add("/2.html", article(2))
        put_feed(server, ["2.html"])
        pipeline.run([feed(server)])
    before = everything()
    louder(monkeypatch)
    pipeline.run([], again_since=since)
    texts = {row["title"]: row["text"] for row in rows("articles")}
    assert "今天" in texts["第1次会议召开"]
    assert "今日" in texts["第2次会议召开"]
    assert rows("raw_documents") == before["raw_documents"]
    for table in ("sentences", "blocks", "fingerprints"):
        old = [
            row
            for row in before[table]
            if row["article_id"] in {one["article_id"] for one in before["articles"] if "1次" in one["title"]}
        ]
        assert [row for row in rows(table) if row in old] == old
        assert len(rows(table)) == len(before[table])
    pipeline.verify()


def test_all_versions_of_an_article_are_refined(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as server:
        put_feed(server, ["1.html"])
        server.add("/1.html", article(1))
        pipeline.run([feed(server)])
        since = datetime.now(UTC)
        server.add("/1.html", article(1, "有更正。"))
        pipeline.run([feed(server)])
    louder(monkeypatch)
    pipeline.run([], again_since=since)
    assert all("今日" in row["text"] for table in ("articles", "article_versions") for row in rows(table))
    assert [row["version_no"] for table in ("article_versions", "articles") for row in rows(table)] == [0, 1]
    pipeline.verify()


def test_an_article_that_is_refused_now_and_back_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its copies are no copies any more; when it comes back, all is as before."""
    with Server() as server:
        for number in (1, 2):
            server.add(f"/{number}.html", article(1, "代表们认真审议了港口建设的报告。" * 5 + "！" * number))
        put_feed(server, ["1.html", "2.html"])
        pipeline.run([feed(server)])
    before = everything()
    assert [row["is_duplicate"] for row in before["articles"]].count(True) == 1
    original = next(row for row in before["articles"] if not row["is_duplicate"])
    real = clean.clean_document

    def refuses(data: bytes, *others: Any) -> Any:
        from newslake.errors import ArticleRejected

        if real(data, *others).lines[-1].endswith("！！") == original["text"].endswith("！！"):
            raise ArticleRejected("no_article", "by a better rule")
        return real(data, *others)

    with monkeypatch.context() as stricter:
        stricter.setattr(clean, "clean_document", refuses)
        stricter.setattr(config, "rules", lambda: "stricter")
        pipeline.run([], again_since=BEGINNING)
        (left,) = rows("articles")
        assert (left["is_duplicate"], left["duplicate_of"]) == (False, None)
        assert len(rows("quarantine")) == 1
        pipeline.verify()
    pipeline.run([], again_since=BEGINNING)
    after = everything()
    assert [row["is_replayed"] for row in after.pop("quarantine")] == [True]
    assert after == {table: found for table, found in before.items() if table != "quarantine"}
    pipeline.verify()


def test_nothing_to_refine_publishes_nothing(home: Path) -> None:
    pipeline.run([FilesSource(name="samples", path=config.PROJECT / "seeds" / "articles" / "qingdi")])
    _, published = pipeline.run([], again_since=datetime(2100, 1, 1, tzinfo=UTC))
    assert (published["is_new"], published["snapshot"]) == (False, "000001")


def test_a_batch_that_was_published_before_a_crash_is_published_once_more(home: Path, tmp_path: Path) -> None:
    pipeline.run([FilesSource(name="samples", path=config.PROJECT / "seeds" / "articles" / "qingdi")])
    before = everything()
    (staged,) = [pipeline.refine(path) for path in pipeline.plan(again_since=BEGINNING)]
    shutil.copytree(staged, tmp_path / "kept")
    pipeline.publish([staged])
    shutil.copytree(tmp_path / "kept", staged)
    pipeline.publish([staged])
    assert everything() == before
