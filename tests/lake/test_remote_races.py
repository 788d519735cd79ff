"""Several machines at one store: whoever is second prepares again, and nothing of either is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from newslake import config, gate, pipeline
from newslake.acquire.documents import Document, table
from newslake.config import Home
from newslake.errors import SourceError
from newslake.lake import raw, remote, snapshots
from newslake.lake.store import Store
from newslake.lake.verify import conservation
from newslake.lake.watermarks import watermark
from newslake.sources import FilesSource

from .corpora import grow
from .processes import finish, start

pytestmark = pytest.mark.lake
COMMITS = 5
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
BODY = "临江区召开调度会，区长林向东部署重点任务。会议要求，各镇街把责任落到人，第{}件事月底前完成。"


def publish_often(home: str, articles: Path) -> None:
    os.environ["NEWSLAKE_HOME"] = home
    for path in sorted(articles.iterdir()):
        pipeline.run([FilesSource(name="input", path=path)])


def test_two_publishers_lose_no_commit(s3_lake: Callable[[str], None], tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / "articles" / name).mkdir(parents=True)
        for number in range(COMMITS):
            record = {
                "url": f"https://{name}.example/{number}",
                "title": f"第{number}件",
                "text": BODY.format(f"{name}{number}"),
                "published_at": f"2024-0{number + 1}-02",
            }
            path = tmp_path / "articles" / name / f"{number}.jsonl"
            path.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
    publishers = [start(publish_often, str(tmp_path / name), tmp_path / "articles" / name) for name in ("one", "two")]
    for publisher in publishers:
        finish(publisher)
    s3_lake("reader")
    remote.refresh(config.home())
    snapshot = snapshots.current(config.home())
    assert conservation(snapshot).documents == 2 * COMMITS
    with duckdb.connect() as connection:
        query = "SELECT count(*), count(DISTINCT run_id) FROM read_parquet(?) WHERE stage = 'publish'"
        published = connection.execute(query, [snapshot.paths("runs")]).fetchall()
        urls = connection.execute("SELECT url FROM read_parquet(?)", [snapshot.paths("articles")]).fetchall()
    # A machine may publish what the other has landed, so there can be fewer snapshots than commits.
    assert published == [(snapshot.number, snapshot.number)]
    assert len({url for (url,) in urls}) == len(urls) == 2 * COMMITS
    assert pipeline.verify()["snapshot"] == snapshot.name


@pytest.mark.parametrize("moment", ["nothing is in the store", "all but the manifest is in the store"])
def test_the_second_publisher_starts_again(
    s3_lake: Callable[[str], None],
    generated: Callable[[int], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    """While one machine publishes, another one does so: the first prepares again, on top of it. The commits that it
    has put by then look as if it had died; the other one takes them back."""
    staged = {}
    for name, first, last in (("two", 6, 12), ("one", 0, 6)):
        s3_lake(name)
        pipeline.acquire(FilesSource(name="input", path=grow(generated(12), tmp_path / f"in-{name}", first, last)))
        staged[name] = [pipeline.refine(path) for path in pipeline.plan()]
    write_checked, put_same, written = gate.write_checked, Store.put_same, []

    def publish_elsewhere() -> None:
        s3_lake("two")
        assert pipeline.publish(staged["two"])["snapshot"] == "000001"
        s3_lake("one")

    def write(*arguments: Any) -> Any:
        files = write_checked(*arguments)
        written.append(files)
        if len(written) == 1 and moment.startswith("nothing"):
            publish_elsewhere()
        return files

    def put(store: Store, key: str, content: bytes) -> bool:
        if len(written) == 1 and key.endswith("manifest.json"):
            publish_elsewhere()
        return put_same(store, key, content)

    monkeypatch.setattr(gate, "write_checked", write)
    monkeypatch.setattr(Store, "put_same", put)
    assert pipeline.publish(staged["one"])["snapshot"] == "000002"
    assert len(written) == 3
    assert conservation(snapshots.current(config.home())).documents == 12
    assert pipeline.verify()["snapshot"] == "000002"
    # The newest version of a Delta table, which is what others read, is the manifest's.
    for name, state in snapshots.current(config.home()).tables.items():
        folder = "raw" if name == "raw_documents" else f"lake/delta/{name}"
        assert len(DeltaTable(f"{os.environ['NEWSLAKE_LAKE']}/{folder}").file_uris()) == len(state.files)


def documents(*names: str) -> pa.Table:
    pages = [Document(f"https://site.example/{name}", "text/html", name.encode(), FETCHED_AT) for name in names]
    return table(pages, "site")


def home_at(s3_lake: Callable[[str], None], name: str) -> Home:
    s3_lake(name)
    return config.home()


def land_often(home: str, span: range) -> None:
    os.environ["NEWSLAKE_HOME"] = home
    # Every other document is landed by both.
    chunks = (documents(f"{home if number % 2 else 'both'}-{number}") for number in span)
    list(raw.land(config.home(), chunks, "run"))


def test_two_machines_land_at_once(s3_lake: Callable[[str], None], tmp_path: Path) -> None:
    count = 12
    landers = [start(land_often, str(tmp_path / name), range(count)) for name in ("one", "two")]
    for lander in landers:
        finish(lander)
    home = home_at(s3_lake, "reader")
    assert remote.pull_raw(home) == raw.version(home) == count // 2 * 3
    with duckdb.connect() as connection:
        query = "SELECT count(*), count(DISTINCT url) FROM read_parquet(?)"
        paths = [str(home.raw / path) for path in raw.folder(home).live_files()]
        assert connection.execute(query, [paths]).fetchall() == [(count // 2 * 3, count // 2 * 3)]


def test_a_watermark_goes_along_with_its_documents(s3_lake: Callable[[str], None]) -> None:
    one = home_at(s3_lake, "one")
    with watermark(one, "site", raw.folder(one)) as mark:
        mark.value["seen"] = ["a"]
        assert list(raw.land(one, [documents("a")], "run", mark)) == [(1, 1)]
        mark.value["seen"] = ["a", "b"]
        assert list(raw.land(one, [documents("b")], "run", mark)) == [(1, 1)]
    two = home_at(s3_lake, "two")
    with watermark(two, "site", raw.folder(two)) as mark:
        assert mark.value == {"seen": ["a", "b"]}
        assert set(raw.known(two, ["https://site.example/a", "https://site.example/c"])) == {"https://site.example/a"}
        mark.value["seen"].append("c")
        assert list(raw.land(two, [documents("b", "c")], "run", mark)) == [(2, 1)]
    one = home_at(s3_lake, "one")
    with watermark(one, "site", raw.folder(one)) as mark:
        assert mark.value == {"seen": ["a", "b", "c"]}
    # Only the newest is kept.
    assert len(Store(os.environ["NEWSLAKE_LAKE"]).names("aside")) == 1


def test_the_slower_of_two_visits_ends(s3_lake: Callable[[str], None]) -> None:
    """Its watermark would take the place of one that it knows nothing of."""
    one, two = (home_at(s3_lake, name) for name in ("one", "two"))
    with watermark(one, "site", raw.folder(one)) as first, watermark(two, "site", raw.folder(two)) as second:
        first.value["by"], second.value["by"] = "one", "two"
        s3_lake("two")
        assert list(raw.land(two, [documents("b")], "run", second)) == [(1, 1)]
        s3_lake("one")
        with pytest.raises(SourceError, match="another machine is reading it"):
            list(raw.land(one, [documents("a")], "run", first))
    assert set(raw.known(one, [f"https://site.example/{name}" for name in "ab"])) == {"https://site.example/b"}
    with watermark(one, "site", raw.folder(one)) as mark:
        assert mark.value == {"by": "two"}


def test_a_second_machine_publishes_what_the_first_has_landed(
    s3_lake: Callable[[str], None], generated: Callable[[int], Path]
) -> None:
    s3_lake("one")
    pipeline.acquire(FilesSource(name="input", path=generated(5)))
    s3_lake("two")
    published = pipeline.run([])[1]
    assert (published["is_new"], published["documents"]) == (True, 5)
    s3_lake("one")
    assert pipeline.run([])[1] == {**published, "is_new": False, "documents": 0, "articles": 0, "quarantined": 0}
