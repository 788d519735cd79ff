"""The gate before the lake: rules counted by DuckDB, judged and documented by Great Expectations.

Great Expectations' pandas engine hashes whole frames and keeps samples of values; articles are too
large for the first and must never reach the second (its pages print values unescaped). So DuckDB
counts the rows that fail each check, and lists every one of them for the quarantine; Great
Expectations gets one row of counts a table, with one expectation a check.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from newslake.errors import BatchStopped
from newslake.spans import misplaced
from newslake.tables import TABLES, Check, Table
from newslake.tables.definition import AT_ITS_PLACE

MOST_EXAMPLES = 10
HISTORY_RUNS = 3
HISTORY_DOCUMENTS = 200
HISTORY_FACTOR = 5.0
"""Rows a document vary by a factor of 2 between kinds of news (sample articles: 5-25 sentences); a
factor of 5 against the median of at least 3 runs of at least 200 documents is a broken stage."""


@dataclass(frozen=True)
class Count:
    """How many rows of a table fail a check; of a table check, some of them: their keys, as text."""

    table: str
    check: Check
    row_count: int
    failed_count: int
    examples: tuple[str, ...] = ()

    def to_json(self) -> tuple[str, str, int, int]:
        """A form for files."""
        return self.table, self.check.name, self.row_count, self.failed_count

    @classmethod
    def from_json(cls, value: Sequence[Any]) -> Count:
        """What `to_json` gave, of a check that the tables define."""
        table, name, row_count, failed_count = value
        check = next(check for check in TABLES[table].all_checks if check.name == name)
        return cls(table, check, row_count, failed_count)


@dataclass(frozen=True)
class Failure:
    """A document whose article fails a row check, with the number of its rows that do."""

    raw_id: str
    table: str
    check: Check
    failed_count: int


@dataclass(frozen=True)
class Result:
    """Great Expectations' answer to one count."""

    count: Count
    is_passed: bool

    def to_json(self) -> dict[str, Any]:
        """A form for files."""
        check = self.count.check
        return {
            "table": self.count.table,
            "check": check.name,
            "kind": check.kind,
            "description": check.description,
            "is_passed": self.is_passed,
            "row_count": self.count.row_count,
            "failed_count": self.count.failed_count,
            "examples": list(self.count.examples),
        }


def check_rows(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, table: Table, articles: pa.Table | None = None
) -> tuple[list[Count], list[Failure]]:
    """Applies a table's row checks to a batch.

    Args:
        connection: to any database; one for all tables, since making it costs as much as the checks.
        rows: of the table; with a raw_id, or with an article_id.
        table: their definition.
        articles: one version of each article that the rows belong to; where they carry no raw_id themselves.

    Returns:
        A count for each row check, and every document that fails one.
    """
    checks = [check for check in table.all_checks if check.kind == "row"]
    # Apart, since a join carries every token list along, which a filter does not.
    beside = [check for check in checks if "article_char_count" in check.fails_if]
    alone = [check for check in checks if check not in beside]
    shown = without_words(rows)
    if articles is not None and any(check is AT_ITS_PLACE for check in checks):
        shown = shown.append_column("is_misplaced", misplaced(rows, articles))
    connection.register("given", shown)
    if articles is None:
        found = _find_failing(connection, "given", "raw_id", alone)
    else:
        connection.register("parents", articles.select(["article_id", "raw_id", "char_count"]))
        lengths = "(SELECT article_id, char_count AS article_char_count FROM parents)"
        found = _find_failing(connection, "given", "article_id", alone)
        found += _find_failing(connection, f"given JOIN {lengths} USING (article_id)", "article_id", beside)
        documents = dict(connection.execute("SELECT article_id, raw_id FROM parents").fetchall()) if found else {}
        found = [(documents[article_id], check, failed) for article_id, check, failed in found]
    counts = [
        Count(table.name, check, rows.num_rows, sum(failed for _, one, failed in found if one is check))
        for check in checks
    ]
    return counts, [Failure(raw_id, table.name, check, failed) for raw_id, check, failed in found]


def without_words(rows: pa.Table) -> pa.Table:
    """The rows, with only the numbers of the structs in lists: handing over each word costs more than all checks."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type):
            lists = rows[place].combine_chunks()
            structs = lists.flatten()
            kept = [kind for kind in field.type.value_type if not pa.types.is_string(kind.type)]
            numbers = pa.StructArray.from_arrays([structs.field(kind.name) for kind in kept], fields=kept)
            borders = pa.array(lists.offsets.to_numpy() - lists.offsets[0].as_py(), pa.int32())
            rows = rows.set_column(place, field.name, pa.ListArray.from_arrays(borders, numbers, mask=lists.is_null()))
    return rows


def _find_failing(
    connection: duckdb.DuckDBPyConnection, source: str, key: str, checks: Sequence[Check]
) -> list[tuple[str, Check, int]]:
    """(key, check, number of rows) wherever rows of a source fail a check."""
    if not checks:
        return []
    counters = ", ".join(f"count(*) FILTER ({check.fails_if})" for check in checks)
    failing = " OR ".join(f"({check.fails_if})" for check in checks)
    rows = connection.execute(
        f"SELECT {key}, {counters} FROM {source} WHERE {failing} GROUP BY {key} ORDER BY {key}"
    ).fetchall()
    return [(row[0], check, failed) for row in rows for check, failed in zip(checks, row[1:], strict=True) if failed]


def add_up(counts: Iterable[Count]) -> list[Count]:
    """One count a table and check: the sum over batches."""
    total: dict[tuple[str, str], Count] = {}
    for count in counts:
        before = total.get((count.table, count.check.name), Count(count.table, count.check, 0, 0))
        sums = (before.row_count + count.row_count, before.failed_count + count.failed_count)
        examples = (before.examples + count.examples)[:MOST_EXAMPLES]
        total[count.table, count.check.name] = Count(count.table, count.check, *sums, examples)
    return list(total.values())


def check_table(connection: duckdb.DuckDBPyConnection, table: Table) -> list[Count]:
    """Applies a table's table checks to what is about to be published."""
    (row_count,) = connection.execute(f"SELECT count(*) FROM {table.name}").fetchall()[0]
    counts = []
    for check in table.all_checks:
        if check.kind == "table":
            query = check.count or f"SELECT count(*) FROM {table.name} WHERE {check.fails_if}"
            (failed,) = connection.execute(query).fetchall()[0]
            examples = _examples(connection, table, check) if failed and check.fails_if else ()
            counts.append(Count(table.name, check, row_count, failed, examples))
    return counts


def _examples(connection: duckdb.DuckDBPyConnection, table: Table, check: Check) -> tuple[str, ...]:
    """Keys of rows that fail; never a text of theirs."""
    rows = connection.execute(
        "SELECT {} FROM {} WHERE {} ORDER BY ALL LIMIT {}".format(
            ", ".join(f'"{name}"' for name in table.key), table.name, check.fails_if, MOST_EXAMPLES
        )
    ).fetchall()
    return tuple(", ".join(f"{name} {value}" for name, value in zip(table.key, row, strict=True)) for row in rows)


def check_all(connection: duckdb.DuckDBPyConnection, table: Table) -> list[Count]:
    """Applies every check of a table whose rows are no article's own: all are counted, table checks stop the batch."""
    (row_count,) = connection.execute(f"SELECT count(*) FROM {table.name}").fetchall()[0]
    checks = [check for check in table.all_checks if check.kind == "row"]
    counters = ", ".join(f"count(*) FILTER ({check.fails_if})" for check in checks)
    failed = connection.execute(f"SELECT {counters} FROM {table.name}").fetchall()[0]
    counts = [Count(table.name, check, row_count, number) for check, number in zip(checks, failed, strict=True)]
    return counts + check_table(connection, table)


def check_history(table: str, documents: int, rows: int, history: Sequence[tuple[int, int]]) -> Count:
    """Whether a table has about as many rows a document as in earlier runs.

    Args:
        table: name of the table.
        documents: documents of this run.
        rows: rows of this run.
        history: (documents, rows) of earlier runs.
    """
    check = Check(
        "row_count_like_before",
        "",
        f"rows a document within a factor of {HISTORY_FACTOR:g} of earlier runs (from {HISTORY_RUNS} runs on)",
        kind="table",
    )
    ratios = sorted(before / given for given, before in history if given >= HISTORY_DOCUMENTS)
    if len(ratios) < HISTORY_RUNS or documents < HISTORY_DOCUMENTS:
        return Count(table, check, rows, 0)
    usual = ratios[len(ratios) // 2]
    is_usual = usual / HISTORY_FACTOR <= rows / documents <= usual * HISTORY_FACTOR
    return Count(table, check, rows, 0 if is_usual else rows or 1)


def judge(counts: Iterable[Count], docs_folder: Path) -> list[Result]:
    """Runs one expectation a check, and writes the Data Docs of this run.

    Args:
        counts: all counts of all tables.
        docs_folder: replaced by the new Data Docs; no value of an article reaches them.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context: Any = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    building = docs_folder.with_name(f".{docs_folder.name}.{os.getpid()}")
    before = docs_folder.with_name(f".{docs_folder.name}-before.{os.getpid()}")
    for left in (building, before):
        # By a process that was killed and had the same number, as in containers.
        shutil.rmtree(left, ignore_errors=True)
    context.variables.data_docs_sites = {}
    context.add_data_docs_site(
        site_name="last_run",
        site_config={
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(building)},
        },
    )
    by_table: dict[str, list[Count]] = {}
    for count in counts:
        by_table.setdefault(count.table, []).append(count)
    source = context.data_sources.add_pandas("rows that fail each check")
    results = [result for table, own in by_table.items() for result in _judge_table(context, source, table, own)]
    with _pages_whole():
        context.build_data_docs()
    # The old ones may not all go away: they are moved first.
    if docs_folder.exists():
        docs_folder.rename(before)
    building.rename(docs_folder)
    shutil.rmtree(before, ignore_errors=True)
    return results


@contextmanager
def _pages_whole() -> Iterator[None]:
    """Raises what Great Expectations only logs: a page that it could not write is left out by it."""
    faults: list[BaseException] = []

    def is_no_fault(_: logging.LogRecord) -> bool:
        if fault := sys.exc_info()[1]:
            faults.append(fault)
        return not fault

    logger = logging.getLogger("great_expectations.render.renderer.site_builder")
    logger.addFilter(is_no_fault)
    try:
        yield
    finally:
        logger.removeFilter(is_no_fault)
    if faults:
        raise faults[0]


def suite(table: str, counts: Sequence[Count]) -> Any:
    """The Great Expectations suite of a table: zero failing rows for each of its checks."""
    import great_expectations
    import great_expectations.expectations as gxe

    return great_expectations.ExpectationSuite(
        name=table,
        expectations=[
            gxe.ExpectColumnMaxToBeBetween(
                column=count.check.name,
                min_value=0,
                max_value=0,
                severity="critical" if count.check.kind == "table" else "warning",
                notes=count.check.description,
                meta={"kind": count.check.kind},
            )
            for count in counts
        ],
    )


def _judge_table(context: Any, source: Any, table: str, counts: Sequence[Count]) -> list[Result]:
    import great_expectations
    import pandas

    batch = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("last run")
    definition = context.validation_definitions.add(
        great_expectations.ValidationDefinition(name=table, data=batch, suite=context.suites.add(suite(table, counts)))
    )
    frame = pandas.DataFrame({count.check.name: [count.failed_count] for count in counts})
    answer = definition.run(batch_parameters={"dataframe": frame}, result_format="SUMMARY")
    passed = {result.expectation_config.kwargs["column"]: result.success for result in answer.results}
    return [Result(count, bool(passed[count.check.name])) for count in counts]


def stop_if_broken(results: Iterable[Result], docs_folder: Path) -> None:
    """Raises BatchStopped when a table check failed; nothing of the batch has been published yet."""
    broken = [result.count for result in results if result.count.check.kind == "table" and not result.is_passed]
    if broken:
        lines = [
            f"{count.table}.{count.check.name}: {count.failed_count} of {count.row_count} rows fail: {count.check.description}"
            for count in broken
        ]
        raise BatchStopped(
            "nothing was published, the lake is unchanged:\n  "
            + "\n  ".join(lines)
            + f"\nsee {docs_folder / 'index.html'}; mend the rule or the data, then run again"
        )
