"""raw_documents: what was fetched, byte for byte."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import UTC_TIMESTAMP, Check, Column, Table

HEADER = pa.struct([("name", pa.string()), ("value", pa.string())])

RAW_DOCUMENTS = Table(
    name="raw_documents",
    grain="one fetched version of a document at one place",
    description=(
        "The bytes as they came. The same bytes at two places are two rows with one raw_id; so are bytes that came back to"
        " a place after others had been there, and bytes that came whole after they had come with an error."
    ),
    key=("raw_id", "url", "fetched_at"),
    partition="fetched_date",
    order=("fetched_date", "url", "raw_id"),
    row_group_rows=500,
    columns=(
        Column("raw_id", pa.string(), "SHA-256 of the bytes, hexadecimal", nullable=False, is_unique=True),
        Column("source", pa.string(), "name of the source in sources.yaml, or `input`", nullable=False),
        Column(
            "url",
            pa.string(),
            "where it was fetched: a web address or file:<folder>/<path>",
            nullable=False,
            is_unique=True,
        ),
        Column(
            "fetched_at", UTC_TIMESTAMP, "when it was fetched; for files, when they were last changed", nullable=False
        ),
        Column("content_type", pa.string(), "media type: text/html, text/plain, application/json, …", nullable=False),
        Column("charset", pa.string(), "charset named by the transport, if any"),
        Column("http_status", pa.int32(), "status of the response; null for files"),
        Column("etag", pa.string(), "ETag of the response, as sent; null for files"),
        Column("last_modified", pa.string(), "Last-Modified of the response, as sent; null for files"),
        Column("final_url", pa.string(), "where redirects led; null where that is `url`"),
        Column(
            "headers", pa.list_(HEADER), "headers of the response in their order, cookies left out; empty for files"
        ),
        Column("error", pa.string(), "why the bytes are incomplete, as `reason: detail`; null when they are whole"),
        Column("bytes", pa.binary(), "the document", nullable=False, is_unique=True),
        Column("byte_count", pa.int64(), "length of the document", unit="bytes", nullable=False),
        Column("fetched_date", pa.string(), "UTC day of fetched_at, YYYY-MM-DD; the partition", nullable=False),
    ),
    checks=(
        Check("raw_id_is_sha256", "NOT regexp_full_match(raw_id, '[0-9a-f]{64}')", "raw_id is a SHA-256"),
        Check("byte_count_matches", "byte_count != octet_length(bytes)", "byte_count is the length of bytes"),
    ),
)
