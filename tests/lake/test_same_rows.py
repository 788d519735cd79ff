"""The same documents give the same rows, however they are processed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from newslake import pipeline
from newslake.lake import publish, staged
from newslake.sources import FilesSource

from . import rows

pytestmark = pytest.mark.lake
COUNT = 120


def run(folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch, processes: int = 1, batch_size: int = 1000) -> dict:
    monkeypatch.setenv("NEWSLAKE_HOME", str(home))
    pipeline.run([FilesSource(name="input", path=folder)], processes, batch_size)
    return rows.of(home)


@pytest.fixture(scope="module")
def articles(generated: Callable[[int], Path]) -> Path:
    return generated(COUNT)


@pytest.fixture(scope="module")
def whole(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of one run over all of them in one batch, which nobody changes."""
    path = tmp_path_factory.mktemp("whole") / "home"
    with pytest.MonkeyPatch.context() as patch:
        run(articles, path, patch)
    return path


@pytest.fixture(scope="module")
def expected(whole: Path) -> dict:
    return rows.of(whole)


def test_processes_and_batch_sizes_change_nothing(
    articles: Path, expected: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert expected["articles"][0] > COUNT * 0.9
    assert run(articles, tmp_path / "two", monkeypatch, processes=2, batch_size=23) == expected
    assert run(articles, tmp_path / "small", monkeypatch, batch_size=7) == expected


def test_small_chunks_and_slices_change_nothing(
    articles: Path, expected: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Days and articles lie across the borders of chunks read from staged batches, and of slices written."""
    monkeypatch.setattr(staged, "CHUNK_ROWS", 7)
    monkeypatch.setattr(publish, "SLICE_ARTICLES", 3)
    assert run(articles, tmp_path / "small", monkeypatch, batch_size=50) == expected


def test_shuffled_records_give_the_same_articles(
    articles: Path, expected: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """raw_documents tells in which line a record stood, so that table is left out."""
    shuffled = tmp_path / "articles"
    shuffled.mkdir()
    for path in articles.glob("*.jsonl"):
        lines = path.read_bytes().splitlines(keepends=True)
        random.Random(7).shuffle(lines)
        (shuffled / path.name).write_bytes(b"".join(lines))
        shutil.copystat(path, shuffled / path.name)
    found = run(shuffled, tmp_path / "shuffled", monkeypatch)
    del found["raw_documents"]
    assert found == {table: digest for table, digest in expected.items() if table != "raw_documents"}


def test_many_runs_give_the_rows_of_one(
    articles: Path, expected: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies that arrive in a later run are joined to the clusters of the earlier ones."""
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "in parts"))
    path = next(articles.glob("*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    grown = tmp_path / "articles"
    grown.mkdir()
    for end in (50, 51, 90, len(lines)):
        (grown / path.name).write_bytes(b"".join(lines[:end]))
        shutil.copystat(path, grown / path.name)
        pipeline.run([FilesSource(name="input", path=grown)])
    assert rows.of(tmp_path / "in parts") == expected


def test_a_second_run_publishes_nothing(articles: Path, whole: Path, expected: dict, home: Path) -> None:
    shutil.copytree(whole, home, symlinks=True)
    files = {path: path.stat().st_mtime_ns for path in (home / "lake").rglob("*")}
    landed, published = pipeline.run([FilesSource(name="input", path=articles)])
    assert (published["is_new"], published["snapshot"], landed[0]["landed"]) == (False, "000001", 0)
    assert {path: path.stat().st_mtime_ns for path in (home / "lake").rglob("*")} == files
    assert rows.of(home) == expected
