"""Organisations that a text names, with the division they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from newslake.annotate.article import Article, Found, Mention
from newslake.annotate.organisations.bodies import Body, find_bodies
from newslake.annotate.organisations.english import find_bodies_english
from newslake.annotate.organisations.resolve import Resolved, is_relative, level_of, resolve, stems_of
from newslake.annotate.words.borders import Borders

CONFIDENCE = {"local": 0.95, "known": 0.95, "ending": 0.85, "english": 0.8}


def find_organisations(article: Article, found: Found) -> None:
    """Adds the bodies that can act: organs, departments, companies, schools, hospitals, media, associations.

    Those that belong to a title (区委 in 区委书记) are taken out again when people are known. Places within
    a body's name (临江区 in 临江区委) are no mentions of places.
    """
    if article.language != "zh":
        found.mentions.extend(_english(article.text))
        return
    places = found.of_kind("place")
    stems = stems_of(found.jurisdiction) if found.jurisdiction else ()
    bodies = find_bodies(Borders.of(article), [(one.start, one.end) for one in places], stems)
    divisions = {one.start: one.division for one in places}
    inside = bytearray(len(article.text))
    for body in bodies:
        inside[body.start : body.end] = b"\1" * (body.end - body.start)
    found.mentions[:] = [one for one in found.mentions if one.kind != "place" or not inside[one.start]]
    for body in bodies:
        found.mentions.append(_mention(article.text, body, found.jurisdiction, divisions.get(body.start)))


def _english(text: str) -> Iterator[Mention]:
    for start, end in find_bodies_english(text):
        name = text[start:end]
        yield Mention(
            kind="organisation", start=start, end=end, name=name, resolved_name=name, confidence=CONFIDENCE["english"]
        )


def _mention(text: str, body: Body, jurisdiction: str | None, division: str | None) -> Mention:
    name = text[body.start : body.end]
    resolved = resolved_body(name, body.kind, jurisdiction, division)
    return Mention(
        kind="organisation",
        start=body.start,
        end=body.end,
        name=name,
        confidence=CONFIDENCE[body.kind],
        resolved_name=resolved.name,
        division=resolved.division,
        level=resolved.level,
    )


@lru_cache(maxsize=50_000)
def resolved_body(name: str, kind: str, jurisdiction: str | None, division: str | None) -> Resolved:
    """A body's name in full.

    Args:
        name: as printed.
        kind: of `Body`.
        jurisdiction: of the article.
        division: of the place with which the name begins, if it does.

    >>> resolved_body("区委", "local", "澜川市/临江区", None).name
    '临江区委'
    >>> resolved_body("国务院", "known", "澜川市/临江区", None)
    Resolved(name='国务院', division=None, level='nation')
    """
    name = name.removeprefix("中共") if kind == "local" else name
    if kind != "known" and division is None and is_relative(name):
        resolved = resolve(name, jurisdiction)
        return resolved if resolved.name or kind == "local" else Resolved(name, None, None)
    if kind == "known":
        return Resolved(name, None, "nation")
    return Resolved(name, division, level_of(division) if division else None)
