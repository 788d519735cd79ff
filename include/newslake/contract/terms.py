"""What a contract says beside the tables' definitions: who answers for the data, and how fresh it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from newslake.config import PROJECT
from newslake.errors import ConfigError

SLA_KEYS = {"value", "unit", "description"}


@dataclass(frozen=True)
class Terms:
    """What stands in `contract.yaml`.

    Attributes:
        owner: who answers for the lake.
        contact: a mail address or URL, if any.
        licence: under which the tables may be used.
        sla: property, as ODCS calls it → value, unit, description.
    """

    owner: str
    contact: str | None
    licence: str
    sla: Mapping[str, Mapping[str, Any]]

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Terms:
        """From a manifest, which newer software may have written."""
        return cls(**{field.name: content[field.name] for field in fields(cls)})

    def as_json(self) -> dict[str, Any]:
        """As it stands in a manifest."""
        return asdict(self)


def path() -> Path:
    """`contract.yaml`: named by `NEWSLAKE_CONTRACT`, else the one in `seeds/`."""
    return Path(os.environ.get("NEWSLAKE_CONTRACT") or PROJECT / "seeds" / "contract.yaml").resolve()


def read() -> Terms:
    """The terms that are in force.

    Raises:
        ConfigError: the file is missing, or something in it is wrong.
    """
    place = path()
    try:
        content = yaml.safe_load(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{place}: missing; set NEWSLAKE_CONTRACT to a file like seeds/contract.yaml") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place}: {' '.join(str(error).split())}") from None
    if mistakes := _mistakes(content):
        raise ConfigError(f"{place}: {'; '.join(mistakes)}")
    return Terms(content["owner"], content.get("contact"), content["licence"], content["sla"])


def _mistakes(content: Any) -> list[str]:
    if not isinstance(content, dict):
        return ["say owner, contact, licence and sla"]
    found = [f"{key}: unknown" for key in content.keys() - {"owner", "contact", "licence", "sla"}]
    found += [f"{key}: say a text" for key in ("owner", "licence") if not _is_text(content.get(key))]
    if not (content.get("contact") is None or _is_text(content["contact"])):
        found.append("contact: say a mail address or URL, or nothing")
    sla = content.get("sla")
    if not isinstance(sla, dict):
        return [*found, "sla: say properties with value, unit and description"]
    for name, facts in sla.items():
        if not isinstance(facts, dict) or "value" not in facts or facts.keys() - SLA_KEYS:
            found.append(f"sla.{name}: say value, and unit and description where they are known")
        elif not isinstance(facts["value"], str | int | float):
            found.append(f"sla.{name}.value: say a text or a number")
        elif not all(_is_text(facts.get(key, "none")) for key in ("unit", "description")):
            found.append(f"sla.{name}: unit and description are texts")
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
