"""The tables, in the order of the way. Adding one: a file beside this one, and a name here."""

from __future__ import annotations

from newslake.tables.articles import ARTICLE_VERSIONS, ARTICLES
from newslake.tables.blocks import BLOCKS
from newslake.tables.definition import Check, Column, Table
from newslake.tables.directives import DIRECTIVES
from newslake.tables.evidence import EVIDENCE
from newslake.tables.fingerprints import FINGERPRINTS
from newslake.tables.mentions import MENTIONS
from newslake.tables.pages import PAGES
from newslake.tables.quarantine import QUARANTINE
from newslake.tables.quotes import QUOTES
from newslake.tables.raw_documents import RAW_DOCUMENTS
from newslake.tables.runs import RUNS, VALIDATION_RESULTS
from newslake.tables.search_index import SEARCH_INDEX
from newslake.tables.sentences import SENTENCES

ALL = (
    RAW_DOCUMENTS,
    PAGES,
    ARTICLES,
    ARTICLE_VERSIONS,
    BLOCKS,
    SENTENCES,
    MENTIONS,
    QUOTES,
    DIRECTIVES,
    EVIDENCE,
    FINGERPRINTS,
    SEARCH_INDEX,
    QUARANTINE,
    RUNS,
    VALIDATION_RESULTS,
)
TABLES = {table.name: table for table in ALL}
PUBLISHED = tuple(table for table in ALL if table.is_published)

__all__ = [
    "ALL",
    "ARTICLES",
    "ARTICLE_VERSIONS",
    "BLOCKS",
    "DIRECTIVES",
    "EVIDENCE",
    "FINGERPRINTS",
    "MENTIONS",
    "PAGES",
    "PUBLISHED",
    "QUARANTINE",
    "QUOTES",
    "RAW_DOCUMENTS",
    "RUNS",
    "SEARCH_INDEX",
    "SENTENCES",
    "TABLES",
    "VALIDATION_RESULTS",
    "Check",
    "Column",
    "Table",
]
