"""One article as found and as restored, side by side: what both the terminal and the page show.

Which characters were changed, by which repair, comes from the map in `articles.edits`; nothing is guessed by
comparing the texts. The page is one file: no script, no request, and every value escaped, as in the report.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from newslake.clean import DID
from newslake.report import templates
from newslake.report.values import cell, web_address

HIDDEN: Final = ("text", "text_as_found", "edits", "repairs", "title")
"""Columns that are shown in a form of their own."""


@dataclass(frozen=True)
class Piece:
    """A span of both texts: the same on both sides, or what a repair made of it.

    Attributes:
        repair: its name, of several that met joined by `+`; None where nothing was changed.
        found: the words as found.
        text: the words as restored.
        place: offsets in both texts, for the eyes.
    """

    repair: str | None
    found: str
    text: str
    place: str = ""

    @property
    def kind(self) -> str:
        """The class that colours it: its last repair, `other` where no code knows that any more."""
        last = (self.repair or "").rpartition("+")[2]
        return last if last in DID else "other"

    @property
    def shown_found(self) -> str:
        """The words as found, for the eyes."""
        return shown(self.found, self.repair is not None)

    @property
    def shown_text(self) -> str:
        """The words as restored, for the eyes."""
        return shown(self.text, self.repair is not None)


@dataclass(frozen=True)
class Block:
    """A block of the page, with its kind and how sure that is.

    Attributes:
        pieces: both texts; only the restored one where the words as found are not known.
        is_body: whether it is part of the text.
    """

    kind: str
    confidence: float
    pieces: tuple[Piece, ...]
    is_body: bool

    @property
    def has_both(self) -> bool:
        """Whether the words as found are known."""
        return any(piece.found for piece in self.pieces)


def blocks(
    article: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], page: Mapping[str, Any] | None = None
) -> list[Block]:
    """The blocks of an article with both texts.

    Args:
        article: a row of `articles`.
        rows: its rows of `blocks`, in order.
        page: its row of `pages`, made anew, for the words as found of blocks outside the text.
    """
    if page is not None and page["lines"] == [row["text"] for row in rows]:
        lines = [
            pieces(line, found, [edit for edit in page["edits"] if edit["line_no"] == number])[0]
            for number, (line, found) in enumerate(zip(page["lines"], page["lines_found"], strict=True))
        ]
    else:
        body = iter(pieces(article["text"], article["text_as_found"], article["edits"]))
        lines = [[Piece(None, "", row["text"])] if row["start"] is None else next(body) for row in rows]
    return [
        Block(row["kind"], row["confidence"], tuple(line), row["start"] is not None)
        for row, line in zip(rows, lines, strict=True)
    ]


def pieces(text: str, found: str, edits: Iterable[Mapping[str, Any]]) -> list[list[Piece]]:
    r"""Both texts cut where the map says, line by line.

    >>> edit = {"repair": "glosses", "start": 1, "end": 1, "found_start": 1, "found_end": 5}
    >>> [[(p.repair, p.found, p.text) for p in line] for line in pieces("區長\n會", "區(qū)長\n會", [edit])]
    [[(None, '區', '區'), ('glosses', '(qū)', ''), (None, '長', '長')], [(None, '會', '會')]]
    """
    lines: list[list[Piece]] = [[]]
    position = 0

    def keep(same: str) -> None:
        for number, part in enumerate(same.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(Piece(None, part, part))

    for edit in edits:
        start, end, found_start, found_end = (edit[name] for name in ("start", "end", "found_start", "found_end"))
        keep(text[position:start])
        place = f"{start}–{end} ← {found_start}–{found_end}"
        lines[-1].append(Piece(edit["repair"], found[found_start:found_end], text[start:end], place))
        position = end
    keep(text[position:])
    return lines


def counts(edits: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Repair → how often it was applied in the text: `script` counts characters, the others places.

    >>> counts([{"repair": "script", "start": 3, "end": 5}, {"repair": "zero_width+whitespace", "start": 7, "end": 8}])
    {'zero_width': 1, 'script': 2, 'whitespace': 1}
    """
    total: Counter[str] = Counter()
    for edit in edits:
        for name in edit["repair"].split("+"):
            total[name] += edit["end"] - edit["start"] if edit["repair"] == "script" else 1
    order = [name for name in DID if name in total]
    return {name: total[name] for name in (*order, *sorted(total.keys() - DID.keys()))}


def shown(text: str, is_changed: bool) -> str:
    r"""Words with what cannot be seen made visible; where nothing was changed, only what would steer the page.

    >>> shown("a\u3000b\u200b", True), shown("a b\u202e", False)
    ('a␣b⟨U+200B⟩', 'a b⟨U+202E⟩')
    """
    if text.isprintable() and not (is_changed and " " in text):
        return text
    return "".join(_visible(mark, is_changed) for mark in text)


def _visible(mark: str, is_changed: bool) -> str:
    category = unicodedata.category(mark)
    if category in ("Zs", "Zl", "Zp") or mark == "\t":
        return "␣" if is_changed else mark
    if category in ("Cc", "Cs", "Cn", "Co") or (category == "Cf" and (is_changed or mark not in "\u200c\u200d")):
        return f"⟨U+{ord(mark):04X}⟩"
    return mark


def facts(article: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Names and values of an article's columns, without those that are empty or shown apart."""
    return [(name, value) for name, value in article.items() if name not in HIDDEN and value not in (None, [], {})]


def render(article: Mapping[str, Any], shown_blocks: Sequence[Block]) -> str:
    """The page of one article.

    Args:
        article: a row of `articles`.
        shown_blocks: what `blocks` gave.
    """
    language = article["language"]
    is_chinese = language == "zh"
    return templates.render(
        "article.html",
        article={**article, "title": shown(article["title"] or "", False)},
        address=web_address(article["url"]),
        facts=[(name, _value(value)) for name, value in facts(article) if name != "url"],
        blocks=shown_blocks,
        counts=counts(article["edits"]),
        repairs=DID,
        on_page=dict(article["repairs"]),
        found_language=f"zh-{article['script']}" if is_chinese else language,
        language="zh-Hans" if is_chinese else language,
        url=shown(article["url"], False),
    )


def _value(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        value = [f"{name}: {item}" for name, item in value]
    return shown(cell(value).text, False)
