"""The templates beside this file, in which whatever comes from an article is escaped.

Each sets `title` and begins with `head.html`, which opens the page and its style; the page's own rules follow.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def render(template: str, functions: dict[str, Callable[..., Any]] | None = None, **values: Any) -> str:
    """A page from a template.

    Args:
        template: name of a file in this folder.
        functions: what the template may call.
        values: what it shows; a name that it uses and that is missing is an error.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= functions or {}
    return environment.get_template(template).render(values)
