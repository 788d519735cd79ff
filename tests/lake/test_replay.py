"""Replay of refused documents: among versions, beside what waits to be published, twice at once, killed, and by its options."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.lake import processes
from tests.lake.moments import Moment, wait_for
from tests.lake.rows import digest

from newslake import config, pipeline, refine, tables
from newslake.acquire import documents
from newslake.config import Home
from newslake.lake import database, raw, remote, staged
from newslake.lake.snapshots import current
from newslake.lake.verify import conservation, verify
from newslake.sources import FilesSource
from newslake.tables import SENTENCES, Check

pytestmark = pytest.mark.lake
GOOD = "区长林向东说，第一批任务已经完成。居民搬进了新楼。"


def strict(is_strict: bool, patch: pytest.MonkeyPatch) -> None:
    """A row check that is there for some time: no sentence holds 毒."""
    check = Check("no_poison", "contains(text, '毒')" if is_strict else "false", "no poison")
    sentences = replace(SENTENCES, checks=(*SENTENCES.checks, check))
    children = tuple(sentences if table is SENTENCES else table for table in staged.CHILDREN)
    patch.setattr(refine, "CHILDREN", children)
    patch.setitem(tables.TABLES, "sentences", sentences)
    patch.setattr(config, "rules", lambda: f"strict {is_strict}")


def versions(names: str, folder: Path) -> Path:
    """Records with one web address, of consecutive days."""
    address = {"url": "https://e.example/1.html", "title": "第1次调度会召开"}
    lines = [
        json.dumps({**address, "published_at": f"2024-01-0{day}", "text": f"{name}。{GOOD}"}, ensure_ascii=False)
        for day, name in enumerate(names, 1)
    ]
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder / "in.jsonl"


def ask(sql: str) -> list[tuple[Any, ...]]:
    with database.connect(current(config.home())) as connection:
        return connection.execute(sql).fetchall()


def refused() -> list[str]:
    return [raw_id for (raw_id,) in ask("SELECT DISTINCT raw_id FROM quarantine WHERE NOT is_replayed ORDER BY ALL")]


@pytest.fixture
def poisoned(home: Path, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Publishes versions of which the poisoned ones are refused; afterwards the rule is mended."""
    with pytest.MonkeyPatch.context() as patch:

        def run(names: str) -> None:
            strict(True, patch)
            pipeline.run([FilesSource(name="input", path=versions(names, tmp_path))])
            strict(False, patch)

        yield run


@pytest.mark.parametrize("names", ["毒乙", "甲毒", "毒毒"])
def test_what_passes_is_put_among_the_versions(poisoned: Callable[[str], None], names: str, home: Path) -> None:
    """As if it had never been refused, but for its row in quarantine."""
    poisoned(names)
    published = pipeline.replay(refused())
    assert (published["articles"], published["quarantined"]) == (names.count("毒"), 0)
    assert ask(
        "SELECT left(text, 1), version_no FROM article_versions UNION ALL SELECT left(text, 1), version_no FROM articles"
    ) == [
        (names[0], 0),
        (names[1], 1),
    ]
    assert ask("SELECT text FROM sentences WHERE sentence_no = 0") == [(f"{names[1]}。",)]
    assert ask("SELECT reason, is_replayed FROM quarantine") == [("no_poison", True)] * names.count("毒")
    verify(Home(home))
    assert pipeline.run([])[1]["is_new"] is False


def test_what_waits_to_be_published_goes_on_waiting(poisoned: Callable[[str], None], home: Path) -> None:
    """It was landed, and is in no snapshot: a replay neither loses it nor shows half of it."""
    poisoned("甲毒")
    waiting = documents.Document(
        "https://e.example/w.html", "text/plain", GOOD.encode(), datetime(2024, 1, 1, tzinfo=UTC)
    )
    for _ in raw.land(config.home(), [documents.table([waiting], "site")], "test"):
        pass
    assert pipeline.replay(refused())["articles"] == 1
    verify(Home(home))
    assert ask("SELECT count(*) FROM raw_documents") == [(2,)]
    assert pipeline.run([])[1]["articles"] == 1
    verify(Home(home))


def test_a_replay_that_another_one_has_overtaken_changes_nothing(
    poisoned: Callable[[str], None], home: Path, tmp_path: Path
) -> None:
    poisoned("甲毒")
    (batch,) = map(pipeline.refine, pipeline.plan(refused=refused()))
    shutil.copytree(batch, tmp_path / "late")
    assert pipeline.publish([batch])["is_new"]
    after = current(Home(home)).name
    shutil.copytree(tmp_path / "late", batch)
    assert not pipeline.publish([batch])["is_new"]
    assert current(Home(home)).name == after
    verify(Home(home))


def test_another_reason_takes_the_place_of_the_old_one(
    poisoned: Callable[[str], None], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned("甲毒")
    check = Check("no_poison_at_all", "contains(text, '毒')", "none at all")
    sentences = replace(SENTENCES, checks=(*SENTENCES.checks, check))
    monkeypatch.setattr(
        refine, "CHILDREN", tuple(sentences if table is SENTENCES else table for table in staged.CHILDREN)
    )
    monkeypatch.setitem(tables.TABLES, "sentences", sentences)
    published = pipeline.replay(refused())
    assert (published["is_new"], published["articles"], published["quarantined"]) == (True, 0, 1)
    assert ask("SELECT reason, is_replayed FROM quarantine") == [("no_poison_at_all", False)]
    verify(Home(home))
    assert not pipeline.replay(refused())["is_new"]


def replay_all() -> None:
    with pytest.MonkeyPatch.context() as patch:
        strict(False, patch)
        pipeline.replay(refused())


@pytest.mark.parametrize(
    "moment",
    [
        Moment("state/staged/*", 1),
        Moment("lake/delta/articles/*/*.parquet", 1),
        Moment("lake/delta/quarantine/_delta_log/*.json", 1),
        Moment("lake/snapshots/.building-*", 1),
        Moment("lake/snapshots/000002", 1),
    ],
    ids=lambda moment: moment.pattern,
)
def test_killed_it_leaves_the_old_or_the_new_and_one_more_completes(
    poisoned: Callable[[str], None], home: Path, moment: Moment
) -> None:
    poisoned("甲毒")
    before = digest(current(Home(home)))
    process = processes.start(replay_all)
    wait_for(home, moment, process)
    process.kill()
    process.join()
    # The analysts' file may show the old snapshot until the next run.
    assert conservation(current(Home(home))).missing == 0
    if current(Home(home)).name == "000001":
        assert digest(current(Home(home))) == before
    replay_all()
    pipeline.publish([])
    assert ask("SELECT left(text, 1) FROM articles") == [("毒",)]
    assert ask("SELECT reason, is_replayed FROM quarantine") == [("no_poison", True)]
    assert current(Home(home)).name == "000002"
    verify(Home(home))


def test_in_a_store(
    poisoned: Callable[[str], None], s3_lake: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one machine has refused, another one replays; a third sees it."""
    s3_lake("one")
    poisoned("毒乙")
    s3_lake("two")
    remote.refresh(config.home())
    published = pipeline.replay(refused())
    assert (published["snapshot"], published["articles"], published["quarantined"]) == ("000002", 1, 0)
    assert pipeline.replay(refused())["is_new"] is False
    wanted = digest(current(config.home()))
    for name in ("one", "three"):
        s3_lake(name)
        assert pipeline.verify()["snapshot"] == "000002"
        assert digest(current(config.home())) == wanted
        assert refused() == []
    assert conservation(current(config.home())).missing == 0
