"""Annotations in forms that other tools read: CoNLL-U for words, W3C Web Annotations (JSON-LD) for spans.

Articles are taken batch by batch, so that a lake of any size needs the memory of one batch.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from newslake.errors import UsageError
from newslake.export_conllu import document
from newslake.export_jsonld import collection
from newslake.lake import database
from newslake.lake.snapshots import Snapshot
from newslake.report.annotations import LAYERS, read, scope
from newslake.show import find

if TYPE_CHECKING:
    import duckdb

BATCH: Final = 100
"""Articles at a time: their words and spans lie in memory as objects of Python."""
Row = Mapping[str, Any]


def write(snapshot: Snapshot, wanted: Sequence[str], form: str, output: Path | None) -> None:
    """Writes annotations.

    Args:
        snapshot: what is read.
        wanted: articles, each as `newslake show` takes it; all articles where none is given.
        form: conllu or jsonld.
        output: a file, or None for standard output.

    Raises:
        UsageError: there is no such article, several match, or the file cannot be written.
    """
    with database.connect(snapshot) as connection:
        ids = list(dict.fromkeys(find(connection, one)["article_id"] for one in wanted)) if wanted else None
        pieces = _conllu(connection, ids) if form == "conllu" else _jsonld(connection, snapshot, ids)
        if output is None:
            sys.stdout.writelines(pieces)
            return
        try:
            with output.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
        except OSError as error:
            raise UsageError(f"{output}: cannot be written: {error.strerror or error}") from None


def _batches(connection: duckdb.DuckDBPyConnection, ids: list[str] | None) -> Iterator[list[Row]]:
    """Articles in order of publication, with their texts, some at a time."""
    listed = _asked(
        connection,
        f"SELECT article_id, published_month, published_date FROM articles WHERE {_chosen(ids)} "
        "ORDER BY published_month, published_date, article_id",
        {"ids": ids or []},
    )
    for first in range(0, len(listed), BATCH):
        condition, values = scope(listed[first : first + BATCH])
        yield _asked(
            connection,
            "SELECT article_id, version_no, url, language, text, published_month, published_date FROM articles "
            f"WHERE {condition} ORDER BY published_month, published_date, article_id",
            values,
        )


def _chosen(ids: list[str] | None) -> str:
    return "len($ids) = 0" if ids is None else "article_id IN (SELECT unnest($ids))"


def _asked(connection: duckdb.DuckDBPyConnection, query: str, values: Row) -> list[Row]:
    rows: list[Row] = connection.sql(query, params=dict(values)).to_arrow_table().to_pylist()
    return rows


def _conllu(connection: duckdb.DuckDBPyConnection, ids: list[str] | None) -> Iterator[str]:
    for articles in _batches(connection, ids):
        condition, values = scope(articles)
        sentences = _asked(
            connection,
            'SELECT article_id, sentence_no, block_no, start, "end", text, tokens FROM sentences '
            f"WHERE {condition} ORDER BY article_id, sentence_no",
            values,
        )
        own = {key: list(rows) for key, rows in groupby(sentences, key=lambda row: row["article_id"])}
        for article in articles:
            yield from document(article, own.get(article["article_id"], []))


def _jsonld(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, ids: list[str] | None) -> Iterator[str]:
    every = " UNION ALL ".join(f"SELECT article_id FROM {layer}" for layer in LAYERS)
    (counted,) = _asked(connection, f"SELECT count(*) AS total FROM ({every}) WHERE {_chosen(ids)}", {"ids": ids or []})
    found = (
        (article, one)
        for articles in _batches(connection, ids)
        for annotations in [read(connection, articles)]
        for article in articles
        for one in annotations[article["article_id"]]
    )
    yield from collection(snapshot.name, ids, counted["total"], found)
