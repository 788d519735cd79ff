"""What a run did, in a dozen lines for a person."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from newslake import config
from newslake.acquire.visit import Landed
from newslake.lake import database
from newslake.lake.snapshots import Snapshot, current
from newslake.lake.verify import conservation

if TYPE_CHECKING:
    import duckdb

WEB_COUNTS: Final = ("fetched", "unchanged", "failed", "pending", "forbidden")


def lines(landed: Sequence[Landed] | None, is_new: bool | None) -> Iterator[str]:
    """The summary of the current snapshot, with what the last run added when that is known.

    Args:
        landed: what `acquire` did for each source, or None.
        is_new: whether the run published a snapshot, or None.

    Raises:
        LakeError: nothing has been published yet.
    """
    home = config.home()
    for one in landed or ():
        yield (
            f"in        {one['source']}: {one['documents']} documents read, {one['landed']} new, "
            f"{one['already_known']} already in the lake"
        )
        if web := ", ".join(f"{one[name]:,} {name}" for name in WEB_COUNTS if one[name]):
            yield f"web       {one['source']}: {web}"
        yield from (f"note      {line}" for line in one["notes"])
    snapshot = current(home)
    if is_new is not None:
        yield (
            f"published snapshot {snapshot.name}"
            if is_new
            else f"published nothing new: snapshot {snapshot.name} stays as it is"
        )
    yield f"account   {conservation(snapshot)}"
    with database.connect(snapshot) as connection:
        if is_new and (reasons := _refused_by(connection, snapshot.manifest["run_id"])):
            yield f"refused   in this run: {', '.join(f'{count:,} {reason}' for reason, count in reasons)}"
        for reason, count, example in connection.execute(
            "SELECT reason, count(*), min(url) FROM quarantine WHERE NOT is_replayed GROUP BY ALL ORDER BY 2 DESC, 1"
        ).fetchall():
            yield f"refused   {count:5} {reason:28} e.g. {example}"
        articles, copies, publishers, sentences, mentions = connection.execute(
            "SELECT count(*), count(*) FILTER (is_duplicate), count(DISTINCT source_name), "
            "(SELECT count(*) FROM sentences), (SELECT count(*) FROM mentions) FROM articles"
        ).fetchall()[0]
    yield (
        f"out       {articles:,} articles of {publishers:,} publishers ({copies:,} marked as copies), "
        f"{sentences:,} sentences, {mentions:,} mentions"
    )
    yield f"parquet   {home.current}/<table>/"
    yield f"duckdb    {home.database}"
    if (home.reports / "index.html").exists():
        yield f"report    {home.reports / 'index.html'}"
    command = _command()
    yield f'next      {command} query "FROM source_quality"'
    yield f"          {command} show {_example(snapshot)}"
    yield f"          {command} quarantine list"


def _refused_by(connection: duckdb.DuckDBPyConnection, run_id: str) -> list[tuple[str, int]]:
    """(reason, documents) of a run, the most frequent first."""
    rows: list[tuple[str, int]] = connection.execute(
        "SELECT entry.key, sum(entry.value)::BIGINT FROM (SELECT unnest(map_entries(refusals)) AS entry FROM runs "
        "WHERE run_id = $run_id) GROUP BY ALL ORDER BY 2 DESC, 1",
        {"run_id": run_id},
    ).fetchall()
    return rows


def _example(snapshot: Snapshot) -> str:
    """The article that was repaired most, of those that have a title."""
    with database.connect(snapshot) as connection:
        rows = connection.execute(
            "SELECT article_id FROM articles ORDER BY title IS NULL, list_sum(map_values(repairs)) DESC NULLS LAST, 1 LIMIT 1"
        ).fetchall()
    return str(rows[0][0]) if rows else "ARTICLE"


def _command() -> str:
    """How the command is called from here: by its name where that is found, else by its path."""
    beside = Path(sys.executable).with_name("newslake")
    if shutil.which("newslake") or not beside.exists():
        return "newslake"
    return os.path.relpath(beside) if beside.is_relative_to(Path.cwd()) else str(beside)
