"""What a publish read, checked and wrote, as OpenLineage events: an option, on where OPENLINEAGE_URL or the like is set.

Two jobs: `publish` reads raw documents and writes tables, with their columns and counts; `validate` says how each check
ended. Only this file imports openlineage-python.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from newslake import __version__, validations
from newslake.config import Home
from newslake.errors import BatchStopped
from newslake.lake import snapshots
from newslake.tables import PUBLISHED, RAW_DOCUMENTS, TABLES, Table

if TYPE_CHECKING:
    from newslake.lake.snapshots import Snapshot
    from newslake.validations import Validation

logger = logging.getLogger(__name__)

SWITCHES: Final = ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE__TRANSPORT")
"""Beginnings of the variables that say where events go; see docs/lineage.md."""
PRODUCER: Final = f"urn:newslake:{__version__}"
CALLER: Final = {"airflow_dag": "AIRFLOW_CTX_DAG_ID", "airflow_run": "AIRFLOW_CTX_DAG_RUN_ID"}
"""Tag of a run → where Airflow says it."""


def is_on() -> bool:
    """Whether events are wanted."""
    is_off = os.environ.get("OPENLINEAGE_DISABLED", "").lower() in ("true", "1")
    return not is_off and any(name.startswith(SWITCHES) for name in os.environ)


@contextmanager
def noted(home: Home) -> Iterator[None]:
    """Tells of the publish within, if it publishes something or is stopped. Who cannot be told stops nothing."""
    if not is_on():
        yield
        return
    begin = datetime.now(UTC)
    before = snapshots.newest(home)
    try:
        yield
    except BatchStopped as error:
        _tell(home, begin, None, str(error))
        raise
    newest = snapshots.newest(home)
    if newest and (before is None or newest.number > before.number):
        _tell(home, begin, newest, None)


def _tell(home: Home, begin: datetime, snapshot: Snapshot | None, stopped: str | None) -> None:
    try:
        from openlineage.client import OpenLineageClient, set_producer
    except ImportError:
        logger.warning("OpenLineage events are asked for, and openlineage-python is not installed: see docs/lineage.md")
        return
    set_producer(PRODUCER)
    events = list(_events(home, begin, snapshot, stopped))
    try:
        client = OpenLineageClient()
        for event in events:
            client.emit(event)
        client.close(timeout=10)
    except Exception:  # Of whatever transport: the lake is published already.
        logger.warning("OpenLineage events were not sent, and are not sent again", exc_info=True)


def _events(home: Home, begin: datetime, snapshot: Snapshot | None, stopped: str | None) -> Iterator[Any]:
    from openlineage.client.event_v2 import RunState

    if validation := _validation(home, snapshot):
        run_id = validation.run_id
        inputs = [_checked(name, results) for name, results in _by_table(validation).items()]
        yield _event(RunState.START, "validate", run_id, begin)
        yield _event(RunState.COMPLETE, "validate", run_id, None, inputs=inputs)
    else:
        run_id = snapshot.manifest["run_id"] if snapshot else begin.isoformat()
    yield _event(RunState.START, "publish", run_id, begin)
    if snapshot is None:
        yield _event(RunState.FAIL, "publish", run_id, None, inputs=[_read(None)], fault=stopped)
        return
    outputs = [_written(home, snapshot, table) for table in PUBLISHED if table is not RAW_DOCUMENTS]
    yield _event(RunState.COMPLETE, "publish", run_id, None, inputs=[_read(snapshot)], outputs=outputs)


def _validation(home: Home, snapshot: Snapshot | None) -> Validation | None:
    """That of this publish: of the snapshot's run, or the newest, which was stopped."""
    if snapshot:
        return validations.read(home, snapshot.manifest["run_id"])
    return next(iter(validations.newest(home)), None)


def _by_table(validation: Validation) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for result in validation.results:
        found.setdefault(result["table"], []).append(result)
    return found


def _event(state: Any, job: str, run_id: str, at: datetime | None, fault: str | None = None, **datasets: Any) -> Any:
    from openlineage.client.event_v2 import Job, Run, RunEvent
    from openlineage.client.generated.error_message_run import ErrorMessageRunFacet
    from openlineage.client.generated.tags_run import TagsRunFacet, TagsRunFacetFields

    tags = {"newslake_run": run_id, **{tag: os.environ[name] for tag, name in CALLER.items() if name in os.environ}}
    facets: dict[str, Any] = {
        "tags": TagsRunFacet([TagsRunFacetFields(key, value, "NEWSLAKE") for key, value in tags.items()])
    }
    if fault:
        facets["errorMessage"] = ErrorMessageRunFacet(fault, "python")
    return RunEvent(
        eventType=state,
        eventTime=(at or datetime.now(UTC)).isoformat(),
        # The same for the same run: who is told twice knows it.
        run=Run(str(uuid5(NAMESPACE_URL, f"{PRODUCER}:{job}:{run_id}")), facets),
        job=Job(_namespace(), f"newslake.{job}"),
        producer=PRODUCER,
        **datasets,
    )


def _namespace() -> str:
    return os.environ.get("OPENLINEAGE_NAMESPACE") or "newslake"


def _facets(table: Table, snapshot: Snapshot | None) -> dict[str, Any]:
    from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
    from openlineage.client.generated.documentation_dataset import DocumentationDatasetFacet
    from openlineage.client.generated.schema_dataset import SchemaDatasetFacet, SchemaDatasetFacetFields
    from openlineage.client.generated.storage_dataset import StorageDatasetFacet

    fields = [
        SchemaDatasetFacetFields(column.name, str(column.type), column.comment, number)
        for number, column in enumerate(table.columns, 1)
    ]
    version = {"version": DatasetVersionDatasetFacet(snapshot.name)} if snapshot else {}
    return {
        "schema": SchemaDatasetFacet(fields),
        "documentation": DocumentationDatasetFacet(f"A row is {table.grain}. {table.description}"),
        "storage": StorageDatasetFacet("delta", "parquet"),
        **version,
    }


def _read(snapshot: Snapshot | None) -> Any:
    from openlineage.client.event_v2 import InputDataset

    return InputDataset(_namespace(), RAW_DOCUMENTS.name, facets=_facets(RAW_DOCUMENTS, snapshot))


def _written(home: Home, snapshot: Snapshot, table: Table) -> Any:
    """A table with what was written to it: the files that the snapshot before does not have."""
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.generated.output_statistics_output_dataset import OutputStatisticsOutputDatasetFacet

    parent = snapshot.manifest["parent"]
    known = set(snapshots.find(home, parent).tables[table.name].files) if parent else set()
    files = [file for file in snapshot.tables[table.name].files if file not in known]
    statistics = OutputStatisticsOutputDatasetFacet(
        sum(file.rows for file in files), sum(file.bytes for file in files), len(files)
    )
    return OutputDataset(
        _namespace(),
        table.name,
        facets=_facets(table, snapshot),
        outputFacets={"outputStatistics": statistics},
    )


def _checked(name: str, results: list[dict[str, Any]]) -> Any:
    """A table with how its checks ended. A row check that fails refuses documents, a table check stops the batch."""
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.generated.data_quality_assertions_dataset import (
        Assertion,
        DataQualityAssertionsDatasetFacet,
    )

    assertions = [
        Assertion(
            assertion="custom_sql",
            success=result["is_passed"],
            severity="error" if result["kind"] == "table" else "warn",
            name=f"{name}.{result['check']}",
            description=result["description"],
            expected="0",
            actual=str(result["failed_count"]),
        )
        for result in results
    ]
    return InputDataset(
        _namespace(),
        name,
        facets=_facets(TABLES[name], None),
        inputFacets={"dataQualityAssertions": DataQualityAssertionsDatasetFacet(assertions=assertions)},
    )
