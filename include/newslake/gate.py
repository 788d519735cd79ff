"""The gate before the lake: copies are marked, checks judged, and files written that nobody sees yet."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any

from newslake.config import Home
from newslake.errors import BatchStopped
from newslake.stage_log import StageLog, now

if TYPE_CHECKING:
    from newslake.lake.merge import Merge
    from newslake.lake.publish import Files
    from newslake.validate import Count, Result


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
    from newslake import deduplicate, validate
    from newslake.lake import again, publish
    from newslake.lake.staged import CHILDREN
    from newslake.tables import (
        ARTICLE_VERSIONS,
        ARTICLES,
        FINGERPRINTS,
        QUARANTINE,
        RAW_DOCUMENTS,
        RUNS,
        VALIDATION_RESULTS,
    )

    with log.measure("deduplicate") as entry:
        merge.rank_versions()
        affected = deduplicate.affected(merge.new_fingerprints(), merge.paths("fingerprints"), merge.lake_clusters())
        affected |= again.once_together(merge.connection)
        clusters = deduplicate.cluster(*merge.comparable(affected))
        merge.arrange(clusters)
        entry.rows_in, entry.rows_out = merge.count("added"), clusters.num_rows
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
    # Great Expectations takes seconds to load: where there is a pool, files are written meanwhile.
    judge = pool.submit(_judge, counts, merge.home).result if pool else partial(_judge, counts, merge.home)
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
    own = {RUNS: log.rows(run_id, now()), VALIDATION_RESULTS: list(_result_rows(results, run_id))}
    for table, rows in own.items():
        files[table.name] += merge.folders[table.name].write(table.from_rows(rows))
    return files


def _judge(counts: list[Count], home: Home) -> tuple[list[Result], float]:
    """The results, and the processor time that they took in this process.

    Raises:
        BatchStopped: a table check failed.
    """
    from newslake import validate

    begin = time.process_time()
    results = validate.judge(counts, home.reports / "validation")
    validate.stop_if_broken(results, home.reports / "validation")
    return results, time.process_time() - begin


def _check_run(merge: Merge, log: StageLog) -> Iterator[Count]:
    """Checks of the batch against itself and against earlier runs."""
    from newslake import validate
    from newslake.lake.merge import history
    from newslake.tables import Check

    whole = Check("every_document_is_accounted_for", "", "documents = articles + superseded + refused", kind="table")
    yield validate.Count("raw_documents", whole, merge.documents, abs(merge.documents - merge.accounted))
    earlier = history(merge.base)
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
