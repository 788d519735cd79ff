from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import opencc
import pypinyin

import generate
import grammar

COUNT = 400
SEED = 3
TO_SIMPLIFIED = opencc.OpenCC("t2s")
GLOSS = re.compile(r"(\S)\(([a-zāáǎàēéěèīíǐìōóǒòūúǔùü]+)\)")


@pytest.fixture(scope="module")
def corpus() -> list[tuple[generate.Record, generate.Truth]]:
    return list(generate.records(COUNT, SEED))


def shingles(text: str) -> set[str]:
    simplified = TO_SIMPLIFIED.convert(GLOSS.sub(r"\1", text))
    han = re.sub(r"[^\w]", "", simplified)
    return {han[start : start + 5] for start in range(len(han) - 4)}


def similarity(left: str, right: str) -> float:
    first, second = shingles(left), shingles(right)
    return len(first & second) / len(first | second)


def test_same_seed_gives_same_bytes_another_seed_others(tmp_path: Path) -> None:
    sizes = [generate.write(30, tmp_path / name, seed) for name, seed in (("one", 1), ("again", 1), ("other", 2))]
    one, again, other = (
        (tmp_path / name / "articles" / "00000.jsonl").read_bytes() for name in ("one", "again", "other")
    )
    assert one == again != other
    assert sizes == [len(one), len(again), len(other)]
    assert (tmp_path / "one" / "truth.csv").read_bytes() == (tmp_path / "again" / "truth.csv").read_bytes()


def test_a_record_does_not_depend_on_how_many_are_written(corpus: list[tuple[generate.Record, generate.Truth]]) -> None:
    for number in (0, 75, 123, COUNT - 1):
        assert generate.record_of(number, SEED) == corpus[number]


def test_files_hold_the_records_and_the_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "RECORDS_PER_FILE", 40)
    generate.write(100, tmp_path / "corpus", SEED)
    files = sorted((tmp_path / "corpus" / "articles").iterdir())
    assert [path.name for path in files] == ["00000.jsonl", "00001.jsonl", "00002.jsonl"]
    found = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    with (tmp_path / "corpus" / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    assert [len(path.read_text(encoding="utf-8").splitlines()) for path in files] == [40, 40, 20]
    assert [record["url"] for record in found] == [row["url"] for row in truth]
    assert set(found[0]) == {"url", "title", "text", "published_at", "source"}


def test_a_corpus_is_not_mixed_with_another(tmp_path: Path) -> None:
    generate.write(2, tmp_path, SEED)
    with pytest.raises(FileExistsError):
        generate.write(1, tmp_path, SEED)


def test_shares_are_as_promised(corpus: list[tuple[generate.Record, generate.Truth]]) -> None:
    kinds = Counter(truth.kind for _, truth in corpus)
    assert {kind: number / COUNT for kind, number in kinds.items()} == {
        "original": 0.75,
        "near": 0.20,
        "exact": 0.04,
        "identical": 0.01,
    }
    assert sum(truth.is_mirror for _, truth in corpus) / COUNT == pytest.approx(generate.MIRROR_SHARE, abs=0.06)
    assert len({record.source for record, _ in corpus}) == 20
    months = {record.published_at[:7] for record, _ in corpus}
    assert len(months & {f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)}) == 24


def test_lengths_are_those_of_articles(corpus: list[tuple[generate.Record, generate.Truth]]) -> None:
    lengths = [len(GLOSS.sub(r"\1", record.text)) for record, _ in corpus]
    assert 2_000 <= min(lengths) <= max(lengths) <= 3_500


def test_mirror_pages_gloss_every_occurrence_with_the_first_reading(
    corpus: list[tuple[generate.Record, generate.Truth]],
) -> None:
    pages = [record.text for record, truth in corpus if truth.is_mirror]
    glosses = {found for page in pages for found in GLOSS.findall(page)}
    assert glosses == set(generate.READINGS.items())
    for character, reading in glosses:
        assert pypinyin.pinyin(character, heteronym=True)[0][0] == reading
        assert TO_SIMPLIFIED.convert(character) != character
    for page in pages[:20]:
        assert not re.search(f"[{''.join(generate.READINGS)}](?!\\()", page)
        assert "，" not in page


def test_plain_pages_have_no_gloss(corpus: list[tuple[generate.Record, generate.Truth]]) -> None:
    assert not any(GLOSS.search(record.text) for record, truth in corpus if not truth.is_mirror)


def test_header_line_is_glued_behind_the_headline(corpus: list[tuple[generate.Record, generate.Truth]]) -> None:
    for record, truth in corpus:
        if truth.kind == "original" and not truth.is_mirror:
            title, header = record.text.split("\n")[:2]
            assert title == record.title
            assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d来源：{record.source}编辑：\w+责任编辑：\w+", header)


def test_truth_names_what_is_copied(corpus: list[tuple[generate.Record, generate.Truth]]) -> None:
    originals = {truth.url: record for record, truth in corpus if truth.kind == "original"}
    assert len(originals) == 300
    for record, truth in corpus:
        if truth.kind == "original":
            assert truth.copy_of == ""
            continue
        original = originals[truth.copy_of]
        if truth.kind == "identical":
            assert record == original
        elif truth.kind == "exact":
            assert (record.text, record.title) == (original.text, original.title)
            assert record.url != original.url
            assert record.published_at > original.published_at
        else:
            assert record.url != original.url
            assert 0.6 < similarity(record.text, original.text) < 0.95


def test_unrelated_articles_are_not_alike(corpus: list[tuple[generate.Record, generate.Truth]]) -> None:
    texts = [shingles(record.text) for record, truth in corpus if truth.kind == "original"]
    generator = Random(1)
    for _ in range(2_000):
        left, right = generator.sample(texts, 2)
        assert len(left & right) / len(left | right) < 0.1


def test_an_unknown_slot_is_a_bug() -> None:
    with pytest.raises(KeyError):
        grammar.fill("{nowhere}", {"known": ("词",)}, Random(1))


def test_every_pattern_can_be_filled() -> None:
    topics, _ = grammar.grammar()
    cast = {name: ("某",) for name in ("cast_city", "cast_county", "cast_body", "cast_company", "cast_leader")}
    for slots in topics.values():
        for name, alternatives in slots.items():
            for alternative in alternatives:
                assert grammar.fill(alternative, {**slots, **cast}, Random(name)).strip()
