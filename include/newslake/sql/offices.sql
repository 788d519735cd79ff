-- Several offices of one title, and their bodies, are parted by 、: each is a row. What a title says of its body is taken
-- off to compare: 区委书记 and 临江区委书记 of 临江区委 are one office.
CREATE VIEW offices AS
WITH named AS (
    SELECT person_id, appearances.name AS name, appearances.article_id AS article_id, mentions.published_date AS published_date,
           string_split(title, '、') AS titles, string_split(body, '、') AS bodies
    FROM mentions JOIN appearances
      ON appearances.article_id = mentions.article_id AND appearances.name = coalesce(mentions.resolved_name, mentions.name)
    WHERE kind = 'person' AND title IS NOT NULL
), parted AS (
    SELECT person_id, name, article_id, published_date, unnest(titles) AS title,
           unnest(list_transform(range(1, len(titles) + 1), lambda place: CASE
               WHEN len(bodies) = len(titles) THEN bodies[place] WHEN len(bodies) = 1 THEN bodies[1] END)) AS body
    FROM (SELECT * REPLACE (coalesce(bodies, []) AS bodies) FROM named)
), compared AS (
    SELECT *, substr(title, 1 + coalesce(list_max(list_filter(
        range(1, length(title)), lambda size: left(title, size) = right(body, size))), 0)) AS office
    FROM parted
), counted AS (
    SELECT person_id, name, body, office, title, min(published_date) AS first_date, max(published_date) AS last_date,
           count(*) AS title_count, list(DISTINCT article_id) AS articles
    FROM compared GROUP BY person_id, name, body, office, title
)
SELECT person_id, name, list(title ORDER BY title_count DESC, title)[1] AS title, body, min(first_date) AS first_date,
       max(last_date) AS last_date, sum(title_count)::BIGINT AS mention_count,
       len(list_distinct(flatten(list(articles)))) AS article_count, list_sort(list_distinct(flatten(list(articles)))) AS articles
FROM counted GROUP BY person_id, name, body, office;
COMMENT ON VIEW offices IS 'Who was named in which office of which body, first and last seen, with the articles; copies left out. First and last seen are dates of articles, not of taking and leaving the office; body is null where no article says it.';
COMMENT ON COLUMN offices."person_id" IS 'the person, as in people';
COMMENT ON COLUMN offices."name" IS 'the name';
COMMENT ON COLUMN offices."title" IS 'the title, in its most frequent form';
COMMENT ON COLUMN offices."body" IS 'the body; null where no article says it';
COMMENT ON COLUMN offices."first_date" IS 'date of the first article';
COMMENT ON COLUMN offices."last_date" IS 'date of the last article';
COMMENT ON COLUMN offices."mention_count" IS 'mentions with this office';
COMMENT ON COLUMN offices."article_count" IS 'articles with this office';
COMMENT ON COLUMN offices."articles" IS 'their article_ids';
