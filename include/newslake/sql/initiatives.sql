CREATE VIEW initiatives AS
WITH seen AS (
    SELECT name, mentions.division AS division, mentions.level AS level, article_id, source_name,
           coalesce(event_date, articles.published_date) AS day
    FROM mentions JOIN articles USING (article_id)
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
