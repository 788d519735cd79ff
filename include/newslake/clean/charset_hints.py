"""What else decoding looks at: words of the languages of charsets alike, rare Korean syllables, what is not text."""

from __future__ import annotations

import re
from typing import Final

EASTERN: Final = frozenset({"cp1250", "iso8859-2", "iso8859-16", "iso8859-4", "iso8859-10", "iso8859-13", "cp1257"})
"""Charsets of Central and Eastern Europe, in which Portuguese ã is Romanian ă and Danish ø is Czech ř."""

NATS_A_WORD: Final = 4.0
"""What one such word more on either side is worth, and at most `MOST_WORDS` of them."""

MOST_WORDS: Final = 5

_WESTERN_WORDS: Final = (
    "le les des est dans pour que qui une sur avec par der die das und ist nicht dem mit auf ein eine el los las del por "
    "con una para os dos das em um uma com foi mais il che di per sono och att det som till er af og fra til har het een "
    "the of and"
)
_EASTERN_WORDS: Final = (
    "w z nie jest oraz przez od po jako az hogy egy cu sunt za iz ali ze v pe koji bude jsou aby ale czy dla tak"
)
"""Written in ASCII, so that every charset reads them alike; words of both sides (na, je, su) are left out."""

_NOT_EASTERN: Final = re.compile(
    "ăo|őe|ç[ăőŕč]|[ńŃ][oae]|ŕ(?![a-zž])|ř[dgkmnrs]|ĺ(?![bckpsžt])|[kpt]č[rd]e|ę[ms]|(?<=[aeou])ů"
)
"""What Western letters look like there: ão, õe, ño, à, ør, å, ère, ês."""

_WORD: Final = re.compile("(?<= )[A-Za-z]+(?= )")
_FILLER: Final = "\u3164"
_COMPOSED: Final = re.compile(f"{_FILLER}([ㄱ-ㅎ])([ㅏ-ㅣ])([ㄱ-ㅎ{_FILLER}])")
_FIRST: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_LAST: Final = _FILLER + "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


_CODE: Final = re.compile("<(script|style)[ >]", re.IGNORECASE)
_CODE_END: Final = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}


def leans_east(text: str) -> int:
    """By how many words a text in Latin letters is Eastern (positive) or Western (negative).

    >>> leans_east("O ministro afirmou que os dados para o ano"), leans_east("Rozmowa jest przez telefon od rana")
    (-3, 3)
    """
    words = set(map(str.lower, _WORD.findall(text[:20_000])))
    lean = -len(_NOT_EASTERN.findall(text))
    lean += len(words.intersection(_EASTERN_WORDS.split())) - len(words.intersection(_WESTERN_WORDS.split()))
    return max(-MOST_WORDS, min(MOST_WORDS, lean))


def compose_hangul(text: str) -> str:
    """Writes as one syllable what EUC-KR spells out behind a filler, since it has no code for it (KS X 1001, annex 3).

    >>> compose_hangul("ㅤㅂㅞㄺ")
    '뷁'
    """
    return _COMPOSED.sub(_syllable, text) if _FILLER in text else text


def _syllable(match: re.Match[str]) -> str:
    first, vowel, last = match.groups()
    if first not in _FIRST or last not in _LAST:
        return match[0]
    return chr(0xAC00 + (_FIRST.index(first) * 21 + ord(vowel) - 0x314F) * 28 + _LAST.index(last))


def without_code(text: str) -> str:
    """A page without its scripts and styles, which may hold anything; other text as it is.

    >>> without_code("<p>a</p><style>b</style>")
    '<p>a</p>>'
    """
    pieces, position = [], 0
    while match := _CODE.search(text, position):
        pieces.append(text[position : match.start()])
        end = _CODE_END[match[1].lower()].search(text, match.end())
        position = end.end() if end else len(text)
    return "".join([*pieces, text[position:]]) if position else text
