"""How right the annotations are, as recorded from the gold articles by `make gold`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

RECORDED = Path(__file__).with_name("accuracy.json")


@dataclass(frozen=True)
class Accuracy:
    """Floors of the scores, from 0 to 1.

    Attributes:
        article_count: gold articles.
        blind_count: of them, those that were not looked at while rules were written.
        floors: kind, or kind and field with what is measured, → what no release may fall below.
    """

    article_count: int
    blind_count: int
    floors: dict[str, float]

    @property
    def rows(self) -> list[tuple[str, str, str, float]]:
        """Kind, field, measure and score; F1 of the kind first.

        >>> Accuracy(1, 0, {"quote": 0.9, "quote.is_direct reached": 0.8}).rows
        [('quote', '', 'F1', 0.9), ('quote', 'is_direct', 'share right', 0.8)]
        """
        return [(kind, *_parts(rest), score) for kind, rest, score in self._split()]

    def _split(self) -> list[tuple[str, str, float]]:
        named = sorted(self.floors.items(), key=lambda one: (one[0].partition(".")[0], one[0]))
        groups = groupby(named, key=lambda one: one[0].partition(".")[0])
        return [(kind, name.partition(".")[2], score) for kind, own in groups for name, score in own]


def _parts(rest: str) -> tuple[str, str]:
    field, _, measure = rest.partition(" ")
    if field == "nulls":
        return "", "empty fields right"
    return field, {"": "F1", "reached": "share right", "precision": "precision"}[measure]


def read() -> Accuracy:
    """What was recorded."""
    return Accuracy(**json.loads(RECORDED.read_text(encoding="utf-8")))
