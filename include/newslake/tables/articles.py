"""articles: one article, its newest version; article_versions: those before it."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from newslake.tables.definition import UTC_TIMESTAMP, Check, Column, Table
from newslake.tables.pages import CHANGE

VERSION_ORDER = ("fetched_at", "published_date", "published_at", "raw_id")
"""Of two versions of one article the later in this order is the newer; a null comes first."""

ARTICLES = Table(
    name="articles",
    grain="one article, its newest version",
    description="Metadata and restored text. A copy of another article is marked, never deleted.",
    key=("article_id",),
    partition="published_month",
    order=("published_date", "published_at", "article_id"),
    columns=(
        Column(
            "article_id",
            pa.string(),
            "from the web address, or from the bytes where there is none",
            nullable=False,
            is_unique=True,
        ),
        Column("version_no", pa.int32(), "0 for the first version seen", nullable=False),
        Column("raw_id", pa.string(), "the bytes it came from", nullable=False, is_unique=True),
        Column("source", pa.string(), "name of the source in sources.yaml, or `input`", nullable=False),
        Column("source_name", pa.string(), "the publisher as printed (來源), in Simplified for Chinese"),
        Column(
            "url", pa.string(), "the article's web address, or file:<folder>/<path>", nullable=False, is_unique=True
        ),
        Column(
            "fetched_at", UTC_TIMESTAMP, "when its bytes were fetched; the latest is the newest version", nullable=False
        ),
        Column("title", pa.string(), "headline, without the site's suffix", is_unique=True),
        Column("deck", pa.string(), "lines between headline and body, joined by \\n", is_unique=True),
        Column("published_at", UTC_TIMESTAMP, "when it was published; null where only a date is printed"),
        Column("published_date", pa.date32(), "day of publication, local to the publisher"),
        Column("published_tz", pa.string(), "IANA zone in which the time is printed"),
        Column("published_precision", pa.string(), "what the page states: second, minute or day; null without a date"),
        Column("event_date", pa.date32(), "day of the reported event, as the first paragraph states it"),
        Column("language", pa.string(), "ISO 639-1, or und", nullable=False),
        Column("script", pa.string(), "ISO 15924 script in which the page was found", nullable=False),
        Column(
            "is_converted",
            pa.bool_(),
            "whether a machine converted the page from Simplified (mirrors); null where it cannot be told",
        ),
        Column("place", pa.string(), "place of the dateline"),
        Column("reporters", pa.list_(pa.string()), "names in the dateline or header; empty where none", nullable=False),
        Column(
            "correspondents", pa.list_(pa.string()), "names of 通讯员, as printed; empty where none", nullable=False
        ),
        Column("photographers", pa.list_(pa.string()), "names of 摄影, as printed; empty where none", nullable=False),
        Column("editor", pa.string(), "編輯 as printed"),
        Column("responsible_editor", pa.string(), "責任編輯 as printed"),
        Column("reviewer", pa.string(), "审核 as printed, the last one where several are named"),
        Column(
            "metadata_sources",
            pa.map_(pa.string(), pa.string()),
            "column → where its value came from: json_ld, opengraph, meta, time_tag, title_tag, link or html (the page's "
            "markup), record, header, dateline, byline, caption, tail, text or url; placeholder: a date that is none",
            nullable=False,
        ),
        Column(
            "text", pa.string(), "body paragraphs joined by \\n; Simplified for Chinese", nullable=False, is_unique=True
        ),
        Column("text_as_found", pa.string(), "the same paragraphs before any repair", nullable=False, is_unique=True),
        Column("char_count", pa.int32(), "length of text", unit="code points", nullable=False),
        Column("paragraph_count", pa.int32(), "blocks of kind paragraph", nullable=False),
        Column("charset", pa.string(), "charset that decoded the bytes", nullable=False),
        Column(
            "charset_source", pa.string(), "what decided: bom, utf8, http, meta, detected, mojibake", nullable=False
        ),
        Column("repairs", pa.map_(pa.string(), pa.int32()), "repair → how often it was applied", nullable=False),
        Column(
            "edits",
            pa.list_(pa.struct(CHANGE)),
            "where text and text_as_found differ: text[start:end] took the place of text_as_found[found_start:found_end]; "
            "names of repairs that met are joined by +; spans of `script` map character by character, others as a whole",
            unit="code points",
            nullable=False,
        ),
        Column("cluster_id", pa.string(), "article_id of the original of the cluster of copies", nullable=False),
        Column("duplicate_of", pa.string(), "the article of the cluster that this one copies; null for the original"),
        Column("is_duplicate", pa.bool_(), "whether it copies another article", nullable=False),
        Column("similarity", pa.float64(), "estimated share of common word sequences with duplicate_of", unit="0 to 1"),
        Column("published_month", pa.string(), "YYYY-MM of published_date, or undated; the partition", nullable=False),
    ),
    checks=(
        Check("text_is_not_empty", r"NOT regexp_matches(text, '\S')", "an article has a body"),
        Check("char_count_matches", "char_count != length(text)", "char_count is the length of text"),
        Check(
            "edits_are_inside_texts",
            'edits[-1]."end" > char_count OR edits[-1].found_end > length(text_as_found)',
            "the last change ends inside both texts",
        ),
        Check(
            "edits_add_up",
            'coalesce(list_sum(list_transform(edits, lambda e: e."end" - e."start" - e.found_end + e.found_start)), 0) '
            "!= char_count - length(text_as_found)",
            "the text is as much longer than the text as found as the changes made it",
        ),
        Check("published_not_in_future", "published_date > current_date + 1", "no article is published in the future"),
        Check(
            "published_not_before_1990", "published_date < DATE '1990-01-01'", "dates before the web are misread dates"
        ),
        Check("title_is_short", "length(title) > 300", "a longer title is a paragraph taken for one"),
        Check("language_is_code", "NOT regexp_full_match(language, '[a-z]{2,3}')", "language is an ISO code"),
        Check("script_is_code", "NOT regexp_full_match(script, '[A-Z][a-z]{3}')", "script is an ISO 15924 code"),
        Check(
            "charset_source_is_known",
            "charset_source NOT IN ('bom', 'utf8', 'http', 'meta', 'detected', 'mojibake')",
            "a step of the ladder",
        ),
        Check(
            "month_matches_date",
            "published_month != coalesce(strftime(published_date, '%Y-%m'), 'undated')",
            "the partition follows the date",
        ),
        Check(
            "copy_names_original",
            "is_duplicate != (duplicate_of IS NOT NULL)",
            "a copy names what it copies",
            kind="table",
        ),
        Check("similarity_is_a_share", "similarity NOT BETWEEN 0 AND 1", "similarity is between 0 and 1", kind="table"),
    ),
)

ARTICLE_VERSIONS = replace(
    ARTICLES,
    name="article_versions",
    grain="one superseded version of an article",
    description="What an article said before its newest version.",
    key=("article_id", "version_no"),
    order=("published_date", "article_id", "version_no"),
    checks=(),
)
