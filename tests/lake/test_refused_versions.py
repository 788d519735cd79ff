"""Versions of one article of which some are refused: each is judged alike, whatever shares its batch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newslake import pipeline, refine, tables
from newslake.config import Home
from newslake.lake import database, staged
from newslake.lake.snapshots import Snapshot, current
from newslake.lake.verify import verify
from newslake.sources import FilesSource
from newslake.tables import SENTENCES, Check

pytestmark = pytest.mark.lake
GOOD = "区长林向东说，第一批任务已经完成。居民搬进了新楼。"


@pytest.fixture
def no_poison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose sentences have one more row check: none holds 毒."""
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    check = Check("no_poison", "contains(text, '毒')", "no poison")
    sentences = replace(SENTENCES, checks=(*SENTENCES.checks, check))
    children = tuple(sentences if table is SENTENCES else table for table in staged.CHILDREN)
    monkeypatch.setattr(refine, "CHILDREN", children)
    monkeypatch.setitem(tables.TABLES, "sentences", sentences)
    return tmp_path / "home"


def versions(texts: list[tuple[str, str]], folder: Path) -> Path:
    """Records with one web address; each (published_at, text)."""
    address = {"url": "https://e.example/1.html", "title": "第1次调度会召开"}
    lines = [json.dumps({**address, "published_at": day, "text": text}, ensure_ascii=False) for day, text in texts]
    path = folder / "in.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def run(path: Path, batch_size: int) -> pipeline.Published:
    return pipeline.run([FilesSource(name="input", path=path)], batch_size=batch_size)[1]


def ask(snapshot: Snapshot, sql: str) -> list[tuple[Any, ...]]:
    with database.connect(snapshot) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("batch_size", [1, 2, 1000])
def test_an_older_version_takes_the_place_of_a_refused_one(tmp_path: Path, no_poison: Path, batch_size: int) -> None:
    """Whatever shares a batch: of four records with one address the newest two are refused, for two reasons."""
    texts = [
        ("2024-01-01", f"一。{GOOD}"),
        ("2024-01-02", f"二。{GOOD}"),
        ("2024-01-03", f"毒。{GOOD}"),
        ("2099-01-01", GOOD),
    ]
    published = run(versions(texts, tmp_path), batch_size)
    assert (published["documents"], published["articles"], published["quarantined"]) == (4, 2, 2)
    snapshot = current(Home(no_poison))
    assert ask(snapshot, "SELECT left(text, 1), version_no FROM articles") == [("二", 1)]
    assert ask(snapshot, "SELECT left(text, 1), version_no FROM article_versions") == [("一", 0)]
    assert ask(snapshot, "SELECT text FROM sentences WHERE sentence_no = 0") == [("二。",)]
    assert sorted(ask(snapshot, "SELECT reason FROM quarantine")) == [("no_poison",), ("published_not_in_future",)]
    verify(Home(no_poison))


@pytest.mark.parametrize("batch_size", [1, 2, 1000])
@pytest.mark.parametrize("poisoned", range(3))
def test_each_version_is_judged_alike_in_whatever_batch(
    tmp_path: Path, no_poison: Path, batch_size: int, poisoned: int
) -> None:
    """An older version whose sentences fail is refused beside a newer one as it is alone."""
    names = ["毒" if number == poisoned else name for number, name in enumerate("一二三")]
    run(versions([(f"2024-01-0{day}", f"{name}。{GOOD}") for day, name in enumerate(names, 1)], tmp_path), batch_size)
    snapshot = current(Home(no_poison))
    older, newest = (name for name in names if name != "毒")
    assert ask(snapshot, "SELECT left(text, 1), version_no FROM articles") == [(newest, 1)]
    assert ask(snapshot, "SELECT left(text, 1), version_no FROM article_versions") == [(older, 0)]
    assert ask(snapshot, "SELECT text FROM sentences WHERE sentence_no = 0") == [(f"{newest}。",)]
    assert ask(snapshot, "SELECT reason FROM quarantine") == [("no_poison",)]
    verify(Home(no_poison))
