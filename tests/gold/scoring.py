"""Scores as docs/annotation.md, "Scoring", defines them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .reading import KINDS, Span

OVERLAPS = {"person": 0.0, "quote": 0.9, "directive": 0.8, "evidence": 0.5}
"""Least intersection over union for a span to be the same; of kinds not named, the spans are equal."""
MUST_EQUAL = {"person": ("name", "title"), "quote": ("speaker",), "figure": ("quantity", "unit"), "evidence": ("kind",)}
"""Fields without which a row is not right."""

PRECISE = ("directive.responsible_bodies", "directive.deadline", "directive.target", "organisation.resolved_name")
"""Fields that must not be invented. Of others the precision may fall when harder rows are found, so it has no floor."""
MATTER_TAIL = re.compile(r"(除险)?(改造|加固|扩建|治理)$")


@dataclass
class Score:
    """Counts over articles.

    Attributes:
        everywhere: of a field, values in the gold whether or not their row was found.
    """

    right: int = 0
    found: int = 0
    gold: int = 0
    everywhere: int = 0

    @property
    def precision(self) -> float:
        """Of what was found, the share that is right; 1 where nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of what is in the gold, the share that was found; 1 where it holds nothing."""
        return self.right / self.gold if self.gold else 1.0

    @property
    def reached(self) -> float:
        """Of a field's values in the gold, the share that is right in a row that was found."""
        return self.right / self.everywhere if self.everywhere else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (self.found + self.gold) if self.found + self.gold else 1.0


@dataclass
class Scores:
    """Scores of some articles.

    Attributes:
        kinds: of rows, by kind.
        fields: of matched rows, by `kind.field`, where gold or what was found gives a value.
        nulls: of matched directives, `right` of `gold` null fields are null in what was found, by field.
        misses: `(article, kind, what is wrong, words)`.
    """

    kinds: dict[str, Score] = field(default_factory=lambda: {kind: Score() for kind in KINDS})
    fields: dict[str, Score] = field(default_factory=dict)
    nulls: dict[str, Score] = field(default_factory=dict)
    misses: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, article: str, gold: Iterable[Span], found: Iterable[Span]) -> None:
        """Counts one article in."""
        gold, found = list(gold), list(found)
        for kind in KINDS:
            expected = [span for span in gold if span.kind == kind]
            given = [span for span in found if span.kind == kind]
            pairs = match(kind, expected, given)
            score = self.kinds[kind]
            score.right += len(pairs)
            score.found += len(given)
            score.gold += len(expected)
            for name in (name for span in expected for name in _values(span)):
                self.fields.setdefault(f"{kind}.{name}", Score()).everywhere += 1
            for number, other in pairs.items():
                self._add_fields(article, expected[number], given[other])
            self._miss(article, kind, "missing", (one for no, one in enumerate(expected) if no not in pairs))
            matched = set(pairs.values())
            self._miss(article, kind, "not in gold", (one for no, one in enumerate(given) if no not in matched))

    def _add_fields(self, article: str, gold: Span, found: Span) -> None:
        pairs = {name: (value, found.fields.get(name)) for name, value in gold.fields.items()}
        if gold.kind == "directive":
            pairs["is_heading"] = (gold.parent is None, found.parent is None)
        for name, (expected, given) in pairs.items():
            if name in MUST_EQUAL.get(gold.kind, ()) or name == "name":
                continue
            if gold.kind == "directive" and expected is None:
                null = self.nulls.setdefault(name, Score())
                null.gold += 1
                null.right += given is None
            score = self.fields.setdefault(f"{gold.kind}.{name}", Score())
            score.gold += expected is not None
            score.found += given is not None
            is_right = _agrees(name, expected, given)
            score.right += expected is not None and is_right
            if not is_right:
                wrong = f"{name} is {_shown(given)} instead of {_shown(expected)}"
                self.misses.append((article, gold.kind, wrong, gold.text))

    def _miss(self, article: str, kind: str, what: str, spans: Iterable[Span]) -> None:
        for span in spans:
            known = ", ".join(f"{name}={_shown(span.fields[name])}" for name in MUST_EQUAL.get(kind, ()))
            self.misses.append((article, kind, what, f"{span.text} {known}".rstrip()))

    def all_nulls(self) -> Score:
        """Nulls right over all fields."""
        return Score(sum(one.right for one in self.nulls.values()), 0, sum(one.gold for one in self.nulls.values()))

    def misses_by_kind(self) -> Counter[tuple[str, str]]:
        """How many are missing, not in gold, or wrong in a field, by kind."""
        return Counter((kind, what.split(" is ")[0]) for _, kind, what, _ in self.misses)

    def figures(self) -> dict[str, float]:
        """What has floors, by name: F1 of kinds, what share of a field's values is right, precision of some, nulls right."""
        figures = {kind: score.f1 for kind, score in self.kinds.items()}
        figures |= {f"{name} precision": self.fields[name].precision for name in PRECISE if name in self.fields}
        figures |= {f"{name} reached": score.reached for name, score in self.fields.items()}
        return figures | {"directive.nulls": self.all_nulls().recall}


def match(kind: str, gold: Sequence[Span], found: Sequence[Span]) -> dict[int, int]:
    """Which of what was found is which of the gold, one to one, best overlap first.

    Returns:
        Position in `found` by position in `gold`.
    """
    candidates = sorted(
        (-overlap(one, other), number, position)
        for number, one in enumerate(gold)
        for position, other in enumerate(found)
        if _is_same(kind, one, other)
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, number, position in candidates:
        if number not in pairs and position not in taken:
            pairs[number] = position
            taken.add(position)
    return pairs


def overlap(one: Span, other: Span) -> float:
    """Intersection over union of two spans.

    >>> overlap(Span("quote", 0, 8, ""), Span("quote", 2, 10, ""))
    0.6
    """
    shared = min(one.end, other.end) - max(one.start, other.start)
    return max(0, shared) / (max(one.end, other.end) - min(one.start, other.start))


def _values(gold: Span) -> list[str]:
    """Names of the fields in which the gold says something."""
    names = [name for name, value in gold.fields.items() if value is not None and name != "name"]
    names += ["is_heading"] if gold.kind == "directive" else []
    return [name for name in names if name not in MUST_EQUAL.get(gold.kind, ())]


def _is_same(kind: str, gold: Span, found: Span) -> bool:
    least = OVERLAPS.get(kind)
    if least is None:
        fits = (gold.start, gold.end) == (found.start, found.end)
    else:
        fits = overlap(gold, found) >= least and gold.start < found.end and found.start < gold.end
    return fits and all(gold.fields[name] == found.fields[name] for name in MUST_EQUAL.get(kind, ()))


def _agrees(name: str, expected: object, given: object) -> bool:
    """Equality, but for what docs/annotation.md leaves open: how much stands around a target's figure, a matter's tail."""
    if isinstance(expected, str) and isinstance(given, str):
        if name == "target":
            return expected in given
        if name == "matter":
            return MATTER_TAIL.sub("", expected) == MATTER_TAIL.sub("", given)
    return expected == given


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        return "、".join(sorted(map(str, value)))
    return "null" if value is None else str(value)
