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
