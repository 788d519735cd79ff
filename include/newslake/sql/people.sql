-- Offices are counted before they are listed, so that lists and ties come out the same every time.
CREATE VIEW people AS
WITH counted AS (
    SELECT person_id, name, sum(mention_count)::BIGINT AS mention_count, count(*) AS article_count,
           min(published_date) AS first_date, max(published_date) AS last_date,
           list_sort(list_distinct(flatten(list(bodies)))) AS bodies,
           count(*) FILTER (joined_by = 'title') AS by_title_count
    FROM appearances GROUP BY person_id, name
), held AS (
    SELECT person_id, list(title ORDER BY mention_count DESC, title) AS titles
    FROM (SELECT person_id, title, sum(mention_count) AS mention_count FROM offices GROUP BY person_id, title)
    GROUP BY person_id
), namesakes AS (
    SELECT name, count(*) AS namesake_count FROM counted GROUP BY name
)
SELECT person_id, name, titles[1] AS usual_title, coalesce(titles, []) AS titles, bodies, mention_count, article_count,
       first_date, last_date, namesake_count - 1 AS namesake_count,
       (CASE WHEN article_count = 1 THEN 1.0 WHEN by_title_count = 0 THEN 0.95
             WHEN by_title_count < article_count THEN 0.8 ELSE 0.6 END)::DOUBLE AS confidence
FROM counted JOIN namesakes USING (name) LEFT JOIN held USING (person_id);
COMMENT ON VIEW people IS 'Who is named, in which offices (the most frequent first), how often and when; copies left out. A row is a name whose articles agree in a body or a title; the same name with other bodies is another row (namesake_count of them). confidence says how sure it is that the articles speak of one person: 1 within one article, .95 where bodies agree, .8 where some articles agree in the title alone, .6 where all do.';
COMMENT ON COLUMN people."person_id" IS 'the person, as in appearances';
COMMENT ON COLUMN people."name" IS 'the name';
COMMENT ON COLUMN people."usual_title" IS 'the most frequent title';
COMMENT ON COLUMN people."titles" IS 'all titles, the most frequent first';
COMMENT ON COLUMN people."bodies" IS 'bodies of the offices';
COMMENT ON COLUMN people."mention_count" IS 'mentions';
COMMENT ON COLUMN people."article_count" IS 'articles';
COMMENT ON COLUMN people."first_date" IS 'date of the first article';
COMMENT ON COLUMN people."last_date" IS 'date of the last article';
COMMENT ON COLUMN people."namesake_count" IS 'other rows with this name';
COMMENT ON COLUMN people."confidence" IS 'how sure it is that the articles speak of one person, 0 to 1';
