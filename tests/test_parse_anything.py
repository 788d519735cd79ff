"""Nothing that parse does raises on any Unicode string; lines stay lines whatever is in them."""

from __future__ import annotations

import os
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.parse.blocks import classify
from newslake.parse.byline import read_photographers
from newslake.parse.dateline import read_closing_byline, read_dateline
from newslake.parse.dates import find_printed_time
from newslake.parse.event_date import find_event_date
from newslake.parse.header import read_header_line
from newslake.parse.marks import set_colons
from newslake.parse.names import credible_names, split_any_names
from newslake.parse.published import day_of_address, read_given_time
from newslake.parse.title import strip_site_suffix
from newslake.parse.values import clean_person, clean_source
from newslake.tables.blocks import KINDS

EXAMPLES = int(os.environ.get("NEWSLAKE_EXAMPLES", "200"))
"""Examples of each property; the release check asks for 10,000."""

ZONE = "Asia/Shanghai"
# Any code point, lone surrogates and controls included, and strings of the characters that rules look for.
ANY = st.text(st.characters(), max_size=120)
LIKELY = st.text(
    "来源：:作者编辑责任审核终记通讯员摄影图文/／丨|【】（）()〔〕 \u3000年月日时2０1９〇3.-,，、。A.mByPhotoreportingb李明赵强台北电讯□·▲\ud800\u202e\u200b",
    max_size=80,
)
LINE = st.one_of(ANY, LIKELY)
HINT = st.sampled_from(
    [None, None, None, "title", "heading", "caption", "header", "list_item", "table", "quote", "comment", "related"]
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(LINE)
def test_no_reader_of_a_line_raises(line: str) -> None:
    read_header_line(line, ZONE)
    read_header_line(line, ZONE, is_marked=True)
    dateline = read_dateline(line)
    assert 0 <= dateline.end <= len(line)
    read_closing_byline(line)
    read_photographers(line)
    find_event_date(line, date(2024, 2, 20), 2)
    printed = find_printed_time(line, ZONE)
    assert printed is None or 0 <= printed.start <= printed.end <= len(line)
    read_given_time(line, ZONE)
    day_of_address(line)
    strip_site_suffix(line, is_given=True)
    clean_person(line)
    clean_source(line)
    set_colons(line)


@settings(max_examples=EXAMPLES, deadline=None)
@given(LINE)
def test_names_are_parts_of_what_is_printed(line: str) -> None:
    printed = "".join(line.split())
    for name in (*credible_names(line), *split_any_names(line)):
        assert "".join(name.split()) in printed


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(LINE, HINT), max_size=10), st.one_of(st.none(), LINE))
def test_every_page_is_classified(pairs: list[tuple[str, str | None]], title: str | None) -> None:
    lines, hints = [line for line, _ in pairs], [hint for _, hint in pairs]
    kinds, confidences, _ = classify(lines, hints, title, ZONE)
    assert len(kinds) == len(confidences) == len(lines)
    assert set(kinds) <= set(KINDS)
