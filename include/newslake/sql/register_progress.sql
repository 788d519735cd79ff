CREATE VIEW register_progress AS
SELECT body, jurisdiction, date_trunc('month', events."at")::DATE AS month,
       count(DISTINCT events.directive_id) FILTER (kind = 'set') AS set_count,
       count(DISTINCT events.directive_id) FILTER (kind = 'repeated') AS repeated_count,
       count(DISTINCT events.directive_id) FILTER (kind IN ('started', 'progress')) AS progressed_count,
       count(DISTINCT events.directive_id) FILTER (kind = 'completed') AS completed_count,
       count(DISTINCT events.directive_id) FILTER (kind = 'overdue') AS overdue_count,
       count(DISTINCT events.directive_id) FILTER (kind = 'cancelled') AS cancelled_count
FROM directive_events AS events
JOIN (
    SELECT directive_id, jurisdiction, unnest(coalesce(responsible_bodies, [NULL])) AS body FROM directive_register
) USING (directive_id)
GROUP BY ALL;
COMMENT ON VIEW register_progress IS 'Events of the register by responsible body, division that the articles are about, and month; a null body stands for tasks for which no body is named.';
COMMENT ON COLUMN register_progress."body" IS 'the responsible body; null where none is named';
COMMENT ON COLUMN register_progress."jurisdiction" IS 'the division that the articles are about';
COMMENT ON COLUMN register_progress."month" IS 'first day of the month of the events';
COMMENT ON COLUMN register_progress."set_count" IS 'tasks set';
COMMENT ON COLUMN register_progress."repeated_count" IS 'tasks set again';
COMMENT ON COLUMN register_progress."progressed_count" IS 'tasks begun or advanced';
COMMENT ON COLUMN register_progress."completed_count" IS 'tasks completed';
COMMENT ON COLUMN register_progress."overdue_count" IS 'tasks whose deadline passed without completion seen';
COMMENT ON COLUMN register_progress."cancelled_count" IS 'tasks called off';
