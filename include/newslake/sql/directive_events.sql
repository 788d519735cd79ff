-- A task is what one jurisdiction is told about one matter, however often, until it is done or called off: what is set after
-- that is a new task. Its number is that of its first directive. Where an article does not tell its jurisdiction, its tasks are
-- its own; a directive that names no matter is a task by itself.
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
           CASE WHEN count(whole.jurisdiction) = 1 THEN min(whole.jurisdiction) ELSE named.jurisdiction END AS area
    FROM named LEFT JOIN whole ON ends_with('/' || whole.jurisdiction, '/' || named.jurisdiction)
    GROUP BY named.jurisdiction
), given AS (
    -- A directive without a day stands before all others: nothing is newer for being undated.
    SELECT directives.* REPLACE (coalesce(nullif(matter, ''), directive_id) AS matter), coalesce(areas.area, article_id) AS area,
           day, coalesce(day, DATE '0001-01-01') AS since,
           regexp_matches(task, '(开工|启动|开建|动工)(建设|实施)?$') AS is_to_begin,
           replace(regexp_extract(task, '(打通|贯通|封顶|合龙)'), '打通', '贯通') AS milestone
    FROM directives JOIN dated USING (article_id) JOIN areas ON directives.jurisdiction IS NOT DISTINCT FROM areas.jurisdiction
), orders AS (
    -- What holds from that day on: a start is the end of the task only while nothing but the start was ever asked for; so is 贯通.
    SELECT area, matter, since, bool_and(bool_and(is_to_begin)) OVER so_far AS is_to_begin,
           CASE WHEN min(min(milestone)) OVER so_far = max(max(milestone)) OVER so_far THEN min(max(milestone)) OVER so_far ELSE '' END AS milestone,
           last_value(max(struct_pack(quantity, unit)) FILTER (quantity IS NOT NULL) IGNORE NULLS) OVER so_far AS target
    FROM given GROUP BY area, matter, since
    WINDOW so_far AS (PARTITION BY area, matter ORDER BY since)
), sources AS (
    -- A result that stands in the article that sets the task is that of an earlier one.
    SELECT evidence.*, coalesce(areas.area, article_id) AS area, day,
           CASE WHEN kind IN ('cancelled', 'rescheduled') THEN coalesce(day, "at")
                WHEN kind = 'completed' AND EXISTS (
                    FROM given WHERE given.article_id = evidence.article_id AND given.matter = evidence.matter
                ) THEN "at" - 1
                ELSE "at" END AS counted_on
    FROM evidence JOIN dated USING (article_id) JOIN areas ON evidence.jurisdiction IS NOT DISTINCT FROM areas.jurisdiction
), above AS (
    -- 临江区 of 澜川市/临江区 reports to 澜川市, too: about 临江区's own 体育馆 fully, about what both call alike as of a part.
    SELECT sources.*, upper.area AS upper_area FROM sources
    JOIN (SELECT DISTINCT area FROM given) AS upper ON starts_with(sources.area, upper.area || '/')
    WHERE kind IN ('started', 'progress', 'completed')
), heard AS (
    SELECT *, NULL AS part FROM sources
    UNION ALL
    SELECT * EXCLUDE (upper_area) REPLACE (upper_area AS area, split_part(area, '/', -1) || matter AS matter), NULL FROM above
    UNION ALL
    SELECT * EXCLUDE (upper_area) REPLACE (upper_area AS area, NULL AS quantity, NULL AS unit), 'division' FROM above
    UNION ALL
    -- The first stage of a bridge is a part of the bridge.
    SELECT * REPLACE (regexp_replace(matter, '[一二三四五]期$', '') AS matter, NULL AS quantity, NULL AS unit), 'stage' FROM sources
    WHERE regexp_matches(matter, '.[一二三四五]期$') AND kind IN ('started', 'progress', 'completed')
), seen AS (
    -- What was to be begun is done when it is begun; 17 of 42 are progress.
    SELECT heard.* REPLACE (
        CASE WHEN part IS NOT NULL THEN 'progress'
             WHEN is_to_begin AND kind = 'started' OR milestone <> '' AND kind = 'progress' AND contains(text, milestone) THEN 'completed'
             WHEN kind = 'completed' AND heard.quantity < target.quantity
                  AND (heard.unit = target.unit OR regexp_matches(heard.unit || target.unit, '^[个项条座所家处栋幢户件批套]{2}$'))
             THEN 'progress'
             ELSE kind END AS kind), coalesce(kind = 'completed' AND part = 'division', false) AS is_done_below
    FROM heard ASOF JOIN orders ON heard.area = orders.area AND heard.matter = orders.matter AND heard.counted_on >= orders.since
), closings AS (
    SELECT DISTINCT area, matter, counted_on FROM seen WHERE kind IN ('completed', 'cancelled')
), rounds AS (
    -- How often it was done before.
    SELECT given.area AS area, given.matter AS matter, since, count(closings.counted_on) AS round
    FROM (SELECT DISTINCT area, matter, since FROM given) AS given
    LEFT JOIN closings ON closings.area = given.area AND closings.matter = given.matter AND closings.counted_on < since
    GROUP BY ALL
), told AS (
    SELECT given.*, first_value(directive_id) OVER task AS task_id, min(since) OVER (PARTITION BY area, matter, round) AS set_on,
           article_id = first_value(article_id) OVER task AS is_first
    FROM given JOIN rounds USING (area, matter, since)
    WINDOW task AS (PARTITION BY area, matter, round ORDER BY since, article_id, start)
), tasks AS (
    SELECT area, matter, task_id, set_on FROM told GROUP BY ALL
), reported AS (
    SELECT tasks.task_id AS task_id, set_on, seen.* FROM seen
    ASOF JOIN tasks ON seen.area = tasks.area AND seen.matter = tasks.matter AND seen.counted_on >= tasks.set_on
), earlier AS (
    -- Told after the task was set, of a day before it: it is no completion of the task, but nor is there silence.
    SELECT tasks.task_id AS task_id, heard.* FROM heard
    ASOF JOIN tasks ON heard.area = tasks.area AND heard.matter = tasks.matter AND heard.day > tasks.set_on
    WHERE kind = 'completed' AND part IS NULL AND counted_on < tasks.set_on AND counted_on = "at"
      AND NOT EXISTS (FROM reported WHERE reported.evidence_id = heard.evidence_id)
), promised AS (
    SELECT task_id, set_on, since, deadline, is_to_begin FROM told WHERE deadline IS NOT NULL
    UNION ALL
    SELECT task_id, set_on, counted_on, CASE WHEN "at" > day THEN "at" END, regexp_matches(text, '开工|动工|启动') FROM reported
    WHERE kind = 'rescheduled'
), deadlines AS (
    -- A deadline that is moved before it has passed is never missed; that of the start and that of the end are two.
    SELECT task_id, is_to_begin, deadline, min(since) AS since, min(set_on) AS set_on,
           lead(min(since)) OVER (PARTITION BY task_id, is_to_begin ORDER BY min(since), deadline) AS moved_on
    FROM promised GROUP BY task_id, is_to_begin, deadline
), silent AS (
    SELECT DISTINCT task_id, deadline, set_on, horizon.day AS seen_until FROM deadlines, horizon
    WHERE deadline < horizon.day AND (moved_on IS NULL OR moved_on > deadline)
      AND NOT EXISTS (FROM earlier WHERE earlier.task_id = deadlines.task_id AND NOT is_to_begin)
      AND NOT EXISTS (
          FROM reported
          WHERE reported.task_id = deadlines.task_id AND counted_on <= deadline
            AND (kind IN ('completed', 'cancelled') OR is_done_below OR deadlines.is_to_begin AND kind IN ('started', 'progress'))
      )
)
SELECT task_id AS directive_id, article_id, arg_min(sentence_no, start) AS sentence_no, CASE WHEN bool_or(is_first) THEN 'set' ELSE 'repeated' END AS kind, day AS "at",
       arg_min(speaker, start) AS speaker, arg_min(responsible_bodies, start) AS bodies, max(deadline) AS deadline,
       arg_min(struct_pack(quantity, unit), start) FILTER (quantity IS NOT NULL).quantity AS quantity,
       arg_min(struct_pack(quantity, unit), start) FILTER (quantity IS NOT NULL).unit AS unit, arg_min(text, start) AS text
FROM told GROUP BY task_id, article_id, day
UNION ALL
SELECT task_id, article_id, sentence_no, kind, CASE WHEN kind IN ('cancelled', 'rescheduled') THEN counted_on ELSE "at" END, speaker, bodies,
       CASE WHEN kind = 'rescheduled' AND "at" > day THEN "at" END, quantity, unit, text
FROM reported
UNION ALL
SELECT task_id, article_id, sentence_no, 'completed earlier', "at", speaker, bodies, NULL, quantity, unit, text FROM earlier
UNION ALL
SELECT task_id, NULL, NULL, 'overdue', (deadline + INTERVAL 1 DAY)::DATE, NULL, NULL, deadline, NULL, NULL,
       'deadline ' || deadline || ' has passed; no article since ' || coalesce(nullif(set_on, DATE '0001-01-01')::VARCHAR, 'the first')
       || ' up to ' || seen_until || ' reports completion by then'
FROM silent;
COMMENT ON VIEW directive_events IS 'What is known of each task, in order of "at": set, repeated, started, progress, completed, rescheduled (deadline is the new one, null where none is given), cancelled, overdue, completed earlier (an article after the setting reports a completion of a day before it: it neither completes the task nor lets it be overdue). directive_id is the task: the first directive of one jurisdiction on one matter; what is set after completion is a new task. What a division below reports of a matter of the same name, and a stage of a work, are progress. Copies are left out. overdue means that no article since the task was set reports completion by then, not that nothing was done.';
COMMENT ON COLUMN directive_events."directive_id" IS 'the task: its first directive';
COMMENT ON COLUMN directive_events."article_id" IS 'the article that tells; null for overdue';
COMMENT ON COLUMN directive_events."sentence_no" IS 'its sentence; null for overdue';
COMMENT ON COLUMN directive_events."kind" IS 'set, repeated, started, progress, completed, rescheduled, cancelled, overdue or completed earlier';
COMMENT ON COLUMN directive_events."at" IS 'the day of the event; of an overdue task, the day after its deadline';
COMMENT ON COLUMN directive_events."speaker" IS 'who says so; null where the article itself reports it';
COMMENT ON COLUMN directive_events."bodies" IS 'bodies that are named with it';
COMMENT ON COLUMN directive_events."deadline" IS 'the deadline that is set, moved to or missed';
COMMENT ON COLUMN directive_events."quantity" IS 'the number that is asked for or reached';
COMMENT ON COLUMN directive_events."unit" IS 'what the number counts';
COMMENT ON COLUMN directive_events."text" IS 'the words; of an overdue task, what was looked for';
