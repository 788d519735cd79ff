"""What texts state, by which notices of one template are told apart: hashes of dates, figures and names.

A hash has 32 bits; the last one says whether it is a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake.hashes import BASE, Hashes, mix, of_text

Rows = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

NAMES = ("person", "organisation", "place")
RELATIVE = "^[省市州区县旗镇乡街]"  # 区委, 县人民政府: words of every such body
RARE = 0x20000  # stands for all characters beyond the basic plane

_DIGIT, _NUMERAL, _TIME = 1, 2, 4
_CLASSES = {"0123456789": _DIGIT, "〇零一二两三四五六七八九十百千万亿": _NUMERAL, "年月日号时点": _TIME}
_YEAR, _MONTH, _DAYS = ord("年"), ord("月"), (ord("日"), ord("号"))

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTHS})|({_MONTHS}) (\d{{1,2}}))\b")
_NAME = re.compile(rf"(?<=[\w,;:)] )(?!(?:{_MONTHS})\b)[A-Z][a-z]{{2,4}}")


def figures(texts: Sequence[Hashes]) -> tuple[Rows, Hashes]:
    """The text and a hash of every figure with the character that follows it; 2024年3月5日 is one, a date.

    A figure in Han characters counts where it has two of them or tells a time: 一 alone stands in many words.

    Args:
        texts: the letters and digits of each.
    """
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    characters = np.concatenate(texts)
    kind = _classes()[characters.view(np.int64)]
    places = np.flatnonzero(kind & (_DIGIT | _NUMERAL))
    if not len(places):
        return places, np.empty(0, np.uint64)
    is_start = np.append(True, (np.diff(places) > 1) | (np.diff(owner[places]) > 0))
    starts = np.flatnonzero(is_start)
    sizes = np.diff(starts, append=len(places))
    within = np.arange(len(places)) - np.repeat(starts, sizes)
    hashes = np.add.reduceat(mix(characters[places] + within.view(np.uint64) * BASE), starts)
    first, owners = places[starts], owner[places[starts]]
    after = np.minimum(first + sizes, len(characters) - 1)
    has_unit = (first + sizes < len(characters)) & (owner[after] == owners)
    unit = np.where(has_unit, characters[after], np.uint64(0))
    is_time = has_unit & ((kind[after] & _TIME) > 0)
    is_kept = np.bitwise_or.reduceat(kind[places] & _DIGIT, starts).astype(bool) | (sizes > 1) | is_time
    is_next = np.append(False, (first[1:] == after[:-1] + 1) & (owners[1:] == owners[:-1]))
    hashes, is_date, is_part = _dates(mix(hashes + unit * BASE), unit, is_next)
    is_kept &= ~is_part
    return owners[is_kept], _marked(hashes, is_date)[is_kept]


def _dates(hashes: Hashes, unit: Hashes, is_next: Truths) -> tuple[Hashes, Truths, Truths]:
    """Hashes in which a date's last figure stands for all of it; which are dates, and which are parts of one."""
    is_part = np.zeros(len(hashes), bool)
    is_month, is_day = unit == _MONTH, np.isin(unit, _DAYS)

    def join(begins: Truths, ends: Truths) -> Rows:
        last: Rows = np.flatnonzero(is_next & ends & np.append(False, begins[:-1]))
        hashes[last] = mix(hashes[last] + hashes[last - 1] * BASE)
        is_part[last - 1] = True
        return last

    join(unit == _YEAR, is_month)
    is_date = np.zeros(len(hashes), bool)
    is_date[join(is_month, is_day)] = True
    return hashes, is_date, is_part


def words(texts: Sequence[str]) -> tuple[Rows, Hashes]:
    """The text and a hash of every date and capitalised word of texts in Latin letters, whose names are seldom found.

    A word counts by its first five letters: a mistyped letter then makes another word half as often. That Northampton
    and Northumberland count as one costs little: notices of one template differ in more than one name.
    """
    found = [(row, *fact) for row, text in enumerate(texts) for fact in _words(text)]
    hashes = np.array([_name(name) for _, name, _ in found], np.uint64)
    return np.array([row for row, *_ in found], np.int64), _marked(hashes, np.array([fact[2] for fact in found], bool))


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """Dates and beginnings of names, and whether it is a date.

    >>> list(_words("It met in Aldermere on 2 June. On June 3 Larch Lane opened."))
    [('2 June', True), ('3 June', True), ('Alder', False), ('Larch', False), ('Lane', False)]
    """
    for match in _DATE.finditer(text):
        yield f"{match[1] or match[4]} {match[2] or match[3]}", True
    for match in _NAME.finditer(text):
        yield match[0], False


def names(article_ids: pa.ChunkedArray, mentions: pa.Table) -> tuple[Rows, Hashes]:
    """The article and a hash of each name among mentions."""
    is_name = pc.is_in(mentions["kind"], value_set=pa.array(NAMES))
    named = mentions.filter(pc.and_not(is_name, pc.match_substring_regex(mentions["name"], RELATIVE)))
    places = pc.index_in(named["article_id"], value_set=article_ids.combine_chunks()).to_numpy()
    hashes = np.fromiter(map(_name, named["name"].to_pylist()), np.uint64, len(named))
    return places.astype(np.int64), _marked(hashes, np.zeros(len(hashes), bool))


@lru_cache(maxsize=10_000)
def _name(text: str) -> int:
    return of_text("".join(filter(str.isalnum, text.lower())))


def _marked(hashes: Hashes, is_date: Truths) -> Hashes:
    """32 bits of each hash, of which the last one says whether it is a date."""
    return (hashes >> np.uint64(33) << np.uint64(1)) | is_date


@cache
def _classes() -> npt.NDArray[np.uint8]:
    table = np.zeros(RARE + 1, np.uint8)
    for characters, bit in _CLASSES.items():
        table[[ord(character) for character in characters]] = bit
    return table
