"""Reads the visible lines of a page out of its tree."""

from __future__ import annotations

import re
from typing import Any, Final

from turbohtml import Text

from newslake.clean import clues
from newslake.clean.formulas import formula, raised
from newslake.clean.lines import split_lines
from newslake.clean.page import Page, PageLine, is_terminated
from newslake.clean.rows import join_rows
from newslake.errors import ArticleRejected

DEEPEST: Final = 200
"""Nested elements; the deepest real page measured had 60, and lxml loses text silently at 1,000."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SKIPPED: Final = _names(
    "script style noscript template head svg iframe object canvas audio video textarea select option button map"
    " input link meta rt rp rtc"
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
_HIDDEN: Final = re.compile(r"display\s*:\s*none|(visibility)\s*:\s*hidden", re.IGNORECASE)
_PREFORMATTED: Final = re.compile(r"white-space\s*:\s*(pre|break-spaces|normal|nowrap)", re.IGNORECASE)
_RAISED: Final = frozenset(("sup", "math"))
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")


def read_page(root: Any, *, sees_hidden: bool = False) -> Page:
    """Walks a turbohtml tree; every block element and `br` ends a line.

    Scripts, styles, form fields and hidden elements are not visible. The cells of a row of a table
    of data make one line, joined by ` | `; in tables that lay out a page every cell is its own.

    Args:
        root: the document or element to walk.
        sees_hidden: reads elements with the attribute `hidden` or the style `visibility: hidden`,
            too, which scripts show later.

    Raises:
        ArticleRejected: `too_deep`.

    >>> import turbohtml
    >>> [line.text for line in read_page(turbohtml.parse("<h1>会议</h1><p>今天<b>开</b>会。<br>明天再开。")).lines]
    ['会议', '今天开会。', '明天再开。']
    """
    walk = _Walk(sees_hidden)
    walk.enter(root, 0, "", False, False, 0)
    walk.end_line(0, "")
    join_rows(walk.page)
    return walk.page


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
        self.keeps_lines = False
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

    def add_lines(self, text: str, block: int, tag: str, is_bold: bool, is_linked: bool) -> None:
        """Adds preformatted text, of which every line is one."""
        *ended, last = text.split("\n")
        for line in ended:
            self.add(line, is_bold, is_linked)
            self.end_line(block, tag)
        self.add(last, is_bold, is_linked)

    def add_raised(self, element: Any, name: str, is_bold: bool, is_linked: bool) -> bool:
        """Adds a power or formula, or passes over the mark of a footnote; else says that it did not."""
        if name == "math":
            text: str | None = formula(element)
        else:
            text = raised(element.text, "".join(self.parts[-2:])[-4:])
        if text:
            self.add(text, is_bold, is_linked)
        return text is not None

    def is_preformatted(self, name: str, style: str | None) -> bool:
        """Whether line feeds inside an element are shown as such."""
        found = _PREFORMATTED.search(style) if style else None
        if found is not None:
            return found[1].lower() in ("pre", "break-spaces")
        return self.keeps_lines or name == "pre"

    def pass_over(self, field: Any, name: str | None, block: int) -> None:
        """Names a form with two buttons to choose from as a survey, one with room for a text as one for comments."""
        if name != "input" and name != "textarea":
            return
        form = self.page.enclosing(block, "form")
        if not form:
            return
        if name == "textarea":
            self.page.clues[form] += " comment-form"
        elif field.attr("type") == "radio":
            self.choices[form] = self.choices.get(form, 0) + 1
            if self.choices[form] == 2:
                self.page.clues[form] += " survey"

    def is_hidden(self, attributes: Any, style: str | None) -> bool:
        found = None if style is None else _HIDDEN.search(style)
        if found is not None and not (found[1] and self.sees_hidden):
            self.page.has_unseen |= found[1] is not None
            return True
        return "hidden" in attributes and not self.sees_hidden

    def enter(self, element: Any, block: int, tag: str, is_bold: bool, is_linked: bool, depth: int) -> None:
        if depth > DEEPEST:
            raise ArticleRejected("too_deep", f"elements are nested more than {DEEPEST} deep")
        for node in element.children:
            if type(node) is Text:
                if self.keeps_lines:
                    self.add_lines(node.data, block, tag, is_bold, is_linked)
                else:
                    self.add(node.data, is_bold, is_linked)
                continue
            name = getattr(node, "tag", None)
            if name is None or name in _SKIPPED:
                self.pass_over(node, name, block)
            elif name == "br":
                self.end_line(block, tag)
            elif name == "img":
                self.has_image = True
            elif name in _BLOCKS:
                self.enter_block(node, name, block, tag, is_bold, is_linked, depth)
            else:
                self.enter_inline(node, name, block, tag, is_bold, is_linked, depth)

    def enter_inline(
        self, element: Any, name: str, block: int, tag: str, is_bold: bool, is_linked: bool, depth: int
    ) -> None:
        attributes = element.attrs
        style = None
        if attributes:
            style, names = attributes.get("style"), attributes.get("class")
            if self.is_hidden(attributes, style) or (names and not _UNREAD.isdisjoint(names)):
                return  # Nobody who looks at the page reads it.
        if name in _RAISED and self.add_raised(element, name, is_bold, is_linked):
            return
        kept = self.keeps_lines
        if style is not None:
            self.keeps_lines = self.is_preformatted(name, style)
        self.enter(element, block, tag, is_bold or name in _BOLD, is_linked or name == "a", depth + 1)
        self.keeps_lines = kept

    def enter_block(
        self, element: Any, name: str, block: int, tag: str, is_bold: bool, is_linked: bool, depth: int
    ) -> None:
        attributes = element.attrs
        style = attributes.get("style") if attributes else None
        if attributes and self.is_hidden(attributes, style):
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
        kept = self.keeps_lines
        if style is not None or name == "pre":
            self.keeps_lines = self.is_preformatted(name, style)
        self.enter(element, inner, inner_tag, is_bold, is_linked, depth + 1)
        self.keeps_lines = kept
        if self.parts:
            self.end_line(inner, inner_tag)


def _clue(attributes: Any) -> str:
    names, identity = attributes.get("class"), attributes.get("id")
    if not names:
        return (identity or "").lower()
    return f"{' '.join(names)} {identity or ''}".strip().lower()
