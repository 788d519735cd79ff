CREATE VIEW register_progress AS
SELECT body, date_trunc('month', events."at")::DATE AS month,
       count(DISTINCT events.directive_id) FILTER (kind = 'set') AS set_count,
       count(DISTINCT events.directive_id) FILTER (kind = 'repeated') AS repeated_count,
       count(DISTINCT events.directive_id) FILTER (kind IN ('started', 'progress')) AS progressed_count,
       count(DISTINCT events.directive_id) FILTER (kind = 'completed') AS completed_count,
       count(DISTINCT events.directive_id) FILTER (kind = 'overdue') AS overdue_count
FROM directive_events AS events
JOIN (SELECT directive_id, unnest(coalesce(responsible_bodies, [NULL])) AS body FROM directive_register) USING (directive_id)
GROUP BY ALL;
COMMENT ON VIEW register_progress IS 'Events of the register by responsible body and month; a null body stands for tasks for which no body is named.';
