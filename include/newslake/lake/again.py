"""Documents that are refined again over what is stored: a stage became better, or their page came back.

What the newest snapshot has of them is left out of a merge, as if they had never been published, so their rows are
replaced in whatever form they come out this time: as an article, as a version, refused. All versions of an article are
refined together, since an older one may have to take the place of the newest. Everything else stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from newslake.lake.pending import OF_DOCUMENTS
from newslake.lake.staged import CHILDREN, read_facts
from newslake.tables import Table

if TYPE_CHECKING:
    import duckdb


def forget(connection: duckdb.DuckDBPyConnection, staged: Sequence[Path]) -> None:
    """Takes the documents of batches that were refined again out of the views `lake_<table>` of a merge.

    Afterwards `forgotten` has their raw_ids, `forgotten_articles` the articles that were shown from them, and
    `all_<table>` is what `lake_<table>` was.
    """
    batches = [folder.name for folder in staged if read_facts(folder).get("is_again")]
    connection.execute(
        """
        CREATE TABLE forgotten AS
            SELECT raw_id FROM staging_articles WHERE list_contains($batches::VARCHAR[], batch_id::VARCHAR)
            UNION SELECT raw_id FROM staging_quarantine WHERE list_contains($batches::VARCHAR[], batch_id::VARCHAR)
        """,
        {"batches": batches},
    )
    if not batches:
        return
    for table in (*OF_DOCUMENTS, *CHILDREN):
        connection.execute(f"ALTER VIEW lake_{table.name} RENAME TO all_{table.name}")
    connection.execute(
        "CREATE TABLE forgotten_articles AS SELECT article_id, cluster_id FROM all_articles SEMI JOIN forgotten USING (raw_id)"
    )
    for table in (*OF_DOCUMENTS, *CHILDREN):
        connection.execute(f"CREATE VIEW lake_{table.name} AS FROM all_{table.name} ANTI JOIN {_of(table)}")


def files_to_rewrite(connection: duckdb.DuckDBPyConnection, table: Table) -> set[str]:
    """Files of the newest snapshot that hold rows of documents refined again."""
    if table not in (*OF_DOCUMENTS, *CHILDREN) or not _is_any(connection):
        return set()
    rows = connection.execute(f"SELECT DISTINCT filename FROM all_{table.name} SEMI JOIN {_of(table)}").fetchall()
    return {path for (path,) in rows}


def once_together(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Articles of the lake that were in one cluster with an article refined again, and may not be any more."""
    if not _is_any(connection):
        return set()
    rows = connection.execute("SELECT article_id FROM lake_articles SEMI JOIN forgotten_articles USING (cluster_id)")
    return {article_id for (article_id,) in rows.fetchall()}


def _is_any(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM forgotten").fetchall()[0][0])


def _of(table: Table) -> str:
    return "forgotten USING (raw_id)" if table in OF_DOCUMENTS else "forgotten_articles USING (article_id)"
