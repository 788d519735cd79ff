"""What arrived, from where, how fresh it is, what was refused, and what asks for attention."""

from __future__ import annotations

from newslake.report.section import Chart, Page, Section, Shown

ACCOUNT = Section(
    key="snapshot",
    title="This snapshot",
    note="Every document that was read is one of these.",
    sql="""\
SELECT *, documents - articles - superseded - exact_copies - quarantined AS missing FROM (
    SELECT (SELECT count(*) FROM raw_documents) AS documents,
           (SELECT count(*) FROM articles) AS articles,
           (SELECT count(*) FROM article_versions) AS superseded,
           (SELECT count(*) - count(DISTINCT raw_id) FROM raw_documents) AS exact_copies,
           (SELECT count(DISTINCT raw_id) FROM quarantine WHERE NOT is_replayed) AS quarantined,
           (SELECT count(*) FROM articles WHERE is_duplicate) AS copies,
           (SELECT count(DISTINCT source_name) FROM articles) AS publishers,
           (SELECT min(published_date) FROM articles) AS first_date,
           (SELECT max(published_date) FROM articles) AS last_date,
           (SELECT sum(char_count)::BIGINT FROM articles) AS characters,
           (SELECT count(*) FROM sentences) AS sentences,
           (SELECT count(*) FROM mentions) AS mentions
)""",
    columns=(
        Shown("documents", "Documents", "number", "#freshness"),
        Shown("articles", "Articles", "number", "#months"),
        Shown("superseded", "Older versions", "number"),
        Shown("exact_copies", "Exact copies", "number"),
        Shown("quarantined", "Refused", "number", "#refused"),
    ),
    layout="account",
)

ATTENTION = Section(
    key="attention",
    title="What asks for attention",
    note="Tasks are those of the register; overdue means that no article reports completion by the deadline, not that nothing was done.",
    sql="""\
SELECT count(*) FILTER (state = 'overdue') AS overdue,
       count(*) FILTER (state IN ('set', 'started', 'progress') AND deadline BETWEEN seen_until AND seen_until + 30) AS due_soon,
       count(*) FILTER (state = 'completed') AS completed,
       count(*) AS tasks,
       (SELECT count(*) FROM articles WHERE is_duplicate) AS copies,
       (SELECT count(*) FROM validation_results
        WHERE NOT is_passed AND run_id = (SELECT max(run_id) FROM validation_results)) AS failed_checks
FROM directive_register""",
    columns=(
        Shown("overdue", "Tasks overdue", "number", "register.html#?state=overdue"),
        Shown("due_soon", "Due within 30 days", "number", "register.html#?due=soon"),
        Shown("completed", "Tasks completed", "number", "register.html#?state=completed"),
        Shown("tasks", "Tasks in the register", "number", "register.html"),
        Shown("copies", "Articles that are copies", "number", "sources.html#pairs"),
        Shown("failed_checks", "Checks that failed", "number", "methods.html#checks"),
    ),
    layout="attention",
)

MONTHS = Section(
    key="months",
    title="Articles by month",
    note="By month of publication, as the pages state it.",
    sql="""\
SELECT published_month, sum(original_count)::BIGINT AS originals, sum(copy_count)::BIGINT AS copies,
       sum(article_count)::BIGINT AS articles
FROM daily_volume GROUP BY published_month ORDER BY published_month""",
    columns=(
        Shown("published_month", "Month"),
        Shown("originals", "Originals", "number"),
        Shown("copies", "Copies", "number"),
        Shown("articles", "Articles", "number"),
    ),
    rows="SELECT article_id, published_date, title FROM articles WHERE published_month = {published_month}",
    empty="No articles.",
    limit=1_200,
    chart=Chart("columns", "published_month", ("originals", "copies")),
    is_folded=True,
)

FRESHNESS = Section(
    key="freshness",
    title="How fresh each source is",
    note="A source as sources.yaml names it: when something was last fetched from it, and the newest day that its articles state.",
    sql="""\
SELECT sources.source AS source, kind, schedule, document_count, coalesce(article_count, 0) AS article_count,
       coalesce(refused_count, 0) AS refused_count, last_fetched, newest_date
FROM sources
LEFT JOIN (
    SELECT source, max(fetched_at)::DATE AS last_fetched FROM raw_documents GROUP BY source
) USING (source)
LEFT JOIN (
    SELECT source, count(*) AS article_count, max(published_date) AS newest_date FROM articles GROUP BY source
) USING (source)
LEFT JOIN (
    SELECT source, count(DISTINCT raw_id) AS refused_count FROM quarantine WHERE NOT is_replayed GROUP BY source
) USING (source)
WHERE document_count > 0 OR is_enabled ORDER BY last_fetched DESC NULLS LAST, source""",
    columns=(
        Shown("source", "Source"),
        Shown("last_fetched", "Last fetched"),
        Shown("newest_date", "Newest article"),
        Shown("document_count", "Documents", "number"),
        Shown("article_count", "Articles", "number"),
        Shown("refused_count", "Refused", "number", "#refused"),
        Shown("schedule", "Visited", "code"),
    ),
    rows="SELECT raw_id, url, fetched_at, content_type, byte_count, error FROM raw_documents WHERE source = {source}",
    evidence="SELECT source AS key, article_id, NULL AS sentence_no FROM articles WHERE source IN (SELECT unnest($keys))",
    evidence_key="source",
    empty="Nothing was fetched yet.",
)

REFUSED = Section(
    key="refused",
    title="Refused documents",
    note="Their bytes are kept: a mended rule can take them in later.",
    sql="""\
SELECT reason, stage, count(DISTINCT raw_id) AS document_count, min(url) AS example, arg_min(detail, (url, raw_id)) AS detail
FROM quarantine WHERE NOT is_replayed GROUP BY reason, stage ORDER BY document_count DESC, reason, stage""",
    columns=(
        Shown("reason", "Reason", "code"),
        Shown("stage", "Stage"),
        Shown("document_count", "Documents", "number"),
        Shown("example", "For example", "code"),
        Shown("detail", "What was seen there"),
    ),
    rows="SELECT raw_id, url, detail FROM quarantine WHERE NOT is_replayed AND reason = {reason} AND stage = {stage}",
    empty="No document was refused.",
)

DRIFT = Section(
    key="drift",
    title="Against the snapshot before",
    note="What is different in number, length, copies and empty columns, and words that no article had before. See newslake snapshots diff.",
    sql="",
    columns=(),
    empty="There is no snapshot before this one.",
    layout="drift",
)

NEWEST = Section(
    key="newest",
    title="Newest articles",
    note="By date of publication.",
    sql="""\
SELECT articles.title, articles.source_name, articles.published_date, articles.reporters, articles.url,
       articles.article_id, articles.is_duplicate, articles.similarity,
       original.title AS original_title, original.source_name AS original_source_name
FROM articles LEFT JOIN articles AS original ON articles.duplicate_of = original.article_id
ORDER BY articles.published_date DESC NULLS LAST, articles.published_at DESC NULLS LAST, articles.article_id""",
    columns=(),
    rows="SELECT * FROM sentences WHERE article_id = {article_id} ORDER BY sentence_no",
    empty="No articles.",
    limit=20,
    layout="articles",
)

PAGE = Page(
    "index",
    "Overview",
    "What arrived, from where, how fresh it is, and what asks for attention.",
    (ATTENTION, ACCOUNT, MONTHS, FRESHNESS, REFUSED, DRIFT, NEWEST),
)
