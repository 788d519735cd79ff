"""Taking documents, with all that was made of them, out of the newest snapshot.

What goes is told by three tables of the change's connection: `gone_articles` (article_id) with all their versions,
`gone_documents` (raw_id), and `gone_places` (raw_id, url, fetched_at), the rows of raw_documents.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from newslake.lake import relations
from newslake.lake.change import Change
from newslake.lake.database import quoted
from newslake.lake.delta import in_order
from newslake.lake.staged import CHILDREN
from newslake.tables import ARTICLE_VERSIONS, ARTICLES, FINGERPRINTS, QUARANTINE, RAW_DOCUMENTS

Cluster = Callable[[pa.Table, pa.Table], pa.Table]
"""`deduplicate.cluster`: (article_id, published_date, published_at) and FINGERPRINTS → article_id, cluster columns."""
MARKS = ("cluster_id", "duplicate_of", "is_duplicate", "similarity")
STAYS_OF_ARTICLE = "article_id NOT IN (SELECT article_id FROM gone_articles)"
STAYS_OF_DOCUMENT = "raw_id NOT IN (SELECT raw_id FROM gone_documents)"
PLACE = "(raw_id, url, fetched_at)"


def prepare(change: Change) -> None:
    """Makes the three tables, empty."""
    change.connection.execute(
        """
        CREATE TABLE gone_articles (article_id VARCHAR);
        CREATE TABLE gone_documents (raw_id VARCHAR);
        CREATE TABLE gone_places (raw_id VARCHAR, url VARCHAR, fetched_at TIMESTAMPTZ);
        """
    )


def remove(change: Change, cluster: Cluster) -> dict[str, int]:
    """Takes out what the three tables name, and marks anew the copies that are left of clusters that lose a member.

    Args:
        change: its next snapshot.
        cluster: finds clusters.

    Returns:
        Table → rows that it loses, where it loses any.
    """
    marks = _marks(change, cluster)
    lost = {}
    for table in CHILDREN:
        lost[table.name] = change.keep(table, STAYS_OF_ARTICLE)
    lost["article_versions"] = change.keep(ARTICLE_VERSIONS, f"{STAYS_OF_ARTICLE} AND {STAYS_OF_DOCUMENT}")
    lost["quarantine"] = change.keep(QUARANTINE, f"{STAYS_OF_DOCUMENT} AND (article_id IS NULL OR {STAYS_OF_ARTICLE})")
    lost["raw_documents"] = change.keep(RAW_DOCUMENTS, f"{PLACE} NOT IN (SELECT {PLACE} FROM gone_places)")
    lost["articles"] = _keep_articles(change, marks)
    return {name: count for name, count in lost.items() if count}


def _marks(change: Change, cluster: Cluster) -> pa.Table:
    """Cluster columns of the articles that were in a cluster with one that goes."""
    connection = change.connection
    connection.execute(
        f"""
        CREATE TABLE left_behind AS
            SELECT article_id, published_date, published_at FROM lake_articles
            WHERE cluster_id IN (SELECT cluster_id FROM lake_articles SEMI JOIN gone_articles USING (article_id))
            AND {STAYS_OF_ARTICLE}
        """
    )
    articles = connection.sql("FROM left_behind").to_arrow_table()
    prints = relations.rows(connection, FINGERPRINTS, "FROM lake_fingerprints SEMI JOIN left_behind USING (article_id)")
    if not articles.num_rows:
        return pa.table({name: pa.array([], pa.string()) for name in ("article_id", *MARKS)})
    return cluster(articles, prints)


def _keep_articles(change: Change, marks: pa.Table) -> int:
    """Leaves out articles, and writes those that stay with their marks; says how many left."""
    connection, folder = change.connection, change.folders[ARTICLES.name]
    connection.register("mark_rows", marks)
    connection.execute("CREATE OR REPLACE TABLE new_marks AS FROM mark_rows")
    touched = connection.execute(
        """
        SELECT filename, count(*) FILTER (article_id IN (SELECT article_id FROM gone_articles)) FROM lake_articles
        WHERE article_id IN (SELECT article_id FROM gone_articles UNION ALL SELECT article_id FROM new_marks)
        GROUP BY filename ORDER BY filename
        """
    ).fetchall()
    kept = {file.path: file for file in change.files(ARTICLES)}
    types = {
        name: "BOOLEAN" if name == "is_duplicate" else "DOUBLE" if name == "similarity" else "VARCHAR" for name in MARKS
    }
    anew = ", ".join(
        f"CASE WHEN new.article_id IS NULL THEN old.{name} ELSE new.{name}::{kind} END AS {name}"
        for name, kind in types.items()
    )
    for place, _ in touched:
        source = (
            f"FROM (SELECT old.* REPLACE ({anew}) FROM lake_articles AS old LEFT JOIN new_marks AS new USING (article_id) "
            f"WHERE old.filename = {quoted(place)} AND old.{STAYS_OF_ARTICLE})"
        )
        rows = relations.rows(connection, ARTICLES, source)
        del kept[next(path for path in kept if place.endswith(f"/{path}"))]
        kept.update((file.path, file) for file in folder.write(in_order(rows, ARTICLES)))
    if touched:
        change.set_files(ARTICLES, list(kept.values()))
    return sum(count for _, count in touched)
