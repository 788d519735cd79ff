"""Every line of `tests/cases/repairs/*.jsonl` goes through all repairs: what comes out is what the line says.

A line has `label`, `kind` (in-the-wild: seen on pages, written anew in that form; synthetic; negative: must not
change beyond its script; known-failure: what ought to come out, and does not yet), `script` (ISO 15924, of the page
as found), `original`, `repaired` and `comment`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newslake.clean import repair

FOLDER = Path(__file__).with_name("cases") / "repairs"
KINDS = {"in-the-wild", "synthetic", "negative", "known-failure"}
FIELDS = {"label", "kind", "script", "original", "repaired", "comment"}
CASES = [
    (path.stem, json.loads(line))
    for path in sorted(FOLDER.glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]


def parameters():
    for name, case in CASES:
        marks = [pytest.mark.xfail(strict=True, reason=case["comment"])] if case["kind"] == "known-failure" else []
        yield pytest.param(case, marks=marks, id=f"{name}: {case['label']}")


@pytest.mark.parametrize("case", parameters())
def test_a_case_comes_out_as_it_says(case):
    assert "\n".join(repair(case["original"].split("\n"), case["script"])[0]) == case["repaired"]


@pytest.mark.parametrize(
    "case", [case for _, case in CASES if case["kind"] != "known-failure"], ids=lambda case: case["label"]
)
def test_a_case_repaired_twice_is_repaired_once(case):
    lines = case["repaired"].split("\n")
    assert repair(lines, case["script"])[0] == lines


def test_cases_are_whole_and_enough():
    assert len(CASES) >= 60
    assert {name for name, _ in CASES} >= {"glosses", "script", "punctuation", "invisible", "whitespace", "compose"}
    for name, case in CASES:
        assert set(case) == FIELDS, (name, case)
        assert case["kind"] in KINDS
        assert case["kind"] != "negative" or case["script"] == "Hant" or case["original"] == case["repaired"]
        assert case["kind"] != "known-failure" or case["comment"]
    labels = [(name, case["label"]) for name, case in CASES]
    assert len(labels) == len(set(labels))
