"""Refused documents: how a failed row check becomes a row of `quarantine`, how to look at them, and what a replay changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from newslake.errors import UsageError
from newslake.tables import QUARANTINE
from newslake.validate import Failure

if TYPE_CHECKING:
    import duckdb

TAKEN_IN: Final = "taken in"
_CHOSEN: Final = (
    "NOT is_replayed AND ($reason IS NULL OR reason = $reason) AND ($source IS NULL OR quarantine.source = $source)"
)


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


def counted(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(documents, stage, reason, sources, raw_id, detail) by reason, the most frequent first; the last two of one document.

    Args:
        connection: to a lake, or to what waits to be published (`lake/waiting.py`).
    """
    rows: list[tuple[Any, ...]] = connection.execute(
        """
        SELECT count(DISTINCT raw_id), stage, reason, string_agg(DISTINCT source, ', ' ORDER BY source), min(raw_id), arg_min(detail, raw_id)
        FROM quarantine WHERE NOT is_replayed GROUP BY stage, reason ORDER BY 1 DESC, stage, reason
        """
    ).fetchall()
    return rows


def listed(
    connection: duckdb.DuckDBPyConnection, reason: str | None = None, source: str | None = None
) -> list[tuple[Any, ...]]:
    """(raw_id, stage, reason, url, detail) of refused documents that have not been taken in since.

    Where the same bytes lie at several places, the url tells how many more there are.

    Args:
        connection: see `counted`.
        reason: only this one.
        source: only of this one.

    Raises:
        UsageError: nothing was refused for such a reason, or of such a source.
    """
    rows: list[tuple[Any, ...]] = connection.execute(
        f"""
        SELECT raw_id, stage, reason, url || if(place_count > 1, format(' +{{}} more', place_count - 1), ''), detail
        FROM quarantine JOIN (SELECT raw_id, count(DISTINCT url) AS place_count FROM raw_documents GROUP BY raw_id) USING (raw_id)
        WHERE {_CHOSEN} ORDER BY stage, reason, url, raw_id
        """,
        {"reason": reason, "source": source},
    ).fetchall()
    if not rows:
        _refuse_unknown(connection, reason, source)
    return rows


def _refuse_unknown(connection: duckdb.DuckDBPyConnection, reason: str | None, source: str | None) -> None:
    found = connection.execute("SELECT DISTINCT reason, source FROM quarantine WHERE NOT is_replayed").fetchall()
    for name, wanted, there in (
        ("with reason", reason, sorted({row[0] for row in found})),
        ("of source", source, sorted({row[1] for row in found})),
    ):
        if wanted is not None and wanted not in there:
            raise UsageError(f"nothing was refused {name} {wanted!r}; there are: {', '.join(there) or 'none'}")
    if found and (reason or source):
        raise UsageError(f"nothing was refused with reason {reason!r} of source {source!r}")


def found(connection: duckdb.DuckDBPyConnection, raw_id: str) -> list[dict[str, Any]]:
    """The rows of `quarantine` whose raw_id begins so, each with the document's bytes, media type and all its places."""
    rows: list[dict[str, Any]] = (
        connection.sql(
            """
            SELECT quarantine.*, documents.* EXCLUDE (raw_id)
            FROM quarantine JOIN (
                SELECT raw_id, arg_min(content_type, url) AS content_type, arg_min(charset, url) AS charset,
                       arg_min(fetched_at, url) AS fetched_at, any_value(byte_count) AS byte_count,
                       list(url ORDER BY url) AS places, any_value(bytes) AS bytes
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


def chosen(
    connection: duckdb.DuckDBPyConnection, reason: str | None, source: str | None, raw_ids: Sequence[str]
) -> dict[str, list[str]]:
    """raw_id → reasons, of the refused documents that are to be replayed.

    Args:
        connection: to a lake.
        reason: only this one; a document that was refused for others too is among them.
        source: only of this one.
        raw_ids: only those that begin with one of these.

    Raises:
        UsageError: one of these is of no refused document.
    """
    rows = connection.execute(
        f"SELECT raw_id, list(reason ORDER BY reason) FROM quarantine WHERE NOT is_replayed AND raw_id IN "
        f"(SELECT raw_id FROM quarantine WHERE {_CHOSEN}) GROUP BY raw_id ORDER BY raw_id",
        {"reason": reason, "source": source},
    ).fetchall()
    if not rows:
        _refuse_unknown(connection, reason, source)
    for wanted in raw_ids:
        if not wanted or not any(raw_id.startswith(wanted) for raw_id, _ in rows):
            raise UsageError(f"no such refused document begins with {wanted!r}; see `newslake quarantine list`")
    return {raw_id: reasons for raw_id, reasons in rows if not raw_ids or raw_id.startswith(tuple(raw_ids))}


def outcomes(connection: duckdb.DuckDBPyConnection, before: Mapping[str, Sequence[str]]) -> list[tuple[int, str, str]]:
    """(documents, reason before, what became of them), the most frequent first.

    Args:
        connection: to the lake after a replay.
        before: what `chosen` gave before it.
    """
    connection_rows = connection.execute(
        "SELECT raw_id, list(reason ORDER BY reason) FROM quarantine WHERE NOT is_replayed GROUP BY raw_id"
    ).fetchall()
    after = {raw_id: reasons for raw_id, reasons in connection_rows if raw_id in before}
    counts: Counter[tuple[str, str]] = Counter()
    for raw_id, reasons in before.items():
        now = after.get(raw_id)
        for reason in reasons:
            is_same = now is not None and reason in now
            outcome = TAKEN_IN if now is None else "still refused" if is_same else f"refused now: {', '.join(now)}"
            counts[reason, outcome] += 1
    return sorted(((count, *key) for key, count in counts.items()), key=lambda row: (-row[0], row[1:]))
