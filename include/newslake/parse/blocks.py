"""What each line of a page is: every line becomes exactly one block, in order.

Rules apply from the surest to the weakest; a line keeps the kind that it got first:
markup's hints, then the tail (comments, notices, pointers to other articles), then the head
(breadcrumbs, labels, title, deck), then the body (subheads, captions, paragraphs).
"""

from __future__ import annotations

from typing import cast

from newslake.parse import wording
from newslake.parse.body import mark_body, mark_picture_story
from newslake.parse.head_lines import (
    mark_lone_name,
    mark_lone_publisher,
    mark_parted_labels,
    mark_related_above,
    mark_sunken_header,
)
from newslake.parse.header import Header, read_header_line
from newslake.parse.outline import BY_DEFAULT, BY_MARKUP, BY_POSITION, BY_SHAPE, BY_WORDING, Outline, mark_header
from newslake.parse.tail import mark_tail
from newslake.parse.title import strip_site_suffix

# More lines than this between title and text are a list or verse, not a deck.
MAX_DECK_LINES = 6
MAX_TITLE_WIDTH = 80
MAX_DATELINE_WIDTH = 40
DATELINE_LAST = frozenset("讯电息）)】]〕—–-")
# Spaces and marks that a repeated title may have more than the first one.
MOST_AROUND_TITLE = 20
# A page without running text is verse or a list where its lines have at least this median width,
# and menus where they have less.
MIN_VERSE_WIDTH = 5
MIN_VERSE_LINES = 4


def classify(
    lines: list[str], hints: list[str | None], given_title: str | None, zone: str
) -> tuple[list[str], list[float], Header]:
    """Types every line of a page.

    Args:
        lines: repaired lines of one page, in order.
        hints: what markup says of each: title, heading, caption, header, or None.
        given_title: title in the page's metadata, if any.
        zone: IANA zone of times printed without one.

    Returns:
        The kinds and their confidences (0 to 1), both as long as `lines`, and what header and tail say.

    >>> classify(["春耕开始", "2024-03-01 来源:某报", "农机昨日下田。"], [None] * 3, None, "Asia/Shanghai")[0]
    ['title', 'header', 'paragraph']
    """
    outline = Outline(lines, hints, zone)
    title = comparable_title(given_title)
    _mark_hints(outline)
    tail = mark_tail(outline)
    first = next((n for n in range(tail) if outline.is_prose[n] and outline.kinds[n] is None), tail)
    first = _mark_head(outline, first, tail, title)
    mark_body(outline, first, tail)
    mark_picture_story(outline)
    return cast("list[str]", outline.kinds), outline.confidences, outline.header


def comparable_title(given_title: str | None) -> str:
    """The given title without its site's suffix, for comparing; empty where it says too little."""
    title = wording.comparable(strip_site_suffix(given_title, is_given=True)) if given_title else ""
    return title if len(title) >= 4 else ""


def _mark_hints(outline: Outline) -> None:
    for line_no, (line, hint) in enumerate(zip(outline.lines, outline.hints, strict=True)):
        if not line or line.isspace():
            outline.mark(line_no, "footer", BY_DEFAULT)
        elif hint is None:
            continue
        elif hint in ("comment", "related"):
            outline.mark(line_no, hint, BY_MARKUP)
        elif hint in ("table", "quote"):
            outline.is_prose[line_no] = True
        elif hint == "title" and outline.widths[line_no] <= MAX_TITLE_WIDTH:
            outline.mark(line_no, "title", BY_MARKUP)
        elif hint == "caption":
            _mark_hinted_caption(outline, line_no)
        elif hint == "header":
            _mark_hinted_header(outline, line_no)


def _mark_hinted_caption(outline: Outline, line_no: int) -> None:
    """An editor's line is no caption, nor is a byline above the text, whatever markup calls it."""
    read = outline.read_header(line_no)
    is_byline = (read.reporters and not read.photographers) or (read.unlabelled is not None and read.source_name)
    is_byline = read.is_header and is_byline and not any(outline.is_prose[:line_no])
    if not (read.responsible_editor or read.editor or is_byline):
        outline.mark(line_no, "caption", BY_MARKUP)


def _mark_hinted_header(outline: Outline, line_no: int) -> None:
    """Keeps what a line that markup calls a header says; running text is none, whatever markup calls it."""
    if outline.is_prose[line_no]:
        return
    read = read_header_line(outline.lines[line_no], outline.zone, is_marked=True)
    outline.header.add(read)
    outline.mark(line_no, "header", BY_MARKUP)


def _mark_head(outline: Outline, first: int, tail: int, title: str) -> int:
    """Marks what stands above the article; returns where its text begins."""
    has_text = first < tail
    _mark_dateline(outline, first)
    _mark_arrowed_title(outline, first, title)
    _mark_breadcrumbs(outline, first)
    mark_parted_labels(outline, first)
    mark_related_above(outline, first)
    for line_no in outline.open_lines(0, first):
        line = outline.lines[line_no]
        if not mark_header(outline, line_no, BY_WORDING) and wording.is_navigation(line):
            outline.mark(line_no, "footer", BY_WORDING)
    title_no = _find_title(outline, first, title)
    mark_lone_name(outline, first, title_no)
    mark_lone_publisher(outline, first, title_no)
    if title_no is None and has_text and _opens_with_question(outline, first):
        outline.mark(first, "title", BY_POSITION)
        return _mark_head(outline, next((n for n in range(first + 1, tail) if outline.is_prose[n]), tail), tail, title)
    if not has_text:
        return _find_verse(outline, tail, title_no)
    mark_sunken_header(outline, first, tail)
    return _mark_deck(outline, first, title_no, title)


def _opens_with_question(outline: Outline, first: int) -> bool:
    """Whether the first running text is a headline that ends in a mark."""
    return (
        not any(kind == "title" for kind in outline.kinds[: first + 1])
        and not outline.open_lines(0, first)
        and wording.is_title_like(outline.lines[first], outline.widths[first])
        and first + 1 < len(outline.lines)
        and outline.widths[first + 1] > outline.widths[first]
    )


def _mark_dateline(outline: Outline, first: int) -> None:
    """A dateline may stand in a line of its own, right above the text."""
    for line_no in outline.open_lines(0, first)[-1:]:
        line = outline.lines[line_no]
        if line[-1] in DATELINE_LAST and outline.widths[line_no] <= MAX_DATELINE_WIDTH and wording.is_dateline(line):
            outline.mark(line_no, "dateline", BY_WORDING)


def _mark_arrowed_title(outline: Outline, first: int, title: str) -> None:
    """A headline with arrows in it is no breadcrumb: it is the given title, or the only line that can be one."""
    above = outline.open_lines(0, first)
    for line_no in above:
        if not wording.has_arrow(outline.lines[line_no]) or not wording.is_breadcrumb(outline.lines[line_no]):
            continue
        line = outline.lines[line_no]
        if title and is_same_title(line, title):
            outline.mark(line_no, "title", BY_WORDING)
            return
        others = [n for n in above if outline.lines[n] != line and not outline.read_header(n).is_header]
        if not title and not others and not wording.names_sections(line):
            outline.mark(line_no, "title", BY_POSITION)
            return


def _mark_breadcrumbs(outline: Outline, first: int) -> None:
    """A breadcrumb, the names in it and the short lines above it are navigation."""
    for line_no in reversed(outline.open_lines(0, first)):
        if wording.is_breadcrumb(outline.lines[line_no]):
            crumbs = wording.crumbs_of(outline.lines[line_no])
            outline.mark(line_no, "footer", BY_WORDING)
            for above in outline.open_lines(0, line_no):
                if outline.widths[above] <= 8 or outline.lines[above].strip() in crumbs:
                    outline.mark(above, "footer", BY_SHAPE)
            return


def _find_title(outline: Outline, first: int, title: str) -> int | None:
    """Marks the title and its repetitions above the text; returns where the first one stands."""
    hinted = [n for n in range(len(outline.lines)) if outline.kinds[n] == "title"]
    candidates = outline.open_lines(0, first)
    matching = [n for n in candidates if title and is_same_title(outline.lines[n], title)]
    for line_no in matching:
        outline.mark(line_no, "title", BY_WORDING)
    found = min(hinted[:1] + matching[:1], default=None)
    if found is None and candidates and not title and outline.widths[candidates[0]] >= 2:
        found = candidates[0]
        outline.mark(found, "title", BY_POSITION)
    if found is not None:
        printed = wording.comparable(outline.lines[found])
        least, most = len(printed), 2 * len(printed) + MOST_AROUND_TITLE
        for line_no in outline.open_lines(0, len(outline.lines)):
            line = outline.lines[line_no]
            if least <= len(line) <= most and not outline.is_prose[line_no] and wording.comparable(line) == printed:
                outline.mark(line_no, "title", BY_WORDING)
    return found


def is_same_title(line: str, title: str) -> bool:
    """Whether a line says what the given title says, but for a suffix or a few characters.

    >>> is_same_title("春耕全面开始", "春耕全面开始某某网")
    True
    """
    printed = wording.comparable(line)
    if printed == title:
        return True
    if len(printed) >= 4 and (printed in title or (title in printed and len(title) * 2 >= len(printed))):
        return len(printed) * 2 >= len(title)
    shared = len(set(printed) & set(title))
    return shared * 10 >= 8 * len(set(printed) | set(title)) > 0


def _mark_deck(outline: Outline, first: int, title_no: int | None, title: str) -> int:
    """Marks the unterminated lines between title and text; returns where the text begins."""
    after = -1 if title_no is None else title_no
    for line_no in outline.open_lines(0, min(max(after, 0), first)):
        kind = "deck" if outline.widths[line_no] >= 8 else "footer"
        outline.mark(line_no, kind, BY_DEFAULT)
    rest = outline.open_lines(0, first)
    if title_no is None and not title:
        for line_no in rest:
            outline.mark(line_no, "footer", BY_DEFAULT)
        return first
    if len(rest) > MAX_DECK_LINES:
        return rest[0]
    first = next((n for n in rest if wording.is_wrapped(outline.lines[n])), first)
    rest = [n for n in rest if n < first]
    has_headings = "heading" in outline.hints[first:]
    while rest and (
        wording.numbering_of(outline.lines[rest[-1]]) or (has_headings and outline.hints[rest[-1]] == "heading")
    ):
        outline.mark(rest.pop(), "subhead", BY_SHAPE)
    for line_no in rest:
        line = outline.lines[line_no]
        if wording.is_credited(line) and outline.widths[line_no] <= wording.MAX_CAPTION_WIDTH:
            outline.mark(line_no, "caption", BY_WORDING)
        else:
            outline.mark(line_no, "deck", BY_POSITION)
    return first


def _find_verse(outline: Outline, tail: int, title_no: int | None) -> int:
    """On a page without running text, finds where verse or a list begins; menus are no body."""
    for line_no in outline.open_lines(0, tail):
        if outline.widths[line_no] <= wording.MAX_CAPTION_WIDTH and wording.is_credited(outline.lines[line_no]):
            outline.mark(line_no, "caption", BY_WORDING)
    rest = outline.open_lines(0, tail)
    widths = sorted(outline.widths[n] for n in rest)
    is_verse = any(wording.has_sentence_mark(outline.lines[n]) for n in rest) or (
        len(rest) >= MIN_VERSE_LINES and widths[len(rest) // 2] >= MIN_VERSE_WIDTH
    )
    if rest and is_verse:
        return rest[0]
    for line_no in rest:
        outline.mark(line_no, "deck" if title_no is not None and line_no > title_no else "footer", BY_DEFAULT)
    return tail
