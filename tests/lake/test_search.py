"""A real lake: searched, exported, and opened by others while it is published."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from tests.lake import processes

from newslake import export_database, pipeline
from newslake.config import Home
from newslake.errors import UsageError
from newslake.lake import snapshots
from newslake.sources import FilesSource

pytestmark = pytest.mark.lake
TEXT = "临江区召开龙头港建设推进会，区委书记沈怀舟强调，要压实责任。会议要求，各镇街要把任务落到人。"
READER = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(connection.execute("SELECT count(*) FROM search('龙头港')").fetchone()[0])
"""


def publish(folder: Path, names: list[str]) -> None:
    for name in names:
        (folder / name).write_text(f"{name[0]}区消息\n\n{TEXT}{name}", encoding="utf-8")
    pipeline.run([FilesSource(name="input", path=folder)])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("searched")
    (folder / "articles").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        publish(folder / "articles", ["a.txt", "b.txt"])
    return Home(folder / "home")


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def read_from(folder: Path, database: Path) -> str:
    """Asks the analysts' file in another process, from another folder."""
    command = [sys.executable, "-c", READER, str(database)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_index_has_every_article(whole: Home) -> None:
    query = "SELECT count(*), (SELECT count(*) FROM articles), min(word_count) > 10 FROM search_index WHERE bucket = 0"
    assert rows(whole.database, query) == [(2, 2, True)]


def test_file_opens_from_any_folder_while_it_is_published(
    whole: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLAKE_HOME", str(whole.root))
    monkeypatch.chdir(tmp_path)
    articles = tmp_path / "more"
    articles.mkdir()
    publisher = processes.start(publish, articles, ["c.txt"])
    seen = {read_from(tmp_path, whole.database)}
    while publisher.is_alive():
        seen.add(read_from(tmp_path, whole.database))
    processes.finish(publisher)
    seen.add(read_from(tmp_path, whole.database))
    assert seen <= {"2", "3"}
    assert read_from(tmp_path, whole.database) == "3"


def test_export_stands_alone(whole: Home, tmp_path: Path) -> None:
    path = tmp_path / "lake.duckdb"
    snapshot = snapshots.current(whole)
    export_database.write(snapshot, path, is_forced=False)
    tables = {name for (name,) in rows(path, "SELECT table_name FROM duckdb_tables()")}
    assert {"articles", "search_index", export_database.MARK} <= tables
    assert "read_parquet" not in str(rows(path, "SELECT sql FROM duckdb_views() WHERE NOT internal"))
    for query in (
        "FROM search('龙头港建设')",
        "FROM articles_on('责任')",
        "SELECT count(*) FROM articles",
        "FROM register_of('x')",
    ):
        assert rows(path, query) == rows(whole.database, query)
    assert rows(path, "SELECT comment FROM duckdb_tables() WHERE comment IS NULL") == []
    assert path.read_bytes()[12] <= 65, "the storage version of DuckDB 1.2"
    assert list(tmp_path.iterdir()) == [path]


def test_export_replaces_exports_only(whole: Home, tmp_path: Path) -> None:
    path = tmp_path / "lake.duckdb"
    snapshot = snapshots.current(whole)
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    with pytest.raises(UsageError, match="no export of newslake; name another file, or add --force"):
        export_database.write(snapshot, path, is_forced=False)
    assert rows(path, "FROM kept") == [(1,)]
    export_database.write(snapshot, path, is_forced=True)
    export_database.write(snapshot, path, is_forced=False)
    assert export_database.is_export(path)
    (tmp_path / "text.duckdb").write_text("a letter", encoding="utf-8")
    with pytest.raises(UsageError, match="no export"):
        export_database.write(snapshot, tmp_path / "text.duckdb", is_forced=False)
    with pytest.raises(UsageError, match="folder"):
        export_database.write(snapshot, tmp_path / "missing" / "lake.duckdb", is_forced=False)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["lake.duckdb", "text.duckdb"]


@pytest.mark.parametrize("asked", ["'", "%", "[", "\\", None, "'; DROP TABLE articles; --"])
@pytest.mark.parametrize("macro", ["search", "articles_on", "similar_to", "register_of"])
def test_macros_take_anything(whole: Home, macro: str, asked: str | None) -> None:
    with duckdb.connect(str(whole.database), read_only=True) as connection:
        assert connection.execute(f"FROM {macro}($asked)", {"asked": asked}).fetchall() == []
