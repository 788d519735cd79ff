"""People whom the text names, with the offices it gives them, and journalists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from newslake.annotate.article import Article, Found, Mention
from newslake.annotate.organisations.bodies import WORK
from newslake.annotate.people.bylines import Byline, find_bylines
from newslake.annotate.people.found_names import CONFIDENCE, Person
from newslake.annotate.people.names_english import find_people_english
from newslake.annotate.people.naming import find_named
from newslake.annotate.people.offices import body_of, by_start
from newslake.annotate.people.titles import Title, find_titles
from newslake.annotate.words.borders import Borders

CONFIDENCE_OF_BYLINES = 0.9

# Without a name behind it, 区交通局负责人 is the body that speaks, not an office that somebody holds.
_NOBODY_IN_PARTICULAR = re.compile(
    "(?:负责人|代表|领导|干部|员工|职工|专家|学者|学生|大学生|研究生|教师|老师|医生|护士|党员|民警|消防员|志愿者|法人|律师)$"
)


def find_people(article: Article, found: Found) -> None:
    """Adds people and journalists, found by rule.

    In Chinese: names beside titles, before or after them, in lists too; names at the beginning of a clause before
    a verb of which only people are the subject; repetitions of all these, with the title first given in the
    article; a family name with a title (沈书记), where one person of the article fits. In other languages:
    English titles, and repetitions.

    Organisations that are part of an office (区委 in 区委书记) are taken out of what was found.
    """
    if article.language != "zh":
        found.mentions.extend(find_people_english(article))
        return
    borders = Borders.of(article)
    organisations = found.of_kind("organisation")
    places = {one.end: one.start for one in found.of_kind("place")}
    bylines = find_bylines(borders)
    titles = find_titles(borders, {one.end: one.start for one in organisations}, places)
    blocked = [
        *((one.start, one.end) for one in organisations),
        *(match.span() for match in WORK.finditer(article.text)),
    ]
    written = [(one.start, one.end) for one in bylines]
    people = find_named(borders, titles, blocked, written, {start: end for end, start in places.items()})
    # 玉林 within 黄玉林 is no place.
    names = {place for one in people for place in range(*_name_span(article.text, one))}
    found.mentions[:] = [one for one in found.mentions if one.kind != "place" or one.start not in names]
    _take_out_offices(article.text, found, titles, people)
    bodies = by_start(organisations)
    found.mentions.extend(_mention(article.text, one, bodies, found.jurisdiction) for one in people)
    found.mentions.extend(_journalist(article.text, one) for one in bylines)


def _name_span(text: str, person: Person) -> tuple[int, int]:
    start = person.start if text.startswith(person.name, person.start) else person.end - len(person.name)
    return start, start + len(person.name)


def _take_out_offices(text: str, found: Found, titles: Sequence[Title], people: Sequence[Person]) -> None:
    """Removes the organisations within titles; bodies before 负责人 and the like stay where nobody is named."""
    named = {one.title for one in people}
    inside = {
        place
        for one in titles
        if one in named or not _NOBODY_IN_PARTICULAR.search(text, one.core, one.end)
        for place in range(one.start, one.end)
    }
    found.mentions[:] = [one for one in found.mentions if one.kind != "organisation" or one.start not in inside]


def _mention(text: str, person: Person, bodies: Mapping[int, Mention], jurisdiction: str | None) -> Mention:
    office = person.title or person.filled
    return Mention(
        kind="person",
        start=person.start,
        end=person.end,
        name=person.name,
        resolved_name=person.full_name,
        title=text[office.start : office.end] if office else None,
        body=body_of(text, office, bodies, jurisdiction) if office else None,
        confidence=CONFIDENCE[person.rule],
    )


def _journalist(text: str, byline: Byline) -> Mention:
    name = text[byline.start : byline.end]
    plain = "".join(name.split())
    return Mention(
        kind="journalist",
        start=byline.start,
        end=byline.end,
        name=name,
        resolved_name=plain if plain != name else None,
        confidence=CONFIDENCE_OF_BYLINES,
    )
