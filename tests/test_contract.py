"""What may change of a table, with which version; the record of what was released, and the changelog made from it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from newslake.config import PROJECT
from newslake.contract import examples, record, shape, terms
from newslake.errors import ConfigError, UsageError
from newslake.tables import PUBLISHED, TABLES, Check, Column, Table

THINGS = Table(
    "things",
    "one thing",
    "Things.",
    (
        Column("name", pa.string(), "its name", nullable=False),
        Column("size", pa.int32(), "its size", unit="m"),
        Column("kind", pa.string(), "what it is", nullable=False),
        Column("month", pa.string(), "its month", nullable=False),
    ),
    ("name",),
    partition="month",
    checks=(Check("kind_is_known", "kind NOT IN ('tree', 'stone', 'house')", "a kind"),),
    references=(("name", "articles.article_id"),),
)
NAME, SIZE, KIND, MONTH = THINGS.columns


def kinds(*values: str) -> tuple[Check, ...]:
    return (Check("kind_is_known", f"kind NOT IN {values}", "a kind"),)


BREAKS = {
    "removed": (replace(THINGS, columns=(NAME, KIND, MONTH)), "`size` is removed"),
    "renamed": (
        replace(THINGS, columns=(NAME, replace(SIZE, name="width", formerly="size"), KIND, MONTH)),
        "`size` is called `width`",
    ),
    "retyped": (
        replace(THINGS, columns=(NAME, replace(SIZE, type=pa.int64()), KIND, MONTH)),
        "`size` is BIGINT instead of INTEGER",
    ),
    "null": (
        replace(THINGS, columns=(NAME, SIZE, replace(KIND, nullable=True), MONTH)),
        "`kind` can be null",
    ),
    "unit": (replace(THINGS, columns=(NAME, replace(SIZE, unit="cm"), KIND, MONTH)), "`size` counts cm instead of m"),
    "narrowed": (replace(THINGS, checks=kinds("tree", "stone")), "`kind` cannot be house any more"),
    "exchanged": (replace(THINGS, checks=kinds("tree", "stone", "hut")), "`kind` cannot be house any more"),
    "key": (replace(THINGS, key=("name", "month")), "the key is ['name', 'month'] instead of ['name']"),
    "partition": (replace(THINGS, partition=None), "the partition is None instead of month"),
    "reference": (replace(THINGS, references=()), "name → articles.article_id is not promised any more"),
}
ADDITIONS = {
    "column": (replace(THINGS, columns=(*THINGS.columns, Column("mood", pa.string(), "mood"))), "`mood` is added"),
    "value": (replace(THINGS, checks=kinds("tree", "stone", "house", "hut")), "`kind` can also be hut"),
    "never null": (
        replace(THINGS, columns=(NAME, replace(SIZE, nullable=False), KIND, MONTH)),
        "`size` is never null any more",
    ),
    "check": (replace(THINGS, checks=(*THINGS.checks, Check("is_named", "name = ''", "named"))), "check `is_named`"),
    "any value": (replace(THINGS, checks=()), "`kind` can be anything"),
}
RETOLD = {
    "description": replace(THINGS, columns=(NAME, replace(SIZE, description="how large"), KIND, MONTH)),
    "order": replace(THINGS, columns=(SIZE, NAME, KIND, MONTH)),
    "grain": replace(THINGS, grain="a thing"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where THINGS 1.0.0 is recorded."""
    assert record.record([THINGS], tmp_path, today=date(2026, 1, 2)) == ["things 1.0.0"]
    return tmp_path


@pytest.mark.parametrize("what", BREAKS)
def test_what_breaks_readers_needs_a_new_major_version(folder: Path, what: str) -> None:
    table, text = BREAKS[what]
    for version in ("1.0.0", "1.1.0", "1.0.7"):
        (problem,) = record.problems([replace(table, version=version)], folder)
        assert text in problem
        assert "set the table's version to 2.0.0, and old readers will have the view things_v1" in problem
    assert record.problems([replace(table, version="2.0.0")], folder) == []


@pytest.mark.parametrize("what", ADDITIONS)
def test_what_is_new_needs_a_new_minor_version(folder: Path, what: str) -> None:
    table, text = ADDITIONS[what]
    for version in ("1.0.0", "1.0.1"):
        (problem,) = record.problems([replace(table, version=version)], folder)
        assert text in problem
        assert "set the table's version to 1.1.0" in problem
    assert record.problems([replace(table, version="1.1.0")], folder) == []


@pytest.mark.parametrize("what", RETOLD)
def test_what_is_only_told_differently_needs_nothing(folder: Path, what: str) -> None:
    assert record.problems([RETOLD[what]], folder) == []


def test_a_set_where_there_was_none_is_narrower() -> None:
    free, bound = shape.of(replace(THINGS, checks=())), shape.of(THINGS)
    assert [change.level for change in shape.changes(free, bound)] == ["major", "minor"]


def test_versions_only_rise(folder: Path) -> None:
    record.record([replace(THINGS, version="1.10.0")], folder)
    (problem,) = record.problems([replace(THINGS, version="1.9.0")], folder)
    assert problem == "things: version 1.9.0 is before the released 1.10.0; versions only rise"


def test_a_column_without_nulls_needs_a_value_for_old_rows(folder: Path) -> None:
    column = Column("weight", pa.int32(), "its weight", nullable=False)
    table = replace(THINGS, columns=(*THINGS.columns, column), version="1.1.0")
    (problem,) = record.problems([table], folder)
    assert "`weight` is never null, but rows written before it was added have no value" in problem
    given = replace(table, columns=(*THINGS.columns, replace(column, default="1")))
    assert record.problems([given], folder) == []


def test_a_table_does_not_just_go(folder: Path) -> None:
    (problem,) = record.problems([], folder)
    assert problem.startswith("things: the table is removed, which breaks its readers")
    with pytest.raises(UsageError, match="things: was never released, or is still there"):
        record.record([THINGS], folder, removed=["things"])
    record.record([], folder, removed=["things"])
    assert record.problems([], folder) == []
    assert "### 2.0.0" in record.changelog(folder)
    assert "**breaks readers:** the table is removed" in record.changelog(folder)


def test_a_released_version_has_one_schema(folder: Path) -> None:
    table, _ = ADDITIONS["column"]
    with pytest.raises(UsageError, match=r"things: 1\.0\.0 is recorded with another schema"):
        record.record([table], folder)
    assert [one.shape for one in record.releases("things", folder)] == [shape.of(THINGS)]
    record.record([table], folder, is_replaced=True)
    assert [one.shape for one in record.releases("things", folder)] == [shape.of(table)]
    assert record.unrecorded([table], folder) == []


def test_nothing_that_breaks_a_promise_is_recorded(folder: Path) -> None:
    table, _ = BREAKS["removed"]
    with pytest.raises(UsageError, match="`size` is removed"):
        record.record([replace(table, version="1.1.0")], folder)


def test_the_changelog_tells_what_changed(folder: Path) -> None:
    added = replace(ADDITIONS["column"][0], version="1.1.0")
    record.record([added], folder, today=date(2026, 2, 3))
    renamed = replace(
        added,
        columns=(NAME, replace(SIZE, name="width", formerly="size", type=pa.float64()), KIND, MONTH, added.columns[-1]),
        version="2.0.0",
    )
    record.record([renamed], folder, today=date(2026, 3, 4))
    assert record.changelog(folder).split("\n## ")[1] == (
        "things\n\n"
        "### 2.0.0 (2026-03-04)\n"
        "- **breaks readers:** `size` is called `width`\n"
        "- **breaks readers:** `width` is DOUBLE instead of INTEGER\n\n"
        "### 1.1.0 (2026-02-03)\n"
        "- `mood` is added: VARCHAR, mood\n\n"
        "### 1.0.0 (2026-01-02)\n"
        "- first version, 4 columns\n"
    )


def test_readers_of_one_major_version_before_are_served(folder: Path) -> None:
    for version in ("1.2.0", "2.0.0", "2.1.0"):
        record.record([replace(THINGS, version=version)], folder)
    found = {version: record.before("things", version, folder) for version in ("1.3.0", "2.2.0", "3.0.0", "4.0.0")}
    assert {version: release and release.version for version, release in found.items()} == {
        "1.3.0": None,
        "2.2.0": "1.2.0",
        "3.0.0": "2.1.0",
        "4.0.0": None,
    }


def test_the_changelog_is_up_to_date() -> None:
    told = record.CHANGELOG.read_text(encoding="utf-8")
    assert told == record.changelog(), "run: python -m newslake.contract record"


def test_sets_of_values_are_found_in_the_checks() -> None:
    assert THINGS.allowed == {"kind": ("tree", "stone", "house")}
    assert {table.name: sorted(table.allowed) for table in PUBLISHED if table.allowed} == {
        "articles": ["charset_source"],
        "blocks": ["kind"],
        "mentions": ["kind", "level", "modifier"],
        "directives": ["deadline_precision", "modifier"],
        "evidence": ["kind"],
        "quarantine": ["stage"],
    }


def test_examples_are_of_columns_and_allowed() -> None:
    found = json.loads(examples.PATH.read_text(encoding="utf-8"))
    assert len(found["articles"]) > 20
    for name, columns in found.items():
        if name in TABLES:
            for column, values in columns.items():
                assert not set(values) - set(allowed) if (allowed := TABLES[name].allowed.get(column)) else values
    assert examples.of("article_versions", "title") == examples.of("articles", "title") != []
    assert examples.of("articles", "unheard_of") == []


def test_examples_are_short_values_of_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "PATH", tmp_path / "examples.json")
    monkeypatch.setattr(examples, "PUBLISHED", (THINGS,))
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE things AS FROM (VALUES ('a', 1, repeat('x', 99), '2024-01'), ('b', NULL, '', '2024-02')) "
            "AS found(name, size, kind, month)"
        )
        examples.write(connection)
    assert json.loads((tmp_path / "examples.json").read_text(encoding="utf-8")) == {
        "things": {"name": ["a", "b"], "size": [1], "month": ["2024-01", "2024-02"]}
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "say owner, contact, licence and sla"),
        ("owner: ''\nlicence: x\nsla: {}", "owner: say a text"),
        ("owner: x\nlicence: 3\nsla: {}", "licence: say a text"),
        ("owner: x\nlicence: y\nsla: {}\nmood: z", "mood: unknown"),
        ("owner: x\nlicence: y\ncontact: [z]\nsla: {}", "contact: say a mail address"),
        ("owner: x\nlicence: y", "sla: say properties"),
        ("owner: x\nlicence: y\nsla: {latency: 4}", "sla.latency: say value"),
        ("owner: x\nlicence: y\nsla: {latency: {value: [4]}}", "sla.latency.value: say a text or a number"),
        ("owner: x\nlicence: y\nsla: {latency: {value: 4, unit: 1}}", "sla.latency: unit and description are texts"),
        ("owner: [", "while parsing"),
    ],
)
def test_mistakes_in_the_terms_are_told(
    content: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(content, encoding="utf-8")
    monkeypatch.setenv("NEWSLAKE_CONTRACT", str(path))
    with pytest.raises(ConfigError, match=re.escape(message)) as told:
        terms.read()
    assert str(path) in str(told.value)


def test_terms_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert terms.read().owner == "whoever runs this lake"
    assert terms.Terms.from_json({**terms.read().as_json(), "added_later": 1}) == terms.read()
    monkeypatch.setenv("NEWSLAKE_CONTRACT", str(tmp_path / "none.yaml"))
    with pytest.raises(ConfigError, match=r"none\.yaml: missing; set NEWSLAKE_CONTRACT"):
        terms.read()


def checked(project: Path) -> tuple[int, str]:
    """What the step of `make check` says in a checkout."""
    environment = {**os.environ, "PYTHONPATH": str(project / "include")}
    command = [sys.executable, "-m", "newslake.contract", "check"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def test_the_check_fails_where_a_promise_is_broken(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "include" / "newslake", tmp_path / "include" / "newslake")
    (tmp_path / "seeds").symlink_to(PROJECT / "seeds")
    shutil.copy(record.CHANGELOG, tmp_path)
    path = tmp_path / "include" / "newslake" / "tables" / "quotes.py"
    before = path.read_text(encoding="utf-8")
    shutil.rmtree(tmp_path / "include" / "newslake" / "contract" / "recorded")
    (tmp_path / record.CHANGELOG.name).write_text(record.changelog(tmp_path / "none"), encoding="utf-8")
    code, told = checked(tmp_path)
    assert (code, "quotes 1.0.0 is not released yet" in told) == (0, True)
    command = [sys.executable, "-m", "newslake.contract", "record"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "include")}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert checked(tmp_path) == (0, "")
    path.write_text(
        before.replace('Column("verb", pa.string(), ', 'Column("says", pa.string(), formerly="verb", description='),
        encoding="utf-8",
    )
    code, told = checked(tmp_path)
    assert code == 1
    assert "quotes: `verb` is called `says`: breaks who reads 1.0.0" in told
    path.write_text(path.read_text(encoding="utf-8").replace("    checks=", '    version="2.0.0",\n    checks='))
    assert checked(tmp_path) == (
        0,
        "quotes 2.0.0 is not released yet: `python -m newslake.contract record` does that\n",
    )
    (tmp_path / record.CHANGELOG.name).write_text("old", encoding="utf-8")
    code, told = checked(tmp_path)
    assert (code, "CHANGELOG-schema.md is not up to date" in told) == (1, True)
