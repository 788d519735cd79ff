"""The templates beside this file, in which whatever comes from an article is escaped."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2

FOLDER = Path(__file__).parent


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(template: str, functions: dict[str, Callable[..., Any]] | None = None, **values: Any) -> str:
    """A page from a template.

    Args:
        template: name of a file in this folder.
        functions: what the template may call.
        values: what it shows; a name that it uses and that is missing is an error.
    """
    return _environment().get_template(template).render({**(functions or {}), **values})
