"""Extraction on real pages with gold text: floors that only rise."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from statistics import mean

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from extraction import Extract, border_score, half_of, measured_pages, newslake_extracts, text_score

FLOORS = json.loads((Path(__file__).parent / "floors_extraction.json").read_text("utf-8"))
PAGES = measured_pages()

measured = pytest.mark.skipif(not PAGES, reason="NEWSLAKE_MEASURE_DATA names no folder with html/dev.parquet")


@lru_cache(maxsize=1)
def extracts() -> dict[str, Extract]:
    return dict(zip((page["id"] for page in PAGES), newslake_extracts(PAGES), strict=True))


@measured
@pytest.mark.parametrize("set_name", sorted(FLOORS))
def test_text_of_real_pages(set_name: str, record_property: Callable[[str, object], None]) -> None:
    """Text with and without its title, for one set's gold has it and others' has not; and paragraph boundaries."""
    pages = [page for page in PAGES if page["set"] == set_name]
    scores: dict[str, dict[str, float]] = {}
    for half in ("open", "blind", "all"):
        chosen = [page for page in pages if half in (half_of(page), "all")]
        scores[half] = scores_of(chosen)
    record_property("scores", scores)
    floors = FLOORS[set_name]
    assert {name: scores["all"][name] for name in floors if scores["all"][name] < floors[name]} == {}


@measured
def test_no_real_article_is_refused() -> None:
    assert {name: extract.reason for name, extract in extracts().items() if extract.reason} == {}


def scores_of(pages: list[dict[str, object]]) -> dict[str, float]:
    found = extracts()
    lines = [found[str(page["id"])].lines for page in pages]
    gold = [str(page["text"]) for page in pages]
    scores = {
        "title_and_text": mean(map(text_score, lines, gold)),
        "text": mean(map(text_score, [found[str(page["id"])].lines[1:] for page in pages], gold)),
    }
    if all(page["paragraphs"] for page in pages):
        scores["borders"] = mean(map(border_score, lines, [page["paragraphs"] for page in pages]))
    return scores


def test_equal_texts_score_one() -> None:
    assert text_score(["今天开会。", "On Monday"], "今天开会。\nOn Monday") == 1


def test_a_missing_half_scores_two_thirds() -> None:
    assert text_score(["一二三四五六七"], "一二三四五六七 abc 八九十甲乙丙") == pytest.approx(2 * 4 / (4 + 11))


def test_a_glued_paragraph_loses_its_boundary() -> None:
    first, second, third = ("市里昨天开会讨论安排", "各部门参加了会议", "市长作了讲话并提要求")
    assert border_score([first, second, third], [first + second, third]) == pytest.approx(2 / 3)
