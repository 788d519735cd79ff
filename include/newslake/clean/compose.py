"""Repair: writes accented letters as one character (NFC)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from newslake.clean.edits import NO_EDITS, Edit, Repaired, edited

LONGEST: Final = 31
"""Code points of a cluster: 30 marks are what any language writes (UAX #15, stream-safe text); more take time squared."""


def compose(text: str) -> Repaired:
    r"""Brings a text into Unicode's composed normal form.

    Not touched: fullwidth forms and Chinese punctuation. NFKC would make ASCII of them, which
    damages Chinese typography, so only the canonical form is applied (UAX #15); heaps of more than
    30 marks, which no language writes.

    >>> compose("qu\u0304 ，（１）").text
    'qū ，（１）'
    """
    if unicodedata.is_normalized("NFC", text):
        return Repaired(text, NO_EDITS)
    edits: list[Edit] = []
    for start, end in _clusters(text):
        if end - start > LONGEST:
            continue
        after = unicodedata.normalize("NFC", text[start:end])
        if after != text[start:end]:
            edits.append(Edit(start, end, after))
    return edited(text, edits)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Spans that compose apart from one another: a character with the marks, or vowels and finals of Hangul, behind it."""
    start = 0
    for position, character in enumerate(text):
        is_joined = "\u1160" <= character <= "\u11ff" or unicodedata.category(character)[0] == "M"
        if position > start and (not is_joined or text[position - 1] == "\n"):
            yield start, position
            start = position
    if text:
        yield start, len(text)
