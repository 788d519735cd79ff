"""What the names of places in one article name, each seen with all others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from newslake.annotate.places.divisions import Division, by_name, by_short_form, short_form
from newslake.annotate.places.localities import LEVELS
from newslake.annotate.places.names import Name
from newslake.annotate.words.patterns import alternation, kinds_of_words

_DOWN_TO_DISTRICTS = ("省", "市", "区", "县")
_ORDER = ("nation", "province", "city", "district", "town", "village")


@cache
def body_words() -> re.Pattern[str]:
    """What makes a body's name of the place in front of it: 区委, 人民政府, 第一中学."""
    words = alternation(kinds_of_words("place_words")["body"])
    return re.compile(
        rf"{words}|委(?![托派员])|[一二三四五六七八九十]中|第[一二三四五六七八九十]+[中小医人]|网(?!格|络|红|点|上|民|友)"
    )


@cache
def _common_names() -> frozenset[str]:
    """Full names that are common nouns as well: known only behind the division above."""
    return frozenset(kinds_of_words("place_words")["full"])


class Place(NamedTuple):
    """What a name names: `path` is null where several divisions share it."""

    path: str | None
    level: str | None
    full_name: str


class Resolver:
    """What the names of one article name, each seen with all others."""

    def __init__(self, names: list[Name], whole: str, header_end: int) -> None:
        self.names = names
        self.whole = whole
        self.in_header = {name.name for name in names if name.start < header_end}
        self.times = Counter(name.name for name in names)
        self.in_full = {name.name for name in names if name.form not in ("short", "region")}
        self.above = set(self._surely_above())
        self.unlisted: dict[str, Place] = {}
        self._find_unlisted()

    def _surely_above(self) -> Iterator[str]:
        """Paths of provinces and cities that are named beyond doubt."""
        for name in self.names:
            listed = by_name().get(name.name, ()) if name.form == "full" else by_short_form().get(name.name, ())
            if listed and listed[0].level != "district" and (name.form == "full" or not listed[0].needs):
                yield listed[0].path

    def _find_unlisted(self) -> None:
        """Divisions down to districts that no list has: those that something else in the article confirms."""
        unlisted = [(position, name) for position, name in enumerate(self.names) if name.form in _DOWN_TO_DISTRICTS]
        unlisted.sort(key=lambda one: _DOWN_TO_DISTRICTS.index(one[1].form))
        for position, name in unlisted:
            if name.name not in self.unlisted and self._is_confirmed(position):
                self.unlisted[name.name] = Place(self._path_of_unlisted(name.name), LEVELS[name.form], name.name)

    def _is_confirmed(self, position: int) -> bool:
        name = self.names[position]
        return (
            name.name in self.in_header
            or self.times[name.name] > 1
            or self._parent_before(position) is not None
            or name.form == "县"
            or self._is_enumerated(position)
            or (position + 1 < len(self.names) and self.names[position + 1].start == name.end)
            or bool(body_words().match(self.whole, name.end))
        )

    def _is_enumerated(self, position: int) -> bool:
        """Whether a name stands beside another one in a list: 临江区、望海区."""
        for first, second in ((position - 1, position), (position, position + 1)):
            if first >= 0 and second < len(self.names):
                between = self.whole[self.names[first].end : self.names[second].start]
                if between in ("、", "和", "与", "及"):
                    return True
        return False

    def _parent_before(self, position: int) -> Name | None:
        """The name that ends where this one begins."""
        before = self.names[position - 1] if position else None
        return before if before and before.end == self.names[position].start and before.form != "region" else None

    def _path_of_unlisted(self, name: str) -> str:
        for position, other in enumerate(self.names):
            if other.name == name and (before := self._parent_before(position)):
                parent = self._listed_place(before)
                if parent and parent.path:
                    return f"{parent.path}/{name}"
        if name[-1] not in "区县":
            return name
        renamed = [one for one in by_short_form().get(name[:-1], ()) if _parent(one.path) in self.above]
        cities = {
            place.path for place in self.unlisted.values() if place.level == "city" and self._is_above(place, name)
        }
        if renamed or len(cities) == 1:
            return f"{_parent(renamed[0].path) if renamed else cities.pop()}/{name}"
        return name

    def _is_above(self, city: Place, name: str) -> bool:
        """Whether a city may be the one above: of a county only one that heads the article."""
        return name[-1] == "区" or city.full_name in self.in_header

    def _listed_place(self, name: Name) -> Place | None:
        if name.form == "full":
            return self._full(name, None)
        return self._short(name) if name.form == "short" else self.unlisted.get(name.name)

    def places(self) -> list[Place | None]:
        """What each name names; None where it names nothing that is known."""
        found: list[Place | None] = []
        for position, name in enumerate(self.names):
            if name.form == "region":
                found.append(Place(None, None, name.name))
            elif name.form == "full":
                found.append(self._full(name, self._parent_before(position)))
            elif name.form == "short":
                found.append(self._short(name))
            elif name.form == "stem" or name.form in _DOWN_TO_DISTRICTS:
                found.append(self.unlisted.get(name.name))
            else:
                before = found[position - 1] if self._parent_before(position) else None
                level = LEVELS[name.form]
                is_inside = before and before.path and _ORDER.index(before.level or "village") < _ORDER.index(level)
                found.append(
                    Place(f"{before.path}/{name.name}" if before and is_inside else name.name, level, name.name)
                )
        return found

    def _full(self, name: Name, before: Name | None) -> Place | None:
        listed = by_name()[name.name]
        if name.name in _common_names() and not (before and before.form in ("full", "short")):
            return None
        likely = [one for one in listed if set(_parents(one.path)) & self.above] if len(listed) > 1 else list(listed)
        if before:
            likely = [
                one for one in listed if before.name in (short_form(_last(_parent(one.path))), _last(_parent(one.path)))
            ] or likely
        if not likely and name.name in _common_names():
            return None
        return _place(likely) or Place(None, listed[0].level, listed[0].name)

    def _short(self, name: Name) -> Place | None:
        for kind in "区县市":
            if name.name + kind in self.unlisted:
                return self.unlisted[name.name + kind]
        listed = by_short_form()[name.name]
        return (
            _place([one for one in listed if one.name in self.in_full])
            or _place([one for one in listed if self._is_free(one)][:1])
            or _place([one for one in listed if one.needs != "!" and _parent(one.path) in self.above])
        )

    def _is_free(self, one: Division) -> bool:
        """Whether a short form needs no surroundings: those of districts are known where they head the article."""
        if one.level != "district":
            return not one.needs
        return not one.needs and one.short in self.in_header


def _place(listed: list[Division]) -> Place | None:
    return Place(listed[0].path, listed[0].level, listed[0].name) if len(listed) == 1 else None


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _parents(path: str) -> Iterator[str]:
    while path := _parent(path):
        yield path


def _last(path: str) -> str:
    return path.rpartition("/")[2]
