"""Measures typical queries over a large lake: the tables of generated articles, again and again under other ids.

    python bench/queries.py 1000000 /tmp/queries

runs newslake over 10,000 generated articles, then writes the rows of `articles` as often as needed into the same months,
with ids of their own and with other characters in their texts, which would else be stored once; and puts the files of a
month together as `newslake maintain` does. Generated articles name five times as many things as real pages, and are three
times as long; so `mentions` and `sentences` are written for a fifth and a third of the articles only, which gives as many
rows as real pages would. It prints the median of five runs of each query, by the clock and in processor time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import duckdb

from newslake.config import Home
from newslake.lake.compact import TARGET_BYTES
from newslake.lake.snapshots import current
from newslake.tables import ARTICLES, PUBLISHED
from views import connected, timed

GENERATED = 10_000
SHARES = {"articles": 1.0, "mentions": 1 / 5, "sentences": 1 / 3}
"""Of the articles that are asked for: how many have rows of a table."""
QUERIES = {
    "count by day and source": "SELECT published_date, source, count(*) FROM articles GROUP BY ALL ORDER BY ALL",
    "latest 20": "SELECT published_at, title, source_name FROM articles ORDER BY published_at DESC NULLS LAST, article_id LIMIT 20",
    "one article": "SELECT title, text FROM articles WHERE article_id = $article_id",
    "one article, its month named": "SELECT title, text FROM articles WHERE article_id = $article_id AND published_month = $month",
    "top terms of a month": "SELECT term, article_count FROM terms WHERE published_month = $month ORDER BY article_count DESC, term LIMIT 30",
    "a person's mentions": "SELECT article_id, sentence_no, title FROM mentions WHERE kind = 'person' AND name = $name ORDER BY published_date, article_id, start",
}


@cache
def cipher(number: int) -> dict[int, int]:
    first, count = 0x4E00, 20_902
    return {first + place: first + (place + number) % count for place in range(count)}


def other_characters(text: str, number: int) -> str:
    """The text with every Chinese character replaced by another one: as long, and as hard to compress."""
    return text.translate(cipher(number))


def build(count: int, folder: Path) -> None:
    corpus, home = folder / "corpus", folder / "home"
    if not home.exists():
        program = str(Path(__file__).with_name("generate.py"))
        subprocess.run([sys.executable, program, str(GENERATED), str(corpus)], check=True)
        command = [sys.executable, "-m", "newslake.cli", "run", "--input", str(corpus / "articles"), "--processes", "2"]
        subprocess.run(command, check=True, env={**os.environ, "NEWSLAKE_HOME": str(home)}, stdout=subprocess.DEVNULL)
    snapshot = current(Home(home)).path
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": True}) as connection:
        connection.create_function("other_characters", other_characters)
        for table in (table for table in PUBLISHED if table.name in SHARES):
            order = ", ".join(f'"{name}" NULLS LAST' for name in dict.fromkeys((*table.order, *table.key)))
            pieces = folder / "pieces"
            connection.execute(
                f"CREATE OR REPLACE TABLE kept AS FROM read_parquet('{snapshot}/{table.name}/**/*.parquet', hive_partitioning = true)"
            )
            text = ", other_characters(text, $number) AS text" if table is ARTICLES else ""
            for number in range(max(1, round(count * SHARES[table.name] / GENERATED))):
                connection.execute(
                    f"COPY (SELECT * REPLACE (left(sha256($number || '/' || article_id), 16) AS article_id{text}) FROM kept "
                    f"ORDER BY {order}) TO '{pieces}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY ({table.partition}), "
                    f"FILENAME_PATTERN 'part_{number}', ROW_GROUP_SIZE {table.row_group_rows}, OVERWRITE_OR_IGNORE)",
                    {"number": number},
                )
            for month in sorted(pieces.iterdir()):
                (folder / table.name / month.name).mkdir(parents=True)
                connection.execute(
                    f"COPY (FROM read_parquet('{month}/*.parquet', hive_partitioning = false) ORDER BY {order}) "
                    f"TO '{folder / table.name / month.name}' (FORMAT parquet, COMPRESSION zstd, OVERWRITE_OR_IGNORE, "
                    f"FILE_SIZE_BYTES {TARGET_BYTES}, ROW_GROUP_SIZE {table.row_group_rows})"
                )
            shutil.rmtree(pieces)


def ask(folder: Path) -> None:
    with connected({name: str(folder / name / "**" / "*.parquet") for name in SHARES}) as connection:
        for name in SHARES:
            (rows,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,)
            print(f"{name}: {rows:,} rows")
        article_id, month = connection.execute(
            "SELECT article_id, published_month FROM articles WHERE published_month <> 'undated' ORDER BY article_id LIMIT 1"
        ).fetchall()[0]
        (name,) = connection.execute(
            "SELECT mode(name) FROM mentions WHERE kind = 'person' AND published_month = $month", {"month": month}
        ).fetchall()[0]
        values = {"article_id": article_id, "month": month, "name": name}
        for title, query in QUERIES.items():
            asked = {key: value for key, value in values.items() if f"${key}" in query}
            print(f"{title}: {timed(connection, query, asked)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    if not (given.folder / "sentences").exists():
        given.folder.mkdir(parents=True, exist_ok=True)
        build(given.count, given.folder)
    ask(given.folder)
