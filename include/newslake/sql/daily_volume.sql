CREATE VIEW daily_volume AS
SELECT published_month, published_date, source_name, count(*) AS article_count,
       count(*) FILTER (NOT is_duplicate) AS original_count, count(*) FILTER (is_duplicate) AS copy_count,
       sum(char_count)::BIGINT AS char_count
FROM articles GROUP BY ALL;
COMMENT ON VIEW daily_volume IS 'Articles, originals and copies, and characters of text, by day of publication and publisher; a null date or publisher is one that the page does not state.';
