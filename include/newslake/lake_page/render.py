"""The templates beside this file. Whatever they are given is escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from newslake.terminal import plain

if TYPE_CHECKING:
    import jinja2

FOLDER: Final = Path(__file__).parent
REPORT_STYLE: Final = FOLDER.parent / "report" / "assets" / "style.css"


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    environment.filters["plain"] = plain
    environment.filters["number"] = "{:,}".format
    return environment


def _moment(value: str | datetime | None) -> str:
    """A time for people, in UTC.

    >>> _moment("2026-01-02T03:04:05+00:00")
    '2026-01-02 03:04 UTC'
    """
    if value is None:
        return "never"
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def render(template: str, **values: Any) -> str:
    """A page from a template.

    Args:
        template: name of a file in this folder.
        values: what it shows; a name that it uses and that is missing is an error.
    """
    return _environment().get_template(template).render(values)


def style() -> str:
    """The style sheet: the report's, and what only these pages have."""
    return REPORT_STYLE.read_text(encoding="utf-8") + (FOLDER / "page.css").read_text(encoding="utf-8")
