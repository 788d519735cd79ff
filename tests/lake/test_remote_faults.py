"""A publisher that is killed while it puts things into a store, and stores and settings that are refused."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Lock, Thread
from typing import ClassVar

import pytest

from newslake import config, pipeline
from newslake.config import Home
from newslake.errors import ConfigError, LakeError
from newslake.lake import remote
from newslake.lake.store import Store, StoreUnreachable, probe
from newslake.sources import FilesSource

from . import rows
from .corpora import first_and_all, grow, write
from .processes import start

pytestmark = pytest.mark.lake
KILLS = 4


def publish_until_put(number: int, staged: list[str]) -> None:
    """Is killed before the put of this number; not at all if there are fewer."""
    lock, left = Lock(), [number]

    def counted(put: Callable[..., object]) -> Callable[..., object]:
        def count(*arguments: object) -> object:
            with lock:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return put(*arguments)

        return count

    Store.put, Store.put_new = counted(Store.put), counted(Store.put_new)  # type: ignore[method-assign]
    pipeline.publish(staged)


def run_to_the_end(folder: Path) -> None:
    pipeline.run([FilesSource(name="input", path=folder)])


@pytest.fixture(scope="module")
def prepared(generated: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `home`, the mirror of `store`, in which more documents are landed and staged than the store has;
    originals of copies are among them, so files are added and rewritten. `kept` is what these two were at first."""
    folder, articles = tmp_path_factory.mktemp("prepared"), generated(100)
    first, everything = first_and_all(articles)
    source = FilesSource(name="input", path=write(first, articles, folder / "articles"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        patch.setenv("NEWSLAKE_LAKE", f"file://{folder}/store")
        pipeline.run([source])
        write(everything, articles, source.path)
        pipeline.acquire(source)
        for plan in pipeline.plan():
            pipeline.refine(plan)
    for name in ("home", "store"):
        shutil.copytree(folder / name, folder / "kept" / name, symlinks=True)
    return folder


def restore(folder: Path) -> None:
    for name in ("home", "store"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(folder / "kept" / name, folder / name, symlinks=True)


@pytest.fixture
def base(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`prepared`, as it was at first."""
    restore(prepared)
    monkeypatch.setenv("NEWSLAKE_HOME", str(prepared / "home"))
    monkeypatch.setenv("NEWSLAKE_LAKE", f"file://{prepared}/store")
    return prepared


def names(store: Path) -> set[str]:
    """Of the objects in a store that is a folder."""
    return {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()}


def test_killed_between_two_puts(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data files, commits, the manifest and its seal; then the same machine goes on, or another one."""
    home, other, store = base / "home", tmp_path / "other", base / "store"

    def staged_at(path: Path) -> list[str]:
        monkeypatch.setenv("NEWSLAKE_HOME", str(path))
        return [str(folder) for folder in (path / "state" / "staged").iterdir()]

    def publish_until(number: int) -> int | None:
        restore(base)
        process = start(publish_until_put, number, staged_at(home))
        process.join()
        return process.exitcode

    assert publish_until(10**9) == 0
    expected = rows.of(home)
    added = names(store) - names(base / "kept" / "store")
    # Data files first, then commits, then the manifest and its seal.
    first_commit = len(added) - 2 - sum("_delta_log" in name for name in added)
    for number in (
        0,
        first_commit // 2,
        *range(first_commit - 1, first_commit + 2),
        *range(len(added) - 4, len(added)),
    ):
        shutil.copytree(base / "kept" / "home" / "state" / "staged", other / "state" / "staged")
        assert publish_until(number) == -signal.SIGKILL
        for path in (home, other) if number % 2 else (other, home):
            assert pipeline.publish(staged_at(path))["snapshot"] == "000002"
            assert rows.of(path) == expected
        assert pipeline.verify()["snapshot"] == "000002"
        shutil.rmtree(other)


def test_killed_at_random_moments(
    s3_lake: Callable[[str], None], generated: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random, step = Random(4), 6
    for kill in range(KILLS):
        folder = grow(generated(step * KILLS), tmp_path / "articles", 0, step * (kill + 1))
        s3_lake("one")
        process = start(run_to_the_end, folder)
        time.sleep(random.uniform(0, 3))
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        s3_lake("two" if kill % 2 else "one")
        pipeline.run([FilesSource(name="input", path=folder)])
        pipeline.verify()
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path / "local"))
    url = os.environ["NEWSLAKE_LAKE"]
    monkeypatch.setenv("NEWSLAKE_LAKE", "")
    pipeline.run([FilesSource(name="input", path=folder)])
    monkeypatch.setenv("NEWSLAKE_LAKE", url)
    s3_lake("reader")
    remote.refresh(config.home())
    assert {name: count for name, (count, _) in rows.of(tmp_path / "reader").items()} == {
        name: count for name, (count, _) in rows.of(tmp_path / "local").items()
    }


class Careless(BaseHTTPRequestHandler):
    """Puts over what is there, whatever it is told."""

    objects: ClassVar[dict[str, bytes]] = {}

    def do_PUT(self) -> None:
        self.objects[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"")

    def do_GET(self) -> None:
        self._answer(200, self.objects[self.path])

    def do_POST(self) -> None:
        """Only to remove what was put."""
        wanted = self.rfile.read(int(self.headers["Content-Length"]))
        keys = b"".join(re.findall(rb"<Key>.*?</Key>", wanted))
        self._answer(200, b"<DeleteResult><Deleted>" + keys + b"</Deleted></DeleteResult>")

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sun, 01 Nov 2026 00:00:00 GMT")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Careless) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        for name, value in {"ALLOW_HTTP": "true", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield
        server.shutdown()


def test_a_store_that_puts_over_others_is_refused(careless: None, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLAKE_LAKE", "s3://bucket/lake")
    with pytest.raises(LakeError, match="puts an object over one that is there already"):
        remote.of(Home(home))
    assert not home.exists()


@pytest.mark.parametrize("url", ["memory:///", "file://{}/store"])
def test_a_store_that_does_not_is_taken(tmp_path: Path, url: str) -> None:
    store = Store(url.format(tmp_path))
    probe(store)
    assert store.names("probe") == []
    assert store.put_new("a/2", b"two")
    assert not store.put_new("a/2", b"other")
    assert store.put_same("a/2", b"two")
    assert not store.put_same("a/2", b"other")
    assert store.put_new("a/1", b"one")
    assert (store.names("a"), store.names("a", "1x"), store.get("a/2"), store.get("a/3")) == (
        ["1", "2"],
        ["2"],
        b"two",
        None,
    )


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s3://key:secret@bucket/x", "AWS_SECRET_ACCESS_KEY"),
        ("s3://bucket/x?secret=1", "has credentials or options in it"),
        ("ftp://bucket/x", "one of s3"),
        ("bucket/x", "say s3://bucket/folder"),
        ("s3://", "say s3://bucket/folder"),
        ("s3:/bucket/x", "NEWSLAKE_LAKE=s3:/bucket/x: must look like s3://bucket/folder"),
        ("s3:///bucket/x", "must look like s3://bucket/folder"),
        ("gs:/bucket/x", "must look like gs://bucket/folder"),
        ("file:///proc/none", "no such folder, and none can be made there"),
    ],
)
def test_addresses_that_cannot_be(home: Path, monkeypatch: pytest.MonkeyPatch, url: str, told: str) -> None:
    monkeypatch.setenv("NEWSLAKE_LAKE", url)
    with pytest.raises(ConfigError, match=told) as error:
        remote.of(Home(home))
    assert "secret@" not in str(error.value)
    assert "secret=1" not in str(error.value)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "no AWS_ACCESS_KEY_ID is set"),
        ({"AWS_ENDPOINT_URL": "https://127.0.0.1:1"}, "no AWS_ACCESS_KEY_ID is set"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "AWS_ENDPOINT_URL begins with http:.* set AWS_ALLOW_HTTP=true"),
        (
            {"AWS_ENDPOINT_URL_S3": "HTTP://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "a"},
            "AWS_ENDPOINT_URL_S3 begins with http:",
        ),
    ],
)
def test_settings_that_are_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    """Said before anything is asked: neither the store nor the machine's metadata service."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NEWSLAKE_LAKE", "s3://bucket/x")
    with pytest.raises(ConfigError, match=told):
        remote.of(Home(home))
    assert not home.exists()


def test_a_home_belongs_to_one_store(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = f"file://{tmp_path}/first", f"file://{tmp_path}/second"
    monkeypatch.setenv("NEWSLAKE_LAKE", first)
    assert remote.of(Home(home)) is not None
    for url in (second, ""):
        monkeypatch.setenv("NEWSLAKE_LAKE", url)
        with pytest.raises(ConfigError, match=f"mirrors the lake in {first}"):
            pipeline.plan()


def test_a_lake_of_its_own_is_not_touched(
    home: Path, generated: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FilesSource(name="input", path=generated(5))
    pipeline.run([source])
    before = rows.of(home)
    monkeypatch.setenv("NEWSLAKE_LAKE", f"file://{tmp_path}/store")
    with pytest.raises(ConfigError, match="holds a lake of its own"):
        pipeline.run([source])
    assert rows.of(home) == before


def test_a_store_that_does_not_answer(home: Path, s3: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NEWSLAKE_LAKE", "s3://nobucket/lake")
    with pytest.raises(LakeError, match="no such bucket"):
        pipeline.plan()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    # Airflow tries a task again for a ConnectionError.
    with pytest.raises(StoreUnreachable, match="AWS_ENDPOINT_URL") as error:
        pipeline.plan()
    assert isinstance(error.value, ConnectionError)


def test_a_store_that_lost_commits(base: Path, tmp_path: Path) -> None:
    """It was restored from an old backup: what this home has seen is not taken back, but told."""
    for lost in ("lake/snapshots/000001", "raw/_delta_log/00000000000000000002.json"):
        (base / "store" / lost).rename(tmp_path / "aside")
        with pytest.raises(LakeError, match="missing"):
            pipeline.publish([])
        (tmp_path / "aside").rename(base / "store" / lost)
    pipeline.publish([])
