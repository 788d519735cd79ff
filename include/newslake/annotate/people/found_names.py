"""What is collected while people are looked for in a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from newslake.annotate.people.names_chinese import has_dots, is_common_word, is_followed, read_foreign, read_name
from newslake.annotate.people.titles import Title
from newslake.annotate.words.borders import Borders

# Read by eye on Chinese news pages; the values are lower than what was counted, because the samples are small.
CONFIDENCE = {"title": 0.95, "listed": 0.9, "name_first": 0.85, "clause": 0.75, "again": 0.9, "family_name": 0.75}


class Person(NamedTuple):
    """A person in a text.

    Attributes:
        start: where the mention begins, the title included.
        name: as printed; `full_name` where only the family name is printed.
        title: None for a name without one beside it.
        filled: the title given first in the article, for a name without one.
    """

    start: int
    end: int
    name: str
    rule: str
    title: Title | None = None
    filled: Title | None = None
    full_name: str | None = None


class Names:
    """Collects the people of one text; each place is given once."""

    def __init__(
        self,
        borders: Borders,
        blocked: Sequence[tuple[int, int]],
        bylines: Sequence[tuple[int, int]],
        places: Mapping[int, int],
    ) -> None:
        """Args: the text's borders, what holds no names (bodies, works), bylines, and the ends of places by their starts."""
        self.borders = borders
        self.text = borders.text
        self.people: list[Person] = []
        self._taken = bytearray(len(self.text) + 1)
        self._places = places
        self._has_dots = has_dots(self.text)
        self._named = bytearray(len(self.text) + 1)
        for start, end in (*blocked, *bylines):
            self._taken[start:end] = b"\1" * (end - start)
        for start, end in bylines:
            self._named[start:end] = b"\1" * (end - start)

    def is_free(self, start: int, end: int, is_certain: bool = False) -> bool:
        """Whether nothing has been found there; a place may be a person's name only where that is certain (局长高阳)."""
        place_end = self._places.get(start)
        if place_end is not None and not (is_certain and place_end <= end):
            return False
        return self._taken.find(b"\1", start, end) < 0

    def add(self, person: Person, name_start: int) -> None:
        """Adds a person and takes its place; a title that reaches into another's place is cut to its last word."""
        if person.title and self._named.find(b"\1", person.start, name_start) >= 0:
            core = min(person.title.core, name_start)
            bare = Title(core, core, person.title.end, ((core, core, person.title.end),))
            start = core if self._named.find(b"\1", core, name_start) < 0 else name_start
            person = person._replace(start=start, title=bare if start == core else None)
        self.people.append(person)
        for marks in (self._taken, self._named):
            marks[person.start : person.end] = b"\1" * (person.end - person.start)

    def read(self, place: int, is_abroad: bool = False, is_certain: bool = True) -> int | None:
        """Where a free full name that begins here ends."""
        end = read_foreign(self.text, place, is_abroad) if is_abroad or self._has_dots else None
        if end is None:
            end = read_name(self.borders, place, is_certain)
        return end if end is not None and self.is_free(place, end, is_certain) else None


def goes_on_list(names: Names, place: int, end: int, mark: str) -> bool:
    """Whether a name in a list is one: what follows may follow a name, and is no title of its own."""
    text = names.text
    if mark == "，" and text[end : end + 1] not in ("，", "、"):
        return False
    if mark == "，" and end - place < 2:
        return False
    return is_followed(text, end) and not is_common_word(text[place:end])
