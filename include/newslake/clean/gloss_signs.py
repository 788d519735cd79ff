"""Whether a machine put glosses behind characters, decided for a whole page.

What speaks for it:

- every gloss is the first reading of its character (an author glosses where the reading is not the usual one);
- the characters are Traditional-only: textbooks and learner texts gloss the others as often;
- running text goes on behind the gloss, where glossaries end the entry;
- the characters are common, where authors gloss rare ones;
- a character is glossed wherever it occurs, or, where the mirror glosses at intervals, is glossed late and not at
  its first occurrence, as no author does;
- with fewer glosses than that takes: another sign of a mirror, see `conversion.is_mirror`.

Source: six mirror pages with 566 glosses, 1,050 documents with genuine pinyin; `tests/quality` measures it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import compress
from typing import Final

import numpy as np

from newslake.clean.characters import HAN, traditional_only
from newslake.clean.conversion import is_mirror
from newslake.clean.readings import is_first_reading

LEAST_GLOSSES: Final = 5
"""Fewer than this need a second sign; the mirror pages seen had 31 and more."""

ENOUGH_GLOSSES: Final = 20
"""Fewer on Traditional-only characters need a further sign: a lesson may explain just these to readers of Simplified."""

LEAST_COMMAS: Final = 2
"""ASCII commas between ideographs, and no other, that are such a sign."""

MANY_GLOSSES: Final = 10
"""From here on chance is out: of ten random characters of a text one in 3,000 times all are Traditional-only."""

LEAST_TRADITIONAL: Final = 0.8
"""Share of glossed characters that are Traditional-only: 1 on the mirror pages seen, under a half in learner texts."""

LEAST_CONSISTENT: Final = 0.6
"""Share of a glossed character's occurrences that carry the gloss: 1 on whole pages, less on torn ones."""

LEAST_INSIDE: Final = 0.4
"""Share of glosses with running text right behind them: glossaries end the entry there."""

MOST_WORDS: Final = 0.2
"""Brackets with the pinyin of something longer, for each gloss, from which another sign of a mirror is asked for."""

SAMPLED: Final = 50
"""About so many glosses are looked at for it, spread evenly."""

LEAST_FIRST: Final = 0.9
"""Share of glosses that are the first reading: 1 on mirror pages."""

MANY_READINGS: Final = 30
"""From so many glosses on Traditional-only characters alone, other readings of theirs are believed too."""

LEAST_FIRST_OF_MANY: Final = 0.3
"""Share of first readings among them: of a character with several, a machine that picks any takes the first so often."""

LEAST_COMMON: Final = 0.3
"""Share of glosses on common characters: .7 of all Traditional-only characters of news are."""

LEAST_SPRINKLED: Final = 20
"""Glosses on characters of any kind, which some mirrors sprinkle at intervals, need this many."""

LEAST_LATE: Final = 2
"""Characters without a gloss at their first occurrence: no author explains only the second one."""

LEAST_LATE_SHARE: Final = 0.2
"""Share of the characters that sprinkled glosses on a page without another sign must be late on."""

MOSTLY_COMMON: Final = 0.6
"""Share of common characters that stands in for the order where a text is too short to repeat itself."""

LEAST_EXPECTED: Final = 4.0
"""Late glosses to be expected of a machine, from which none at all is the work of an author."""

WIDEST_GAP: Final = 40
"""Characters between two sprinkled glosses, in the middle; they stand every few characters."""

LEAST_STRAYS: Final = 3
"""Emoji between two ideographs that are a second sign; authors set them behind a sentence."""

# The 250 Traditional-only characters that are most frequent in news.
_COMMON: Final = frozenset(
    "區為爲會個國於後業時開學來發進兩務對經現說説長電臨頭產産場與單過這線綫項體園間記鎮並動編車龍數門報設員辦議號機當堅網戶户書內點責達軍種組將專關戰資還裏裡實調沒總東醫聯輯權計據問們結標億統約銷驗亞縣隊衛團臺懷馬衆眾該運應從規題論舊轉賽導兒選稱決萬張裝領級條華劃樂則屬雲濟態負節質農樓況鏈認評簽講處請傳氣帶鄉廣話師強蘭訊鐵見備嚴紀無類變層參遊確製協準構創讓別黃軌術爭許維視陸復風黨價護邊舉環圖遠積隨職載語滿給親誰庫獲麼樣續島織廠須較畫藥費難壓習義週幹離營貨觀佔橋徵諾屆顧灣響掛歷聲錄熱檢擔餘額緊聽績際劇終戲遷漢歐歲細狀優圍溫測頂滯愛連紅補築藝紹陽試興換繼魚雙寫銀監牆識卻樹針獨齊擬質網構現"
)
_MIRRORED: Final = frozenset("著乾")  # Not Traditional-only, but mirrors gloss them like that.
EMOJI: Final = "\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d"
"""Emoji and what joins them, for use inside a character class of `re`."""

_STRAY: Final = re.compile(f"[{EMOJI}](?<=[{HAN})）\\]］】〕].)[{EMOJI}]*(?=[{HAN}(（\\[［【〔])")

_BRACKET: Final = re.compile("[(（\\[［【][^()（）\\[\\]［］【】\u4e00-\u9fff]{1,9}[)）\\]］】]")
_ASCII_COMMA: Final = re.compile(f"(?<=[{HAN}]),(?=[{HAN}])")

Pair = tuple[str, str]
"""A character and the syllable in the brackets behind it."""


@dataclass(frozen=True, slots=True)
class Glosses:
    """What could be glosses, in the order of the text, as columns.

    Attributes:
        pairs: the character each belongs to, empty where none does, and its syllable in small letters.
        ats: where the character is.
        starts: where the gloss begins, brackets included.
        ends: where it ends, exclusive.
    """

    pairs: list[Pair]
    ats: list[int]
    starts: list[int]
    ends: list[int]

    def __len__(self) -> int:
        return len(self.pairs)

    def only(self, pairs: Collection[Pair]) -> Glosses:
        """Those of some pairs."""
        return self._where([pair in pairs for pair in self.pairs])

    def owned(self) -> Glosses:
        """Those that belong to a character."""
        return self._where([character != "" for character, _ in self.pairs])

    def _where(self, chosen: list[bool]) -> Glosses:
        if all(chosen):
            return self
        pairs = list(compress(self.pairs, chosen))
        ats, starts, ends = (list(compress(column, chosen)) for column in (self.ats, self.starts, self.ends))
        return Glosses(pairs, ats, starts, ends)


def is_han(character: str) -> bool:
    """Whether a character is an ideograph.

    >>> is_han("區"), is_han("("), is_han("")
    (True, False, False)
    """
    return "\u3400" <= character <= "\u9fff" or character >= "\U00020000"


def is_emoji(character: str) -> bool:
    """Whether a character is an emoji or the like.

    >>> is_emoji("🌟"), is_emoji("區")
    (True, False)
    """
    return "\u2600" <= character <= "\u27bf" or "\U0001f000" <= character <= "\U0001faff"


def of_a_mirror(text: str, glosses: Glosses, words: int) -> set[Pair]:
    """The pairs that a mirror glosses by its list of Traditional-only characters; none if no mirror did.

    Args:
        text: a page.
        glosses: those of them that are readings of their characters.
        words: how many brackets hold the pinyin of something longer.
    """
    pairs = Counter(glosses.pairs)
    machine = {pair: count for pair, count in pairs.items() if pair[0] in traditional_only()}
    count, types = sum(machine.values()), {character for character, _ in machine}
    all_types = {character for character, _ in pairs} - _MIRRORED
    if not types or len(types) < LEAST_TRADITIONAL * len(all_types):
        return set()
    if words > MOST_WORDS * count and (words > count or not _has_sign(text)):
        return set()
    is_pure = types == all_types
    first = sum(number for pair, number in machine.items() if is_first_reading(*pair))
    takes_any = first < LEAST_FIRST * count
    if takes_any and not (is_pure and count >= MANY_READINGS and first >= LEAST_FIRST_OF_MANY * count):
        return set()
    if not _runs_on(text, glosses):
        return set()
    common = sum(number for (character, _), number in machine.items() if character in _COMMON) / count
    if common >= LEAST_COMMON and _is_made(text, glosses, types, common, count=count, is_pure=is_pure):
        return _removable(text, pairs, takes_any=takes_any)
    if is_pure and is_mirror(text):
        return {p for p, number in machine.items() if is_first_reading(*p) and (number > 1 or p[0] in _COMMON)}
    return set()


def _is_made(text: str, glosses: Glosses, types: set[str], common: float, *, count: int, is_pure: bool) -> bool:
    """Whether there are enough glosses for chance, and they are set as no author sets them."""
    if count < ENOUGH_GLOSSES and not _has_sign(text):
        return False
    if count >= LEAST_CONSISTENT * _occurrences(text, types):
        return count >= MANY_GLOSSES or (count >= LEAST_GLOSSES and is_pure)
    if not is_pure or count < LEAST_GLOSSES:
        return False
    late = _late(text, glosses)
    if late >= LEAST_LATE:
        return True
    glossed = Counter(character for character, _ in glosses.pairs)
    expected = sum(1 - glossed[character] / text.count(character) for character in types)
    return count >= MANY_GLOSSES and common >= MOSTLY_COMMON and (late > 0 or expected < LEAST_EXPECTED)


def _has_sign(text: str) -> bool:
    """Whether a page shows beside its glosses that it stands on a mirror: what it says, or how it divides clauses."""
    plain = _BRACKET.sub("", text)
    return ("，" not in plain and len(_ASCII_COMMA.findall(plain)) >= LEAST_COMMAS) or is_mirror(plain)


def _occurrences(text: str, characters: set[str]) -> int:
    """How often some characters of the Basic Multilingual Plane occur in all: a fifth of the time of counting each."""
    is_one = np.zeros(0x10000, bool)
    is_one[[ord(character) & 0xFFFF for character in characters]] = True
    return int(is_one[np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)].sum())


def _runs_on(text: str, glosses: Glosses) -> bool:
    """Whether running text goes on behind the glosses; behind a space too, unless they begin the lines of a list."""
    step = 1 + len(glosses) // SAMPLED
    ends = glosses.ends[::step]
    running = sum(is_han(text[end : end + 1]) for end in ends)
    if running >= LEAST_INSIDE * len(ends):
        return True
    places = [(at, end) for at, end in zip(glosses.ats[::step], ends, strict=True) if text[end : end + 1] == " "]
    running += sum(at > 0 and text[at - 1] != "\n" and is_han(text[end + 1 : end + 2]) for at, end in places)
    return running >= LEAST_INSIDE * len(ends)


def _late(text: str, glosses: Glosses) -> int:
    """How many characters have no gloss where they first occur."""
    first = {pair[0]: at for pair, at in zip(reversed(glosses.pairs), reversed(glosses.ats), strict=True)}
    return sum(text.find(character) < at for character, at in first.items())


def _removable(text: str, pairs: Counter[Pair], *, takes_any: bool) -> set[Pair]:
    """First readings of Traditional-only characters, and what other characters carry wherever they occur."""
    return {
        (character, reading)
        for (character, reading), count in pairs.items()
        if (character in traditional_only() and (takes_any or count > 1 or is_first_reading(character, reading)))
        or ((count > 1 or character in _MIRRORED) and count == text.count(character))
    }


def sprinkled(text: str, candidates: int, glosses: Glosses) -> bool:
    """Whether glosses, mostly toneless or among stray emoji, stand every few characters on whatever comes there.

    Args:
        text: a page.
        candidates: how many brackets hold letters that could be a gloss.
        glosses: those of them that are readings of their characters.
    """
    count = len(glosses)
    if count < max(LEAST_GLOSSES, LEAST_FIRST * candidates):
        return False
    has_strays = len(_STRAY.findall(text)) >= LEAST_STRAYS
    is_toneless = 2 * sum(reading.isascii() for _, reading in glosses.pairs) >= count
    if not (is_toneless or has_strays) or not _runs_on(text, glosses):
        return False
    gaps = sorted(at - end for end, at in zip(glosses.ends, glosses.ats[1:], strict=False))
    if not 1 <= gaps[len(gaps) // 2] <= WIDEST_GAP:
        return False
    has_sign = has_strays or is_mirror(text)
    if count < (LEAST_GLOSSES if has_strays else MANY_GLOSSES if has_sign else LEAST_SPRINKLED):
        return False
    types = {character for character, _ in glosses.pairs}
    late = _late(text, glosses)
    return has_sign or (late >= LEAST_LATE and late >= LEAST_LATE_SHARE * len(types))
