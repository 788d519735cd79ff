"""What the page shows: a section is a query, and how its columns are called. Adding one: an entry of `SECTIONS`.

Every query is whole and ordered, so that it can be pasted behind `newslake query` and gives what the page shows.
`$recent_from`, `$newest` and `$before_from` are months (YYYY-MM), put in as they are when the page is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Form = Literal["text", "number", "share", "code"]


class Shown(NamedTuple):
    """A column of the answer: how it is called, and what it is set as.

    Attributes:
        form: `number` with thousands set apart, `share` (0 to 1) as per cent with a bar, `code` for stable names and
            places, `text` for all else; a list is text, its entries set apart.
    """

    name: str
    label: str
    form: Form = "text"


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes:
        key: the section's anchor.
        note: one or two sentences under the heading, plain text.
        sql: the query; without a limit, which is `limit`, so that the page can tell when there is more.
        columns: the columns shown, in order. A first column named `part` divides the rows into tables of that name.
        rows: query for the rows behind a line; `{name}` stands for that line's value of a column.
        empty: what stands there when the answer has no rows.
        layout: `table`, or one of the template's own.
    """

    key: str
    title: str
    note: str
    sql: str
    columns: tuple[Shown, ...] = field(repr=False)
    rows: str = ""
    empty: str = "None."
    limit: int = 50
    layout: Literal["table", "account", "months", "articles", "checks"] = "table"


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
        Shown("documents", "documents", "number"),
        Shown("articles", "articles", "number"),
        Shown("superseded", "superseded versions", "number"),
        Shown("exact_copies", "exact copies", "number"),
        Shown("quarantined", "quarantined", "number"),
    ),
    layout="account",
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
    layout="months",
)

NEWEST = Section(
    key="newest",
    title="Newest articles",
    note="By date of publication. Titles lead to the publisher's page.",
    sql="""\
SELECT articles.title, articles.source_name, articles.published_date, articles.reporters, articles.url,
       articles.article_id, articles.is_duplicate, articles.similarity,
       original.title AS original_title, original.source_name AS original_source_name
FROM articles LEFT JOIN articles AS original ON articles.duplicate_of = original.article_id
ORDER BY articles.published_date DESC NULLS LAST, articles.published_at DESC NULLS LAST, articles.article_id""",
    columns=(
        Shown("title", "Title"),
        Shown("source_name", "Publisher"),
        Shown("published_date", "Date"),
        Shown("reporters", "Reporters"),
        Shown("article_id", "Article", "code"),
        Shown("similarity", "Alike", "share"),
        Shown("original_title", "Copy of"),
        Shown("original_source_name", "Publisher of the original"),
    ),
    rows="SELECT * FROM sentences WHERE article_id = {article_id} ORDER BY sentence_no",
    empty="No articles.",
    limit=20,
    layout="articles",
)

PUBLISHERS = Section(
    key="publishers",
    title="Publishers",
    note="As printed in the pages. The shares say how many of a publisher's articles state a title, a date and reporters.",
    sql="""\
SELECT source_name, article_count, original_count, copy_count, title_share, date_share, reporter_share, first_date, last_date
FROM source_quality ORDER BY article_count DESC, source_name""",
    columns=(
        Shown("source_name", "Publisher"),
        Shown("article_count", "Articles", "number"),
        Shown("original_count", "Originals", "number"),
        Shown("copy_count", "Copies", "number"),
        Shown("title_share", "Title", "share"),
        Shown("date_share", "Date", "share"),
        Shown("reporter_share", "Reporters", "share"),
        Shown("first_date", "First"),
        Shown("last_date", "Last"),
    ),
    rows="SELECT article_id, published_date, title FROM articles WHERE source_name IS NOT DISTINCT FROM {source_name}",
)

TERMS = Section(
    key="terms",
    title="Terms",
    note="Share of original articles in Chinese and English with a term, in $recent_from to $newest and in the twelve months before. "
    "Nouns, names, short forms and set phrases; stop words, verbs and adjectives are left out by part of speech. "
    "Risen most: by the difference in standard errors, from three articles on.",
    sql="""\
WITH originals AS (
    SELECT count(*) FILTER (published_month >= '$recent_from') AS recent, count(*) FILTER (published_month < '$recent_from') AS before
    FROM articles
    WHERE NOT is_duplicate AND language IN ('zh', 'en') AND published_month BETWEEN '$before_from' AND '$newest'
), counted AS (
    SELECT term, coalesce(sum(article_count) FILTER (published_month >= '$recent_from'), 0)::BIGINT AS recent_count,
           coalesce(sum(article_count) FILTER (published_month < '$recent_from'), 0)::BIGINT AS before_count
    FROM terms
    WHERE published_month BETWEEN '$before_from' AND '$newest' AND language IN ('zh', 'en') AND pos NOT IN ('v', 'a', 'ad', 'b')
    GROUP BY term
), compared AS MATERIALIZED (
    SELECT term, recent_count, recent_count / recent AS recent_share, before_count / nullif(before, 0) AS before_share,
           (recent_count + before_count) / (recent + before) AS both_share,
           (recent_share - before_share) / sqrt(nullif(both_share * (1 - both_share) * (1 / recent + 1 / before), 0)) AS rise
    FROM counted, originals WHERE recent_count > 0
)
SELECT part, term, recent_count, recent_share, before_share FROM (
    SELECT 'Most frequent' AS part, *, row_number() OVER (ORDER BY recent_count DESC, term) AS place FROM compared
    UNION ALL
    SELECT 'Risen most', *, row_number() OVER (ORDER BY rise DESC, term) AS place
    FROM compared WHERE rise > 0 AND recent_count >= 3
) WHERE place <= 20 ORDER BY part, place""",
    columns=(
        Shown("part", ""),
        Shown("term", "Term"),
        Shown("recent_count", "Articles", "number"),
        Shown("recent_share", "Last 3 months", "share"),
        Shown("before_share", "Before", "share"),
    ),
    rows="SELECT article_id, sentence_no, text FROM sentences\n"
    "WHERE published_month BETWEEN '$recent_from' AND '$newest' AND list_contains([token.text FOR token IN tokens], {term})",
    empty="No Chinese or English articles in these months.",
)

PEOPLE = Section(
    key="people",
    title="People",
    note="With the offices that stand beside the name, the most frequent first. Persons of one name are one where a body or an office agrees. Copies are left out.",
    sql="""\
SELECT name, titles, mention_count, article_count, first_date, last_date
FROM people ORDER BY article_count DESC, mention_count DESC, name""",
    columns=(
        Shown("name", "Name"),
        Shown("titles", "Offices"),
        Shown("mention_count", "Mentions", "number"),
        Shown("article_count", "Articles", "number"),
        Shown("first_date", "First"),
        Shown("last_date", "Last"),
    ),
    rows="SELECT article_id, sentence_no, text, title FROM mentions WHERE kind = 'person' AND name = {name}",
    empty="Nobody is named yet.",
    limit=30,
)

REFUSED = Section(
    key="refused",
    title="Refused documents",
    note="Their bytes are kept: a mended rule can take them in later. See newslake quarantine list.",
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

REPAIRS = Section(
    key="repairs",
    title="Repairs",
    note="What was mended in the articles' text. The text before is in text_as_found; newslake show sets both side by side.",
    sql="""\
SELECT repair.key AS repair, count(*) AS article_count, sum(repair.value)::BIGINT AS repair_count
FROM (SELECT unnest(map_entries(repairs)) AS repair FROM articles)
GROUP BY repair.key ORDER BY repair_count DESC, repair""",
    columns=(
        Shown("repair", "Repair", "code"),
        Shown("article_count", "Articles", "number"),
        Shown("repair_count", "Times", "number"),
    ),
    rows="SELECT article_id, title, repairs[{repair}] AS times FROM articles WHERE map_contains(repairs, {repair})",
    empty="Nothing had to be repaired.",
)

CHECKS = Section(
    key="checks",
    title="Last validation",
    note="Checks of the run that published last. A failed row check sends the article to quarantine; "
    "a failed table check would have stopped the run.",
    sql="""\
SELECT table_name, max(row_count) AS row_count, count(*) AS check_count,
       count(*) FILTER (is_passed) AS passed_count, count(*) FILTER (NOT is_passed) AS failed_count,
       list(check_name || ': ' || failed_count || ' of ' || row_count ORDER BY check_name) FILTER (NOT is_passed) AS failed
FROM validation_results WHERE run_id = (SELECT max(run_id) FROM validation_results)
GROUP BY table_name ORDER BY failed_count DESC, table_name""",
    columns=(
        Shown("table_name", "Table", "code"),
        Shown("row_count", "Rows", "number"),
        Shown("check_count", "Checks", "number"),
        Shown("passed_count", "Passed", "number"),
        Shown("failed_count", "Failed", "number"),
        Shown("failed", "Rows that failed", "code"),
    ),
    rows="SELECT * FROM validation_results WHERE table_name = {table_name}\n"
    "AND run_id = (SELECT max(run_id) FROM validation_results) ORDER BY is_passed, check_name",
    empty="Nothing has been validated yet.",
    layout="checks",
)

SECTIONS = (ACCOUNT, MONTHS, PUBLISHERS, TERMS, PEOPLE, NEWEST, REFUSED, REPAIRS, CHECKS)
"""In the order of the page."""
