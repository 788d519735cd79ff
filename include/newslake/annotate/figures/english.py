"""Figures in English: a number, its unit, and how it is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from newslake.annotate.article import Mention
from newslake.annotate.words.patterns import kinds_of_words

CONFIDENCE = 0.9

_ZEROS = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_CURRENCIES = {"$": "dollars", "US$": "dollars", "€": "euros", "£": "pounds", "¥": "yuan", "RMB": "yuan"}
_PERCENT = frozenset(("percent", "per cent", "%"))
_MODIFIERS = (
    ("at_least", r"at least|no less than|no fewer than|not less than|a minimum of"),
    ("at_most", r"at most|no more than|up to|not more than|within|a maximum of"),
    ("less_than", r"less than|fewer than|under|below"),
    ("more_than", r"more than|over|above|exceeding|exceeded|in excess of"),
    ("about", r"about|around|nearly|almost|roughly|some|approximately|an estimated"),
    ("strive", r"strive for|target of|aims? for|a goal of"),
    (
        "to",
        r"(?:rose|rises|fell|grew|increased|reached|reaching|rising|climbed|dropped|expanded|cut) to|reached|reaching|hit|totaled|totalled",
    ),
    (
        "by",
        r"by|up|down|rose|fell|grew|increased|dropped|climbed|declined|decreased|increase of|rise of|growth of|decline of",
    ),
)
_BEHIND = re.compile(r"\s+(?:or (?P<more>more|above)|or (?P<less>less|fewer))\b")


@cache
def _pattern() -> re.Pattern[str]:
    units = sorted(
        (unit.replace("-", " ") for unit in kinds_of_words("units")["english"]), key=lambda unit: (-len(unit), unit)
    )
    listed = "|".join(
        [
            r"per cent",
            r"percentage points?",
            r"square (?:kilomet|met)(?:er|re)s",
            r"cubic met(?:er|re)s",
            *map(re.escape, units),
        ]
    )
    return re.compile(
        r"(?<![\w.,:/-])(?:(?P<currency>US\$|[$€£¥]|RMB ?)(?P<money>\d+(?:,\d{3})*(?:\.\d+)?)(?:[ -](?P<power1>hundred|thousand|million|billion|trillion))?"
        r"|(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?:[ -]?(?P<power2>hundred|thousand|million|billion|trillion))?"
        rf"[ -]?(?P<unit>{listed})(?![\w]))"
    )


def find_figures_english(text: str) -> Iterator[Mention]:
    """Figures of an English text, by place: numbers in digits with a unit, a currency or a listed noun.

    >>> [(one.name, one.quantity, one.unit, one.modifier) for one in find_figures_english("Output rose 8.2 percent to 7.6 million yuan.")]
    [('8.2 percent', 8.2, '%', 'by'), ('7.6 million yuan', 7600000.0, 'yuan', 'to')]
    """
    for match in _pattern().finditer(text):
        written = (match["money"] or match["number"]).replace(",", "")
        zeros = _ZEROS.get(match["power1"] or match["power2"], 0)
        unit = _CURRENCIES[match["currency"].strip()] if match["currency"] else match["unit"]
        yield Mention(
            kind="figure",
            start=match.start(),
            end=match.end(),
            name=match[0],
            quantity=float(f"{written}e{zeros}"),
            unit="%" if unit in _PERCENT else unit,
            modifier=_modifier(text, match.start(), match.end()),
            confidence=CONFIDENCE,
        )


def _modifier(text: str, start: int, end: int) -> str | None:
    if behind := _BEHIND.match(text, end):
        return "at_least" if behind["more"] else "at_most"
    before = text[max(0, start - 24) : start]
    for name, words in _MODIFIERS:
        if re.search(rf"\b(?:{words})\s+$", before, re.IGNORECASE):
            return name
    return "to" if re.search(r"\d[^.,;]{0,12} to $", before) else None
