"""Documents that are refined again over what is stored: a stage became better, or their page came back.

What the newest snapshot has of them is left out of a merge, as if they had never been published, so their rows are
replaced in whatever form they come out this time: as an article, as a version, refused. All versions of an article are
refined together, since an older one may have to take the place of the newest. Everything else stays as it is.

What a rule had refused and passes now keeps its row in `quarantine`, with `is_replayed`; where fetching had failed and
the same bytes came whole, the row leaves. A replay changes nothing of documents that are refused as they were before.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from newslake.lake.pending import OF_DOCUMENTS
from newslake.lake.staged import CHILDREN, read_facts
from newslake.tables import QUARANTINE, Table

if TYPE_CHECKING:
    import duckdb

OUTCOME = ", ".join(name for name in QUARANTINE.column_names if name != "is_replayed")
"""What is compared of two refusals of one document."""


def forget(connection: duckdb.DuckDBPyConnection, staged: Sequence[Path]) -> None:
    """Takes the documents of batches that were refined again out of the views `lake_<table>` of a merge.

    Of a replay only those that are still refused: another one may have taken them in meanwhile. Afterwards `forgotten`
    has their raw_ids, `forgotten_articles` the articles that were shown from them, `taken_in` the rows of `quarantine`
    of those that pass now, `replays` the batch_ids of replays, and `all_<table>` is what `lake_<table>` was.
    """
    facts = {folder.name: read_facts(folder) for folder in staged}
    again = [name for name, fact in facts.items() if fact.get("is_again")]
    replays = [name for name, fact in facts.items() if fact.get("is_replay")]
    _find_forgotten(connection, again, replays)
    for table in (*OF_DOCUMENTS, *CHILDREN):
        connection.execute(f"ALTER VIEW lake_{table.name} RENAME TO all_{table.name}")
    connection.execute(
        """
        CREATE TABLE forgotten_articles AS
            SELECT article_id, cluster_id FROM all_articles SEMI JOIN forgotten USING (raw_id);
        CREATE TABLE taken_in AS
            SELECT * EXCLUDE (filename) REPLACE (true AS is_replayed) FROM all_quarantine
            SEMI JOIN forgotten USING (raw_id) SEMI JOIN staging_articles USING (raw_id) WHERE stage <> 'acquire';
        """
    )
    # Without anything to forget, the files are read as if there were no second view.
    is_any = _is_any(connection)
    for table in (*OF_DOCUMENTS, *CHILDREN):
        left = f" ANTI JOIN {_of(table)}" if is_any else ""
        connection.execute(f"CREATE VIEW lake_{table.name} AS FROM all_{table.name}{left}")


def _find_forgotten(connection: duckdb.DuckDBPyConnection, again: Sequence[str], replays: Sequence[str]) -> None:
    connection.execute("CREATE TABLE replays AS SELECT unnest($replays::VARCHAR[]) AS batch_id", {"replays": replays})
    connection.execute(
        """
        CREATE TABLE refined_again AS
            SELECT raw_id, batch_id::VARCHAR AS batch_id FROM staging_articles
            WHERE list_contains($again::VARCHAR[], batch_id::VARCHAR)
            UNION SELECT raw_id, batch_id::VARCHAR FROM staging_quarantine
            WHERE list_contains($again::VARCHAR[], batch_id::VARCHAR);
        """,
        {"again": again},
    )
    connection.execute(
        f"""
        CREATE TABLE still_refused AS
            SELECT {OUTCOME} FROM lake_quarantine SEMI JOIN refined_again USING (raw_id) WHERE NOT is_replayed;
        CREATE TABLE refused_again AS SELECT {OUTCOME} FROM staging_quarantine SEMI JOIN refined_again USING (raw_id);
        CREATE TABLE changed AS
            SELECT raw_id FROM (FROM still_refused EXCEPT FROM refused_again)
            UNION SELECT raw_id FROM (FROM refused_again EXCEPT FROM still_refused);
        CREATE TABLE forgotten AS
            SELECT DISTINCT raw_id FROM refined_again WHERE batch_id NOT IN (FROM replays)
            UNION SELECT raw_id FROM still_refused SEMI JOIN changed USING (raw_id);
        """
    )


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
