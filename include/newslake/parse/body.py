"""What stands in an article: paragraphs, subheads, captions, pointers to other articles."""

from __future__ import annotations

from newslake.parse import wording
from newslake.parse.outline import BY_DEFAULT, BY_MARKUP, BY_POSITION, BY_SHAPE, BY_WORDING, Outline
from newslake.tables.blocks import BODY_KINDS

# A picture stands at the top of an article: below one of the first paragraphs, with others below it.
CAPTION_REACH = 3
MIN_CAPTION_WIDTH = 8
MIN_PROSE_BELOW_CAPTION = 2
# Han characters of running text from which a page is no picture story.
LEAST_STORY = 60
# Han numerals number the sections of an article.
LIST_FIRSTS = frozenset("0123456789(（·•●◆■□▪▲★※›»*–—・-①②③④⑤⑥⑦⑧⑨⑩")
LIST_STYLES = ("digit", "digit_bracket", "circled")


def mark_body(outline: Outline, first: int, tail: int) -> None:
    """Marks the lines from the first paragraph to the tail."""
    is_related = False
    unclear: list[int] = []
    for line_no in outline.open_lines(first, tail):
        line, width = outline.lines[line_no], outline.widths[line_no]
        hint = outline.hints[line_no]
        if hint in ("list_item", "table", "quote"):
            is_related = False
            outline.mark(line_no, hint, BY_MARKUP)
        elif outline.is_prose[line_no]:
            is_related = False
            if width <= wording.MAX_CAPTION_WIDTH or line[0] == ">":
                outline.mark(line_no, *_judge_prose(outline, line_no))
            else:
                outline.mark(line_no, "paragraph", BY_SHAPE)
        elif wording.opens_related(line) or (is_related and wording.is_bulleted(line)):
            is_related = True
            outline.mark(line_no, "related", BY_WORDING)
        else:
            is_related = False
            kind, confidence = _judge_short_line(outline, line_no, first)
            if confidence == BY_DEFAULT:
                unclear.append(line_no)
            else:
                outline.mark(line_no, kind, confidence)
    _mark_unclear(outline, unclear, first, tail)


def mark_picture_story(outline: Outline) -> None:
    """Makes the captions the text where they are what the page has to say.

    A page of photographs has no or next to no paragraphs: less than `LEAST_STORY` characters and less than half as
    many as its captions. Its captions are then paragraphs, in their order; nothing else of it is.
    """
    if "caption" not in outline.kinds:
        return
    captions = [n for n, kind in enumerate(outline.kinds) if kind == "caption"]
    told = sum(width for width, kind in zip(outline.widths, outline.kinds, strict=True) if kind in BODY_KINDS)
    if told < LEAST_STORY and told * 2 < sum(outline.widths[n] for n in captions):
        for line_no in captions:
            outline.kinds[line_no], outline.confidences[line_no] = "paragraph", BY_POSITION


def _judge_prose(outline: Outline, line_no: int) -> tuple[str, float]:
    """Kind and confidence of running text within the body."""
    line, width = outline.lines[line_no], outline.widths[line_no]
    if width <= wording.MAX_CAPTION_WIDTH:
        if wording.is_credited(line):
            return "caption", BY_WORDING
        if line[0] in LIST_FIRSTS and _is_listed(outline, line_no):
            return "list_item", BY_SHAPE
    if line.startswith(("> ", ">“")):
        return "quote", BY_WORDING
    return "paragraph", BY_SHAPE


def _is_listed(outline: Outline, line_no: int) -> bool:
    """Whether a line is bulleted or numbered in digits like the one before or behind it."""
    style = _list_style(outline.lines[line_no])
    if style is None:
        return False
    beside = (n for n in (line_no - 1, line_no + 1) if 0 <= n < len(outline.lines))
    return any(
        _list_style(outline.lines[n]) == style and outline.widths[n] <= wording.MAX_CAPTION_WIDTH for n in beside
    )


def _list_style(line: str) -> str | None:
    style = wording.numbering_of(line)
    if style is not None:
        return style if style in LIST_STYLES else None
    return line[0] if wording.is_bulleted(line) else None


def is_row(outline: Outline, line_no: int) -> bool:
    """Whether a line is one of several with as many cells, and figures in them."""
    cells = wording.cells_of(outline.lines[line_no])
    if not cells:
        return False
    beside = [n for n in (line_no - 1, line_no + 1) if 0 <= n < len(outline.lines)]
    rows = [outline.lines[n] for n in beside if wording.cells_of(outline.lines[n]) == cells]
    return bool(rows) and any(map(wording.has_digit, [outline.lines[line_no], *rows]))


def _mark_unclear(outline: Outline, unclear: list[int], first: int, tail: int) -> None:
    """Marks the lines of the body that nothing but their place tells: paragraphs, and a picture's caption.

    Unnumbered subheads come in twos or more. Where there is one such line only, near the top and with running
    text on both sides, it is the caption of a picture that the page's text has lost. Of 385 real pages, of which the
    markup tells the captions, one line was taken so, and was a subhead.
    """
    if len(unclear) == 1 and _stands_like_caption(outline, unclear[0], first, tail):
        outline.mark(unclear[0], "caption", BY_POSITION)
    for line_no in unclear:
        outline.mark(line_no, "paragraph", BY_DEFAULT)


def _stands_like_caption(outline: Outline, line_no: int, first: int, tail: int) -> bool:
    below = outline.is_prose[line_no + 1 : tail]
    return (
        MIN_CAPTION_WIDTH <= outline.widths[line_no] <= wording.MAX_SUBHEAD_WIDTH
        and 1 <= sum(outline.is_prose[first:line_no]) <= CAPTION_REACH
        and outline.is_prose[line_no - 1]
        and outline.lines[line_no - 1][-1:] not in (":", "：", ";", "；")
        and below[:1] == [True]
        and sum(below) >= MIN_PROSE_BELOW_CAPTION
        and wording.is_plain_han(outline.lines[line_no])
    )


def _judge_short_line(outline: Outline, line_no: int, first: int) -> tuple[str, float]:
    """Kind and confidence of an unterminated line within the body."""
    line, width = outline.lines[line_no], outline.widths[line_no]
    if outline.hints[line_no] == "heading":
        return "subhead", BY_MARKUP
    if wording.numbering_of(line) and width <= wording.MAX_SUBHEAD_WIDTH:
        return ("subhead", BY_WORDING) if _heads_text(outline, line_no) else ("list_item", BY_POSITION)
    if line[0] in LIST_FIRSTS and _is_listed(outline, line_no):
        return "list_item", BY_SHAPE
    if is_row(outline, line_no):
        return "table", BY_SHAPE
    if width <= wording.MAX_CAPTION_WIDTH:
        if wording.is_credited(line):
            return "caption", BY_WORDING
        if wording.is_scene(line) and _follows_text(outline, line_no, first):
            return "caption", BY_SHAPE
    if wording.is_navigation(line):
        return "footer", BY_SHAPE
    return "paragraph", BY_DEFAULT


def _heads_text(outline: Outline, line_no: int) -> bool:
    """Whether a numbered line is followed by text; numbered lines in a row are a list."""
    style = wording.numbering_of(outline.lines[line_no])
    if line_no + 1 >= len(outline.lines) or outline.kinds[line_no + 1] is not None:
        return False
    if outline.is_prose[line_no + 1]:
        before = line_no - 1
        return before < 0 or outline.is_prose[before] or wording.numbering_of(outline.lines[before]) != style
    following = wording.numbering_of(outline.lines[line_no + 1])
    return following is not None and following != style


def _follows_text(outline: Outline, line_no: int, first: int) -> bool:
    """Whether running text stands above a line, but for other captions."""
    for above in range(line_no - 1, first - 1, -1):
        if outline.kinds[above] != "caption":
            return outline.is_prose[above]
    return False
