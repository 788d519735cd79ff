"""Refused documents: how a failed row check becomes a row of `quarantine`, and how to look at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from newslake.lake import database
from newslake.lake.snapshots import Snapshot
from newslake.tables import QUARANTINE
from newslake.validate import Failure

if TYPE_CHECKING:
    import duckdb


def from_failures(connection: duckdb.DuckDBPyConnection, failures: Iterable[Failure]) -> pa.Table:
    """One row a document and failed check; every failing article is listed.

    Args:
        connection: has the batch's `articles`.
        failures: what the row checks found.
    """
    by_article: dict[str, list[Failure]] = {}
    for failure in failures:
        by_article.setdefault(failure.article_id, []).append(failure)
    connection.register("failing", pa.table({"article_id": pa.array(list(by_article), pa.string())}))
    articles = connection.execute(
        "SELECT article_id, raw_id, source, url FROM articles SEMI JOIN failing USING (article_id) ORDER BY ALL"
    ).fetchall()
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for article_id, raw_id, source, url in articles:
        for failure in by_article[article_id]:
            reason = failure.check.name
            detail = f"{failure.failed_count} row(s) of {failure.table} fail: {failure.check.description}"
            row = rows.setdefault(
                (raw_id, reason),
                {
                    "raw_id": raw_id,
                    "article_id": article_id,
                    "source": source,
                    "url": url,
                    "stage": "validate",
                    "reason": reason,
                    "detail": "",
                    "is_replayed": False,
                },
            )
            row["detail"] = f"{row['detail']}; {detail}" if row["detail"] else detail
    return QUARANTINE.from_rows(list(rows.values()))


def listed(snapshot: Snapshot, reason: str | None = None) -> list[tuple[Any, ...]]:
    """(raw_id, stage, reason, url, detail) of refused documents that have not been taken in since."""
    with database.connect(snapshot) as connection:
        return connection.execute(
            """
            SELECT raw_id, stage, reason, url, detail FROM quarantine
            WHERE NOT is_replayed AND ($reason IS NULL OR reason = $reason) ORDER BY stage, reason, url
            """,
            {"reason": reason},
        ).fetchall()


def found(snapshot: Snapshot, raw_id: str) -> list[dict[str, Any]]:
    """The rows of `quarantine` whose raw_id begins so, each with the document's bytes and media type."""
    with database.connect(snapshot) as connection:
        rows: list[dict[str, Any]] = (
            connection.sql(
                """
            SELECT quarantine.*, content_type, fetched_at, byte_count, bytes
            FROM quarantine JOIN raw_documents USING (raw_id, url)
            WHERE starts_with(raw_id, $raw_id) ORDER BY reason
            """,
                params={"raw_id": raw_id},
            )
            .to_arrow_table()
            .to_pylist()
        )
    return rows
