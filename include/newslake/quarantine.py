"""Refused documents: how a failed row check becomes a row of `quarantine`, and how to look at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from newslake.lake import database
from newslake.lake.snapshots import Snapshot
from newslake.tables import QUARANTINE
from newslake.validate import Failure


def from_failures(articles: pa.Table, failures: Iterable[Failure]) -> pa.Table:
    """One row a document and failed check; every failing document is listed.

    Args:
        articles: ARTICLES rows of the batch.
        failures: what the row checks found in them.
    """
    details: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        detail = f"{failure.failed_count} row(s) of {failure.table} fail: {failure.check.description}"
        details.setdefault((failure.raw_id, failure.check.name), []).append(detail)
    failing = articles.filter(
        pc.is_in(articles["raw_id"], value_set=pa.array({key[0] for key in details}, pa.string()))
    )
    known = failing.select(["raw_id", "article_id", "source", "url"]).to_pylist()
    documents = {document["raw_id"]: document for document in known}
    return QUARANTINE.from_rows(
        [
            {
                **documents[raw_id],
                "stage": "validate",
                "reason": reason,
                "detail": "; ".join(lines),
                "is_replayed": False,
            }
            for (raw_id, reason), lines in sorted(details.items())
        ]
    )


def listed(snapshot: Snapshot, reason: str | None = None) -> list[tuple[Any, ...]]:
    """(raw_id, stage, reason, url, detail) of refused documents that have not been taken in since.

    Where the same bytes lie at several places, the url tells how many more there are.
    """
    with database.connect(snapshot) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(
            """
            SELECT raw_id, stage, reason, url || if(place_count > 1, format(' +{} more', place_count - 1), ''), detail
            FROM quarantine JOIN (SELECT raw_id, count(DISTINCT url) AS place_count FROM raw_documents GROUP BY raw_id) USING (raw_id)
            WHERE NOT is_replayed AND ($reason IS NULL OR reason = $reason) ORDER BY stage, reason, url, raw_id
            """,
            {"reason": reason},
        ).fetchall()
    return rows


def found(snapshot: Snapshot, raw_id: str) -> list[dict[str, Any]]:
    """The rows of `quarantine` whose raw_id begins so, each with the document's bytes, media type and all its places."""
    with database.connect(snapshot) as connection:
        rows: list[dict[str, Any]] = (
            connection.sql(
                """
            SELECT quarantine.*, documents.* EXCLUDE (raw_id)
            FROM quarantine JOIN (
                SELECT raw_id, arg_min(content_type, url) AS content_type, arg_min(fetched_at, url) AS fetched_at,
                       any_value(byte_count) AS byte_count, list(url ORDER BY url) AS places, any_value(bytes) AS bytes
                FROM raw_documents WHERE starts_with(raw_id, $raw_id) GROUP BY raw_id
            ) AS documents USING (raw_id)
            ORDER BY raw_id, reason
            """,
                params={"raw_id": raw_id},
            )
            .to_arrow_table()
            .to_pylist()
        )
    return rows
