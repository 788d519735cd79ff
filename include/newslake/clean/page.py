"""The visible lines of a page, with what the markup says of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from turbohtml import Document, Text

from newslake.clean.lines import split_lines
from newslake.errors import ArticleRejected

DEEPEST: Final = 500
"""Nested elements; the deepest real page measured had 60, and lxml loses text silently at 1,000."""

_SKIPPED: Final = re.compile(
    "script|style|noscript|template|head|svg|math|iframe|object|canvas|audio|video|textarea|select|option|button|map"
)
_BLOCKS: Final = re.compile(
    "address|article|aside|blockquote|body|caption|center|d[dlt]|details|dialog|dir|div|fieldset|figcaption|figure|footer|form"
    "|h[1-6]|header|hr|html|legend|li|main|menu|nav|[ou]l|p|pre|section|summary|table|tbody|thead|tfoot|tr"
)
_BOLD: Final = frozenset(("b", "strong"))
_TAGS_KEPT: Final = frozenset(("h1", "h2", "h3", "h4", "figcaption"))
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")
TERMINATED: Final = re.compile(r"[。！？!?…；;.][”’」』）)\"']*$")
LONGEST_CAPTION: Final = 60
"""Code points; longer lines beside an image are body text on the pages measured."""


@dataclass
class PageLine:
    """One visible line.

    Attributes:
        text: without outer white space, never empty.
        tag: h1 to h4 or figcaption when the line stands in one, else empty.
        is_bold: every visible character is bold.
        is_beside_image: the first line after an image.
        is_main: it stands in the element taken for the article.
        linked: code points inside links.
    """

    text: str
    tag: str
    is_bold: bool
    is_beside_image: bool
    is_main: bool
    linked: int

    @property
    def is_caption(self) -> bool:
        """A figcaption, or a short line beside an image that no mark ends."""
        if self.tag == "figcaption":
            return True
        return self.is_beside_image and len(self.text) <= LONGEST_CAPTION and not TERMINATED.search(self.text)

    @property
    def is_heading(self) -> bool:
        """h2 to h4, or a wholly bold line no longer than a heading."""
        return self.tag in ("h2", "h3", "h4") or (self.is_bold and len(self.text) <= LONGEST_CAPTION)


class _Walk:
    """Collects lines while the tree is walked; `flush` ends a line."""

    def __init__(self) -> None:
        self.lines: list[PageLine] = []
        self.parts: list[str] = []
        self.plain = 0
        self.bold = 0
        self.linked = 0
        self.has_image = False

    def add(self, text: str, is_bold: bool, is_linked: bool) -> None:
        self.parts.append(text)
        length = 0 if text.isspace() else len(text)
        if is_bold:
            self.bold += length
        else:
            self.plain += length
        if is_linked:
            self.linked += length

    def flush(self, tag: str, is_main: bool) -> None:
        if not self.parts:
            return
        text = _SPACE.sub(" ", "".join(self.parts)).strip()
        self.parts.clear()
        is_bold = self.bold > 0 and self.plain == 0
        for line in split_lines(text):
            self.lines.append(PageLine(line, tag, is_bold, self.has_image, is_main, min(self.linked, len(line))))
            self.has_image = False
        self.plain = self.bold = self.linked = 0


class _Frame(NamedTuple):
    """An open element: the children still to come, and what holds for the text inside."""

    children: Iterator[Any]
    tag: str
    is_bold: bool
    is_linked: bool
    is_main: bool
    is_block: bool


def page_lines(root: Any, main: Any = None) -> list[PageLine]:
    """Walks a turbohtml tree; every block element and `br` ends a line.

    Scripts, styles, form fields and hidden elements are not visible. The walk keeps its own stack.

    Args:
        root: the document or element to walk.
        main: the element taken for the article, whose lines are marked.

    Raises:
        ArticleRejected: `too_deep`.

    >>> import turbohtml
    >>> [line.text for line in page_lines(turbohtml.parse("<h1>会议</h1><p>今天<b>开</b>会。<br>明天再开。"))]
    ['会议', '今天开会。', '明天再开。']
    """
    walk, stack = _Walk(), [_Frame(iter((root,)), "", False, False, False, False)]
    while stack:
        frame = stack[-1]
        node = next(frame.children, None)
        if node is None:
            stack.pop()
            if frame.is_block:
                walk.flush(frame.tag, frame.is_main)
            continue
        name = getattr(node, "tag", None)
        if isinstance(node, Text):
            walk.add(node.data, frame.is_bold, frame.is_linked)
        elif isinstance(node, Document):
            stack.append(frame._replace(children=iter(node.children)))
        elif name == "img":
            walk.has_image = True
        elif name == "br":
            walk.flush(frame.tag, frame.is_main)
        elif name is not None and not _SKIPPED.fullmatch(name) and not _is_hidden(node):
            if len(stack) > DEEPEST:
                raise ArticleRejected("too_deep", f"elements are nested more than {DEEPEST} deep")
            stack.append(_entered(walk, frame, node, name, main))
    walk.flush("", False)
    return walk.lines


def _entered(walk: _Walk, frame: _Frame, element: Any, name: str, main: Any) -> _Frame:
    is_block = _BLOCKS.fullmatch(name) is not None
    if is_block:
        walk.flush(frame.tag, frame.is_main)
    elif name in ("td", "th"):
        walk.add(" ", frame.is_bold, frame.is_linked)
    return _Frame(
        iter(element.children),
        name if name in _TAGS_KEPT else frame.tag,
        frame.is_bold or name in _BOLD,
        frame.is_linked or name == "a",
        frame.is_main or (main is not None and element == main),
        is_block,
    )


def _is_hidden(element: Any) -> bool:
    style = element.attr("style")
    return (style is not None and _HIDDEN.search(style) is not None) or element.attr("hidden") is not None
