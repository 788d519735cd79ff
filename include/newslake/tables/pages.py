"""pages: what leaves the clean stage. Not published; it lives between two stages."""

from __future__ import annotations

import pyarrow as pa

from newslake.tables.definition import UTC_TIMESTAMP, Column, Table

GIVEN = pa.struct(
    [
        (name, pa.string())
        for name in ("title", "deck", "author", "editor", "source_name", "published", "url", "place", "language")
    ]
)
"""Metadata as the page or record itself gives it, unparsed; null where it does not."""

CHANGE = (
    ("repair", pa.string()),
    ("start", pa.int32()),
    ("end", pa.int32()),
    ("found_start", pa.int32()),
    ("found_end", pa.int32()),
)
"""What a repair changed: a span of the repaired text, and the span as found that it took the place of."""

LINE_CHANGE = pa.struct([("line_no", pa.int32()), *CHANGE])

PAGES = Table(
    name="pages",
    grain="one decoded and repaired document",
    description="Lines of text, repaired and as found, before their structure is known.",
    key=("raw_id",),
    is_published=False,
    columns=(
        Column("raw_id", pa.string(), "the document's bytes", nullable=False),
        Column("source", pa.string(), "name of the source", nullable=False),
        Column("url", pa.string(), "where it was fetched", nullable=False),
        Column("fetched_at", UTC_TIMESTAMP, "when it was fetched", nullable=False),
        Column("charset", pa.string(), "charset that decoded it", nullable=False),
        Column("charset_source", pa.string(), "bom, utf8, http, meta, detected or mojibake", nullable=False),
        Column("language", pa.string(), "ISO 639-1, or und", nullable=False),
        Column("script", pa.string(), "ISO 15924 script as found: Hans, Hant, Latn, …", nullable=False),
        Column(
            "is_converted",
            pa.bool_(),
            "whether a machine converted the page from Simplified; null where it cannot be told",
        ),
        Column("lines", pa.list_(pa.string()), "non-empty lines, repaired", nullable=False),
        Column("lines_found", pa.list_(pa.string()), "the same lines as found; same length as lines", nullable=False),
        Column(
            "hints",
            pa.list_(pa.string()),
            "what the markup says of each line: title, heading, caption, header, or null; same length as lines",
            nullable=False,
        ),
        Column("repairs", pa.map_(pa.string(), pa.int32()), "repair → how often", nullable=False),
        Column(
            "edits",
            pa.list_(LINE_CHANGE),
            "where line and line as found differ: spans of both, offsets within the line",
            unit="code points",
            nullable=False,
        ),
        Column("given", GIVEN, "metadata given by the page's markup or the record's fields", nullable=False),
        Column(
            "given_sources",
            pa.map_(pa.string(), pa.string()),
            "field of given → where it was: json_ld, opengraph, meta, time_tag, title_tag, link, html or record",
            nullable=False,
        ),
    ),
)
