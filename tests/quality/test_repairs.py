"""The repairs against their floors, which only rise: never lower a figure in `floors_repairs.json`."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from repairs import (
    TAIWANESE,
    VARIANTS,
    clean_articles,
    genuine_documents,
    score_glosses,
    score_sprinkled,
    score_variant,
    to_traditional,
)

from newslake.clean.characters import HAN
from newslake.clean.conversion import is_converted
from newslake.clean.glosses import strip_glosses
from newslake.clean.language import detect_writing
from newslake.clean.script import simplify

FLOORS = json.loads((Path(__file__).parent / "floors_repairs.json").read_text(encoding="utf-8"))
ARTICLES = 500


def data(name: str) -> Path:
    """A file of the folder to measure on; skips where it is not there."""
    folder = os.environ.get("NEWSLAKE_MEASURE_DATA")
    if not folder:
        pytest.skip("NEWSLAKE_MEASURE_DATA names no folder to measure on")
    path = Path(folder) / name
    if not path.exists():
        pytest.skip(f"the folder named by NEWSLAKE_MEASURE_DATA has no {name}")
    return path


@pytest.mark.parametrize("by_character", [False, True], ids=["occurrences", "characters"])
@pytest.mark.parametrize("share", [0.1, 0.3, 1.0])
def test_machine_glosses_go(share, by_character):
    score = score_glosses(ARTICLES, share, by_character=by_character)
    assert score.glosses > 10_000
    assert score.precision >= FLOORS["gloss_precision"]
    assert score.recall >= FLOORS["gloss_recall"]


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_machine_glosses_written_in_other_ways_go(name):
    assert score_variant(name, 100, 0.3) >= FLOORS["variants_whole"]


@pytest.mark.parametrize("is_traditional", [True, False], ids=["Traditional", "Simplified"])
@pytest.mark.parametrize("emoji", [0.0, 0.02])
def test_glosses_sprinkled_every_few_characters_go(emoji, is_traditional):
    assert score_sprinkled(60, emoji, is_traditional=is_traditional) >= FLOORS["sprinkled_recall"]


def test_genuine_glosses_stay():
    changed = [text for text in genuine_documents(ARTICLES) if strip_glosses(text).text != text]
    assert len(changed) <= FLOORS["genuine_changed"], changed[:3]


def test_articles_without_glosses_stay():
    assert [text for text in map(to_traditional, clean_articles(100)) if strip_glosses(text).text != text] == []
    assert [text for text in clean_articles(100) if strip_glosses(text).text != text] == []


def test_aligned_sentences():
    traditional, simplified = (
        re.findall(r"^# text = (.*)$", data(f"zh/{name}_dev.conllu").read_text(encoding="utf-8"), re.MULTILINE)
        for name in ("ud_gsd", "ud_gsdsimp")
    )
    right = count = 0
    for found, expected in zip(traditional, simplified, strict=True):
        converted = simplify(found).text
        assert len(converted) == len(found)
        if len(found) == len(expected):
            pairs = [(a, b) for a, b in zip(converted, expected, strict=True) if re.match(f"[{HAN}]", b)]
            count += len(pairs)
            right += sum(a == b for a, b in pairs)
    assert count > 10_000
    assert right / count >= FLOORS["script_right"]


def test_converted_articles_are_told_from_taiwanese_ones():
    converted = [is_converted(to_traditional(text)) for text in clean_articles(ARTICLES)]
    taiwanese = [is_converted(text) for text in TAIWANESE]
    wrong = converted.count(False) + taiwanese.count(True)
    told = converted.count(True) + taiwanese.count(False)
    assert wrong <= FLOORS["conversion_wrong"]
    assert told / (len(converted) + len(taiwanese)) >= FLOORS["conversion_told"]


def test_pages_of_known_sites_are_told_apart():
    parquet = pytest.importorskip("pyarrow.parquet")
    pages = parquet.read_table(data("html/dev.parquet"), columns=["url", "text"]).to_pylist()
    sides = {True: [], False: []}
    for page in pages:
        host = (page["url"] or "//").split("/")[2]
        is_taiwanese = bool(re.search(r"\.tw$|udn|chinatimes|nownews|rthk|libertytimes", host)) and "sina" not in host
        if (host.startswith("big5.") or is_taiwanese) and page["text"]:
            writing = detect_writing(page["text"])
            if writing.script == "Hant":
                sides[is_taiwanese].append(writing.is_converted)
    assert len(sides[True]) > 20
    assert sides[True].count(True) + sides[False].count(False) <= FLOORS["conversion_wrong"]
    told = sides[True].count(False) + sides[False].count(True)
    assert told / (len(sides[True]) + len(sides[False])) >= FLOORS["conversion_told"]
