"""Raised figures and formulas of a page as plain text."""

from __future__ import annotations

import re
from typing import Any, Final

from turbohtml import Text

from newslake.clean.characters import HAN

_RAISED: Final = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_POWER: Final = re.compile(r"[+\-−]?[0-9n]{1,4}|[0-9]?[+\-−]")
_MARK: Final = re.compile(r"(?:注\s*)?(?:\d{1,3}(?:\s?[,，–-]\s?\d{1,3})*|[①-⑳*＊†‡])")
_NO_BASE: Final = re.compile(rf"(?:[{HAN}]|[^\w)）\]%‰°′″]|[A-Za-z]{{4,}}|^)$")
"""What a power does not stand behind: Han characters, punctuation, words longer than units of measure."""

_UNSHOWN: Final = frozenset(("annotation", "annotation-xml"))


def raised(text: str, before: str) -> str | None:
    """What a raised piece of text says on one line; empty for the mark of a footnote, None for other words.

    A mark in brackets stays: nobody takes it for a figure of the sentence.

    >>> raised("4", "10"), raised("-1", "m·s"), raised("2", "会议召开。"), raised("[2]", "会议召开"), raised("th", "19")
    ('⁴', '⁻¹', '', None, None)
    """
    text = text.strip()
    if _POWER.fullmatch(text) and not _NO_BASE.search(before):
        return text.translate(_RAISED)
    return "" if _MARK.fullmatch(text) else None


def formula(element: Any) -> str:
    """The text of a MathML element, with powers raised and fractions on one line.

    Args:
        element: a turbohtml element.
    """
    parts = []
    for node in element.children:
        if type(node) is Text:
            parts.append("".join(node.data.split()))
        elif getattr(node, "tag", None) is not None and node.tag not in _UNSHOWN:
            parts.append(formula(node))
    parts = [part for part in parts if part]
    if element.tag == "msup" and len(parts) == 2:
        return parts[0] + (parts[1].translate(_RAISED) if _POWER.fullmatch(parts[1]) else f"^{parts[1]}")
    return ("/" if element.tag == "mfrac" else "").join(parts)
