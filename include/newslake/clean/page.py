"""The visible lines of a page, the blocks they stand in, and what the markup says of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from turbohtml import Text

from newslake.clean import clues
from newslake.clean.lines import split_lines
from newslake.errors import ArticleRejected

DEEPEST: Final = 200
"""Nested elements; the deepest real page measured had 60, and lxml loses text silently at 1,000."""

LONGEST_CAPTION: Final = 60
"""Code points; longer lines beside an image are body text on the pages measured."""

TERMINATED: Final = re.compile(r"[。！？!?…；;.][”’」』）)\"']*$")

_MARKS: Final = frozenset("。！？!?…；;.")
_CLOSING: Final = "”’」』）)\"'"


def is_terminated(text: str) -> bool:
    """Whether `TERMINATED` is found in a line without outer white space, in a fraction of its time.

    >>> is_terminated("他说：“好。”"), is_terminated("“新春第一会”"), is_terminated("")
    (True, False, False)
    """
    last = text[-1:]
    return last in _MARKS or (last in _CLOSING and text.rstrip(_CLOSING)[-1:] in _MARKS)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SKIPPED: Final = _names(
    "script style noscript template head svg math iframe object canvas audio video textarea select option button map"
    " input link meta"
)
_BLOCKS: Final = _names(
    "address article aside blockquote body caption center dd dt dl details dialog dir div fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol ul p pre section summary table tbody td tfoot th"
    " thead tr"
)
_UNREAD: Final = _names(
    "sr-only visually-hidden visuallyhidden screen-reader-text screenreader-text u-visually-hidden mw-editsection"
)
"""Class names of inline elements that nobody sees ("opens in a new window"), or that edit the page."""

_BOLD: Final = frozenset(("b", "strong"))
_TAGS_KEPT: Final = frozenset(("h1", "h2", "h3", "h4", "figcaption", "li", "blockquote"))
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")


@dataclass(slots=True)
class PageLine:
    """One visible line.

    Attributes:
        text: without outer white space, never empty.
        tag: the innermost of h1 to h4, figcaption (or a block named as one), li and blockquote that
            the line stands in, table for a row of one, else empty.
        is_bold: every visible character is bold.
        is_beside_image: the first line after an image.
        linked: code points inside links.
        block: number of the block that the line stands in.
        is_terminated: a mark ends it.
    """

    text: str
    tag: str
    is_bold: bool
    is_beside_image: bool
    linked: int
    block: int
    is_terminated: bool

    @property
    def is_caption(self) -> bool:
        """A figcaption, or a short line beside an image that no mark ends."""
        if self.tag == "figcaption":
            return True
        return self.is_beside_image and len(self.text) <= LONGEST_CAPTION and not self.is_terminated

    @property
    def is_heading(self) -> bool:
        """h2 to h4, or a wholly bold line, and no paragraph."""
        if len(self.text) > LONGEST_CAPTION and (self.is_terminated or self.is_bold):
            return False
        return self.is_bold or self.tag in ("h2", "h3", "h4")


@dataclass(slots=True)
class Page:
    """The lines of a page and the tree of its block elements.

    Attributes:
        lines: in order.
        parents: number of each block's parent, always smaller than its own; 0 is the page itself.
        tags: the tag of each block, empty for 0.
        clues: class names and id of each block, in small letters.
    """

    lines: list[PageLine] = field(default_factory=list)
    parents: list[int] = field(default_factory=lambda: [0])
    tags: list[str] = field(default_factory=lambda: [""])
    clues: list[str] = field(default_factory=lambda: [""])

    def enclosing(self, block: int, tag: str) -> int:
        """The nearest block of a tag around, or equal to, a block; 0 if there is none."""
        while block and self.tags[block] != tag:
            block = self.parents[block]
        return block


def read_page(root: Any, *, sees_hidden: bool = False) -> Page:
    """Walks a turbohtml tree; every block element and `br` ends a line.

    Scripts, styles, form fields and hidden elements are not visible. The cells of a row of a table
    of data make one line, joined by ` | `; in tables that lay out a page every cell is its own.

    Args:
        root: the document or element to walk.
        sees_hidden: reads elements with the attribute `hidden`, too, which scripts show later.

    Raises:
        ArticleRejected: `too_deep`.
    """
    walk = _Walk(sees_hidden)
    walk.enter(root, 0, "", False, False, 0)
    walk.end_line(0, "")
    _join_rows(walk.page)
    return walk.page


def page_lines(root: Any) -> list[PageLine]:
    """The visible lines of a turbohtml tree.

    Raises:
        ArticleRejected: `too_deep`.

    >>> import turbohtml
    >>> [line.text for line in page_lines(turbohtml.parse("<h1>会议</h1><p>今天<b>开</b>会。<br>明天再开。"))]
    ['会议', '今天开会。', '明天再开。']
    """
    return read_page(root).lines


class _Walk:
    """Collects lines while the tree is walked."""

    def __init__(self, sees_hidden: bool) -> None:
        self.page = Page()
        self.sees_hidden = sees_hidden
        self.parts: list[str] = []
        self.plain = 0
        self.bold = 0
        self.linked = 0
        self.has_image = False
        self.choices: dict[int, int] = {}

    def end_line(self, block: int, tag: str) -> None:
        if not self.parts:
            return
        text = _SPACE.sub(" ", "".join(self.parts)).strip()
        self.parts.clear()
        is_bold = self.bold > 0 and self.plain == 0
        for line in split_lines(text) if text else ():
            linked = min(self.linked, len(line))
            ends = is_terminated(line)
            self.page.lines.append(PageLine(line, tag, is_bold, self.has_image, linked, block, ends))
            self.has_image = False
        self.plain = self.bold = self.linked = 0

    def add(self, text: str, is_bold: bool, is_linked: bool) -> None:
        if text.isspace():
            if self.parts:  # White space at the beginning of a line is not shown.
                self.parts.append(text)
            return
        self.parts.append(text)
        length = len(text)
        if is_bold:
            self.bold += length
        else:
            self.plain += length
        if is_linked:
            self.linked += length

    def add_field(self, field: Any, block: int) -> None:
        """Names a form with two buttons to choose from as a survey, one with room for a text as one for comments."""
        form = self.page.enclosing(block, "form")
        if not form:
            return
        if field.tag == "textarea":
            self.page.clues[form] += " comment-form"
        elif field.attr("type") == "radio":
            self.choices[form] = self.choices.get(form, 0) + 1
            if self.choices[form] == 2:
                self.page.clues[form] += " survey"

    def is_hidden(self, attributes: Any) -> bool:
        style = attributes.get("style")
        if style is not None and _HIDDEN.search(style) is not None:
            return True
        return "hidden" in attributes and not self.sees_hidden

    def is_read(self, attributes: Any) -> bool:
        """Whether the text of an inline element is read by those who look at the page."""
        names = attributes.get("class")
        return not self.is_hidden(attributes) and (not names or _UNREAD.isdisjoint(names))

    def enter(self, element: Any, block: int, tag: str, is_bold: bool, is_linked: bool, depth: int) -> None:
        if depth > DEEPEST:
            raise ArticleRejected("too_deep", f"elements are nested more than {DEEPEST} deep")
        for node in element.children:
            if type(node) is Text:
                self.add(node.data, is_bold, is_linked)
                continue
            name = getattr(node, "tag", None)
            if name is None or name in _SKIPPED:
                if name == "input" or name == "textarea":
                    self.add_field(node, block)
                continue
            if name == "br":
                self.end_line(block, tag)
            elif name == "img":
                self.has_image = True
            elif name in _BLOCKS:
                self.enter_block(node, name, block, tag, is_bold, is_linked, depth)
            elif not (attributes := node.attrs) or self.is_read(attributes):
                bold = is_bold or name in _BOLD
                self.enter(node, block, tag, bold, is_linked or name == "a", depth + 1)

    def enter_block(
        self, element: Any, name: str, block: int, tag: str, is_bold: bool, is_linked: bool, depth: int
    ) -> None:
        attributes = element.attrs
        if attributes and self.is_hidden(attributes):
            return
        if self.parts:
            self.end_line(block, tag)
        page = self.page
        page.parents.append(block)
        page.tags.append(name)
        page.clues.append(_clue(attributes) if attributes else "")
        inner = len(page.parents) - 1
        inner_tag = name if name in _TAGS_KEPT else tag
        if page.clues[inner] and name in ("div", "p", "span") and clues.is_caption(page.clues[inner]):
            inner_tag = "figcaption"
        self.enter(element, inner, inner_tag, is_bold, is_linked, depth + 1)
        if self.parts:
            self.end_line(inner, inner_tag)


def _clue(attributes: Any) -> str:
    names, identity = attributes.get("class"), attributes.get("id")
    if not names:
        return (identity or "").lower()
    return f"{' '.join(names)} {identity or ''}".strip().lower()


LEAST_ROWS: Final = 2
LONGEST_CELL: Final = 40
"""Code points; tables with longer cells lay out a page."""


def _join_rows(page: Page) -> None:
    """Makes one line of the cells of each row, in tables of data."""
    if "tr" not in page.tags:
        return
    rows: dict[int, list[int]] = {}
    for number, line in enumerate(page.lines):
        cell = page.tags[line.block]
        if cell in ("td", "th"):
            rows.setdefault(page.parents[line.block], []).append(number)
    tables: dict[int, list[int]] = {}
    for row in rows:
        tables.setdefault(page.enclosing(row, "table"), []).append(row)
    gone: set[int] = set()
    for table in _tables_of_data(page, tables, rows):
        for row in tables[table]:
            _join(page.lines, rows[row])
            gone.update(rows[row][1:])
    if gone:
        page.lines = [line for number, line in enumerate(page.lines) if number not in gone]


def _tables_of_data(page: Page, tables: dict[int, list[int]], rows: dict[int, list[int]]) -> list[int]:
    """Tables without blocks in their cells, of at least two rows of at least two short cells."""
    laid_out = {0}
    for block, tag in enumerate(page.tags):
        if tag in ("p", "div", "table", "ul", "ol", "form", "h1", "h2", "h3"):
            outer = page.enclosing(page.parents[block], "table")
            laid_out.add(outer)
    found = []
    for table, own_rows in tables.items():
        lines = [[page.lines[number] for number in rows[row]] for row in own_rows]
        full = sum(len({line.block for line in row}) >= 2 for row in lines)
        is_short = all(len(line.text) <= LONGEST_CELL and not line.linked for row in lines for line in row)
        if table not in laid_out and full >= LEAST_ROWS and is_short:
            found.append(table)
    return found


def _join(lines: list[PageLine], numbers: list[int]) -> None:
    first = lines[numbers[0]]
    first.text = " | ".join(lines[number].text for number in numbers)
    first.tag = "table"
    first.is_terminated = is_terminated(first.text)
