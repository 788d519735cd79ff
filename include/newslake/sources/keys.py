"""How a key of `sources.yaml` is declared: a field of a dataclass with its check and its meaning."""

from __future__ import annotations

from dataclasses import MISSING, Field, field, fields
from typing import Any

from newslake.sources.checks import Check


def key(check: Check | type, about: str, default: Any = MISSING, *, factory: Any = MISSING) -> Any:
    """A key of an entry. Without a default it must be there; a class as check stands for keys inside."""
    metadata = {"check": check, "about": about}
    if factory is not MISSING:
        return field(default_factory=factory, metadata=metadata)
    return field(default=default, metadata=metadata)


def keys(kind: type) -> dict[str, Field[Any]]:
    """The fields that may be written in the file, by name."""
    return {one.name: one for one in fields(kind) if one.metadata}
