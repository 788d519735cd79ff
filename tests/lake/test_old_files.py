"""Files that were written before a column was added, renamed, retyped or removed are read, merged and rewritten."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from newslake.config import PROJECT, Home
from newslake.errors import LakeError
from newslake.lake import layouts, relations
from newslake.lake.delta import DeltaFolder
from newslake.lake.layouts import DIFFERENT, Layout
from newslake.lake.snapshots import Snapshot
from newslake.tables import ALL, Column, Table
from newslake.tables.kinds import sql_type

TOMORROW = {
    "tables/articles.py": (
        ('Column("editor", pa.string(),', 'Column("edited_by", pa.string(), formerly="editor", description='),
        (r' *Column\("reviewer".*\n', ""),
        ('Column("paragraph_count", pa.int32(),', 'Column("paragraph_count", pa.int64(),'),
        (
            r"    \),\n    checks=",
            '        Column("mood", pa.string(), "how it reads"),\n'
            '        Column("weight", pa.int32(), "how much it counts", nullable=False, default="1"),\n'
            '    ),\n    version="2.0.0",\n    checks=',
        ),
    ),
    "parse/__init__.py": (
        (
            re.escape("article.values[field.name] for"),
            '{**article.values, "edited_by": article.values["editor"], "mood": "calm", "weight": 2}[field.name] for',
        ),
    ),
}
"""File → what the software of tomorrow has instead: `articles` 2.0.0."""


def record(number: int, more: str = "") -> str:
    text = f"记者从现场了解到，第{number}批任务完成，{number * 7919}号楼明年改造。{more}"
    content = {
        "url": f"https://e.example/{number}",
        "title": f"第{number}次会议",
        "text": text,
        "editor": f"阮青{number}",
        "published_at": f"2024-0{number % 3 + 1}-02",
    }
    return json.dumps(content, ensure_ascii=False) + "\n"


@pytest.fixture(scope="module")
def tomorrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of which the tables have changed."""
    folder = tmp_path_factory.mktemp("tomorrow")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(PROJECT / "include", folder / "include", ignore=ignored)
    (folder / "seeds").symlink_to(PROJECT / "seeds")
    for name, changes in TOMORROW.items():
        path = folder / "include" / "newslake" / name
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            text, count = re.subn(old if "\\" in old else re.escape(old), new.replace("\\", r"\\"), text, count=1)
            assert count == 1, f"{name} has no {old}"
        path.write_text(text, encoding="utf-8")
    return folder


def newslake(project: Path, home: Path, *arguments: str) -> str:
    """Runs a command of a checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSLAKE")}
    environment |= {"PYTHONPATH": str(project / "include"), "NEWSLAKE_HOME": str(home)}
    command = [sys.executable, "-m", "newslake.cli", *arguments]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory, tomorrow: Path) -> tuple[Path, Path, list[str]]:
    """A lake of today, the same after tomorrow's software has published into it, and what that one saw before."""
    folder = tmp_path_factory.mktemp("old_files")
    today, home, texts = folder / "today", folder / "home", folder / "texts"
    texts.mkdir()
    (texts / "a.jsonl").write_text("".join(map(record, range(6))), encoding="utf-8")
    newslake(PROJECT, today, "run", "--input", str(texts / "a.jsonl"))
    newslake(PROJECT, today, "run", "--input", str(texts / "a.jsonl"))
    shutil.copytree(today, home, symlinks=True)
    question = "SELECT url, edited_by, mood, weight, paragraph_count FROM articles ORDER BY url"
    seen = newslake(tomorrow, home, "query", "--format", "csv", question).splitlines()
    # One new article, a new version of the first one, and the second one stays in its file with others.
    (texts / "b.jsonl").write_text(record(0, "后续工作正在推进。") + record(7), encoding="utf-8")
    newslake(tomorrow, home, "run", "--input", str(texts / "b.jsonl"))
    return today, home, seen


def rows(home: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "newslake.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.lake
def test_newer_software_reads_an_older_lake(described: tuple[Path, Path, list[str]]) -> None:
    assert described[2] == [
        "url,edited_by,mood,weight,paragraph_count",
        *(f"https://e.example/{number},阮青{number},,1,1" for number in range(6)),
    ]


@pytest.mark.lake
def test_what_it_publishes_stands_beside_and_in_place_of_old_rows(described: tuple[Path, Path, list[str]]) -> None:
    _, home, _ = described
    found = rows(home, "SELECT url, edited_by, mood, weight, paragraph_count FROM articles ORDER BY url")
    assert found == [
        (f"https://e.example/{number}", f"阮青{number}", *(("calm", 2) if number in (0, 7) else (None, 1)), 1)
        for number in (0, 1, 2, 3, 4, 5, 7)
    ]
    versions = "SELECT url, edited_by, mood, weight, version_no FROM article_versions"
    assert rows(home, versions) == [("https://e.example/0", "阮青0", None, 1, 0)]


@pytest.mark.lake
def test_the_lake_is_whole(described: tuple[Path, Path, list[str]], tomorrow: Path) -> None:
    assert "8 documents = 7 articles + 1 superseded" in newslake(tomorrow, described[1], "verify")


@pytest.mark.lake
def test_old_readers_have_their_columns(described: tuple[Path, Path, list[str]]) -> None:
    today, home, _ = described
    query = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{}' ORDER BY column_index"
    assert rows(home, query.format("articles_v1")) == rows(today, query.format("articles"))
    columns = "article_id, title, editor, reviewer, paragraph_count, text"
    kept = f"SELECT {columns} FROM {{}} WHERE url NOT IN ('https://e.example/0', 'https://e.example/7') ORDER BY url"
    assert rows(home, kept.format("articles_v1")) == rows(today, kept.format("articles"))
    assert rows(home, "SELECT editor FROM articles_v1 ORDER BY url LIMIT 1") == [("阮青0",)]
    told = rows(home, "SELECT comment FROM duckdb_views() WHERE view_name = 'articles_v1'")
    assert told == [
        ("articles with the columns of version 1.0.0, for readers of before 2.0.0; it goes with 3.0.0",),
    ]


@pytest.mark.lake
def test_the_manifest_says_which_files_are_old(described: tuple[Path, Path, list[str]]) -> None:
    today, home, _ = (Home(described[0]), Home(described[1]), None)
    before, after = (Snapshot(one.current.resolve()) for one in (today, home))
    assert after.number == before.number + 1
    told = after.manifest["tables"]["articles"]
    assert set(told["partly"]) == {"editor", "reviewer", "edited_by", "mood", "weight"}
    assert told["columns"]["paragraph_count"] == DIFFERENT
    assert before.manifest["tables"]["articles"]["partly"] == []
    assert all(
        not state["partly"] for name, state in after.manifest["tables"].items() if not name.startswith("article")
    )


@pytest.mark.lake
def test_delta_readers_see_the_new_columns(described: tuple[Path, Path, list[str]]) -> None:
    table = DeltaTable(str(Home(described[1]).delta / "articles"))
    assert {"edited_by", "mood", "weight"} <= {field.name for field in table.schema().fields}


@pytest.mark.lake
def test_old_files_do_not_keep_months_from_being_skipped(described: tuple[Path, Path, list[str]]) -> None:
    query = "EXPLAIN ANALYZE SELECT edited_by, mood FROM articles WHERE published_month = '2024-02'"
    plan = str(rows(described[1], query)[0][1])
    assert re.search(r"Scanning Files: (\d)/(\d)", plan)
    scanned, total = map(int, re.findall(r"Scanning Files: (\d)/(\d)", plan)[0])
    assert scanned < total


OLD = Table(
    "things",
    "one thing",
    "Things.",
    (
        Column("name", pa.string(), "its name", nullable=False),
        Column("size", pa.int32(), "its size"),
        Column("month", pa.string(), "its month", nullable=False),
    ),
    ("name",),
    partition="month",
)
NEW = replace(
    OLD,
    columns=(
        Column("name", pa.string(), "its name", nullable=False),
        Column("width", pa.int64(), "its size", formerly="size", default="-1"),
        Column(
            "parts",
            pa.list_(pa.struct([("text", pa.string()), ("end", pa.int32())])),
            "its parts",
            nullable=False,
            default="[]",
        ),
        Column("seen_at", pa.timestamp("us", tz="UTC"), "when it was seen"),
        Column("month", pa.string(), "its month", nullable=False),
    ),
    version="2.0.0",
)


def put(folder: Path, table: Table, month: str, number: int, content: list[dict[str, object]]) -> str:
    path = folder / f"month={month}" / f"{number}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = table.from_rows([{**row, "month": month} for row in content])
    pq.write_table(rows.drop_columns(["month"]), path)
    return str(path)


def read(paths: Sequence[str], table: Table) -> list[dict[str, object]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        relations.view(connection, "found", table, paths)
        content = relations.rows(connection, table, "FROM found ORDER BY name")
    assert content.schema.equals(table.schema, check_metadata=True)
    return content.to_pylist()


def test_old_and_new_files_are_one_relation(tmp_path: Path) -> None:
    paths = [
        put(tmp_path, OLD, "2024-01", 1, [{"name": "a", "size": 3}, {"name": "b", "size": None}]),
        put(tmp_path, NEW, "2024-01", 2, [{"name": "c", "width": 2**40, "parts": [{"text": "x", "end": 1}]}]),
    ]
    for given in (paths, paths[::-1]):
        found = [(row["name"], row["width"], row["parts"], row["seen_at"], row["month"]) for row in read(given, NEW)]
        assert found == [
            ("a", 3, [], None, "2024-01"),
            ("b", -1, [], None, "2024-01"),
            ("c", 2**40, [{"text": "x", "end": 1}], None, "2024-01"),
        ]
    assert [row["width"] for row in read(paths[:1], NEW)] == [3, -1]
    assert read(paths[1:], NEW)[0]["width"] == 2**40


def test_a_column_that_was_retyped_is_cast_or_is_its_default(tmp_path: Path) -> None:
    words = replace(OLD, columns=(OLD.columns[0], Column("size", pa.string(), "in words"), OLD.columns[2]))
    paths = [
        put(tmp_path, words, "2024-01", 1, [{"name": "a", "size": "12"}]),
        put(tmp_path, OLD, "2024-02", 2, [{"name": "b", "size": 7}]),
    ]
    assert [row["size"] for row in read(paths, OLD)] == [12, 7]
    assert [row["size"] for row in read(paths, words)] == ["12", "7"]
    paths.append(put(tmp_path, words, "2024-03", 3, [{"name": "c", "size": "large"}]))
    with pytest.raises(duckdb.ConversionException, match="large"):
        read(paths, OLD)
    name, size, month = OLD.columns
    assert [row["size"] for row in read(paths, replace(OLD, columns=(name, replace(size, default="0"), month)))] == [
        12,
        7,
        0,
    ]


def test_a_part_that_was_added_to_a_struct_is_null_in_old_files(tmp_path: Path) -> None:
    name, _, month = OLD.columns
    kinds = [
        pa.list_(pa.struct([("text", pa.string())])),
        pa.list_(pa.struct([("text", pa.string()), ("pos", pa.string())])),
    ]
    before, after = (replace(OLD, columns=(name, Column("parts", kind, "its parts"), month)) for kind in kinds)
    paths = [
        put(tmp_path, before, "2024-01", 1, [{"name": "a", "parts": [{"text": "x"}]}]),
        put(tmp_path, after, "2024-02", 2, [{"name": "b", "parts": [{"text": "y", "pos": "n"}]}]),
    ]
    for given in (paths, paths[::-1]):
        assert [row["parts"] for row in read(given, after)] == [
            [{"text": "x", "pos": None}],
            [{"text": "y", "pos": "n"}],
        ]
    assert [row["parts"] for row in read(paths[:1], after)] == [[{"text": "x", "pos": None}]]


def test_what_is_the_same_is_read_as_it_stands(tmp_path: Path) -> None:
    """A cast or a coalesce would keep DuckDB from skipping row groups."""
    path = put(tmp_path, NEW, "2024-01", 1, [{"name": "c", "width": 1, "parts": []}])
    layout = layouts.of_files([path])
    assert layout == layouts.of_table(NEW)
    assert not layout.is_mixed
    assert (
        layouts.selected(layouts.values(NEW, layout, is_folded=True)) == '"name", "width", "parts", "seen_at", "month"'
    )
    assert "union_by_name" not in layouts.scan(NEW, "'x'", layout, is_folded=True)


def test_files_that_differ_are_told() -> None:
    found = layouts.together([Layout({"a": "INTEGER", "b": "VARCHAR"}), Layout({"a": "BIGINT", "c": "DATE"}, ("c",))])
    assert found == Layout({"a": DIFFERENT, "b": "VARCHAR", "c": "DATE"}, ("b", "c"))
    assert found.is_mixed
    assert layouts.together([Layout({"a": DIFFERENT}), Layout({"a": "DATE"})]).columns == {"a": DIFFERENT}


def test_types_are_called_as_duckdb_calls_them() -> None:
    with duckdb.connect() as connection:
        for table in ALL:
            connection.register("empty", table.empty())
            told = {row[0]: row[1] for row in connection.execute("DESCRIBE empty").fetchall()}
            # DuckDB writes only those names in quotes that need them.
            assert {column.name: sql_type(column.type).replace('"', "") for column in table.columns} == {
                name: kind.replace('"', "") for name, kind in told.items()
            }


def test_a_table_that_is_newer_than_the_files_is_empty(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        relations.view(connection, "found", NEW, [str(tmp_path / "empty.parquet")])
        assert connection.execute("SELECT * FROM found").fetchall() == []
        assert [row[0] for row in connection.description or ()] == [*NEW.column_names, "filename"]


def test_delta_gets_a_column_once_and_never_over_another_publisher(tmp_path: Path) -> None:
    first = DeltaFolder(tmp_path / "things", OLD)
    assert first.restore(0) == 0
    assert first.commit(first.write(OLD.from_rows([{"name": "a", "month": "2024-01"}])), [], "first") == 1
    table = replace(OLD, columns=(*OLD.columns, Column("mood", pa.string(), "how it is")))
    second, late = (DeltaFolder(tmp_path / "things", table) for _ in range(2))
    assert (second.restore(1), late.restore(1)) == (1, 1)
    for version, name in ((3, "b"), (4, "c")):
        added = second.write(table.from_rows([{"name": name, "month": "2024-01", "mood": "calm"}]))
        assert second.commit(added, [], "second") == version
    with pytest.raises(LakeError, match="somebody else has published meanwhile"):
        late.commit(added, [], "late")
    content = DeltaTable(str(tmp_path / "things")).to_pyarrow_table(columns=["name", "mood"]).sort_by("name")
    assert content.to_pydict() == {"name": ["a", "b", "c"], "mood": [None, "calm", "calm"]}
