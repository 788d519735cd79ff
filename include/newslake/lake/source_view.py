"""`sources`: what `sources.yaml` says of each source now, beside what is stored of it, to be joined with articles.

A source that is not in the file any more, or that never was, such as `input`, has a row as well; nothing is known of its
rights, so its texts may not be published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newslake.errors import ConfigError
from newslake.sources import Source, read_sources

COLUMNS: Mapping[str, tuple[str, str]] = {
    "source": ("VARCHAR", "its name; articles and raw_documents have it too"),
    "kind": ("VARCHAR", "kind of source; null where sources.yaml does not have it"),
    "owner": ("VARCHAR", "who answers for it; null where that is not stated"),
    "language": ("VARCHAR", "language of texts that do not tell theirs, as a tag; null where that is not stated"),
    "timezone": ("VARCHAR", "IANA zone of times printed without one; null where that is not stated"),
    "licence": ("VARCHAR", "licence or agreement; null where that is not stated"),
    "may_publish_text": ("BOOLEAN", "whether texts may be shown outside; false where that is not stated"),
    "schedule": ("VARCHAR", "when Airflow visits it; null where sources.yaml does not have it"),
    "is_enabled": ("BOOLEAN", "whether it is visited without being named"),
    "document_count": ("BIGINT", "its rows in raw_documents"),
}
"""Name → type and meaning."""


def statements() -> Iterator[str]:
    """What makes the view in a database that has `raw_documents`."""
    declared = list(map(_literals, _declared()))
    names = [name for name in COLUMNS if name != "document_count"]
    nothing = f"({', '.join(f'NULL::{COLUMNS[name][0]}' for name in names)})"
    yield f"""
        CREATE VIEW sources AS
        WITH declared AS (
            SELECT * FROM (VALUES {", ".join([nothing, *declared])}) AS found({", ".join(names)}) WHERE source IS NOT NULL
        ), stored AS (SELECT source, count(*) AS document_count FROM raw_documents GROUP BY source)
        SELECT source, kind, owner, language, timezone, licence, coalesce(may_publish_text, false) AS may_publish_text,
               schedule, coalesce(is_enabled, false) AS is_enabled, coalesce(document_count, 0) AS document_count
        FROM declared FULL JOIN stored USING (source) ORDER BY source
    """
    yield (
        "COMMENT ON VIEW sources IS 'The sources as sources.yaml has them now, and those that it has not but that have "
        "documents. One row: one source.'"
    )
    for name, (_, comment) in COLUMNS.items():
        yield f"COMMENT ON COLUMN sources.{name} IS '{comment}'"


def _declared() -> list[Source]:
    try:
        return list(read_sources().values())
    except ConfigError:
        # Who only reads the lake need not have the file, or a whole one; without it, nothing may be published.
        return []


def _literals(source: Source) -> str:
    values = (
        source.name,
        source.kind,
        source.owner or None,
        source.language,
        source.timezone,
        source.rights.licence or None,
        source.rights.may_publish_text,
        source.schedule,
        source.is_enabled,
    )
    return f"({', '.join(map(_literal, values))})"


def _literal(value: str | bool | None) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(value).lower()
