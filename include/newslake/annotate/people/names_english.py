"""English personal names beside titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from newslake.annotate.article import Article, Mention

_WORD = r"[A-Z][\w'’-]*[a-z]"
_NAME = rf"(?P<name>{_WORD}(?: [A-Z]\.)?(?: (?:de|da|del|van|von|der|den|bin|al|la|le))*(?: {_WORD}){{1,2}})"
_RANK = (
    r"(?:Deputy|Vice|Acting|Former|Interim|Lieutenant|Assistant|First|Prime|Foreign|Finance|Defense|Defence|Health|Interior|"
    r"Executive|Senior|Chief|Party|County|District|City|Town|Village|Municipal|Provincial|Fire|Police|Head)"
)
_OFFICE = (
    r"(?:President|Minister|Premier|Chancellor|Mayor|Governor|Senator|Representative|Congressman|Congresswoman|Secretary|"
    r"Chairman|Chairwoman|Chair|Director|Commissioner|Ambassador|Councillor|Councilman|Councilwoman|Judge|Justice|Magistrate|"
    r"Attorney General|Secretary of State|Secretary-General|Chief Executive|Chief Minister|Speaker|General|Colonel|Captain|"
    r"Sheriff|Superintendent|Principal|Dean|Gov\.|Sen\.|Rep\.|Gen\.|Prof\.|Dr\.|Professor|CEO|Chief|Doctor|Physician|Surgeon|"
    r"Engineer|Manager|Headmaster|Inspector|Officer|Party Secretary)"
)
_office = (
    r"(?:chief executive(?: officer)?|chief (?:financial|operating|technology) officer|mayor|president|chairman|"
    r"chairwoman|director|minister|secretary|governor|spokesman|spokeswoman|spokesperson|commissioner|ambassador|"
    r"professor|principal|superintendent|founder|head|dean|CEO|magistrate|chief|manager|engineer|owner|curator)"
)
_occupation = (
    r"(?:farmer|villager|resident|teacher|headteacher|doctor|physician|nurse|surgeon|driver|worker|student|shopkeeper|"
    r"engineer|scientist|researcher|fisherman|fisher|captain|volunteer|retiree|visitor|tourist|grower|lawyer|economist)"
)
_PLACE = r"[A-Z][\w&'’-]*(?: (?:of |and |the )*[A-Z][\w&'’-]*)*"
_BODY = rf"(?: (?:of|at|for) (?:the )?(?:{_PLACE}|[a-z][a-z ]*[a-z](?: (?:of|at) (?:the )?{_PLACE})?))?"

_OF = (
    r"(?:[Pp]roject|[Ss]hop|[Vv]illage|[Cc]ounty|[Dd]istrict|[Cc]ity|[Tt]own|[Tt]ownship|[Mm]unicipal|[Pp]rovincial|[Dd]eputy|[Vv]ice|"
    r"[Aa]cting|[Rr]etired|[Ff]ormer|[Ss]enior|[Ee]xecutive|[Aa]ssistant|[Aa]ssociate|[Bb]ureau|[Cc]ommission|[Ss]chool|[Hh]ospital|[Cc]linic|[Ss]ite|[Ss]tation|"
    r"[Ff]actory|[Bb]ranch|[Tt]eam|[Gg]roup|[Cc]ompany|[Ff]ire|[Pp]olice|[Pp]arty|[Hh]ead|[Cc]hief|[Gg]eneral|[Ll]ocal|[Tt]ea|[Ff]ruit|[Rr]ice|[Tt]our|"
    r"[Tt]ruck|[Bb]us|[Tt]axi|[Cc]onstruction|[Cc]ommunity|[Ss]hip|[Ff]erry|[Cc]rane|[Mm]useum|[Ll]ibrary|[Rr]esearch)"
)
_BARE = "|".join(
    (_office, _occupation, "[Cc]urator", "Farmer|Villager|Resident|Teacher|Nurse|Driver|Worker|Student|Volunteer")
)
_TITLE_FIRST = re.compile(rf"\b(?P<title>(?:(?:{_RANK}|{_OF}) )*(?:{_OFFICE}|{_BARE})) {_NAME}")
_NAME_FIRST = re.compile(
    rf"\b{_NAME},(?: \d{{1,3}},)? (?:the |an? )?(?P<title>(?:[a-z'’-]+ ){{0,3}}?(?:{_office}|{_occupation}){_BODY})"
    rf"(?=[,.;)]| (?:who|said|and|in|from)\b|$)"
)
_SAYING = r"(?:said|says|told|added|noted|explained|recalled|stressed|recounted)"
_UNTITLED = re.compile(
    rf"(?:\b(?:said|says|added|according to) |(?<=[.”\"] )|^){_NAME}(?=,? {_SAYING}\b|[,.]|, \d{{1,3}},)|\b(?P<before>{_WORD}(?: {_WORD}){{1,2}})(?= {_SAYING}\b)"
)
# What two capitalised words are that are no person: the end of a body's or a place's name, a day.
_NO_PERSON = re.compile(
    r"(?:County|District|City|Town|Township|Village|Province|Road|Street|River|Lake|Mountain|Port|Bridge|Station|Airport|Park|"
    r"Government|Bureau|Commission|Committee|Department|Ministry|Hospital|School|University|College|Company|Group|Bank|Office|"
    r"Center|Centre|Council|Court|Daily|Times|News|Agency|Association|Party|Authorities|Officials|Monday|Tuesday|Wednesday|"
    r"Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Factory|Mill|Works|Museum|Library|Railway|Line|Project|Festival|Plan|Year|Day)$"
)
_NOT_FIRST = re.compile(
    r"(?:The|A|An|This|That|These|It|He|She|They|We|In|On|At|For|From|With|But|And|When|While|After|Before|As|If|More|Over|"
    r"About|According|Officials|Authorities|Residents|Ms|Mr|Mrs) "
)

# Rules of form alone: a capitalised word of a headline or of an organisation passes for a name now and then.
CONFIDENCE = {"title_first": 0.85, "name_first": 0.8, "said": 0.7, "again": 0.8}


@dataclass(frozen=True)
class Named:
    """A person in a text: `start` and `end` span title and name, in code points."""

    start: int
    end: int
    name: str
    title: str | None
    confidence: float


def find_people_english(article: Article) -> Iterator[Mention]:
    """People named with an office in an English article, and the places where their names come again."""
    spans = [(article.text[one.start : one.end], one.start) for one in article.sentences]
    titled = [person for text, start in spans for person in find_titled(text, start)]
    titled += [person for text, start in spans for person in _find_speaking(text, start, titled)]
    for person in titled + _find_again(article.text, titled):
        yield Mention(
            kind="person",
            start=person.start,
            end=person.end,
            name=person.name,
            title=person.title,
            confidence=person.confidence,
        )


def find_titled(sentence: str, offset: int) -> list[Named]:
    """People named with an office in an English sentence.

    Args:
        sentence: the sentence.
        offset: where it begins in `articles.text`, in code points.

    >>> find_titled("Mayor Jane Smith met Bob Lee, chief executive of Acme Steel.", 0)
    ... # doctest: +NORMALIZE_WHITESPACE
    [Named(start=0, end=16, name='Jane Smith', title='Mayor', confidence=0.85),
     Named(start=21, end=59, name='Bob Lee', title='chief executive of Acme Steel', confidence=0.8)]
    """
    found: list[Named] = []
    for rule, pattern in (("title_first", _TITLE_FIRST), ("name_first", _NAME_FIRST)):
        for match in pattern.finditer(sentence):
            start, end = match.start() + offset, match.end() + offset
            if all(end <= other.start or other.end <= start for other in found):
                found.append(Named(start, end, match["name"], match["title"], CONFIDENCE[rule]))
    return sorted(found, key=lambda person: person.start)


def _find_speaking(sentence: str, offset: int, titled: list[Named]) -> Iterator[Named]:
    """People without an office who say something."""
    for match in _UNTITLED.finditer(sentence):
        part = "name" if match["name"] else "before"
        name, (start, end) = match[part], match.span(part)
        if _NOT_FIRST.match(name) or _NO_PERSON.search(name):
            continue
        says = part == "before" or re.match(rf",? {_SAYING}\b|, \d{{1,3}},", sentence[end:])
        if not says and not re.search(r"(?:said|says|added|according to) $", sentence[:start]):
            continue
        if all(offset + end <= one.start or one.end <= offset + start for one in titled):
            yield Named(offset + start, offset + end, name, None, CONFIDENCE["said"])


def _find_again(text: str, titled: list[Named]) -> list[Named]:
    """Other places of the names found, with the title first given."""
    first: dict[str, str | None] = {}
    for person in sorted(titled, key=lambda one: (one.title is None, one.start)):
        first.setdefault(person.name, person.title)
    if not first:
        return []
    taken = bytearray(len(text))
    for person in titled:
        taken[person.start : person.end] = b"\1" * (person.end - person.start)
    names = "|".join(re.escape(name) for name in sorted(first, key=lambda name: (-len(name), name)))
    return [
        Named(match.start(), match.end(), match[0], first[match[0]], CONFIDENCE["again"])
        for match in re.finditer(rf"\b(?:{names})\b", text)
        if taken.find(b"\1", *match.span()) < 0
    ]
