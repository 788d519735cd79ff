"""Repair: takes out the pinyin that mirror sites put behind characters, 區(qū) → 區."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from newslake.clean.characters import HAN, traditional_only

LEAST_GLOSSES: Final = 5
"""Fewer than this are an author's own glosses; the mirror pages seen had 31 and more."""

LEAST_TRADITIONAL: Final = 0.8
"""Share of glossed characters that are Traditional-only: 1 on the mirror pages seen, under a half in learner texts."""

LEAST_CONSISTENT: Final = 0.6
"""Share of a glossed character's occurrences that carry the gloss: 1 on whole pages, less on torn ones."""

LEAST_INSIDE: Final = 0.4
"""Share of glosses with a Han character right behind them: glossaries end the entry there."""

LEAST_SPRINKLED: Final = 20
"""Toneless glosses, which some mirrors sprinkle at intervals, need this many."""

_LETTERS: Final = "a-züāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
# The patterns begin with a bracket and look back over it: the engine then tries few places.
_GLOSS: Final = re.compile(f"[(（](?<=([{HAN}]).)([{_LETTERS}]{{1,6}})[)）]")
_TORN: Final = re.compile(f"[?]([a-z]{{0,5}}[{_LETTERS[4:]}][a-z]{{0,5}})[)）]")
_INSIDE: Final = re.compile(f"[)）](?<=[{_LETTERS}].)(?=[{HAN}])")


def strip_glosses(text: str) -> tuple[str, int]:
    """Removes pinyin glosses where the whole page shows that a machine put them there.

    A gloss is removed when it is a reading of its character, the character is Traditional-only,
    at least five such glosses stand on the page, four in five of the page's glosses are like that,
    their characters are glossed wherever they occur, and running text goes on behind them. On such
    a page other characters lose their gloss too, if they carry it wherever they occur.
    ASCII and fullwidth parentheses count alike. On such a page a gloss whose character the mirror
    lost (`?shí)`) becomes U+FFFD, so that the loss stays visible and ends no sentence.

    Not touched: pinyin in textbooks, glossaries and learner texts, which gloss common characters
    too, or once each; a single gloss by an author (李(lǐ)); Latin abbreviations in parentheses.
    Source: six mirror pages with 566 glosses, and 1,050 documents with genuine pinyin.

    >>> strip_glosses("區(qū)長說,經(jīng)濟發(fā)展,產(chǎn)業(yè)發(fā)達。經(jīng)過區(qū)委研究。")
    ('區長說,經濟發展,產業發達。經過區委研究。', 8)
    >>> strip_glosses("我(wǒ)們(men)學(xué)習(xí)漢(hàn)語(yǔ)，我(wǒ)很(hěn)高(gāo)興(xìng)。")[1]
    0
    """
    if "(" not in text and "（" not in text:
        return text, 0
    pieces = _GLOSS.split(text)  # text, character, gloss, text, …
    pairs = Counter(zip(pieces[1::3], pieces[2::3], strict=True))
    if pairs.total() < LEAST_GLOSSES:
        return text, 0
    readings = {pair: count for pair, count in pairs.items() if is_reading(*pair)}
    machine = {pair: count for pair, count in readings.items() if pair[0] in traditional_only()}
    if not _is_machine_made(text, readings, machine):
        return text, 0
    machine.update(
        {pair: count for pair, count in readings.items() if pair not in machine and text.count(pair[0]) == count}
    )
    if len(machine) == len(pairs):
        text = "".join(pieces[::3])
    else:
        text = _GLOSS.sub(lambda match: "" if match.groups() in machine else match[0], text)
    text, torn = _TORN.subn("\ufffd", text)
    return text, sum(machine.values()) + torn


def _is_machine_made(text: str, readings: dict[tuple[str, str], int], machine: dict[tuple[str, str], int]) -> bool:
    count = sum(machine.values())
    if count < LEAST_GLOSSES or len(machine) < LEAST_TRADITIONAL * len(readings):
        return False
    if len(_INSIDE.findall(text)) < LEAST_INSIDE * count:
        return False
    if count >= LEAST_SPRINKLED and 2 * sum(c for (_, gloss), c in machine.items() if gloss.isascii()) > count:
        return True
    # The Traditional-only characters are all in the first plane, where UTF-16 gives each one number.
    is_glossed = np.zeros(0x10000, bool)
    is_glossed[[ord(character) for character, _ in machine]] = True
    occurrences = int(np.count_nonzero(is_glossed[np.frombuffer(text.encode("utf-16-le"), np.uint16)]))
    return count >= LEAST_CONSISTENT * occurrences


@cache
def is_reading(character: str, gloss: str) -> bool:
    """Whether a gloss, with or without its tone, is a reading of the character (pypinyin, MIT).

    >>> is_reading("區", "qū"), is_reading("區", "qu"), is_reading("區", "chē"), is_reading("會", "app")
    (True, True, False, False)
    """
    return gloss in _readings(character)


@cache
def _readings(character: str) -> frozenset[str]:
    toned = _pinyin().get(str(ord(character)), "").split(",")
    return frozenset(toned) | {_without_tone(reading) for reading in toned}


@cache
def _pinyin() -> dict[str, str]:
    """Readings by code point, from pypinyin's file: importing it loads 47,000 phrases too, which takes 0.12 s."""
    package = find_spec("pypinyin")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pypinyin is not installed")
    table: dict[str, str] = json.loads(Path(package.origin).with_name("pinyin_dict.json").read_bytes())
    return table


def _without_tone(reading: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", reading) if c not in "\u0304\u0301\u030c\u0300")
    return unicodedata.normalize("NFC", bare)
