from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newslake.segment import boundaries
from newslake.segment.boundaries import correct
from newslake.segment.train import FEATURES, fit, main, prepared, read, score, values_of

CORPUS = [
    ["临江", "区", "加快", "建设", "铁路", "专用", "线", "。"],
    ["老", "城区", "提质", "减载", "，", "铁路", "专用", "线", "通车", "。"],
    ["专用", "线", "已", "建成", "。"],
] * 5


def conll(sentences: list[list[str]]) -> str:
    return "\n".join("".join(f"{n}\t{word}\t_\n" for n, word in enumerate(words, 1)) for words in sentences) + "\n"


def test_training_makes_a_model_that_has_learnt_its_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "train.conllu"
    corpus.write_text(conll(CORPUS), encoding="utf-8")
    assert read(corpus) == CORPUS
    monkeypatch.setattr("newslake.segment.train.MODEL", tmp_path / "model.npz")
    monkeypatch.setattr("newslake.segment.boundaries.MODEL", tmp_path / "model.npz")
    boundaries._model.cache_clear()
    try:
        main([str(corpus), str(corpus)])
        codes, is_border, right = prepared(CORPUS)
        assert score(codes, correct(codes, is_border), right) == 1.0 > score(codes, is_border, right)
        assert "corrected 1.0000" in capsys.readouterr().out
    finally:
        boundaries._model.cache_clear()


def test_the_same_corpus_gives_the_same_model() -> None:
    first, second = fit(*prepared(CORPUS)), fit(*prepared(CORPUS))
    assert set(first) == {"bias", *FEATURES}
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_weights_added_up_beforehand_are_those_that_were_learnt() -> None:
    codes, is_border, _ = prepared(
        [[text] for text in ("会议强调加快建设龙头港铁路专用线。", "营收3.5亿元，GDP增长𠮷%", "老")]
    )
    with np.load(boundaries.MODEL) as stored:
        learnt = {name: stored[name] for name in stored}
    scores = np.full(len(codes), learnt["bias"][0])
    for name, values in values_of(codes, is_border):
        for column, offset in enumerate(FEATURES[name].offsets):
            scores += learnt[name][values[boundaries.MARGIN + offset :][: len(codes)], column]
    types = boundaries.types_of_characters()[np.minimum(codes, 0xFFFF)]
    is_beside_han = (types[:-1] == boundaries.HAN) | (types[1:] == boundaries.HAN)
    is_free = is_beside_han & (types[:-1] != boundaries.MARK) & (types[1:] != boundaries.MARK)
    assert is_free.sum() > 20
    assert np.array_equal(correct(codes, is_border)[:-1][is_free], (scores > 0)[:-1][is_free])


@pytest.mark.parametrize("text", ["1,234.5亿元", "GDP增长", "x.cn/a?b=1", "（会议）", "……好"])
def test_borders_at_marks_and_within_numbers_are_left_alone(text: str) -> None:
    codes, is_border, _ = prepared([[text]])
    types = boundaries.types_of_characters()[codes]
    corrected = correct(codes, is_border)
    beside_mark = (types == boundaries.MARK) | (np.append(types[1:], boundaries.MARK) == boundaries.MARK)
    assert np.array_equal(corrected[beside_mark], is_border[beside_mark])


def test_borders_do_not_depend_on_where_a_part_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    codes, is_border, _ = prepared([["会议强调加快建设龙头港铁路专用线等通道项目" * 40]])
    whole = correct(codes, is_border)
    monkeypatch.setattr(boundaries, "_CODE_POINTS_A_PART", 37)
    assert np.array_equal(correct(codes, is_border), whole)
