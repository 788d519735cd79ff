"""Versions of one article: the newest is shown, the others stay readable, none is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.lake.verify import conservation, verify
from newslake.sources import FilesSource

URL = "https://news.example/1.html"
BODY = "临江区召开调度会，部署年底前的重点任务。会议要求，各镇街要把责任落到人。"


def write(folder: Path, name: str, texts: list[str], day: int, url: str = URL) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.jsonl"
    records = [{"url": url, "title": "调度会召开", "text": text, "published_at": "2024-01-02"} for text in texts]
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    os.utime(path, (1_700_000_000 + 86_400 * day,) * 2)


def run(folder: Path, batch_size: int = 1000) -> None:
    pipeline.run([FilesSource(name="input", path=folder)], batch_size=batch_size)


def versions(home: Path) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """(version_no, text) of the newest and of the superseded ones."""
    snapshot = current(Home(home))
    verify(Home(home))
    with database.connect(snapshot) as connection:
        newest = connection.execute("SELECT version_no, text FROM articles ORDER BY 1").fetchall()
        older = connection.execute("SELECT version_no, text FROM article_versions ORDER BY 1").fetchall()
        sentences = connection.execute("SELECT string_agg(text, '' ORDER BY sentence_no) FROM sentences").fetchall()
    assert sentences[0][0] == newest[0][1].replace("\n", "")
    return newest, older


@pytest.mark.parametrize("batch_size", [1, 1000])
def test_versions_in_one_run(home: Path, tmp_path: Path, batch_size: int) -> None:
    folder = tmp_path / "in"
    write(folder, "a", [BODY], day=1)
    write(folder, "b", [BODY * 3], day=2)
    write(folder, "c", [BODY * 2], day=3)
    run(folder, batch_size)
    assert versions(home) == ([(2, BODY * 2)], [(0, BODY), (1, BODY * 3)])
    assert conservation(current(Home(home))).superseded == 2


@pytest.mark.parametrize("order", ["abc", "cba", "bca"])
def test_versions_in_several_runs(home: Path, tmp_path: Path, order: str) -> None:
    """The same rows at the end, in whatever order the versions arrive."""
    folder = tmp_path / "in"
    texts = {"a": BODY, "b": BODY * 3, "c": BODY * 2}
    for name in order:
        write(folder, name, [texts[name]], day=ord(name) - ord("a"))
        run(folder)
    assert versions(home) == ([(2, BODY * 2)], [(0, BODY), (1, BODY * 3)])


def test_a_refused_version_leaves_the_one_before(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder, "a", [BODY], day=1)
    run(folder)
    path = folder / "b.jsonl"
    record = {"url": URL, "title": "调度会召开", "text": BODY * 2, "published_at": "2099-01-02"}
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    run(folder)
    assert versions(home) == ([(0, BODY)], [])
    account = conservation(current(Home(home)))
    assert (account.articles, account.superseded, account.quarantined, account.missing) == (1, 0, 1, 0)
