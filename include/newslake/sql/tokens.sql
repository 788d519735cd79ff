CREATE VIEW tokens AS
SELECT article_id, sentence_no, token.text AS text, token.start AS start, token."end" AS "end", token.pos AS pos, token.is_stop AS is_stop, token.in_term AS in_term,
       published_date, published_month
FROM (SELECT article_id, sentence_no, published_date, published_month, unnest(tokens) AS token FROM sentences);
COMMENT ON VIEW tokens IS 'Words and marks, one a row, with offsets into articles.text, part of speech, whether it is a stop word and whether a term covers it. Ask for a published_month where you can: other files are not read then.';
