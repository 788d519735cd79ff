"""The cases of `tests/cases/parse.jsonl`, one a line: lines, hints and given values → kinds and fields.

Adding a case is adding a line. Left out, `hints`, `given`, `given_sources` and `url` say nothing; only the `fields`
that a case names are compared, and of `metadata_sources` only the entries that it names.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from newslake.parse import parse
from newslake.tables import PAGES
from newslake.tables.pages import GIVEN

HERE = Path(__file__).parent
CASES = [json.loads(line) for line in (HERE.parent / "cases" / "parse.jsonl").read_text("utf-8").splitlines()]


def run(case: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    lines = case["lines"]
    row: dict[str, Any] = {field.name: None for field in PAGES.schema} | {
        "raw_id": sha256(case["case"].encode()).hexdigest(),
        "source": "cases",
        "url": case.get("url", "file:cases/page.txt"),
        "fetched_at": datetime(2024, 6, 1, tzinfo=UTC),
        "charset": "utf-8",
        "charset_source": "utf8",
        "language": case["language"],
        "script": "Hans",
        "lines": lines,
        "lines_found": lines,
        "hints": case.get("hints", [None] * len(lines)),
        "repairs": [],
        "edits": [],
        "given": dict.fromkeys(GIVEN.names) | case.get("given", {}),
        "given_sources": list(case.get("given_sources", {}).items()),
    }
    articles, blocks, _ = parse(PAGES.from_rows([row]), {})
    return articles.to_pylist()[0], blocks["kind"].to_pylist()


def shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else value


def differences(case: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs: field → what is found, what is expected."""
    article, kinds = run(case)
    expected = dict(case["fields"])
    sources = expected.pop("metadata_sources", {})
    found_sources = dict(article["metadata_sources"])
    pairs = {name: (shown(article[name]), value) for name, value in expected.items()}
    pairs["kinds"] = (kinds, case["kinds"])
    if sources:
        pairs["metadata_sources"] = ({name: found_sources.get(name) for name in sources}, sources)
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert differences(case) == {}


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 40
    assert len({case["case"] for case in CASES}) == len(CASES)
