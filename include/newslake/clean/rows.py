"""The rows of tables of data: the cells of each make one line."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from newslake.clean.page import Page, PageLine, is_terminated

LEAST_ROWS: Final = 2
LONGEST_CELL: Final = 40
"""Code points; tables with longer cells lay out a page."""

LONGEST_HEADED_CELL: Final = 150
"""The same for tables that name their columns, which pages are not laid out by."""

LEAST_FIGURES: Final = 3
"""Rows that name something and give a figure for it, from which a table is text as sentences are."""

_FIGURE: Final = re.compile(r"[-+−±]?\d[\d,，.:：/年月日-]*\s?(?:[%％‰‱]|[^\W\d_]{1,4})?")


def join_rows(page: Page) -> None:
    """Makes one line of the cells of each row, in tables of data.

    Rows of tables of figures move into the block around their table: they are text of the article
    as the paragraphs beside them are.
    """
    if "tr" not in page.tags:
        return
    rows: dict[int, list[int]] = {}
    for number, line in enumerate(page.lines):
        cell = _cell(page, line.block)
        if cell:
            rows.setdefault(page.parents[cell], []).append(number)
    tables: dict[int, list[int]] = {}
    for row in rows:
        tables.setdefault(page.enclosing(row, "table"), []).append(row)
    gone: set[int] = set()
    for table in _tables_of_data(page, tables, rows):
        cells = [rows[row] for row in tables[table]]
        has_figures = _has_figures([[page.lines[number].text for number in numbers] for numbers in cells])
        for numbers in cells:
            first = _join(page.lines, numbers)
            gone.update(numbers[1:])
            if has_figures:
                first.is_figures, first.block = True, page.parents[table]
    if gone:
        page.lines = [line for number, line in enumerate(page.lines) if number not in gone]


def _cell(page: Page, block: int) -> int:
    """The cell that a block is, or is the one paragraph of; 0 if there is none."""
    if page.tags[block] in ("p", "div"):
        block = page.parents[block]
    return block if page.tags[block] in ("td", "th") else 0


def _tables_of_data(page: Page, tables: dict[int, list[int]], rows: dict[int, list[int]]) -> list[int]:
    """Tables of at least two rows of at least two short cells, with nothing but text or one paragraph in each."""
    laid_out = {0}
    for block, tag in enumerate(page.tags):
        if tag in ("table", "ul", "ol", "form", "h1", "h2", "h3"):
            laid_out.add(page.enclosing(page.parents[block], "table"))
    paragraphs = Counter(page.parents[block] for block, tag in enumerate(page.tags) if tag in ("p", "div"))
    for parent, count in paragraphs.items():
        if count > 1 or page.tags[parent] not in ("td", "th"):
            laid_out.add(page.enclosing(parent, "table"))
    found = []
    for table, own_rows in tables.items():
        lines = [[page.lines[number] for number in rows[row]] for row in own_rows]
        full = sum(len({line.block for line in row}) >= 2 for row in lines)
        is_headed = any(page.tags[_cell(page, line.block)] == "th" for line in lines[0])
        longest = LONGEST_HEADED_CELL if is_headed else LONGEST_CELL
        is_short = all(len(line.text) <= longest and not line.linked for row in lines for line in row)
        if table not in laid_out and full >= LEAST_ROWS and is_short:
            found.append(table)
    return found


def _has_figures(rows: list[list[str]]) -> bool:
    """Whether most rows have one number of cells, and most name something and give a figure for it.

    >>> _has_figures([["项目", "数量"], ["道路", "12公里"], ["桥", "3"], ["学校", "1,200"]])
    True
    >>> _has_figures([["日", "一"], ["1", "2"], ["3", "4"], ["5", "6"]])
    False
    """
    telling = 0
    for row in rows:
        figures = sum(_FIGURE.fullmatch(cell) is not None for cell in row)
        telling += 0 < figures < len(row)
    even = max(Counter(map(len, rows)).values(), default=0)
    return telling >= LEAST_FIGURES and telling * 2 > len(rows) and even * 2 > len(rows)


def _join(lines: list[PageLine], numbers: list[int]) -> PageLine:
    first = lines[numbers[0]]
    first.text = " | ".join(lines[number].text for number in numbers)
    first.tag = "table"
    first.is_terminated = is_terminated(first.text)
    return first
