-- What the articles report, body by body. It measures what is written about, not what is done: bodies of which much is
-- written stand high.
CREATE VIEW league_table AS
WITH charged AS (
    -- 区交通局 and 县教委 are others in each division; where that is not known, in each article.
    SELECT unnest(responsible_bodies) AS body, * EXCLUDE (responsible_bodies),
           CASE WHEN regexp_matches(body, '^(省|市|区|县|州|镇|乡|村|街道|[我本该])|^[^省市区县州旗镇乡村]{2,8}[局委办厅]$') AND NOT starts_with(body, '国家') THEN coalesce(jurisdiction, articles[1]) ELSE '' END AS whose
    FROM directive_register
)
SELECT body, min(jurisdiction) AS jurisdiction, count(*) AS set_count,
       count(*) FILTER (shown_state IN ('started', 'progress', 'completed') OR said_state IN ('started', 'progress', 'completed')) AS progressed_count,
       count(*) FILTER (state = 'completed') AS completed_count,
       count(*) FILTER (state = 'overdue') AS overdue_count,
       count(*) FILTER (state = 'cancelled') AS cancelled_count,
       rank() OVER (ORDER BY count(*) FILTER (state = 'completed') DESC, count(*) FILTER (state = 'overdue')) AS place,
       max(seen_until) AS seen_until
FROM charged
GROUP BY body, whose;
COMMENT ON VIEW league_table IS 'Reported activity by responsible body: tasks set, progressed, completed, overdue, cancelled. A body that the articles name without its division (区交通局) has a line for each division, or for each article where that is unknown. It counts what articles report, and is no measure of performance.';
COMMENT ON COLUMN league_table."body" IS 'the responsible body';
COMMENT ON COLUMN league_table."jurisdiction" IS 'the division that its tasks belong to';
COMMENT ON COLUMN league_table."set_count" IS 'tasks of the register that it is responsible for';
COMMENT ON COLUMN league_table."progressed_count" IS 'those begun, advanced or completed, as said or reported';
COMMENT ON COLUMN league_table."completed_count" IS 'those completed';
COMMENT ON COLUMN league_table."overdue_count" IS 'those overdue';
COMMENT ON COLUMN league_table."cancelled_count" IS 'those called off';
COMMENT ON COLUMN league_table."place" IS 'rank: most completed first, of these the fewest overdue';
COMMENT ON COLUMN league_table."seen_until" IS 'the day of the newest article in the lake';
