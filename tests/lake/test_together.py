"""Two publishers, four readers and maintenance at once: every batch is published, and no reader sees half of one."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.lake import database
from newslake.lake.snapshots import Snapshot, complete, current
from newslake.lake.verify import verify
from newslake.sources import FilesSource

from . import rows
from .faults_corpus import article
from .processes import finish, start
from .test_faults import read_analysts_file, read_by_command_line, read_pinned_folder, whole_lake

pytestmark = pytest.mark.lake
SECONDS = 300 if os.environ.get("NEWSLAKE_FAULTS") == "all" else 20
BATCH = 3
MAINTAIN_SECONDS = 5


def publish_for(seconds: float, home: Path, folder: Path, first: int, answer: Path) -> None:
    """Batches of new articles, and a new version of one that was published before; then tells which there were."""
    os.environ["NEWSLAKE_HOME"] = str(home)
    end, batches = time.monotonic() + seconds, 0
    while time.monotonic() < end or batches < 2:
        numbers = range(first + batches * BATCH, first + (batches + 1) * BATCH)
        lines = [article(number) for number in numbers] + [article(first, f"这是第{batches}次修改后的全文。")]
        (folder / f"{batches}.jsonl").write_text("".join(lines), encoding="utf-8")
        pipeline.run([FilesSource(name="input", path=folder)])
        batches += 1
    answer.write_text(json.dumps([batches, sorted(range(first, first + batches * BATCH))]), encoding="utf-8")


def maintain_until(stop: Path, home: Path) -> None:
    """Puts small files together while others publish; nothing expires, as a reader stays at an old snapshot."""
    os.environ["NEWSLAKE_HOME"] = str(home)
    while not stop.exists():
        pipeline.maintain(newest=100_000)
        time.sleep(MAINTAIN_SECONDS)


def read_until(stop: Path, home: Path, reader: str, answer: Path) -> None:
    """Every read is of one snapshot, and never of an older one than the last."""
    counts = [0]
    while not stop.exists() or len(counts) < 3:
        counts.append(READERS[reader](Home(home)))
        assert counts[-1] >= counts[-2], counts[-2:]
    answer.write_text(json.dumps([len(counts) - 1, len(set(counts)) - 1]), encoding="utf-8")


def read_one_for_long(stop: Path, home: Path, answer: Path) -> None:
    """A reader that stays at the snapshot that it has opened, and asks it again and again."""
    snapshot = current(Home(home))
    before, reads = rows.digest(snapshot), 0
    with database.connect(snapshot) as connection:
        while not stop.exists() or reads < 3:
            assert whole_lake(lambda sql: connection.execute(sql).fetchall()[0][0]) == before["raw_documents"][0]
            reads += 1
    assert rows.digest(snapshot) == before
    answer.write_text(json.dumps([reads, 1]), encoding="utf-8")


READERS: dict[str, Callable[[Home], int]] = {
    "command line": read_by_command_line,
    "analysts' file": read_analysts_file,
    "folder": read_pinned_folder,
}


def test_two_publishers_and_four_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, stop = tmp_path / "home", tmp_path / "stop"
    monkeypatch.setenv("NEWSLAKE_HOME", str(home))
    for number in range(3):
        (tmp_path / str(number)).mkdir()
    (tmp_path / "2" / "first.jsonl").write_text(article(900_000), encoding="utf-8")
    pipeline.run([FilesSource(name="input", path=tmp_path / "2")])
    publishers = [
        start(publish_for, SECONDS, home, tmp_path / str(number), number * 100_000, tmp_path / f"p{number}.json")
        for number in range(2)
    ]
    readers = [
        start(read_until, stop, home, reader, tmp_path / f"r{number}.json") for number, reader in enumerate(READERS)
    ]
    readers.append(start(read_one_for_long, stop, home, tmp_path / "r3.json"))
    maintainer = start(maintain_until, stop, home)
    try:
        for publisher in publishers:
            finish(publisher)
    finally:
        stop.touch()
        for process in (*readers, maintainer):
            process.join()
    assert [process.exitcode for process in (*readers, maintainer)] == [0] * 5
    assert "compact" in {snapshot.kind for snapshot in complete(Home(home))}
    published = [json.loads((tmp_path / f"p{number}.json").read_text(encoding="utf-8")) for number in range(2)]
    read = [json.loads((tmp_path / f"r{number}.json").read_text(encoding="utf-8")) for number in range(4)]
    print(f"{SECONDS} s: batches {[one[0] for one in published]}, reads and snapshots seen {read}")
    assert urls(current(Home(home))) == {
        f"https://e.example/{number}" for number in [900_000, *published[0][1], *published[1][1]]
    }
    assert len(complete(Home(home))) > 2
    verify(Home(home))


def urls(snapshot: Snapshot) -> set[str]:
    with duckdb.connect() as connection:
        query = "SELECT url FROM read_parquet($paths)"
        return {url for (url,) in connection.execute(query, {"paths": snapshot.paths("articles")}).fetchall()}
