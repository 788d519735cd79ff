"""newslake: crawled news articles in, a clean, validated, queryable lake out."""

__version__ = "0.1.0"
