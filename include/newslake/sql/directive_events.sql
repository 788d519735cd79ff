-- A task is what one jurisdiction is told about one matter, however often; its number is that of the first directive.
-- Where an article does not tell its jurisdiction, its tasks are its own: nothing joins them to others.
-- Nothing is closed by silence: `overdue` says that a deadline has passed and that no article up to the newest one in the
-- lake reports completion, which is not to say that nothing was done. Events are only ever added.
CREATE VIEW directive_events AS
WITH dated AS (
    SELECT article_id, coalesce(event_date, published_date) AS day FROM articles WHERE NOT is_duplicate
), horizon AS (
    SELECT max(day) AS day FROM dated
), named AS (
    SELECT jurisdiction FROM directives UNION SELECT jurisdiction FROM evidence
), areas AS (
    -- 临江区 alone is 澜川市/临江区 where the lake knows one such district only.
    SELECT short.jurisdiction AS jurisdiction,
           coalesce(if(count(whole.jurisdiction) = 1, min(whole.jurisdiction), NULL), short.jurisdiction) AS area
    FROM named AS short
    LEFT JOIN named AS whole ON NOT contains(short.jurisdiction, '/') AND ends_with(whole.jurisdiction, '/' || short.jurisdiction)
    GROUP BY short.jurisdiction
), told AS (
    SELECT directives.*, coalesce(areas.area, article_id) AS area, day,
           first_value(directive_id) OVER task AS task_id,
           article_id = first_value(article_id) OVER task AS is_first
    FROM directives JOIN dated USING (article_id) JOIN areas ON directives.jurisdiction IS NOT DISTINCT FROM areas.jurisdiction
    WINDOW task AS (PARTITION BY coalesce(areas.area, article_id), matter ORDER BY day NULLS LAST, article_id, start)
), tasks AS (
    SELECT area, matter, task_id, min(day) AS day,
           bool_or(regexp_matches(task, '(开工|启动|开建|动工)(建设|实施)?$')) AS is_to_begin,
           arg_max(deadline, (day, article_id, start)) FILTER (deadline IS NOT NULL) AS deadline
    FROM told GROUP BY ALL
), reported AS (
    SELECT tasks.task_id AS task_id, tasks.deadline AS deadline, evidence.* REPLACE (
        if(is_to_begin AND kind = 'started', 'completed', kind) AS kind  -- what was to be begun is done when it is begun
    )
    FROM evidence JOIN dated USING (article_id)
    JOIN areas ON evidence.jurisdiction IS NOT DISTINCT FROM areas.jurisdiction
    JOIN tasks ON tasks.area = coalesce(areas.area, article_id) AND tasks.matter = evidence.matter
    WHERE evidence."at" >= tasks.day OR tasks.day IS NULL
), silent AS (
    SELECT tasks.*, horizon.day AS seen_until FROM tasks, horizon
    WHERE tasks.deadline < horizon.day
      AND NOT EXISTS (FROM reported WHERE reported.task_id = tasks.task_id AND kind = 'completed' AND "at" <= tasks.deadline)
)
SELECT task_id AS directive_id, article_id, arg_min(sentence_no, start) AS sentence_no, if(bool_or(is_first), 'set', 'repeated') AS kind, day AS "at",
       arg_min(speaker, start) AS speaker, arg_min(responsible_bodies, start) AS bodies, arg_max(deadline, start) AS deadline,
       arg_min(quantity, start) AS quantity,
       arg_min(unit, start) FILTER (quantity IS NOT NULL) AS unit, arg_min(text, start) AS text
FROM told GROUP BY task_id, article_id, day
UNION ALL
SELECT task_id, article_id, sentence_no, kind, "at", speaker, bodies, NULL, quantity, unit, text FROM reported
UNION ALL
SELECT task_id, NULL, NULL, 'overdue', (deadline + INTERVAL 1 DAY)::DATE, NULL, NULL, deadline, NULL, NULL,
       'deadline ' || deadline || ' has passed; no article up to ' || seen_until || ' reports completion by then'
FROM silent;
COMMENT ON VIEW directive_events IS 'What is known of each task, in order of "at": set, repeated, started, progress, completed, overdue. directive_id is the task: the first directive of one jurisdiction on one matter. Copies are left out. overdue means that no completion was seen by then, not that nothing was done.';
