-- Macros for frequent questions. What they are asked is a value, never a part of a statement: no quote, sign or pattern in it
-- means anything but itself, but for the double quotes of `search`. Null and the empty text find nothing.

-- A phrase is a row of units: a Latin word or number, a character of another script, or a gap (marks); spaces are nothing.
-- search_index.py cuts texts by the same rules. Marks behind a character are the mark |. A character alone stands for all terms that begin with it.
CREATE MACRO search_terms(asked) AS TABLE
WITH phrases AS (
    -- As asked, which is how text in Japanese and the like has it, and in Simplified.
    SELECT list_sort(list_distinct(list_transform(
        flatten(list_transform([lower(asked), simplified(lower(asked))], lambda one: regexp_extract_all(one, '"[^"]*"|[^\s\p{Z}"]+'))),
        lambda phrase: list_transform(
            regexp_extract_all(replace(phrase, '"', ''), '[0-9a-z]+|[\p{L}\p{M}\p{N}]|[\s\p{Z}]*[^\p{L}\p{M}\p{N}\s\p{Z}][^\p{L}\p{M}\p{N}]*'),
            lambda unit: CASE WHEN regexp_matches(unit, '^[\p{L}\p{M}\p{N}]') THEN unit ELSE '|' END)))) AS phrases
), numbered AS (
    SELECT unnest(phrases) AS units, generate_subscripts(phrases, 1) AS phrase_no FROM phrases
), placed AS (
    SELECT phrase_no, units, generate_subscripts(units, 1)::INTEGER AS place, list_transform(units, lambda unit:
           CASE WHEN unit = '|' THEN 'gap' WHEN regexp_matches(unit, '^[0-9a-z]') THEN 'word' ELSE 'sign' END) AS kinds
    FROM numbered
), beside AS (
    SELECT phrase_no, place, units[place] AS unit, kinds[place] AS kind, units[place + 1] AS behind, kinds[place + 1] AS kind_behind,
           right(units[place - 1], 1) AS before, coalesce(kinds[place - 1], '') AS kind_before, coalesce(kinds[place + 2], '') AS kind_later
    FROM placed
), terms AS (
    SELECT phrase_no, place, kind = 'sign' AND kind_behind IS NULL AND kind_before <> 'word' AS is_prefix,
           CASE WHEN kind = 'word' THEN unit WHEN kind_behind IN ('sign', 'gap') THEN unit || behind
                WHEN kind_behind IS NULL AND kind_before = 'word' THEN before || unit ELSE unit END AS term
    FROM beside WHERE kind <> 'gap' AND NOT (kind = 'sign' AND kind_behind IS NULL AND kind_before = 'sign')
      -- The pairs before and behind it hold both of its characters.
      AND NOT (place % 2 = 0 AND kind_before = 'sign' AND kind = 'sign' AND coalesce(kind_behind, '') = 'sign' AND kind_later = 'sign')
)
SELECT phrase_no, place, term, is_prefix, unicode(term) % 32 * 16 AS first_bucket,
       (unicode(term) % 32 * 16 + CASE WHEN length(term) > 1 THEN unicode(substr(term, 2, 1)) % 16 ELSE 0 END)::INTEGER AS bucket,
       count(*) OVER (PARTITION BY phrase_no) AS needed
FROM terms;
COMMENT ON MACRO TABLE search_terms IS 'How `search` understands a query: the terms of each phrase, their places within it, and the buckets of search_index that hold them.';

-- BM25 as Lucene has it (Robertson and Zaragoza 2009, k1 = 1.2, b = .75), with the factor k1 + 1 that changes no rank.
-- A phrase counts as one term: in an article as often as it stands there, whatever words it is part of.
-- Scores are added up as decimals: sums of floats depend on their order.
CREATE MACRO search_scores(asked) AS TABLE
WITH wanted AS MATERIALIZED (
    SELECT phrase_no, place, needed, term, is_prefix,
           unnest(CASE WHEN is_prefix THEN range(first_bucket, first_bucket + 16) ELSE [bucket] END)::INTEGER AS bucket
    FROM search_terms(asked)
), hits AS MATERIALIZED (
    SELECT article_id, word_count, phrase_no, place, needed, list_where(positions, CASE
           WHEN is_prefix THEN list_transform(terms, lambda one: starts_with(one, term))
           ELSE list_transform(terms, lambda one: one = term) END) AS found
    FROM search_index JOIN wanted USING (bucket)
), whole AS (
    SELECT article_id, phrase_no, any_value(word_count) AS word_count, any_value(needed) AS needed, list(place) AS places, list(found) AS found
    FROM hits WHERE needed > 1 AND len(found) > 0
    GROUP BY article_id, phrase_no HAVING count(*) >= any_value(needed)
), starts AS (
    SELECT article_id, phrase_no, word_count, needed, unnest(found) - place AS start
    FROM (SELECT article_id, phrase_no, word_count, needed, unnest(places) AS place, unnest(found) AS found FROM whole)
), counted AS MATERIALIZED (
    SELECT article_id, phrase_no, any_value(word_count) AS word_count, sum(len(found))::BIGINT AS hit_count
    FROM hits WHERE needed = 1 AND len(found) > 0 GROUP BY article_id, phrase_no
    UNION ALL
    SELECT article_id, phrase_no, any_value(word_count), count(*)
    FROM (
        SELECT article_id, phrase_no, any_value(word_count) AS word_count FROM starts
        GROUP BY article_id, phrase_no, start HAVING count(*) = any_value(needed)
    ) GROUP BY article_id, phrase_no
), totals AS (
    SELECT count(*) AS article_count, greatest(avg(word_count), 1) AS mean_count FROM search_index WHERE bucket = 0
), rarity AS (
    SELECT phrase_no, any_value(mean_count) AS mean_count,
           ln(1 + (any_value(article_count) - count(*) + 0.5) / (count(*) + 0.5)) AS weight
    FROM counted, totals GROUP BY phrase_no
)
SELECT article_id, sum(hit_count)::BIGINT AS hit_count, count(*) AS phrase_count,
       sum((weight * hit_count * 2.2 / (hit_count + 1.2 * (0.25 + 0.75 * word_count / mean_count)))::DECIMAL(38, 15))::DOUBLE AS score
FROM counted JOIN rarity USING (phrase_no)
GROUP BY article_id;
COMMENT ON MACRO TABLE search_scores IS 'Every article in which a phrase of the query stands, with its BM25 score: join it with what you need. Phrases are parted by spaces; "in quotes" spaces are part of the phrase.';

CREATE MACRO search(asked, most := 20) AS TABLE
WITH best AS (
    FROM search_scores(asked) ORDER BY score DESC, article_id LIMIT greatest(coalesce(most, 20), 0)
)
SELECT round(score, 4) AS score, hit_count, published_date, source_name, title, is_duplicate, article_id, url
FROM best JOIN (SELECT article_id, published_date, source_name, title, is_duplicate, url FROM articles) USING (article_id)
ORDER BY best.score DESC, article_id;
COMMENT ON MACRO TABLE search IS 'search(''重点项目''): the 20 articles that fit best, by BM25; search(''港口 "green port"'', most := 100) for more, with several phrases. Looks in titles and texts; a phrase is found within words too.';

CREATE MACRO articles_on(topic) AS TABLE
SELECT published_date, source_name, title, hit_count, article_id, url
FROM (SELECT article_id, published_date, source_name, title, url FROM articles WHERE NOT is_duplicate)
JOIN search_scores('"' || replace(topic, '"', ' ') || '"') USING (article_id)
ORDER BY published_date DESC NULLS LAST, article_id;
COMMENT ON MACRO TABLE articles_on IS 'articles_on(''营商环境''): all articles in which these words stand, in title or text, newest first; copies left out.';

CREATE MACRO similar_to(wanted_id) AS TABLE
WITH given AS (
    SELECT article_id, cluster_id FROM articles WHERE article_id = wanted_id
), own AS (
    SELECT unnest(signature) AS minimum, generate_subscripts(signature, 1) AS place FROM fingerprints WHERE article_id = wanted_id
), other AS (
    SELECT article_id, unnest(signature) AS minimum, generate_subscripts(signature, 1) AS place FROM fingerprints
    WHERE article_id IS DISTINCT FROM wanted_id
), alike AS (
    SELECT article_id, count(*) / (SELECT count(*) FROM own) AS similarity
    FROM other JOIN own USING (place, minimum) GROUP BY article_id
)
SELECT alike.similarity AS similarity, articles.cluster_id = given.cluster_id AS is_copy, published_date, source_name, title, articles.article_id AS article_id, url
FROM alike JOIN articles ON articles.article_id = alike.article_id, given
WHERE alike.similarity >= 0.05 OR articles.cluster_id = given.cluster_id
ORDER BY alike.similarity DESC, articles.article_id LIMIT 20;
COMMENT ON MACRO TABLE similar_to IS 'similar_to(''4f1c2a…''), a whole article_id: up to 20 articles that share words in the same order, by the share of equal minima of their signatures; is_copy says that they are in one cluster.';

CREATE MACRO register_of(asked_body) AS TABLE
SELECT * FROM directive_register
WHERE EXISTS (FROM (SELECT unnest(responsible_bodies) AS body) WHERE asked_body <> '' AND (ends_with(body, asked_body) OR ends_with(body, simplified(asked_body))))
ORDER BY task_no;
COMMENT ON MACRO TABLE register_of IS 'register_of(''区发展改革委''): the lines of directive_register for which a body is responsible, named in full or by the end of its name.';
