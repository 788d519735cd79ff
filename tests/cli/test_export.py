"""What was found in articles, in CoNLL-U and as W3C Web Annotations."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from newslake import export
from newslake.config import Home
from newslake.export_conllu import document, universal
from newslake.export_jsonld import annotation
from newslake.lake.snapshots import current
from newslake.report.annotations import LAYERS, Annotation

from .asked import ask_lake
from .conftest import Call


@pytest.fixture(scope="module")
def conllu() -> Any:
    if importlib.util.find_spec("conllu") is None:
        if os.environ.get("CI"):
            pytest.fail("conllu is not installed: CoNLL-U has to be read back here")
        pytest.skip("conllu is not installed: pip install conllu")
    return importlib.import_module("conllu")


def test_words_are_read_back(ask: Call, lake: Home, tmp_path: Path, conllu: Any) -> None:
    """Of all articles: sentences, words, spaces and offsets as in the lake."""
    path = tmp_path / "words.conllu"
    assert ask("annotations", "--output", str(path)) == (0, "", "")
    parsed = conllu.parse(path.read_text(encoding="utf-8"))
    texts = {row["article_id"]: row["text"] for row in ask_lake(lake, "SELECT article_id, text FROM articles")}
    rows = {f"{row['article_id']}-{row['sentence_no']}": row for row in ask_lake(lake, "FROM sentences")}
    assert len(parsed) == len({one.metadata["sent_id"] for one in parsed}) == len(rows) > 1000
    assert {one.metadata["newdoc id"] for one in parsed if "newdoc id" in one.metadata} == set(texts)
    for one in parsed:
        row = rows[one.metadata["sent_id"]]
        assert one.metadata["text"] == row["text"]
        text = texts[row["article_id"]]
        rebuilt = "".join(
            token["form"] + ("" if "SpaceAfter" in token["misc"] else token["misc"].get("SpacesAfter", " "))
            for token in one
        )
        assert rebuilt.replace("\\n", "\n").replace("\\s", " ").rstrip() == row["text"]
        for number, (token, kept) in enumerate(zip(one, row["tokens"], strict=True), start=1):
            assert text[int(token["misc"]["start"]) : int(token["misc"]["end"])] == token["form"] == kept["text"]
            assert (token["id"], token["xpos"], token["upos"]) == (number, kept["pos"], universal(kept["pos"]))


def test_odd_words_stay_in_their_columns() -> None:
    token = {"text": "a\tb", "start": 0, "end": 3, "pos": None}
    article = {"article_id": "a", "url": "file:a\nb", "language": None, "text": "a\tb"}
    sentence = {"sentence_no": 0, "block_no": 0, "start": 0, "end": 3, "text": "a\u2028b", "tokens": [token]}
    (made,) = document(article, [sentence])
    *_, row, end, behind = made.split("\n")
    assert (end, behind) == ("", "")
    assert row.split("\t") == ["1", "a b", "_", "X", "_", "_", "_", "_", "_", "SpaceAfter=No|start=0|end=3"]
    assert "# text = a b" in made
    assert "# url = file:a b" in made


TERMS = {
    "@context", "id", "type", "label", "generator", "name", "total", "first", "last", "partOf", "startIndex", "items",
    "motivation", "body", "target", "purpose", "format", "language", "value", "source", "selector",
    "start", "end", "exact", "prefix", "suffix",
}  # fmt: skip
TYPES = {
    "AnnotationCollection",
    "AnnotationPage",
    "Annotation",
    "Software",
    "TextualBody",
    "SpecificResource",
    "TextPositionSelector",
    "TextQuoteSelector",
}
"""What the context http://www.w3.org/ns/anno.jsonld defines, as far as it is used."""
MOTIVATIONS = {"identifying", "highlighting", "classifying", "describing", "tagging"}


def check_terms(value: Any) -> None:
    """Every name is one of the context or of our own prefix; anything else would vanish when it is read as JSON-LD."""
    if isinstance(value, list):
        for item in value:
            check_terms(item)
    if isinstance(value, dict):
        assert not {name for name in value if name not in TERMS and not name.startswith("newslake:")}
        assert value["type"] in TYPES or value["type"].startswith("newslake:")
        assert value.get("motivation", "tagging") in MOTIVATIONS
        assert value.get("purpose", "tagging") in MOTIVATIONS
        for name, item in value.items():
            if name != "@context":
                check_terms(item)


def test_web_annotations_are_well_formed(ask: Call, lake: Home, tmp_path: Path) -> None:
    """What the W3C's model says that there MUST be, and each span where both selectors say."""
    path = tmp_path / "all.jsonld"
    assert ask("annotations", "--format", "jsonld", "--output", str(path)) == (0, "", "")
    made = json.loads(path.read_text(encoding="utf-8"))
    check_terms(made)
    assert made["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    # JSON-LD takes a term as a prefix only when what it stands for ends in such a mark.
    assert all(value.endswith((":", "/", "#")) for value in made["@context"][1].values())
    page = made["first"]
    assert (made["type"], page["type"], page["partOf"], made["last"]) == (
        "AnnotationCollection", "AnnotationPage", made["id"], page["id"],
    )  # fmt: skip
    items = page["items"]
    assert made["total"] == len(items) > 1000
    assert len({item["id"] for item in items}) == len(items)
    rows = {row["article_id"]: row for row in ask_lake(lake, "SELECT article_id, text, url FROM articles")}
    for item in items:
        assert item["type"] == "Annotation"
        tag, fields = item["body"]
        assert tag["value"] == fields["newslake:kind"]
        row = rows[fields["newslake:article_id"]]
        assert item["target"]["source"] == row["url"]
        position, quote = item["target"]["selector"]
        start, end = position["start"], position["end"]
        assert row["text"][start:end] == quote["exact"]
        assert row["text"][:start].endswith(quote["prefix"])
        assert row["text"][end:].startswith(quote["suffix"])
    per_layer = Counter(item["body"][1]["type"].removeprefix("newslake:") for item in items)
    for layer in LAYERS:
        assert per_layer[layer] == current(lake).tables[layer].rows


def test_a_directive_keeps_its_fields(ask: Call, lake: Home) -> None:
    """Of one article, on standard output; what is null is left out."""
    (row,) = ask_lake(
        lake,
        "FROM directives WHERE deadline IS NOT NULL AND responsible_bodies IS NOT NULL ORDER BY directive_id LIMIT 1",
    )
    code, out, _ = ask("annotations", row["article_id"], "--format", "jsonld")
    assert code == 0
    bodies = [item["body"][1] for item in json.loads(out)["first"]["items"]]
    (found,) = [body for body in bodies if body.get("newslake:directive_id") == row["directive_id"]]
    assert found["newslake:deadline"] == str(row["deadline"])
    assert found["newslake:responsible_bodies"] == row["responsible_bodies"]
    assert "newslake:parent_id" in found or row["parent_id"] is None
    assert not [value for value in found.values() if value is None]


@pytest.mark.parametrize("form", ["conllu", "jsonld"])
def test_batches_change_nothing(ask: Call, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    whole = ask("annotations", "--format", form)
    monkeypatch.setattr(export, "BATCH", 7)
    assert ask("annotations", "--format", form) == whole


def test_several_articles(ask: Call, lake: Home) -> None:
    """Each once, however often it is asked for."""
    rows = ask_lake(lake, "SELECT article_id FROM articles WHERE published_date IS NOT NULL ORDER BY 1 LIMIT 2")
    first, second = (row["article_id"] for row in rows)
    _, out, _ = ask("annotations", first, second, first)
    assert sorted(re.findall(r"^# newdoc id = (\w+)$", out, re.MULTILINE)) == [first, second]


def test_what_cannot_be_exported(ask: Call, tmp_path: Path) -> None:
    code, out, error = ask("annotations", "no such article")
    assert (code, out) == (2, "")
    assert "no article" in error
    code, out, error = ask("annotations", "--output", str(tmp_path / "no" / "a"))
    assert (code, out) == (2, "")
    assert "cannot be written" in error


def test_a_source_is_an_iri() -> None:
    article = {"article_id": "a", "version_no": 0, "url": 'file:in put/"要闻"|.txt#line=1', "text": "要"}
    made = annotation(article, Annotation("mentions", 1, "place", 0, 1, "要", {"quantity": 2.0}))
    assert made["target"]["source"] == "file:in%20put/%22要闻%22%7C.txt#line=1"
    assert made["body"][1]["newslake:quantity"] == 2.0
