-- Words are counted within each article first: counting distinct articles at the end costs twice the time.
-- Chinese stop words fall out by their part of speech; English words have only one, so their closed
-- classes are listed. Words of other languages are all counted: ask for a language.
CREATE VIEW terms AS
WITH counted AS (
    SELECT article_id, published_month, token.text AS term, token.pos AS pos, count(*) AS occurrence_count
    FROM (
        SELECT article_id, published_month, unnest(tokens) AS token
        FROM sentences SEMI JOIN (SELECT article_id FROM articles WHERE NOT is_duplicate) USING (article_id)
    )
    WHERE length(token.text) > 1
      AND token.pos IN ('n', 'nr', 'nrt', 'nrfg', 'ns', 'nt', 'nz', 'v', 'vn', 'a', 'ad', 'an', 'b', 'i', 'j', 'l', 'eng')
      AND NOT (token.pos = 'eng' AND lower(token.text) IN (
          'about', 'after', 'all', 'also', 'am', 'an', 'and', 'any', 'are', 'as', 'at', 'be', 'been', 'before', 'being',
          'both', 'but', 'by', 'can', 'could', 'did', 'do', 'does', 'each', 'for', 'from', 'had', 'has', 'have', 'he',
          'her', 'his', 'how', 'if', 'in', 'into', 'is', 'it', 'its', 'may', 'might', 'more', 'most', 'must', 'no', 'nor',
          'not', 'now', 'of', 'on', 'one', 'or', 'other', 'our', 'out', 'over', 'own', 'she', 'should', 'since', 'so', 'some',
          'such', 'than', 'that', 'the', 'their', 'them', 'then', 'there', 'these', 'they', 'this', 'those', 'through',
          'to', 'under', 'until', 'up', 'was', 'we', 'were', 'what', 'when', 'where', 'which', 'while', 'who', 'will',
          'with', 'would', 'you', 'your'))
    GROUP BY ALL
)
SELECT counted.published_month AS published_month, source_name, language, term, pos,
       sum(occurrence_count)::BIGINT AS occurrence_count, count(*) AS article_count
FROM counted JOIN (SELECT article_id, source_name, language FROM articles) USING (article_id)
GROUP BY ALL;
COMMENT ON VIEW terms IS 'How often a content word of two or more characters occurs, by month, publisher and language; copies are left out, and the stop words of Chinese and English. Counts may be added up over months and publishers.';
