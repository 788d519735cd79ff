"""Journalists: who wrote, photographed or edited, as bylines within a body name them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from newslake.annotate.people.names_chinese import begins_with_other_word, is_followed, is_full_name, read_name
from newslake.annotate.words.borders import Borders, is_han

# Every branch begins with a character, so that a search passes over other places at once.
_ROLE = re.compile(
    "(?:记者|通讯员|摄影(?:师|报道)?|撰[文稿]|责任编辑|责编|编辑(?<![总主副]编辑)|校对|审核|图(?:文|/文|(?=[/／:：]))|文(?:/?图|/摄|(?=[/／:：])))"
    r"(?P<gap>[\s　:：/／]{0,4})"
)
_NEXT = re.compile(r"[\s　、,，/／]{1,3}|和|与")
_PHOTO = re.compile(r"摄影?(?![一-鿿])")
_BEFORE_PHOTO = re.compile(r"(?<![一-鿿])(?P<name>[一-鿿]{2,4})[\s　]?$")
_REPORTED = re.compile(r"(?:摄|报道|[\s　]*文[/／]?图|[\s　]*图[/／]?文|[)）/／、,，。;；\]】]|[\s　]|$|采写|综合)")
_SPACED = re.compile(r"([一-鿿])[ 　]{1,2}([一-鿿])(?![一-鿿])")


@dataclass(frozen=True)
class Byline:
    """Where a journalist's name stands in a byline."""

    start: int
    end: int


def find_bylines(borders: Borders) -> list[Byline]:
    """Names in bylines: 记者 吴某某 程某某, 通讯员 …, 编辑：…, … 摄.

    Left alone: what a reporter does (记者了解到), departments (编辑部).

    >>> text = "（记者 魏然 孔怡）记者了解到，江声 摄"
    >>> [text[one.start:one.end] for one in find_bylines(Borders(text, bytes(len(text) + 1)))]
    ['魏然', '孔怡', '江声']
    """
    text = borders.text
    found: list[Byline] = []
    for match in _ROLE.finditer(text):
        if not found or match.start() >= found[-1].end:
            found.extend(_names_behind(borders, match))
    ends = {one.end for one in found}
    for photo in _PHOTO.finditer(text):
        before = _BEFORE_PHOTO.search(text, max(0, photo.start() - 6), photo.start())
        if before and is_full_name(before["name"]) and before.end("name") not in ends:
            found.append(Byline(before.start("name"), before.end("name")))
    return sorted(found, key=lambda one: one.start)


def _names_behind(borders: Borders, match: re.Match[str]) -> Iterator[Byline]:
    text, place = borders.text, match.end()
    is_spaced = bool(match["gap"])
    while place < len(text):
        end = _name_end(borders, place, is_spaced)
        if end is None:
            return
        yield Byline(place, end)
        step = _NEXT.match(text, end)
        if step is None:
            return
        place, is_spaced = step.end(), True


def _name_end(borders: Borders, place: int, is_spaced: bool) -> int | None:
    """Where a name ends: after a space it fills the place up to the next mark; glued to 记者 it must be followed well."""
    text = borders.text
    if place >= len(text):
        return None
    for length in (3, 2, 4):
        end = place + length
        name = text[place:end]
        if len(name) == length and is_full_name(name) and _REPORTED.match(text, end):
            return end
    if is_spaced and (spaced := _SPACED.match(text, place)) and is_full_name(spaced[1] + spaced[2]):
        return spaced.end()
    if not is_spaced and begins_with_other_word(text, place):
        return None
    end_read = read_name(borders, place, is_certain=False)
    if end_read is None or not (is_spaced or is_followed(text, end_read)):
        return None
    return end_read if end_read == len(text) or is_han(text[end_read]) or is_spaced else None
