"""300 bad documents of 12 kinds among good ones: all are in quarantine, and replay restores those of a mended rule."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.lake import processes

from newslake import cli, config, pipeline
from newslake.config import Home
from newslake.errors import BatchStopped
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.lake.verify import conservation, verify
from newslake.sources import FilesSource

pytestmark = pytest.mark.lake

EACH, GOOD = 25, 100
MENDED_NESTING, MENDED_ATTRIBUTES, MENDED_TITLE = 400, 320, 312
POINTERS = "".join(f"<li><a href=/{n}.html>临江区第{n}次工作会议召开 部署重点任务</a></li>" for n in range(10, 30))


def body(number: int) -> str:
    return (
        f"临江区召开第{number}次调度会，部署年底前的重点任务。会议要求，把责任落到人，一项一项抓落实。"
        f"区长林向东说，第{number}批任务已经完成，居民搬进了新楼。"
    )


def record(number: int, **others: object) -> bytes:
    fields = {"url": f"https://e.example/{number}.html", "title": f"第{number}次调度会召开", "text": body(number)}
    given = {name: value for name, value in {**fields, **others}.items() if value is not None}
    return json.dumps(given, ensure_ascii=False).encode()


def page(number: int, inside: str) -> bytes:
    return f"<html><head><title>第{number}次会</title></head><body>{inside}</body></html>".encode()


def nested(number: int, depth: int) -> bytes:
    return page(number, "<div>" * depth + f"<h1>第{number}次会</h1><p>{body(number)}</p>" + "</div>" * depth)


def attributed(number: int, count: int) -> bytes:
    attributes = " ".join(f"a{place}=1" for place in range(count))
    return page(number, f"<h1>第{number}次会</h1><p {attributes}>{body(number)}</p>")


class Kind(NamedTuple):
    """A kind of bad document: reason, ending, the bytes of its n-th, and up to which n the mended rules take it in."""

    reason: str
    ending: str
    content: Any
    taken_in: int = 0


KINDS = (
    Kind("undecodable", ".txt", lambda n: f"临江区\ufffd\ufffd召开\ufffd第{n}次\ufffd会\ufffd".encode() * 3),
    Kind("empty", ".txt", lambda n: b" " * (n + 1)),
    Kind("error_page", ".html", lambda n: page(n, f"<h1>404 Not Found</h1><hr>nginx/{n}")),
    Kind("login_wall", ".html", lambda n: page(n, f"<h1>用户登录{n}</h1>账号<input>密码<input type=password>")),
    Kind("list_page", ".html", lambda n: page(n, f"<h2>要闻{n}</h2><ul>{POINTERS}</ul>")),
    Kind("binary", ".html", lambda n: b"\x89PNG\r\n\x1a\n" + bytes([n])),
    Kind("truncated", ".json", lambda n: record(2_000 + n)[:-20]),
    Kind("truncated_gzip", ".txt.gz", lambda n: gzip.compress(body(3_000 + n).encode() * 20, mtime=0)[:-12]),
    Kind("published_not_in_future", ".json", lambda n: record(4_000 + n, published_at="2099-02-03 10:00:00")),
    Kind("no_text_field", ".json", lambda n: record(5_000 + n, text=None, zhengwen=body(5_000 + n)), EACH),
    Kind("too_deep", ".html", lambda n: nested(6_000 + n, 250 if n < 9 else 600), 9),
    Kind("too_large", ".html", lambda n: attributed(7_000 + n, 310 if n < 7 else 330), 7),
)
"""No kind is without title or date: such articles are taken, with nulls. Oversized ones are so by attributes: 25 of the 16 MB
that are too large for any document would take half a gigabyte."""


def bad_folder(folder: Path) -> dict[str, tuple[str, bool]]:
    """Writes all of them; gives raw_id → (reason, whether mended rules take it in)."""
    expected = {}
    for kind in KINDS:
        for number in range(EACH):
            content = kind.content(number)
            path = folder / kind.reason / f"{number}{kind.ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            raw = content
            if kind.ending == ".txt.gz":
                with contextlib.suppress(EOFError), gzip.open(io.BytesIO(content)) as packed:
                    raw = b"".join(iter(lambda packed=packed: packed.read(1), b""))
            expected[hashlib.sha256(raw).hexdigest()] = kind.reason, number < kind.taken_in
    return expected


class Lake(NamedTuple):
    """A home in which they were run, and what they are."""

    home: Home
    folder: Path
    expected: dict[str, tuple[str, bool]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("bad")
    expected = bad_folder(folder / "in")
    (folder / "in" / "good.jsonl").write_bytes(b"\n".join(record(number) for number in range(GOOD)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        published = pipeline.run([FilesSource(name="input", path=folder / "in")], batch_size=150)[1]
        assert (published["articles"], published["quarantined"]) == (GOOD, 12 * EACH)
        yield Lake(Home(folder / "home"), folder, expected)


def ask(lake: Lake, query: str) -> list[tuple[Any, ...]]:
    with database.connect(current(lake.home)) as connection:
        return connection.execute(query).fetchall()


def called(*arguments: str) -> str:
    """What a command prints, in this process."""
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(output):
        patch.setattr(sys, "argv", ["newslake", *arguments])
        cli.main()
    return output.getvalue()


def replay_with_mended_rules(output: Path) -> None:
    """In a process of its own: four thresholds and lists are others, as if the code had been changed since."""
    from newslake.clean import defects, record, walk

    record._TEXT_KEYS = (*record._TEXT_KEYS, "zhengwen")
    walk.DEEPEST = MENDED_NESTING
    defects._MANY_ATTRIBUTES = f"boolean(//*[@*[{MENDED_ATTRIBUTES}]])"
    output.write_text(called("quarantine", "replay"), encoding="utf-8")


def mended(lake: Lake) -> str:
    output = lake.folder / "replayed.txt"
    processes.finish(processes.start(replay_with_mended_rules, output))
    return output.read_text(encoding="utf-8")


def test_all_three_hundred_are_in_quarantine_and_none_is_published(whole: Lake) -> None:
    rows = ask(whole, "SELECT raw_id, reason, is_replayed, detail <> '' AND url <> '' FROM quarantine")
    assert len(whole.expected) == 300
    assert {raw_id: (reason, *rest) for raw_id, reason, *rest in rows} == {
        raw_id: (reason, False, True) for raw_id, (reason, _) in whole.expected.items()
    }
    assert not {raw_id for (raw_id,) in ask(whole, "SELECT raw_id FROM articles")} & whole.expected.keys()
    assert conservation(current(whole.home)).missing == 0
    verify(whole.home)
    counts = called("quarantine", "list").splitlines()[1:]
    assert {tuple(line.split()[:3:2]) for line in counts} == {(str(EACH), kind.reason) for kind in KINDS}
    (runs,) = ask(
        whole,
        "SELECT map_from_entries(list((entry.key, entry.value))) FROM (SELECT unnest(map_entries(refusals)) AS entry FROM runs)",
    )
    assert runs[0] == {kind.reason: EACH for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.reason)
def test_each_is_shown_with_its_bytes(whole: Lake, kind: Kind, tmp_path: Path) -> None:
    raw_id = next(raw_id for raw_id, (reason, _) in whole.expected.items() if reason == kind.reason)
    shown = called("quarantine", "show", raw_id, "--output", str(tmp_path / "bytes"))
    assert re.search(rf"^reason +{kind.reason}$", shown, re.MULTILINE)
    content = (tmp_path / "bytes").read_bytes()
    assert hashlib.sha256(content).hexdigest() == raw_id
    if kind.reason == "binary":
        assert "00000000  89 50 4e 47 0d 0a 1a 0a" in shown


def test_replay_restores_what_mended_rules_let_pass_and_nothing_else(whole: Lake) -> None:
    """One after the other: without any change, with mended rules, and with these once more."""
    before = current(whole.home).name
    assert "published nothing new" in called("quarantine", "replay", "--reason", "too_deep")
    assert current(whole.home).name == before

    told = mended(whole)
    passing = {raw_id for raw_id, (_, is_taken) in whole.expected.items() if is_taken}
    assert Counter(whole.expected[raw_id][0] for raw_id in passing) == {
        "no_text_field": EACH,
        "too_deep": 9,
        "too_large": 7,
    }
    for line in ("9 too_deep taken in", "16 too_deep still refused", "7 too_large taken in", "25 empty still refused"):
        assert line in " ".join(told.split())
    rows = ask(whole, "SELECT raw_id, reason, is_replayed FROM quarantine")
    assert {raw_id: tuple(rest) for raw_id, *rest in rows} == whole.expected
    articles = {raw_id for (raw_id,) in ask(whole, "SELECT raw_id FROM articles")}
    assert articles & whole.expected.keys() == passing
    assert len(articles) == GOOD + len(passing)
    assert conservation(current(whole.home)).quarantined == 300 - len(passing)
    verify(whole.home)

    after = current(whole.home).name
    assert "259 documents replayed: published nothing new" in mended(whole)
    assert current(whole.home).name == after
    assert pipeline.run([])[1]["is_new"] is False
    assert not list((whole.home.state / "batches").glob("*.json"))


def test_too_much_refused_waits_for_a_look(whole: Lake, tmp_path: Path) -> None:
    """Of this source about half is refused usually."""
    (tmp_path / "in").mkdir()
    for number in range(60):
        (tmp_path / "in" / f"{number}.html").write_bytes(page(number, f"<h1>404 Not Found</h1><hr>apache/{number}"))
    source = FilesSource(name="input", path=tmp_path / "in")
    before = current(whole.home).name
    with pytest.raises(BatchStopped) as stopped:
        pipeline.run([source])
    told = str(stopped.value)
    assert re.search(r"source input: 60 of 60 documents are refused \(100%\), usually \d+% of 400:?\n", told)
    assert "60 error_page: e.g. file:in/0.html: the page says: 404 Not Found" in told
    assert "newslake run --accept-refusals input" in told
    assert current(whole.home).name == before
    verify(whole.home)
    waiting = called("quarantine", "list", "--stopped", "--source", "input").splitlines()[1:]
    assert len(waiting) == 60
    assert "apache" in called("quarantine", "show", "--stopped", waiting[0].split()[0])
    published = pipeline.run([source], accepted=["input"])[1]
    assert (published["quarantined"], published["documents"]) == (60, 60)
    verify(whole.home)
    assert config.home() == whole.home
