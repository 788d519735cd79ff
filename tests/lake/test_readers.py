"""Whoever opens a table, with whatever reader, finds the same rows."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from newslake import cli, pipeline
from newslake.config import Home
from newslake.errors import ConfigError
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.sources import FilesSource
from newslake.tables import PUBLISHED, Table

Rows = list[str]
BY_NAME = pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.name)
TEXT = "临江区召开调度会，部署年底前的重点任务。会议要求，各镇街要把责任落到人。"


def fill(home: Path, path: Path | str) -> Home:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(home))
        pipeline.run([path if isinstance(path, str) else FilesSource(name="input", path=path)])
    return Home(home)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The sample articles."""
    return fill(tmp_path_factory.mktemp("full") / "home", "samples")


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One article without date or people: several tables are empty, every nullable column is null."""
    folder = tmp_path_factory.mktemp("sparse")
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    return fill(folder / "home", folder / "a.txt")


@pytest.fixture(scope="module", params=["full", "sparse"])
def home(request: pytest.FixtureRequest) -> Home:
    found: Home = request.getfixturevalue(request.param)
    return found


def plain(value: Any) -> Any:
    """One form for what readers give as tuples, arrays, dictionaries, categories, NaN, NaT or floats for integers."""
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return None
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else round(value, 6)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    if isinstance(value, bytes | date):
        return value.hex() if isinstance(value, bytes) else value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {str(key): plain(inner) for key, inner in value}
        return [plain(item) for item in value]
    return value


def normal(rows: list[dict[str, Any]], table: Table) -> Rows:
    """Rows as sorted JSON; an empty map and an empty list are the same to some readers."""
    if rows:
        assert set(rows[0]) == set(table.column_names)
    maps = [column.name for column in table.columns if str(column.type).startswith("map")]
    found = []
    for row in rows:
        values = {name: plain(row[name]) for name in table.column_names}
        values.update({name: values[name] or {} for name in maps})
        found.append(json.dumps(values, ensure_ascii=False))
    return sorted(found)


def by_pandas(home: Home, table: Table) -> list[dict[str, Any]]:
    import pandas

    frame = pandas.read_parquet(home.current / table.name)
    assert list(frame.columns) == list(dict.fromkeys(frame.columns))
    assert set(frame.columns) == set(table.column_names)
    rows: list[dict[str, Any]] = frame.astype(object).to_dict("records")
    return rows


def by_pyarrow(home: Home, table: Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(home.current / table.name).to_pylist()
    return rows


def by_duckdb_glob(home: Home, table: Table) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows: list[dict[str, Any]] = (
            connection.sql(f"FROM '{home.current}/{table.name}/**/*.parquet'").to_arrow_table().to_pylist()
        )
    return rows


def by_delta(home: Home, table: Table) -> list[dict[str, Any]]:
    delta = DeltaTable(str(home.raw if table.name == "raw_documents" else home.delta / table.name))
    assert delta.version() == current(home).tables[table.name].version
    rows: list[dict[str, Any]] = delta.to_pyarrow_table().to_pylist()
    return rows


def by_delta_and_duckdb(home: Home, table: Table) -> list[dict[str, Any]]:
    """The Delta log's files, each read alone: no file of the log may be stale or missing."""
    delta = DeltaTable(str(home.raw if table.name == "raw_documents" else home.delta / table.name))
    rows: list[dict[str, Any]] = []
    for uri in delta.file_uris():
        part = pq.read_table(uri, partitioning=None).to_pylist()
        value = {table.partition: Path(uri).parent.name.split("=", 1)[1]} if table.partition else {}
        rows += [{**row, **value} for row in part]
    return rows


def by_analysts_file(home: Home, table: Table) -> list[dict[str, Any]]:
    with duckdb.connect(str(home.database), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows: list[dict[str, Any]] = connection.sql(f"FROM {table.name}").to_arrow_table().to_pylist()
    return rows


def expected(home: Home, table: Table) -> Rows:
    with database.connect(current(home)) as connection:
        return normal(connection.sql(f"FROM {table.name}").to_arrow_table().to_pylist(), table)


READERS = (by_pandas, by_pyarrow, by_duckdb_glob, by_delta, by_delta_and_duckdb, by_analysts_file)


@BY_NAME
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_same_rows(home: Home, table: Table, reader: Callable[[Home, Table], list[dict[str, Any]]]) -> None:
    wanted = expected(home, table)
    assert len(wanted) == current(home).tables[table.name].rows
    assert normal(reader(home, table), table) == wanted


@BY_NAME
def test_command_line_gives_the_same_rows(
    home: Home, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLAKE_HOME", str(home.root))
    output = tmp_path / "answer.parquet"
    monkeypatch.setattr(
        sys, "argv", ["newslake", "query", f"FROM {table.name}", "--format", "parquet", "--output", str(output)]
    )
    cli.main()
    wanted = expected(home, table)
    assert normal(pq.read_table(output).to_pylist(), table) == wanted
    assert pq.read_schema(output).names == list(table.column_names)
    if not any(str(column.type) == "binary" for column in table.columns):
        text = tmp_path / "answer.json"
        monkeypatch.setattr(
            sys, "argv", ["newslake", "query", f"FROM {table.name}", "--format", "json", "--output", str(text)]
        )
        cli.main()
        assert len(json.loads(text.read_text(encoding="utf-8"))) == len(wanted)


def test_the_two_lakes_hold_what_they_should(full: Home, sparse: Home) -> None:
    counts = {table.name: current(full).tables[table.name].rows for table in PUBLISHED}
    assert counts["articles"] > 60
    assert [name for name, count in counts.items() if count == 0] == ["article_versions"]
    empty = {table.name for table in PUBLISHED if current(sparse).tables[table.name].rows == 0}
    assert empty >= {"article_versions", "mentions", "quarantine"}


def test_the_analysts_file_opens_anywhere(full: Home, tmp_path: Path) -> None:
    """In another process and working folder, without newslake; the marts too, with every view's rows."""
    code = (
        "import duckdb, sys\n"
        "with duckdb.connect(sys.argv[1], read_only=True) as c:\n"
        "    names = [n for (n,) in c.execute('SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1').fetchall()]\n"
        "    for name in names: print(name, c.execute(f'SELECT count(*) FROM {name}').fetchone()[0])\n"
    )
    command = [sys.executable, "-I", "-c", code, str(full.database)]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    counts = {name: int(count) for name, count in (line.split() for line in answer.stdout.splitlines())}
    assert {table.name for table in PUBLISHED} <= set(counts)
    assert {table.name: counts[table.name] for table in PUBLISHED} == {
        name: state.rows for name, state in current(full).tables.items()
    }
    assert [name for name, count in counts.items() if count == 0] == ["article_versions"]


def test_offsets_hold_for_every_reader(full: Home) -> None:
    """text[start:end] in Python, and substr in SQL, give the sentence, its tokens and the body blocks."""
    texts = {row["article_id"]: row["text"] for row in by_pyarrow(full, PUBLISHED_BY_NAME["articles"])}
    for name in ("sentences", "mentions", "blocks"):
        for row in by_pyarrow(full, PUBLISHED_BY_NAME[name]):
            if row["start"] is not None:
                assert texts[row["article_id"]][row["start"] : row["end"]] == row["text"]
            for token in row.get("tokens", ()):
                assert texts[row["article_id"]][token["start"] : token["end"]] == token["text"]
    with duckdb.connect(str(full.database), read_only=True) as connection:
        wrong = connection.execute(
            "SELECT count(*) FROM sentences AS s JOIN articles AS a USING (article_id) "
            'WHERE substr(a.text, s.start + 1, s."end" - s.start) != s.text'
        ).fetchall()
    assert wrong == [(0,)]


PUBLISHED_BY_NAME = {table.name: table for table in PUBLISHED}

HOMES = ["with space", "新闻", "semi;colon", 'dou"ble', "st*r", "o'brien"]
BROKEN_HOMES = ["br[ack]et", "100%25", "back\\slash", "q?mark", "language=en", "published_month=2020-01"]


@pytest.mark.lake
@pytest.mark.parametrize("name", HOMES)
def test_homes_with_odd_names(tmp_path: Path, name: str) -> None:
    """Twice: landing, planning and publishing read what the first run wrote."""
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    fill(tmp_path / name, path)
    path.write_text(f"{TEXT}区长林向东说，明年完成。", encoding="utf-8")
    home = fill(tmp_path / name, path)
    assert current(home).name == "000002"
    for read in (by_analysts_file, lambda home, table: [json.loads(row) for row in expected(home, table)]):
        rows = read(home, PUBLISHED_BY_NAME["articles"])
        assert [(row["language"], row["published_month"]) for row in rows] == [("zh", "undated")] * 2


@pytest.mark.parametrize("name", BROKEN_HOMES)
def test_homes_that_readers_would_misread(tmp_path: Path, name: str) -> None:
    """As a glob, a URL or hive partitions: refused before anything is written."""
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(ConfigError, match="set NEWSLAKE_HOME to another folder"):
        fill(tmp_path / name, path)
    assert list(tmp_path.iterdir()) == [path]
