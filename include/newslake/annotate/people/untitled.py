"""Chinese names without a title of the lists: by what stands before them, and by what people alone do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from newslake.annotate.organisations.bodies import stops
from newslake.annotate.people.found_names import Names, Person, goes_on_list
from newslake.annotate.people.names_chinese import (
    begins_with_other_word,
    first_characters,
    is_common_word,
    is_cut_like_name,
    is_full_name,
    person_verbs,
    surname_length,
)
from newslake.annotate.people.titles import Title
from newslake.annotate.words.borders import Borders
from newslake.annotate.words.endings import WordEndings
from newslake.config import reference_lines

# Beside verbs, what is said of people alone.
_OF_PEOPLE = re.compile(
    r"今年\d|一家|从小|每天|家里|和(?:妻子|丈夫|老伴|家人|村民|同事)|是(?:一名|一位|个|村里|镇上|社区|当地|远近|土生土长)|[，（(]\d{1,2}岁|[，（(][男女][，,]"
)
_FIRSTS_OF_PEOPLE = "今一从每家和是，（("
_LONGEST_OCCUPATION = 8
_HONORIFICS = frozenset(("同志", "先生", "女士"))
_ADDRESS = re.compile("同志|先生|女士|说|表示|介绍|告诉|坦言|回忆|感慨|解释")
_ADVERBS = "曾经?|还|也|就|便|则|却|又|正在?|已经?|都|先|再|立即|当场|随后|同时|分别|一直|特别|反复|多次"
_SAYS = re.compile(
    "等[区市县省镇]?(?:领导|同志)|[两三四五]位|主持|率领|带队|宣布|致辞|说|表示|介绍|告诉|坦言|回忆|感慨|解释|强调|指出|要求|认为|透露"
)


def take_untitled(names: Names) -> None:
    """Takes the names that no title of the lists stands beside."""
    _take_behind_occupations(names)
    _take_introduced(names)
    _take_at_clauses(names)
    _take_addressed(names)


def _take_behind_occupations(names: Names) -> None:
    """Names behind an occupation that no list has: what ends like one (电焊·工), and then a name that tokens allow."""
    text, borders = names.text, names.borders
    for match in _occupations().finditer(text):
        place = match.end()
        if not names.is_free(match.start(), place) or not borders.marks[place]:
            continue
        end = names.read(place, is_certain=False)
        if end is None or end - place < 3 or not _is_surely_name(borders, place, end):
            continue
        token = borders.token_before(place, max(0, place - _LONGEST_OCCUPATION))
        begin = borders.walk_back(place, max(0, place - _LONGEST_OCCUPATION), stops())
        is_clause = begin == 0 or not text[begin - 1].isalnum()
        start = begin if is_clause else min(token, place - 1)
        if place - start > 1 and names.is_free(start, place):
            title = Title(start, start, place, ((start, start, place),))
            names.add(Person(start, end, text[place:end], "clause", title), place)


def _is_surely_name(borders: Borders, place: int, end: int) -> bool:
    text = borders.text
    return (
        is_cut_like_name(borders, place, end)
        and not begins_with_other_word(text, place)
        and text[place + 1 : end] not in stops()
    )


@cache
def _occupations() -> re.Pattern[str]:
    return re.compile(f"[员师工农户手匠医警兵嫂](?=[{first_characters()}])")


def _take_addressed(names: Names) -> None:
    """Names before 同志, 先生, 女士, and behind 的 before a verb of saying."""
    text = names.text
    for match in _ADDRESS.finditer(text):
        end = match.start()
        for length in (4, 3, 2):
            start = end - length
            if start < 0 or not (match[0] in _HONORIFICS or text[start - 1 : start] == "的"):
                continue
            if not is_full_name(text[start:end]) or not is_cut_like_name(names.borders, start, end):
                continue
            if names.is_free(start, end):
                names.add(Person(start, end, text[start:end], "clause"), start)
                break


@cache
def _introducers() -> WordEndings:
    return WordEndings(reference_lines("name_introducers"))


def _take_introduced(names: Names) -> None:
    """Names without a title behind words that lead to one: 妻子…, 名叫…."""
    for _, place in _introducers().find(names.text):
        end = names.read(place, False, False)
        if end is not None and (end - place > 2 or is_cut_like_name(names.borders, place, end)):
            names.add(Person(place, end, names.text[place:end], "clause"), place)
            _take_list_behind(names, end)


def _take_at_clauses(names: Names) -> None:
    """Names without a title at the beginning of a clause: before a verb of which people are the subject."""
    text = names.text
    tells, firsts = _tells_of_people()
    for start in _beginnings_of_clauses(text):
        for end in range(start + 2, min(start + 5, len(text) + 1)):
            if text[end : end + 1] not in firsts or not tells.match(text, end):
                continue
            if is_full_name(text[start:end]) and names.is_free(start, end) and _is_subject(names, start, end):
                names.add(Person(start, end, text[start:end], "clause"), start)
                _take_list_before(names, start)
                break


@cache
def _tells_of_people() -> tuple[re.Pattern[str], frozenset[str]]:
    """What follows people alone, and the characters it begins with: most places are passed over by these."""
    pattern = re.compile(f"(?>(?:{_ADVERBS})?){person_verbs().pattern}|{_OF_PEOPLE.pattern}")
    verbs = {verb[0] for verb in reference_lines("person_verbs")}
    return pattern, frozenset(verbs.union(_FIRSTS_OF_PEOPLE, (adverb[0] for adverb in _ADVERBS.split("|"))))


def _is_subject(names: Names, start: int, end: int) -> bool:
    """Whether what stands at the beginning of a clause is a person, by tokens or because it says something."""
    text, borders = names.text, names.borders
    given = text[start + surname_length(text, start) : end]
    if names.read(start, is_certain=False) != end:
        return False
    if is_cut_like_name(borders, start, end):
        return True
    is_sure = _SAYS.match(text, end) and len(given) == 2 and given not in stops() and not is_common_word(given)
    return bool(is_sure) and not begins_with_other_word(text, start)


def _beginnings_of_clauses(text: str) -> Iterator[int]:
    """Where a family name's first character stands behind a mark, at the beginning, or behind a word that leads to a
    person, and what people alone do may follow a name.
    """
    before, name = _before_clauses()
    if name.match(text):
        yield 0
    for match in before.finditer(text):
        yield match.end()


@cache
def _before_clauses() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands before the beginning of a clause, and what may begin one."""
    _, firsts = _tells_of_people()
    name = f"[{first_characters()}].{{1,3}}[{re.escape(''.join(sorted(firsts)))}]"
    # The first set is all but Chinese characters and these: a category alone would be slow to search for.
    before = r"[\0-\u4dff\ua000-\U0010ffff由在请让跟](?<=[\W由在请让跟])"
    return re.compile(rf"{before}(?={name})"), re.compile(name)


def _take_list_behind(names: Names, end: int) -> None:
    """Names without a title that follow a name in a list: 任命…、…为."""
    while names.text[end : end + 1] == "、":
        following = names.read(end + 1)
        if following is None or not goes_on_list(names, end + 1, following, "、"):
            return
        names.add(Person(end + 1, following, names.text[end + 1 : following], "clause"), end + 1)
        end = following


def _take_list_before(names: Names, start: int) -> None:
    """Names before a name, with pause marks between."""
    text = names.text
    while text[start - 1 : start] == "、":
        for length in (2, 3, 4):
            begin = start - 1 - length
            if begin >= 0 and is_full_name(text[begin : start - 1]) and (begin == 0 or not text[begin - 1].isalnum()):
                break
        else:
            return
        if not names.is_free(begin, start - 1):
            return
        names.add(Person(begin, start - 1, text[begin : start - 1], "clause"), begin)
        start = begin
