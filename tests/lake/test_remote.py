"""A lake in an object store: what two machines see of it, and how it is told that a store is not whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from newslake import cli, config, pipeline
from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import remote, snapshots
from newslake.lake.store import Store
from newslake.sources import FilesSource
from newslake.tables import PUBLISHED

from . import rows
from .corpora import grow

pytestmark = pytest.mark.lake
URL = "s3://lake/whole"


@pytest.fixture(scope="module")
def whole(
    s3: dict[str, str], generated: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder with the homes `local`, of a local lake, and `first`, of the same in the store: two snapshots each."""
    folder = tmp_path_factory.mktemp("whole")
    source = FilesSource(name="input", path=folder / "articles")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3.items():
            patch.setenv(name, value)
        for start, end in ((0, 12), (12, 30)):
            grow(generated(30), folder / "articles", start, end)
            for home, url in (("local", ""), ("first", URL)):
                patch.setenv("NEWSLAKE_HOME", str(folder / home))
                patch.setenv("NEWSLAKE_LAKE", url)
                assert pipeline.run([source])[1]["is_new"]
        yield folder


@pytest.fixture
def at(whole: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Home]:
    """Chooses a home in the folder, with the store."""
    monkeypatch.setenv("NEWSLAKE_LAKE", URL)

    def choose(name: str) -> Home:
        monkeypatch.setenv("NEWSLAKE_HOME", str(whole / name))
        return config.home()

    return choose


def objects(url: str = URL) -> list[str]:
    return [f"{folder}/{name}" for folder in ("raw", "lake") for name in Store(url).names(folder)]


def test_the_store_holds_what_a_local_lake_holds(whole: Path) -> None:
    """Byte by byte: the same files under the same names, in the store and in both homes."""
    local, mirrored = (snapshots.current(Home(whole / name)) for name in ("local", "first"))
    assert rows.digest(local) == rows.digest(mirrored)
    store = Store(URL)
    for table in PUBLISHED:
        if table.name in rows.RUN_TABLES:
            continue
        state = local.tables[table.name]
        assert {file.path: file for file in state.files} == {
            file.path: file for file in mirrored.tables[table.name].files
        }
        folder = "raw" if table.name == "raw_documents" else f"lake/delta/{table.name}"
        for file in state.files:
            assert store.digest(f"{folder}/{file.path}") == file.sha256


def test_the_manifest_in_the_store_lists_the_files(whole: Path) -> None:
    content = Store(URL).get("lake/snapshots/000002/manifest.json")
    assert content is not None
    assert Store(URL).get("lake/snapshots/000002/_SUCCESS") == f"{hashlib.sha256(content).hexdigest()}\n".encode()
    manifest, mirrored = json.loads(content), snapshots.current(Home(whole / "first"))
    assert manifest["parent"] == "000001"
    for table in PUBLISHED:
        assert manifest["tables"][table.name]["files"] == [asdict(file) for file in mirrored.tables[table.name].files]


def test_another_machine_reads_it(whole: Path, at: Callable[[str], Home]) -> None:
    home = at("reader")
    answer = CliRunner().invoke(cli.newslake, ["query", "--format", "csv", "SELECT count(*) AS n FROM articles"])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.split() == ["n", "30"]
    assert rows.of(home.root) == rows.of(whole / "first")
    assert pipeline.verify()["snapshot"] == "000002"


def test_a_second_run_puts_nothing(whole: Path, at: Callable[[str], Home]) -> None:
    before = objects()
    for name in ("first", "second"):
        at(name)
        landed, published = pipeline.run([FilesSource(name="input", path=whole / "articles")])
        assert (published["is_new"], landed[0]["landed"]) == (False, 0)
    assert objects() == before


def test_delta_readers_open_the_store(whole: Path, at: Callable[[str], Home]) -> None:
    """delta-rs itself reads each table at the version that the manifest names."""
    home = at("first")
    snapshot = snapshots.current(home)
    for name in ("articles", "sentences", "raw_documents"):
        folder = "raw" if name == "raw_documents" else f"lake/delta/{name}"
        table = DeltaTable(f"{URL}/{folder}")
        assert table.version() == snapshot.tables[name].version
        found = table.to_pyarrow_table()
        here = DeltaTable(str(home.root / folder)).to_pyarrow_table()
        order = [(key, "ascending") for key in next(one for one in PUBLISHED if one.name == name).key]
        assert found.sort_by(order).equals(here.sort_by(order))
        assert found.num_rows == snapshot.tables[name].rows


@pytest.mark.parametrize("damage", ["changed", "missing", "commit changed", "manifest missing"])
def test_verify_names_the_damaged_object(at: Callable[[str], Home], damage: str) -> None:
    snapshot, store = snapshots.current(at("first")), Store(URL)
    key = {
        "commit changed": "lake/delta/articles/_delta_log/00000000000000000001.json",
        "manifest missing": f"lake/snapshots/{snapshot.name}/manifest.json",
    }.get(damage, f"lake/delta/articles/{snapshot.tables['articles'].files[0].path}")
    content = store.get(key)
    assert content
    if "changed" in damage:
        store.put(key, content[:-1] + bytes([content[-1] ^ 1]))
    else:
        store.delete(key)
    try:
        with pytest.raises(LakeError, match=f"{URL}/{key.removesuffix('/manifest.json')}"):
            pipeline.verify()
    finally:
        store.put(key, content)
    assert pipeline.verify()["snapshot"] == snapshot.name


def test_a_changed_object_is_not_fetched(whole: Path, at: Callable[[str], Home]) -> None:
    store = Store(URL)
    key = f"lake/delta/articles/{snapshots.current(at('first')).tables['articles'].files[0].path}"
    content = store.get(key)
    assert content
    store.put(key, content + b"!")
    try:
        home = at("deceived")
        with pytest.raises(LakeError, match=f"{key}: changed"):
            remote.refresh(home)
        assert not home.current.exists()
    finally:
        store.put(key, content)
    remote.refresh(home)
    assert rows.of(home.root) == rows.of(whole / "first")
