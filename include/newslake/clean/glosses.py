"""Repair: takes out the pinyin that mirror sites put behind characters, 區(qū) → 區.

Whether a machine put the glosses there is decided once for the whole page. What speaks for it:

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
from itertools import pairwise
from typing import Final, NamedTuple

from newslake.clean.characters import HAN, traditional_only
from newslake.clean.conversion import is_mirror
from newslake.clean.edits import NO_EDITS, Edit, Repaired, edited
from newslake.clean.readings import LETTERS, is_first_reading, is_reading
from newslake.clean.torn import MARK, restored

LEAST_GLOSSES: Final = 5
"""Fewer than this need a second sign; the mirror pages seen had 31 and more."""

MANY_GLOSSES: Final = 10
"""From here on chance is out: of ten random characters of a text one in 3,000 times all are Traditional-only."""

LEAST_TRADITIONAL: Final = 0.8
"""Share of glossed characters that are Traditional-only: 1 on the mirror pages seen, under a half in learner texts."""

LEAST_CONSISTENT: Final = 0.6
"""Share of a glossed character's occurrences that carry the gloss: 1 on whole pages, less on torn ones."""

LEAST_INSIDE: Final = 0.4
"""Share of glosses with running text right behind them: glossaries end the entry there."""

LEAST_FIRST: Final = 0.9
"""Share of glosses that are the first reading: 1 on mirror pages."""

LEAST_COMMON: Final = 0.3
"""Share of glosses on common characters: .7 of all Traditional-only characters of news are."""

LEAST_SPRINKLED: Final = 20
"""Glosses on characters of any kind, which some mirrors sprinkle at intervals, need this many."""

LEAST_LATE: Final = 2
"""Characters without a gloss at their first occurrence: no author explains only the second one."""

MOSTLY_COMMON: Final = 0.6
"""Share of common characters that stands in for the order where a text is too short to repeat itself."""

WIDEST_GAP: Final = 40
"""Characters between two sprinkled glosses, in the middle; they stand every few characters."""

LEAST_STRAYS: Final = 3
"""Emoji between two ideographs that are a second sign; authors set them behind a sentence."""

# The 250 Traditional-only characters that are most frequent in news.
_COMMON: Final = frozenset(
    "區為爲會個國於後業時開學來發進兩務對經現說説長電臨頭產産場與單過這線綫項體園間記鎮並動編車龍數門報設員辦議號機當堅網戶户書內點責達軍種組將專關戰資還裏裡實調沒總東醫聯輯權計據問們結標億統約銷驗亞縣隊衛團臺懷馬衆眾該運應從規題論舊轉賽導兒選稱決萬張裝領級條華劃樂則屬雲濟態負節質農樓況鏈認評簽講處請傳氣帶鄉廣話師強蘭訊鐵見備嚴紀無類變層參遊確製協準構創讓別黃軌術爭許維視陸復風黨價護邊舉環圖遠積隨職載語滿給親誰庫獲麼樣續島織廠須較畫藥費難壓習義週幹離營貨觀佔橋徵諾屆顧灣響掛歷聲錄熱檢擔餘額緊聽績際劇終戲遷漢歐歲細狀優圍溫測頂滯愛連紅補築藝紹陽試興換繼魚雙寫銀監牆識卻樹針獨齊擬質網構現"
)
_MIRRORED: Final = frozenset("著乾")  # Not Traditional-only, but mirrors gloss them like that.
_OPENING: Final = "(（\\[［{｛【〔〖〘〚<＜〈《「『﹙﹝❨⟨﹛"
_CLOSING: Final = ")）\\]］}｝】〕〗〙〛>＞〉》」』﹚﹞❩⟩﹜"
_MARKS: Final = "，。、；：？！,;:?!”’…％%"
_EMOJI: Final = "\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d"
_GLOSS: Final = re.compile(
    f"[{_OPENING}]([{_OPENING}])? ?([{LETTERS}]{{1,7}}[1-5]?) ?(?(1)[{_CLOSING}]{{2}}|[{_CLOSING}])"
)
_STRAY: Final = re.compile(f"(?<=[{HAN}{_CLOSING}])[{_EMOJI}]+(?=[{HAN}{_OPENING}])")
_BESIDE_TEXT: Final = re.compile(f"(?<=[{HAN}{_CLOSING}{_MARKS}])[{_EMOJI}]+|[{_EMOJI}]+(?=[{HAN}{_OPENING}{_MARKS}])")
_WORDS: Final = re.compile(f"[{_OPENING}][{LETTERS}]+[ '’{LETTERS}-]*[{LETTERS[3:]}]+[ '’{LETTERS}-]*[{_CLOSING}]")


class Gloss(NamedTuple):
    """One gloss: the character it belongs to, its letters, where the character is, and its span with the brackets."""

    character: str
    reading: str
    at: int
    start: int
    end: int


def strip_glosses(text: str) -> Repaired:
    """Removes pinyin glosses where the whole page shows that a machine put them there.

    Brackets of all kinds count, also where the gloss stands inside other brackets, at the end of a
    line or at the start of the next. On such a page, what the mirror tore by cutting characters in
    halves (`們?cè)趯?shí)際`) is put together again where it can be told, else it becomes U+FFFD,
    so that the loss stays visible. Where glosses are sprinkled on characters of any kind, stray
    emoji between the characters go too.

    Not touched: pinyin in textbooks, glossaries and learner texts, which gloss common characters
    too, or once each; a single gloss by an author (李(lǐ)); Latin abbreviations in parentheses.

    >>> strip_glosses("區(qū)長說,經(jīng)濟發(fā)展,產(chǎn)業(yè)發(fā)達。經(jīng)過區(qū)委研究。").text
    '區長說,經濟發展,產業發達。經過區委研究。'
    >>> strip_glosses("我(wǒ)們(men)學(xué)習(xí)漢(hàn)語(yǔ)，我(wǒ)很(hěn)高(gāo)興(xìng)。").text
    '我(wǒ)們(men)學(xué)習(xí)漢(hàn)語(yǔ)，我(wǒ)很(hěn)高(gāo)興(xìng)。'
    """
    glosses = _find(text)
    readings = [gloss for gloss in glosses if is_reading(gloss.character, gloss.reading)]
    if not readings:
        return Repaired(text, NO_EDITS)
    removed = _of_a_mirror(text, readings)
    strays: list[Edit] = []
    if not removed and _is_sprinkled(text, glosses, readings):
        removed = readings
        strays = [Edit(*match.span(), "") for match in _BESIDE_TEXT.finditer(text)]
    if not removed:
        return Repaired(text, NO_EDITS)
    edits = [Edit(gloss.start, gloss.end, "") for gloss in removed]
    torn = restored(text) if MARK in text else []
    return edited(text, _apart(sorted(edits + torn + strays)) if torn or strays else edits)


def _apart(edits: list[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    for edit in edits:
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def _find(text: str) -> list[Gloss]:
    found: list[Gloss] = []
    for match in _GLOSS.finditer(text):
        start, end = match.span()
        at = start - 1
        if at >= 0 and not _is_han(text[at]):
            at = found[-1].at if found and found[-1].end == start else _owner(text, start, end)
        if at >= 0:
            found.append(Gloss(text[at], match[2], at, start - (text[start - 1] == " "), end))
    return found


def _owner(text: str, start: int, end: int) -> int:
    """Where the character of a gloss is that does not stand right before it; -1 if there is none."""
    at = start - 1
    while at > 0 and _is_emoji(text[at]):
        at -= 1
    if at > 0 and at == start - 1 and (text[at] == " " or (text[at] == "\n" and _is_han(text[end : end + 1]))):
        at -= 1
    return at if at >= 0 and _is_han(text[at]) else -1


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or character >= "\U00020000"


def _is_emoji(character: str) -> bool:
    return "\u2600" <= character <= "\u27bf" or "\U0001f000" <= character <= "\U0001faff"


def _of_a_mirror(text: str, readings: list[Gloss]) -> list[Gloss]:
    """The glosses that a mirror put on Traditional-only characters; none if no mirror did."""
    pairs = Counter([(gloss.character, gloss.reading) for gloss in readings])
    machine = {pair: count for pair, count in pairs.items() if pair[0] in traditional_only()}
    count, types = sum(machine.values()), {character for character, _ in machine}
    all_types = {character for character, _ in pairs} - _MIRRORED
    if not types or len(types) < LEAST_TRADITIONAL * len(all_types):
        return []
    if sum(number for pair, number in machine.items() if is_first_reading(*pair)) < LEAST_FIRST * count:
        return []
    if not _runs_on(text, readings) or _words(text, readings) > count / 5:
        return []
    common = sum(number for (character, _), number in machine.items() if character in _COMMON) / count
    if common >= LEAST_COMMON and _is_made(text, readings, count, types, common, is_pure=types == all_types):
        removed = _removable(text, pairs)
    elif types == all_types and is_mirror(text):
        removed = {
            pair for pair, number in machine.items() if is_first_reading(*pair) and (number > 1 or pair[0] in _COMMON)
        }
    else:
        return []
    return [gloss for gloss in readings if gloss[:2] in removed]


def _is_made(text: str, readings: list[Gloss], count: int, types: set[str], common: float, *, is_pure: bool) -> bool:
    """Whether there are enough glosses for chance, and they are set as no author sets them."""
    if count >= LEAST_CONSISTENT * sum(map(text.count, types)):
        return count >= MANY_GLOSSES or (count >= LEAST_GLOSSES and is_pure)
    if not is_pure or count < LEAST_GLOSSES:
        return False
    return _late(text, readings) >= LEAST_LATE or (count >= MANY_GLOSSES and common >= MOSTLY_COMMON)


def _runs_on(text: str, glosses: list[Gloss]) -> bool:
    """Whether running text goes on behind the glosses."""
    return sum(_is_han(text[gloss.end : gloss.end + 1]) for gloss in glosses) >= LEAST_INSIDE * len(glosses)


def _words(text: str, readings: list[Gloss]) -> int:
    """How many brackets hold the pinyin of a whole word, as no mirror writes it."""
    return len(_WORDS.findall(text)) - sum(not gloss.reading.isascii() for gloss in readings)


def _late(text: str, glosses: list[Gloss]) -> int:
    """How many characters have no gloss where they first occur."""
    first = {gloss.character: gloss.at for gloss in reversed(glosses)}
    return sum(text.find(character) < at for character, at in first.items())


def _removable(text: str, pairs: Counter[tuple[str, str]]) -> set[tuple[str, str]]:
    """First readings of Traditional-only characters, and what other characters carry wherever they occur."""
    return {
        (character, reading)
        for (character, reading), count in pairs.items()
        if (character in traditional_only() and is_first_reading(character, reading))
        or ((count > 1 or character in _MIRRORED) and count == text.count(character))
    }


def _is_sprinkled(text: str, glosses: list[Gloss], readings: list[Gloss]) -> bool:
    """Whether glosses, mostly toneless, stand every few characters on whatever character comes there."""
    count = len(readings)
    has_strays = len(_STRAY.findall(text)) >= LEAST_STRAYS
    has_sign = has_strays or is_mirror(text)
    least = LEAST_GLOSSES if has_strays else MANY_GLOSSES if has_sign else LEAST_SPRINKLED
    if count < max(least, LEAST_FIRST * len(glosses)):
        return False
    if 2 * sum(gloss.reading.isascii() for gloss in readings) < count or not _runs_on(text, readings):
        return False
    gaps = sorted(later.at - earlier.end for earlier, later in pairwise(readings))
    if not 1 <= gaps[len(gaps) // 2] <= WIDEST_GAP:
        return False
    types = {gloss.character for gloss in readings}
    return has_sign or 5 * _late(text, readings) >= len(types)
