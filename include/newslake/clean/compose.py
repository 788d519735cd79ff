"""Repair: writes accented letters as one character (NFC)."""

from __future__ import annotations

import unicodedata


def compose(text: str) -> tuple[str, int]:
    r"""Brings a text into Unicode's composed normal form; counts the lines it changes.

    Not touched: fullwidth forms and Chinese punctuation. NFKC would make ASCII of them, which
    damages Chinese typography, so only the canonical form is applied (UAX #15).

    >>> compose("qu\u0304 ，（１）")
    ('qū ，（１）', 1)
    """
    if unicodedata.is_normalized("NFC", text):
        return text, 0
    before = text.split("\n")
    after = [unicodedata.normalize("NFC", line) for line in before]
    return "\n".join(after), sum(a != b for a, b in zip(before, after, strict=True))
