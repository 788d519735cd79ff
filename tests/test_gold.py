"""The gold articles: every file means what it says, and scores do not fall."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import pytest

from gold.__main__ import agreement, score
from gold.finding import find
from gold.reading import FOLDER, Gold, GoldError, Span, locate, read, read_all
from gold.scoring import Scores, match

FLOORS: dict[str, float] = json.loads((FOLDER / "floors.json").read_text("utf-8"))
GOLDS = read_all()


@lru_cache(maxsize=1)
def figures() -> dict[str, float]:
    return score(GOLDS).figures()


def test_there_is_enough_gold() -> None:
    assert len(GOLDS) >= 40
    assert len(read_all(".second.yaml")) >= 10
    assert sum(gold.is_blind for gold in GOLDS) * 2 == len(GOLDS)


@pytest.mark.parametrize("gold", GOLDS, ids=lambda gold: str(gold.name))
def test_gold_article(gold: Gold) -> None:
    """Even numbers are blind; spans give their words; no two rows of a kind are the same; headings are marked too."""
    assert gold.is_blind == (int(gold.name[:2]) % 2 == 0)
    assert all(gold.text[span.start : span.end] == span.text for span in gold.spans)
    placed = [(span.kind, span.start, span.end) for span in gold.spans]
    assert len(set(placed)) == len(placed)
    headings = {(span.start, span.end) for span in gold.of_kind("directive")}
    assert {span.parent for span in gold.of_kind("directive")} - {None} <= headings
    assert not re.search(r"\s$", gold.text)


def test_texts_come_through_the_stages_as_annotated() -> None:
    found = find(GOLDS)
    assert {name: text for name, (text, _) in found.items()} == {gold.name: gold.text for gold in GOLDS}


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_scores_do_not_fall(name: str) -> None:
    assert figures()[name] >= FLOORS[name]


def test_every_score_has_a_floor() -> None:
    assert figures().keys() == FLOORS.keys()


def test_annotations_made_twice_agree() -> None:
    """Below this the rules would not be clear enough to measure anything by."""
    scores = agreement()
    assert min(scores.kinds[kind].f1 for kind in ("person", "organisation", "figure", "quote", "directive")) >= 0.9


@pytest.mark.parametrize("words", ["乙", "丙", "甲#3", "乙乙 ~ 甲"])
def test_what_is_not_found_once_is_refused(words: str) -> None:
    with pytest.raises(GoldError):
        locate("甲乙乙甲乙乙", words)


def test_unknown_keys_are_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{GOLDS[0].name}.yaml"
    path.write_text("persons: []\n", "utf-8")
    with pytest.raises(GoldError, match="persons"):
        read(path)


def quote(start: int, end: int, speaker: str | None) -> Span:
    return Span("quote", start, end, "", {"speaker": speaker})


@pytest.mark.parametrize(
    ("found", "pairs"),
    [
        ([quote(0, 100, "甲")], {0: 0}),
        ([quote(0, 91, "甲")], {0: 0}),
        ([quote(0, 89, "甲")], {}),
        ([quote(0, 100, "乙")], {}),
        ([quote(5, 100, "甲"), quote(0, 100, "甲")], {0: 1}),
    ],
)
def test_quotes_match_by_speaker_and_overlap(found: list[Span], pairs: dict[int, int]) -> None:
    assert match("quote", [quote(0, 100, "甲")], found) == pairs


def test_fields_and_nulls() -> None:
    def directive(**fields: object) -> Span:
        given = {"deadline": None, "target": None, "responsible_bodies": None, **fields}
        return Span("directive", 0, 10, "要新建泵站3座", given)

    scores = Scores()
    scores.add("1", [directive(target="3座")], [directive(target="新建泵站3座", deadline="2025-12-31")])
    assert (scores.fields["directive.target"].precision, scores.fields["directive.deadline"].precision) == (1, 0)
    assert (scores.nulls["deadline"].right, scores.nulls["responsible_bodies"].right) == (0, 1)
    assert scores.all_nulls().recall == 0.5
    assert [miss[2] for miss in scores.misses] == ["deadline is 2025-12-31 instead of null"]
