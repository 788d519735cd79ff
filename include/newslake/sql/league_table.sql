-- What the articles report, body by body. It measures what is written about, not what is done: bodies of which much is
-- written stand high.
CREATE VIEW league_table AS
SELECT body, min(jurisdiction) AS jurisdiction, count(*) AS set_count,
       count(*) FILTER (shown_state != 'nothing reported' OR said_state != 'set') AS progressed_count,
       count(*) FILTER (state = 'completed') AS completed_count,
       count(*) FILTER (state = 'overdue') AS overdue_count,
       rank() OVER (ORDER BY count(*) FILTER (state = 'completed') DESC, count(*) FILTER (state = 'overdue')) AS place,
       max(seen_until) AS seen_until
FROM (SELECT unnest(responsible_bodies) AS body, * EXCLUDE (responsible_bodies) FROM directive_register)
GROUP BY body;
COMMENT ON VIEW league_table IS 'Reported activity by responsible body: tasks set, progressed, completed, overdue. It counts what articles report, and is no measure of performance.';
