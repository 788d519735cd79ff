-- Three states, never mixed: what officials say, what the articles themselves report, and what the schedule says.
CREATE VIEW directive_register AS
WITH events AS (
    -- What has no day is older than all that has one.
    SELECT * REPLACE (coalesce("at", DATE '0001-01-01') AS "at"), speaker IS NOT NULL AS is_said,
           array_position(['started', 'progress', 'completed', 'cancelled'], kind) AS stage,
           -- A start that is put off moves no deadline of the end.
           kind = 'rescheduled' AND (NOT regexp_matches(directive_events.text, '开工|动工|启动') OR regexp_matches(task, '(开工|启动|开建|动工)(建设|实施)?$')) AS is_moved
    FROM directive_events JOIN (SELECT directive_id, task FROM directives) USING (directive_id)
), seen_until AS (
    SELECT max(coalesce(event_date, published_date)) AS day FROM articles WHERE NOT is_duplicate
), per_task AS (
    SELECT directive_id,
           nullif(min("at") FILTER (kind = 'set'), DATE '0001-01-01') AS set_on,
           count(DISTINCT article_id) FILTER (kind IN ('set', 'repeated')) AS times_set,
           arg_max(struct_pack(deadline, kind), ("at", kind = 'rescheduled', article_id))
               FILTER (is_moved OR kind IN ('set', 'repeated') AND deadline IS NOT NULL) AS due,
           arg_max(bodies, ("at", article_id)) FILTER (kind IN ('set', 'repeated') AND bodies IS NOT NULL) AS responsible_bodies,
           arg_max(kind, (stage, "at", article_id)) FILTER (is_said AND stage > 0) AS said,
           arg_max(kind, (stage, "at", article_id)) FILTER (NOT is_said AND stage > 0) AS shown,
           arg_max(struct_pack("at", text, quantity, unit, article_id), ("at", article_id, sentence_no, text))
               FILTER (stage > 0 OR kind = 'rescheduled') AS last_evidence,
           min("at") FILTER (kind = 'completed') AS completed_on,
           min("at") FILTER (kind = 'cancelled') AS cancelled_on,
           list(deadline) FILTER (kind = 'overdue') AS missed,
           bool_or(kind = 'completed earlier') AS is_done_before,
           list(DISTINCT article_id ORDER BY article_id) FILTER (article_id IS NOT NULL) AS articles
    FROM events GROUP BY directive_id
)
SELECT row_number() OVER (ORDER BY set_on NULLS LAST, jurisdiction NULLS LAST, directive_id) AS task_no,
       per_task.directive_id AS directive_id, jurisdiction, nullif(matter, '') AS matter, task, domain, speaker AS set_by, speaker_title AS set_by_title,
       set_on, times_set, per_task.responsible_bodies AS responsible_bodies, due.deadline AS deadline, target,
       CASE WHEN completed_on IS NOT NULL THEN 'completed'
            WHEN cancelled_on IS NOT NULL THEN 'cancelled'
            WHEN list_contains(missed, due.deadline) THEN 'overdue'
            ELSE coalesce(said, shown, 'set') END AS state,
       coalesce(said, 'set') AS said_state,
       coalesce(shown, 'nothing reported') AS shown_state,
       CASE WHEN completed_on IS NULL AND cancelled_on IS NOT NULL THEN 'called off'
            WHEN completed_on IS NULL AND is_done_before THEN 'completion reported for a day before the task was set'
            WHEN due IS NULL THEN 'no deadline given'
            WHEN due.deadline IS NULL THEN 'put off, no new deadline given'
            WHEN completed_on <= due.deadline THEN 'completed in time'
            WHEN completed_on IS NOT NULL THEN 'completed after the deadline'
            WHEN list_contains(missed, due.deadline) THEN 'deadline passed, no completion seen'
            WHEN due.deadline < seen_until.day AND coalesce(said, shown) IS NOT NULL THEN 'deadline passed, begun or done in part'
            ELSE 'open' END AS schedule_state,
       completed_on, last_evidence."at" AS last_evidence_on, last_evidence.text AS last_evidence,
       last_evidence.quantity AS reached, last_evidence.unit AS reached_unit, last_evidence.article_id AS last_article_id,
       seen_until.day AS seen_until, articles
FROM per_task JOIN directives USING (directive_id), seen_until;
COMMENT ON VIEW directive_register IS 'The register of tasks, a line each: number, task, responsible body, deadline, state, last evidence, articles. said_state is what officials say, shown_state what articles report, schedule_state what the calendar says; seen_until is the day of the newest article. Silence never completes a task, and overdue means only that no completion was seen. cancelled means that an article reports the task as called off; a deadline that was moved is the one in force.';
COMMENT ON COLUMN directive_register."task_no" IS 'number in the register, by day of setting; it changes with the lake';
COMMENT ON COLUMN directive_register."directive_id" IS 'the task: its first directive, which has its article and sentence';
COMMENT ON COLUMN directive_register."jurisdiction" IS 'the division that is told, with those above it; null where no article says it';
COMMENT ON COLUMN directive_register."matter" IS 'what it is about, in words that tasks and reports share';
COMMENT ON COLUMN directive_register."task" IS 'verb and object, as first set';
COMMENT ON COLUMN directive_register."domain" IS 'policy domain';
COMMENT ON COLUMN directive_register."set_by" IS 'who set it';
COMMENT ON COLUMN directive_register."set_by_title" IS 'that person''s office';
COMMENT ON COLUMN directive_register."set_on" IS 'the day it was first set';
COMMENT ON COLUMN directive_register."times_set" IS 'articles that set or repeat it';
COMMENT ON COLUMN directive_register."responsible_bodies" IS 'bodies that are to do it, as named last';
COMMENT ON COLUMN directive_register."deadline" IS 'the deadline in force; null where none was given, or none after it was put off';
COMMENT ON COLUMN directive_register."target" IS 'the target, in the words of the text';
COMMENT ON COLUMN directive_register."state" IS 'completed, cancelled, overdue, or else what officials say, or articles report, or set';
COMMENT ON COLUMN directive_register."said_state" IS 'what officials say: set, started, progress, completed or cancelled';
COMMENT ON COLUMN directive_register."shown_state" IS 'what articles report: nothing reported, started, progress, completed or cancelled';
COMMENT ON COLUMN directive_register."schedule_state" IS 'what the calendar says, in words';
COMMENT ON COLUMN directive_register."completed_on" IS 'the day of completion';
COMMENT ON COLUMN directive_register."last_evidence_on" IS 'the day of what was reported last';
COMMENT ON COLUMN directive_register."last_evidence" IS 'what was reported last, in the words of the article';
COMMENT ON COLUMN directive_register."reached" IS 'the number in it';
COMMENT ON COLUMN directive_register."reached_unit" IS 'what that number counts';
COMMENT ON COLUMN directive_register."last_article_id" IS 'its article';
COMMENT ON COLUMN directive_register."seen_until" IS 'the day of the newest article in the lake';
COMMENT ON COLUMN directive_register."articles" IS 'article_ids of all that set it or report on it';
