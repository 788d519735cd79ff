"""Dates and names on real pages with gold metadata: floors that only rise."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from extraction import measured_pages
from parse_metadata import is_blind, score

FLOORS = json.loads((Path(__file__).parent / "floors_parse.json").read_text("utf-8"))["pages"]
PAGES = measured_pages()

pytestmark = pytest.mark.skipif(not PAGES, reason="NEWSLAKE_MEASURE_DATA names no folder with html/dev.parquet")


@pytest.mark.parametrize("set_name", sorted(FLOORS))
def test_metadata_of_real_pages(set_name: str, record_property: Callable[[str, object], None]) -> None:
    """`invented` has a ceiling; rules were made on the open half, and both halves are told."""
    pages = [page for page in PAGES if page["set"] == set_name]
    for half in (True, False):
        record_property("blind" if half else "open", asdict(score([p for p in pages if is_blind(p["id"]) == half])))
    found = asdict(score(pages))
    record_property("all", found)
    ceiling = FLOORS[set_name]["date_invented"]
    floors = {name: value for name, value in FLOORS[set_name].items() if name != "date_invented"}
    assert found["date_invented"] <= ceiling
    assert {name: found[name] for name in floors if found[name] < floors[name]} == {}
