"""A publisher that is killed, and readers that read while another one publishes."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import duckdb
import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import database, snapshots
from newslake.lake.verify import verify
from newslake.sources import FilesSource

from . import rows

pytestmark = pytest.mark.lake
KILLS = 50
READS = 1_000

# A fork of a process that has imported everything costs milliseconds; importing costs seconds.
FORKSERVER = multiprocessing.get_context("forkserver")
FORKSERVER.set_forkserver_preload(
    ["newslake.pipeline", "newslake.refine", "newslake.lake.publish", "great_expectations"]
)


def run_to_the_end(folder: Path, home: Path) -> None:
    os.environ["NEWSLAKE_HOME"] = str(home)
    pipeline.run([FilesSource(name="input", path=folder)])


def publish_to_the_end(staged: list[str], home: Path) -> None:
    os.environ["NEWSLAKE_HOME"] = str(home)
    pipeline.publish(staged)


def grow(source: Path, target: Path, start: int, end: int) -> Path:
    """A folder with a span of the records of the only file in `source`."""
    path = next(source.glob("*.jsonl"))
    target.mkdir(exist_ok=True)
    (target / path.name).write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[start:end]))
    shutil.copystat(path, target / path.name)
    return target


def start(target: Callable[..., None], *arguments: object) -> BaseProcess:
    process = FORKSERVER.Process(target=target, args=arguments)
    process.start()
    return process


def finish(process: BaseProcess) -> float:
    begin = time.monotonic()
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - begin


def test_killed_at_fifty_moments(
    generated: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second publish adds copies of articles of the first, so files are added and rewritten."""
    articles = generated(80)
    base = tmp_path / "base"
    folder = tmp_path / "articles"
    monkeypatch.setenv("NEWSLAKE_HOME", str(base))
    pipeline.run([FilesSource(name="input", path=grow(articles, folder, 0, 50))])
    before = rows.of(base)
    grow(articles, folder, 0, 80)
    pipeline.acquire(FilesSource(name="input", path=folder))
    staged = [pipeline.refine(path) for path in pipeline.plan()]

    whole = shutil.copytree(base, tmp_path / "whole", symlinks=True)
    seconds = finish(start(publish_to_the_end, in_home(staged, base, whole), whole))
    after = rows.of(whole)
    assert after["articles"][0] > before["articles"][0]
    assert after != before

    seen = set()
    for number in range(KILLS):
        home = shutil.copytree(base, tmp_path / f"killed-{number}", symlinks=True)
        process = start(publish_to_the_end, in_home(staged, base, home), home)
        time.sleep(seconds * (number + 0.5) / KILLS)
        process.kill()
        process.join()
        found = rows.of(home)
        assert found in (before, after), f"kill {number} left something in between"
        seen.add(found == after)
        monkeypatch.setenv("NEWSLAKE_HOME", str(home))
        pipeline.run([FilesSource(name="input", path=folder)])
        assert rows.of(home) == after
        verify(Home(home))
        with duckdb.connect(str(home / "newslake.duckdb"), read_only=True) as connection:
            assert connection.execute("SELECT count(*) FROM articles").fetchall()[0][0] == after["articles"][0]
        shutil.rmtree(home)
    assert False in seen, "every kill came too late to test anything"


def in_home(staged: list[str], old: Path, new: Path) -> list[str]:
    return [path.replace(str(old), str(new)) for path in staged]


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
