"""Terms and initiatives: trend, first seen, spread by level."""

from __future__ import annotations

from newslake.report.section import Chart, Page, Section, Shown

TERMS = Section(
    key="terms",
    title="Frequent and rising terms",
    note="Share of original articles in Chinese and English with a term, in the last three months and in the twelve months before. "
    "Nouns, terms, short forms and set phrases; stop words, verbs and adjectives are left out by part of speech, names stand with people and bodies. "
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
    WHERE published_month BETWEEN '$before_from' AND '$newest' AND language IN ('zh', 'en')
      AND coalesce(pos, '') NOT IN ('v', 'a', 'ad', 'b', 'nr', 'ns', 'nt') AND kind NOT IN ('person', 'organisation', 'place', 'office')
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
    "WHERE published_month BETWEEN '$recent_from' AND '$newest' AND list_contains(list_concat([token.text FOR token IN tokens], [one.text FOR one IN terms]), {term})",
    evidence="""\
SELECT key, article_id, sentence_no FROM (
    SELECT article_id, sentence_no, unnest(list_concat([token.text FOR token IN tokens], [one.text FOR one IN terms])) AS key
    FROM sentences SEMI JOIN (FROM articles WHERE NOT is_duplicate) USING (article_id)
    WHERE published_month BETWEEN '$recent_from' AND '$newest'
) WHERE key IN (SELECT unnest($keys))""",
    evidence_key="term",
    empty="No Chinese or English articles in these months.",
)

TREND = Section(
    key="trend",
    title="Trend of rising terms",
    note="Share of the original articles of a month in which the term stands; the five whose share rose most in the last three months.",
    sql="""\
WITH months AS (
    SELECT published_month, count(*) AS total FROM articles
    WHERE NOT is_duplicate AND language IN ('zh', 'en') AND published_month BETWEEN '$before_from' AND '$newest' GROUP BY published_month
), counted AS MATERIALIZED (
    SELECT term, published_month, sum(article_count)::BIGINT AS article_count FROM terms
    WHERE published_month BETWEEN '$before_from' AND '$newest' AND language IN ('zh', 'en')
      AND (kind IN ('term', 'initiative', 'project') OR pos IN ('n', 'vn'))
    GROUP BY ALL
), chosen AS (
    SELECT term FROM counted JOIN months USING (published_month) GROUP BY term
    HAVING sum(article_count) FILTER (published_month >= '$recent_from') >= 3
    ORDER BY sum(article_count) FILTER (published_month >= '$recent_from')
                 / (SELECT sum(total) FROM months WHERE published_month >= '$recent_from')
             - coalesce(sum(article_count) FILTER (published_month < '$recent_from'), 0)
                 / (SELECT greatest(coalesce(sum(total), 0), 1) FROM months WHERE published_month < '$recent_from') DESC, term
    LIMIT 5
)
SELECT term, published_month, coalesce(article_count, 0) AS article_count, coalesce(article_count, 0) / total AS share
FROM chosen CROSS JOIN months LEFT JOIN counted USING (term, published_month)
ORDER BY term, published_month""",
    columns=(
        Shown("term", "Term"),
        Shown("published_month", "Month"),
        Shown("article_count", "Articles", "number"),
        Shown("share", "Share", "share"),
    ),
    rows="SELECT article_id, sentence_no, text FROM sentences\n"
    "WHERE published_month BETWEEN '$before_from' AND '$newest' AND list_contains(list_concat([token.text FOR token IN tokens], [one.text FOR one IN terms]), {term})",
    empty="No Chinese or English articles in these months.",
    limit=120,
    chart=Chart("lines", "published_month", ("share",), "term"),
    is_folded=True,
)

INITIATIVES = Section(
    key="initiatives",
    title="Initiatives",
    note="Programmes and slogans with a name of their own: where they were first seen, and since when at each level.",
    sql="""\
SELECT name, first_seen, first_division, first_source, article_count, division_count, last_seen,
       nation_since, province_since, city_since, district_since, town_since
FROM initiatives ORDER BY article_count DESC, first_seen, name""",
    columns=(
        Shown("name", "Name"),
        Shown("first_seen", "First seen"),
        Shown("first_division", "First in"),
        Shown("first_source", "First printed by"),
        Shown("article_count", "Articles", "number"),
        Shown("division_count", "Divisions", "number"),
        Shown("nation_since", "Nation"),
        Shown("province_since", "Province"),
        Shown("city_since", "City"),
        Shown("district_since", "District"),
        Shown("town_since", "Town"),
        Shown("last_seen", "Last seen"),
    ),
    rows="SELECT article_id, sentence_no, text FROM mentions WHERE kind = 'initiative' AND name = {name}",
    evidence="SELECT name AS key, article_id, sentence_no FROM mentions SEMI JOIN (FROM articles WHERE NOT is_duplicate) USING (article_id)\n"
    "WHERE kind = 'initiative' AND name IN (SELECT unnest($keys))",
    evidence_key="name",
    empty="No initiative is named yet.",
    limit=40,
    chart=Chart(
        "spread", "name", ("nation_since", "province_since", "city_since", "district_since", "town_since"), most=15
    ),
)

PAGE = Page(
    "terms",
    "Terms",
    "Which words and programmes rise, where they began and how far they have spread.",
    (TREND, TERMS, INITIATIVES),
)
