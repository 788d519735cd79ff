"""Which raw documents are to be refined: those that the newest snapshot does not know, or knows otherwise.

The same bytes are refined once, from one of their rows in raw_documents: from one without an error; at an address where
nothing else has come since; where they are in the lake already, or another version of the same article is; where they
came back after others had been there; under the smallest of such addresses; from the latest row. An article whose page
went on moves to another address that still has its bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from newslake.config import Home
from newslake.lake.database import quoted
from newslake.lake.delta import DeltaFolder
from newslake.lake.snapshots import newest
from newslake.tables import ARTICLE_VERSIONS, ARTICLES, QUARANTINE, RAW_DOCUMENTS, Table

if TYPE_CHECKING:
    import duckdb

OF_DOCUMENTS = (ARTICLES, ARTICLE_VERSIONS, QUARANTINE)
"""Tables whose rows are known by the document they come from."""

_NEW = """
    SELECT DISTINCT raw_id FROM raw
    ANTI JOIN (SELECT raw_id FROM versions UNION ALL SELECT raw_id FROM refused) USING (raw_id)
"""
# What was refused for what it says would be refused again. Where fetching had failed, another row may be whole.
_UNFETCHED = "(FROM refused WHERE stage = 'acquire')"
_LATER = f"""
    SELECT raw_id FROM raw SEMI JOIN versions USING (raw_id) WHERE error IS NULL GROUP BY raw_id HAVING count(*) > 1
    UNION SELECT raw_id FROM raw SEMI JOIN {_UNFETCHED} USING (raw_id) WHERE error IS NULL
"""
# A row of the same time may be the one that is in the lake: it would be refined again at every run.
_RETURNED = f"""
    SELECT raw_id FROM place JOIN versions USING (raw_id)
    WHERE (has_returned AND place.fetched_at > versions.fetched_at)
        OR (is_there AND NOT is_kept AND place.fetched_at <> versions.fetched_at)
    UNION SELECT raw_id FROM place SEMI JOIN {_UNFETCHED} USING (raw_id)
"""
_FETCHED = """
    SELECT raw_id FROM (SELECT raw_id FROM versions UNION SELECT raw_id FROM refused)
    SEMI JOIN (FROM raw WHERE fetched_at >= $since::TIMESTAMPTZ) USING (raw_id)
"""
_WITH_OTHER_VERSIONS = """
    FROM found UNION SELECT raw_id FROM versions
    SEMI JOIN (FROM versions SEMI JOIN found USING (raw_id)) USING (article_id)
"""


class Place(NamedTuple):
    """Where the row lies from which a document is refined: a file of raw_documents, and the row within."""

    raw_id: str
    file: str
    row: int


def new(home: Home, version: int | None = None) -> list[Place]:
    """Documents that the newest snapshot does not know, neighbours on disk first.

    Args:
        home: where the lake is.
        version: of raw_documents; the newest by default.
    """
    with _opened(home, version) as connection:
        return _places(connection, _NEW)


def returned(home: Home, version: int | None = None) -> list[Place]:
    """Documents that came back after others had been at their address, or came whole after they had come with an error.

    Args:
        home: where the lake is.
        version: of raw_documents; the newest by default.

    Returns:
        Those of which the newest snapshot has an earlier row, with all other versions of their articles; neighbours
        on disk first.
    """
    with _opened(home, version) as connection:
        connection.execute(f"CREATE TABLE later AS {_LATER}")
        connection.execute(f"CREATE VIEW place AS {_chosen('later')}")
        connection.execute(f"CREATE TABLE found AS {_RETURNED}")
        return _places(connection, _WITH_OTHER_VERSIONS)


def published(home: Home, since: datetime, version: int | None = None) -> list[Place]:
    """Documents of the newest snapshot that were fetched then or later, and all other versions of their articles.

    Args:
        home: where the lake is.
        since: a time with a zone.
        version: of raw_documents; the newest by default.

    Returns:
        Neighbours on disk first.
    """
    with _opened(home, version) as connection:
        connection.execute(f"CREATE TABLE found AS {_FETCHED}", {"since": since.isoformat()})
        return _places(connection, _WITH_OTHER_VERSIONS)


def refused(home: Home, raw_ids: Collection[str], version: int | None = None) -> list[Place]:
    """Documents that the newest snapshot has refused, of those named.

    Args:
        home: where the lake is.
        raw_ids: whole ones.
        version: of raw_documents; the newest by default.

    Returns:
        Neighbours on disk first. Other versions of their articles stay as they are: what passes is put among them as a
        version that comes late is.
    """
    with _opened(home, version) as connection:
        connection.register("named", pa.table({"raw_id": pa.array(list(raw_ids), pa.string())}))
        return _places(connection, "SELECT DISTINCT raw_id FROM refused SEMI JOIN named USING (raw_id)")


@contextmanager
def _opened(home: Home, version: int | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with `raw`, and with `versions` and `refused` of the newest snapshot."""
    import duckdb

    folder, snapshot = DeltaFolder(home.raw, RAW_DOCUMENTS), newest(home)
    live = [str(folder.path / file) for file in sorted(folder.live_files(version))]
    with duckdb.connect() as connection:
        _view(connection, RAW_DOCUMENTS, live)
        for table in OF_DOCUMENTS:
            _view(connection, table, snapshot.paths(table.name) if snapshot else [])
        connection.execute(
            """
            CREATE VIEW raw AS SELECT raw_id, url, error, fetched_at, filename, file_row_number FROM raw_documents;
            CREATE VIEW versions AS
                SELECT article_id, raw_id, fetched_at, url FROM articles
                UNION ALL SELECT article_id, raw_id, fetched_at, url FROM article_versions;
            CREATE VIEW refused AS SELECT raw_id, stage FROM quarantine WHERE NOT is_replayed;
            """
        )
        yield connection


def _view(connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str]) -> None:
    source = f"read_parquet([{', '.join(map(quoted, paths))}], filename = true, file_row_number = true)"
    if not paths:
        connection.register(f"no_{table.name}", table.empty())
        source = f"(SELECT *, '' AS filename, 0 AS file_row_number FROM no_{table.name})"
    connection.execute(f"CREATE VIEW {table.name} AS FROM {source}")


def _places(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[Place]:
    connection.execute(f"CREATE TABLE wanted AS {wanted}")
    rows = connection.execute(f"SELECT raw_id, filename, row FROM ({_chosen('wanted')}) ORDER BY filename, row")
    return [Place(*row) for row in rows.fetchall()]


def _chosen(documents: str) -> str:
    """The row from which each document of a table is refined."""
    return f"""
        WITH found AS (
            SELECT raw_id, url, error IS NULL AS is_whole, is_whole AND count(*) > 1 AS has_returned,
                   arg_max(filename, fetched_at) AS filename, arg_max(file_row_number, fetched_at) AS row,
                   max(fetched_at) AS fetched_at
            FROM raw SEMI JOIN {documents} USING (raw_id) GROUP BY raw_id, url, error IS NULL
        ), newest AS (
            SELECT url, max(fetched_at) AS changed_at FROM raw SEMI JOIN found USING (url) WHERE error IS NULL GROUP BY url
        ), refined AS (
            SELECT DISTINCT article_id, raw_id, raw.url FROM raw JOIN (
                FROM versions SEMI JOIN (FROM versions SEMI JOIN {documents} USING (raw_id)) USING (article_id)
            ) AS versions USING (raw_id, fetched_at)
            QUALIFY (raw.url = versions.url) = max(raw.url = versions.url) OVER (PARTITION BY raw_id)
        ), kept AS (
            SELECT DISTINCT refined.raw_id, others.url, true AS is_kept
            FROM refined JOIN refined AS others USING (article_id)
        )
        SELECT raw_id, unnest(arg_min(
            struct_pack(filename, row, fetched_at, has_returned, is_there, is_kept),
            (NOT is_whole, NOT is_there, NOT is_kept, NOT has_returned, url)
        )) FROM (
            SELECT * REPLACE (coalesce(is_kept, false) AS is_kept),
                   is_whole AND coalesce(fetched_at >= changed_at, false) AS is_there
            FROM found LEFT JOIN newest USING (url) LEFT JOIN kept USING (raw_id, url)
        ) GROUP BY raw_id
    """
