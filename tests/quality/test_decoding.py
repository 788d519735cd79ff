"""Decoding against its floors, which only rise: never lower a figure in `floors_decoding.json`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from decoding import ARTICLES, Case, Score, cases, damaged_cases, measure
from decoding_varied import varied_cases

FLOORS = json.loads((Path(__file__).parent / "floors_decoding.json").read_text(encoding="utf-8"))
EVERY = 4
"""All 18,000 combinations take too long for the fast tests; `python tests/quality/decoding.py` runs them."""


@pytest.fixture(scope="module")
def measured() -> tuple[list[Case], Score, list[tuple[Case, str]]]:
    taken = list(cases(ARTICLES, EVERY))
    return taken, *measure(iter(taken))


def test_decoded_exactly_or_refused(measured):
    taken, score, _ = measured
    assert len(taken) >= FLOORS["cases"]
    assert score.exact_share() >= FLOORS["exact"]
    assert score.refused_share() >= FLOORS["refused_of_rest"]


def test_other_texts_and_any_declaration():
    score, failures = measure(varied_cases(1_000))
    assert score.exact_share() >= FLOORS["varied_exact"], failures[:5]
    assert score.wrong <= FLOORS["varied_wrong"], failures[:5]


def test_damaged_bytes_make_no_other_text():
    """What is not refused is read in its charset, whatever a byte of it became: euro signs are no loss."""
    _, failures = measure(damaged_cases(600))
    wrong = [
        (case.text, text)
        for case, text in failures
        if not text.startswith("refused: ") and text.replace("€", "\ufffd") != case.text.replace("€", "\ufffd")
    ]
    assert len(wrong) <= FLOORS["damaged_wrong"], wrong[:3]
    assert sum(text.startswith("refused: ") for _, text in failures) <= FLOORS["damaged_refused"]


@pytest.mark.parametrize("charset", sorted(FLOORS["exact_by_charset"]))
def test_every_charset(measured, charset):
    taken, _, failures = measured
    count = Counter(case.group[0] for case in taken)[charset]
    failed = [(case.group, outcome[:80]) for case, outcome in failures if case.group[0] == charset]
    assert 1 - len(failed) / count >= FLOORS["exact_by_charset"][charset], failed[:5]
