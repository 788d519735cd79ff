"""Gold files: a text as a document would bring it, and annotations whose spans are given by their words.

A span is written as the words themselves. Words that occur more than once say which one is meant (`沈怀舟#2`); a long
span gives its first and last words (`要深入贯彻 ~ 作出示范。`). What is not found, or not once, raises `GoldError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
KINDS = (
    "person",
    "journalist",
    "organisation",
    "place",
    "work",
    "initiative",
    "figure",
    "quote",
    "directive",
    "evidence",
)
SECTIONS = {
    "people": "person",
    "journalists": "journalist",
    "organisations": "organisation",
    "places": "place",
    "works": "work",
    "initiatives": "initiative",
    "figures": "figure",
    "quotes": "quote",
    "directives": "directive",
    "evidence": "evidence",
}
DIRECTIVE_KEYS = {"text", "task", "tasks", "bodies", "deadline", "target", "speaker"}
EVIDENCE_KEYS = {"text", "kind", "matter"}
_NO_TASK = re.compile(r"^(要|必须|务必)(在[^，]{1,12}?[前内])?")
_OCCURRENCE = re.compile(r"(.+)#(\d+)", re.DOTALL)


class GoldError(ValueError):
    """A gold file that cannot be read as it is meant."""


@dataclass(frozen=True)
class Span:
    """Something annotated or found: its kind, its place in the text and what is said of it.

    Attributes:
        start: in code points of the article's text.
        end: exclusive.
        fields: by name, as in the tables; a field that is not there is not said.
        parent: of a directive, start and end of its heading.
    """

    kind: str
    start: int
    end: int
    text: str
    fields: dict[str, object] = field(default_factory=dict)
    parent: tuple[int, int] | None = None


@dataclass(frozen=True)
class Gold:
    """An article with its annotations.

    Attributes:
        name: number and slug, as the files are called.
        document: what stands in the text file: title, source and date, an empty line, the body.
        text: the body as `articles.text` must give it.
    """

    name: str
    is_blind: bool
    document: str
    text: str
    spans: tuple[Span, ...]

    def of_kind(self, kind: str) -> list[Span]:
        """The annotations of a kind, by place in the text."""
        return [span for span in self.spans if span.kind == kind]


def read_all(suffix: str = ".yaml") -> list[Gold]:
    """All gold articles by number; `.second.yaml` gives those annotated twice, in their second annotation."""
    paths = sorted(path for path in FOLDER.glob(f"[0-9][0-9]_*{suffix}"))
    return [read(path) for path in paths if suffix != ".yaml" or not path.name.endswith(".second.yaml")]


def read(path: Path) -> Gold:
    """One annotation file with the text it belongs to.

    Raises:
        GoldError: a section or key that is not known, or a span that does not resolve.
    """
    name = path.name.split(".")[0]
    document = (FOLDER / f"{name}.txt").read_text("utf-8")
    text = "\n".join(line.strip("　 ") for line in document.split("\n\n", 1)[1].split("\n") if line.strip())
    given = yaml.safe_load(path.read_text("utf-8"))
    if unknown := given.keys() - SECTIONS.keys() - {"blind"}:
        raise GoldError(f"{path.name}: unknown sections {sorted(unknown)}")
    spans: list[Span] = []
    for section, kind in SECTIONS.items():
        for item in given.get(section) or ():
            try:
                spans += _directives(text, item, spans, None) if kind == "directive" else [_span(text, kind, item)]
            except (GoldError, KeyError, TypeError, IndexError) as error:
                raise GoldError(f"{path.name}: {section}: {item!r}: {error!r}") from error
    return Gold(name, bool(given.get("blind")), document, text, tuple(sorted(spans, key=lambda one: one.start)))


def locate(text: str, words: str) -> tuple[int, int]:
    """Start and end of what is written for a span.

    >>> locate("甲说，乙说，丙来。", "说#2"), locate("甲说，乙说，丙来。", "乙说 ~ 来。")
    ((4, 5), (3, 9))

    Raises:
        GoldError: it does not occur, or more than once without a number.
    """
    first, separator, last = words.partition(" ~ ")
    match = _OCCURRENCE.fullmatch(first)
    words, wanted = (match[1], int(match[2])) if match else (first, 0)
    places = [found.start() for found in re.finditer(f"(?={re.escape(words)})", text)]
    if not places or wanted > len(places) or (not wanted and len(places) > 1):
        raise GoldError(f"{first!r} occurs {len(places)} times")
    start = places[max(0, wanted - 1)]
    end = start + len(words)
    if separator:
        if (place := text.find(last, end)) < 0:
            raise GoldError(f"{last!r} does not follow {first!r}")
        end = place + len(last)
    return start, end


def _span(text: str, kind: str, item: Any) -> Span:
    parts = [item] if isinstance(item, str) else item
    start, end = locate(text, str(parts["text"] if isinstance(parts, dict) else parts[0]))
    return Span(kind, start, end, text[start:end], _fields(kind, text[start:end], parts))


def _fields(kind: str, words: str, parts: Any) -> dict[str, object]:
    if kind == "person":
        if parts[1] not in words:
            raise GoldError(f"the name {parts[1]!r} is not part of the mention")
        return {"name": parts[1], "title": parts[2] if len(parts) > 2 else None}
    if kind == "organisation":
        return {"resolved_name": parts[1] if len(parts) > 1 else words}
    if kind == "figure":
        return {"quantity": float(parts[1]), "unit": parts[2], "modifier": parts[3] if len(parts) > 3 else None}
    if kind == "quote":
        return {"speaker": parts["speaker"], "is_direct": parts.get("direct", False)}
    if kind == "evidence":
        if parts.keys() != EVIDENCE_KEYS or parts["kind"] not in ("started", "progress", "completed"):
            raise GoldError("evidence has text, kind and matter")
        return {"kind": parts["kind"], "matter": parts["matter"]}
    return {"name": words.strip('《》“”‘’"')}


def _directives(text: str, item: dict[str, Any], known: list[Span], heading: Span | None) -> Iterator[Span]:
    if unknown := item.keys() - DIRECTIVE_KEYS:
        raise GoldError(f"unknown keys {sorted(unknown)}")
    start, end = locate(text, item["text"])
    words = text[start:end]
    target = item.get("target") or (None, None, None, None)
    deadline, precision = item.get("deadline") or (None, None)
    if deadline is not None and not isinstance(deadline, date):
        raise GoldError(f"{deadline!r} is no date")
    fields: dict[str, object] = {
        "task": item.get("task", _NO_TASK.sub("", words)),
        "speaker": item.get("speaker", _speaker_at(known, start)),
        "responsible_bodies": frozenset(item["bodies"]) if item.get("bodies") else None,
        "deadline": deadline,
        "deadline_precision": precision,
        "target": target[0],
        "quantity": None if target[1] is None else float(target[1]),
        "unit": target[2],
        "modifier": target[3] if len(target) > 3 else None,
    }
    made = Span("directive", start, end, words, fields, (heading.start, heading.end) if heading else None)
    yield made
    for part in item.get("tasks") or ():
        yield from _directives(text, part, known, made)


def _speaker_at(known: list[Span], start: int) -> object:
    """Who says what stands there: a directive within a quote is its speaker's."""
    for span in known:
        if span.kind == "quote" and span.start <= start < span.end:
            return span.fields["speaker"]
    return None
