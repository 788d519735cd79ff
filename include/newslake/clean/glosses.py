"""Repair: takes out the pinyin that mirror sites put behind characters, 區(qū) → 區.

Whether a machine put the glosses there is decided once for the whole page, by `gloss_signs`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, compress
from typing import Final

import numpy as np

from newslake.clean.characters import HAN
from newslake.clean.edits import NO_EDITS, Edit, Repaired, edited, followed, spans
from newslake.clean.gloss_signs import EMOJI, Glosses, is_emoji, is_han, of_a_mirror, sprinkled
from newslake.clean.readings import LETTERS, is_reading
from newslake.clean.torn import MARK, restored

MOSTLY: Final = 0.8
"""Share of glosses behind which a space stands, from which the space belongs to the gloss."""

_OPENING: Final = "(（\\[［{｛【〔〖〘〚<＜〈《「『﹙﹝❨⟨﹛"
_CLOSING: Final = ")）\\]］}｝】〕〗〙〛>＞〉》」』﹚﹞❩⟩﹜"
_BRACKETS: Final = (_OPENING + _CLOSING).replace("\\", "") + " "
_MARKS: Final = "，。、；：？！,;:?!”’…％%"
_SPACES: Final = " \u00a0\u3000"
_ANY_CASE: Final = LETTERS + LETTERS.upper()
_SYLLABLE: Final = f" ?[{_ANY_CASE}]{{1,7}}[1-5]? ?[{_CLOSING}]"
# It begins with one class of characters: the engine then passes over a page without brackets in 9 microseconds.
_GLOSS: Final = re.compile(f"([{_OPENING}](?:{_SYLLABLE}|[{_OPENING}]{_SYLLABLE}[{_CLOSING}]))")
_SPACED: Final = (") ", "） ")
_BROKEN: Final = re.compile(
    f"(?:[{_OPENING}](?<=([{HAN}]).)(?:\\n(?P<a>[{_ANY_CASE}]{{1,7}})|(?P<b>[{_ANY_CASE}]{{1,6}})\\n(?P<c>[{_ANY_CASE}]{{0,6}}))"
    f"[{_CLOSING}](?=[^\\n{_OPENING}]))"
)
_WORDS: Final = re.compile(f"[{_OPENING}][{LETTERS}]+[ '’{LETTERS}-]*[{LETTERS[3:]}]+[ '’{LETTERS}-]*[{_CLOSING}]")
_BESIDE_TEXT: Final = re.compile(f"(?<=[{HAN}{_CLOSING}{_MARKS}])[{EMOJI}]+|[{EMOJI}]+(?=[{HAN}{_OPENING}{_MARKS}])")


def strip_glosses(text: str) -> Repaired:
    """Removes pinyin glosses where the whole page shows that a machine put them there.

    Brackets of all kinds count, also where the gloss stands inside other brackets, at the end of a
    line, at the start of the next or across both; so do capitals, and a space before or behind. On such a page, what the
    mirror tore by cutting characters in halves (`們?cè)趯?shí)際`) is put together again where it can be told, else it
    becomes U+FFFD, so that the loss stays visible. Where glosses are sprinkled on characters of any kind, stray
    emoji between the characters go too.

    Not touched: pinyin in textbooks, glossaries and learner texts, which gloss common characters
    too, or once each; a single gloss by an author (李(lǐ)); Latin abbreviations in parentheses.

    >>> strip_glosses("區(qū)長說,經(jīng)濟發(fā)展,產(chǎn)業(yè)發(fā)達。經(jīng)過區(qū)委研究。").text
    '區長說,經濟發展,產業發達。經過區委研究。'
    >>> strip_glosses("我(wǒ)們(men)學(xué)習(xí)漢(hàn)語(yǔ)，我(wǒ)很(hěn)高(gāo)興(xìng)。").text
    '我(wǒ)們(men)學(xué)習(xí)漢(hàn)語(yǔ)，我(wǒ)很(hěn)高(gāo)興(xìng)。'
    """
    edits = NO_EDITS
    while True:  # What is left may be seen for what it is only now.
        text, removed = _stripped(text)
        if not len(removed):
            return Repaired(text, edits)
        edits = followed(edits, removed)


def _stripped(text: str) -> Repaired:
    pieces = _GLOSS.split(text)
    if len(pieces) == 1:
        return Repaired(text, NO_EDITS)
    found, is_simple = _find(text, pieces)
    read = {pair for pair in set(found.pairs) if is_reading(*pair)}
    if not read:
        return Repaired(text, NO_EDITS)
    glosses, rest = found.only(read), "".join(pieces[::2])
    words = sum(not pair[1].isascii() for pair in found.pairs if pair not in read) + len(_WORDS.findall(rest))
    strays: list[Edit] = []
    removed = of_a_mirror(text, glosses, words)
    if not removed and sprinkled(text, len(found), glosses):
        removed = read
        strays = [Edit(*match.span(), "") for match in _BESIDE_TEXT.finditer(text)]
    if not removed:
        return Repaired(text, NO_EDITS)
    is_removed = list(map(removed.__contains__, found.pairs))
    torn = restored(text) if MARK in text else []
    if is_simple and not strays and not torn and not any(map(text.__contains__, _SPACED)) and not _BROKEN.search(rest):
        return _without(pieces, is_removed)
    return edited(text, _apart(sorted(_spans(text, found, is_removed) + _broken(text, removed) + strays + torn)))


def _find(text: str, pieces: list[str]) -> tuple[Glosses, bool]:
    """All that could be glosses, and whether each stands right behind its character.

    Args:
        text: a page.
        pieces: the same, divided at the glosses.
    """
    borders = list(accumulate(map(len, pieces)))
    starts, ends = borders[:-1:2], borders[1::2]
    characters = [piece[-1:] for piece in pieces[:-1:2]]
    readings = [_syllable(gloss) for gloss in pieces[1::2]]
    ats = [start - 1 for start in starts]
    apart = [number for number, character in enumerate(characters) if not is_han(character)]
    for number in apart:
        start = starts[number]
        is_next = number > 0 and ends[number - 1] == start
        at = ats[number - 1] if is_next else _owner(text, start, ends[number])
        ats[number] = at
        characters[number] = text[at] if at >= 0 else ""
        starts[number] = start - (not is_next and text[start - 1 : start] in _SPACES[: start + 1])
    return Glosses(list(zip(characters, readings, strict=True)), ats, starts, ends).owned(), not apart


@lru_cache(maxsize=4096)
def _syllable(gloss: str) -> str:
    return gloss.strip(_BRACKETS).lower()


def _owner(text: str, start: int, end: int) -> int:
    """Where the character of a gloss is that does not stand right before it; -1 if there is none."""
    at = start - 1
    while at > 0 and is_emoji(text[at]):
        at -= 1
    if at > 0 and at == start - 1:
        behind = text[end : end + 1]
        # A gloss alone on a line stays: no repair may empty a line.
        if text[at] in _SPACES or (text[at] == "\n" and behind not in ("", "\n") and behind not in _BRACKETS):
            at -= 1
    return at if at >= 0 and is_han(text[at]) else -1


def _without(pieces: list[str], is_removed: list[bool]) -> Repaired:
    """The pieces without the glosses that are to go."""
    borders = np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)))
    starts, ends = borders[:-1:2][is_removed], borders[1::2][is_removed]
    kept = list(pieces)
    for number in compress(range(1, len(pieces), 2), is_removed):
        kept[number] = ""
    return Repaired("".join(kept), spans(starts, ends))


def _spans(text: str, found: Glosses, is_removed: list[bool]) -> list[Edit]:
    """The edits that take glosses out, with the space behind them where it is theirs."""
    rows = list(compress(zip(found.starts, found.ends, strict=True), is_removed))
    behind = [text[end : end + 1] for _, end in rows]
    spaces = sum(sign != "" and sign in _SPACES for sign in behind)
    with_space = spaces >= MOSTLY * (spaces + sum(map(is_han, behind)))
    return [
        Edit(start, end + (with_space and sign != "" and sign in _SPACES), "")
        for (start, end), sign in zip(rows, behind, strict=True)
    ]


def _broken(text: str, removed: set[tuple[str, str]]) -> list[Edit]:
    """The edits that take out glosses across a line break, which itself stays."""
    edits = []
    for match in _BROKEN.finditer(text):
        syllable = (match["a"] or match["b"] + match["c"]).lower()
        if (match[1], syllable) in removed:
            border = text.index("\n", match.start())
            edits += [Edit(match.start(), border, ""), Edit(border + 1, match.end(), "")]
    return edits


def _apart(edits: list[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    for edit in edits:
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept
