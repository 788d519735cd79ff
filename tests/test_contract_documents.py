"""The documents beside a snapshot's data: each passes its own validator, says what the tables are, and is never half there."""

from __future__ import annotations

import hashlib
import importlib
import importlib.resources
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml

from newslake import pipeline
from newslake.config import Home
from newslake.contract import documents, odcs, record, terms
from newslake.errors import LakeError
from newslake.lake import database, described
from newslake.lake.snapshots import Snapshot, current
from newslake.lake.verify import verify
from newslake.sources import FilesSource
from newslake.tables import PUBLISHED, TABLES, Table

BY_NAME = pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.name)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("contract")
    texts = ["临江区召开调度会，区长林向东要求把责任落到人。", "高浦区一季度投资增长一成，林向东说：“工作要做实。”"]
    records: list[dict[str, str]] = [
        {"url": f"https://e.example/{n}", "title": f"会议{n}", "text": text, "published_at": f"2024-0{n + 1}-03"}
        for n, text in enumerate(texts)
    ]
    content = "\n".join(json.dumps(record, ensure_ascii=False) for record in [*records, {"title": "没有正文"}])
    (folder / "a.jsonl").write_text(content, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        pipeline.run([FilesSource(name="input", path=folder / "a.jsonl")])
        yield Home(folder / "home")


@pytest.fixture
def snapshot(home: Home) -> Snapshot:
    return current(home)


def validator(name: str) -> ModuleType:
    """A package that only tests need."""
    if importlib.util.find_spec(name) is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed: the documents have to be validated here")
        pytest.skip(f"{name} is not installed: pip install -r requirements-dev.txt")
    return importlib.import_module(name)


def contract(snapshot: Snapshot, table: Table) -> dict[str, Any]:
    text = (snapshot.path / "contract" / f"{table.name}.odcs.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


@BY_NAME
def test_contracts_follow_the_standard(snapshot: Snapshot, table: Table) -> None:
    """Against the standard's own JSON schema, which the package has (Apache-2.0), and its model."""
    standard = validator("open_data_contract_standard")
    schema = json.loads(importlib.resources.files(standard).joinpath("schema.json").read_text(encoding="utf-8"))
    assert schema["properties"]["apiVersion"]["default"] == odcs.API_VERSION
    content = contract(snapshot, table)
    checker = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in checker.iter_errors(content)] == []
    model = importlib.import_module("open_data_contract_standard.model").OpenDataContractStandard
    assert model.model_validate(content).schema_[0].name == table.name
    assert list(checker.iter_errors({**content, "sla": []})), "a wrong document is noticed"


@BY_NAME
def test_contracts_say_what_the_table_is(snapshot: Snapshot, table: Table) -> None:
    content = contract(snapshot, table)
    (schema,) = content["schema"]
    properties = {one["name"]: one for one in schema["properties"]}
    assert content["version"] == table.version
    assert content["team"]["name"] == terms.read().owner
    assert {one["property"] for one in content["slaProperties"]} == set(terms.read().sla)
    assert list(properties) == list(table.column_names)
    for column in table.columns:
        told = properties[column.name]
        assert (told["description"], told["required"]) == (column.comment, not column.nullable)
        assert told.get("primaryKey", False) == (column.name in table.key)
        assert told.get("partitioned", False) == (column.name == table.partition)
        values = [one["arguments"]["validValues"] for one in told.get("quality", [])]
        assert values == ([list(table.allowed[column.name])] if column.name in table.allowed else [])
    targets = [(name, target["to"]) for name, one in properties.items() for target in one.get("relationships", [])]
    for name, place in targets:
        document, path = place.split("#")
        other, column = path.removeprefix("/schema/").split("/properties/")
        assert (name, f"{other}.{column}") in table.references
        assert (snapshot.path / "contract" / document).exists()
    assert len(targets) == len(table.references)


@BY_NAME
def test_types_are_those_of_the_database(home: Home, table: Table) -> None:
    with database.connect(current(home)) as connection:
        told = connection.execute(f"DESCRIBE {table.name}").fetchall()
    found = [one["physicalType"].replace('"', "") for one in contract(current(home), table)["schema"][0]["properties"]]
    assert found == [row[1].replace('"', "") for row in told]


def test_queries_of_the_contracts_can_be_run(home: Home) -> None:
    queries = [
        check["query"]
        for table in PUBLISHED
        for check in contract(current(home), table)["schema"][0]["quality"]
        if check.get("type") == "sql"
    ]
    assert len(queries) > 30
    with database.connect(current(home)) as connection:
        assert [query for query in queries if connection.execute(query).fetchall() != [(0,)]] == []


def test_the_data_package_is_valid(snapshot: Snapshot) -> None:
    frictionless = validator("frictionless")
    report = frictionless.Package.validate_descriptor(str(snapshot.path / "datapackage.json"))
    assert report.flatten(["type", "message"]) == []
    broken = {**json.loads((snapshot.path / "datapackage.json").read_text(encoding="utf-8")), "resources": "none"}
    assert not frictionless.Package.validate_descriptor(broken).valid, "a wrong document is noticed"


def test_the_data_package_names_every_file(snapshot: Snapshot) -> None:
    package = json.loads((snapshot.path / "datapackage.json").read_text(encoding="utf-8"))
    named = []
    for resource in package["resources"]:
        named += resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
        assert [one["name"] for one in resource["schema"]["fields"]] == list(TABLES[resource["name"]].column_names)
    there = [str(path.relative_to(snapshot.path)) for path in snapshot.path.rglob("*.parquet")]
    assert sorted(named) == sorted(there)


@pytest.mark.filterwarnings("ignore")
def test_the_croissant_file_is_valid_and_leads_to_the_rows(
    snapshot: Snapshot, caplog: pytest.LogCaptureFixture
) -> None:
    croissant = validator("mlcroissant")
    with caplog.at_level(logging.WARNING):
        dataset = croissant.Dataset(jsonld=str(snapshot.path / "croissant.json"))
        articles = list(dataset.records("articles"))
        refused = list(dataset.records("quarantine"))
        words = [token for row in dataset.records("sentences") for token in row["sentences/tokens"]]
    assert dataset.metadata.issues.errors == dataset.metadata.issues.warnings == set()
    assert caplog.messages == []
    assert sorted(row["articles/published_month"] for row in articles) == [b"2024-01", b"2024-02"]
    assert {row["articles/title"].decode() for row in articles} == {"会议0", "会议1"}
    assert len(refused) == 1
    assert {"sentences/tokens/text", "sentences/tokens/start"} <= set(words[0])
    broken = json.loads((snapshot.path / "croissant.json").read_text(encoding="utf-8"))
    del broken["distribution"][0]["encodingFormat"]
    with pytest.raises(croissant.ValidationError):
        croissant.Dataset(jsonld=broken)


def test_the_sums_are_those_that_sha256sum_checks(snapshot: Snapshot) -> None:
    lines = (snapshot.path / described.SUMS).read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(PUBLISHED) + 2
    for line in lines:
        sha256, name = line.split("  ")
        assert hashlib.sha256((snapshot.path / name).read_bytes()).hexdigest() == sha256


def test_documents_follow_from_the_manifest_alone(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLAKE_CONTRACT", "nowhere.yaml")
    found = documents.of(snapshot.manifest)
    assert {name: (snapshot.path / name).read_text(encoding="utf-8") for name in found} == found
    assert documents.of({name: fact for name, fact in snapshot.manifest.items() if name != "terms"}) == {}


def test_old_readers_are_told_of_their_view(monkeypatch: pytest.MonkeyPatch) -> None:
    quotes = TABLES["quotes"]
    release = record.Release("1.4.0", "2026-01-02", {"columns": []})
    monkeypatch.setattr(record, "before", lambda table, version: release)
    (schema,) = odcs.document(quotes, terms.read())["schema"]
    told = {one["property"]: one["value"] for one in schema["customProperties"]}
    assert told["compatibilityView"] == "quotes_v1"


@pytest.mark.parametrize("contact", ["desk@gazette.example", "https://gazette.example/help"])
def test_a_contact_is_told(contact: str) -> None:
    standard = validator("open_data_contract_standard")
    schema = json.loads(importlib.resources.files(standard).joinpath("schema.json").read_text(encoding="utf-8"))
    content = odcs.document(TABLES["quotes"], terms.Terms("编务组", contact, "none", {"latency": {"value": 4}}))
    jsonschema.validators.validator_for(schema)(schema).validate(content)
    assert contact in content["support"][0].values()


@pytest.mark.lake
@pytest.mark.parametrize("name", ["contract/articles.odcs.yaml", "datapackage.json", "croissant.json"])
@pytest.mark.parametrize("fault", ["changed", "missing"])
def test_verify_sees_a_damaged_document(home: Home, name: str, fault: str) -> None:
    path = current(home).path / name
    before = path.read_bytes()
    try:
        if fault == "missing":
            path.unlink()
        else:
            path.write_bytes(before[:-2] + bytes([before[-2] ^ 1]) + before[-1:])
        with pytest.raises(LakeError, match=f"{name}: {fault}"):
            verify(home)
    finally:
        path.write_bytes(before)
    verify(home)


@pytest.mark.lake
def test_verify_sees_what_does_not_belong_there(home: Home) -> None:
    path = current(home).path / "contract" / "more.odcs.yaml"
    path.write_text("kind: DataContract", encoding="utf-8")
    try:
        with pytest.raises(LakeError, match=r"more\.odcs\.yaml: not in the manifest"):
            verify(home)
    finally:
        path.unlink()


@pytest.mark.lake
def test_a_snapshot_of_before_there_were_contracts_is_whole(home: Home, tmp_path: Path) -> None:
    shutil.copytree(home.root, tmp_path / "home", symlinks=True)
    old = Home(tmp_path / "home")
    snapshot = current(old)
    manifest = {name: fact for name, fact in snapshot.manifest.items() if name != "terms"}
    for state in manifest["tables"].values():
        del state["columns"], state["partly"]
    text = json.dumps(manifest)
    (snapshot.path / "manifest.json").write_text(text, encoding="utf-8")
    (snapshot.path / "_SUCCESS").write_text(hashlib.sha256(text.encode()).hexdigest(), encoding="utf-8")
    for path in [*(snapshot.path / "contract").iterdir(), snapshot.path / "datapackage.json"]:
        path.unlink()
    (snapshot.path / "croissant.json").unlink()
    (snapshot.path / described.SUMS).unlink()
    database.write_if_older(old, current(old))
    assert verify(old)[0] == "000001"


@pytest.mark.lake
def test_a_home_that_fetches_has_the_publishers_documents(tmp_path: Path) -> None:
    """With the terms of who published, whatever its own are."""
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"url": "https://e.example/1", "title": "会议", "text": "记者从现场了解到，任务完成，明年改造。"}),
        encoding="utf-8",
    )
    (tmp_path / "terms.yaml").write_text("owner: 编务组\nlicence: CC0-1.0\nsla: {latency: {value: 4, unit: h}}\n")
    environment = {**os.environ, "NEWSLAKE_LAKE": f"file://{tmp_path}/store"}

    def run(home: str, *arguments: str, **more: str) -> None:
        settings = {**environment, "NEWSLAKE_HOME": str(tmp_path / home), **more}
        command = [sys.executable, "-m", "newslake.cli", *arguments]
        result = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr

    run("one", "run", "--input", str(tmp_path / "a.jsonl"), NEWSLAKE_CONTRACT=str(tmp_path / "terms.yaml"))
    run("two", "verify")
    folders = [current(Home(tmp_path / name)).path for name in ("one", "two")]
    found = [{str(path.relative_to(one)): path.read_bytes() for path in described.files(one)} for one in folders]
    assert len(found[0]) == len(PUBLISHED) + 3
    assert found[0] == found[1]
    assert "编务组".encode() in found[1]["contract/articles.odcs.yaml"]
