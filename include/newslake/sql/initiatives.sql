-- The division that an article is about stands with its tasks and reports; where it has none, it is that of most of the bodies
-- which the article names (国务院 has none, and is the nation's). Where nothing is known of them either, it stays null.
CREATE VIEW initiatives AS
WITH told AS (
    SELECT article_id, jurisdiction FROM directives UNION SELECT article_id, jurisdiction FROM evidence
), named AS (
    SELECT article_id, division, level, row_number() OVER (PARTITION BY article_id ORDER BY count(*) DESC, division, level) AS place
    FROM mentions WHERE kind = 'organisation' AND level IS NOT NULL GROUP BY article_id, division, level
), about AS (
    SELECT article_id, coalesce(min(jurisdiction), min(division)) AS division,
           min(level) FILTER (jurisdiction IS NULL AND division IS NULL) AS level
    FROM told FULL JOIN (FROM named WHERE place = 1) USING (article_id) GROUP BY article_id
), levels AS (
    SELECT division, min(level) AS level FROM mentions WHERE kind IN ('place', 'organisation') AND level IS NOT NULL GROUP BY division
), seen AS (
    SELECT name, coalesce(mentions.division, about.division) AS division, article_id, source_name,
           coalesce(event_date, articles.published_date) AS day,
           coalesce(mentions.level, levels.level, about.level, CASE
               WHEN regexp_matches(about.division, '(省|自治区|特别行政区)$') THEN 'province'
               WHEN regexp_matches(about.division, '(市|自治州|盟|地区)$') THEN 'city'
               WHEN regexp_matches(about.division, '(区|县|旗)$') THEN 'district'
               WHEN regexp_matches(about.division, '(镇|乡|街道)$') THEN 'town'
               WHEN regexp_matches(about.division, '(村|社区)$') THEN 'village'
           END) AS level
    FROM mentions JOIN articles USING (article_id) LEFT JOIN about USING (article_id) LEFT JOIN levels ON levels.division = about.division
    WHERE kind = 'initiative' AND NOT is_duplicate
)
SELECT name, min(day) AS first_seen, arg_min(struct_pack(division), (day, article_id)).division AS first_division,
       arg_min(struct_pack(source_name), (day, article_id)).source_name AS first_source,
       arg_min(article_id, (day, article_id)) AS first_article_id,
       max(day) AS last_seen, count(*) AS mention_count, count(DISTINCT article_id) AS article_count,
       count(DISTINCT division) AS division_count,
       min(day) FILTER (level = 'nation') AS nation_since, min(day) FILTER (level = 'province') AS province_since,
       min(day) FILTER (level = 'city') AS city_since, min(day) FILTER (level = 'district') AS district_since,
       min(day) FILTER (level IN ('town', 'village')) AS town_since
FROM seen GROUP BY name;
COMMENT ON VIEW initiatives IS 'Named programmes and slogans: first seen when, where and in which article, and since when at each level of divisions (of the division that the articles are about). Copies are left out.';
COMMENT ON COLUMN initiatives."name" IS 'its name';
COMMENT ON COLUMN initiatives."first_seen" IS 'first day on which an article names it';
COMMENT ON COLUMN initiatives."first_division" IS 'the division that this article is about';
COMMENT ON COLUMN initiatives."first_source" IS 'the publisher of this article';
COMMENT ON COLUMN initiatives."first_article_id" IS 'this article';
COMMENT ON COLUMN initiatives."last_seen" IS 'last day on which an article names it';
COMMENT ON COLUMN initiatives."mention_count" IS 'how often it is named';
COMMENT ON COLUMN initiatives."article_count" IS 'articles that name it';
COMMENT ON COLUMN initiatives."division_count" IS 'divisions that these are about';
COMMENT ON COLUMN initiatives."nation_since" IS 'first day at the level of the nation';
COMMENT ON COLUMN initiatives."province_since" IS 'first day in a province';
COMMENT ON COLUMN initiatives."city_since" IS 'first day in a city';
COMMENT ON COLUMN initiatives."district_since" IS 'first day in a district or county';
COMMENT ON COLUMN initiatives."town_since" IS 'first day in a town or village';
