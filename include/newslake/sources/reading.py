"""`sources.yaml` → sources, or every mistake in it with its line."""

from __future__ import annotations

import os
from dataclasses import MISSING, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from newslake.config import sources_path
from newslake.errors import ConfigError
from newslake.sources import checks
from newslake.sources.keys import keys
from newslake.sources.kinds import KINDS, OTHER_NAMES, Source, WebSource
from newslake.sources.lines import Parsed, Place, Problem, parse

TOP_KEYS = ("contact", "sources")
SECRET_KEYS = {
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "login",
    "username",
    "user",
    "headers",
    "auth",
}
ALL_KEYS = {key for kind in KINDS.values() for key in keys(kind)}
NO_CONTACT = "{} asks web sites, so the top of the file needs `contact:` with your mail or web address; it goes into the User-Agent"
ENTRY_ADVICE = f"must be a mapping with name and kind; kinds are: {', '.join(KINDS)}"


def read_sources(path: Path | None = None) -> dict[str, Source]:
    """All sources by name, in the order of the file.

    Args:
        path: the file; by default the one in use, see `sources_path`.

    Raises:
        ConfigError: the file is missing or something in it is wrong; the message names every mistake with its line.
    """
    path = path or sources_path()
    reader = _read(path)
    if reader.problems:
        count = f"{len(reader.problems)} mistakes" if len(reader.problems) > 1 else "a mistake"
        told = "\n  ".join(map(str, reader.problems))
        raise ConfigError(f"{path}: {count}; see docs/sources.md\n  {told}")
    return {source.name: source for source in reader.sources}


def named(name: str) -> Source:
    """The source of that name.

    Raises:
        ConfigError: there is none, or the file has mistakes.
    """
    declared = read_sources()
    if name not in declared:
        known = ", ".join(declared) or "none"
        raise ConfigError(f"no source {name!r} in {sources_path()}{_meant(name, tuple(declared))}; there are: {known}")
    return declared[name]


def problems(path: Path) -> list[Problem]:
    """All mistakes in a file, by line.

    Raises:
        ConfigError: it cannot be read.
    """
    return _read(path).problems


def _read(path: Path) -> _Reader:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; set NEWSLAKE_SOURCES to your sources.yaml") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not a text in UTF-8: {error}") from None
    parsed = parse(content)
    reader = _Reader(path.parent.absolute(), parsed)
    if parsed.lines is not None:
        reader.read(parsed.document)
    reader.problems.sort(key=lambda problem: problem.line)
    return reader


class _Reader:
    """Goes through a document and collects sources and problems."""

    def __init__(self, folder: Path, parsed: Parsed) -> None:
        self.folder = folder
        self.lines = parsed.lines
        self.problems = parsed.problems
        self.sources: list[Source] = []

    def read(self, document: Any) -> None:
        """Reads the whole document."""
        if not isinstance(document, dict):
            self._note((), "", f"the file must be a mapping with: {', '.join(TOP_KEYS)}")
            return
        written = {key: key for key in TOP_KEYS}
        for key in document:
            if key not in TOP_KEYS:
                self._note((key,), str(key), f"unknown key{_meant(key, TOP_KEYS)}; allowed: {', '.join(TOP_KEYS)}")
                close = get_close_matches(str(key), TOP_KEYS, 1)
                written.update((meant, key) for meant in close if meant not in document)
        contact = self._checked(checks.contact, document.get(written["contact"]), (written["contact"],), "contact")
        entries = document.get(written["sources"])
        if not isinstance(entries, list):
            self._note(("sources",), "", "needs a list `sources:`, one entry a source, each beginning with `- name:`")
            return
        named: dict[str, int] = {}
        for position, entry in enumerate(entries):
            self._read_entry(entry, (written["sources"], position), named, contact)

    def _read_entry(self, entry: Any, place: Place, named: dict[str, int], contact: str | None) -> None:
        where = f"sources[{place[-1]}]"
        if not isinstance(entry, dict):
            self._note(place, where, ENTRY_ADVICE)
            return
        name = entry.get("name")
        where = name if isinstance(name, str) and name else where
        if isinstance(name, str) and name in named:
            self._note((*place, "name"), where, f"name is taken by the source in line {named[name]}; choose another")
        elif isinstance(name, str):
            named[name] = self._line((*place, "name"))
        kind = self._kind(entry.get("kind"), (*place, "kind"), where)
        source = self._read_mapping(kind, entry, place, where)
        asks_sites = issubclass(kind, WebSource) and entry.get("is_enabled", True) is not False
        if asks_sites and contact is None and not self._has_problem_at("contact"):
            self._note(place, "contact", NO_CONTACT.format(where))
        if isinstance(source, WebSource):
            source = replace(source, contact=contact or "")
        if source is not None:
            self.sources.append(source)

    def _kind(self, kind: Any, place: Place, where: str) -> type[Source]:
        """The class of that name, or of the name that was probably meant; else what all kinds have in common."""
        if isinstance(kind, str) and kind in KINDS:
            return KINDS[kind]
        close = get_close_matches(str(kind).lower(), (*KINDS, *OTHER_NAMES), 1, 0.7)
        likely = OTHER_NAMES.get(close[0], close[0]) if close else None
        told = f"{checks.shown(kind)} is unknown{f', did you mean `{likely}`?' if likely else ''}"
        self._note(place, where, f"kind {'is missing' if kind is None else told}; kinds are: {', '.join(KINDS)}")
        return KINDS[likely] if likely else Source

    def _read_mapping(self, kind: type, entry: dict[Any, Any], place: Place, where: str) -> Any:
        """An object of the class, or None where something is wrong; `place` and `where` say where the mapping stands."""
        before, known = len(self.problems), keys(kind)
        given = {key: value for key, value in entry.items() if value is not None}
        unknown = [key for key in entry if not _is_allowed(key, kind)]
        misspelt = {close for key in unknown for close in get_close_matches(str(key), known, 1)}
        for key in unknown:
            self._note((*place, key), f"{where}: {key}", _unknown(key, kind))
        values = {}
        for key, one in known.items():
            if key in given:
                values[key] = self._checked(one.metadata["check"], given[key], (*place, key), f"{where}: {key}")
            elif one.default is MISSING and one.default_factory is MISSING and key not in misspelt:
                self._note((*place, key), where, f"needs `{key}`: {one.metadata['about']}")
        for key, message in kind.mistakes({**dict.fromkeys(misspelt), **given}) if hasattr(kind, "mistakes") else ():
            self._note((*place, key) if key else place, f"{where}: {key}" if key else where, message)
        return kind(**values) if len(self.problems) == before else None

    def _checked(self, check: Any, value: Any, place: Place, where: str) -> Any:
        if value is None:
            return None
        if isinstance(check, type):
            if isinstance(value, dict):
                return self._read_mapping(check, value, place, where)
            self._note(place, where, f"must be a mapping with: {', '.join(keys(check))}")
            return None
        try:
            checked = check(value)
        except ValueError as error:
            self._note(place, where, str(error))
            return None
        return Path(os.path.normpath(self.folder / checked)) if isinstance(checked, Path) else checked

    def _line(self, place: Place) -> int:
        return self.lines.of(place) if self.lines else 1

    def _has_problem_at(self, where: str) -> bool:
        return any(problem.where == where for problem in self.problems)

    def _note(self, place: Place, where: str, message: str) -> None:
        self.problems.append(Problem(self._line(place), where, message))


def _is_allowed(key: Any, kind: type) -> bool:
    """Whether a key may stand there; where the kind is not known, any kind's may."""
    return key in keys(kind) or (issubclass(kind, Source) and key == "kind") or (kind is Source and key in ALL_KEYS)


def _unknown(key: Any, kind: type) -> str:
    """What is said of a key that the mapping does not know."""
    allowed = [*(["kind"] if issubclass(kind, Source) else []), *keys(kind)]
    if isinstance(key, str) and key.lower() in SECRET_KEYS:
        return f"unknown key; {checks.NO_CREDENTIALS}"
    others = [name for name, other in KINDS.items() if issubclass(kind, Source) and key in keys(other)]
    hint = f" for this kind (it belongs to {', '.join(others)})" if others else _meant(key, tuple(allowed))
    return f"unknown key{hint}; allowed: {', '.join(allowed)}"


def _meant(key: Any, allowed: tuple[str, ...]) -> str:
    close = get_close_matches(str(key), allowed, 1, 0.6)
    return f", did you mean `{close[0]}`?" if close else ""
