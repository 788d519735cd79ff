CREATE VIEW daily_volume AS
SELECT published_month, published_date, source_name, count(*) AS article_count,
       count(*) FILTER (NOT is_duplicate) AS original_count, count(*) FILTER (is_duplicate) AS copy_count,
       sum(char_count)::BIGINT AS char_count
FROM articles GROUP BY ALL;
COMMENT ON VIEW daily_volume IS 'Articles, originals and copies, and characters of text, by day of publication and publisher; a null date or publisher is one that the page does not state.';
COMMENT ON COLUMN daily_volume."published_month" IS 'YYYY-MM, undated where no date is stated; the partition';
COMMENT ON COLUMN daily_volume."published_date" IS 'day of publication, as stated';
COMMENT ON COLUMN daily_volume."source_name" IS 'the publisher, as printed';
COMMENT ON COLUMN daily_volume."article_count" IS 'articles, copies among them';
COMMENT ON COLUMN daily_volume."original_count" IS 'those that are no copies';
COMMENT ON COLUMN daily_volume."copy_count" IS 'those that are copies';
COMMENT ON COLUMN daily_volume."char_count" IS 'characters of all their texts';
