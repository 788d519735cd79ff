"""Chinese personal names of a text: beside titles, without them, and where they come again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from newslake.annotate.people.found_names import Names, Person, goes_on_list
from newslake.annotate.people.names_chinese import (
    begins_with_other_word,
    is_common_word,
    is_cut_like_name,
    is_followed,
    is_full_name,
    is_glued,
    is_seldom_last,
    surname_length,
)
from newslake.annotate.people.titles import Title, bare_title, is_abroad
from newslake.annotate.people.untitled import take_untitled
from newslake.annotate.words.borders import Borders, is_han

_MARKS_OF_LISTS = re.compile(r"[、，](?=[一-鿿])|[ 　]{1,2}|和|及|以及")
# Before a name that stands before its title: a mark, or words behind which a clause goes on.
_BEFORE_NAME = frozenset("由和与及在对向被请让是为给随当的而")
_GAPS = (" ", "　", "：", ":")
_OF_MANY = re.compile("那些|这些|各位|一些|许多|不少|很多|部分|每位|每个|多名|多位|两名|两位|几名|几位")
_ENDS_OF_OFFICES = re.compile("(?:[长记任席理官员监师]|教授|院士|代表|委员)$")


def find_named(
    borders: Borders,
    titles: Sequence[Title],
    blocked: Sequence[tuple[int, int]],
    bylines: Sequence[tuple[int, int]],
    places: Mapping[int, int],
) -> list[Person]:
    """People named in a text, in no order.

    Args:
        borders: of the text.
        titles: found in it.
        blocked: spans in which no name is looked for: bodies, works.
        bylines: spans of journalists' names.
        places: ends of places by their starts.
    """
    names = Names(borders, blocked, bylines, places)
    alone = [title for title in titles if not _take_beside(names, title)]
    take_untitled(names)
    first: dict[str, Title] = {}
    for person in sorted(names.people, key=lambda one: one.start):
        if person.title:
            first.setdefault(person.name, person.title)
    _take_again(names, {title.core: title for title in alone})
    _take_family_names(names, alone, first)
    return [_filled(person, first) for person in names.people]


def _filled(person: Person, first: dict[str, Title]) -> Person:
    if person.title or person.name not in first:
        return person
    return person._replace(filled=first[person.name])


def _take_beside(names: Names, title: Title) -> bool:
    """The names beside a title: behind it, or else before it; before it first where a preposition may follow (主席向…)."""
    text = names.text
    if _OF_MANY.match(text, title.start):
        return False
    if title.end < len(text) and begins_with_other_word(text, title.end) and _take_before(names, title):
        return True
    return _take_behind(names, title) or _take_before(names, title)


def _take_behind(names: Names, title: Title) -> bool:
    """A name behind its title, and those that follow it in a list."""
    text, place = names.text, title.end
    mark = text[place : place + 1]
    if mark in _GAPS and text[place + 1 : place + 2].isalnum():
        place += 1
    end = names.read(place, is_abroad(text[title.start : title.core]))
    if end is None or (mark in "：:" and mark and text[end : end + 1].isalnum()):
        return False
    names.add(Person(title.start, end, text[place:end], "title", title), place)
    while step := _MARKS_OF_LISTS.match(text, end):
        place = step.end()
        following = names.read(place)
        if following is None or not goes_on_list(names, place, following, step[0]):
            break
        names.add(Person(place, following, text[place:following], "listed", title), place)
        end = following
    return True


def _take_before(names: Names, title: Title) -> bool:
    """A name directly before its title: 沈怀舟书记. A body between them makes it none."""
    text, stop, borders = names.text, title.core, names.borders
    if not _is_bare(text, title) or not _ENDS_OF_OFFICES.search(text, title.core, title.end):
        return False
    bare = bare_title(title)
    for length in (4, 3, 2):
        start = stop - length
        if start < 0 or not is_full_name(text[start:stop]) or not names.is_free(start, stop):
            continue
        if not _begins_well(borders, start, stop):
            continue
        if is_seldom_last(text[stop - 1]) or (length > 2 and is_common_word(text[start : start + 2])):
            continue
        if begins_with_other_word(text, start) and not is_cut_like_name(borders, start, stop):
            continue
        names.add(Person(start, title.end, text[start:stop], "name_first", bare), start)
        return True
    return False


def _is_bare(text: str, title: Title) -> bool:
    """Whether a title has no body, or nothing before it but what may be a name itself (王志强·书记)."""
    return title.start == title.core or (len(title.parts) == 1 and is_full_name(text[title.start : title.core]))


def _begins_well(borders: Borders, start: int, stop: int) -> bool:
    """Whether a name may begin here: behind a mark, behind a word that leads on to a subject, or as a token of its own."""
    before = borders.text[start - 1 : start]
    if not before or not before.isalnum():
        return True
    if not is_han(before):
        return False
    if not borders.marks[start]:
        return False
    return before in _BEFORE_NAME or is_cut_like_name(borders, start, stop)


def _take_again(names: Names, titles: Mapping[int, Title]) -> None:
    """Other places of the names found, with a title behind them (悟透习近平总书记); longer names first."""
    text, borders = names.text, names.borders
    last = 0
    for start, length in sorted(_places_of({person.name for person in names.people}, text)):
        end = start - length
        if start < last:
            continue
        last = end
        title = titles.get(end)
        if not names.is_free(start, end):
            continue
        if title and _ENDS_OF_OFFICES.search(text, end, title.end):
            names.add(Person(start, title.end, text[start:end], "again", bare_title(title)), start)
        elif _is_whole(borders, start, end):
            names.add(Person(start, end, text[start:end], "again"), start)


def _places_of(names: Iterable[str], text: str) -> Iterator[tuple[int, int]]:
    """Where names stand, with their lengths below 0, so that the longest at a place comes first."""
    # No pattern of them all: to compile one for each article takes longer.
    for name in names:
        place = text.find(name)
        while place >= 0:
            yield place, -len(name)
            place = text.find(name, place + 1)


def _is_whole(borders: Borders, start: int, end: int) -> bool:
    """Whether a short name is no part of a longer word: 高原 in 青藏高原, 方面 in 方面军."""
    text = borders.text
    if end - start > 2:
        return True
    if not borders.is_border(start):
        return False
    return end == len(text) or borders.is_border(end) or is_glued(text[end]) or is_followed(text, end)


def _take_family_names(names: Names, titles: Sequence[Title], first: dict[str, Title]) -> None:
    """A family name with a title, where one person of the article has both: 沈书记."""
    text = names.text
    for title in titles:
        for length in (2, 1):
            start = title.core - length
            if title.start not in (title.core, start) or start < 0 or surname_length(text, start) != length:
                continue
            if not names.borders.is_border(start) or not names.is_free(start, title.core):
                continue
            surname = text[start : title.core]
            office = text[title.core : title.end]
            fitting = [one for one in first if one.startswith(surname) and _has_office(text, first[one], office)]
            if len(fitting) == 1:
                names.add(Person(start, title.end, surname, "family_name", bare_title(title), None, fitting[0]), start)
                break


def _has_office(text: str, title: Title, office: str) -> bool:
    return any(text[core:end].endswith(office.removeprefix("副")) for _, core, end in title.parts)
