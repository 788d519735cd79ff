-- A task is what one jurisdiction is told about one matter, however often, until it is done: what is set after that is a new
-- task. Its number is that of its first directive. Where an article does not tell its jurisdiction, its tasks are its own.
-- Nothing is closed by silence: `overdue` says that a deadline has passed and that no article since the task was set reports
-- completion by then, which is not to say that nothing was done. Events are only ever added.
CREATE VIEW directive_events AS
WITH dated AS (
    SELECT article_id, coalesce(event_date, published_date) AS day FROM articles WHERE NOT is_duplicate
), horizon AS (
    SELECT max(day) AS day FROM dated
), named AS (
    SELECT jurisdiction FROM directives UNION SELECT jurisdiction FROM evidence
), whole AS (
    SELECT jurisdiction FROM named
    WHERE NOT EXISTS (
        FROM named AS longer
        WHERE longer.jurisdiction <> named.jurisdiction AND ends_with(longer.jurisdiction, '/' || named.jurisdiction)
    )
), areas AS (
    -- 临江区 alone is 澜川市/临江区 where the lake knows one such district only.
    SELECT named.jurisdiction AS jurisdiction,
           if(count(whole.jurisdiction) = 1, min(whole.jurisdiction), named.jurisdiction) AS area
    FROM named LEFT JOIN whole ON ends_with('/' || whole.jurisdiction, '/' || named.jurisdiction)
    GROUP BY named.jurisdiction
), given AS (
    -- A directive without a day stands before all others: nothing is newer for being undated.
    -- Words that are no name (照去年, 年底前) join nothing either.
    SELECT directives.*, coalesce(if(regexp_matches(matter, '^在\d+$|^照去年|^比原|[年月季时]底?前$|基础上$|^号.$|[委局厅]$'), NULL, areas.area), article_id) AS area,
           day, coalesce(day, DATE '0001-01-01') AS since,
           regexp_matches(task, '(开工|启动|开建|动工)(建设|实施)?$') AS is_to_begin
    FROM directives JOIN dated USING (article_id) JOIN areas ON directives.jurisdiction IS NOT DISTINCT FROM areas.jurisdiction
), orders AS (
    SELECT area, matter, since, bool_and(is_to_begin) AS is_to_begin,
           max(struct_pack(quantity, unit)) FILTER (quantity IS NOT NULL) AS target
    FROM given GROUP BY ALL
), seen AS (
    -- What was to be begun is done when it is begun; 17 of 42 are progress.
    SELECT evidence.* REPLACE (
        CASE WHEN is_to_begin AND kind = 'started' THEN 'completed'
             WHEN kind = 'completed' AND evidence.unit = target.unit AND evidence.quantity < target.quantity THEN 'progress'
             ELSE kind END AS kind), orders.area AS area
    FROM (
        SELECT evidence.*, coalesce(areas.area, article_id) AS area FROM evidence JOIN dated USING (article_id)
        JOIN areas ON evidence.jurisdiction IS NOT DISTINCT FROM areas.jurisdiction
    ) AS evidence
    ASOF JOIN orders ON evidence.area = orders.area AND evidence.matter = orders.matter AND evidence."at" >= orders.since
), closings AS (
    SELECT DISTINCT area, matter, "at" FROM seen WHERE kind = 'completed'
), rounds AS (
    -- How often it was done before.
    SELECT given.area AS area, given.matter AS matter, since, count(closings."at") AS round
    FROM (SELECT DISTINCT area, matter, since FROM given) AS given
    LEFT JOIN closings ON closings.area = given.area AND closings.matter = given.matter AND closings."at" < since
    GROUP BY ALL
), told AS (
    SELECT given.*, first_value(directive_id) OVER task AS task_id, min(since) OVER (PARTITION BY area, matter, round) AS set_on,
           article_id = first_value(article_id) OVER task AS is_first
    FROM given JOIN rounds USING (area, matter, since)
    WINDOW task AS (PARTITION BY area, matter, round ORDER BY since, article_id, start)
), tasks AS (
    SELECT area, matter, task_id, set_on FROM told GROUP BY ALL
), reported AS (
    SELECT tasks.task_id AS task_id, seen.* FROM seen
    ASOF JOIN tasks ON seen.area = tasks.area AND seen.matter = tasks.matter AND seen."at" >= tasks.set_on
), deadlines AS (
    -- A deadline that is moved before it has passed is never missed.
    SELECT task_id, deadline, min(since) AS since, min(set_on) AS set_on,
           lead(min(since)) OVER (PARTITION BY task_id ORDER BY min(since), deadline) AS moved_on
    FROM told WHERE deadline IS NOT NULL GROUP BY task_id, deadline
), silent AS (
    SELECT deadlines.*, horizon.day AS seen_until FROM deadlines, horizon
    WHERE deadline < horizon.day AND (moved_on IS NULL OR moved_on > deadline)
      AND NOT EXISTS (FROM reported WHERE reported.task_id = deadlines.task_id AND kind = 'completed' AND "at" <= deadline)
)
SELECT task_id AS directive_id, article_id, arg_min(sentence_no, start) AS sentence_no, if(bool_or(is_first), 'set', 'repeated') AS kind, day AS "at",
       arg_min(speaker, start) AS speaker, arg_min(responsible_bodies, start) AS bodies, arg_max(deadline, start) AS deadline,
       arg_min(struct_pack(quantity, unit), start) FILTER (quantity IS NOT NULL).quantity AS quantity,
       arg_min(struct_pack(quantity, unit), start) FILTER (quantity IS NOT NULL).unit AS unit, arg_min(text, start) AS text
FROM told GROUP BY task_id, article_id, day
UNION ALL
SELECT task_id, article_id, sentence_no, kind, "at", speaker, bodies, NULL, quantity, unit, text FROM reported
UNION ALL
SELECT task_id, NULL, NULL, 'overdue', (deadline + INTERVAL 1 DAY)::DATE, NULL, NULL, deadline, NULL, NULL,
       'deadline ' || deadline || ' has passed; no article since ' || coalesce(nullif(set_on, DATE '0001-01-01')::VARCHAR, 'the first')
       || ' up to ' || seen_until || ' reports completion by then'
FROM silent;
COMMENT ON VIEW directive_events IS 'What is known of each task, in order of "at": set, repeated, started, progress, completed, overdue. directive_id is the task: the first directive of one jurisdiction on one matter; what is set after completion is a new task. Copies are left out. overdue means that no article since the task was set reports completion by then, not that nothing was done.';
