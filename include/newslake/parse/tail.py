"""What stands under an article: editors, rights, comments, pointers to other articles."""

from __future__ import annotations

from newslake.parse import wording
from newslake.parse.body import is_row
from newslake.parse.outline import BY_POSITION, BY_SHAPE, BY_WORDING, Outline, mark_header

# Below an editor's name stand at most a few sentences of the publisher; more is another article.
MAX_LINES_BELOW = 3


def mark_tail(outline: Outline) -> int:
    """Marks what stands under the article; returns where that begins."""
    end = _find_end(outline)
    tail = end
    has_prose = any(outline.is_prose[:end])
    for line_no in range(end - 1, -1, -1):
        if outline.kinds[line_no] is None and _is_tail(outline, line_no):
            tail = line_no
        elif outline.is_prose[line_no] or not has_prose:
            break
    if not any(outline.is_prose[:tail]):
        # Nothing but notices: the running text among them is then what the page has to say.
        tail = next((n for n in range(tail, len(outline.lines)) if not outline.is_prose[n]), len(outline.lines))
    _mark_after(outline, tail)
    return tail


def _find_end(outline: Outline) -> int:
    """Where comments begin, or where an editor signs with little below: nothing after that is the article."""
    others = [line_no for line_no, is_prose in enumerate(outline.is_prose) if not is_prose]
    for place, line_no in enumerate(others):
        line = outline.lines[line_no]
        above = line_no - place
        below = len(outline.lines) - len(others) - above
        is_signed = above > below <= MAX_LINES_BELOW and wording.is_signature(line)
        if is_signed or (above and wording.opens_comments(line)):
            return line_no
    return len(outline.lines)


def _is_tail(outline: Outline, line_no: int) -> bool:
    line = outline.lines[line_no]
    if wording.is_notice(line):
        return True
    if outline.is_prose[line_no] and outline.widths[line_no] > 30:
        return False
    if outline.hints[line_no] == "table" or is_row(outline, line_no):
        return False
    if wording.is_navigation(line) or wording.opens_related(line):
        return True
    return line_no > 0 and outline.read_header(line_no).is_header


def _mark_after(outline: Outline, tail: int) -> None:
    is_related = is_comments = False
    for line_no in range(tail, len(outline.lines)):
        line = outline.lines[line_no]
        if wording.opens_related(line):
            is_related, is_comments = True, False
            outline.mark(line_no, "related", BY_WORDING)
        elif wording.opens_comments(line):
            is_related, is_comments = False, True
            outline.mark(line_no, "footer", BY_WORDING)
        elif wording.is_notice(line) or wording.is_navigation(line):
            is_related = is_comments = False
            mark_header(outline, line_no, BY_WORDING, must_read=False, kind="footer")
        elif is_comments:
            outline.mark(line_no, "comment", BY_POSITION)
        elif is_related and not outline.is_prose[line_no]:
            outline.mark(line_no, "related", BY_SHAPE)
        elif not mark_header(outline, line_no, BY_WORDING, kind="footer"):
            outline.mark(line_no, "footer", BY_POSITION)
