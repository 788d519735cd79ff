"""What is taken down is nowhere, does not come back, and takes nothing else along."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from newslake import config, deduplicate, pipeline
from newslake.config import Home
from newslake.errors import UsageError
from newslake.lake import database, raw, scan, snapshots, takedown, targets, tombstones
from newslake.lake.rollback import roll_back
from newslake.lake.verify import verify
from newslake.sources import FilesSource

from .moments import Moment, wait_for
from .processes import finish, start

pytestmark = pytest.mark.lake
GONE = "https://news.linjiang.example/2024/02/3.html"
COPY = "https://mirror.lanchuan.example/c/3.html"
SECOND_COPY = "https://other.example/3.html"
TITLE = "临江区一企业负责人王志杰谈转型升级"
WORDS = "王志杰表示，企业要在澜川市率先完成数字化改造，年底前投产三条新生产线，新增就业岗位四百五十个。"
BODY = (
    f"临江日报讯（记者 李文）{WORDS}\n"
    "他说，去年以来企业先后投入一千二百万元更新设备，单位产品能耗下降百分之十八，产品合格率提高到百分之九十九点六。\n"
    "临江区有关部门负责人强调，要为企业办好实事，确保政策在六月底前全部兑现到位，切实减轻企业负担。"
)


def record(url: str, title: str, text: str, day: int) -> dict[str, str]:
    return {"url": url, "title": title, "text": text, "published_at": f"2024-02-{day:02}T08:00:00+08:00"}


def other(number: int) -> dict[str, str]:
    text = f"澜川市今天召开第{number}次调度会，研究防汛抗旱第{number * 7}号预案。\n会议要求，各镇街把第{number}项责任落到人，三月底前完成。"
    return record(
        f"https://news.linjiang.example/2024/02/{100 + number}.html", f"澜川市召开第{number}次调度会", text, 5
    )


def write(path: Path, *records: dict[str, str]) -> FilesSource:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    return FilesSource(name="input", path=path.parent)


class Prepared(NamedTuple):
    home: Path
    source: FilesSource


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Three snapshots: others; the article with two copies; a new version of it. And what waits, staged and exported."""
    folder = tmp_path_factory.mktemp("takedown")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        pipeline.run([write(folder / "in" / "0.jsonl", *map(other, range(4)))])
        gone = record(GONE, TITLE, BODY, 3)
        copies = (record(COPY, TITLE, BODY + "\n（来源：临江日报）", 4), record(SECOND_COPY, TITLE, BODY, 5))
        pipeline.run([write(folder / "in" / "1.jsonl", gone, *copies, other(5))])
        source = write(
            folder / "in" / "2.jsonl", {**gone, "text": BODY + "\n更正：生产线为三条，特此说明并向读者致歉。"}
        )
        pipeline.run([source])
    return Prepared(folder / "home", source)


@pytest.fixture
def lake(base: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "home"))
    home = Home(Path(shutil.copytree(base.home, tmp_path / "home", symlinks=True)))
    pipeline.plan()
    return home


def ask(query: str, snapshot: snapshots.Snapshot | None = None) -> list[tuple[Any, ...]]:
    with database.connect(snapshot or snapshots.current(config.home())) as connection:
        return connection.execute(query).fetchall()


def article(url: str) -> str:
    ((article_id,),) = ask(f"SELECT article_id FROM articles WHERE url = '{url}'")
    return str(article_id)


def take(what: str | None = None, source: str | None = None, reason: str = "request") -> takedown.TakenDown:
    home = config.home()
    target = targets.look(home, what, source)
    target.reason = reason
    return takedown.take_down(home, target, deduplicate.cluster, "run")


def take_all(home: Path) -> None:
    for url in (COPY, SECOND_COPY, GONE):
        take(url)


def bytes_of(home: Home) -> set[Path]:
    """A search that knows nothing of ours: every file, and every value as DuckDB reads it."""
    found = set()
    with duckdb.connect() as connection:
        for path in (path for path in home.root.rglob("*") if path.is_file() and not path.is_symlink()):
            content = path.read_bytes()
            if path.suffix == ".parquet":
                rows = connection.execute("FROM read_parquet($path, hive_partitioning = false)", {"path": str(path)})
                content += str(rows.fetchall()).encode()
            if any(word.encode() in content for word in (TITLE, WORDS, GONE)):
                found.add(path)
    return found


def digests(snapshot: snapshots.Snapshot, left: str) -> dict[str, Any]:
    """Rows of all tables of articles, but those of some."""
    tables = ("articles", "blocks", "sentences", "mentions", "quotes", "directives", "evidence", "fingerprints")
    return {
        table: sorted(map(repr, ask(f"FROM {table} WHERE article_id NOT IN ({left})", snapshot))) for table in tables
    }


def test_nothing_of_it_is_left(lake: Home) -> None:
    ids = [article(url) for url in (GONE, COPY, SECOND_COPY)]
    left = ", ".join(f"'{one}'" for one in ids)
    before = digests(snapshots.current(lake), left)
    (lake.reports / "old").mkdir(parents=True)
    (lake.reports / "old" / "page.html").write_text(f"<h1>{TITLE}</h1>", encoding="gb18030")
    (lake.root / "export.csv").write_text(f"title\n{TITLE}\n", encoding="utf-8")
    (lake.root / "harmless.csv").write_text("title\n", encoding="utf-8")
    with duckdb.connect(str(lake.root / "export.duckdb")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT $title AS title FROM range(3000)", {"title": TITLE})
    first = take(GONE)
    assert first.scanned.elsewhere >= {article(COPY), article(SECOND_COPY)}
    assert first.snapshots == ["000002", "000003"]
    assert set(first.others) >= {"reports/old/page.html", "export.csv", "export.duckdb"}
    rest = ask("SELECT url, duplicate_of IS NULL, cluster_id = $$" + article(COPY) + "$$ FROM articles WHERE cluster_id IN "
               f"({left}) ORDER BY published_date")  # fmt: skip
    assert rest == [(COPY, True, True), (SECOND_COPY, False, True)]
    verify(lake)
    take(COPY)
    last = take(SECOND_COPY)
    assert not last.scanned.elsewhere
    assert last.scanned.files > 50
    assert bytes_of(lake) == set()
    assert (lake.root / "harmless.csv").exists()
    verify(lake)
    assert digests(snapshots.current(lake), "''") == before
    assert [one.name for one in snapshots.complete(lake)] == ["000001", "000006"]
    assert not list((lake.state / "takedown").iterdir())
    with duckdb.connect(str(lake.database), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(5,)]


def test_it_does_not_come_back(lake: Home, base: Prepared) -> None:
    take_all(lake.root)
    before = ask("SELECT count(*) FROM raw_documents")
    landed, _ = pipeline.run([base.source])
    assert any("4 documents left out" in line for line in landed[0]["notes"])
    assert ask("SELECT count(*) FROM raw_documents") == before
    verify(lake)
    # Other bytes at the same address, and something new beside it, which takes the count along.
    source = write(lake.root.parent / "more" / "3.jsonl", record(GONE + "?utm_source=x", TITLE, BODY * 2, 9), other(9))
    pipeline.run([source])
    verify(lake)
    assert ask("SELECT count(*) FROM articles") == [(6,)]
    assert ask("SELECT sum(refused_count)::INT FROM runs WHERE stage = 'acquire'") == [(5,)]
    assert bytes_of(lake) == set()


def test_neither_a_rollback_nor_refining_again_brings_it_back(lake: Home, base: Prepared) -> None:
    for url in (COPY, SECOND_COPY, GONE):
        take(url)
    assert roll_back(lake, "1").waiting == 1, "the other article of the second run"
    assert bytes_of(lake) == set()
    pipeline.run([base.source])
    pipeline.run([], again_since=datetime(2000, 1, 1, tzinfo=UTC))
    assert ask("SELECT count(*) FROM articles") == [(5,)]
    assert bytes_of(lake) == set()
    verify(lake)


def test_tombstones_hold_no_word_of_it(lake: Home) -> None:
    article_id = article(GONE)
    with pytest.raises(UsageError, match="holds words"):
        take(GONE, reason=f"about {TITLE}")
    take(GONE, reason="request of 2024-03-01")
    told = tombstones.path(lake).read_text(encoding="utf-8")
    assert "request of 2024-03-01" in told
    assert article_id not in told
    assert GONE not in told
    assert tombstones.hashed(article_id) in tombstones.read(lake).articles
    assert tombstones.hashed(GONE) in tombstones.read(lake).addresses


def test_what_waits_goes_too(lake: Home) -> None:
    """Landed, planned and refined, but not published; the other document beside it stays, and is published."""
    url = "https://news.linjiang.example/2024/02/50.html"
    source = write(lake.root.parent / "wait" / "4.jsonl", record(url, TITLE, BODY * 3, 6), other(8))
    pipeline.acquire(source)
    for plan in pipeline.plan():
        pipeline.refine(plan)
    before = snapshots.current(lake)
    waiting = targets.look(lake, raw_page(lake, source))
    assert len(waiting.documents) == 1
    waiting.reason = "request"
    takedown.take_down(lake, waiting, deduplicate.cluster, "run")
    assert snapshots.current(lake) == before
    pipeline.run([source])
    assert ask(f"SELECT count(*) FROM articles WHERE url = '{url}'") == [(0,)]
    assert ask("SELECT count(*) FROM articles WHERE title LIKE '%第8次%'") == [(1,)]
    verify(lake)


def raw_page(home: Home, source: FilesSource) -> str:
    (url,) = [url for url in urls_of_raw(home) if "4.jsonl" in url and "1" in url.rsplit("#")[-1]]
    return url


def urls_of_raw(home: Home) -> list[str]:
    folder = raw.folder(home)
    paths = [str(folder.path / path) for path in folder.live_files()]
    with duckdb.connect() as connection:
        return [url for (url,) in connection.execute("SELECT url FROM read_parquet($p)", {"p": paths}).fetchall()]


def test_a_whole_source(lake: Home) -> None:
    folder = lake.root.parent / "agency"
    shared = other(0)
    write(folder / "5.jsonl", record("https://agency.example/1", "通讯社报道澜川市防汛工作情况", WORDS * 2, 7), shared)
    agency = FilesSource(name="agency", path=folder)
    pipeline.run([agency])
    verify(lake)
    done = take(source="agency", reason="agreement ended")
    verify(lake)
    assert done.lost["raw_documents"] >= 2
    assert ask("SELECT count(*) FROM raw_documents WHERE source = 'agency'") == [(0,)]
    pipeline.run([])
    verify(lake)
    assert ask("SELECT source FROM articles WHERE title LIKE '%第0次%'") == [("input",)], "another source's too"
    landed, _ = pipeline.run([agency])
    assert landed[0]["landed"] == 0
    with pytest.raises(UsageError, match="no documents"):
        take(source="agency")


def test_nobody_of_that_name(lake: Home) -> None:
    with pytest.raises(UsageError, match="neither an article_id nor an address"):
        targets.look(lake, "0123456789abcdef")


def test_the_scan_finds_what_is_packed(tmp_path: Path) -> None:
    import gzip

    import pyarrow as pa
    import pyarrow.parquet as pq
    import zstandard

    needles = scan.Needles({"7ac3d1f2b4e58609"}, {TITLE})
    files = {
        "a.txt": TITLE.encode("utf-16-le"),
        "b.html": f"<p>{TITLE}</p>".encode("gb18030"),
        "c.json": json.dumps({"title": TITLE}).encode(),
        "d.gz": gzip.compress(TITLE.encode()),
        "e.zst": zstandard.compress(TITLE.encode() * 9),
        "f.bin": b"x" * (scan.CHUNK_BYTES - 5) + TITLE.encode(),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    nested = [[{"text": "x"}, {"text": f"…{TITLE}"}]] * 3
    pq.write_table(pa.table({"article_id": ["a", "b", "c"], "tokens": nested}), tmp_path / "g.parquet")
    for path in sorted(tmp_path.iterdir()):
        assert scan.search(path, needles) is None, path.name
    assert scan.search(tmp_path / "g.parquet", needles, is_of_lake=True) == {"a", "b", "c"}
    (tmp_path / "clean.txt").write_text("临江区召开会议", encoding="utf-8")
    assert scan.search(tmp_path / "clean.txt", needles) == set()


KILLS = {
    "before the snapshot": Moment("state/takedown/*.json", 1),
    "after raw documents": Moment("raw/_changing.json", 1, 0.05),
    "while it builds": Moment("lake/snapshots/.building-*", 1),
    "after the snapshot": Moment("lake/snapshots/[!.]*", 1),
    "while old snapshots go": Moment("lake/snapshots/[!.]*", -1),
    "while files go": Moment("lake/delta/sentences/**/*.parquet", -1),
    "at the end": Moment("export.csv", -1),
}


def take_gone(home: Path) -> None:
    take(GONE)


@pytest.mark.parametrize("name", KILLS)
def test_killed_and_run_again(name: str, lake: Home) -> None:
    (lake.root / "export.csv").write_text(f"title\n{TITLE}\n", encoding="utf-8")
    process = start(take_gone, lake.root)
    wait_for(lake.root, KILLS[name], process)
    process.kill()
    process.join()
    current = snapshots.current(lake)
    assert ask("SELECT count(*) FROM articles", current)[0][0] in (7, 8)
    assert targets.unfinished(lake) or process.exitcode == 0
    finish(start(take_gone, lake.root) if targets.unfinished(lake) else start(int))
    verify(lake)
    found = scan.scan(lake, scan.Needles((), {"更正：生产线为三条，特此说明并向读者致歉。"}, {GONE}))
    assert not found.leaks
    assert not found.elsewhere
    assert ask("SELECT count(*) FROM articles") == [(7,)]
    verify(lake)


def test_by_the_command(lake: Home) -> None:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "newslake.cli", "takedown", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    asked = call(GONE)
    assert (asked.returncode, "--yes" in asked.stderr) == (2, True)
    assert call(GONE, "--source", "x").returncode == 2
    done = call(GONE, "--yes", "--reason", "request")
    assert done.returncode == 0, done.stderr
    assert "removed the snapshots that held it: 000002, 000003" in done.stdout
    assert "scan:" in done.stdout
