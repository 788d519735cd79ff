"""The pages of the report and their sections. Adding a section: an entry in the file of its page, its words in `labels.yaml`."""

from __future__ import annotations

from newslake.report.section import Page
from newslake.report.sections import methods, overview, people, register, sources, terms

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    sources.PAGE,
    terms.PAGE,
    people.PAGE,
    register.REGISTER_PAGE,
    register.LEAGUE_PAGE,
    methods.PAGE,
)
"""In the order of the menu."""
