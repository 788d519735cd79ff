"""Readers that read while another process publishes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import database, snapshots
from newslake.sources import FilesSource

from .corpora import grow
from .processes import finish, start

pytestmark = pytest.mark.lake
READS = 1_000


def run_to_the_end(folder: Path, home: Path) -> None:
    os.environ["NEWSLAKE_HOME"] = str(home)
    pipeline.run([FilesSource(name="input", path=folder)])


def publish_in_a_loop(articles: Path, folder: Path, home: Path, stop: Path) -> None:
    """Two records more each time, among them copies that change articles published before."""
    end = 20
    while not stop.exists():
        run_to_the_end(grow(articles, folder, 0, end), home)
        end += 2


def test_readers_never_see_a_mixture(
    generated: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles, folder, home, stop = generated(600), tmp_path / "articles", Home(tmp_path / "home"), tmp_path / "stop"
    run_to_the_end(grow(articles, folder, 0, 18), home.root)
    publisher = start(publish_in_a_loop, articles, folder, home.root, stop)
    seen = set()
    try:
        for number in range(READS):
            seen.add(READERS[number % len(READERS)](home))
            assert publisher.is_alive()
    finally:
        stop.touch()
        finish(publisher)
    assert len(seen) > 5, "the publisher did not publish while the readers read"


def whole_lake(read: Callable[[str], int]) -> int:
    """Counts articles in five tables; all must tell the same."""
    counts = {read(f"SELECT count(DISTINCT article_id) FROM {table}") for table in ("articles", "sentences", "blocks")}
    assert len(counts) == 1
    documents = read("SELECT count(DISTINCT raw_id) FROM raw_documents")
    assert documents == counts.pop() + read("SELECT count(DISTINCT raw_id) FROM quarantine") + read(
        "SELECT count(*) FROM article_versions"
    )
    return documents


def read_by_command_line(home: Home) -> int:
    """What `newslake query` does."""
    with database.connect(snapshots.current(home)) as connection:
        return whole_lake(lambda sql: connection.execute(sql).fetchall()[0][0])


def read_analysts_file(home: Home) -> int:
    with duckdb.connect(str(home.database), read_only=True) as connection:
        return whole_lake(lambda sql: connection.execute(sql).fetchall()[0][0])


def read_pinned_folder(home: Home) -> int:
    """A plain glob over the folder that `current` names."""
    folder = home.current.resolve()
    with duckdb.connect() as connection:
        for table in ("articles", "sentences", "blocks", "raw_documents", "quarantine", "article_versions"):
            connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{folder}/{table}/**/*.parquet')")
        return whole_lake(lambda sql: connection.execute(sql).fetchall()[0][0])


READERS = (read_by_command_line, read_analysts_file, read_pinned_folder)
