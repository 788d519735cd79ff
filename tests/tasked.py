"""Articles of invented sentences, and the tasks found in them."""

from __future__ import annotations

import re
from datetime import date

import pyarrow as pa

from newslake.annotate.article import Article, Directive, Found, Mention, Quote, Sentence
from newslake.annotate.directives import find_directives

DAY = date(2024, 1, 23)
BODIES = {
    "区交通局": "临江区交通局",
    "区教委": "临江区教委",
    "区水利局": "临江区水利局",
    "区财政局": "临江区财政局",
    "区发展改革委": "临江区发展改革委",
    "县应急管理局": "云岭县应急管理局",
    "江澜酱园集团": "江澜酱园集团",
    "区人民医院": "临江区人民医院",
    "区委督查室": "临江区委督查室",
}
FIGURE = re.compile(r"(\d+(?:\.\d+)?|[三两](?=[场个]))(万|亿)?(公里|元|家|处|个|%|场)")


def article_of(text: str, language: str = "zh", day: date | None = DAY) -> Article:
    """An article of one sentence for each that ends with a full stop, and one block for each line."""
    sentences: list[Sentence] = []
    start = 0
    for number, line in enumerate(text.split("\n")):
        for piece in re.finditer(r"[^。]+(?:。”?|$)", line):
            sentences.append(Sentence(len(sentences), number, start + piece.start(), start + piece.end()))
        start += len(line) + 1
    return Article("a", text, language, None, None, None, day, None, "undated", tuple(sentences), pa.array([]))


def found_in(text: str, said: str | None = None, language: str = "zh", day: date | None = DAY) -> list[Directive]:
    """Directives of a text in which the bodies above are known; `said` is who says all behind the first comma."""
    article, found = article_of(text, language, day), Found(jurisdiction="澜川市/临江区")
    for name, full in BODIES.items():
        for place in re.finditer(name, text):
            found.mentions.append(
                Mention(kind="organisation", start=place.start(), end=place.end(), name=name, resolved_name=full, confidence=1)
            )  # fmt: skip
    for place in FIGURE.finditer(text):
        found.mentions.append(
            Mention(
                kind="figure", start=place.start(), end=place.end(), name=place[0], confidence=1, unit=place[3],
                quantity=float({"三": 3, "两": 2}.get(place[1], place[1])) * {"万": 1e4, "亿": 1e8}.get(place[2], 1),
                modifier="at_least" if text.endswith("不少于", 0, place.start()) else None,
            )
        )  # fmt: skip
    if said:
        found.quotes.append(
            Quote(
                start=text.index("，") + 1, end=len(text), speaker=said, speaker_title="区委书记", speaker_text=said,
                verb="说", is_direct=False, confidence=1,
            )
        )  # fmt: skip
    find_directives(article, found)
    for row in found.directives:
        assert 0 <= row.start < row.end <= len(text)
    return sorted(found.directives, key=lambda row: row.start)


def told(text: str, row: Directive) -> str:
    """The words of a row, indented where it stands under another."""
    return ("  " if row.parent else "") + text[row.start : row.end]
