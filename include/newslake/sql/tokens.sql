CREATE VIEW tokens AS
SELECT article_id, sentence_no, token.text AS text, token.start AS start, token."end" AS "end", token.pos AS pos, token.is_stop AS is_stop, token.in_term AS in_term,
       published_date, published_month
FROM (SELECT article_id, sentence_no, published_date, published_month, unnest(tokens) AS token FROM sentences);
COMMENT ON VIEW tokens IS 'Words and marks, one a row, with offsets into articles.text, part of speech, whether it is a stop word and whether a term covers it. Ask for a published_month where you can: other files are not read then.';
COMMENT ON COLUMN tokens."article_id" IS 'the article';
COMMENT ON COLUMN tokens."sentence_no" IS 'the sentence';
COMMENT ON COLUMN tokens."text" IS 'the word or mark';
COMMENT ON COLUMN tokens."start" IS 'where it begins in articles.text';
COMMENT ON COLUMN tokens."end" IS 'where it ends there, exclusive';
COMMENT ON COLUMN tokens."pos" IS 'part of speech';
COMMENT ON COLUMN tokens."is_stop" IS 'whether it is a stop word';
COMMENT ON COLUMN tokens."in_term" IS 'whether a term covers it';
COMMENT ON COLUMN tokens."published_date" IS 'the article''s';
COMMENT ON COLUMN tokens."published_month" IS 'the article''s; the partition';
