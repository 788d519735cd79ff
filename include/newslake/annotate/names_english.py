"""English personal names beside titles."""

from __future__ import annotations

import re

from newslake.annotate.names_chinese import Found

_WORD = r"[A-Z][\w'’-]*[a-z]"
_NAME = rf"(?P<name>{_WORD}(?: [A-Z]\.)?(?: (?:de|da|del|van|von|der|den|bin|al|la|le))*(?: {_WORD}){{1,2}})"
_RANK = r"(?:Deputy|Vice|Acting|Former|Interim|Lieutenant|Assistant|First|Prime|Foreign|Finance|Defense|Defence|Health|Interior)"
_OFFICE = (
    r"(?:President|Minister|Premier|Chancellor|Mayor|Governor|Senator|Representative|Congressman|Congresswoman|Secretary|"
    r"Chairman|Chairwoman|Chair|Director|Commissioner|Ambassador|Councillor|Councilman|Councilwoman|Judge|Justice|"
    r"Attorney General|Secretary of State|Secretary-General|Chief Executive|Chief Minister|Speaker|General|Colonel|"
    r"Sheriff|Superintendent|Principal|Dean|Gov\.|Sen\.|Rep\.|Gen\.|Prof\.|Professor|CEO)"
)
_office = (
    r"(?:chief executive(?: officer)?|chief (?:financial|operating|technology) officer|mayor|president|chairman|"
    r"chairwoman|director|minister|secretary|governor|spokesman|spokeswoman|spokesperson|commissioner|ambassador|"
    r"professor|principal|superintendent|founder|head|dean|CEO)"
)
_BODY = r"(?: (?:of|at|for) (?:the )?[A-Z][\w&'’-]*(?: (?:of |and |the )*[A-Z][\w&'’-]*)*)?"

_TITLE_FIRST = re.compile(rf"\b(?P<title>(?:{_RANK} )*{_OFFICE}) {_NAME}")
_NAME_FIRST = re.compile(rf"\b{_NAME}, (?:the |an? )?(?P<title>(?:[a-z-]+ ){{0,3}}?{_office}{_BODY})\b")

# Rules of form alone: a capitalised word of a headline or of an organisation passes for a name now and then.
CONFIDENCE = {"title_first": 0.85, "name_first": 0.8}


def find_people_english(sentence: str, offset: int) -> list[Found]:
    """People named with an office in an English sentence.

    Surnames alone (President Smith) are left alone, as in Chinese.

    Args:
        sentence: the sentence.
        offset: where it begins in `articles.text`, in code points.

    >>> find_people_english("Mayor Jane Smith met Bob Lee, chief executive of Acme Steel.", 0)
    ... # doctest: +NORMALIZE_WHITESPACE
    [Found(start=0, end=16, name='Jane Smith', title='Mayor', confidence=0.85),
     Found(start=21, end=59, name='Bob Lee', title='chief executive of Acme Steel', confidence=0.8)]
    """
    found: list[Found] = []
    for rule, pattern in (("title_first", _TITLE_FIRST), ("name_first", _NAME_FIRST)):
        for match in pattern.finditer(sentence):
            start, end = match.start() + offset, match.end() + offset
            if all(end <= other.start or other.end <= start for other in found):
                found.append(Found(start, end, match["name"], match["title"], CONFIDENCE[rule]))
    return sorted(found, key=lambda person: person.start)
