"""Words on the dev set of UD_Chinese-GSDSimp: a floor that only rises."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from newslake.segment.train import read
from newslake.segment.words import cut_sentences

DEV = Path(os.environ.get("NEWSLAKE_MEASURE_DATA", "")) / "zh" / "ud_gsdsimp_dev.conllu"
FLOOR = 0.935


@pytest.mark.skipif(not DEV.is_file(), reason="NEWSLAKE_MEASURE_DATA names no folder with zh/ud_gsdsimp_dev.conllu")
def test_words_of_the_dev_set(record_property: Callable[[str, object], None]) -> None:
    gold = read(DEV)
    cut = cut_sentences(["".join(words) for words in gold], np.zeros(len(gold), np.int64), [True] * len(gold))
    right = found = given = 0
    for words, tokens in zip(gold, cut.to_pylist(), strict=True):
        ends = np.cumsum([len(word) for word in words]).tolist()
        wanted = set(zip([0, *ends[:-1]], ends, strict=True))
        spans = {(token["start"], token["end"]) for token in tokens}
        right, found, given = right + len(wanted & spans), found + len(spans), given + len(wanted)
    score = 2 * right / (found + given)
    record_property("f1", score)
    assert score >= FLOOR
