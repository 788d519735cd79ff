"""Bytes to text: the charset ladder."""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

from newslake.clean.charset_hints import EASTERN, NATS_A_WORD, compose_hangul, leans_east
from newslake.clean.mojibake import Misreading, is_mojibake, is_suspicious, strictly, take_back
from newslake.clean.plausibility import CLEARLY, LEAST_MEAN, score
from newslake.clean.unreadable import MOST_REPLACED, refuse_binary, refuse_torn
from newslake.errors import ArticleRejected

LEAST_MARGIN: Final = 4.0
"""Nats by which the best reading has to be more plausible than the next: e^4 is about 50 to 1."""

DECLARED: Final = 7.0
"""Nats that a declaration is worth: it is wrong in about one page of a thousand."""

ENOUGH_CHARACTERS: Final = 40
"""Characters beyond ASCII from which a clearly plausible declared reading needs no comparison."""

MOST_COMPARED: Final = 400_000
"""Bytes of a document on which charsets are compared."""

MOST_RARE: Final = 24
LEAST_RARE: Final = -15.5
"""A declared charset may give so many characters, all of them rare (a list of names), where no other fits better."""

_FAMILIES: Final = {
    "utf-8": ("hans", "hant", "ja", "ko", "latin", "other"),
    "gb18030": ("hans", "hant"),
    "big5hkscs": ("hant",),
    "cp932": ("ja",),
    "euc_jp": ("ja",),
    "cp949": ("ko",),
    "cp1252": ("latin",),
}
"""The charsets that are always compared, and the languages written in them. Others are declared or detected."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE: Final = ("utf-16-le", "utf-16-be")
_EURO: Final = "newslake.euro"
_BOM_BYTES: Final = tuple(mark for mark, _ in _BOMS)
_WIDER: Final = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
}
_ALIASES: Final = {
    "x-gbk": "gbk",
    "x-x-big5": "big5",
    "x-sjis": "shift_jis",
    "unicode": "utf-8",
    "utf8mb4": "utf-8",
    "gb2312-80": "gb2312",
}
_NOT_OF_PAGES: Final = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})
_VAGUE: Final = frozenset({"cp1252"})
"""What servers send without looking, and what decodes anything: believed only after the other steps."""

_THREE_BYTES: Final = re.compile(rb"[\xe0-\xff]")
_FOREIGN: Final = re.compile("[锛銆紝嚗\ufffd\ue000-\uf8ff]")
"""What UTF-8 looks like in Eastern charsets: what ， and 。 become, private and lost characters."""

_BORDER: Final = re.compile(rb"([\n<>])")
_ESCAPE: Final = b"\x1b"
_META: Final = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE
)
_META_WITHIN: Final = 8_192


def _euro(error: UnicodeError) -> tuple[str, int]:
    """The byte 0x80 alone is € in GBK, as browsers read it (WHATWG Encoding Standard, 10.2.1)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "€" if error.object[error.start] == 0x80 else "\ufffd", error.end


codecs.register_error(_EURO, _euro)


class Decoded(NamedTuple):
    """`text`, the charset that gave it, and the step: bom, utf8, http, meta, detected or mojibake.

    After mojibake `charset` also says how the text had been misread, "utf-8 (utf-8 as cp1252)", and
    `misreadings` leads back to the text as found.
    """

    text: str
    charset: str
    charset_source: str
    misreadings: tuple[Misreading, ...] = ()


def decode(data: bytes, http_charset: str | None) -> Decoded:
    """Decodes a document by the first step that fits: BOM, strict UTF-8, HTTP, meta, detection.

    gb2312 and big5 are read as their supersets gb18030 and big5hkscs. A declared charset has to
    decode every byte and to give plausible text (`plausibility`); else all charsets in use are
    compared. Mojibake that was saved as such is taken back where that is exact.

    Args:
        data: the document.
        http_charset: the charset named by the transport, if any.

    Raises:
        ArticleRejected: `empty`, `binary` or `undecodable`.

    >>> decode("会议".encode(), None)[:3]
    ('会议', 'utf-8', 'utf8')
    >>> decode('<meta charset="gb2312">会议'.encode("gbk"), None)[1:3]
    ('gb18030', 'meta')
    >>> decode("市里召开会议，讨论工作".encode("gbk"), "big5")[1:3]
    ('gb18030', 'detected')
    """
    if not data.strip():
        raise ArticleRejected("empty", f"{len(data)} bytes, none of them visible")
    decoded = _by_mark(data)
    if decoded is None:
        data = data.removeprefix(codecs.BOM_UTF8)
        decoded = _by_zeros(data, http_charset) or _by_utf8(data, http_charset)
        decoded = decoded or _with_utf8(_by_comparison(data, http_charset), data)
    text = decoded.text
    if not text.strip(" \t\r\n\ufeff\u3000\xa0\0"):
        raise ArticleRejected("empty", f"{len(data)} bytes, none of them visible")
    if is_suspicious(text):
        decoded = _taken_back(decoded)
        text = decoded.text
    if "\ufffd" in text or "锟" in text or "??" in text:
        refuse_torn(text)
    return decoded


def _taken_back(decoded: Decoded) -> Decoded:
    text, misreadings = take_back(decoded.text)
    if is_mojibake(text):
        raise ArticleRejected("undecodable", "the text was misread earlier, and not all of it can be taken back")
    if not misreadings:
        return decoded
    names = ", ".join(misreading.name for misreading in misreadings)
    return Decoded(text, f"{decoded.charset} ({names})", "mojibake", misreadings)


def _by_mark(data: bytes) -> Decoded | None:
    if not data.startswith(_BOM_BYTES):
        return None
    for mark, charset in _BOMS:
        if data.startswith(mark):
            text = strictly(data[len(mark) :], charset)
            return None if text is None else Decoded(text, charset, "bom")
    return None


def _by_zeros(data: bytes, http_charset: str | None) -> Decoded | None:
    """UTF-16 without a mark: every second byte of its ASCII is zero; without ASCII, it has to be declared."""
    declared = known_charset(http_charset)
    is_declared = declared in ("utf-16", *_WIDE)
    if len(data) % 2 or not (is_declared or b"\0" in data):
        return None
    charsets = (declared,) if declared in _WIDE else _WIDE
    texts = {charset: text for charset in charsets if (text := strictly(data, charset)) is not None}
    means = {charset: score(text, _FAMILIES["utf-8"]).mean for charset, text in texts.items() if "\0" not in text}
    if not means:
        return None
    charset = max(means, key=means.__getitem__)
    text = texts[charset]
    if means[charset] < (LEAST_MEAN if b"\0" in data else CLEARLY):
        return None
    refuse_binary(text.encode())
    return Decoded(text, charset, "http" if is_declared else "detected")


def _by_utf8(data: bytes, http_charset: str | None) -> Decoded | None:
    """Strict UTF-8, which no other text passes for, unless it is a few characters long."""
    refuse_binary(data)
    text = strictly(data, "utf-8")
    if text is None or _escaped(data) is not None:
        return None
    if not text.isascii() and _THREE_BYTES.search(data) is None:
        found = score(text, _FAMILIES["utf-8"])
        if (
            found.characters <= ENOUGH_CHARACTERS
            and next(one.total for one in _readings(data, http_charset) if one.is_whole) > found.total + LEAST_MARGIN
        ):
            return None
    return Decoded(text, "utf-8", "utf8")


def _by_comparison(data: bytes, http_charset: str | None) -> Decoded:
    """The declared charset where it is clearly plausible, else the best reading of all."""
    escaped = _escaped(data)
    if escaped is not None:
        return Decoded(escaped, "iso2022_jp", "detected")
    for charset, source in _declared(data, http_charset).items():
        text = strictly(data, charset) if charset in _FAMILIES and charset not in _VAGUE else None
        if text is not None:
            text = compose_hangul(text) if charset == "cp949" else text
            reading = score(text, _families(charset))
            if reading.characters >= ENOUGH_CHARACTERS and reading.mean >= CLEARLY:
                return Decoded(text, charset, source)
    return _best(data, http_charset)


def _with_utf8(decoded: Decoded, data: bytes) -> Decoded:
    """Lines and elements of a page that are UTF-8 among others in an Eastern charset, as pasted templates leave them."""
    text, charset, _, _ = decoded
    if charset not in _FAMILIES or charset in ("utf-8", *_VAGUE) or _FOREIGN.search(text) is None:
        return decoded
    pieces = _BORDER.split(data)  # No character of these charsets has such a byte.
    texts = [_replacing(piece, charset) for piece in pieces]
    for number, piece in enumerate(pieces):
        other = strictly(piece, "utf-8") if _THREE_BYTES.search(piece) else None
        if other is not None:
            reading = score(other, _FAMILIES["utf-8"])
            gain = reading.total - score(texts[number], _families(charset)).total
            if reading.mean >= CLEARLY and gain >= LEAST_MARGIN:
                texts[number] = other
    return decoded._replace(text="".join(texts))


def _best(data: bytes, http_charset: str | None) -> Decoded:
    """The most plausible reading in which at most a few characters are lost, if no other is as plausible.

    Readings that lose more are rivals only: a damaged GBK text is no Latin one.
    """
    readings = _readings(data, http_charset)
    best = next((one for one in readings if one.is_whole), None)
    if best is None:
        raise ArticleRejected("undecodable", f"more than {MOST_REPLACED:.0%} of the characters fit no charset")
    declared = _declared(data, http_charset).get(best.charset)
    rare = declared is not None and best.characters <= MOST_RARE and best.mean > LEAST_RARE
    if best.mean < LEAST_MEAN and not rare:
        raise ArticleRejected("undecodable", f"{best.charset} fits best, but the text is implausible in it")
    # Whatever the bytes, each of them is a letter in such charsets; words in Latin letters are mostly ASCII.
    takes_any = best.charset not in _FAMILIES or best.charset in _VAGUE
    if takes_any and best.mean < CLEARLY and 2 * best.characters > len(best.text):
        raise ArticleRejected("undecodable", f"{best.charset} fits best, but the text is hardly plausible in it")
    others = [other for other in readings if other.text != best.text and (other.is_whole or other.total > best.total)]
    if others and best.total - others[0].total < LEAST_MARGIN:
        raise ArticleRejected("undecodable", f"{best.charset} and {others[0].charset} fit alike")
    text = best.text if len(data) <= MOST_COMPARED else _replacing(data, best.charset)
    return Decoded(text, best.charset, declared or "detected")


class _Candidate(NamedTuple):
    """One reading of the bytes; `total` counts what a declaration is worth, `is_whole` says that hardly one is lost."""

    total: float
    mean: float
    characters: int
    charset: str
    text: str
    is_whole: bool


def _readings(data: bytes, http_charset: str | None) -> list[_Candidate]:
    """What the bytes say in each charset, the most plausible first."""
    from resiliparse.parse.encoding import detect_encoding

    declared = _declared(data, http_charset)
    detected = known_charset(detect_encoding(data[:MOST_COMPARED]))
    found: list[_Candidate] = []
    for charset in dict.fromkeys((*declared, *_FAMILIES, *([detected] if detected else []))):
        text = _replacing(data[:MOST_COMPARED], charset)
        reading = score(text, _families(charset))
        worth = DECLARED if charset in declared and charset not in _VAGUE else 0.0
        if charset not in _FAMILIES:
            # Charsets of one byte a character decode anything: a few characters are no evidence for them.
            worth = min(worth, 0.4 * reading.characters)
            if charset in EASTERN:
                lean = leans_east(text)
                worth = (worth if lean >= 0 else 0.0) + NATS_A_WORD * lean
        is_whole = text.count("\ufffd") <= max(1, MOST_REPLACED * reading.characters) + text.endswith("\ufffd")
        found.append(_Candidate(reading.total + worth, reading.mean, reading.characters, charset, text, is_whole))
    return sorted(found, reverse=True)


def _replacing(data: bytes, charset: str) -> str:
    text = data.decode(charset, _EURO if charset == "gb18030" else "replace")
    return compose_hangul(text) if charset == "cp949" else text


def _families(charset: str) -> tuple[str, ...]:
    return _FAMILIES.get(charset, ("latin", "other"))


def _declared(data: bytes, http_charset: str | None) -> dict[str, str]:
    """Declared charset → who declares it, the transport before the page."""
    found: dict[str, str] = {}
    for label, source in ((http_charset, "http"), (_meta_charset(data), "meta")):
        charset = known_charset(label)
        if charset is not None:
            found.setdefault(charset, source)
    return found


def _escaped(data: bytes) -> str | None:
    """ISO-2022-JP, which is ASCII with escape sequences."""
    # One byte is looked for first: that is forty times as fast as looking for three.
    return strictly(data, "iso2022_jp") if _ESCAPE in data and b"\x1b$B" in data else None


def known_charset(label: str | None) -> str | None:
    """The codec that reads what a label names, the superset where one is in use; None if unknown.

    >>> known_charset("GB2312"), known_charset("big5"), known_charset("nonsense")
    ('gb18030', 'big5hkscs', None)
    """
    if not label:
        return None
    label = label.strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_ALIASES.get(label, label))
    except (LookupError, ValueError):
        return None
    # Codecs such as rot13 or base64 are no charsets, and some that are say nothing of pages.
    if not found._is_text_encoding or found.name in _NOT_OF_PAGES:
        return None
    return _WIDER.get(found.name, found.name)


def _meta_charset(data: bytes) -> str | None:
    match = _META.search(data, 0, _META_WITHIN)
    return match[1].decode("ascii") if match else None
