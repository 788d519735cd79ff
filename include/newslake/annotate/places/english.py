"""Places in English: names with County, District, City and the like, datelines, and names of provinces."""

from __future__ import annotations

import re
from collections import Counter

from newslake.annotate.article import Article, Found, Mention

CONFIDENCE = 0.85
LEVELS = {
    "Province": "province",
    "City": "city",
    "Prefecture": "city",
    "County": "district",
    "District": "district",
    "Town": "town",
    "Township": "town",
    "Subdistrict": "town",
    "Village": "village",
}
_NAMED = re.compile(
    rf"\b(?P<stem>[A-Z][a-z'’-]+(?: [A-Z][a-z'’-]+)?) (?P<kind>{'|'.join(sorted(LEVELS, key=len, reverse=True))})\b(?! (?:Government|Committee|Bureau|Council|Hospital|Police))"
)
_DATELINE = re.compile(r"^\W{0,3}(?P<name>[A-Z]{3,}(?: [A-Z]{3,})?)(?=[,\s(])(?=[^.\n]{0,40}(?:—|--|-|\(Xinhua\)))")
_NOT_STEMS = frozenset(("The", "This", "New", "Old", "In", "At", "Our", "Central", "Each", "Every", "Of", "And"))


def find_places_english(article: Article, found: Found) -> None:
    """Adds places of an English article, and the county, district or city that it is about, as far as names tell."""
    seen: Counter[str] = Counter()
    for match in _NAMED.finditer(article.text):
        words = match["stem"].split(" ")
        start = match.start() + (len(words[0]) + 1 if words[0] in _NOT_STEMS and len(words) > 1 else 0)
        name = article.text[start : match.end()]
        if name.split(" ")[0] not in _NOT_STEMS:
            found.mentions.append(_mention(start, match.end(), name, name, LEVELS[match["kind"]]))
            seen[name] += LEVELS[match["kind"]] in ("city", "district")
    for match in _NAMED.finditer(" ".join((article.source_name or "", article.title or ""))):
        seen[match[0]] += 2 * (LEVELS[match["kind"]] in ("city", "district"))
    for stem, name in {name.rpartition(" ")[0]: name for name in seen if seen[name]}.items():
        for match in re.finditer(rf"\b{re.escape(stem)}\b(?![ -][A-Z])(?<![A-Z]\. )", article.text):
            found.mentions.append(_mention(*match.span(), stem, name, LEVELS[name.rpartition(" ")[2]]))
    most = [name for name, times in seen.most_common(1) if times > 1]
    found.jurisdiction = most[0] if most else None
    if dateline := _DATELINE.match(article.text):
        stem = dateline["name"].title()
        full = next((name for name in seen if name.startswith(stem + " ")), stem)
        level = LEVELS.get(full.rpartition(" ")[2])
        found.mentions.append(_mention(*dateline.span("name"), dateline["name"], full, level))


def _mention(start: int, end: int, name: str, full: str, level: str | None) -> Mention:
    return Mention(
        kind="place",
        start=start,
        end=end,
        name=name,
        resolved_name=full,
        division=full if level else None,
        level=level,
        confidence=CONFIDENCE,
    )
