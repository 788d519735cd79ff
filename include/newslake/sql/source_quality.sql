CREATE VIEW source_quality AS
SELECT source_name, count(*) AS article_count, count(*) FILTER (NOT is_duplicate) AS original_count,
       count(*) FILTER (is_duplicate) AS copy_count,
       min(published_date) AS first_date, max(published_date) AS last_date,
       avg((title IS NOT NULL)::INT) AS title_share, avg((published_date IS NOT NULL)::INT) AS date_share,
       avg((len(reporters) > 0)::INT) AS reporter_share, avg((cardinality(repairs) > 0)::INT) AS repaired_share,
       median(char_count) AS median_char_count
FROM articles GROUP BY ALL;
COMMENT ON VIEW source_quality IS 'What each publisher gives: articles, originals and copies, dates, and the share (0 to 1) of articles with title, date, reporters and repairs; a null publisher is one that the page does not state.';
COMMENT ON COLUMN source_quality."source_name" IS 'the publisher, as printed';
COMMENT ON COLUMN source_quality."article_count" IS 'articles, copies among them';
COMMENT ON COLUMN source_quality."original_count" IS 'those that are no copies';
COMMENT ON COLUMN source_quality."copy_count" IS 'those that are copies';
COMMENT ON COLUMN source_quality."first_date" IS 'first day of publication';
COMMENT ON COLUMN source_quality."last_date" IS 'last day of publication';
COMMENT ON COLUMN source_quality."title_share" IS 'share with a title, 0 to 1';
COMMENT ON COLUMN source_quality."date_share" IS 'share with a date, 0 to 1';
COMMENT ON COLUMN source_quality."reporter_share" IS 'share with reporters, 0 to 1';
COMMENT ON COLUMN source_quality."repaired_share" IS 'share with repairs, 0 to 1';
COMMENT ON COLUMN source_quality."median_char_count" IS 'median of the lengths of the texts, in characters';
