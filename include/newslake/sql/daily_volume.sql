CREATE VIEW daily_volume AS
SELECT published_date, source_name, count(*) AS article_count,
       count(*) FILTER (NOT is_duplicate) AS original_count, sum(char_count) AS char_count
FROM articles GROUP BY ALL;
COMMENT ON VIEW daily_volume IS 'Articles a day and publisher.';
