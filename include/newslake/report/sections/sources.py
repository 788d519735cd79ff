"""Publishers and sources: volume, quality, originals and copies, who copies whom."""

from __future__ import annotations

from newslake.report.section import Chart, Page, Section, Shown

PUBLISHERS = Section(
    key="publishers",
    title="Publishers",
    note="As printed in the pages. The shares say how many of its articles state a title, a date and reporters, and how many had to be repaired.",
    sql="""\
SELECT source_name, article_count, original_count, copy_count, title_share, date_share, reporter_share, repaired_share,
       median_char_count, first_date, last_date
FROM source_quality ORDER BY article_count DESC, source_name""",
    columns=(
        Shown("source_name", "Publisher"),
        Shown("article_count", "Articles", "number"),
        Shown("original_count", "Originals", "number"),
        Shown("copy_count", "Copies", "number"),
        Shown("title_share", "Title", "share"),
        Shown("date_share", "Date", "share"),
        Shown("reporter_share", "Reporters", "share"),
        Shown("repaired_share", "Repaired", "share"),
        Shown("median_char_count", "Median length", "number"),
        Shown("first_date", "First"),
        Shown("last_date", "Last"),
    ),
    rows="SELECT article_id, published_date, title FROM articles WHERE source_name IS NOT DISTINCT FROM {source_name}",
    evidence="SELECT source_name AS key, article_id, NULL AS sentence_no FROM articles WHERE source_name IN (SELECT unnest($keys))",
    evidence_key="source_name",
    chart=Chart("bars", "source_name", ("original_count", "copy_count"), most=15),
)

PAIRS = Section(
    key="pairs",
    title="Who copies whom",
    note="Articles of one publisher that copy an article of another one, how alike they are, and how many days later they came.",
    sql="""\
SELECT coalesce(copy.source_name, '?') || ' ← ' || coalesce(original.source_name, '?') AS pair,
       copy.source_name AS copier, original.source_name AS original, count(*) AS copy_count, avg(copy.similarity) AS similarity,
       median(copy.published_date - original.published_date) AS days_later
FROM articles AS copy JOIN articles AS original ON copy.duplicate_of = original.article_id
GROUP BY ALL ORDER BY copy_count DESC, pair""",
    columns=(
        Shown("copier", "Publisher"),
        Shown("original", "Copies"),
        Shown("copy_count", "Articles", "number"),
        Shown("similarity", "Alike", "share"),
        Shown("days_later", "Days later", "number"),
    ),
    rows="SELECT copy.article_id, copy.title, copy.similarity, copy.duplicate_of FROM articles AS copy\n"
    "JOIN articles AS original ON copy.duplicate_of = original.article_id\n"
    "WHERE copy.source_name IS NOT DISTINCT FROM {copier} AND original.source_name IS NOT DISTINCT FROM {original}",
    evidence="SELECT coalesce(copy.source_name, '?') || ' ← ' || coalesce(original.source_name, '?') AS key, copy.article_id AS article_id,\n"
    "       NULL AS sentence_no\n"
    "FROM articles AS copy JOIN articles AS original ON copy.duplicate_of = original.article_id WHERE key IN (SELECT unnest($keys))",
    evidence_key="pair",
    empty="No article copies another one.",
    chart=Chart("matrix", "original", ("copy_count",), "copier", 120),
)

COPIED = Section(
    key="copied",
    title="Most copied articles",
    note="The earliest of each cluster of copies, and who printed it too.",
    sql="""\
SELECT original.article_id AS article_id, original.title AS title, original.source_name AS source_name,
       original.published_date AS published_date, count(*) AS copy_count,
       list_sort(list(DISTINCT copy.source_name) FILTER (copy.source_name IS NOT NULL)) AS copiers
FROM articles AS original JOIN articles AS copy ON copy.cluster_id = original.article_id AND copy.is_duplicate
GROUP BY ALL ORDER BY copy_count DESC, published_date DESC NULLS LAST, article_id""",
    columns=(
        Shown("title", "Title", "text", "articles/{article_id}.html"),
        Shown("source_name", "Publisher"),
        Shown("published_date", "Date"),
        Shown("copy_count", "Copies", "number"),
        Shown("copiers", "Printed by"),
    ),
    rows="SELECT article_id, source_name, published_date, title, similarity FROM articles WHERE cluster_id = {article_id}",
    evidence="SELECT cluster_id AS key, article_id, NULL AS sentence_no FROM articles WHERE is_duplicate AND cluster_id IN (SELECT unnest($keys))",
    evidence_key="article_id",
    empty="No article copies another one.",
    limit=20,
)

DECLARED = Section(
    key="declared",
    title="Sources and their rights",
    note="As sources.yaml has them now; texts of a source whose rights are not stated may not be shown outside.",
    sql="""\
SELECT source, kind, owner, licence, CASE WHEN may_publish_text THEN 'yes' ELSE 'no' END AS may_publish,
       CASE WHEN is_enabled THEN 'yes' ELSE 'no' END AS enabled, document_count
FROM sources ORDER BY document_count DESC, source""",
    columns=(
        Shown("source", "Source"),
        Shown("kind", "Kind", "code"),
        Shown("owner", "Owner"),
        Shown("licence", "Licence"),
        Shown("may_publish", "Texts may be shown", "word"),
        Shown("enabled", "Switched on", "word"),
        Shown("document_count", "Documents", "number", "index.html#freshness"),
    ),
    rows="SELECT article_id, title, url FROM articles WHERE source = {source}",
    empty="No source is known.",
)

PAGE = Page(
    "sources",
    "Sources",
    "Who prints how much, how complete it is, and who copies whom.",
    (PUBLISHERS, PAIRS, COPIED, DECLARED),
)
