-- Offices are counted before they are listed, so that lists and ties come out the same every time.
CREATE VIEW people AS
WITH named AS (
    SELECT name, title, article_id, mentions.published_date AS published_date
    FROM mentions SEMI JOIN (SELECT article_id FROM articles WHERE NOT is_duplicate) USING (article_id)
    WHERE kind = 'person'
), offices AS (
    SELECT name, list(title ORDER BY title_count DESC, title) AS titles
    FROM (SELECT name, title, count(*) AS title_count FROM named WHERE title IS NOT NULL GROUP BY ALL)
    GROUP BY name
), counted AS (
    SELECT name, count(*) AS mention_count, count(DISTINCT article_id) AS article_count,
           min(published_date) AS first_date, max(published_date) AS last_date
    FROM named GROUP BY name
)
SELECT name, titles[1] AS usual_title, coalesce(titles, []) AS titles, mention_count, article_count, first_date, last_date
FROM counted LEFT JOIN offices USING (name);
COMMENT ON VIEW people IS 'Who is named, in which offices (the most frequent first), how often and when; copies left out. One name is not yet one person.';
