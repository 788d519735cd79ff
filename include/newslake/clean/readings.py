"""Pinyin: the readings of a character, and the ways a syllable is written (readings from pypinyin, MIT)."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

LETTERS: Final = "a-züāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿếềêɑɡ"
"""Letters of pinyin, for use inside a character class of `re`; those behind `a-z` are not ASCII."""

_TONES: Final = "\u0304\u0301\u030c\u0300"
_SHAPES: Final = str.maketrans("ɑɡ", "ag")


@cache
def is_reading(character: str, syllable: str) -> bool:
    """Whether a syllable is a reading of the character, with its tone, without, or with its number.

    >>> is_reading("區", "qū"), is_reading("區", "qu"), is_reading("區", "qu1"), is_reading("區", "chē")
    (True, True, True, False)
    """
    return any(syllable.translate(_SHAPES) in _spellings(reading) for reading in _readings(character))


@cache
def is_first_reading(character: str, syllable: str) -> bool:
    """Whether a syllable is the reading that pypinyin gives first, in any of these ways.

    >>> is_first_reading("區", "qū"), is_first_reading("區", "ōu")
    (True, False)
    """
    return syllable.translate(_SHAPES) in _spellings(first_reading(character))


@cache
def first_reading(character: str) -> str:
    """The reading that pypinyin gives first, with its tone; empty if it knows none.

    >>> first_reading("區"), first_reading("a")
    ('qū', '')
    """
    return _readings(character)[0]


@cache
def _readings(character: str) -> tuple[str, ...]:
    return tuple(_pinyin().get(str(ord(character)), "").split(","))


@cache
def _spellings(reading: str) -> frozenset[str]:
    if not reading:
        return frozenset()
    decomposed = unicodedata.normalize("NFD", reading)
    bare = unicodedata.normalize("NFC", "".join(sign for sign in decomposed if sign not in _TONES))
    number = next((_TONES.index(sign) + 1 for sign in decomposed if sign in _TONES), 5)
    typed = bare.replace("ü", "v")
    return frozenset({reading, bare, typed, f"{bare}{number}", f"{typed}{number}"})


@cache
def _pinyin() -> dict[str, str]:
    """Readings by code point, from pypinyin's file: importing it loads 47,000 phrases too, which takes 0.12 s."""
    package = find_spec("pypinyin")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pypinyin is not installed")
    table: dict[str, str] = json.loads(Path(package.origin).with_name("pinyin_dict.json").read_bytes())
    return table
