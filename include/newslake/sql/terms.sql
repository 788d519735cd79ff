-- Words are counted within each article first: counting distinct articles at the end costs twice the time.
-- What a term covers is counted as the term alone.
CREATE VIEW terms AS
WITH originals AS (
    SELECT article_id, published_month, tokens, terms
    FROM sentences SEMI JOIN (SELECT article_id FROM articles WHERE NOT is_duplicate) USING (article_id)
), counted AS (
    SELECT article_id, published_month, token.text AS term, token.pos AS pos, 'word' AS kind, count(*) AS occurrence_count
    FROM (SELECT article_id, published_month, unnest(tokens) AS token FROM originals)
    WHERE NOT token.is_stop AND NOT token.in_term AND length(token.text) > 1
    GROUP BY ALL
    UNION ALL
    SELECT article_id, published_month, term.text, NULL, term.kind, count(*)
    FROM (SELECT article_id, published_month, unnest(terms) AS term FROM originals)
    GROUP BY ALL
)
SELECT counted.published_month AS published_month, source_name, language, term, pos, kind,
       sum(occurrence_count)::BIGINT AS occurrence_count, count(*) AS article_count
FROM counted JOIN (SELECT article_id, source_name, language FROM articles) USING (article_id)
GROUP BY ALL;
COMMENT ON VIEW terms IS 'How often a name, a term (kind: term, office, person, organisation, place, work, initiative, project) or a content word of two or more characters (kind: word) occurs, by month, publisher and language; copies and stop words are left out, and words within terms. Counts may be added up over months and publishers.';
COMMENT ON COLUMN terms."published_month" IS 'YYYY-MM, or undated; the partition';
COMMENT ON COLUMN terms."source_name" IS 'the publisher, as printed';
COMMENT ON COLUMN terms."language" IS 'of the article, ISO code';
COMMENT ON COLUMN terms."term" IS 'the word';
COMMENT ON COLUMN terms."pos" IS 'part of speech; null for names and terms';
COMMENT ON COLUMN terms."kind" IS 'term, office, person, organisation, place, work, initiative, project or word';
COMMENT ON COLUMN terms."occurrence_count" IS 'how often it occurs';
COMMENT ON COLUMN terms."article_count" IS 'articles in which it occurs';
