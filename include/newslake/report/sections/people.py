"""People and bodies: who is named, in which office, who speaks, and with whom."""

from __future__ import annotations

from newslake.report.section import Chart, Page, Section, Shown

PEOPLE = Section(
    key="people",
    title="People",
    note="With the offices that stand beside the name, the most frequent first. Persons of one name are one where a body or an office agrees. Copies are left out.",
    sql="""\
SELECT person_id, name, titles, mention_count, article_count, first_date, last_date
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
    evidence="SELECT person_id AS key, mentions.article_id AS article_id, sentence_no FROM mentions JOIN appearances\n"
    "  ON appearances.article_id = mentions.article_id AND appearances.name = coalesce(resolved_name, mentions.name)\n"
    "WHERE kind = 'person' AND person_id IN (SELECT unnest($keys))",
    evidence_key="person_id",
    empty="Nobody is named yet.",
    limit=30,
)

OFFICES = Section(
    key="offices",
    title="Offices held",
    note="Who was named in which office of which body. First and last are dates of articles, not of taking and leaving the office.",
    sql="""\
SELECT person_id || ' ' || title || ' ' || coalesce(body, '') AS office_id, name, title, body, first_date, last_date, article_count
FROM offices ORDER BY article_count DESC, name, title, body NULLS LAST""",
    columns=(
        Shown("name", "Name"),
        Shown("title", "Office"),
        Shown("body", "Body"),
        Shown("article_count", "Articles", "number"),
        Shown("first_date", "First"),
        Shown("last_date", "Last"),
    ),
    rows="FROM offices WHERE name = {name} AND title = {title}",
    evidence="SELECT key, found.article_id AS article_id, sentence_no FROM (\n"
    "    SELECT person_id || ' ' || title || ' ' || coalesce(body, '') AS key, name, unnest(articles) AS article_id FROM offices\n"
    "    WHERE key IN (SELECT unnest($keys))\n"
    ") AS found JOIN mentions ON mentions.article_id = found.article_id AND coalesce(resolved_name, mentions.name) = found.name\n"
    "WHERE kind = 'person' AND mentions.title IS NOT NULL",
    evidence_key="office_id",
    empty="No office is named yet.",
    limit=40,
)

SPEAKERS = Section(
    key="speakers",
    title="Who speaks",
    note="Statements by speaker, copies left out; of them, those within quotation marks.",
    sql="""\
SELECT speaker, mode(speaker_title) AS title, count(*) AS statement_count, count(*) FILTER (is_direct) AS direct_count,
       count(DISTINCT article_id) AS article_count
FROM quotes SEMI JOIN (FROM articles WHERE NOT is_duplicate) USING (article_id)
WHERE speaker IS NOT NULL GROUP BY speaker ORDER BY article_count DESC, statement_count DESC, speaker""",
    columns=(
        Shown("speaker", "Speaker"),
        Shown("title", "Office"),
        Shown("statement_count", "Statements", "number"),
        Shown("direct_count", "Verbatim", "number"),
        Shown("article_count", "Articles", "number"),
    ),
    rows="SELECT article_id, sentence_no, verb, text FROM quotes WHERE speaker = {speaker}",
    evidence="SELECT speaker AS key, article_id, sentence_no FROM quotes SEMI JOIN (FROM articles WHERE NOT is_duplicate) USING (article_id)\n"
    "WHERE speaker IN (SELECT unnest($keys))",
    evidence_key="speaker",
    empty="Nobody is quoted yet.",
    limit=30,
    chart=Chart("bars", "speaker", ("statement_count",), most=12),
)

TOGETHER = Section(
    key="together",
    title="Who speaks with whom",
    note="Two speakers who are both quoted in one article, and in how many.",
    sql="""\
WITH said AS (
    SELECT DISTINCT article_id, speaker FROM quotes SEMI JOIN (FROM articles WHERE NOT is_duplicate) USING (article_id)
    WHERE speaker IS NOT NULL
)
SELECT one.speaker || ' + ' || other.speaker AS pair, one.speaker AS speaker, other.speaker AS other, count(*) AS article_count
FROM said AS one JOIN said AS other ON one.article_id = other.article_id AND one.speaker < other.speaker
GROUP BY ALL ORDER BY article_count DESC, pair""",
    columns=(
        Shown("speaker", "Speaker"),
        Shown("other", "With"),
        Shown("article_count", "Articles", "number"),
    ),
    rows="SELECT article_id, sentence_no, speaker, text FROM quotes WHERE speaker IN ({speaker}, {other})",
    evidence="""\
WITH said AS (
    SELECT article_id, speaker, min(sentence_no) AS sentence_no FROM quotes
    SEMI JOIN (FROM articles WHERE NOT is_duplicate) USING (article_id) WHERE speaker IS NOT NULL GROUP BY ALL
)
SELECT one.speaker || ' + ' || other.speaker AS key, article_id, one.sentence_no AS sentence_no
FROM said AS one JOIN said AS other USING (article_id) WHERE key IN (SELECT unnest($keys))""",
    evidence_key="pair",
    empty="No two speakers are quoted in one article.",
    limit=40,
    chart=Chart("matrix", "speaker", ("article_count",), "other", 40),
)

BODIES = Section(
    key="bodies",
    title="Bodies",
    note="Departments, companies, schools and media, under the full name as far as the article tells it. Copies are left out.",
    sql="""\
SELECT coalesce(resolved_name, name) AS body, mode(division) AS division, count(*) AS mention_count,
       count(DISTINCT article_id) AS article_count, min(published_date) AS first_date, max(published_date) AS last_date
FROM mentions SEMI JOIN (FROM articles WHERE NOT is_duplicate) USING (article_id)
WHERE kind = 'organisation' GROUP BY ALL ORDER BY article_count DESC, mention_count DESC, body""",
    columns=(
        Shown("body", "Body", "text", "register.html#?body={body}"),
        Shown("division", "Division"),
        Shown("mention_count", "Mentions", "number"),
        Shown("article_count", "Articles", "number"),
        Shown("first_date", "First"),
        Shown("last_date", "Last"),
    ),
    rows="SELECT article_id, sentence_no, text FROM mentions WHERE kind = 'organisation' AND coalesce(resolved_name, name) = {body}",
    evidence="SELECT coalesce(resolved_name, name) AS key, article_id, sentence_no FROM mentions\n"
    "SEMI JOIN (FROM articles WHERE NOT is_duplicate) USING (article_id)\n"
    "WHERE kind = 'organisation' AND coalesce(resolved_name, name) IN (SELECT unnest($keys))",
    evidence_key="body",
    empty="No body is named yet.",
    limit=40,
)

PAGE = Page(
    "people",
    "People and bodies",
    "Who is named, in which office, who speaks, and with whom.",
    (PEOPLE, OFFICES, SPEAKERS, TOGETHER, BODIES),
)
