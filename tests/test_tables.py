"""A table is defined once: page, Parquet, Delta, DuckDB and checks in a real lake all follow the definition."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from newslake import pipeline, validate
from newslake.config import Home
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.lake.staged import STAGED
from newslake.sources import FilesSource
from newslake.tables import ALL, ARTICLES, PUBLISHED, TABLES, Check, Column, Table, document

BY_NAME = pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.name)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("tables")
    texts = ["临江区召开调度会，区长林向东要求把责任落到人。", "高浦区一季度投资增长一成，<b>临江</b>其次。"]
    records = [
        {"url": f"https://e.example/{n}", "title": f"会议{n}", "text": text, "published_at": "2024-02-03"}
        for n, text in enumerate(texts)
    ]
    content = "\n".join(json.dumps(record, ensure_ascii=False) for record in [*records, {"title": "没有正文"}])
    (folder / "a.jsonl").write_text(content, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        pipeline.run([FilesSource(name="input", path=folder / "a.jsonl")])
    return Home(folder / "home")


def comment(table: Table) -> str:
    return f"{table.description} One row: {table.grain}."


def parquet_differences(home: Home, table: Table) -> list[str]:
    """Every file of the table in `current`: fields, types, nulls and descriptions, beside the partition's folder."""
    found = []
    for path in (home.current / table.name).rglob("*.parquet"):
        schema = pq.read_schema(path)
        is_folded = path.parent.name.startswith(f"{table.partition}=")
        fields = [field for field in table.schema if not (is_folded and field.name == table.partition)]
        if schema.metadata != table.schema.metadata or schema.names != [field.name for field in fields]:
            found.append(f"{path}: {schema}")
        for told, field in zip(schema, fields, strict=False):
            if (told.name, told.nullable, told.metadata) != (field.name, field.nullable, field.metadata) or not same(
                told.type, field.type
            ):
                found.append(f"{path}: {told}")
    return found


def delta_differences(home: Home, table: Table) -> list[str]:
    delta = DeltaTable(str(home.raw if table.name == "raw_documents" else home.delta / table.name))
    facts = delta.metadata()
    found = [] if (facts.name, facts.description) == (table.name, table.description) else ["name or description"]
    if facts.partition_columns != [name for name in [table.partition] if name]:
        found.append(f"partition {facts.partition_columns}")
    fields = [pa.field(field) for field in delta.schema().to_arrow()]
    if [field.name for field in fields] != list(table.column_names):
        return [*found, "columns"]
    for field, column in zip(fields, table.columns, strict=True):
        told = ({**(field.metadata or {})}.get(b"description") or b"").decode()
        if (field.nullable, told) != (column.nullable, column.comment) or not same(field.type, column.type):
            found.append(str(field))
    return found


def same(found: pa.DataType, expected: pa.DataType) -> bool:
    """Equal apart from the names that a format gives to the items of lists and maps."""
    if pa.types.is_list(expected):
        return pa.types.is_list(found) and same(found.value_type, expected.value_type)
    if pa.types.is_map(expected):
        return same(found.key_type, expected.key_type) and same(found.item_type, expected.item_type)
    return bool(found.equals(expected))


def duckdb_differences(connection: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    views = "SELECT comment FROM duckdb_views() WHERE view_name = ?"
    found = [] if connection.execute(views, [table.name]).fetchall() == [(comment(table),)] else ["comment of the view"]
    query = "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
    told = connection.execute(query, [table.name]).fetchall()
    with duckdb.connect() as plain:
        plain.register("empty", table.empty())
        types = [row[1] for row in plain.execute("DESCRIBE empty").fetchall()]
    wanted = [(column.name, kind, column.comment) for column, kind in zip(table.columns, types, strict=True)]
    return found + [str(pair) for pair in zip_longest(told, wanted) if pair[0] != pair[1]]


def validation_differences(home: Home, table: Table) -> list[str]:
    """What was checked in the run, against the table's own checks (those of the whole run are left out)."""
    with database.connect(current(home)) as connection:
        rows = connection.execute(
            "SELECT check_name, kind, description FROM validation_results WHERE table_name = ? "
            "AND check_name NOT IN ('row_count_like_before', 'every_document_is_accounted_for')",
            [table.name],
        ).fetchall()
    checks = {(check.name, check.kind, check.description) for check in table.all_checks}
    return sorted(str(row) for row in checks ^ set(rows))


def test_the_page_is_up_to_date() -> None:
    assert document.PATH.read_text(encoding="utf-8") == document.markdown(), "run: python -m newslake.tables.document"


def test_the_page_of_views_is_up_to_date() -> None:
    text = document.VIEWS_PATH.read_text(encoding="utf-8")
    assert text == document.views_markdown(), "run: python -m newslake.tables.document"


def test_every_column_of_every_view_is_explained(home: Home) -> None:
    with database.connect(current(home)) as connection:
        told = connection.execute(
            "SELECT table_name, column_name, columns.comment FROM duckdb_columns() AS columns "
            "JOIN duckdb_views() AS views ON view_name = table_name "
            "WHERE NOT views.internal AND columns.schema_name = 'main' ORDER BY table_name, column_index"
        ).fetchall()
    assert [row[:2] for row in told if not row[2]] == []
    text = document.views_markdown()
    of_views = [row for row in told if row[0] not in TABLES and row[0] != "sources"]
    assert len(of_views) > 100
    assert [row for row in of_views if f"| `{row[1]}` | {row[2]} |\n" not in text.split(f"## {row[0]}\n")[1]] == []


def test_the_page_names_every_column_and_check() -> None:
    sections = dict(zip(TABLES, ["", *document.markdown().split("\n## ")[1:]], strict=False))
    assert set(sections) >= {table.name for table in PUBLISHED} - {"pages"}
    for section, table in zip(document.markdown().split("\n## ")[1:], PUBLISHED, strict=True):
        assert section.startswith(f"{table.name}\n")
        for column in table.columns:
            assert f"| `{column.name}` |" in section
            assert column.comment in section
        for check in table.checks:
            assert f"| `{check.name}` | {check.kind} | {check.description} |" in section


def test_the_page_is_written_where_it_is_read(tmp_path: Path) -> None:
    document.write(tmp_path / "docs" / "tables.md")
    assert (tmp_path / "docs" / "tables.md").read_text(encoding="utf-8") == document.markdown()


@BY_NAME
def test_parquet(home: Home, table: Table) -> None:
    assert list((home.current / table.name).rglob("*.parquet"))
    assert parquet_differences(home, table) == []


@BY_NAME
def test_delta(home: Home, table: Table) -> None:
    assert delta_differences(home, table) == []


@BY_NAME
def test_duckdb(home: Home, table: Table) -> None:
    with duckdb.connect(str(home.database), read_only=True) as file:
        assert duckdb_differences(file, table) == []
    with database.connect(current(home)) as connection:
        assert duckdb_differences(connection, table) == []


@pytest.mark.parametrize("table", STAGED[:-1], ids=lambda table: table.name)
def test_every_check_is_run(home: Home, table: Table) -> None:
    assert validation_differences(home, table) == []


@pytest.mark.parametrize("name", ["raw_documents", "article_versions", "quarantine"])
def test_every_check_of_the_other_tables_is_run(home: Home, name: str) -> None:
    assert validation_differences(home, TABLES[name]) == []


@BY_NAME
def test_the_suite_has_one_expectation_a_check(table: Table) -> None:
    counts = [validate.Count(table.name, check, 10, 0) for check in table.all_checks]
    suite = validate.suite(table.name, counts)
    found = [
        (one.column, one.min_value, one.max_value, one.notes, one.meta["kind"], one.severity.value)
        for one in suite.expectations
    ]
    severities = {"row": "warning", "table": "critical"}
    expected = [(check.name, 0, 0, check.description, check.kind, severities[check.kind]) for check in table.all_checks]
    assert (suite.name, found) == (table.name, expected)


def changed() -> dict[str, Table]:
    """`articles` with one thing changed each."""
    first, second, *others = ARTICLES.columns
    return {
        "description": replace(ARTICLES, description="something else"),
        "column added": replace(ARTICLES, columns=(*ARTICLES.columns, Column("more", pa.string(), "more"))),
        "column gone": replace(ARTICLES, columns=(first, *others)),
        "column renamed": replace(ARTICLES, columns=(first, replace(second, name="version"), *others)),
        "type": replace(ARTICLES, columns=(first, replace(second, type=pa.int64()), *others)),
        "comment": replace(ARTICLES, columns=(first, replace(second, description="other"), *others)),
        "unit": replace(ARTICLES, columns=(first, replace(second, unit="m"), *others)),
        "null": replace(ARTICLES, columns=(first, replace(second, nullable=True), *others)),
        "order": replace(ARTICLES, columns=(second, first, *others)),
    }


@pytest.mark.parametrize("what", changed())
def test_drift_is_seen(home: Home, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = changed()[what]
    assert parquet_differences(home, table)
    assert delta_differences(home, table)
    if what != "null":
        with duckdb.connect(str(home.database), read_only=True) as file:
            assert duckdb_differences(file, table)
    monkeypatch.setattr(document, "PUBLISHED", tuple(table if one is ARTICLES else one for one in PUBLISHED))
    assert document.markdown() != document.PATH.read_text(encoding="utf-8")


def test_drift_of_checks_is_seen(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    check = Check("new_rule", "false", "a new rule")
    for table in (
        replace(ARTICLES, checks=(*ARTICLES.checks, check)),
        replace(ARTICLES, checks=ARTICLES.checks[1:]),
        replace(ARTICLES, checks=(replace(ARTICLES.checks[0], kind="table"), *ARTICLES.checks[1:])),
        replace(ARTICLES, columns=(replace(ARTICLES.columns[7], nullable=False), *ARTICLES.columns)),
    ):
        assert validation_differences(home, table)


def test_a_lake_made_before_a_column_was_added(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise every command ends in a traceback on the first lake that is older than the software."""
    table = replace(ARTICLES, columns=(*ARTICLES.columns, Column("more", pa.string(), "added later")))
    monkeypatch.setattr(database, "PUBLISHED", tuple(table if one is ARTICLES else one for one in PUBLISHED))
    with database.connect(current(home)) as connection:
        assert connection.execute("SELECT DISTINCT more FROM articles").fetchall() == [(None,)]


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_definitions_are_sound(table: Table) -> None:
    """Names are snake_case and unique, keys never null, every SQL of a check runs on an empty table."""
    names = table.column_names
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name == name.lower() for name in names)
    columns = {column.name: column for column in table.columns}
    assert {*table.key, *table.order, *([table.partition] if table.partition else [])} <= set(names)
    assert not [name for name in table.key if columns[name].nullable]
    assert not table.partition or not columns[table.partition].nullable
    checks = [check.name for check in table.all_checks]
    assert len(set(checks)) == len(checks)
    assert all(column.description for column in table.columns)
    with duckdb.connect() as connection:
        for other in ALL:
            connection.register(other.name, other.empty())
        for check in table.all_checks:
            query = (
                check.count
                or f"SELECT count(*) FROM (SELECT *, 1 AS article_char_count, false AS is_misplaced FROM {table.name}) WHERE {check.fails_if}"
            )
            assert connection.execute(query).fetchall() == [(0,)]
            assert check.kind == "table" or not check.count


def test_rows_with_unknown_columns_are_bugs() -> None:
    with pytest.raises(KeyError, match="no column \\['titel'\\]"):
        ARTICLES.from_rows([{"article_id": "a", "titel": "x"}])
    assert ARTICLES.from_rows([{"article_id": "a"}]).schema.equals(ARTICLES.schema)
