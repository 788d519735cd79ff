"""Places that the text names, and the division that the article is about."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate

from newslake.annotate.article import Article, Found, Mention
from newslake.annotate.places.english import find_places_english
from newslake.annotate.places.jurisdiction import Seen, find_jurisdiction
from newslake.annotate.places.names import Name, Words, names_in
from newslake.annotate.places.paths import Place, Resolver, body_words

# Read by eye on 130 Chinese news pages: of 330 different names 324 were places and led to the right division; the
# values are lower where the text alone vouches for a name.
CONFIDENCE = {"full": 0.97, "short": 0.9, "stem": 0.9, "region": 0.95, "form": 0.85}

_DATELINE = re.compile(
    r"^\W{0,2}(?:本报|本网|本台|据)?\s*(?P<name>[一-鿿]{2,8}?)(?:日报|晚报|融媒|发布|新闻|广电)?[网台社]?\s*"
    r"(?:\d+月\d+日)?\s*(?P<word>讯|电)"
)
# Papers and sites write about more than the place they are named for.
_PAPER = re.compile(r"(?<!融媒)[报刊网]$|在线|卫视|频道|门户|财经|娱乐|体育|新闻$")
_TOWN = re.compile("[^/]+(?:镇|乡|街道|村|社区)(?:/|$)")
_HEADER_END = "\n"


def find_places(article: Article, found: Found) -> None:
    """Adds places of an article to what was found, and the division that it is about.

    Left alone: relative words (全区, 我市, 各镇街), names within names of bodies, short forms that are common words
    (长寿, 朝阳) unless the article gives the name in full, and articles in languages other than Chinese and English.
    """
    if article.language == "en":
        find_places_english(article, found)
    if article.language != "zh":
        return
    header = _HEADER_END.join((article.source_name or "", article.place or "", article.title or "", ""))
    whole = header + article.text
    names = names_in(whole, Words(article, header))
    dateline_end = len(header) + _dateline_end(article.text)
    places = Resolver(names, whole, dateline_end).places()
    known = [(name, place) for name, place in zip(names, places, strict=True) if place is not None]
    where = _Where(article, len(header), dateline_end)
    source_end = len(article.source_name or "")
    found.jurisdiction = find_jurisdiction(
        Seen(place.path, where.of(name.start))
        for name, place in known
        if place.path is not None
        and (place.level in ("province", "city", "district") or (place.level == "town" and name.start < source_end))
    )
    is_body = body_words().match
    found.mentions.extend(
        _mention(name, place, len(header), found.jurisdiction)
        for name, place in known
        if name.start >= len(header) and not is_body(whole, name.end)
    )


def leave_out_nested(found: Found) -> None:
    """Takes out places that are part of the name of a body, work or programme, or of a person's office."""
    outer = found.of_kind("organisation", "person", "journalist", "work", "initiative")
    starts = [one.start for one in outer]
    ends = list(accumulate((one.end for one in outer), max))

    def is_nested(one: Mention) -> bool:
        position = bisect_right(starts, one.start) - 1
        while position >= 0 and (outer[position].start, outer[position].end) == (one.start, one.end):
            position -= 1
        return position >= 0 and ends[position] >= one.end

    found.mentions[:] = [one for one in found.mentions if one.kind != "place" or not is_nested(one)]
    found.settle()


def _mention(name: Name, place: Place, shift: int, about: str | None) -> Mention:
    division = place.path
    if about and division and division != about and _TOWN.match(division):
        division = f"{about}/{division}"
    return Mention(
        kind="place",
        start=name.start - shift,
        end=name.end - shift,
        name=name.text,
        resolved_name=place.full_name,
        division=division,
        level=place.level,
        confidence=CONFIDENCE.get(name.form, CONFIDENCE["form"]),
    )


def _dateline_end(text: str) -> int:
    dateline = _DATELINE.match(text)
    return dateline.end("name") if dateline and dateline["word"] == "讯" else 0


class _Where:
    """The parts of one article that places of its header and text lie in."""

    def __init__(self, article: Article, header_end: int, dateline_end: int) -> None:
        source = article.source_name or ""
        town_end = len(source) + 1 + len(article.place or "")
        # Agencies and national papers name the town where they wrote.
        self._parts = ("paper" if _PAPER.search(source) else "source", "text", "title", "dateline", "text")
        self._ends = (len(source), town_end, header_end - 1, dateline_end - 1)

    def of(self, place: int) -> str:
        """The part that a place lies in."""
        return self._parts[bisect_left(self._ends, place)]
