"""Copies against their floors, which only rise: never lower a figure in `floors_copies.json`."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from notices import RECURRING, TEMPLATES

from copies import Score, families, score

FLOORS = json.loads((Path(__file__).parent / "floors_copies.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.lake
SEED = 1  # thresholds were set on seeds 11, 12 and 13
NEAR_EQUAL = ("outage", "appointment")  # differ in three to five words alone


@cache
def scored(kinds: tuple[str, ...]) -> Score:
    return score(families(SEED, 4, 20, kinds=kinds))


def usual() -> Score:
    return scored(tuple(kind for kind in TEMPLATES if kind not in NEAR_EQUAL))


def recall(result: Score, edit: str, beginning: str = "") -> float:
    pairs = [pair for kind, pair in result.found.items() if kind.endswith(edit) and kind.startswith(beginning)]
    return sum(found for found, _ in pairs) / sum(count for _, count in pairs)


@pytest.mark.parametrize("edit", ["edited", "shortened", "footer", "mirror", "all"])
def test_copies_are_found(edit: str) -> None:
    assert recall(usual(), edit) >= FLOORS[f"recall_{edit}"], [text for text in usual().missed if edit in text[1].kind]


def test_edited_chinese_copies_are_found() -> None:
    assert recall(usual(), "edited", "news") >= FLOORS["recall_edited_chinese"]


def test_english_copies_are_found() -> None:
    assert recall(usual(), "edited", "english") >= FLOORS["recall_edited_english"]
    assert recall(usual(), "shortened", "english") >= FLOORS["recall_shortened_english"]


def test_notices_of_one_template_are_no_copies() -> None:
    assert usual().precision >= FLOORS["precision"], usual().wrong[:3]
    assert usual().pair_precision >= FLOORS["precision"]


def test_notices_that_differ_in_a_few_words_are_mostly_told_apart() -> None:
    assert scored(tuple(TEMPLATES)).precision >= FLOORS["precision_with_near_equal_notices"]


def test_notices_that_come_again_with_another_date_are_no_copies() -> None:
    """Their copies are shortened, mirrored and have footers; a mistyped date says nothing."""
    result = score(families(SEED, 0, 40, edits=("shortened", "footer", "mirror"), kinds=tuple(RECURRING)))
    assert result.precision >= FLOORS["precision"], result.wrong[:3]
    assert recall(result, "") >= FLOORS["recall_shortened"]
