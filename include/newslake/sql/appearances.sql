-- One row a person and article. A name alone joins nothing: articles are joined where a body agrees, or, where an article
-- gives no body, where a title agrees with that of exactly one person. Everything is counted and ordered before it is
-- listed, so that ids and lists come out the same every time.
CREATE VIEW appearances AS
WITH RECURSIVE named AS (
    SELECT article_id, coalesce(resolved_name, name) AS name, title, body, mentions.published_date AS published_date
    FROM mentions SEMI JOIN (SELECT article_id FROM articles WHERE NOT is_duplicate) USING (article_id)
    WHERE kind = 'person'
), entities AS (
    SELECT article_id, name, count(*) AS mention_count, any_value(published_date) AS published_date,
           list_sort(coalesce(list(DISTINCT title) FILTER (title IS NOT NULL), [])) AS titles,
           list_sort(list_distinct(flatten(coalesce(list(string_split(body, '、')) FILTER (body IS NOT NULL), [])))) AS bodies
    FROM named GROUP BY article_id, name
), keys AS (
    SELECT article_id, name, unnest(CASE
        WHEN len(bodies) > 0 THEN list_transform(bodies, lambda one: 'body ' || one)
        WHEN len(titles) > 0 THEN list_transform(titles, lambda one: 'title ' || one)
        ELSE ['article ' || article_id] END) AS key
    FROM entities
), links AS (
    SELECT DISTINCT near.name AS name, near.key AS key, far.key AS other
    FROM keys AS near JOIN keys AS far USING (article_id, name)
), reached AS (
    SELECT name, key, other FROM links
    UNION
    SELECT reached.name, reached.key, links.other
    FROM reached JOIN links ON links.name = reached.name AND links.key = reached.other
), roots AS (
    SELECT name, key, min(other) AS root FROM reached GROUP BY name, key
), grouped AS (
    SELECT article_id, name, min(root) AS root FROM keys JOIN roots USING (name, key) GROUP BY article_id, name
), with_body AS (
    SELECT DISTINCT name, root, unnest(titles) AS title
    FROM grouped JOIN entities USING (article_id, name) WHERE len(bodies) > 0
), adopted AS (
    SELECT article_id, name, min(with_body.root) AS root
    FROM (SELECT article_id, name, unnest(titles) AS title FROM entities WHERE len(bodies) = 0)
    JOIN with_body USING (name, title)
    GROUP BY article_id, name HAVING count(DISTINCT with_body.root) = 1
)
SELECT left(sha256(name || ' ' || coalesce(adopted.root, grouped.root)), 16) AS person_id, name, article_id,
       published_date, titles, bodies, mention_count,
       CASE WHEN len(bodies) > 0 THEN 'body' WHEN len(titles) > 0 THEN 'title' ELSE 'none' END AS joined_by
FROM entities JOIN grouped USING (article_id, name) LEFT JOIN adopted USING (article_id, name);
COMMENT ON VIEW appearances IS 'Who is named in which article, with the titles and bodies given there; copies left out. Articles have the same person_id where the name and a body agree (joined_by body), or the name and a title where no body is given (title); without either, a name stays by itself (none).';
COMMENT ON COLUMN appearances."person_id" IS 'the person: articles have the same one where the name and a body, or a title, agree';
COMMENT ON COLUMN appearances."name" IS 'the name, in full where the article gives it in full anywhere';
COMMENT ON COLUMN appearances."article_id" IS 'the article';
COMMENT ON COLUMN appearances."published_date" IS 'the article''s';
COMMENT ON COLUMN appearances."titles" IS 'offices that the article gives the person';
COMMENT ON COLUMN appearances."bodies" IS 'bodies of these offices';
COMMENT ON COLUMN appearances."mention_count" IS 'how often the article names the person';
COMMENT ON COLUMN appearances."joined_by" IS 'what joins it with other articles: body, title, or none';
