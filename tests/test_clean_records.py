"""Records whose text is HTML, or only looks like it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake.clean.record import read_record


def lines(text: str, field: str = "text") -> list[str]:
    return read_record(json.dumps({field: text})).lines


@pytest.mark.parametrize("field", ["text", "content", "html", "content_html", "bodyHtml"])
@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("<p>The council met on Monday.</p>", ["The council met on Monday."]),
        ("<p>The council met on Monday.", ["The council met on Monday."]),
        ('<div class="x">The council met.</div>', ["The council met."]),
        ('<div class="x">The council met.', ["The council met."]),
        ('The council met. <a href="http://x.example/">more</a>', ["The council met. more"]),
        ("The council met. " * 400 + '<a href="http://x.example/">more</a>', ["The council met. " * 400 + "more"]),
        ('<img src="a.jpg"/>The council met.', ["The council met."]),
        ("The council met.<br>It decided.", ["The council met.", "It decided."]),
        ("The council <B>met</B>.", ["The council met."]),
        ("市委<strong>书记</strong>讲话。", ["市委书记讲话。"]),
        ("\n <p>甲 &amp; 乙</p>", ["甲 & 乙"]),
    ],
)
def test_html_leaves_no_tags(field: str, html: str, wanted: list[str]) -> None:
    assert lines(html, field) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "if a < b and c > d",
        "<some words> were left out",
        "a <b c",
        "write <p> for a paragraph",
        "<<会议>>召开",
        "<a b",
        "x<y>z",
        "The <b> tag & the <i> tag",
        "if (a<b && c>d)",
        "if (a<b && c>d || a<i && i>u)",
        "a<b&&c>d, a<b | c>d, a<u 3>2",
    ],
)
def test_text_with_angle_brackets_stays(text: str) -> None:
    assert lines(text) == [text]
    assert lines(f"one\n{text}") == ["one", text]


def test_a_comparison_stays_beside_markup() -> None:
    assert lines("if (a<b && c>d) then<br>more") == ["if (a<b && c>d) then", "more"]
    assert lines("if (a<b && c>d) <B>then</B> more") == ["if (a<b && c>d) then more"]
    assert lines("<p>if (a<b && c>d) <font color=red>then</font></p>") == ["if (a<b && c>d) then"]
    assert lines("one <a href=x>two <a\nhref='y'>three") == ["one two three"]
    assert lines("one <b >two</b> <br/>three <b>four") == ["one two", "three four"]


def test_lines_of_a_text_with_a_link_stay_lines() -> None:
    text = "The council met.\r\nIt decided. <a\nhref='http://x.example/'>more</a>\n\nThe end."
    assert lines(text) == ["The council met.", "It decided. more", "The end."]
    assert lines("<p>one\ntwo</p>\n<p>three") == ["one two", "three"]
    assert lines("one\ntwo <b>three</b>", "html") == ["one two three"]
    assert lines("one\ntwo", "html") == ["one", "two"]


@given(st.text(alphabet="ab <>/p\n\"'=!-", min_size=1, max_size=60).filter(str.strip))
def test_no_text_without_a_known_element_is_changed(text: str) -> None:
    if "<" in text and ("<p" in text or "<a" in text or "<b" in text or "<!" in text):
        return
    wanted = [line.strip() for line in text.splitlines() if line.strip()]
    assert ["".join(line.split()) for line in lines(text)] == ["".join(line.split()) for line in wanted]
