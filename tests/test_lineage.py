"""OpenLineage events, as a real receiver gets them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from newslake import config, lineage, pipeline
from newslake.errors import BatchStopped
from newslake.lake.snapshots import newest
from newslake.sources import FilesSource
from newslake.tables import ARTICLES, PUBLISHED, RAW_DOCUMENTS

pytestmark = pytest.mark.lake
TEXT = "市图书馆第{}号分馆自下周起每天开放到晚上九点，读者可以在一楼服务台办理借书证，周末也不休息。"


class Receiver:
    """Keeps the events that are posted to it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.status = 201
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/api/v1/lineage"
                if receiver.status == 201:
                    receiver.events.append(json.loads(body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Receiver]:
    pytest.importorskip("openlineage.client")
    started = Receiver()
    monkeypatch.setenv("OPENLINEAGE_URL", started.address)
    yield started
    started.server.shutdown()
    started.server.server_close()
    # The client writes OPENLINEAGE_URL into other variables, which would hold for the next test.
    for name in [name for name in os.environ if name.startswith("OPENLINEAGE")]:
        del os.environ[name]


def source(folder: Path, texts: list[str]) -> FilesSource:
    folder.mkdir(exist_ok=True)
    place = len(list(folder.iterdir()))
    lines = [
        json.dumps({"url": f"https://e.example/{place}/{number}", "text": text}) for number, text in enumerate(texts)
    ]
    (folder / f"{place}.jsonl").write_text("\n".join(lines))
    return FilesSource(name="gazette", path=folder)


def conforms(event: dict[str, Any]) -> None:
    """What OpenLineage's schema asks of a run event, and of each facet."""
    assert datetime.fromisoformat(event["eventTime"]).tzinfo
    assert urlsplit(event["producer"]).scheme
    assert urlsplit(event["schemaURL"]).scheme == "https"
    assert event["eventType"] in ("START", "COMPLETE", "FAIL")
    assert str(UUID(event["run"]["runId"])) == event["run"]["runId"]
    datasets = [*event["inputs"], *event["outputs"]]
    for named in (event["job"], *datasets):
        assert named["namespace"] == "newslake"
        assert named["name"]
    facets = [event["run"].get("facets", {}), event["job"].get("facets", {})]
    facets += [one.get(kind, {}) for one in datasets for kind in ("facets", "inputFacets", "outputFacets")]
    for facet in (facet for own in facets for facet in own.values()):
        assert urlsplit(facet["_producer"]).scheme
        assert "openlineage.io/spec/facets/" in facet["_schemaURL"]


def runs(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["job"]["name"], event["eventType"]) for event in events]


def test_a_publish_tells_what_it_read_checked_and_wrote(receiver: Receiver, tmp_path: Path) -> None:
    pipeline.run([source(tmp_path / "in", [TEXT.format(number) * 3 for number in range(3)])])
    assert runs(receiver.events) == [
        ("newslake.validate", "START"),
        ("newslake.validate", "COMPLETE"),
        ("newslake.publish", "START"),
        ("newslake.publish", "COMPLETE"),
    ]
    for event in receiver.events:
        conforms(event)
    assert len({event["run"]["runId"] for event in receiver.events}) == 2
    _, validated, _, published = receiver.events
    assert [one["name"] for one in published["inputs"]] == [RAW_DOCUMENTS.name]
    outputs = {one["name"]: one for one in published["outputs"]}
    assert outputs.keys() == {table.name for table in PUBLISHED} - {RAW_DOCUMENTS.name}
    snapshot = newest(config.home())
    assert snapshot is not None
    for name, output in outputs.items():
        files = snapshot.tables[name].files
        statistics = output["outputFacets"]["outputStatistics"]
        assert statistics["rowCount"] == sum(file.rows for file in files)
        assert statistics["size"] == sum(file.bytes for file in files)
        assert output["facets"]["version"]["datasetVersion"] == snapshot.name
    assert outputs["articles"]["outputFacets"]["outputStatistics"]["rowCount"] == 3
    fields = outputs["articles"]["facets"]["schema"]["fields"]
    assert [(one["name"], one["description"]) for one in fields] == [(c.name, c.comment) for c in ARTICLES.columns]
    checks = [
        one for asked in validated["inputs"] for one in asked["inputFacets"]["dataQualityAssertions"]["assertions"]
    ]
    assert len(checks) == snapshot.tables["validation_results"].rows
    assert all(one["success"] for one in checks)

    receiver.events.clear()
    pipeline.run([source(tmp_path / "in", [TEXT.format(9) * 3])])
    (*_, published) = receiver.events
    outputs = {one["name"]: one for one in published["outputs"]}
    assert outputs["articles"]["outputFacets"]["outputStatistics"]["rowCount"] == 1, (
        "what was written, not what is there"
    )
    receiver.events.clear()
    pipeline.run([FilesSource(name="gazette", path=tmp_path / "in")])
    assert receiver.events == [], "nothing was published"


def test_a_stopped_batch_fails_with_its_reason(receiver: Receiver, tmp_path: Path) -> None:
    with pytest.raises(BatchStopped):
        pipeline.run([source(tmp_path / "in", [""] * 25)])
    for event in receiver.events:
        conforms(event)
    assert runs(receiver.events)[-1] == ("newslake.publish", "FAIL")
    assert "25 of 25 documents are refused" in receiver.events[-1]["run"]["facets"]["errorMessage"]["message"]


@pytest.mark.parametrize("fault", ["status", "nobody", "config"])
def test_who_cannot_be_told_stops_nothing(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    receiver.status = 400
    if fault == "nobody":
        monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:1")
    elif fault == "config":
        monkeypatch.delenv("OPENLINEAGE_URL")
        monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TYPE", "pigeon")
    assert pipeline.run([source(tmp_path / "in", [TEXT.format(1) * 3])])[1]["articles"] == 1
    assert "OpenLineage events were not sent" in caplog.text


def test_it_is_off_by_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    assert not lineage.is_on()
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TYPE", "http")
    assert lineage.is_on()
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    assert not lineage.is_on()
