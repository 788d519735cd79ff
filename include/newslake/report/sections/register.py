"""The register of tasks and the league table."""

from __future__ import annotations

from newslake.report.section import Chart, Page, Section, Shown

STATES = Section(
    key="states",
    title="Where tasks stand",
    note="By policy domain. Silence never completes a task, and overdue means only that no article reports completion by the deadline.",
    sql="""\
SELECT coalesce(domain, 'none') AS domain, count(*) AS task_count,
       count(*) FILTER (state = 'completed') AS completed_count,
       count(*) FILTER (state IN ('started', 'progress')) AS progressed_count,
       count(*) FILTER (state = 'set') AS set_count, count(*) FILTER (state = 'overdue') AS overdue_count,
       count(*) FILTER (state = 'cancelled') AS cancelled_count
FROM directive_register GROUP BY ALL ORDER BY task_count DESC, domain""",
    columns=(
        Shown("domain", "Domain", "word", "#?domain={domain}"),
        Shown("task_count", "Tasks", "number", "#?domain={domain}"),
        Shown("completed_count", "Completed", "number", "#?domain={domain}&state=completed"),
        Shown("progressed_count", "Under way", "number", "#?domain={domain}&state=progress"),
        Shown("set_count", "Set", "number", "#?domain={domain}&state=set"),
        Shown("overdue_count", "Overdue", "number", "#?domain={domain}&state=overdue"),
        Shown("cancelled_count", "Called off", "number", "#?domain={domain}&state=cancelled"),
    ),
    rows="FROM directive_register WHERE coalesce(domain, 'none') = {domain}",
    empty="No task was set yet.",
    chart=Chart(
        "bars", "domain", ("completed_count", "progressed_count", "set_count", "overdue_count", "cancelled_count")
    ),
    is_folded=True,
)

REGISTER = Section(
    key="register",
    title="Tasks",
    note="Overdue ones first, then by deadline. Each leads to the sentences that set it and that report on it.",
    sql="""\
SELECT * FROM directive_register
ORDER BY state <> 'overdue', state IN ('completed', 'cancelled'), deadline NULLS LAST, set_on DESC NULLS LAST, task_no""",
    columns=(),
    rows='FROM directive_events WHERE directive_id = {directive_id} ORDER BY "at"',
    empty="No task was set yet.",
    layout="register",
)

PROGRESS = Section(
    key="progress",
    title="Month by month",
    note="Tasks set, completed and gone overdue, by the month in which articles say so.",
    sql="""\
SELECT strftime(date_trunc('month', "at"), '%Y-%m') AS month,
       count(DISTINCT directive_id) FILTER (kind = 'set') AS set_count,
       count(DISTINCT directive_id) FILTER (kind IN ('started', 'progress')) AS progressed_count,
       count(DISTINCT directive_id) FILTER (kind = 'completed') AS completed_count,
       count(DISTINCT directive_id) FILTER (kind = 'overdue') AS overdue_count
FROM directive_events WHERE "at" IS NOT NULL GROUP BY ALL ORDER BY month""",
    columns=(
        Shown("month", "Month"),
        Shown("set_count", "Set", "number"),
        Shown("progressed_count", "Under way", "number"),
        Shown("completed_count", "Completed", "number"),
        Shown("overdue_count", "Overdue", "number"),
    ),
    rows="FROM directive_events WHERE strftime(date_trunc('month', \"at\"), '%Y-%m') = {month}",
    empty="No task was set yet.",
    limit=1_200,
    chart=Chart("columns", "month", ("set_count", "completed_count", "overdue_count")),
    is_folded=True,
)

LEAGUE = Section(
    key="league",
    title="Reported activity by body",
    note="What articles report of a body is no measure of what it does: bodies of which much is written stand high.",
    sql="""\
SELECT place, body, jurisdiction, set_count, progressed_count, completed_count, overdue_count, cancelled_count
FROM league_table ORDER BY place, set_count DESC, body, jurisdiction NULLS LAST""",
    columns=(
        Shown("body", "Body", "text", "register.html#?body={body}"),
        Shown("place", "Place", "number"),
        Shown("jurisdiction", "Division"),
        Shown("set_count", "Set", "number", "register.html#?body={body}"),
        Shown("progressed_count", "Reported on", "number", "register.html#?body={body}"),
        Shown("completed_count", "Completed", "number", "register.html#?body={body}&state=completed"),
        Shown("overdue_count", "Overdue", "number", "register.html#?body={body}&state=overdue"),
        Shown("cancelled_count", "Called off", "number", "register.html#?body={body}&state=cancelled"),
    ),
    rows="FROM register_of({body})",
    evidence="SELECT body AS key, article_id, sentence_no FROM (\n"
    "    SELECT directive_id, unnest(responsible_bodies) AS body FROM directive_register\n"
    ") JOIN directive_events USING (directive_id)\n"
    "WHERE kind IN ('completed', 'progress', 'started', 'set') AND body IN (SELECT unnest($keys))",
    evidence_key="body",
    empty="No body was made responsible for a task yet.",
    limit=100,
    chart=Chart("bars", "body", ("completed_count", "overdue_count"), most=15),
)

REGISTER_PAGE = Page(
    "register",
    "Register",
    "Which tasks were set, for whom, by when, and what became of them.",
    (REGISTER, STATES, PROGRESS),
)
LEAGUE_PAGE = Page(
    "league", "League table", "Reported activity, body by body. It is no measure of performance.", (LEAGUE,)
)
