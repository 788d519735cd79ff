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

KEY = ("article_id", "batch_id")


def from_failures(connection: duckdb.DuckDBPyConnection, failures: Iterable[Failure]) -> pa.Table:
    """One row a document and failed check; every failing article is listed.

    An older version of a failing article in the same batch goes with it: its rows made way for the newer one's.

    Args:
        connection: has `staging_articles`, and `new_articles`, to which rows are limited.
        failures: what the row checks found.
    """
    by_article: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        by_article.setdefault((failure.article_id, failure.batch_id), []).append(failure)
    keys = pa.table({name: pa.array([key[place] for key in by_article], pa.string()) for place, name in enumerate(KEY)})
    connection.register("failing", keys)
    articles = connection.execute(
        """
        SELECT article_id, batch_id, raw_id, source, url,
               row_number() OVER (PARTITION BY article_id, batch_id ORDER BY fetched_at DESC, raw_id DESC) = 1
        FROM (SELECT article_id, batch_id::VARCHAR AS batch_id, raw_id, source, url, fetched_at FROM staging_articles)
        SEMI JOIN failing USING (article_id, batch_id) SEMI JOIN new_articles USING (raw_id) ORDER BY ALL
        """
    ).fetchall()
    rows: list[dict[str, object]] = []
    for article_id, batch_id, raw_id, source, url, is_newest in articles:
        reasons: dict[str, list[str]] = {}
        for failure in by_article[article_id, batch_id]:
            reason = failure.check.name if is_newest else "newer_version_refused"
            detail = f"{failure.failed_count} row(s) of {failure.table} fail: {failure.check.description}"
            reasons.setdefault(reason, []).append(detail)
        document = {"raw_id": raw_id, "article_id": article_id, "source": source, "url": url}
        refusal = {"stage": "validate", "is_replayed": False}
        rows += [{**document, **refusal, "reason": reason, "detail": "; ".join(reasons[reason])} for reason in reasons]
    return QUARANTINE.from_rows(rows)


def listed(snapshot: Snapshot, reason: str | None = None) -> list[tuple[Any, ...]]:
    """(raw_id, stage, reason, url, detail) of refused documents that have not been taken in since."""
    with database.connect(snapshot) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(
            """
            SELECT raw_id, stage, reason, url, detail FROM quarantine
            WHERE NOT is_replayed AND ($reason IS NULL OR reason = $reason) ORDER BY stage, reason, url
            """,
            {"reason": reason},
        ).fetchall()
    return rows


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
