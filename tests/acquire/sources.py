"""Files to read, and what came of them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from newslake.acquire import documents, files
from newslake.acquire.visit import Visit
from newslake.config import Home
from newslake.sources import FilesSource
from newslake.tables import RAW_DOCUMENTS

COMPRESS: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}
RECORDS = [{"title": f"第{number}次会议", "text": "正文，“引号”\n第二段" * number} for number in range(1, 4)]
LINES = [json.dumps(record, ensure_ascii=False).encode() for record in RECORDS]


def parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def tables(path: Path, problems: list[str] | None = None) -> list[pa.Table]:
    """What a visit to a file or folder lands, chunk by chunk."""
    visit = Visit(FilesSource(name="s", path=path), Home(path / "home"), problems=[] if problems is None else problems)
    return list(documents.chunks(files.read(visit), "s"))


def read(path: Path, unreadable: list[str] | None = None) -> list[dict[str, Any]]:
    skipped: list[str] = [] if unreadable is None else unreadable
    chunks = tables(path, skipped)
    assert all(chunk.schema.equals(RAW_DOCUMENTS.schema) for chunk in chunks)
    rows = [row for chunk in chunks for row in chunk.to_pylist()]
    for row in rows:
        assert row["raw_id"] == hashlib.sha256(row["bytes"]).hexdigest()
        assert row["byte_count"] == len(row["bytes"])
        assert row["source"] == "s"
    assert unreadable is not None or not skipped
    return rows


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
