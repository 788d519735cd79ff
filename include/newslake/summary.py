"""What a run did, in a dozen lines for a person."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from newslake import config
from newslake.lake import database
from newslake.lake.snapshots import Snapshot, current
from newslake.lake.verify import conservation
from newslake.pipeline import Landed


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
    snapshot = current(home)
    if is_new is not None:
        yield (
            f"published snapshot {snapshot.name}"
            if is_new
            else f"published nothing new: snapshot {snapshot.name} stays as it is"
        )
    yield f"documents {conservation(snapshot)}"
    with database.connect(snapshot) as connection:
        for reason, count, example in connection.execute(
            "SELECT reason, count(*), min(url) FROM quarantine WHERE NOT is_replayed GROUP BY ALL ORDER BY 2 DESC, 1"
        ).fetchall():
            yield f"refused   {count:5} {reason:28} e.g. {example}"
        copies, sentences, mentions, publishers = connection.execute(
            "SELECT (SELECT count(*) FROM articles WHERE is_duplicate), (SELECT count(*) FROM sentences), "
            "(SELECT count(*) FROM mentions), (SELECT count(DISTINCT source_name) FROM articles)"
        ).fetchall()[0]
    yield f"out       {copies} articles marked as copies, {sentences} sentences, {mentions} mentions, {publishers} publishers"
    yield f"parquet   {home.current}/<table>/"
    yield f"duckdb    {home.database}"
    if (home.reports / "index.html").exists():
        yield f"report    {home.reports / 'index.html'}"
    yield 'next      newslake query "FROM source_quality"'
    yield "          newslake show 推进会"
    yield "          newslake quarantine list"
