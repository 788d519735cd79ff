"""What the next snapshot will be: staged batches beside the newest snapshot, arranged in DuckDB.

Documents that the snapshot already knows are left out, so publishing the same batch twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from newslake.config import Home
from newslake.lake import again, layouts, relations, snapshots, tombstones
from newslake.lake.raw import PROCESSED_IN
from newslake.lake.snapshots import Snapshot
from newslake.lake.staged import CHILDREN, STAGED, dataset, read_facts
from newslake.lake.turn import heal, its_turn
from newslake.tables import ARTICLE_VERSIONS, ARTICLES, FINGERPRINTS, PUBLISHED, RAW_DOCUMENTS, Table
from newslake.tables.articles import VERSION_ORDER

Known = Callable[[Sequence[str], Iterable[str]], pa.Table]
"""`known_fingerprints.known`: paths of FINGERPRINTS, article_ids → their rows."""
CLUSTER_COLUMNS = ("cluster_id", "duplicate_of", "is_duplicate", "similarity")


class Merge:
    """Staged rows and the newest snapshot, side by side.

    The connection has `staging_<table>` (the batches), `lake_<table>` (the snapshot), `new_articles` (those of the
    batches that the snapshot does not know) and, after `rank_versions`, `added` (those that will be shown).
    """

    def __init__(self, home: Home, staged: Sequence[Path], connection: duckdb.DuckDBPyConnection) -> None:
        self.home = home
        self.staged = staged
        self.connection = connection
        self.base = snapshots.newest(home)
        self.folders = heal(home, self.base)
        for table in PUBLISHED:
            layout = layouts.of_snapshot(self.base, table) if self.base else None
            relations.view(connection, f"lake_{table.name}", table, self.paths(table.name), layout)
        for table in STAGED:
            connection.register(f"staging_{table.name}", dataset(staged, table))
        again.forget(connection, staged)
        self._leave_out_known()

    def _leave_out_known(self) -> None:
        tombstones.find_staged(self.connection, self.home, self._outdated())
        known = " UNION ALL ".join(
            f"SELECT raw_id FROM {name}" for name in ("taken_down", *map("lake_{}".format, PROCESSED_IN))
        )
        self.connection.execute(
            f"""
            CREATE TABLE new_articles AS
                SELECT article_id, raw_id, fetched_at, published_month, published_date, published_at, batch_id
                FROM staging_articles ANTI JOIN ({known}) USING (raw_id);
            CREATE VIEW staged_quarantine AS FROM staging_quarantine ANTI JOIN ({known}) USING (raw_id);
            """
        )
        self.documents = self.count("new_articles") + self.count("(SELECT DISTINCT raw_id FROM staged_quarantine)")

    def _outdated(self) -> list[str]:
        """Batches that were planned from an older version of raw_documents than the snapshot's."""
        oldest = self.base.tables["raw_documents"].version if self.base else 0
        facts = {folder.name: read_facts(folder) for folder in self.staged}
        again = ("is_again", "is_replay")
        return [
            name
            for name, one in facts.items()
            if one["raw_version"] < oldest and not any(one.get(key) for key in again)
        ]

    @property
    def is_new(self) -> bool:
        """Whether the staged batches hold any document that the lake does not know."""
        return self.documents > 0

    @property
    def accounted(self) -> int:
        """Documents that will be in the next snapshot: as articles, superseded versions or refused."""
        return (
            self.count("added")
            + self.count("superseded WHERE origin = 'new'")
            + self.count("(SELECT DISTINCT raw_id FROM staged_quarantine)")
        )

    def batches(self) -> Iterator[None]:
        """Makes the plain table names mean what is added from one staged batch after the other.

        Batch by batch, what is counted over them takes the same memory however many there are.
        """
        for folder in self.staged:
            left = f"(SELECT article_id FROM left_out WHERE batch_id = '{folder.name}')"
            is_whole = self.added_in(folder.name) is None
            for table in (ARTICLES, *CHILDREN):
                self.connection.register(f"batch_{table.name}", dataset([folder], table))
                taking = "" if is_whole else f" ANTI JOIN {left} USING (article_id)"
                self.connection.execute(f"CREATE OR REPLACE VIEW {table.name} AS FROM batch_{table.name}{taking}")
            yield

    def view_whole(self) -> None:
        """Makes the names of tables that are not batch by batch mean all that will be added."""
        marks = ", ".join(f"marks.{name} AS {name}" for name in ("version_no", *CLUSTER_COLUMNS))
        self.connection.register("article_versions", self.article_versions())
        self.connection.execute(
            f"""
            CREATE OR REPLACE VIEW articles AS
                SELECT found.* REPLACE ({marks}) FROM (
                    SELECT * EXCLUDE (batch_id) FROM staging_articles SEMI JOIN added USING (raw_id)
                    UNION ALL BY NAME
                    SELECT * EXCLUDE (filename) FROM lake_articles SEMI JOIN touched USING (article_id)
                    ANTI JOIN replaced USING (article_id)
                ) AS found JOIN marks USING (article_id);
            CREATE OR REPLACE VIEW fingerprints AS
                SELECT * EXCLUDE (batch_id) FROM staging_fingerprints ANTI JOIN left_out USING (article_id, batch_id);
            CREATE OR REPLACE VIEW quarantine AS FROM added_quarantine;
            """
        )
        before = {file.path for file in self.base.tables["raw_documents"].files} if self.base else set()
        folder = self.folders["raw_documents"]
        paths = [str(folder.path / path) for path in sorted(folder.live_files() - before)]
        relations.view(self.connection, "raw_documents", RAW_DOCUMENTS, paths)

    def rank_versions(self) -> None:
        """Numbers the versions of every touched article in VERSION_ORDER; the last one is the newest."""
        order = ", ".join(VERSION_ORDER)
        ascending = ", ".join(f"{name} ASC NULLS FIRST" for name in VERSION_ORDER)
        descending = ", ".join(f"{name} DESC NULLS LAST" for name in VERSION_ORDER)
        self.connection.execute(
            f"""
            CREATE TABLE versions AS
            SELECT *, row_number() OVER oldest - 1 AS version_no, row_number() OVER latest = 1 AS is_newest
            FROM (
                SELECT article_id, {order}, 'new' AS origin, -1 AS old_version_no FROM new_articles
                UNION ALL SELECT article_id, {order}, 'articles', version_no
                FROM lake_articles SEMI JOIN new_articles USING (article_id)
                UNION ALL SELECT article_id, {order}, 'article_versions', version_no
                FROM lake_article_versions SEMI JOIN new_articles USING (article_id)
            )
            WINDOW oldest AS (PARTITION BY article_id ORDER BY {ascending}),
                   latest AS (PARTITION BY article_id ORDER BY {descending});
            CREATE TABLE replaced AS
                SELECT DISTINCT article_id FROM versions JOIN (FROM versions WHERE origin = 'new' AND is_newest) AS newer
                USING (article_id) WHERE versions.origin = 'articles';
            CREATE TABLE added AS
                SELECT new_articles.* FROM new_articles
                SEMI JOIN (FROM versions WHERE origin = 'new' AND is_newest) USING (raw_id);
            """
        )
        self.connection.execute(
            """
            CREATE TABLE left_out AS
                SELECT article_id, batch_id::VARCHAR AS batch_id
                FROM (SELECT DISTINCT article_id, batch_id FROM staging_articles) ANTI JOIN added USING (article_id, batch_id)
            """
        )
        self._partly_added = self._find_partly_added()

    def new_fingerprints(self) -> pa.Table:
        """Fingerprints of the articles to be added."""
        return pa.concat_tables([FINGERPRINTS.empty(), *(self.staged_fingerprints(folder) for folder in self.staged)])

    def paths(self, table: str) -> list[str]:
        """Parquet files of a table in the snapshot that is built upon."""
        return self.base.paths(table) if self.base else []

    def rows(self, table: Table, source: str) -> pa.Table:
        """A query's answer in a table's schema; `source` is what follows the columns."""
        return relations.rows(self.connection, table, source)

    def count(self, relation: str) -> int:
        """Number of rows of a table, view or subquery of this merge."""
        return int(self.connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])

    def lake_clusters(self) -> pa.Table:
        """(article_id, cluster_id) of every article of the lake."""
        return self.connection.sql("SELECT article_id, cluster_id FROM lake_articles").to_arrow_table()

    def added_in(self, batch_id: str) -> pa.Array | None:
        """The article_ids that are added from a batch; None where that is all of them."""
        return self._partly_added.get(batch_id)

    def staged_fingerprints(self, folder: Path) -> pa.Table:
        """Fingerprints of the articles that are added from a batch."""
        return self.staged_rows(folder, FINGERPRINTS)

    def staged_rows(self, folder: Path, table: Table) -> pa.Table:
        """Rows of a table of CHILDREN, of the articles that are added from a batch."""
        rows = dataset([folder], table).to_table(columns=list(table.column_names)).cast(table.schema)
        added = self.added_in(folder.name)
        return rows if added is None else rows.filter(pc.is_in(rows["article_id"], value_set=added))

    def article_versions(self) -> pa.Table:
        """Versions that are not the newest any more, or that got another number."""
        if self.count("superseded") == 0:
            return ARTICLE_VERSIONS.empty()
        numbers = self.connection.sql(
            "SELECT raw_id, version_no::INTEGER AS version_no FROM superseded"
        ).to_arrow_table()
        new = self.connection.sql("SELECT raw_id FROM superseded WHERE origin = 'new'").to_arrow_table()["raw_id"]
        columns = list(ARTICLES.column_names)
        rows = dataset(self.staged, ARTICLES).to_table(
            columns=columns, filter=ds.field("raw_id").isin(new.combine_chunks())
        )
        found = pa.concat_tables(
            [
                rows.cast(ARTICLES.schema),
                self.rows(ARTICLES, "FROM lake_articles SEMI JOIN superseded USING (raw_id)"),
                self.rows(ARTICLES, "FROM lake_article_versions SEMI JOIN touched_versions USING (raw_id)"),
            ]
        )
        places = pc.index_in(found["raw_id"], value_set=numbers["raw_id"].combine_chunks())
        alone = {
            "version_no": numbers["version_no"].take(places),
            "cluster_id": found["article_id"],
            "duplicate_of": pa.nulls(len(found), pa.string()),
            "is_duplicate": pa.repeat(False, len(found)),
            "similarity": pa.nulls(len(found), pa.float64()),
        }
        arrays = [alone.get(name, found[name]) for name in columns]
        return pa.Table.from_arrays(arrays, schema=ARTICLE_VERSIONS.schema)

    def changed_articles(self, keys: pa.Table) -> pa.Table:
        """Articles of the lake, among those named, whose row changes though their text does not."""
        if self.count("touched") == 0:
            return ARTICLES.empty()
        self.connection.register("slice", keys)
        return self.rows(
            ARTICLES,
            "FROM lake_articles SEMI JOIN slice USING (article_id) SEMI JOIN touched USING (article_id)"
            " ANTI JOIN replaced USING (article_id)",
        )

    def mark(self, articles: pa.Table) -> pa.Table:
        """Articles with their version_no and cluster columns."""
        places = pc.index_in(articles["article_id"], value_set=self._marks["article_id"].combine_chunks())
        marks = self._marks.take(places)
        for name in ("version_no", *CLUSTER_COLUMNS):
            position = articles.column_names.index(name)
            field = ARTICLES.schema.field(name)
            articles = articles.set_column(position, field, marks[name].cast(field.type))
        return articles

    def _find_partly_added(self) -> dict[str, pa.Array]:
        """Batches of which some articles were known or superseded."""
        batches = self.connection.execute(
            """
            SELECT batch_id::VARCHAR, coalesce(list(article_id) FILTER (added.article_id IS NOT NULL), [])
            FROM (SELECT DISTINCT article_id, batch_id FROM staging_articles) AS given
            LEFT JOIN added USING (article_id, batch_id)
            GROUP BY batch_id HAVING count(added.article_id) < count(*)
            """
        ).fetchall()
        return {batch_id: pa.array(ids, pa.string()) for batch_id, ids in batches}

    def comparable(self, article_ids: Iterable[str], known: Known) -> tuple[pa.Table, pa.Table]:
        """What clustering needs of the added articles and of the named ones of the lake.

        Args:
            article_ids: articles of the lake.
            known: reads fingerprints of some articles from the lake's files; DuckDB would read those of all.

        Returns:
            (article_id, published_date, published_at) and FINGERPRINTS rows, with the columns that `known` gives.
        """
        self.connection.register("wanted_rows", pa.table({"article_id": pa.array(list(article_ids), pa.string())}))
        self.connection.execute(
            """
            CREATE OR REPLACE TABLE wanted AS
                SELECT article_id FROM (FROM wanted_rows UNION SELECT article_id FROM versions WHERE origin = 'articles')
                ANTI JOIN replaced USING (article_id)
            """
        )
        columns = "article_id, published_date, published_at"
        articles = self.connection.sql(
            f"SELECT {columns} FROM added UNION ALL SELECT {columns} FROM lake_articles SEMI JOIN wanted USING (article_id)"
        ).to_arrow_table()
        wanted = self.connection.execute(
            "SELECT article_id FROM wanted SEMI JOIN lake_articles USING (article_id)"
        ).fetchall()
        old = known(self.paths("fingerprints"), [article_id for (article_id,) in wanted])
        return articles, pa.concat_tables([self.new_fingerprints().select(old.column_names), old])

    def arrange(self, clusters: pa.Table) -> None:
        """Fixes what will be written: which rows are added to each table and which are dropped.

        Args:
            clusters: article_id and CLUSTER_COLUMNS of added and affected articles.
        """
        self.connection.register("cluster_rows", clusters)
        same = " AND ".join(f"old.{name} IS NOT DISTINCT FROM clusters.{name}" for name in CLUSTER_COLUMNS)
        self.connection.execute(
            f"""
            CREATE TABLE clusters AS FROM cluster_rows;
            CREATE TABLE touched AS
                SELECT article_id FROM versions WHERE origin = 'articles' AND (NOT is_newest OR version_no != old_version_no)
                UNION SELECT article_id FROM lake_articles AS old JOIN clusters USING (article_id) WHERE NOT ({same});
            CREATE TABLE touched_versions AS
                SELECT article_id, raw_id FROM versions
                WHERE origin = 'article_versions' AND version_no != old_version_no;
            CREATE TABLE marks AS
                SELECT article_id, coalesce(ranked.version_no, old.version_no, 0)::INTEGER AS version_no, {", ".join(CLUSTER_COLUMNS)}
                FROM clusters
                LEFT JOIN (SELECT article_id, version_no FROM versions WHERE is_newest) AS ranked USING (article_id)
                LEFT JOIN (SELECT article_id, version_no FROM lake_articles) AS old USING (article_id);
            CREATE VIEW added_articles AS
                SELECT * FROM (
                    SELECT article_id, raw_id, published_month, published_date FROM added UNION ALL
                    SELECT article_id, raw_id, published_month, published_date FROM lake_articles
                    SEMI JOIN touched USING (article_id) ANTI JOIN replaced USING (article_id)
                ) JOIN marks USING (article_id);
            CREATE TABLE superseded AS
                SELECT raw_id, origin, version_no FROM versions
                WHERE NOT is_newest AND (origin != 'article_versions' OR version_no != old_version_no);
            CREATE VIEW added_quarantine AS
                SELECT * EXCLUDE (batch_id) FROM staged_quarantine UNION ALL BY NAME FROM taken_in;
            """
        )
        self._marks = self.connection.sql("FROM marks").to_arrow_table()


@contextmanager
def merging(home: Home, staged: Sequence[Path]) -> Iterator[Merge]:
    """Waits for its turn, and gives a merge over the staged batches."""
    with its_turn(home) as connection:
        yield Merge(home, [folder for folder in staged if folder.exists()], connection)


def history(snapshot: Snapshot | None) -> dict[str, list[tuple[int, int]]]:
    """(rows in, rows out) of each stage in the runs that a snapshot tells of."""
    found: dict[str, list[tuple[int, int]]] = {}
    if snapshot:
        with duckdb.connect() as connection:
            for stage, rows_in, rows_out in connection.execute(
                "SELECT stage, rows_in, rows_out FROM read_parquet($paths) ORDER BY run_id",
                {"paths": snapshot.paths("runs")},
            ).fetchall():
                found.setdefault(stage, []).append((rows_in, rows_out))
    return found
