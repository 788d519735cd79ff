CREATE VIEW terms AS
SELECT published_month, source_name, token.text AS term, token.pos AS pos, count(*) AS occurrence_count,
       count(DISTINCT article_id) AS article_count
FROM (SELECT article_id, unnest(tokens) AS token FROM sentences)
JOIN (SELECT article_id, published_month, source_name FROM articles WHERE NOT is_duplicate) USING (article_id)
WHERE length(token.text) > 1 AND token.pos NOT IN ('w', 'm')
GROUP BY ALL;
COMMENT ON VIEW terms IS 'How often a word of two or more characters occurs, by month and publisher, copies left out.';
