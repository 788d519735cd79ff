CREATE VIEW people AS
SELECT name, mode(title) AS usual_title, list(DISTINCT title) FILTER (title IS NOT NULL) AS titles,
       count(*) AS mention_count, count(DISTINCT article_id) AS article_count,
       min(published_date) AS first_date, max(published_date) AS last_date
FROM mentions JOIN (SELECT article_id FROM articles WHERE NOT is_duplicate) USING (article_id)
WHERE kind = 'person' GROUP BY name;
COMMENT ON VIEW people IS 'Who is named, in which offices, how often and when; one name is not yet one person.';
