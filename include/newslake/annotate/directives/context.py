"""What the tasks of an article are read with, and a task as it is read."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from newslake.annotate.article import Mention, Quote
from newslake.annotate.directives.deadlines import Deadline

_AND_OTHERS = re.compile(
    r"等?(?:\d*个?(?:部门|单位))?(?:(?:和|、|以及|及)?(?:沿\S)?(?:各|有关|相关)[^要须应将，；。、]{1,6})?"
)
_LONGEST_APPOSITION = 8  # code points in front of a body: 施工单位, 建设单位
_BETWEEN_BODIES = "、和与及"


@dataclass(slots=True)
class Task:
    """A task before its objects are told apart.

    Attributes:
        start: where its span begins, in code points: at 要 where it has one, else at its verb.
        words_start: where its own words begin: behind 要 and the time.
        object_start: behind the verb.
        aim: a clause behind that states its size.
        names_nothing: whether the clause has a verb alone (年底前建成), so that what was named before is meant.
        kind: `own` for one set by 要 or a call, `under` for one in its wake, `plan`, `timed`.
    """

    start: int
    end: int
    words_start: int
    object_start: int
    verb: str
    kind: str
    confidence: float
    parent: tuple[int, int] | None = None
    bodies: tuple[str, ...] | None = None
    deadline: Deadline | None = None
    names_nothing: bool = False
    has_object_first: bool = False
    aim: tuple[int, int] | None = None


@dataclass
class Voice:
    """What the clauses of a sentence so far have established.

    Attributes:
        mode: null while nothing is asked; `asked` after 要, `called` directly after 要求, `named` after 提出, `planned`
            after 将, `closed` after a call to study.
        heading: span of the directive under which others stand.
        holds_for_all: whether `deadline` opens the sentence, so that it holds behind a semicolon too.
        part: how many of `tasks` stand before the last semicolon.
        tasks: those of the sentence so far.
        is_noted: whether a note says who is responsible for the point that the sentence begins.
    """

    mode: str | None = None
    heading: tuple[int, int] | None = None
    has_subject: bool = False
    bodies: tuple[str, ...] | None = None
    deadline: Deadline | None = None
    holds_for_all: bool = False
    part: int = 0
    tasks: list[Task] = field(default_factory=list)
    is_noted: bool = False


@dataclass(frozen=True)
class Context:
    """What a sentence's tasks are read with.

    Attributes:
        bodies: organisations by the place where they begin.
        quotes: by place; spans of one article do not overlap.
        figures: by place.
    """

    text: str
    reference: date | None
    bodies: dict[int, Mention]
    quotes: Sequence[Quote]
    figures: Sequence[Mention]
    body_ends: dict[int, Mention] = field(init=False)
    quote_starts: Sequence[int] = field(init=False)
    figure_starts: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "body_ends", {mention.end: mention for mention in self.bodies.values()})
        object.__setattr__(self, "quote_starts", [quote.start for quote in self.quotes])
        object.__setattr__(self, "figure_starts", [figure.start for figure in self.figures])

    def quote_at(self, place: int) -> Quote | None:
        """The statement that holds a place of the text."""
        position = bisect_right(self.quote_starts, place) - 1
        return self.quotes[position] if position >= 0 and place < self.quotes[position].end else None

    def figures_in(self, start: int, end: int) -> Sequence[Mention]:
        """Figures that begin in a part of the text."""
        return self.figures[bisect_left(self.figure_starts, start) : bisect_left(self.figure_starts, end)]

    def bodies_before(self, start: int, place: int) -> tuple[str, ...]:
        """Bodies enumerated up to a place: 施工单位北岸公司 before 要; none when other words stand between."""
        names: list[str] = []
        while place > start and (mention := self.body_ends.get(place)) is not None and mention.start >= start:
            names.append(mention.resolved_name or mention.name)
            place = mention.start
            if self.text[place - 1] in _BETWEEN_BODIES and place - 1 in self.body_ends:
                place -= 1
        return tuple(reversed(names)) if place - start <= _LONGEST_APPOSITION else ()

    def read_bodies(self, place: int, end: int) -> tuple[tuple[str, ...], int]:
        """Bodies enumerated from a place on, in full, and where the enumeration ends."""
        names: list[str] = []
        while place < end and (mention := self.bodies.get(place)) is not None and mention.end <= end:
            names.append(mention.resolved_name or mention.name)
            place = mention.end
            if self.text[place : place + 1] in _BETWEEN_BODIES and place + 1 in self.bodies:
                place += 1
        if names:
            others = _AND_OTHERS.match(self.text, place, end)
            place = others.end() if others else place
        return tuple(names), place
