"""How the figures came about, and how right they are."""

from __future__ import annotations

from newslake.report.section import Page, Section, Shown

PROSE = Section(
    key="ways",
    title="How the figures came about",
    note="",
    sql="",
    columns=(),
    layout="prose",
)

ACCURACY = Section(
    key="accuracy",
    title="How right the annotations are",
    note="Articles written for this project and annotated by hand are compared with what is found in them; half of them were never looked at "
    "while rules were written. No release falls below these scores.",
    sql="",
    columns=(),
    layout="accuracy",
)

REPAIRS = Section(
    key="repairs",
    title="Repairs",
    note="What was mended in the articles' text. The text before is in text_as_found.",
    sql="""\
SELECT repair.key AS repair, count(*) AS article_count, sum(repair.value)::BIGINT AS repair_count
FROM (SELECT unnest(map_entries(repairs)) AS repair FROM articles)
GROUP BY repair.key ORDER BY repair_count DESC, repair""",
    columns=(
        Shown("repair", "Repair", "code"),
        Shown("article_count", "Articles", "number"),
        Shown("repair_count", "Times", "number"),
    ),
    rows="SELECT article_id, title, repairs[{repair}] AS times FROM articles WHERE map_contains(repairs, {repair})",
    empty="Nothing had to be repaired.",
)

CHECKS = Section(
    key="checks",
    title="Last validation",
    note="Checks of the run that published last. A failed row check sends the article to quarantine; "
    "a failed table check would have stopped the run.",
    sql="""\
SELECT table_name, max(row_count) AS row_count, count(*) AS check_count,
       count(*) FILTER (is_passed) AS passed_count, count(*) FILTER (NOT is_passed) AS failed_count,
       list(check_name || ': ' || failed_count || ' of ' || row_count ORDER BY check_name) FILTER (NOT is_passed) AS failed
FROM validation_results WHERE run_id = (SELECT max(run_id) FROM validation_results)
GROUP BY table_name ORDER BY failed_count DESC, table_name""",
    columns=(
        Shown("table_name", "Table", "code"),
        Shown("row_count", "Rows", "number"),
        Shown("check_count", "Checks", "number"),
        Shown("passed_count", "Passed", "number"),
        Shown("failed_count", "Failed", "number"),
        Shown("failed", "Rows that failed", "code"),
    ),
    rows="SELECT * FROM validation_results WHERE table_name = {table_name}\n"
    "AND run_id = (SELECT max(run_id) FROM validation_results) ORDER BY is_passed, check_name",
    empty="Nothing has been validated yet.",
    layout="checks",
)

PAGE = Page(
    "methods", "Methods", "How the figures came about, and how right they are.", (PROSE, ACCURACY, REPAIRS, CHECKS)
)
