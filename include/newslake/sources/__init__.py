"""Where articles come from: `sources.yaml`, its kinds, its mistakes, and when a source is visited next."""

from __future__ import annotations

from newslake.config import sources_path
from newslake.sources.kinds import (
    KINDS,
    ORIGINALITY,
    BucketSource,
    DumpSource,
    Expected,
    FeedSource,
    FilesSource,
    PagesSource,
    Rights,
    SitemapSource,
    Source,
    WarcSource,
    WebSource,
)
from newslake.sources.lines import Problem
from newslake.sources.reading import named, problems, read_sources
from newslake.sources.schedule import is_due, next_due

__all__ = [
    "KINDS",
    "ORIGINALITY",
    "BucketSource",
    "DumpSource",
    "Expected",
    "FeedSource",
    "FilesSource",
    "PagesSource",
    "Problem",
    "Rights",
    "SitemapSource",
    "Source",
    "WarcSource",
    "WebSource",
    "is_due",
    "named",
    "next_due",
    "problems",
    "read_sources",
    "sources_path",
]
