"""YAML with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

Place = tuple[str | int, ...]
"""Keys and list positions that lead to a value: ("sources", 2, "url")."""


ADVICE = {
    "'\\t'": "; indent with spaces, not with tabs",
    "unknown escape": "; put regular expressions in single quotes",
    "cannot start any token": "; put the value in quotes",
    "alias": "; put the value in quotes",
    "mapping values are not allowed": "; look at the indentation, and put values with a colon in quotes",
}
"""What is done about the commonest faults, by what the parser says of them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in the file.

    Attributes:
        line: counted from 1.
        where: source and key, such as `gazette: url`; empty for the file as a whole.
        message: what is allowed.
    """

    line: int
    where: str
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (f"line {self.line}", self.where, self.message)))


class _Loader(yaml.SafeLoader):
    """Leaves dates as texts: a day that does not exist is told by the key that holds it. And the language `no`, or a
    source named `off`, is no switch: only true and false are, as in YAML 1.2.
    """


LEFT_AS_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in LEFT_AS_TEXT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|True|TRUE|false|False|FALSE"), list("tTfF"))


class Lines:
    """Knows the line of each key of a parsed file."""

    def __init__(self, root: yaml.Node) -> None:
        self._root = root

    def of(self, place: Place) -> int:
        """The line of a key or a list's item, or of the nearest thing around it that there is."""
        node, line = self._root, int(self._root.start_mark.line) + 1
        for step in place:
            # What a mapping merges in (`<<`) stands before its own keys, which win.
            found = [(line, node) for key, line, node in _children(node) if key == step]
            if not found:
                break
            line, node = found[-1]
        return line


def _children(node: yaml.Node) -> Iterator[tuple[str | int, int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield position, value.start_mark.line + 1, value


class Parsed(NamedTuple):
    """A file as YAML.

    Attributes:
        lines: None where it is no YAML.
        problems: keys that are there twice, or why it is no YAML.
    """

    document: Any
    lines: Lines | None
    problems: list[Problem]


def parse(content: str) -> Parsed:
    """Reads YAML."""
    try:
        loader = _Loader(content)
        root = loader.get_single_node()
        if root is None:
            return _refused(1, "the file is empty; it needs a list `sources:`")
        doubled = list(_doubled(root, set()))
        return Parsed(loader.construct_document(root), Lines(root), doubled)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        told = " ".join(filter(None, (error.context, error.problem)))
        advice = next((advice for sign, advice in ADVICE.items() if sign in told), "")
        return _refused(line, f"not valid YAML at column {column}: {told}{advice}")
    except yaml.reader.ReaderError as error:
        line = content.count("\n", 0, error.position) + 1
        return _refused(line, f"not valid YAML: U+{ord(content[error.position]):04X} is no character of a text")
    except RecursionError:
        return _refused(1, "not valid YAML: nested too deeply")
    except ValueError as error:
        return _refused(1, f"not valid YAML: {error}")


def _refused(line: int, message: str) -> Parsed:
    return Parsed(None, None, [Problem(line, "", message)])


def _doubled(node: yaml.Node, seen: set[int]) -> Iterator[Problem]:
    """Keys that are there twice in one mapping; YAML would silently take the last."""
    if id(node) in seen:
        return
    seen.add(id(node))
    first: dict[str | int, int] = {}
    for key, line, value in _children(node):
        if isinstance(node, yaml.MappingNode) and key in first and key != "<<":
            yield Problem(line, "", f"{key} is there twice, first in line {first[key]}; keep one")
        first.setdefault(key, line)
        yield from _doubled(value, seen)
