"""The gate before the lake: copies are marked, checks judged, and files written that nobody sees yet."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from newslake import refusals, validations
from newslake.config import Home
from newslake.errors import BatchStopped
from newslake.stage_log import Entry, StageLog, now

if TYPE_CHECKING:
    from newslake.lake.merge import Merge
    from newslake.lake.publish import Files
    from newslake.validate import Count, Result


class Published(TypedDict):
    """What `publish` did; the counts are this run's, `rows` the newest snapshot's by table. `snapshot` is None before the first."""

    snapshot: str | None
    is_new: bool
    documents: int
    articles: int
    quarantined: int
    rows: dict[str, int]


def publish(home: Home, folders: Sequence[Path], pool: Executor | None, accepted: Collection[str]) -> Published:
    """Makes the next snapshot from staged batches, unless the newest one knows all their documents already.

    Args:
        home: where the lake is.
        folders: staged batches of one plan; those that are gone are published.
        pool: processes that may share the work.
        accepted: sources of which a person has looked at what was refused.

    Raises:
        BatchStopped: nothing was published, and the batches stay staged.
        Overtaken: another machine's publisher was first in the store; begin again.
    """
    from newslake.lake import database, snapshots
    from newslake.lake.merge import merging
    from newslake.lake.publish import commit
    from newslake.lake.staged import read_facts

    with merging(home, folders) as merge:
        noted = [read_facts(folder) for folder in merge.staged]
        raw_version = max((one["raw_version"] for one in noted), default=-1)
        landed, log = _landed(home, raw_version)
        for one in noted:
            log.add(StageLog.from_json(one["stages"]))
        result: Published = {
            "snapshot": merge.base.name if merge.base else None,
            "is_new": merge.is_new,
            "documents": merge.documents,
            "articles": 0,
            "quarantined": 0,
            "rows": {},
        }
        if merge.is_new:
            run_id = new_run_id("".join(sorted(folder.name for folder in merge.staged)))
            row_checks = [line for one in noted for line in one["row_checks"]]
            with validations.stopped_noted(home, run_id):
                refusals.stop_if_unusual(refusals.of(merge), accepted)
                files = write_checked(merge, run_id, row_checks, log, pool)
            result["articles"] = merge.count("new_articles")
            result["quarantined"] = merge.count("(SELECT DISTINCT raw_id FROM staged_quarantine)")
            result["snapshot"] = commit(merge, files, raw_version, run_id).name
        if newest := snapshots.newest(home):
            database.write_if_older(home, newest)
            result["rows"] = {name: state.rows for name, state in newest.tables.items()}
        _clear(merge, landed)
    return result


def _clear(merge: Merge, landed: Iterable[Path]) -> None:
    """Removes what is published: staged batches, their plans, and notes of what was landed."""
    for folder in merge.staged:
        shutil.rmtree(folder)
        (merge.home.state / "batches" / f"{folder.name}.json").unlink(missing_ok=True)
    for path in landed:
        path.unlink(missing_ok=True)


def _landed(home: Home, raw_version: int) -> tuple[list[Path], StageLog]:
    """Notes of `acquire` on what was landed up to a version; later ones are another run's."""
    found, log = [], StageLog()
    for path in sorted((home.state / "landed").glob("*.json")):
        note = json.loads(path.read_text(encoding="utf-8"))
        if note["raw_version"] <= raw_version:
            found.append(path)
            log.add(StageLog.from_json(note["stages"]))
    return found, log


def new_run_id(about: str) -> str:
    """The name of a run that begins now: the time, in which names are ordered, and what it is about."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{sha256(about.encode()).hexdigest()[:8]}"


def write_checked(
    merge: Merge, run_id: str, row_checks: Sequence[Sequence[Any]], log: StageLog, pool: Executor | None
) -> Files:
    """Deduplicates, validates and writes; the files are not live yet.

    Args:
        merge: staged batches beside the newest snapshot.
        run_id: the run.
        row_checks: what the batches noted of their row checks, see `validate.Count.to_json`.
        log: of the run so far; its stages are completed, and become the table `runs`.
        pool: processes that may share the work.

    Raises:
        BatchStopped: a table check failed; what was written is removed again.
    """
    from newslake.lake import publish
    from newslake.tables import RUNS, VALIDATION_RESULTS

    _deduplicate(merge, log)
    counts = _count(merge, row_checks, log)
    # Great Expectations takes seconds to load: where there is a pool, files are written meanwhile.
    judge = (
        pool.submit(_judge, counts, merge.home, run_id).result if pool else partial(_judge, counts, merge.home, run_id)
    )
    with log.measure("publish") as entry:
        files = publish.write(merge)
        entry.rows_in = merge.count("new_articles")
        entry.rows_out = sum(file.rows for written in files.values() for file in written)
    try:
        results, cpu_seconds = judge()
    except BatchStopped:
        publish.discard(merge, files)
        raise
    log.entries["validate"].cpu_seconds += cpu_seconds
    for (stage, reason), count in refusals.by_reason(merge).items():
        log.entries.setdefault(stage, Entry()).refusals[reason] = count
    own = {RUNS: log.rows(run_id, now()), VALIDATION_RESULTS: list(_result_rows(results, run_id))}
    for table, rows in own.items():
        files[table.name] += merge.folders[table.name].write(table.from_rows(rows))
    return files


def _deduplicate(merge: Merge, log: StageLog) -> None:
    from newslake import deduplicate, known_fingerprints
    from newslake.lake import again

    with log.measure("deduplicate") as entry:
        merge.rank_versions()
        affected = deduplicate.affected(merge.new_fingerprints(), merge.paths("fingerprints"), merge.lake_clusters())
        affected |= again.once_together(merge.connection)
        clusters = deduplicate.cluster(*merge.comparable(affected, known_fingerprints.known))
        merge.arrange(clusters)
        entry.rows_in, entry.rows_out = merge.count("added"), clusters.num_rows


def _count(merge: Merge, row_checks: Sequence[Sequence[Any]], log: StageLog) -> list[Count]:
    """How many rows fail each check: as the batches noted, and over what they will be together."""
    from newslake import validate
    from newslake.lake.staged import CHILDREN
    from newslake.tables import ARTICLE_VERSIONS, ARTICLES, FINGERPRINTS, QUARANTINE, RAW_DOCUMENTS

    with log.measure("validate") as entry:
        counts = [validate.Count.from_json(line) for line in row_checks]
        for _ in merge.batches():
            for table in (table for table in CHILDREN if table is not FINGERPRINTS):
                counts += validate.check_table(merge.connection, table)
        merge.view_whole()
        for table in (ARTICLES, FINGERPRINTS):
            counts += validate.check_table(merge.connection, table)
        for table in (RAW_DOCUMENTS, ARTICLE_VERSIONS, QUARANTINE):
            counts += validate.check_all(merge.connection, table)
        counts = validate.add_up(counts)
        counts += _check_run(merge, log)
        entry.rows_in = entry.rows_out = merge.count("added_articles")
    return counts


def _judge(counts: list[Count], home: Home, run_id: str) -> tuple[list[Result], float]:
    """The results, which are noted, and the processor time that they took in this process.

    Raises:
        BatchStopped: a table check failed.
    """
    from newslake import validate

    begin = time.process_time()
    results = validate.judge(counts, home.reports / "validation")
    validations.note(home, run_id, [result.to_json() for result in results])
    validate.stop_if_broken(results, home.reports / "validation")
    return results, time.process_time() - begin


def _check_run(merge: Merge, log: StageLog) -> Iterator[Count]:
    """Checks of the batch against itself and against earlier runs."""
    from newslake import validate
    from newslake.lake.merge import history
    from newslake.tables import Check

    whole = Check("every_document_is_accounted_for", "", "documents = articles + superseded + refused", kind="table")
    yield validate.Count("raw_documents", whole, merge.documents, abs(merge.documents - merge.accounted))
    # What was refused before, and is refused again, says nothing about the stages.
    earlier = {} if merge.count("replays") else history(merge.base)
    for stage, table in (("segment", "sentences"), ("annotate", "mentions"), ("parse", "articles")):
        entry = log.entries[stage]
        yield validate.check_history(table, entry.rows_in, entry.rows_out, earlier.get(stage, []))


def _result_rows(results: Iterable[Result], run_id: str) -> Iterator[dict[str, object]]:
    for result in results:
        yield {
            "run_id": run_id,
            "table_name": result.count.table,
            "check_name": result.count.check.name,
            "kind": result.count.check.kind,
            "description": result.count.check.description,
            "is_passed": result.is_passed,
            "row_count": result.count.row_count,
            "failed_count": result.count.failed_count,
        }
