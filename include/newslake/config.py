"""Where things are: read from the environment when asked, never at import."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newslake.errors import ConfigError

PROJECT = Path(__file__).resolve().parents[2]
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
MISREAD_IN_PATHS = "[]%?=\\"
"""Readers of Parquet and Delta take a path with one of these for a pattern, a URL or a partition."""


@dataclass(frozen=True)
class Home:
    """The folder that holds everything newslake writes (`NEWSLAKE_HOME`, default `./data`)."""

    root: Path

    @property
    def raw(self) -> Path:
        """Delta table of raw documents."""
        return self.root / "raw"

    @property
    def delta(self) -> Path:
        """Delta tables of the lake, one folder a table."""
        return self.root / "lake" / "delta"

    @property
    def snapshots(self) -> Path:
        """Numbered snapshots of the lake."""
        return self.root / "lake" / "snapshots"

    @property
    def current(self) -> Path:
        """Symbolic link to the newest snapshot."""
        return self.root / "lake" / "current"

    @property
    def database(self) -> Path:
        """The analysts' DuckDB file."""
        return self.root / "newslake.duckdb"

    @property
    def reports(self) -> Path:
        """Static pages."""
        return self.root / "reports"

    @property
    def state(self) -> Path:
        """Locks, batch plans and staged tables: nothing that cannot be made again."""
        return self.root / "state"


def home() -> Home:
    """The home named by `NEWSLAKE_HOME`, as an absolute path; it need not exist yet.

    Raises:
        ConfigError: no folder can be there, or readers of files would misread its path.
    """
    root = Path(os.environ.get("NEWSLAKE_HOME") or "data").expanduser().resolve()
    advice = "set NEWSLAKE_HOME to another folder"
    if misread := sorted(set(MISREAD_IN_PATHS) & set(str(root))):
        marks = " ".join(misread)
        raise ConfigError(f"{root}: readers of files misread a path with {marks}; {advice}")
    try:
        nearest = next(path for path in (root, *root.parents) if path.exists())
    except OSError as error:
        raise ConfigError(f"{root}: {error.strerror or error}; {advice}") from None
    if not nearest.is_dir():
        raise ConfigError(f"{root}: {nearest} is a file, not a folder; {advice}")
    return Home(root)


@dataclass(frozen=True)
class Source:
    """One entry of `sources.yaml`.

    Attributes:
        path: folder or file to read, absolute.
        timezone: IANA zone of times printed without one, or None.
    """

    name: str
    kind: str
    path: Path
    timezone: str | None = None
    language: str | None = None
    is_enabled: bool = True
    description: str = ""
    owner: str = ""
    rights: str = ""


def sources_path() -> Path:
    """`sources.yaml`: named by `NEWSLAKE_SOURCES`, else the one in `seeds/`."""
    return Path(os.environ.get("NEWSLAKE_SOURCES") or PROJECT / "seeds" / "sources.yaml").resolve()


def read_sources() -> dict[str, Source]:
    """All sources by name, in the order of the file.

    Raises:
        ConfigError: the file is missing or an entry is wrong; the message names file, entry and key.
    """
    import yaml

    path = sources_path()
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; set NEWSLAKE_SOURCES to your sources.yaml") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not a text in UTF-8: {error}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None
    entries = document.get("sources") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ConfigError(f"{path}: needs a list `sources:` at the top level")
    sources = [_read_source(entry, f"{path}: sources[{number}]", path.parent) for number, entry in enumerate(entries)]
    by_name = {source.name: source for source in sources}
    if len(by_name) < len(sources):
        raise ConfigError(f"{path}: two sources have the same name; names must be unique")
    return by_name


def _read_source(entry: object, where: str, folder: Path) -> Source:
    """Checks one entry key by key."""
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: must be a mapping with name, kind and path")
    known = set(Source.__dataclass_fields__)
    if unknown := sorted(set(entry) - known, key=str):
        raise ConfigError(f"{where}: unknown key {unknown[0]!r}; allowed: {', '.join(sorted(known))}")
    entry = {key: value for key, value in entry.items() if value is not None}
    _check_values(entry, where)
    zone = entry.get("timezone")
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ConfigError(f"{where}: timezone {zone!r} is not an IANA zone such as Asia/Shanghai") from None
    return Source(**{**entry, "path": (folder / entry["path"]).resolve()})


def _check_values(entry: dict[str, Any], where: str) -> None:
    for key in ("name", "kind", "path"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            raise ConfigError(f"{where}: {key} is missing or not a text")
    if not SOURCE_NAME.fullmatch(entry["name"]):
        raise ConfigError(
            f"{where}: name {entry['name']!r} may hold only a-z, 0-9, _ and -, and begins with a letter or digit"
        )
    if not isinstance(entry.get("is_enabled", True), bool):
        raise ConfigError(f"{where}: is_enabled must be true or false, not {entry['is_enabled']!r}")
    for key, value in entry.items():
        if key != "is_enabled" and not isinstance(value, str):
            raise ConfigError(f"{where}: {key} must be a text, not {value!r}")


def rules() -> str:
    """Stands for what decides how a document is refined: the code, the reference lists and the sources' zones."""
    lists = Path(os.environ.get("NEWSLAKE_REFERENCE") or PROJECT / "seeds" / "reference")
    digest = sha256()
    for path in [*sorted(Path(__file__).parent.rglob("*.py")), *sorted(lists.glob("*.txt")), sources_path()]:
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


@cache
def reference_lines(name: str) -> tuple[str, ...]:
    """Entries of `seeds/reference/<name>.txt`: one a line, `#` starts a comment.

    Raises:
        ConfigError: there is no such list.
    """
    path = Path(os.environ.get("NEWSLAKE_REFERENCE") or PROJECT / "seeds" / "reference") / f"{name}.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such reference list") from None
    entries = (line.split("#", 1)[0].strip() for line in lines)
    return tuple(dict.fromkeys(entry for entry in entries if entry))
