"""Who made an article, where, and what day it reports of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from newslake.parse.byline import read_photographers
from newslake.parse.dateline import NO_DATELINE, Dateline, read_closing_byline, read_dateline
from newslake.parse.event_date import find_event_date
from newslake.parse.header import Header
from newslake.parse.labels import strip_label
from newslake.parse.names import (
    NO_NAMES,
    Names,
    distinct,
    has_family_name,
    split_english_names,
    split_names,
    split_roles,
)
from newslake.parse.values import clean_source, clean_value
from newslake.parse.wording import MAX_CAPTION_WIDTH, is_credited
from newslake.tables.blocks import BODY_KINDS

# Datelines stand in the first paragraphs, below at most a note or a summary.
DATELINE_PARAGRAPHS = 3
# Where the field of the author is one of a schema, not one that a page's template fills.
TYPED = ("json_ld", "record", "given")
# Paragraphs that a picture story has at most.
LONGEST_STORY = 12
# Code points; longer values describe the site.
LONGEST_AUTHOR = 60
ROLES = ("reporters", "correspondents", "photographers")


class GivenPage(Protocol):
    """What is needed of a page."""

    lines: list[str]
    given: Mapping[str, str | None]

    def source_of(self, name: str) -> str:
        """Where a given value stands."""


def read_origin(
    page: GivenPage, kinds: list[str], header: Header, published: date | None, sources: dict[str, str]
) -> dict[str, object]:
    """Columns of `articles` on its makers, its place and the day of its event.

    Args:
        page: the page.
        kinds: kind of each line.
        header: what header and tail lines say.
        published: local day of publication.
        sources: column → where its value came from; filled here.
    """
    opening, last = _opening_lines(page.lines, kinds)
    dateline, paragraph = _find_dateline(opening)
    values = _people(page, kinds, header, dateline, last, sources)
    event = find_event_date(paragraph[dateline.end :], published, dateline.month)
    if event is not None:
        sources["event_date"] = "text"
    values["event_date"] = event
    values["place"] = dateline.place
    if dateline.place:
        sources["place"] = "dateline"
    for name in ("place", "source_name", "editor", "responsible_editor", "reviewer"):
        if values.get(name):
            continue
        value = getattr(header, name)
        if value:
            sources[name] = header.origins.get(name, "header")
        else:
            value = _given_value(page.given.get(name), name)
            if value:
                sources[name] = page.source_of(name)
        values[name] = value
    return values


def _given_value(stated: str | None, name: str) -> str | None:
    if not stated:
        return None
    if name == "place":
        return stated
    return clean_source(stated) if name == "source_name" else clean_value(strip_label(stated))


def _opening_lines(lines: list[str], kinds: list[str]) -> tuple[list[str], str]:
    """The first body lines, where datelines stand, and the last one, where bylines do."""
    opening: list[str] = []
    for line, kind in zip(lines, kinds, strict=True):
        if kind in ("paragraph", "dateline"):
            opening.append(line)
            if len(opening) == DATELINE_PARAGRAPHS:
                break
    last = next(line for line, kind in zip(reversed(lines), reversed(kinds), strict=True) if kind in BODY_KINDS)
    return opening, last


def _find_dateline(opening: list[str]) -> tuple[Dateline, str]:
    """The first dateline with its paragraph, the next one where it stands alone; else none, and the first paragraph."""
    for place, paragraph in enumerate(opening):
        dateline = read_dateline(paragraph)
        if dateline.end:
            if dateline.end == len(paragraph) and place + 1 < len(opening):
                return Dateline(dateline.names, dateline.place, dateline.month, 0), opening[place + 1]
            return dateline, paragraph
    return NO_DATELINE, opening[0] if opening else ""


def _people(
    page: GivenPage, kinds: list[str], header: Header, dateline: Dateline, last: str, sources: dict[str, str]
) -> dict[str, object]:
    """Reporters, correspondents and photographers, each from all places that name some."""
    # Who posted a copy signs below it as its author.
    is_copied = dateline.names.reporters and header.origins.get("reporters") == "tail"
    printed = Names(() if is_copied else header.reporters, header.correspondents, header.photographers)
    closing = NO_NAMES
    if not dateline.names.reporters and not printed.reporters:
        closing = read_closing_byline(last)
    captions = Names(photographers=_photographers(page.lines, kinds))
    names = dateline.names + printed + closing + captions
    origins = ((dateline.names, "dateline"), (printed, None), (closing, "byline"), (captions, "caption"))
    for role in ROLES:
        for place, origin in origins:
            if getattr(place, role):
                sources[role] = origin or header.origins[role]
                break
    return _add_given(names, page, header, sources)


def _add_given(names: Names, page: GivenPage, header: Header, sources: dict[str, str]) -> dict[str, object]:
    """Adds the authors that markup gives where the page prints none, or some of them only.

    Systems write the editor into the field of the author: who is printed as one is no reporter.
    """
    found = {role: getattr(names, role) for role in ROLES}
    author = page.given["author"]
    given = _given_names(author, is_typed=page.source_of("author") in TYPED) if author else NO_NAMES
    editors = split_names(f"{header.editor or ''} {header.responsible_editor or ''}") if given else ()
    for role in ROLES:
        stated = getattr(given, role)
        if role == "reporters":
            stated = tuple(name for name in stated if name not in names.correspondents and name not in editors)
        if set(found[role]) < set(stated):
            sources[role] = page.source_of("author")
            found[role] = distinct(found[role] + stated)
    return {role: list(values) for role, values in found.items()}


def _given_names(author: str, *, is_typed: bool) -> Names:
    """The persons that the author field names; elsewhere than in typed data it often holds the site or its slogan.

    >>> _given_names("记者 李明", is_typed=False).reporters, _given_names("某网_股票、基金", is_typed=False).reporters
    (('李明',), ())
    """
    author = strip_label(author)
    if len(author) > LONGEST_AUTHOR:
        return NO_NAMES
    names = split_roles(author)
    if not names:
        return Names(split_english_names(author))
    return Names(*(tuple(n for n in getattr(names, role) if is_typed or has_family_name(n)) for role in ROLES))


def _photographers(lines: list[str], kinds: list[str]) -> tuple[str, ...]:
    """Names in captions; in a picture story the captions are paragraphs."""
    if "caption" in kinds:
        captions = [line for line, kind in zip(lines, kinds, strict=True) if kind == "caption"]
    elif kinds.count("paragraph") > LONGEST_STORY:
        return ()
    else:
        told = [line for line, kind in zip(lines, kinds, strict=True) if kind == "paragraph"]
        captions = [line for line in told if len(line) <= MAX_CAPTION_WIDTH and is_credited(line)]
    return distinct(name for line in captions for name in read_photographers(line))
